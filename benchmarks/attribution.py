"""Explanations and evaluation: Grad-CAM beside tf-keras-vis, a full occlusion map, and 10,000 test images evaluated."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.harness.data_folder import home_with_cifar10
from benchmarks.harness.reporting import alternating_medians, median_milliseconds, print_result
from cnn.analysis.attribution.gradients import attribution, cam_layers
from cnn.analysis.attribution.occlusion import occlusion
from cnn.analysis.evaluation import metrics
from cnn.data import catalog
from cnn.data.builtin.sample_photos import PHOTOS, load_photo
from cnn.data.images import fit_to
from cnn.model import store
from cnn.model.predict import predictor

CLASS_INDEX = 3
BATCH = 500


def run() -> None:
    """Print the median time of an explanation, and the time of an evaluation."""
    card, model = store.card("cifar10-tutorial"), store.load("cifar10-tutorial")
    image = fit_to(load_photo(next(iter(PHOTOS))), card.input_shape)
    explain = attribution(model, "grad-cam")
    ours, theirs = alternating_medians(
        [lambda: explain(image[None], CLASS_INDEX), _tf_keras_vis(model, image)], rounds=50
    )
    print_result("Grad-CAM of one image, the tutorial's network", ours, "ms")
    print_result("the same by tf-keras-vis", theirs, "ms")
    print_result("which is so many times as long", theirs / ours, "", at_least=10)
    predict, side = predictor(model), min(image.shape[:2])
    for step in (max(1, side // 16), 1):
        seconds = median_milliseconds(partial(occlusion, predict, image, side // 4, step), rounds=5) / 1000
        print_result(f"a full occlusion map, every {step} pixels", seconds, "s", at_most=0.3 if step > 1 else None)
    with home_with_cifar10() as home:
        if home is not None:
            print_result("evaluation of 10,000 test images, cifar10-resnet", _evaluation_seconds(), "s", at_most=60)


def _tf_keras_vis(model: Any, image: np.ndarray) -> Callable[[], object]:
    """Grad-CAM by tf-keras-vis. It needs a differentiable input, so it gets a copy that takes floats from 0 to 255."""
    import keras
    from tf_keras_vis.gradcam import Gradcam

    copy = keras.models.clone_model(model, input_tensors=[keras.Input(image.shape, dtype="float32")])
    copy.set_weights(model.get_weights())
    cam, batch, layer = Gradcam(copy, clone=False), image[None].astype(np.float32), cam_layers(model)[0]
    return lambda: cam(lambda output: output[:, CLASS_INDEX], batch, penultimate_layer=layer, expand_cam=False)


def _evaluation_seconds() -> float:
    """The time to predict every image and to compute everything that the evaluation page shows."""
    card, model = store.card("cifar10-resnet"), store.load("cifar10-resnet")
    predict = predictor(model, card.pixel_seed)
    started = time.perf_counter()
    predictions = {}
    for split in ("test", "validation"):
        images = catalog.load("cifar10", split)
        starts = range(0, len(images), BATCH)
        batches = [predict(images.take(range(start, min(start + BATCH, len(images))))) for start in starts]
        predictions[split] = np.concatenate(batches), images.labels
    probabilities, labels = predictions["test"]
    table = metrics.confusion_counts(labels, probabilities.argmax(axis=1), len(card.class_names))
    metrics.class_scores(labels, probabilities.argmax(axis=1), len(card.class_names))
    metrics.calibration(probabilities, labels)
    temperature = metrics.best_temperature(*predictions["validation"])
    metrics.calibration(metrics.apply_temperature(probabilities, temperature), labels)
    metrics.likely_label_errors(probabilities, labels)
    metrics.lowest_margin(probabilities)
    seconds = time.perf_counter() - started
    assert int(np.trace(table)) == card.test[0], "the answers are not those of the card"
    return seconds
