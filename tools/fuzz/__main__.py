"""Try 20,000 odd inputs (``make fuzz``): files, addresses, widgets. Ends with an error if one is not withstood.

One case again: ``python -m tools.fuzz --case images/17``.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tools.fuzz.watched_case import TryCase, run_case, watch_writes

SHOWN = 5  # cases of each target that are not withstood


class Target(NamedTuple):
    """What is tried, how often of 20,000 cases, and how often of the 1,500 that ``make test`` tries."""

    try_case: TryCase
    cases: int
    sample: int


@contextmanager
def data_folder() -> Iterator[Path]:
    """A folder for the cases, in which lies all that they may write: data, with one data set, and temporary files."""
    with tempfile.TemporaryDirectory(prefix="convnet-lab-fuzz-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for part in ("home", "keras", "temporary"):
            (folder / part).mkdir()
        os.environ |= {"CNN_HOME": str(folder / "home"), "KERAS_HOME": str(folder / "keras")}
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
        tempfile.tempdir = str(folder / "temporary")
        from cnn.data import catalog

        catalog.prepare("digits", lambda event: None, lambda: False)
        yield folder


def targets() -> Mapping[str, Target]:
    """All that is tried; imported late, when ``CNN_HOME`` is set."""
    from tools.fuzz.files import try_image, try_model, try_zip
    from tools.fuzz.pages import try_address, try_widget

    return {
        "images": Target(try_image, 10_000, 800),
        "zips": Target(try_zip, 4_000, 300),
        "models": Target(try_model, 4_800, 350),
        "addresses": Target(try_address, 800, 30),
        "widgets": Target(try_widget, 400, 20),
    }


def try_target(name: str, target: Target, folder: Path, *, sample: bool) -> int:
    """Try the cases of a target, and print its row of the table; gives how many were not withstood.

    Args:
        sample: whether to try the first of them alone, and however long they take.
    """
    cases = target.sample if sample else target.cases
    names = [f"{name}/{number}" for number in range(cases)]
    run_case(target.try_case, names[0], folder)  # what is imported and built for the first is not measured
    outcomes = {case: run_case(target.try_case, case, folder) for case in names}
    found = {case: seen.problem or ("" if sample else seen.took_too_long) for case, seen in outcomes.items()}
    problems = {case: problem for case, problem in found.items() if problem}
    slowest = max(outcome.seconds for outcome in outcomes.values())
    most = max(outcome.megabytes for outcome in outcomes.values())
    print(f"{name:12}{cases:8,}{slowest:8.2f} s{most:10.1f} MB{len(problems):15,}", flush=True)
    for case, problem in list(problems.items())[:SHOWN]:
        print(f"    {case}: {problem}")
    return len(problems)


def main() -> None:
    """Try all cases and print a table; or one case, and print what was seen of it."""
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz", description=__doc__)
    parser.add_argument("--sample", action="store_true", help="try the 1,500 cases that make test tries")
    parser.add_argument("--case", help="try one case, as the table names it")
    options = parser.parse_args()
    with data_folder() as folder:
        watch_writes()
        if options.case:
            outcome = run_case(targets()[options.case.partition("/")[0]].try_case, options.case, folder)
            print(outcome.problem or outcome.took_too_long or outcome)
            sys.exit(bool(outcome.problem))
        print(f"{'':12}{'cases':>8}{'slowest':>10}{'most memory':>13}{'not withstood':>15}")
        bad = [try_target(name, target, folder, sample=options.sample) for name, target in targets().items()]
    sys.exit(any(bad))


if __name__ == "__main__":
    main()
