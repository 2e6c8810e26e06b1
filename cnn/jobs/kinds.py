"""The kinds of job there are. Each room of ``cnn`` registers its own where it begins, in its ``__init__``.

A kind names its function as "module:function" and does not import it: whoever asks for a job must not wait for
TensorFlow, only the worker that carries it out needs it.
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
_warmed_up: list[str] = []


def register(kind: str, function: str, *, warm_up: bool = False) -> None:
    """Add a kind of job.

    Args:
        kind: as in a job's ``config.json``; jobs on disk outlive a version, so a kind keeps its name.
        function: "module:function" of a ``JobFunction``.
        warm_up: import its module as soon as a worker starts, not with its first job.

    Raises:
        ValueError: another function has this kind already.
    """
    if _functions.setdefault(kind, function) != function:
        raise ValueError(f"The kind of job “{kind}” is {_functions[kind]} already; {function} needs another name.")
    if warm_up:
        _warmed_up.append(function.partition(":")[0])


def function_of(kind: str) -> JobFunction:
    """The function of a kind; its module is imported now.

    Args:
        kind: a registered one, or a "module:function" itself.

    Raises:
        JobError: there is no such kind.
    """
    _discover()
    if kind not in _functions and ":" not in kind:
        raise JobError(
            f"This version of the app knows no job of the kind “{kind[:40]}”. It knows {', '.join(_functions)}; "
            "delete the job, or use the version that made it."
        )
    module, _, function = _functions.get(kind, kind).partition(":")
    return getattr(importlib.import_module(module), function)


def is_registered(kind: str) -> bool:
    """Whether a room of ``cnn`` has registered this kind."""
    _discover()
    return kind in _functions


def modules_to_warm_up() -> list[str]:
    """Names of the modules to import when a worker starts."""
    _discover()
    return list(_warmed_up)


def _discover() -> None:
    """Import every room of ``cnn``, which registers its kinds; the rooms' modules stay unimported."""
    for room in pkgutil.iter_modules(cnn.__path__):
        if room.ispkg:
            importlib.import_module(f"cnn.{room.name}")
