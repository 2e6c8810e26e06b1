"""The networks that the server keeps loaded: within the budget, the least recently used first out, each loaded once."""

import gc
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest

from cnn.errors import ModelError
from cnn.model.predict import predictor
from pages.server.model_memory import FUNCTION_BYTES_PER_LAYER, ModelMemory

WEIGHTS = 4 * (16 * 1000 + 1000)  # bytes of ``network()``


def network(units: int = 1000) -> keras.Model:
    return keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(units)])


def loader(loaded: list[str], name: str, units: int = 1000) -> Callable[[], keras.Model]:
    def load() -> keras.Model:
        loaded.append(name)
        return network(units)

    return load


def test_what_is_held_stays_within_the_budget_and_the_least_recently_used_goes() -> None:
    loaded: list[str] = []
    memory = ModelMemory(lambda: 2 * WEIGHTS)
    for name in ("a", "b", "a", "c"):
        memory.model(name, loader(loaded, name))
        assert memory.held() <= 2 * WEIGHTS
    assert memory.held() == 2 * WEIGHTS
    memory.model("a", loader(loaded, "a"))
    memory.model("c", loader(loaded, "c"))
    assert loaded == ["a", "b", "c"]
    memory.model("b", loader(loaded, "b"))
    assert loaded == ["a", "b", "c", "b"]


def test_a_function_counts_and_goes_with_its_model() -> None:
    loaded: list[str] = []
    layers = 2
    memory = ModelMemory(lambda: 2 * WEIGHTS + 2 * layers * FUNCTION_BYTES_PER_LAYER)
    memory.function("a", loader(loaded, "a"), "predict", predictor)
    assert memory.held() == WEIGHTS + layers * FUNCTION_BYTES_PER_LAYER
    memory.function("a", loader(loaded, "a"), "twice", predictor, copies=1)
    assert memory.held() == 2 * WEIGHTS + 2 * layers * FUNCTION_BYTES_PER_LAYER
    memory.model("b", loader(loaded, "b"))
    assert memory.held() == WEIGHTS
    memory.function("a", loader(loaded, "a"), "predict", predictor)
    assert loaded == ["a", "b", "a"]


def test_what_goes_is_freed_unless_somebody_uses_it() -> None:
    memory = ModelMemory(lambda: 2 * (WEIGHTS + FUNCTION_BYTES_PER_LAYER))
    image = np.zeros((1, 4, 4, 1), np.uint8)
    predict = memory.function("a", network, "predict", predictor)
    before = predict(image)
    used = weakref.ref(memory.model("a", network))
    for name in "bc":
        memory.function(name, network, "predict", predictor, copies=1)
    assert used() is not None
    np.testing.assert_array_equal(predict(image), before)
    del predict
    gc.collect()
    assert used() is None


def test_a_model_larger_than_the_budget_works_and_drives_nothing_out() -> None:
    loaded: list[str] = []
    memory = ModelMemory(lambda: WEIGHTS)
    memory.model("small", loader(loaded, "small"))
    large = memory.model("large", loader(loaded, "large", units=2000))
    assert large.count_params() == 17 * 2000
    assert memory.held() == WEIGHTS
    memory.model("small", loader(loaded, "small"))
    assert loaded == ["small", "large"]


def test_threads_that_want_the_same_model_at_once_load_it_once() -> None:
    loaded: list[str] = []
    loading, go_on = threading.Event(), threading.Event()

    def load() -> keras.Model:
        loaded.append("a")
        loading.set()
        assert go_on.wait(60)
        return network()

    memory = ModelMemory(lambda: 100 * WEIGHTS)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(memory.model, "a", load)
        assert loading.wait(60)
        others = [pool.submit(memory.model, "a", load) for _ in range(3)]
        assert memory.model("b", network) is not None  # others are not held up
        go_on.set()
        assert len({id(each.result()) for each in [first, *others]}) == 1
    assert loaded == ["a"]


def test_what_could_not_be_loaded_is_tried_again() -> None:
    memory = ModelMemory(lambda: WEIGHTS)

    def fail() -> keras.Model:
        raise ModelError("damaged")

    with pytest.raises(ModelError, match="damaged"):
        memory.model("a", fail)
    assert memory.model("a", network) is memory.model("a", fail)
