"""The configuration of a training run, complete enough to repeat it."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any

from cnn.data import catalog
from cnn.data.augmentation import settings as augmentation_settings
from cnn.data.augmentation.settings import Augmentation
from cnn.data.class_balance import is_unbalanced
from cnn.errors import ConfigError
from cnn.model.architectures import Architecture
from cnn.model.presets import preset
from cnn.model.shape_inference import infer_shapes

OPTIMIZERS = ("adam", "adamw", "sgd", "rmsprop")
SCHEDULES = ("constant", "cosine", "one-cycle")
ADAMW_DECAY = 0.004  # Keras' default
MAX_EPOCHS = 200
FEW_IMAGES = 500  # typical of own images; smaller batches and more epochs make up for the missing steps
# Activations of all layers for one batch; as float32, with gradients and working space, this is about 6 GB.
MAX_ACTIVATIONS = 500_000_000


@dataclass(frozen=True)
class TrainConfig:
    """One training run.

    Attributes:
        dataset: a data set's name, as in ``cnn.data.catalog``.
        architecture: an ``Architecture``, or a preset's name.
        epochs: passes over the training images, 1..200.
        batch_size: images per step, 1..1024.
        optimizer: "adam", "adamw", "sgd" (with Nesterov momentum 0.9) or "rmsprop".
        learning_rate: 1e-7..10; the peak rate unless the schedule is constant.
        schedule: "constant", "cosine" (falls to 0) or "one-cycle" (rises over the first fifth, then falls to 0).
        weight_decay: decoupled weight decay (Loshchilov & Hutter, 2019), 0..0.1; None for the optimiser's own:
            0.004 for "adamw", as in Keras, else 0.
        label_smoothing: 0..0.5; the fraction of each label that is spread over all classes (Szegedy et al., 2016).
        mix_up: 0..1; how evenly two images and their labels are mixed, as in ``cnn.data.augmentation.mixing``.
        cut_mix: 0..1; the same for a rectangle of one image in another.
        augmentation: how training images are varied, an ``Augmentation`` or the name of one.
        training_images: how many to use, chosen by the seed; None for all that are not held out for validation.
        seed: determines initial weights, order, augmentation and the experiments.
        early_stopping: epochs without a lower validation loss after which to stop and keep the best; 0 for never.
        mixed_precision: compute in bfloat16, keep weights in float32.
        class_weights: every class counts the same in the loss, however many images it has.
        shuffled_labels: the experiment of Zhang et al. (2017): random training labels.
        shuffled_pixels: shuffle the pixels of every image, all by the same permutation.
    """

    dataset: str = "digits"
    architecture: Architecture | str = "tutorial"
    epochs: int = 5
    batch_size: int = 32
    optimizer: str = "adam"
    learning_rate: float = 0.001
    schedule: str = "constant"
    weight_decay: float | None = None
    label_smoothing: float = 0.0
    mix_up: float = 0.0
    cut_mix: float = 0.0
    augmentation: Augmentation | str = field(default_factory=Augmentation)
    training_images: int | None = None
    seed: int = 0
    early_stopping: int = 0
    mixed_precision: bool = False
    class_weights: bool = False
    shuffled_labels: bool = False
    shuffled_pixels: bool = False

    def __post_init__(self) -> None:
        info = catalog.info(self.dataset)
        if isinstance(self.architecture, str):
            object.__setattr__(self, "architecture", preset(self.architecture, self.input_shape))
        if isinstance(self.augmentation, str):
            if self.augmentation not in augmentation_settings.PRESETS:
                names = ", ".join(augmentation_settings.PRESETS)
                raise ConfigError(
                    f"There is no augmentation called “{self.augmentation[:40]}”. Choose one of: {names}."
                )
            object.__setattr__(self, "augmentation", augmentation_settings.PRESETS[self.augmentation])
        if not (isinstance(self.architecture, Architecture) and isinstance(self.augmentation, Augmentation)):
            raise ConfigError("Architecture and augmentation must be given in full or by name. Start from a preset.")
        check_whole_number("Epochs", self.epochs, 1, MAX_EPOCHS)
        check_whole_number("Batch size", self.batch_size, 1, 1024)
        check_whole_number("Seed", self.seed, 0, 2**31 - 1)
        check_whole_number("Early stopping", self.early_stopping, 0, MAX_EPOCHS)
        check_flag("Mixed precision", self.mixed_precision)
        check_flag("Class weights", self.class_weights)
        check_flag("Shuffled labels", self.shuffled_labels)
        check_flag("Shuffled pixels", self.shuffled_pixels)
        check_choice("Optimiser", self.optimizer, OPTIMIZERS)
        check_choice("Schedule", self.schedule, SCHEDULES)
        check_number("Learning rate", self.learning_rate, 1e-7, 10)
        object.__setattr__(self, "learning_rate", float(self.learning_rate))  # Keras refuses an int
        if self.weight_decay is None:
            object.__setattr__(self, "weight_decay", ADAMW_DECAY if self.optimizer == "adamw" else 0.0)
        check_number("Weight decay", self.weight_decay, 0, 0.1)
        check_number("Label smoothing", self.label_smoothing, 0, 0.5)
        check_number("MixUp", self.mix_up, 0, 1)
        check_number("CutMix", self.cut_mix, 0, 1)
        available = info.train - info.held_out
        if self.training_images is not None:
            check_whole_number("Training images", self.training_images, 1, available)
        check_batch_fits(self.batch_size, self.training_images or available)
        self._check_memory()

    def _check_memory(self) -> None:
        activations = sum(math.prod(shape) for shape in infer_shapes(self.network, self.input_shape))
        if activations * self.batch_size > MAX_ACTIVATIONS:
            fits = MAX_ACTIVATIONS // activations
            raise ConfigError(
                f"The layers of this network put out {activations:,} numbers an image; a batch of {self.batch_size} "
                f"would not fit into memory. Choose {f'a batch of at most {fits}, or ' if fits else ''}fewer filters."
            )

    @property
    def network(self) -> Architecture:
        """The architecture itself, never a preset's name."""
        assert isinstance(self.architecture, Architecture)
        return self.architecture

    @property
    def variation(self) -> Augmentation:
        """The augmentation itself, never a preset's name."""
        assert isinstance(self.augmentation, Augmentation)
        return self.augmentation

    @property
    def label_fractions(self) -> bool:
        """Whether labels are fractions of all classes, float32 (N, classes), and not the number of one."""
        return bool(self.label_smoothing or self.mix_up or self.cut_mix)

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of the network's input."""
        return catalog.network_shape(self.dataset)

    def to_dict(self) -> dict[str, Any]:
        """The configuration in JSON types; ``from_dict`` restores an equal one."""
        return {**asdict(self), "architecture": self.network.to_dict()}

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> "TrainConfig":
        """The inverse of ``to_dict``.

        Raises:
            ConfigError: a value is missing, unknown or impossible.
        """
        try:
            settings = {"weight_decay": 0.0, **value}  # before there was a default of the optimiser's own
            if isinstance(settings.get("architecture"), dict):
                settings["architecture"] = Architecture.from_dict(settings["architecture"])
            if isinstance(settings.get("augmentation"), dict):
                settings["augmentation"] = Augmentation(**settings["augmentation"])
            return cls(**settings)
        except (TypeError, ValueError, AttributeError) as error:
            raise ConfigError(
                f"These are not settings of a training run ({error}). Start again from a preset."
            ) from error


