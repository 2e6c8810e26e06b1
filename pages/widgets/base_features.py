"""Outputs of a pretrained base, for pages: loaded once for all visitors, read-only."""

import numpy as np
import streamlit as st

from cnn.analysis.activations.layer_outputs import LayerOutputs
from cnn.model.pretrained_bases import POOL, base_model, pooling

BATCH = 32


def base_outputs(base: str, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Feature volumes and features of images.

    Args:
        images: uint8 (N, side, side, 3).

    Returns:
        Feature volumes float32 (N, h, w, channels), and features float32 (N, channels).

    Raises:
        ModelError: the base's weights are not on this machine.
    """
    outputs_of = _outputs_of_base(base)
    parts = [tuple(outputs_of(images[start : start + BATCH]).values()) for start in range(0, len(images), BATCH)]
    return np.concatenate([volume for volume, _ in parts]), np.concatenate([pooled for _, pooled in parts])


@st.cache_resource(max_entries=2, show_spinner="Loading the base …")
def _outputs_of_base(base: str) -> LayerOutputs:
    import keras

    from cnn.analysis.activations.layer_outputs import layer_outputs

    model = base_model(base)
    pooled = keras.Model(model.inputs, pooling(model)(model.output))
    return layer_outputs(pooled, [model.layers[-1].name, POOL])
