"""Outputs of a pretrained base, for pages: loaded once for all visitors, read-only."""

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import streamlit as st

from cnn.analysis.activations.layer_outputs import LayerOutputs
from cnn.figures.cells import Borders
from cnn.model.pretrained_bases import POOL, base_model, pooling
from pages.server.model_memory import models

if TYPE_CHECKING:
    import keras

BATCH = 32


class _LoadedBase(NamedTuple):
    outputs_of: LayerOutputs
    borders: Borders


def base_outputs(base: str, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Feature volumes and features of images.

    Args:
        images: uint8 (N, side, side, 3).

    Returns:
        Feature volumes float32 (N, h, w, channels), and features float32 (N, channels).

    Raises:
        ModelError: the base's weights are not on this machine.
    """
    outputs_of = _load_base(base).outputs_of
    parts = [tuple(outputs_of(images[start : start + BATCH]).values()) for start in range(0, len(images), BATCH)]
    return np.concatenate([volume for volume, _ in parts]), np.concatenate([pooled for _, pooled in parts])


def volume_borders(base: str) -> Borders:
    """Where the numbers of a base's feature volume stand in its images, as ``cell_borders`` gives it.

    Raises:
        ModelError: as for ``base_outputs``.
    """
    return _load_base(base).borders


def _load_base(base: str) -> _LoadedBase:
    return models.function(("base", base), partial(_load, base), "features", _build)


def _load(base: str) -> "keras.Model":
    with st.spinner("Loading the base …"):
        return base_model(base)


def _build(model: "keras.Model") -> _LoadedBase:
    import keras

    from cnn.analysis.activations.layer_outputs import layer_outputs
    from cnn.analysis.activations.receptive_field import cell_borders

    pooled = keras.Model(model.inputs, pooling(model)(model.output))
    volume = model.layers[-1].name
    return _LoadedBase(layer_outputs(pooled, [volume, POOL]), cell_borders(model, volume))
