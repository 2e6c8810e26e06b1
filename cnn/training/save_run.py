"""How every training run ends: the model on disk with its answers, its score on the test split, and its card."""

import time
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
from cnn.training.transfer_config import TransferConfig


def save_run(
    folder: Path,
    network: keras.Model,
    config: TrainConfig | TransferConfig,
    validation_logits: np.ndarray,
    test_logits: np.ndarray,
    test_labels: np.ndarray,
    validation: tuple[int, int],
    facts: dict[str, Any],
    report: Report,
) -> dict[str, Any]:
    """Save a trained network, keep its answers, report the test, and write the card.

    The card is written last: a model with a card is whole.

    Args:
        validation_logits: float32 (N, 1 or classes), of the held-out images; ``test_logits`` of the test images.
        validation: how many of its images ``network`` names rightly, and how many there are.
        facts: what else belongs on the card.

    Returns:
        The card.
    """
    write_whole(folder / "model.keras", network.save)
    for split, logits in (("validation", validation_logits), ("test", test_logits)):
        answers = class_probabilities(logits)
        kept = np.asarray(answers, np.float16)
        write_whole(folder / f"{split}_probabilities.npy", partial(np.save, arr=kept))
    correct = int((answers.argmax(axis=1) == test_labels).sum())
    report({"type": "test", "correct": correct, "count": len(test_labels), "accuracy": correct / len(test_labels)})
    card = {
        "dataset": config.dataset,
        "class_names": list(catalog.info(config.dataset).class_names),
        "input_shape": list(config.input_shape),
        "parameters": network.count_params(),
        "test": {"correct": correct, "count": len(test_labels)},
        "validation": {"correct": validation[0], "count": validation[1]},
        "config": config.to_dict(),
        "bytes": (folder / "model.keras").stat().st_size,
        **facts,
        "created": round(time.time()),
        "keras": keras.__version__,
    }
    write_json(folder / "card.json", card)
    return card
