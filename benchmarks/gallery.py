"""The gallery of CIFAR-10: the server's time for the next page of its 60,000 images, as they come and sorted.

Needs CIFAR-10 prepared (``TFDS_DATA_DIR``).
"""

import statistics
import time

from benchmarks.harness.data_folder import home_with_cifar10
from benchmarks.harness.reporting import format_spread, print_result
from benchmarks.harness.visitor import visitor
from tools.running_server import running_server

PAGES = 30


def run() -> None:
    """Print the median time of a next page, for both orders."""
    with home_with_cifar10() as home:
        if home is None:
            return
        with running_server(home) as address:
            for name, query in (("as they come", ""), ("the most unusual first", "&images.sort=unusual")):
                times = []
                with visitor(address, "images", f"dataset=cifar10{query}") as rerun:
                    rerun()  # computes the measure of every image once, if the order needs it
                    for page in range(2, 2 + PAGES):
                        started = time.perf_counter()
                        rerun(**{"images.page": page})
                        times.append(1000 * (time.perf_counter() - started))
                print_result(f"next page of CIFAR-10, {name}", statistics.median(times), "ms", at_most=150)
                print(f"    ms: {format_spread(times)}")
