"""The registry of job kinds. Every subpackage of ``cnn`` registers its own kinds in its ``__init__``.

A kind names its function as "module:function" instead of importing it: only the worker that runs a job needs
TensorFlow, and whoever submits the job must not wait for it.
"""

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cnn
from cnn.errors import JobError
from cnn.progress import Report, ShouldStop

JobFunction = Callable[[Path, dict[str, Any], Report, ShouldStop], None]
"""(the job's folder, its settings, report, should_stop) -> None."""

_functions: dict[str, str] = {}
_modules_to_warm_up: list[str] = []


def register(kind: str, function: str, *, warm_up: bool = False) -> None:
    """Register a kind of job.

    Args:
        kind: as stored in a job's ``config.json``; jobs on disk outlive a version of the app, so never rename a kind.
        function: "module:function" of a ``JobFunction``.
        warm_up: import the module when a worker starts, rather than with its first job.

    Raises:
        ValueError: the kind is already registered with another function.
    """
    if _functions.setdefault(kind, function) != function:
        raise ValueError(f"The kind of job “{kind}” is {_functions[kind]} already; {function} needs another name.")
    if warm_up:
        _modules_to_warm_up.append(function.partition(":")[0])


def job_function(kind: str) -> JobFunction:
    """Import and return the function of a kind.

    Args:
        kind: a registered kind, or a "module:function" itself.

    Raises:
        JobError: there is no such kind.
    """
    _import_subpackages()
    if kind not in _functions and ":" not in kind:
        raise JobError(
            f"This version of the app knows no job of the kind “{kind[:40]}”. It knows {', '.join(_functions)}; "
            "delete the job, or use the version that made it."
        )
    module, _, function = _functions.get(kind, kind).partition(":")
    return getattr(importlib.import_module(module), function)


def is_registered(kind: str) -> bool:
    """Whether a subpackage of ``cnn`` has registered this kind."""
    _import_subpackages()
    return kind in _functions


def modules_to_warm_up() -> list[str]:
    """The names of the modules to import when a worker starts."""
    _import_subpackages()
    return list(_modules_to_warm_up)


def _import_subpackages() -> None:
    """Import every subpackage of ``cnn``, which registers its kinds, but none of their modules."""
    for module in pkgutil.iter_modules(cnn.__path__):
        if module.ispkg:
            importlib.import_module(f"cnn.{module.name}")
