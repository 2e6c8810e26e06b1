import pytest

from cnn.errors import ConfigError
from cnn.model.build import build
from cnn.model.presets import PRESETS, describe_presets, network_title, preset
from cnn.model.shape_inference import infer_shapes

CIFAR = (32, 32, 3)


def parameters_by_layer(model):
    return [count for layer in model.layers if (count := sum(w.shape.num_elements() for w in layer.trainable_weights))]


def test_tutorial_has_the_layers_of_the_tensorflow_tutorial():
    model = build(preset("tutorial"), CIFAR, 10)
    assert [type(layer).__name__ for layer in model.layers[2:]] == (
        ["Conv2D", "MaxPooling2D", "Conv2D", "MaxPooling2D", "Conv2D", "Flatten", "Dense", "Dense"]
    )
    assert [layer.output.shape[1:] for layer in model.layers[2:]] == [
        (30, 30, 32),
        (15, 15, 32),
        (13, 13, 64),
        (6, 6, 64),
        (4, 4, 64),
        (1024,),
        (64,),
        (10,),
    ]
    assert parameters_by_layer(model) == [896, 18_496, 36_928, 65_600, 650]
    assert model.count_params() == 122_570


def test_batch_normalisation_adds_no_trainable_parameter():
    model = build(preset("tutorial-bn"), CIFAR, 10)
    # The offset of batch normalisation replaces the bias of each layer but the last.
    assert parameters_by_layer(model) == [864, 32, 18_432, 64, 36_864, 64, 65_536, 64, 650]
    assert sum(parameters_by_layer(model)) == 122_570


@pytest.mark.parametrize("shape", [(32, 32, 1), (28, 28, 1), (32, 32, 3), (64, 64, 3)])
def test_dense_has_no_convolution_and_about_as_many_parameters_as_the_tutorial(shape):
    model = build(preset("dense", shape), shape, 10)
    assert {type(layer).__name__ for layer in model.layers} == {"InputLayer", "Rescaling", "Flatten", "Dense"}
    assert model.count_params() == pytest.approx(122_570, rel=0.06)


def test_resnet_small_has_840_thousand_parameters():
    assert build(preset("resnet-small"), CIFAR, 10).count_params() == pytest.approx(840_000, rel=0.01)


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("shape", [(28, 28, 1), (64, 64, 3)])
def test_every_preset_fits_every_data_set(name, shape):
    assert preset(name, shape).name == name
    infer_shapes(preset(name, shape), shape)


def test_unknown_preset_is_refused_with_a_list_of_all_presets():
    with pytest.raises(ConfigError, match=r"“vgg”.*tutorial, tutorial-bn, tutorial-global, dense, resnet-small"):
        preset("vgg")


def test_every_architecture_has_one_title_and_a_name_from_elsewhere_is_its_own() -> None:
    titles = [network_title(name) for name in (*PRESETS, "own")]
    assert len(set(titles)) == len(PRESETS) + 1
    assert not set(titles) & {*PRESETS, "own"}
    assert all(f"**{network_title(name)}**" in describe_presets() for name in PRESETS)
    assert network_title("vgg_16") == "vgg_16"