RECIPES: dict[str, dict[str, Any]] = {
    "tutorial": {"epochs": 4, "batch_size": 32, "learning_rate": 0.001},
    "tutorial-bn": {"epochs": 4, "batch_size": 128, "learning_rate": 0.01, "schedule": "one-cycle"},
    "tutorial-global": {"epochs": 4, "batch_size": 32, "learning_rate": 0.001},
    "dense": {"epochs": 4, "batch_size": 32, "learning_rate": 0.001},
    "resnet-small": {
        "epochs": 28,
        "batch_size": 128,
        "optimizer": "sgd",
        "learning_rate": 0.1,
        "schedule": "one-cycle",
        "weight_decay": 0.005,
        "augmentation": "cutout",
    },
}


def recipe(dataset: str, architecture: Architecture | str, **changes: Any) -> TrainConfig:
    """The recommended settings for a preset, or the defaults for an ``Architecture``, with ``changes`` applied.

    An unbalanced set of own images gets class weights.

    Raises:
        ConfigError: an unknown preset or an impossible change.
    """
    recommended = RECIPES.get(architecture, {}) if isinstance(architecture, str) else {}
    info = catalog.info(dataset)
    if (images := info.train - info.held_out) < FEW_IMAGES:
        batch = min(recommended.get("batch_size", TrainConfig.batch_size), max(1, images // 8))
        recommended = {**recommended, "batch_size": batch, "epochs": 20}
    recommended = {**recommended, "class_weights": info.own and is_unbalanced(dataset)}
    return TrainConfig(dataset, architecture, **{**recommended, **changes})


def check_whole_number(name: str, value: Any, low: int, high: int) -> None:
    """Raise ``ConfigError`` unless ``value`` is an int in ``low``..``high``."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ConfigError(f"{name}: {value} is not possible; choose a whole number from {low:,} to {high:,}.")


def check_number(name: str, value: Any, low: float, high: float) -> None:
    """Raise ``ConfigError`` unless ``value`` is an int or float in ``low``..``high``."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
        raise ConfigError(f"{name}: {value} is not possible; choose a number from {low:g} to {high:g}.")


def check_batch_fits(batch_size: int, images: int) -> None:
    """Raise ``ConfigError`` if there are fewer training images than one batch takes."""
    if batch_size > images:
        raise ConfigError(
            f"A batch of {batch_size} is larger than the {images:,} training images. Choose a smaller batch."
        )


def check_flag(name: str, value: Any) -> None:
    """Raise ``ConfigError`` unless ``value`` is a bool."""
    if not isinstance(value, bool):
        raise ConfigError(f"{name}: {value} is not possible; choose yes (true) or no (false).")


def check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    """Raise ``ConfigError`` unless ``value`` is one of ``choices``."""
    if value not in choices:
        raise ConfigError(f"{name}: “{str(value)[:40]}” is not known; choose one of {', '.join(choices)}.")
