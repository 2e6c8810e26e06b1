"""Saved models: the pretrained ones that come with the app, and those trained on this machine.

A model is a folder with ``model.keras`` and ``card.json``; the card is written last, so a card means that the
model is complete. Cards that cannot be read are logged and left out of every list.

Every rerun of a page reads cards, so they are cached by inode, size and modification time of their files. That is safe
because the files are only ever replaced as a whole.
"""

import functools
import logging
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnn.data import catalog
from cnn.data.own.sharing import name_for
from cnn.errors import DamagedFileError, DatasetError, ModelError
from cnn.files import FileVersion, file_version
from cnn.home import home
from cnn.jobs import queue
from cnn.model.presets import network_title
from cnn.stored_files import LATEST, entries, flag, mapping, number, optional, read_object, text, whole
from cnn.typed_text import make_visible

if TYPE_CHECKING:
    import keras

log = logging.getLogger(__name__)

PRETRAINED = Path(__file__).parent.parent / "pretrained"
MOST, MOST_EPOCHS, MOST_PIXELS, MOST_CLASSES = 10**12, 100_000, 10_000, 100_000


@dataclass(frozen=True)
class Card:
    """Metadata of a saved model, available without loading it.

    Attributes:
        id: name of a pretrained model, or id of the run that trained it.
        title: display name.
        input_shape: (height, width, channels) of its uint8 images.
        parameters: number of parameters.
        validation: (correct predictions, images) on the validation split: what networks are chosen by.
        measured: whether ``validation`` was measured; a model that was brought in may never have seen such images.
        test: (correct predictions, images) on the test split, evaluated once after training. Pages show it with
            ``cnn.model.final_exam`` alone, which counts the looks.
        examined: whether ``test`` was measured.
        exam_sealed: whether the final exam was closed when the model was saved. Earlier versions showed it at once.
        exam_opened: Unix time in seconds at which another machine had opened the exam; None if it had not.
        bytes: size of the model file.
        seconds: duration of the training.
        created: Unix time in seconds.
        pixel_seed: seed of the pixel permutation it was trained with, or None; ``cnn.model.predict`` applies it.
        command: command line that trained it, if there was one.
        config: settings of the training, as JSON types.
        workspace: workspace of the run; None for a pretrained model.
        folder: where its files are.
        starred: whether its owner wants it kept, see ``cnn.jobs.sweep``.
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
    measured: bool
    examined: bool
    exam_sealed: bool
    exam_opened: int | None
    epochs: int
    bytes: int
    seconds: float
    created: int
    pixel_seed: int | None
    command: str | None
    config: dict[str, Any] = field(hash=False)
    workspace: str | None
    folder: Path
    starred: bool = False

    @property
    def file(self) -> Path:
        """Path of the Keras file."""
        return self.folder / "model.keras"

    @property
    def fingerprint(self) -> str:
        """Unique to this training: training again under the same id gives another fingerprint."""
        return f"{self.id} {self.created}"

    @property
    def one_logit(self) -> bool:
        """Whether its two classes share one logit, as they do after transfer learning."""
        return len(self.class_names) == 2 and ("base" in self.config or self.config.get("one_logit") is True)

    @property
    def network(self) -> str:
        """What people call its network, such as "Simple CNN"."""
        return self.architecture if self.brought else network_title(self.architecture)

    @property
    def brought(self) -> bool:
        """Whether another program trained it, so that nothing is known of its training."""
        return "brought" in self.config

    @property
    def validation_accuracy(self) -> float:
        """Accuracy on the validation split, 0..1."""
        return self.validation[0] / self.validation[1]


def cards(workspace: str | None = None) -> list[Card]:
    """Cards of the pretrained models, then those of the models in ``workspace``, newest first."""
    pretrained = [card for path in sorted(PRETRAINED.glob("*/card.json")) if (card := _read_card(path.parent))]
    if workspace is None:
        return pretrained
    runs = [card for path in (home() / "runs").glob("*/card.json") if (card := _read_card(path.parent))]
    own = [card for card in runs if card.workspace == workspace]
    return pretrained + sorted(own, key=lambda card: -card.created)


def names(workspace: str | None = None) -> list[str]:
    """The ids of ``cards(workspace)``."""
    return [card.id for card in cards(workspace)]


def damaged(workspace: str) -> dict[str, str]:
    """A visitor's own runs that no list has, because a file of theirs cannot be read: {id: name}, in order of names."""
    unreadable = [job for job in queue.damaged_folders() if job.workspace == workspace]
    with_card = [job for job in queue.jobs(workspace=workspace) if (job.folder / "card.json").exists()]
    runs: list[queue.Job | queue.DamagedJob] = [*unreadable, *with_card]
    names = {job.id: job.name for job in runs if _read_card(job.folder) is None}
    return dict(sorted(names.items(), key=lambda item: (item[1], item[0])))


def card(id: str) -> Card:
    """The card of any model, whoever trained it: its id is all that is needed to view and use it.

    The images that it learned from may be closed to whoever asks: pass it through ``seen_by``.

    Raises:
        ModelError: there is no such model, or its files cannot be read.
    """
    if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", id):
        for folder in (PRETRAINED / id, home() / "runs" / id):
            if (folder / "card.json").is_file():
                result = _read_card(folder)
                if result is None:
                    raise ModelError(f"The card of the model “{id}” is damaged. Delete the model, or train it again.")
                return result
    raise ModelError(
        f"There is no model called “{id[:40]}”. It may have been deleted; the Models page lists those there are."
    )


