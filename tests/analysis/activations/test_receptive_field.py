import numpy as np
import pytest

from cnn.analysis.activations.receptive_field import first_weights, receptive_field
from cnn.errors import ModelError
from cnn.model.architectures import Architecture, Convolution, Dense, Flatten, GlobalPooling, Pooling, Residual
from cnn.model.build import build
from cnn.model.presets import preset
from cnn.model.shape_inference import infer_shapes

SIDE = 14
NETWORKS = {
    "valid": (Convolution(2), Pooling(), Convolution(2), Pooling("average")),
    "same": (Convolution(2, 5, padding="same"), Pooling(), Convolution(2, padding="same")),
    "strides": (Convolution(2, 3, strides=2, padding="same"), Convolution(2, 2, strides=3, padding="same")),
    "dilation": (Convolution(2, 3, dilation=2), Convolution(2, 3, padding="same", dilation=2)),
    "even": (Convolution(2, 4, padding="same"), Convolution(2, 2)),
    "residual": (Residual(2), Pooling(), Residual(2)),
}


@pytest.mark.parametrize("layers", NETWORKS.values(), ids=NETWORKS)
def test_the_field_covers_exactly_the_pixels_that_change_the_activation(layers):
    import keras

    shape = (SIDE, SIDE, 1)
    architecture = Architecture("own", (*layers, Flatten()))
    model = build(architecture, shape, 2)
    # All weights are positive: a brighter pixel raises every activation that depends on it.
    for weight in model.weights:
        weight.assign(np.ones(weight.shape))
    last = model.layers[[type(layer).__name__ for layer in model.layers].index("Flatten") - 1].name
    maps = keras.Model(model.inputs, model.get_layer(last).output)
    pictures = np.zeros((SIDE * SIDE, *shape), np.uint8)
    pictures.reshape(SIDE * SIDE, -1)[np.arange(SIDE * SIDE), np.arange(SIDE * SIDE)] = 255
    changed = np.asarray(maps(pictures)) > np.asarray(maps(np.zeros((1, *shape), np.uint8))) + 1e-6
    height, width = infer_shapes(architecture, shape)[len(layers) - 1][:2]
    for row in (0, height // 2, height - 1):
        for column in (0, width // 3, width - 1):
            rows, columns = receptive_field(model, last, row, column)
            influential = np.argwhere(changed[:, row, column, 0].reshape(SIDE, SIDE))  # dilation leaves gaps
            assert influential.min(axis=0).tolist() == [rows.start, columns.start]
            assert (influential.max(axis=0) + 1).tolist() == [rows.stop, columns.stop]


@pytest.mark.parametrize("last", [Flatten(), GlobalPooling()])
def test_after_flatten_or_global_pooling_the_field_is_the_whole_image(last):
    model = build(Architecture("own", (Convolution(4), last, Dense(3))), (9, 7, 3), 2)
    for layer in model.layers[-3:]:
        assert receptive_field(model, layer.name, 0, 0) == (slice(0, 9), slice(0, 7))
    with pytest.raises(ModelError, match="no layer called “gone”"):
        receptive_field(model, "gone", 0, 0)


def test_first_weights_are_filters_or_as_large_as_the_image():
    convnet, dense = (build(preset(name), (32, 32, 3), 10) for name in ("tutorial", "dense"))
    filters, units = first_weights(convnet), first_weights(dense)
    assert (filters.shape, units.shape) == ((32, 3, 3, 3), (39, 32, 32, 3))
    image = np.random.default_rng(0).random((32, 32, 3), np.float32)
    kernel = np.asarray(next(layer for layer in dense.layers if type(layer).__name__ == "Dense").kernel)
    np.testing.assert_allclose((units[5] * image).sum(), image.ravel() @ kernel[:, 5], rtol=1e-4)
    with pytest.raises(ModelError, match="No layer of this network"):
        first_weights(build(Architecture("own", (Pooling(), Flatten())), (8, 8, 3), 2))
