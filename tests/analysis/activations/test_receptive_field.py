import keras
import numpy as np
import pytest
from hypothesis import given, settings

from cnn.analysis.activations.receptive_field import cell_borders, first_weights, receptive_field
from cnn.errors import ModelError
from cnn.figures.heatmap import draw_heatmap
from cnn.model.architectures import Architecture, Convolution, Dense, Flatten, GlobalPooling, Pooling, Residual
from cnn.model.build import build
from cnn.model.presets import preset
from cnn.model.shape_inference import infer_shapes
from tests.model.random_architectures import architectures

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


def drawn_cell(model, layer, row, column):
    """First and last row, first and last column, in half pixels, of where a heatmap draws one number; None if nowhere.

    The image is black and drawn at twice its size, because cells may begin in the middle of a pixel.
    """
    heat = np.zeros(model.get_layer(layer).output.shape[1:3])
    heat[row, column] = 1
    image = np.zeros((2 * model.input_shape[1], 2 * model.input_shape[2], 1), np.uint8)
    drawn = np.argwhere(draw_heatmap(image, heat, cell_borders(model, layer)).any(axis=2))
    return None if not len(drawn) else (drawn.min(axis=0).tolist(), drawn.max(axis=0).tolist())


def centre_and_width(first, last):
    """Of a cell, in pixels of the image; the middle of its first pixel is at 0."""
    return (first + last + 1) / 4 - 0.5, (last - first + 1) / 2


