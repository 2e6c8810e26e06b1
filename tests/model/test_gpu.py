"""A worker with a GPU, of which TensorFlow is made to say that it is there."""

import subprocess
from typing import Any

import pytest
import tensorflow as tf

from cnn.jobs.cluster import DASK_SETTINGS
from cnn.model import gpu
from cnn.training.config import recipe
from cnn.training.fit import build_networks

GPUS = [
    ([], "float32"),
    ([(7, 5)], "float32"),
    ([(8, 0)], "mixed_bfloat16"),
    ([(9, 0), (8, 6)], "mixed_bfloat16"),
    ([(8, 0), (7, 5)], "float32"),
    ([None], "float32"),
]


@pytest.mark.parametrize(("capabilities", "dtype"), GPUS)
def test_runs_are_mixed_where_every_gpu_is_made_for_it(
    monkeypatch: pytest.MonkeyPatch, capabilities: list[Any], dtype: str
) -> None:
    details = [{} if value is None else {"compute_capability": value} for value in capabilities]
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: list(range(len(details))))
    monkeypatch.setattr(tf.config.experimental, "get_device_details", details.__getitem__)
    assert gpu.training_dtype(mixed_precision=False) == dtype
    assert gpu.training_dtype(mixed_precision=True) == "mixed_bfloat16"


@pytest.mark.parametrize(("has_gpu", "dtype"), [(True, "bfloat16"), (False, "float32")])
def test_a_run_computes_as_its_gpu_does_best(monkeypatch: pytest.MonkeyPatch, has_gpu: bool, dtype: str) -> None:
    monkeypatch.setattr(gpu, "_has_gpu_for_bfloat16", lambda: has_gpu)
    model, _ = build_networks(recipe("digits", "tutorial"), steps=1)
    convolution = next(layer for layer in model.layers if "conv" in layer.name)
    assert (convolution.compute_dtype, convolution.variable_dtype) == (dtype, "float32")


def test_workers_take_the_memory_of_a_gpu_as_they_need_it() -> None:
    # TensorFlow's own name for it: a name that it does not know would be ignored in silence.
    name = "TF_FORCE_GPU_ALLOW_GROWTH"
    assert DASK_SETTINGS[name] == "true"
    library = tf.sysconfig.get_lib()
    command = ["grep", "--quiet", "--fixed-strings", "--text", "-r", name, library, "--include=libtensorflow*"]
    assert subprocess.run(command, check=False).returncode == 0
