"""The image that a filter answers to most, found from noise by changing the pixels step by step: gradient ascent.

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
# In pixel values a step; the last steps are small, so that the image settles.
FIRST_STEP, LAST_STEP = 8.0, 1.0
JITTER = 2
# Against the filter's own slope, which is scaled to 1.
VARIATION, TOWARDS_GREY = 0.3, 0.1
EPSILON = 1e-12
LEAK = 0.1


class MaximisedImage(NamedTuple):
    """An image made for one filter, and how strongly the network, as it is, answers to it.

    A response is the mean over the filter's map, counting what is below 0 as 0: a filter without ReLU whose weights add
    up to 0 has nearly the same mean for any pattern. That of a unit without a map is its number.

    Attributes:
        image: uint8 (H, W, C), 0-255, as the network's layers get it.
        start: the response to the noise close to grey that it was made from.
        end: the response to ``image``.
        random: the mean response to images of random pixels.
    """

    image: np.ndarray
    start: float
    end: float
    random: float


def maximise(
    model: "keras.Model",
    layer: str,
    number: int,
    report: Report = lambda event: None,
    should_stop: ShouldStop = lambda: False,
    *,
    steps: int = STEPS,
    seed: int = 0,
) -> MaximisedImage:
    """Change the pixels of noise so that one filter, or one unit of a dense layer, answers ever more strongly.

    Several starts are followed at once, because a filter may have no slope at one of them; the best is kept.

    Args:
        layer: whose output is (N, h, w, filters) or (N, units); the image and its rescaling are none.
        number: of the filter or unit, from 0.
        report, should_stop: as in ``cnn.progress``.
        seed: the same seed gives the same image.

    Raises:
        ModelError: there is no such layer or filter.
        Stopped: ``should_stop`` said so.
    """
    ask = layer_outputs(model, [layer])
    _check(model, layer, number)
    random = np.random.default_rng(seed)
    shape = tuple(model.input_shape[1:])
    begun = _rounded(random.normal(GREY, SPREAD, (STARTS, *shape)))
    images = begun.astype(np.float32)
    step = _ascent(model, layer, number)
    tell = progress_meter(report, "Changing the pixels", steps, "step")
    for done in range(steps):
        raise_if_stopped(should_stop)
        roll = random.integers(-JITTER, JITTER + 1, 2).astype(np.int32)
        images = step(images, roll, np.float32(FIRST_STEP + (LAST_STEP - FIRST_STEP) * done / steps))
        tell(done + 1)
    made = _rounded(np.asarray(images))
    ends = _responses(ask, layer, number, made)
    best = int(ends.argmax())
    noise = random.integers(0, 256, (NOISES, *shape), np.uint8)
    return MaximisedImage(
        made[best],
        float(_responses(ask, layer, number, begun[best : best + 1])[0]),
        float(ends[best]),
        float(_responses(ask, layer, number, noise).mean()),
    )


def study(card: store.Card, settings: studies.Settings, report: Report, should_stop: ShouldStop) -> studies.StudyResult:
    """``maximise`` as a study, see ``cnn.analysis.studies``; settings: {"layer": str, "number": int}."""
    found = maximise(store.load(card.id), str(settings["layer"]), int(settings["number"]), report, should_stop)
    return {name: np.asarray(value) for name, value in found._asdict().items()}


def _check(model: "keras.Model", layer: str, number: int) -> None:
    if layer in [each.name for each in model.layers[:2]]:
        raise ModelError(f"{layer} is the image itself, which has no filters; choose a layer after it.")
    filters = model.get_layer(layer).output.shape[-1]
    if not 0 <= number < filters:
        raise ModelError(f"{layer} has {filters} filters, numbered from 0; there is no filter {number}.")


def _rounded(images: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(images), 0, 255).astype(np.uint8)


def _responses(ask: LayerOutputs, layer: str, number: int, images: np.ndarray) -> np.ndarray:
    """Of the network as it is, to real images: float32 (N,)."""
    answers = ask(images)[layer][..., number]
    return np.maximum(answers, 0).mean(axis=(1, 2)) if answers.ndim == 3 else answers


def _ascent(model: "keras.Model", layer: str, number: int) -> Callable[[Any, Any, Any], Any]:
    """One compiled step: (float32 (N, H, W, C) 0-255, int32 (2,) roll, its size in pixel values) -> the new images."""
    import keras
    import tensorflow as tf

    # A copy, because the model is shared and its activations are about to change.
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    for each in copy.layers:
        if getattr(each, "activation", None) is keras.activations.relu:
            each.activation = _leaking
    # A gradient cannot pass through uint8 pixels, so they are given as floats to the layer that rescales them.
    pixels = next(each for each in copy.layers if isinstance(each, keras.layers.Rescaling))
    inner = keras.Model(pixels.output, copy.get_layer(layer).output)
    shape = tuple(model.input_shape[1:])

    def unit(slopes: Any) -> Any:
        return slopes / (tf.sqrt(tf.reduce_mean(slopes**2, axis=(1, 2, 3), keepdims=True)) + EPSILON)

    @tf.function(
        input_signature=[
            tf.TensorSpec((None, *shape), tf.float32),
            tf.TensorSpec((2,), tf.int32),
            tf.TensorSpec((), tf.float32),
        ]
    )
    def step(images: Any, roll: Any, size: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(images)
            moved = tf.roll(images, roll, axis=(1, 2))
            answers = tf.cast(inner(pixels(moved), training=False), tf.float32)[..., number]
            if len(answers.shape) == 3:
                answers = tf.reduce_mean(_leaking(answers), axis=(1, 2))
        slopes = unit(tape.gradient(answers, images))
        with tf.GradientTape() as tape:
            tape.watch(images)
            rough = tf.image.total_variation(images)
        smoother = tape.gradient(rough, images)
        grey = (images - GREY) / GREY
        return tf.clip_by_value(images + size * (slopes - VARIATION * smoother - TOWARDS_GREY * grey), 0.0, 255.0)

    return step


def _leaking(x: Any) -> Any:
    """ReLU whose slope is not 0 below 0, so that a filter that answers with 0 everywhere can be woken."""
    import tensorflow as tf

    @tf.custom_gradient
    def relu(x: Any) -> tuple[Any, Callable[[Any], Any]]:
        return tf.nn.relu(x), lambda slopes: tf.where(x > 0, slopes, LEAK * slopes)

    return relu(x)
