"""Saved models: the pretrained ones that come with the app, and those that runs have left on this machine.

A model is a ``model.keras`` with a ``card.json`` beside it; the card is written last, so a model with a card is whole.
A card that cannot be read is logged and left out of every list.
"""

import json
import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnn.errors import ModelError
from cnn.home import home

if TYPE_CHECKING:
    import keras

log = logging.getLogger(__name__)

PRETRAINED = Path(__file__).parent.parent / "pretrained"


@dataclass(frozen=True)
class Card:
    """What is known of a saved model without loading it.

    Attributes:
        id: the name of a pretrained model, or the id of the run that left it.
        title: what a person calls it.
        input_shape: (height, width, channels) of its images, uint8.
        test: (right answers, images) on the test split, read once after training.
        pixel_seed: the seed of the run's shuffled pixels, or None; ``cnn.model.predict`` applies it.
        workspace: the visitor's whose run left it; None for a pretrained one.
        created: unix seconds.
    """

    id: str
    title: str
    dataset: str
    class_names: tuple[str, ...]
    input_shape: tuple[int, int, int]
    architecture: str
    parameters: int
    test: tuple[int, int]
    validation: tuple[int, int]
    epochs: int
    bytes: int
    seconds: float
    created: int
    pixel_seed: int | None
    command: str | None
    config: dict[str, Any]
    workspace: str | None
    folder: Path

    @property
    def file(self) -> Path:
        """The Keras file."""
        return self.folder / "model.keras"

    @property
    def fingerprint(self) -> str:
        """Names this very model among all: another training under the same id has another."""
        return f"{self.id} {self.created}"

    @property
    def one_logit(self) -> bool:
        """Whether its two classes share one logit, as after transfer learning."""
        return "base" in self.config and len(self.class_names) == 2

    @property
    def accuracy(self) -> float:
        """Accuracy on the test split, 0..1."""
        return self.test[0] / self.test[1]


def cards(workspace: str | None = None) -> list[Card]:
    """The pretrained models, then those of ``workspace``, newest first."""
    pretrained = [card for folder in sorted(PRETRAINED.glob("*/card.json")) if (card := _read(folder.parent, None))]
    if workspace is None:
        return pretrained
    runs = [card for path in (home() / "runs").glob("*/card.json") if (card := _of_run(path.parent))]
    own = [card for card in runs if card.workspace == workspace]
    return pretrained + sorted(own, key=lambda card: -card.created)


def names(workspace: str | None = None) -> list[str]:
    """The ids of ``cards(workspace)``."""
    return [card.id for card in cards(workspace)]


def card(id: str) -> Card:
    """The card of one model, whoever made it: who has its id may look at it and use it.

    Raises:
        ModelError: there is no such model, or its files cannot be read.
    """
    if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", id):
        for folder in (PRETRAINED / id, home() / "runs" / id):
            if (folder / "card.json").is_file():
                result = _read(folder, None) if folder.parent == PRETRAINED else _of_run(folder)
                if result is None:
                    raise ModelError(f"The card of the model “{id}” is damaged. Delete the model, or train it again.")
                return result
    raise ModelError(
        f"There is no model called “{id[:40]}”. It may have been deleted; the Models page lists those there are."
    )


def has_card(id: str) -> bool:
    """Whether the run ``id`` has left a model: one that was stopped in its first epoch has not."""
    return (home() / "runs" / id / "card.json").is_file()


def card_in(folder: Path) -> Card:
    """The card of a model in any folder, as ``python -m cnn train`` leaves one.

    Raises:
        ModelError: there is none, or it is damaged.
    """
    found = _read(folder, None) if (folder / "card.json").is_file() else None
    if found is None:
        raise ModelError(f"There is no readable model in {folder}: expected model.keras and card.json in it.")
    return found


def load(id: str) -> "keras.Model":
    """The model itself, not compiled. It is shared by all visitors: never train or change it.

    Raises:
        ModelError: unknown, damaged, or a file that Keras refuses to load safely.
    """
    return load_file(card(id))


def load_file(known: Card) -> "keras.Model":
    """As ``load``, from a card at hand."""
    import keras

    try:
        model = keras.saving.load_model(known.file, compile=False, safe_mode=True)
        shape, logits = tuple(model.input_shape[1:]), model.output_shape[-1]
    except Exception as error:  # Keras raises whatever its parts raise; all of it means the file is not usable.
        log.warning("The model file %s could not be loaded: %s", known.file, error)
        raise ModelError(
            f"The file of the model “{known.title}” is damaged or not a Keras model. Delete it, or train it again."
        ) from error
    classes = 2 if logits == 1 else logits
    if shape != known.input_shape or classes != len(known.class_names):
        raise ModelError(f"The model “{known.title}” does not fit its card. Delete it, or train it again.")
    return model


def _of_run(folder: Path) -> Card | None:
    try:
        return _read(folder, dict(json.loads((folder / "config.json").read_text())))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        log.warning("The run in %s cannot be read: %s", folder, error)
        return None


def _read(folder: Path, run: dict[str, Any] | None) -> Card | None:
    try:
        value = json.loads((folder / "card.json").read_text())
        if not (folder / "model.keras").is_file():
            raise ValueError("model.keras is missing")
        height, width, channels = map(int, value["input_shape"])
        return Card(
            id=folder.name,
            title=folder.name if run is None else str(run["name"]),
            dataset=str(value["dataset"]),
            class_names=tuple(map(str, value["class_names"])),
            input_shape=(height, width, channels),
            architecture=str(value["architecture"]),
            parameters=int(value["parameters"]),
            test=(int(value["test"]["correct"]), max(1, int(value["test"]["count"]))),
            validation=(int(value["validation"]["correct"]), max(1, int(value["validation"]["count"]))),
            epochs=int(value["epochs"] if "epochs" in value else value["config"]["epochs"]),
            bytes=int(value["bytes"]),
            seconds=float(value["seconds"]),
            created=int(value["created"]),
            pixel_seed=None if value.get("pixel_seed") is None else int(value["pixel_seed"]),
            command=value.get("command"),
            config=dict(value["config"]),
            workspace=None if run is None else str(run["workspace"]),
            folder=folder,
        )
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        log.warning("The model card in %s cannot be read: %r", folder, error)
        return None
