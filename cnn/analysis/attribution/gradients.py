"""Attribution by gradients: Grad-CAM, Grad-CAM++, gradient, SmoothGrad and integrated gradients.

Every method takes uint8 images and a class, and computes how the class's score (its logit) depends on the images. With
a single logit for two classes, the score of the first class is the negative logit. Occlusion is in ``occlusion``.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from cnn.analysis.activations.feature_maps import map_layers
from cnn.errors import ModelError

if TYPE_CHECKING:
    import keras

Attribution = Callable[[np.ndarray, int], np.ndarray]
"""(uint8 (N, H, W, C), 0-255; class index) -> float32 (N, h, w), raw: the larger, the more the score depends on it."""

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
    """The layers whose maps a class activation map can weigh, the usual choice first.

    That is the last volume, as the classifier gets it: in a residual network after normalisation, addition and ReLU.
    Then come the others, from the last to the first convolution; those of a single place, which cannot say where
    anything is, stand at the end. Dropout and noise, which pass their maps on, are left out.
    """
    import keras

    convolutions = map_layers(model)
    if not convolutions:
        return []
    names = [layer.name for layer in model.layers]
    inactive = keras.layers.Dropout | keras.layers.SpatialDropout2D | keras.layers.GaussianNoise
    volumes = [
        layer
        for layer in model.layers[names.index(convolutions[0]) :]
        if len(layer.output.shape) == 4 and not isinstance(layer, inactive)
    ]
    volumes.reverse()  # sorting keeps the order of equals
    return [layer.name for layer in sorted(volumes, key=lambda layer: tuple(layer.output.shape[1:3]) == (1, 1))]


def attribution(model: "keras.Model", method: str, layer: str | None = None) -> Attribution:
    """Build an attribution function for a model.

    Build it once and keep it: it is compiled here, and a call then takes half a millisecond. It reads the model's
    current weights at every call.

    Args:
        method: one of ``METHODS``.
        layer: whose maps a class activation map uses; None for the first of ``cam_layers``.

    Returns:
        A function whose maps have the layer's size and no value below 0 for class activation maps, and the image's
        size for the other methods.

    Raises:
        ModelError: no such method or layer, or a model without convolutions where one is needed.

    Source: Selvaraju et al. (2017), arXiv:1610.02391; Chattopadhay et al. (2018), arXiv:1710.11063; Simonyan et al.
    (2014), arXiv:1312.6034; Smilkov et al. (2017), arXiv:1706.03825; Sundararajan et al. (2017), arXiv:1703.01365.
    """
    if method in ("grad-cam", "grad-cam++"):
        return _compile(model, _class_activation_map(model, layer, plus=method == "grad-cam++"))
    builders = {"gradient": _gradient, "smooth": _smooth_grad, "integrated": _integrated_gradients}
    if method not in builders:
        raise ModelError(f"There is no method called “{method[:40]}”. Choose one of: {', '.join(METHODS)}.")
    return _compile(model, builders[method](_score_function(model)))


def _compile(model: "keras.Model", run: Callable[[Any, Any], Any]) -> Attribution:
    """``run`` as a compiled function that checks its arguments."""
    import tensorflow as tf

    shape = tuple(model.input_shape[1:])
    classes = max(2, model.output_shape[-1])
    signature = [tf.TensorSpec((None, *shape), tf.uint8), tf.TensorSpec((), tf.int32)]
    graph = tf.function(run, input_signature=signature).get_concrete_function()

    def attribute(images: np.ndarray, class_index: int) -> np.ndarray:
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != shape:
            raise ModelError(
                f"This network takes uint8 images of shape (N, {', '.join(map(str, shape))}); it got {images.dtype} of "
                f"shape {images.shape}. Resize them first."
            )
        if not 0 <= class_index < classes:
            raise ModelError(f"This network has {classes} classes, numbered from 0; there is no class {class_index}.")
        return np.asarray(graph(tf.constant(images), tf.constant(class_index, tf.int32)))

    return attribute


def _rescaling_layer(model: "keras.Model") -> Any:
    """The layer that turns pixels into floats; no gradient passes through integers."""
    return next((layer for layer in model.layers if type(layer).__name__ == "Rescaling"), model.layers[0])


def _score_function(model: "keras.Model") -> Callable[[Any, Any], tuple[Any, Any]]:
    """(images, class index) -> (the rescaled images, a function from rescaled images to scores (N,))."""
    import keras
    import tensorflow as tf

    rescale = _rescaling_layer(model)
    inner = keras.Model(rescale.output, model.output)

    def score_function(images: Any, class_index: Any) -> tuple[Any, Any]:
        rescaled = tf.cast(rescale(tf.cast(images, tf.float32)), tf.float32)
        return rescaled, lambda x: _score(inner(x, training=False), class_index)

    return score_function


def _score(logits: Any, class_index: Any) -> Any:
    import tensorflow as tf

    logits = tf.cast(logits, tf.float32)
    if logits.shape[-1] == 1:
        return tf.where(tf.equal(class_index, 1), logits[:, 0], -logits[:, 0])
    return tf.reduce_sum(logits * tf.one_hot(class_index, logits.shape[-1]), axis=1)


def _class_activation_map(model: "keras.Model", layer: str | None, *, plus: bool) -> Callable[[Any, Any], Any]:
    import keras
    import tensorflow as tf

    layers = cam_layers(model)
    if not layers:
        raise ModelError("This network has no convolution, so there are no maps to weigh. Choose another method.")
    if layer is not None and layer not in layers:
        raise ModelError(f"There is no layer with maps called “{layer[:40]}”; there are {', '.join(layers)}.")
    maps_and_logits = keras.Model(model.inputs, [model.get_layer(layer or layers[0]).output, model.output])

    def run(images: Any, class_index: Any) -> Any:
        with tf.GradientTape() as tape:
            maps, logits = maps_and_logits([images], training=False)
            score = _score(logits, class_index)
        gradients = tf.cast(tape.gradient(score, maps), tf.float32)
        maps = tf.cast(maps, tf.float32)
        if not plus:
            weights = tf.reduce_mean(gradients, axis=(1, 2), keepdims=True)
        else:
            # Of exp(score), the second and third derivatives are powers of the first (Chattopadhay et al., eq. 19). The
            # exponential itself cancels in the alphas, and only scales the weights.
            total = tf.reduce_sum(maps, axis=(1, 2), keepdims=True)
            alphas = tf.math.divide_no_nan(gradients**2, 2 * gradients**2 + gradients**3 * total)
            alphas = tf.math.divide_no_nan(alphas, tf.reduce_sum(alphas, axis=(1, 2), keepdims=True))
            weights = tf.reduce_sum(alphas * tf.nn.relu(gradients), axis=(1, 2), keepdims=True)
        return tf.nn.relu(tf.reduce_sum(weights * maps, axis=3))

    return run


def _input_gradient(score: Callable[[Any], Any], x: Any) -> Any:
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(x)
        value = score(x)
    return tape.gradient(value, x)


def _gradient(score_function: Callable[[Any, Any], tuple[Any, Any]]) -> Callable[[Any, Any], Any]:
    import tensorflow as tf

    def run(images: Any, class_index: Any) -> Any:
        x, score = score_function(images, class_index)
        return tf.reduce_max(tf.abs(_input_gradient(score, x)), axis=3)

    return run


def _smooth_grad(score_function: Callable[[Any, Any], tuple[Any, Any]]) -> Callable[[Any, Any], Any]:
    import tensorflow as tf

    def run(images: Any, class_index: Any) -> Any:
        x, score = score_function(images, class_index)
        low, high = (reduce(x, axis=(1, 2, 3), keepdims=True) for reduce in (tf.reduce_min, tf.reduce_max))
        total = tf.zeros_like(x)
        for sample in tf.range(SMOOTH_SAMPLES):
            # Fixed seeds, so that a shared link shows the same picture.
            noise = tf.random.stateless_normal(tf.shape(x), tf.stack([sample, 0]))
            total += _input_gradient(score, x + SMOOTH_NOISE * (high - low) * noise)
        return tf.reduce_max(tf.abs(total / SMOOTH_SAMPLES), axis=3)

    return run


def _integrated_gradients(score_function: Callable[[Any, Any], tuple[Any, Any]]) -> Callable[[Any, Any], Any]:
    import tensorflow as tf

    def run(images: Any, class_index: Any) -> Any:
        x, score = score_function(images, class_index)
        black, _ = score_function(tf.zeros_like(images), class_index)
        total = tf.zeros_like(x)
        for step in tf.range(INTEGRATED_STEPS):
            fraction = (tf.cast(step, tf.float32) + 0.5) / INTEGRATED_STEPS
            total += _input_gradient(score, black + fraction * (x - black))
        return tf.reduce_sum((x - black) * total / INTEGRATED_STEPS, axis=3)

    return run
