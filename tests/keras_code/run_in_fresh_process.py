"""Runs pieces of code one after the other, as a person would who copied them, and keeps the variables asked for.

    python -I run_in_fresh_process.py JOBS

JOBS is a JSON file: {"packages": allowed top-level modules, "path": folders to import from, "jobs": [{"code", "folder",
"keep": names of variables, "argv", "after": code that is run behind the piece}]}. The results are written beside it:
``<number>.npz`` with the variables, and ``results.json`` with an error (or null) and the output of each.
"""

import contextlib
import importlib.abc
import io
import json
import os
import sys
import traceback
import warnings
from pathlib import Path

import numpy as np

RUNNERS_OWN = "run_in_fresh_process"


class OnlyTheseModules(importlib.abc.MetaPathFinder):
    """Refuses every installed module that is not allowed, as if it were not installed."""

    def __init__(self, allowed):
        self.allowed = allowed

    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        standard = top in sys.stdlib_module_names or top.startswith("_sysconfigdata")  # which belongs to Python too
        if not standard and top not in self.allowed:
            raise ModuleNotFoundError(f"No module named {name!r}: only what a learner has is installed", name=name)


def run(job, number, folder):
    names = {"__name__": "__main__", "__file__": str(Path(job["folder"], "predict.py"))}
    output = io.StringIO()
    os.chdir(job["folder"])
    sys.argv = job.get("argv", ["script.py"])
    error = None
    try:
        with contextlib.redirect_stdout(output), warnings.catch_warnings():
            warnings.simplefilter("error")
            # Keras 3.15 itself, whenever it makes NumPy of a tensor of TensorFlow 2.21: no code can avoid it.
            warnings.filterwarnings("ignore", "__array__ implementation doesn't accept a copy keyword")
            exec(compile(job["code"], f"<code {number}>", "exec"), names)
            exec(compile(job.get("after", ""), f"<after {number}>", "exec"), names)
        kept = {name: np.asarray(names[name]) for name in job["keep"]}
        np.savez(folder / f"{number}.npz", **kept)
    except BaseException:
        error = traceback.format_exc()
    if "tensorflow" in sys.modules:
        import keras

        keras.config.set_dtype_policy("float32")
    return {"error": error, "output": output.getvalue()}


def main(file):
    task = json.loads(file.read_text())
    sys.path[:0] = task["path"]
    sys.meta_path.insert(0, OnlyTheseModules({*task["packages"], RUNNERS_OWN}))
    results = [run(job, number, file.parent) for number, job in enumerate(task["jobs"])]
    (file.parent / "results.json").write_text(json.dumps(results))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
