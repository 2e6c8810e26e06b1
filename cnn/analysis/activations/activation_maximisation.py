"""Activation maximisation: gradient ascent from noise to an image that a filter responds to most strongly.

Source: Erhan et al. (2009), "Visualizing higher-layer features of a deep network", Université de Montréal 1341;
Simonyan et al. (2014), arXiv:1312.6034; Olah et al. (2017), https://distill.pub/2017/feature-visualization/.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cnn.analysis import studies
from cnn.analysis.activations.layer_outputs import LayerOutputs, layer_outputs
from cnn.errors import ModelError
from cnn.model import store
from cnn.progress import Report, ShouldStop, progress_meter, raise_if_stopped

if TYPE_CHECKING:
    import keras

STEPS, STARTS, NOISES = 256, 4, 64
GREY, SPREAD = 127.5, 12.0
# In pixel values; the last steps are small, so that the image settles.
FIRST_STEP, LAST_STEP = 8.0, 1.0
JITTER = 2
# Relative to the filter's gradient, which is scaled to 1.
VARIATION, TOWARDS_GREY = 0.3, 0.1
EPSILON = 1e-12
LEAK = 0.1


class MaximisedImage(NamedTuple):
    """An image optimised for one filter, and how strongly the unmodified network responds to it.

    The response of a filter is the mean of its map with negative values counted as 0: without a ReLU, a filter whose
    weights sum to 0 has nearly the same plain mean for any pattern. The response of a dense unit is its output.

    Attributes:
        image: uint8 (H, W, C), 0-255, as the network's layers get it.
        start: response to the near-grey noise that the ascent started from.
        end: response to ``image``.
        random: mean response to images of random pixels.
    """

    image: np.ndarray
    start: float
    end: float
    random: float


def maximise_activation(
    model: "keras.Model",
    layer: str,
    filter_index: int,
    report: Report = lambda event: None,
    should_stop: ShouldStop = lambda: False,
    *,
    steps: int = STEPS,
    seed: int = 0,
) -> MaximisedImage:
    """Optimise the pixels of an image for one filter, or one unit of a dense layer.

    Several starts are optimised at once, because a filter may have no gradient at some of them; the best one is kept.

    Args:
        layer: with output (N, h, w, filters) or (N, units); not the input or its rescaling.
        filter_index: of the filter or unit, from 0.
        report, should_stop: as in ``cnn.progress``.
        seed: the same seed gives the same image.

    Raises:
        ModelError: there is no such layer or filter.
        Stopped: ``should_stop`` returned True.
    """
    outputs_of = layer_outputs(model, [layer])
    _check_filter(model, layer, filter_index)
    random = np.random.default_rng(seed)
    shape = tuple(model.input_shape[1:])
    starts = _as_pixels(random.normal(GREY, SPREAD, (STARTS, *shape)))
    images = starts.astype(np.float32)
    step = _ascent_step(model, layer, filter_index)
    report_step = progress_meter(report, "Changing the pixels", steps, "step")
    for done in range(steps):
        raise_if_stopped(should_stop)
        jitter = random.integers(-JITTER, JITTER + 1, 2).astype(np.int32)
        images = step(images, jitter, np.float32(FIRST_STEP + (LAST_STEP - FIRST_STEP) * done / steps))
        report_step(done + 1)
    optimised = _as_pixels(np.asarray(images))
    responses = _responses(outputs_of, layer, filter_index, optimised)
    best = int(responses.argmax())
    noise = random.integers(0, 256, (NOISES, *shape), np.uint8)
    return MaximisedImage(
        optimised[best],
        start=float(_responses(outputs_of, layer, filter_index, starts[best : best + 1])[0]),
        end=float(responses[best]),
        random=float(_responses(outputs_of, layer, filter_index, noise).mean()),
    )


def study(card: store.Card, settings: studies.Settings, report: Report, should_stop: ShouldStop) -> studies.StudyResult:
    """``maximise_activation`` as a study, see ``cnn.analysis.studies``; settings: {"layer": str, "number": int}."""
    layer, filter_index = str(settings["layer"]), int(settings["number"])
    maximised = maximise_activation(store.load(card.id), layer, filter_index, report, should_stop)
    return {name: np.asarray(value) for name, value in maximised._asdict().items()}


def _check_filter(model: "keras.Model", layer: str, filter_index: int) -> None:
    if layer in [first.name for first in model.layers[:2]]:
        raise ModelError(f"{layer} is the image itself, which has no filters; choose a layer after it.")
    filters = model.get_layer(layer).output.shape[-1]
    if not 0 <= filter_index < filters:
        raise ModelError(f"{layer} has {filters} filters, numbered from 0; there is no filter {filter_index}.")


def _as_pixels(images: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(images), 0, 255).astype(np.uint8)


def _responses(outputs_of: LayerOutputs, layer: str, filter_index: int, images: np.ndarray) -> np.ndarray:
    """The responses of the unmodified network, see ``MaximisedImage``: float32 (N,)."""
    activations = outputs_of(images)[layer][..., filter_index]
    return np.maximum(activations, 0).mean(axis=(1, 2)) if activations.ndim == 3 else activations


def _ascent_step(model: "keras.Model", layer: str, filter_index: int) -> Callable[[Any, Any, Any], Any]:
    """A compiled step: (images float32 (N, H, W, C) 0-255, jitter int32 (2,), step size in pixel values) -> images."""
    import keras
    import tensorflow as tf

    # A copy, because the model is shared and its activation functions are about to be replaced.
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    for copied in copy.layers:
        if getattr(copied, "activation", None) is keras.activations.relu:
            copied.activation = _relu_with_leaking_gradient
    # No gradient passes through uint8 pixels, so the rescaling layer gets them as floats.
    rescale = next(copied for copied in copy.layers if isinstance(copied, keras.layers.Rescaling))
    inner = keras.Model(rescale.output, copy.get_layer(layer).output)
    shape = tuple(model.input_shape[1:])

    def normalise(gradients: Any) -> Any:
        return gradients / (tf.sqrt(tf.reduce_mean(gradients**2, axis=(1, 2, 3), keepdims=True)) + EPSILON)

    @tf.function(
        input_signature=[
            tf.TensorSpec((None, *shape), tf.float32),
            tf.TensorSpec((2,), tf.int32),
            tf.TensorSpec((), tf.float32),
        ]
    )
    def step(images: Any, jitter: Any, size: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(images)
            rolled = tf.roll(images, jitter, axis=(1, 2))
            activations = tf.cast(inner(rescale(rolled), training=False), tf.float32)[..., filter_index]
            if len(activations.shape) == 3:
                activations = tf.reduce_mean(_relu_with_leaking_gradient(activations), axis=(1, 2))
        gradients = normalise(tape.gradient(activations, images))
        with tf.GradientTape() as tape:
            tape.watch(images)
            variation = tf.image.total_variation(images)
        roughness = tape.gradient(variation, images)
        off_grey = (images - GREY) / GREY
        direction = gradients - VARIATION * roughness - TOWARDS_GREY * off_grey
        return tf.clip_by_value(images + size * direction, 0.0, 255.0)

    return step


def _relu_with_leaking_gradient(x: Any) -> Any:
    """ReLU with a non-zero gradient below 0, so that a filter whose activations are all 0 can still be optimised."""
    import tensorflow as tf

    @tf.custom_gradient
    def relu(x: Any) -> tuple[Any, Callable[[Any], Any]]:
        return tf.nn.relu(x), lambda gradients: tf.where(x > 0, gradients, LEAK * gradients)

    return relu(x)
