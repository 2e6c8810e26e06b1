"""How the pixels of an image are scaled before a network gets them; the file of a network does not say.

Source: ``keras.applications.imagenet_utils.preprocess_input``, modes "caffe", "tf" and "torch".
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cnn.errors import ConfigError, ModelError

if TYPE_CHECKING:
    import keras

_BGR_MEANS = (103.939, 116.779, 123.68)  # blue, green, red; of the photos of ImageNet
_TORCH_MEANS, _TORCH_DEVIATIONS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # red, green, blue; of pixels 0..1


@dataclass(frozen=True)
class PixelScaling:
    """A scaling of pixels: pixel x scale + offset.

    Attributes:
        title: display name.
        scale: one for all channels, or one for each (red, green, blue).
        offset: as ``scale``.
        bgr: whether the network was trained on blue, green, red.
    """

    title: str
    scale: float | tuple[float, ...]
    offset: float | tuple[float, ...]
    bgr: bool = False


PIXELS = {
    "0..255": PixelScaling("0 to 255, as they are", 1.0, 0.0),
    "0..1": PixelScaling("0 to 1: divided by 255", 1 / 255, 0.0),
    "-1..1": PixelScaling("-1 to 1: divided by 127.5, less 1 (MobileNet)", 1 / 127.5, -1.0),
    "imagenet": PixelScaling(
        "ImageNet's: its mean colour taken away, blue first (VGG, ResNet)",
        1.0,
        tuple(-mean for mean in reversed(_BGR_MEANS)),
        bgr=True,
    ),
    "imagenet-torch": PixelScaling(
        "ImageNet's mean and spread, red first (DenseNet, PyTorch)",
        tuple(1 / (255 * deviation) for deviation in _TORCH_DEVIATIONS),
        tuple(-mean / deviation for mean, deviation in zip(_TORCH_MEANS, _TORCH_DEVIATIONS, strict=True)),
    ),
}


def pixel_scaling(name: str) -> PixelScaling:
    """The scaling called ``name``.

    Raises:
        ConfigError: there is none.
    """
    if name not in PIXELS:
        raise ConfigError(f"There is no scaling of pixels called “{name[:40]}”. Choose one of: {', '.join(PIXELS)}.")
    return PIXELS[name]


def scale_pixels(model: "keras.Model", name: str) -> None:
    """Let a network that was rebuilt in the app's form scale its pixels in this way, in its layer ``rescaling``.

    For blue, green, red the weights of its first convolution are put in the app's order instead, red, green, blue: the
    scores are the same, and filters are shown in their colours.

    Args:
        model: just loaded and not called yet; changed in place.

    Raises:
        ConfigError: there is no such scaling.
        ModelError: it is one for colours, and the network is for grey images; or no convolution comes first.
    """
    scaling = pixel_scaling(name)
    channels = model.input_shape[-1]
    if channels == 1 and isinstance(scaling.offset, tuple):
        raise ModelError("This network takes grey images, and ImageNet's scaling is for colours; choose another one.")
    layer = model.get_layer("rescaling")
    # As lists for each channel: NumPy arrays would make the file unreadable for older versions of Keras.
    layer.scale, layer.offset = (
        list(value) if isinstance(value, tuple) else value for value in (scaling.scale, scaling.offset)
    )
    if scaling.bgr:
        _reverse_colours(model)


def _reverse_colours(model: "keras.Model") -> None:
    """Reverse the input channels of the first convolution.

    Raises:
        ModelError: the image goes to something else first.
    """
    kinds = ("Conv2D", "SeparableConv2D")
    passing = ("Activation", "Dropout", "ReLU", "ZeroPadding2D", "MaxPooling2D", "AveragePooling2D")
    pending, found = [model.get_layer("rescaling")], []
    while pending:
        for node in pending.pop()._outbound_nodes:
            layer = node.operation
            if type(layer).__name__ in kinds and getattr(layer, "groups", 1) == 1:
                found.append(layer)
            elif type(layer).__name__ in passing:
                pending.append(layer)
            else:
                raise ModelError(
                    "ImageNet's colours, blue first, can be put in order for a network that begins with a convolution; "
                    f"this one begins with {layer.name}. Choose another scaling."
                )
    for layer in found:
        first, *others = layer.get_weights()
        # A depthwise kernel is (h, w, channels, multiplier); what follows it mixes its channels, in the same order.
        weights = [np.ascontiguousarray(first[:, :, ::-1]), *others]
        if type(layer).__name__ == "SeparableConv2D":
            rows = others[0].reshape(first.shape[2], first.shape[3], -1)[::-1]
            weights[1] = np.ascontiguousarray(rows.reshape(others[0].shape))
        layer.set_weights(weights)
