"""The architectures a visitor can choose without building one."""

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

PRESETS = {
    "tutorial": "The tutorial's convnet: three convolutions, two poolings, two dense layers",
    "tutorial-bn": "The same with batch normalisation: learns faster with as many parameters",
    "dense": "No convolution at all, about as many parameters",
    "resnet-small": "A residual network: more accurate, takes longer",
}


def preset(name: str, input_shape: tuple[int, int, int] = (32, 32, 3)) -> Architecture:
    """The preset called ``name``.

    Args:
        input_shape: (height, width, channels); only "dense" depends on it, to match the tutorial's parameters.

    Raises:
        ConfigError: there is no such preset.
    """
    if name not in PRESETS:
        raise ConfigError(f"There is no architecture called “{name[:40]}”. Choose one of: {', '.join(PRESETS)}.")
    if name == "dense":
        return _dense(input_shape)
    if name == "resnet-small":
        return _resnet_small()
    return _tutorial(name, batch_norm=name == "tutorial-bn")


def _tutorial(name: str, batch_norm: bool) -> Architecture:
    """122,570 trainable parameters on CIFAR-10 either way: batch normalisation's offset replaces the filters' bias."""
    return Architecture(
        name,
        (
            Convolution(32, batch_norm=batch_norm),
            Pooling(),
            Convolution(64, batch_norm=batch_norm),
            Pooling(),
            Convolution(64, batch_norm=batch_norm),
            Flatten(),
            Dense(64),
        ),
    )


def _dense(input_shape: tuple[int, int, int]) -> Architecture:
    height, width, channels = input_shape
    pixels = height * width * channels
    # 122,570 = units * (pixels + 1) + 64 * (units + 1) + the output layer's 650
    units = max(8, round((122_570 - 650 - 64) / (pixels + 65)))
    return Architecture("dense", (Flatten(), Dense(units), Dense(64)))


def _resnet_small() -> Architecture:
    """A slim ResNet-9 (after David Page, "How to train your ResNet", 2018): 840 thousand parameters.

    Each stage pools before it normalises and activates, which then have a quarter of the numbers to work on.
    """

    def stage(filters: int) -> tuple:
        return (
            Convolution(filters, padding="same", activation="linear", bias=False),
            Pooling(),
            BatchNormalization(),
            Activation("relu"),
            Residual(filters),
        )

    return Architecture(
        "resnet-small", (*stage(48), *stage(112), *stage(144), GlobalPooling("max")), rescaling="symmetric"
    )
