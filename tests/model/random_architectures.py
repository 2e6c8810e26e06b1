"""A Hypothesis strategy for random valid architectures."""

from contextlib import suppress

from hypothesis import strategies as st

from cnn.errors import ConfigError
from cnn.model.architectures import (
    ACTIVATIONS,
    Activation,
    Architecture,
    BatchNormalization,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalPooling,
    Pooling,
    Residual,
)
from cnn.model.shape_inference import output_shape

small = st.integers(1, 4)
functions = st.sampled_from(ACTIVATIONS)
convolutions = st.builds(
    Convolution,
    filters=small,
    size=small,
    strides=st.integers(1, 3),
    dilation=st.integers(1, 3),
    padding=st.sampled_from(["valid", "same"]),
    activation=functions,
    batch_norm=st.booleans(),
    bias=st.booleans(),
)
poolings = st.builds(Pooling, operation=st.sampled_from(["max", "average"]), size=small)
others = st.one_of(
    st.builds(Activation, function=functions),
    st.builds(GlobalPooling, operation=st.sampled_from(["average", "max"])),
    st.builds(Dense, units=small, activation=functions),
    st.builds(Dropout, rate=st.sampled_from([0.0, 0.25, 0.5])),
    st.just(BatchNormalization()),
    st.just(Flatten()),
)
layers = st.one_of(convolutions, convolutions, poolings, st.builds(Residual, filters=small), others)


@st.composite
def architectures(draw, input_shape):
    """An architecture of up to six layers that can take ``input_shape``."""
    valid, shape = [], input_shape
    for layer in draw(st.lists(layers, max_size=6)):
        with suppress(ConfigError):
            shape = output_shape(layer, shape)
            valid.append(layer)
    return Architecture("own", tuple(valid), draw(st.sampled_from(["unit", "symmetric"])))
