"""The end of every training run: the model is saved with its predictions, its test score and its card."""

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from cnn.data import catalog
from cnn.files import write_json, write_whole
from cnn.model.predict import class_probabilities
from cnn.progress import Report
from cnn.training.config import TrainConfig
from cnn.training.pipeline import LabelledExamples, batches
from cnn.training.transfer_config import TransferConfig


@dataclass(frozen=True)
class HeldOutLogits:
    """A trained network's logits for the splits it has not learned from.

    Attributes:
        validation: float32 (N, 1 or classes).
        validation_correct: how many of the N are classified correctly, as counted during training.
        test: float32 (M, 1 or classes).
        test_labels: int64 (M,).
    """

    validation: np.ndarray
    validation_correct: int
    test: np.ndarray
    test_labels: np.ndarray


def held_out_logits(
    network: keras.Model,
    validation: LabelledExamples,
    test: LabelledExamples,
    *,
    validation_accuracy: float,
    batch_size: int,
) -> HeldOutLogits:
    """Run a trained network over the validation images and, this once, over the test images.

    Args:
        validation_accuracy: in 0..1, as Keras logged it for these weights.
    """

    def logits(examples: LabelledExamples) -> np.ndarray:
        return network.predict(batches(examples, batch_size), verbose=0)

    # Keras' mean over whole batches is a count divided by the number of images, as a 32-bit float.
    correct = round(validation_accuracy * len(validation))
    return HeldOutLogits(logits(validation), correct, logits(test), test.labels)


def save_run(
    folder: Path,
    network: keras.Model,
    config: TrainConfig | TransferConfig,
    logits: HeldOutLogits,
    facts: dict[str, Any],
    report: Report,
) -> dict[str, Any]:
    """Save a trained network and its predictions, report the test score, and write the card.

    The card is written last, so a model with a card is complete.

    Args:
        facts: further entries of the card.

    Returns:
        The card.
    """
    write_whole(folder / "model.keras", network.save)
    test_probabilities = class_probabilities(logits.test)
    for split, probabilities in (
        ("validation", class_probabilities(logits.validation)),
        ("test", test_probabilities),
    ):
        half_precision = np.asarray(probabilities, np.float16)
        write_whole(folder / f"{split}_probabilities.npy", partial(np.save, arr=half_precision))
    correct, count = int((test_probabilities.argmax(axis=1) == logits.test_labels).sum()), len(logits.test_labels)
    report({"type": "test", "correct": correct, "count": count, "accuracy": correct / count})
    card = {
        "dataset": config.dataset,
        "class_names": list(catalog.info(config.dataset).class_names),
        "input_shape": list(config.input_shape),
        "parameters": network.count_params(),
        "test": {"correct": correct, "count": count},
        "validation": {"correct": logits.validation_correct, "count": len(logits.validation)},
        "exam_sealed": True,
        "config": config.to_dict(),
        "bytes": (folder / "model.keras").stat().st_size,
        **facts,
        "created": round(time.time()),
        "keras": keras.__version__,
    }
    write_json(folder / "card.json", card)
    return card
