"""The configuration of a transfer-learning run, complete enough to repeat it."""

from dataclasses import asdict, dataclass, field
from typing import Any

from cnn.data import catalog
from cnn.data.augmentation.settings import PRESETS, Augmentation
from cnn.errors import ConfigError
from cnn.model.pretrained_bases import BASES
from cnn.training.config import (
    TrainConfig,
    check_batch_fits,
    check_choice,
    check_flag,
    check_number,
    check_whole_number,
)

MAX_EPOCHS = 100
TRANSFER_OPTIMIZERS = ("adam", "rmsprop")
# What differs from the defaults. The tutorial has a head on MobileNetV2 for cats and dogs, with nothing tuned after it.
TRANSFER_RECIPES: dict[str, dict[str, Any]] = {
    "app": {},
    "tutorial": {"optimizer": "rmsprop", "learning_rate": 1e-4, "head_epochs": 3},
}


@dataclass(frozen=True)
class TransferConfig:
    """A new head on a pretrained base, and perhaps fine-tuning after it.

    Attributes:
        dataset: a data set's name, as in ``cnn.data.catalog``.
        base: one of ``cnn.model.pretrained_bases.BASES``.
        head_epochs: passes over the base's features while only the head learns, 1..100.
        optimizer: "adam" or "rmsprop", for the head and in fine-tuning.
        learning_rate: for the head, 1e-7..1.
        tuned_layers: how many of the base's layers to fine-tune, counted from the top; 0 for none.
        tuning_epochs: passes over the images in fine-tuning, 1..100.
        tuning_rate: the learning rate in fine-tuning, 1e-7..1; low, or the base forgets.
        batch_size: images per step, 1..256.
        augmentation: how images are varied in fine-tuning; the head alone learns from unvaried images.
        class_weights: every class counts the same in the loss, however many images it has.
        seed: determines the head's initial weights, the order and the augmentation.
    """

    dataset: str
    base: str = "mobilenet_v2"
    head_epochs: int = 10
    optimizer: str = "adam"
    learning_rate: float = 0.001
    tuned_layers: int = 0
    tuning_epochs: int = 3
    tuning_rate: float = 1e-5
    batch_size: int = 32
    augmentation: Augmentation = field(default_factory=Augmentation)
    class_weights: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        info = catalog.info(self.dataset)
        if self.base not in BASES:
            raise ConfigError(f"There is no base called “{str(self.base)[:40]}”. Choose one of: {', '.join(BASES)}.")
        if not isinstance(self.augmentation, Augmentation):
            raise ConfigError("The augmentation must be given in full. Start from a preset.")
        check_whole_number("Epochs of the head", self.head_epochs, 1, MAX_EPOCHS)
        check_whole_number("Epochs of fine-tuning", self.tuning_epochs, 1, MAX_EPOCHS)
        check_whole_number("Layers to fine-tune", self.tuned_layers, 0, BASES[self.base].layers)
        check_whole_number("Batch size", self.batch_size, 1, 256)
        check_whole_number("Seed", self.seed, 0, 2**31 - 1)
        check_flag("Class weights", self.class_weights)
        check_choice("Optimiser", self.optimizer, TRANSFER_OPTIMIZERS)
        check_number("Learning rate", self.learning_rate, 1e-7, 1)
        check_number("Rate of fine-tuning", self.tuning_rate, 1e-7, 1)
        check_batch_fits(self.batch_size, info.train - info.held_out)

    @property
    def epochs(self) -> int:
        """Epochs of both phases, the head's and those of fine-tuning."""
        return self.head_epochs + (self.tuning_epochs if self.tuned_layers else 0)

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of the network's input: the base's, not the data set's."""
        return BASES[self.base].input_shape

    @property
    def shuffled_labels(self) -> bool:
        """Always False: only networks trained from scratch take part in that experiment."""
        return False

    def to_dict(self) -> dict[str, Any]:
        """The configuration in JSON types; ``from_dict`` restores an equal one."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> "TransferConfig":
        """The inverse of ``to_dict``.

        Raises:
            ConfigError: a value is missing, unknown or impossible.
        """
        try:
            settings = dict(value)
            if isinstance(settings.get("augmentation"), dict):
                settings["augmentation"] = Augmentation(**settings["augmentation"])
            return cls(**settings)
        except (TypeError, ValueError, AttributeError) as error:
            raise ConfigError(
                f"These are not settings of transfer learning ({error}). Start again from those of the page."
            ) from error


def transfer_config(dataset: str, base: str, tuned_layers: int, **changes: Any) -> TransferConfig:
    """The settings for a head on a base, with ``changes`` named as in ``TrainConfig``: epochs are the head's.

    Raises:
        ConfigError: there is no such base, data set or augmentation, or a value is impossible.
    """
    named = {"head_epochs" if name == "epochs" else name: value for name, value in changes.items()}
    if isinstance(augmentation := named.get("augmentation"), str):
        if augmentation not in PRESETS:
            names = ", ".join(PRESETS)
            raise ConfigError(f"There is no augmentation called “{augmentation[:40]}”. Choose one of: {names}.")
        named["augmentation"] = PRESETS[augmentation]
    info = catalog.info(dataset)
    batch = min(TransferConfig.batch_size, max(1, (info.train - info.held_out) // 4))
    return TransferConfig(dataset, base, tuned_layers=tuned_layers, **{"batch_size": batch, **named})


def config_of(value: dict[str, Any]) -> TrainConfig | TransferConfig:
    """The configuration of a run of either kind, from its ``to_dict``.

    Raises:
        ConfigError: a value is missing, unknown or impossible.
    """
    return TransferConfig.from_dict(value) if "base" in value else TrainConfig.from_dict(value)
