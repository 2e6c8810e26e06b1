"""The networks that this server keeps loaded, with the functions built from them, within a budget of bytes."""

import gc
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakValueDictionary

from cnn.limits import MODEL_MEGABYTES, limit_in_bytes

if TYPE_CHECKING:
    import keras

BYTES_PER_PARAMETER = 4
# What TensorFlow keeps of a function that was traced: 0.05 to 0.18 MB a layer, measured with 10, 37 and 155 layers.
FUNCTION_BYTES_PER_LAYER = 2**17
_Function = TypeVar("_Function")


class _Entry:
    """A model and what was built from it: a function holds its model, so both go together."""

    def __init__(self, model: "keras.Model") -> None:
        self.model = model
        self.functions: dict[Hashable, Any] = {}
        self.bytes = self.parameter_bytes = int(model.count_params()) * BYTES_PER_PARAMETER


class ModelMemory:
    """Models, and functions built from them, each made once for all; those least recently used go to make room.

    A request that uses a model while it goes keeps it until it is done. A model larger than the whole budget is loaded
    for whoever asks, and not kept. What loading or building raises is passed on, and nothing is kept.
    """

    def __init__(self, budget: Callable[[], int]) -> None:
        """Args: budget: the bytes that may be held, asked whenever something is added."""
        self._budget = budget
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._lock = threading.Lock()
        self._making: WeakValueDictionary[Hashable, Any] = WeakValueDictionary()

    def model(self, key: Hashable, load: "Callable[[], keras.Model]") -> "keras.Model":
        """The model that ``key`` names: one that is held, or what ``load`` gives."""
        return self._entry(key, load).model

    def function(
        self,
        key: Hashable,
        load: "Callable[[], keras.Model]",
        name: Hashable,
        build: "Callable[[keras.Model], _Function]",
        *,
        traces: int = 1,
        copies: int = 0,
    ) -> _Function:
        """What ``build`` makes of the model that ``key`` names, held with it.

        Args:
            load: as for ``model``.
            name: tells it from other functions of this model.
            traces: how many functions TensorFlow traces for it.
            copies: how many times it holds the model's weights besides the model.
        """
        entry = self._entry(key, load)
        with self._one_at_a_time((id(entry), name)):
            if name not in entry.functions:
                function = build(entry.model)
                size = traces * len(entry.model.layers) * FUNCTION_BYTES_PER_LAYER + copies * entry.parameter_bytes
                with self._lock:
                    entry.functions[name] = function
                    entry.bytes += size
                self._make_room()
            return entry.functions[name]

    def held(self) -> int:
        """The bytes of what is held."""
        with self._lock:
            return self._held()

    def _entry(self, key: Hashable, load: "Callable[[], keras.Model]") -> _Entry:
        if (found := self._find(key)) is not None:
            return found
        with self._one_at_a_time(key):
            if (found := self._find(key)) is not None:
                return found
            entry = _Entry(load())
            with self._lock:
                self._entries[key] = entry
        self._make_room()
        return entry

    def _find(self, key: Hashable) -> _Entry | None:
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
            return self._entries.get(key)

    def _one_at_a_time(self, what: Hashable) -> AbstractContextManager[Any]:
        """A lock that lives as long as somebody makes, or waits for, the same thing."""
        with self._lock:
            return self._making.setdefault(what, threading.Lock())

    def _make_room(self) -> None:
        budget = self._budget()
        gone: list[_Entry] = []
        with self._lock:
            too_large = [key for key, entry in self._entries.items() if entry.bytes > budget]
            gone += [self._entries.pop(key) for key in too_large]
            while self._held() > budget:
                gone.append(self._entries.popitem(last=False)[1])
        if gone:
            gone.clear()
            gc.collect()  # models and traced functions refer to each other in circles

    def _held(self) -> int:
        return sum(entry.bytes for entry in self._entries.values())


models = ModelMemory(lambda: limit_in_bytes(MODEL_MEGABYTES))
"""Those of this process."""
