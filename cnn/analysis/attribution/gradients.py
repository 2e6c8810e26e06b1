"""Attribution by gradients: Grad-CAM, Grad-CAM++, gradient, SmoothGrad and integrated gradients.

Every method takes uint8 images and a class, and computes how the class's score depends on each image by itself: the
others in the batch make no difference. Occlusion is in ``occlusion``.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from cnn.analysis.activations.feature_maps import map_layers
from cnn.analysis.attribution.integrated_gradients import integrated_gradients
from cnn.analysis.attribution.score import check_arguments, class_score, input_gradient, score_function
from cnn.analysis.attribution.smooth_gradients import smooth_gradients
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

    Build it once and keep it: it is compiled here, and a call then takes half a millisecond, or for SmoothGrad and
    integrated gradients as many times the time of a gradient as they need. It reads the model's current weights at
    every call.

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
    if method == "gradient":
        return _compile(model, _gradient(model))
    if method == "smooth":
        smooth = smooth_gradients(model)
        return lambda images, class_index: smooth(images, class_index).maps
    if method == "integrated":
        integrate = integrated_gradients(model)
        return lambda images, class_index: integrate(images, class_index).maps
    raise ModelError(f"There is no method called “{method[:40]}”. Choose one of: {', '.join(METHODS)}.")


def _compile(model: "keras.Model", run: Callable[[Any, Any], Any]) -> Attribution:
    """``run`` as a compiled function that checks its arguments."""
    import tensorflow as tf

    signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8), tf.TensorSpec((), tf.int32)]
    graph = tf.function(run, input_signature=signature).get_concrete_function()

    def attribute(images: np.ndarray, class_index: int) -> np.ndarray:
        check_arguments(model, images, class_index)
        return np.asarray(graph(tf.constant(images), tf.constant(class_index, tf.int32)))

    return attribute


def _class_activation_map(model: "keras.Model", layer: str | None, *, plus: bool) -> Callable[[Any, Any], Any]:
    import keras
    import tensorflow as tf

    layers = cam_layers(model)
    if not layers:
        raise ModelError("This network has no convolution, so there are no maps to weigh. Choose another method.")
    if layer is not None and layer not in layers:
        raise ModelError(f"There is no layer with maps called “{layer[:40]}”; there are {', '.join(layers)}.")
    # Not ``model.output``: of a model that training saved, that is a list of one tensor.
    maps_and_logits = keras.Model(model.inputs, [model.get_layer(layer or layers[0]).output, model.outputs[0]])

    def run(images: Any, class_index: Any) -> Any:
        with tf.GradientTape() as tape:
            maps, logits = maps_and_logits([images], training=False)
            score = class_score(logits, class_index)
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


def _gradient(model: "keras.Model") -> Callable[[Any, Any], Any]:
    import tensorflow as tf

    rescale, score = score_function(model)

    def run(images: Any, class_index: Any) -> Any:
        gradients, _ = input_gradient(score, rescale(images), class_index)
        return tf.reduce_max(tf.abs(gradients), axis=3)

    return run