def seen_by(card: Card, workspace: str) -> Card:
    """A card as a workspace may see it: with a data set whose images it may open, see ``sharing.name_for``."""
    name = name_for(card.dataset, workspace)
    return card if name == card.dataset else replace(card, dataset=name)


def has_card(id: str) -> bool:
    """Whether the run ``id`` has saved a model; a run stopped in its first epoch has not."""
    return (home() / "runs" / id / "card.json").is_file()


def card_in(folder: Path) -> Card:
    """The card of a model in any folder, such as the output of ``python -m cnn train``.

    Raises:
        ModelError: the folder has no model, or its card is damaged.
    """
    card = _read_card(folder, is_run=False) if (folder / "card.json").is_file() else None
    if card is None:
        raise ModelError(f"There is no readable model in {folder}: expected model.keras and card.json in it.")
    return card


def load(id: str) -> "keras.Model":
    """Load a model by its id, without compiling it.

    Raises:
        ModelError: the model is unknown or damaged, or Keras refuses to load the file safely.
    """
    return load_file(card(id))


def load_file(card: Card) -> "keras.Model":
    """Load the model of a card, as ``load`` does."""
    import keras

    try:
        model = keras.saving.load_model(card.file, compile=False, safe_mode=True)
        shape, logits = tuple(model.input_shape[1:]), model.output_shape[-1]
    except Exception as error:  # Keras documents no exceptions for unusable files
        log.warning("The model file %s could not be loaded: %s", card.file, error)
        raise ModelError(
            f"The file of the model “{card.title}” is damaged or not a Keras model. Delete it, or train it again."
        ) from error
    classes = 2 if logits == 1 else logits
    if shape != card.input_shape or classes != len(card.class_names):
        raise ModelError(f"The model “{card.title}” does not fit its card. Delete it, or train it again.")
    return model


def _read_card(folder: Path, *, is_run: bool | None = None) -> Card | None:
    """The card in a folder; None if it is damaged.

    Args:
        is_run: whether a run made it, whose name and owner it takes; None for all but the pretrained ones.
    """
    is_run = folder.parent != PRETRAINED if is_run is None else is_run
    files = ("card.json", "config.json", "model.keras")
    return _parse(str(folder), is_run, tuple(file_version(f"{folder}/{name}") for name in files))


@functools.lru_cache(maxsize=4096)
def _parse(path: str, is_run: bool, versions: tuple[FileVersion, ...]) -> Card | None:
    folder = Path(path)
    try:
        run = read_object(folder / "config.json") if is_run else None
        if not (folder / "model.keras").is_file():
            raise DamagedFileError("model.keras is missing.")
        return _checked_card(folder, run, read_object(folder / "card.json"))
    except (DamagedFileError, DatasetError) as error:
        log.warning("The model card in %s cannot be read: %s", folder, error)
        return None


def _checked_card(folder: Path, run: dict[str, Any] | None, value: dict[str, Any]) -> Card:
    """Raises ``DamagedFileError`` for a field that this app would not have written."""
    height, width, channels = entries(value, "input_shape", int, 3, 3)
    if not (0 < height <= MOST_PIXELS and 0 < width <= MOST_PIXELS and channels in (1, 3)):
        raise DamagedFileError(f"“input_shape” cannot be {height} x {width} x {channels}.")
    test, validation, config = mapping(value, "test"), mapping(value, "validation"), mapping(value, "config")
    if "brought" in config:
        brought = mapping(config, "brought")
        for name in ("file", "pixels"):
            text(brought, name)
    optional(text, config, "base")
    return Card(
        id=folder.name,
        title=_title(folder, value) if run is None else make_visible(text(run, "name")),
        dataset=text(value, "dataset"),
        class_names=tuple(map(make_visible, entries(value, "class_names", str, 0, MOST_CLASSES))),
        input_shape=(height, width, channels),
        architecture=text(value, "architecture"),
        parameters=whole(value, "parameters", 0, MOST),
        test=_score(test),
        validation=_score(validation),
        measured=validation["count"] > 0,
        examined=test["count"] > 0,
        exam_sealed=optional(flag, value, "exam_sealed") or False,
        exam_opened=optional(whole, value, "exam_opened", 0, LATEST),
        epochs=whole(value if "epochs" in value else config, "epochs", 0, MOST_EPOCHS),
        bytes=whole(value, "bytes", 0, MOST),
        seconds=number(value, "seconds", 0, LATEST),
        created=whole(value, "created", 0, LATEST),
        pixel_seed=optional(whole, value, "pixel_seed", 0, 2**31 - 1),
        command=optional(text, value, "command"),
        config=config,
        workspace=None if run is None else text(run, "workspace"),
        folder=folder,
        starred=run is not None and (optional(flag, run, "starred") or False),
    )


def _score(value: dict[str, Any]) -> tuple[int, int]:
    """(correct predictions, images), of which there is at least one, so that a share can be worked out."""
    count = whole(value, "count", 0, MOST)
    return whole(value, "correct", 0, count), max(1, count)


def _title(folder: Path, card: dict[str, Any]) -> str:
    """The title of a model that is no run: of one that comes with the app, its network and what it learned from."""
    if folder.parent != PRETRAINED:
        return folder.name
    return f"{network_title(str(card['architecture']))} on {catalog.info(str(card['dataset'])).title}"