def forwards(model, layer, axis):
    """(centre of the first field, jump, size) of a layer along an axis, from the image on; no field is clipped.

    Araujo et al. (2019), but from the image to the layer. Where branches meet, it follows the first, which is the
    longest in this app's networks.
    """
    if layer == model.layers[0].name:
        return 0.0, 1, 1
    found = model.get_layer(layer)
    before = found._inbound_nodes[0].input_tensors[0]
    centre, jump, size = forwards(model, before._keras_history.operation.name, axis)
    if not hasattr(found, "strides"):
        return centre, jump, size
    window = getattr(found, "kernel_size", getattr(found, "pool_size", None))[axis]
    extent = (window - 1) * getattr(found, "dilation_rate", (1, 1))[axis] + 1
    stride, outputs = found.strides[axis], found.output.shape[1 + axis]
    padded = max(0, (outputs - 1) * stride + extent - before.shape[1 + axis]) if found.padding == "same" else 0
    return centre + ((extent - 1) / 2 - padded // 2) * jump, jump * stride, size + (extent - 1) * jump


@settings(max_examples=60, deadline=None, derandomize=True)
@given(architectures((31, 26, 1)))
def test_cells_stand_in_the_middle_of_the_receptive_fields_and_are_one_jump_wide(architecture):
    model = build(architecture, (31, 26, 1), 2)
    for layer in (layer.name for layer in model.layers[1:] if len(layer.output.shape) == 4):
        last = np.array(model.get_layer(layer).output.shape[1:3]) - 1
        for cell in {(0, 0), tuple(last // 2), tuple(last)}:
            drawn, seen = drawn_cell(model, layer, *cell), receptive_field(model, layer, *cell)
            expected = []
            for axis, side in enumerate(model.input_shape[1:3]):
                start, jump, size = forwards(model, layer, axis)
                centre = start + jump * cell[axis]
                if seen[axis].stop - seen[axis].start == size:  # it does not reach into padding
                    assert centre == (seen[axis].start + seen[axis].stop - 1) / 2
                ends = 2 * (centre + 0.5 - jump / 2), 2 * (centre + 0.5 + jump / 2) - 1
                expected.append((max(0, ends[0]), min(2 * side - 1, ends[1])))
            if drawn is None:
                assert any(first > last for first, last in expected)
            else:
                assert list(zip(*drawn, strict=True)) == expected


@pytest.mark.parametrize("layers", NETWORKS.values(), ids=NETWORKS)
def test_the_middle_cell_stands_where_the_pixels_are_that_change_it(layers):
    side = 46  # enough for fields in the middle that do not reach the edges
    model = build(Architecture("own", (*layers, Flatten())), (side, side, 1), 2)
    for weight in model.weights:
        weight.assign(np.ones(weight.shape))
    last = model.layers[[type(layer).__name__ for layer in model.layers].index("Flatten") - 1].name
    maps = keras.Model(model.inputs, model.get_layer(last).output)
    lines = np.zeros((side + 1, side, side, 1), np.uint8)  # in each picture one row is white, in the last none
    lines[np.arange(side), np.arange(side)] = 255
    middle = maps.output_shape[1] // 2
    numbers = np.asarray(maps([lines]))[:, middle - 1 : middle + 1, middle, 0]
    changes = numbers[:-1] > numbers[-1] + 1e-6  # (rows of the image, two cells)
    (before, first), lowest = changes.argmax(axis=0), side - 1 - changes[::-1, 1].argmax()
    assert 0 < before < first < lowest < side - 1
    drawn = drawn_cell(model, last, middle, middle)
    assert centre_and_width(drawn[0][0], drawn[1][0]) == ((first + lowest) / 2, first - before)


@pytest.mark.parametrize(
    ("layer", "centres", "width"),
    [
        ("conv_1", np.arange(1, 31), 1),
        ("pool_1", np.arange(1.5, 31, 2), 2),
        ("conv_2", np.arange(3.5, 29, 2), 2),
        ("pool_2", np.arange(4.5, 28, 4), 4),
        ("conv_3", [8.5, 12.5, 16.5, 20.5], 4),
    ],
)
def test_the_tutorials_maps_stand_inside_the_picture(layer, centres, width):
    model = build(preset("tutorial"), (32, 32, 3), 10)
    assert model.get_layer(layer).output.shape[1] == len(centres)
    for index, centre in enumerate(centres):
        first, last = (ends[0] for ends in drawn_cell(model, layer, index, 0))
        assert centre_and_width(first, last) == (centre, width)


@pytest.mark.parametrize(("side", "count"), [(160, 5), (96, 3)])
def test_mobilenets_maps_stand_to_the_right_because_it_pads_there_alone(side, count):
    """Five windows of 3 with stride 2 each begin at the edge: centres at 1 + 2 + 4 + 8 + 16 = 31, and then every 32."""
    inputs = keras.Input((side, side, 3), dtype="uint8")
    pixels = keras.layers.Rescaling(1 / 127.5, -1)(inputs)
    model = keras.applications.MobileNetV2(input_tensor=pixels, alpha=0.35, include_top=False, weights=None)
    expected = (31 + 0.5 + 32 * (np.arange(count + 1) - 0.5)) / side
    for borders in cell_borders(model, "out_relu"):
        np.testing.assert_allclose(borders, expected)


def test_where_every_number_sees_the_whole_image_cells_share_it():
    inputs = keras.Input((12, 9, 2), dtype="uint8")
    scaled = keras.layers.Rescaling(1.0)(inputs)
    pooled = keras.layers.GlobalAveragePooling2D(keepdims=True, name="pooled")(scaled)
    excited = keras.layers.Add(name="sum")([keras.layers.Conv2D(2, 3, padding="same", name="conv")(scaled), pooled])
    model = keras.Model(inputs, excited)
    np.testing.assert_array_equal(np.concatenate(cell_borders(model, "pooled")), [0, 1, 0, 1])
    assert receptive_field(model, "pooled", 0, 0) == (slice(0, 12), slice(0, 9))
    # Beside it the convolution says where a number stands.
    for borders, of_convolution in zip(cell_borders(model, "sum"), cell_borders(model, "conv"), strict=True):
        np.testing.assert_array_equal(borders, of_convolution)
    np.testing.assert_allclose(cell_borders(model, "conv")[0], np.arange(13) / 12)


@pytest.mark.parametrize(("layer", "message"), [("dense_1", "has no maps"), ("gone", "no layer called “gone”")])
def test_a_layer_without_maps_has_no_place_in_the_image(layer, message):
    with pytest.raises(ModelError, match=message):
        cell_borders(build(preset("tutorial"), (32, 32, 3), 10), layer)
