"""Ready-made architectures that a visitor can choose from, and what people call them."""

from typing import NamedTuple

from cnn.errors import ConfigError
from cnn.model.architectures import (
    Activation,
    Architecture,
    BatchNormalization,
    Convolution,
    Dense,
    Flatten,
    GlobalPooling,
    Pooling,
    Residual,
)


class Preset(NamedTuple):
    """What people read about an architecture: its title, and what is special about it."""

    title: str
    about: str


# The names are in links and cards that outlive a version of the app, so they stay as they are.
PRESETS = {
    "tutorial": Preset("Simple CNN", "three convolutions, two poolings, two dense layers"),
    "tutorial-bn": Preset(
        "Simple CNN with batch normalisation", "learns faster with as many trainable parameters as the simple one"
    ),
    "tutorial-global": Preset("Simple CNN with global pooling", "what it finds counts, hardly where"),
    "dense": Preset("Fully connected network", "no convolution at all, about as many parameters"),
    "resnet-small": Preset("Small ResNet", "a residual network: more accurate, takes longer"),
}
OWN = Preset("Own network", "built layer by layer on the Architecture page")


def network_title(name: str) -> str:
    """What people call a network: the title of a preset, or of one's own; another name is its own title.

    Args:
        name: of an ``Architecture``, or any other text.
    """
    return {**PRESETS, "own": OWN}.get(name, Preset(name, "")).title


def describe_presets() -> str:
    """All presets, each with its title and what is special about it, as Markdown."""
    return " ".join(f"**{preset.title}**: {preset.about}." for preset in PRESETS.values())


def preset(name: str, input_shape: tuple[int, int, int] = (32, 32, 3)) -> Architecture:
    """The preset called ``name``.

    Args:
        input_shape: (height, width, channels); only "dense" depends on it, to match the tutorial's parameter count.

    Raises:
        ConfigError: there is no such preset.
    """
    if name not in PRESETS:
        raise ConfigError(f"There is no architecture called “{name[:40]}”. Choose one of: {', '.join(PRESETS)}.")
    if name == "dense":
        return _dense(input_shape)
    if name == "resnet-small":
        return _resnet_small()
    return {"tutorial": _tutorial, "tutorial-bn": _tutorial_bn, "tutorial-global": _tutorial_global}[name]()


def _tutorial() -> Architecture:
    """122,570 trainable parameters on CIFAR-10."""
    layers = (Convolution(32), Pooling(), Convolution(64), Pooling(), Convolution(64), Flatten(), Dense(64))
    return Architecture("tutorial", layers)


def _tutorial_bn() -> Architecture:
    """As many trainable parameters as the tutorial: the offset of batch normalisation replaces each layer's bias."""
    last = Convolution(64, batch_norm=True)
    dense = (Dense(64, "linear", bias=False), BatchNormalization(), Activation("relu"))
    return Architecture("tutorial-bn", (*_pooled(32), *_pooled(64), last, Flatten(), *dense))


def _tutorial_global() -> Architecture:
    """119,946 parameters on CIFAR-10: global max pooling replaces Flatten, and more filters make up for its weights.

    Padding keeps the size of the maps: without it, fewer windows would cover an object at the edge than in the centre.
    """
    first, second, third = (Convolution(filters, padding="same") for filters in (32, 64, 128))
    layers = (first, Pooling(), second, Pooling(), third, GlobalPooling("max"), Dense(192))
    return Architecture("tutorial-global", layers)


def _pooled(filters: int, padding: str = "valid") -> tuple:
    """A convolution pooled before normalisation and activation, which then cost only a quarter."""
    return (
        Convolution(filters, padding=padding, activation="linear", bias=False),
        Pooling(),
        BatchNormalization(),
        Activation("relu"),
    )


def _dense(input_shape: tuple[int, int, int]) -> Architecture:
    height, width, channels = input_shape
    pixels = height * width * channels
    # 122,570 = units * (pixels + 1) + 64 * (units + 1) + the output layer's 650
    units = max(8, round((122_570 - 650 - 64) / (pixels + 65)))
    # Centred on zero: with inputs in 0..1 all units of the first layer behave alike, and ``shapes`` is not learned.
    return Architecture("dense", (Flatten(), Dense(units), Dense(64)), rescaling="symmetric")


def _resnet_small() -> Architecture:
    """A slim ResNet-9 (after David Page, "How to train your ResNet", 2018): 839,530 parameters
    on CIFAR-10, 1,824 of them non-trainable."""
    stages = [(*_pooled(filters, "same"), Residual(filters)) for filters in (48, 112, 144)]
    return Architecture("resnet-small", (*sum(stages, ()), GlobalPooling("max")), rescaling="symmetric")
