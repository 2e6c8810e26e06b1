"""Which places of an image an answer rests on: Grad-CAM, Grad-CAM++, gradients, SmoothGrad, integrated gradients.

Every method takes uint8 images and a class, and asks how the class's score (its logit) depends on them. Where a network
has one logit for two classes, the score of the first is its negative. Occlusion is in ``occlusion``.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from cnn.analysis.activations.feature_maps import map_layers
from cnn.errors import ModelError

if TYPE_CHECKING:
    import keras

Attribution = Callable[[np.ndarray, int], np.ndarray]
"""uint8 (N, H, W, C), 0-255, and a class -> float32 (N, h, w), raw: larger where the answer rests more."""

METHODS = {
    "grad-cam": "Grad-CAM",
    "grad-cam++": "Grad-CAM++",
    "gradient": "Gradient",
    "smooth": "SmoothGrad",
    "integrated": "Integrated gradients",
}
SMOOTH_SAMPLES, SMOOTH_NOISE = 24, 0.15
INTEGRATED_STEPS = 64


def cam_layers(model: "keras.Model") -> list[str]:
    """Layers whose maps a class activation map can be made of, the last one, which is the usual choice, first."""
    return map_layers(model)[::-1]


def attribution(model: "keras.Model", method: str, layer: str | None = None) -> Attribution:
    """A method for a model. Make one and keep it: it is compiled when it is made (a call then takes half a
    millisecond), and goes on asking the model's weights as they are.

    Args:
        method: one of ``METHODS``.
        layer: for the two class activation maps: whose maps; None for the last of ``cam_layers``.

    Returns:
        For the class activation maps (h, w) is the layer's size and nothing is below 0; for the others the image's.

    Raises:
        ModelError: no such method or layer, or a model without convolutions where one is needed.

    Source: Selvaraju et al. (2017), arXiv:1610.02391; Chattopadhay et al. (2018), arXiv:1710.11063; Simonyan et al.
    (2014), arXiv:1312.6034; Smilkov et al. (2017), arXiv:1706.03825; Sundararajan et al. (2017), arXiv:1703.01365.
    """
    if method in ("grad-cam", "grad-cam++"):
        return _checked(model, _class_activation(model, layer, plus=method == "grad-cam++"))
    makers = {"gradient": _gradient, "smooth": _smooth, "integrated": _integrated}
    if method not in makers:
        raise ModelError(f"There is no method called “{method[:40]}”. Choose one of: {', '.join(METHODS)}.")
    return _checked(model, makers[method](_scored(model)))


def _checked(model: "keras.Model", run: Callable[[Any, Any], Any]) -> Attribution:
    import tensorflow as tf

    shape = tuple(model.input_shape[1:])
    classes = max(2, model.output_shape[-1])
    given = [tf.TensorSpec((None, *shape), tf.uint8), tf.TensorSpec((), tf.int32)]
    graph = tf.function(run, input_signature=given).get_concrete_function()

    def found(images: np.ndarray, number: int) -> np.ndarray:
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != shape:
            raise ModelError(
                f"This network takes uint8 images of shape (N, {', '.join(map(str, shape))}); it got {images.dtype} of "
                f"shape {images.shape}. Resize them first."
            )
        if not 0 <= number < classes:
            raise ModelError(f"This network has {classes} classes, numbered from 0; there is no class {number}.")
        return np.asarray(graph(tf.constant(images), tf.constant(number, tf.int32)))

    return found


def _pixels(model: "keras.Model") -> Any:
    """The layer that makes numbers of pixels; a gradient cannot pass through whole numbers."""
    return next((each for each in model.layers if type(each).__name__ == "Rescaling"), model.layers[0])


def _scored(model: "keras.Model") -> Callable[[Any, Any], tuple[Any, Any]]:
    """(images, class) -> (the numbers that the network computes with, a function from these to scores (N,))."""
    import keras
    import tensorflow as tf

    pixels = _pixels(model)
    inner = keras.Model(pixels.output, model.output)

    def scored(images: Any, number: Any) -> tuple[Any, Any]:
        x = tf.cast(pixels(tf.cast(images, tf.float32)), tf.float32)
        return x, lambda given: _score(inner(given, training=False), number)

    return scored


def _score(logits: Any, number: Any) -> Any:
    import tensorflow as tf

    logits = tf.cast(logits, tf.float32)
    if logits.shape[-1] == 1:
        return tf.where(tf.equal(number, 1), logits[:, 0], -logits[:, 0])
    return tf.reduce_sum(logits * tf.one_hot(number, logits.shape[-1]), axis=1)


def _class_activation(model: "keras.Model", layer: str | None, *, plus: bool) -> Callable[[Any, Any], Any]:
    import keras
    import tensorflow as tf

    layers = cam_layers(model)
    if not layers:
        raise ModelError("This network has no convolution, so there are no maps to weigh. Choose another method.")
    if layer is not None and layer not in layers:
        raise ModelError(f"There is no convolution or pooling called “{layer[:40]}”; there are {', '.join(layers)}.")
    both = keras.Model(model.inputs, [model.get_layer(layer or layers[0]).output, model.output])

    def run(images: Any, number: Any) -> Any:
        with tf.GradientTape() as tape:
            maps, logits = both([images], training=False)
            score = _score(logits, number)
        slopes = tf.cast(tape.gradient(score, maps), tf.float32)
        maps = tf.cast(maps, tf.float32)
        if not plus:
            weights = tf.reduce_mean(slopes, axis=(1, 2), keepdims=True)
        else:
            # With exp(score) as the function, its second and third derivatives are powers of the first (eq. 19 there).
            # The exponential itself cancels in the shares, and is only a scale in the weights.
            total = tf.reduce_sum(maps, axis=(1, 2), keepdims=True)
            shares = tf.math.divide_no_nan(slopes**2, 2 * slopes**2 + slopes**3 * total)
            shares = tf.math.divide_no_nan(shares, tf.reduce_sum(shares, axis=(1, 2), keepdims=True))
            weights = tf.reduce_sum(shares * tf.nn.relu(slopes), axis=(1, 2), keepdims=True)
        return tf.nn.relu(tf.reduce_sum(weights * maps, axis=3))

    return run


def _slopes(score: Callable[[Any], Any], x: Any) -> Any:
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(x)
        value = score(x)
    return tape.gradient(value, x)


def _gradient(scored: Callable[[Any, Any], tuple[Any, Any]]) -> Callable[[Any, Any], Any]:
    import tensorflow as tf

    def run(images: Any, number: Any) -> Any:
        x, score = scored(images, number)
        return tf.reduce_max(tf.abs(_slopes(score, x)), axis=3)

    return run


def _smooth(scored: Callable[[Any, Any], tuple[Any, Any]]) -> Callable[[Any, Any], Any]:
    import tensorflow as tf

    def run(images: Any, number: Any) -> Any:
        x, score = scored(images, number)
        low, high = (reduce(x, axis=(1, 2, 3), keepdims=True) for reduce in (tf.reduce_min, tf.reduce_max))
        total = tf.zeros_like(x)
        for sample in tf.range(SMOOTH_SAMPLES):
            # The same image always gets the same noise, so a shared link shows the same picture.
            noise = tf.random.stateless_normal(tf.shape(x), tf.stack([sample, 0]))
            total += _slopes(score, x + SMOOTH_NOISE * (high - low) * noise)
        return tf.reduce_max(tf.abs(total / SMOOTH_SAMPLES), axis=3)

    return run


def _integrated(scored: Callable[[Any, Any], tuple[Any, Any]]) -> Callable[[Any, Any], Any]:
    import tensorflow as tf

    def run(images: Any, number: Any) -> Any:
        x, score = scored(images, number)
        black, _ = scored(tf.zeros_like(images), number)
        total = tf.zeros_like(x)
        for step in tf.range(INTEGRATED_STEPS):
            share = (tf.cast(step, tf.float32) + 0.5) / INTEGRATED_STEPS
            total += _slopes(score, black + share * (x - black))
        return tf.reduce_sum((x - black) * total / INTEGRATED_STEPS, axis=3)

    return run
