"""What a run of transfer learning is asked to do; it can be repeated from this alone."""

from dataclasses import asdict, dataclass, field
from typing import Any

from cnn.data import catalog
from cnn.data.augmentation.settings import Augmentation
from cnn.errors import ConfigError
from cnn.model.pretrained_bases import BASES
from cnn.training.config import TrainConfig

MAX_EPOCHS = 100


@dataclass(frozen=True)
class TransferConfig:
    """A new head on a pretrained base, and perhaps fine-tuning after it.

    Attributes:
        dataset: a name that ``cnn.data.catalog.info`` knows.
        base: one of ``cnn.model.pretrained_bases.BASES``.
        head_epochs: passes over the base's features while only the head learns, 1..100.
        learning_rate: of the head, Adam.
        tuned_layers: how many layers of the base, counted from its top, learn in the second phase; 0 for none.
        tuning_epochs: passes over the images in the second phase, 1..100.
        tuning_rate: the learning rate in the second phase, Adam: low, or the base forgets.
        batch_size: images a step, 1..256.
        augmentation: how training images are varied in the second phase; features are of the images as they are.
        seed: decides the head's first weights, order and augmentation.
    """

    dataset: str
    base: str = "mobilenet_v2"
    head_epochs: int = 10
    learning_rate: float = 0.001
    tuned_layers: int = 0
    tuning_epochs: int = 3
    tuning_rate: float = 1e-5
    batch_size: int = 32
    augmentation: Augmentation = field(default_factory=Augmentation)
    seed: int = 0

    def __post_init__(self) -> None:
        info = catalog.info(self.dataset)
        if self.base not in BASES:
            raise ConfigError(f"There is no base called “{str(self.base)[:40]}”. Choose one of: {', '.join(BASES)}.")
        if not isinstance(self.augmentation, Augmentation):
            raise ConfigError("The augmentation must be given in full. Start from a preset.")
        for what, value, low, high in (
            ("Epochs of the head", self.head_epochs, 1, MAX_EPOCHS),
            ("Epochs of fine-tuning", self.tuning_epochs, 1, MAX_EPOCHS),
            ("Layers to fine-tune", self.tuned_layers, 0, BASES[self.base].layers),
            ("Batch size", self.batch_size, 1, 256),
            ("Seed", self.seed, 0, 2**31 - 1),
        ):
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                raise ConfigError(f"{what}: {value} is not possible; choose a whole number from {low} to {high:,}.")
        for what, rate in (("Learning rate", self.learning_rate), ("Rate of fine-tuning", self.tuning_rate)):
            if not isinstance(rate, int | float) or isinstance(rate, bool) or not 1e-7 <= rate <= 1:
                raise ConfigError(f"{what}: {rate} is not possible; choose a number from 1e-07 to 1.")
        available = info.train - info.held_out
        if self.batch_size > available:
            raise ConfigError(
                f"A batch of {self.batch_size} is larger than the {available:,} training images. "
                "Choose a smaller batch."
            )

    @property
    def epochs(self) -> int:
        """Those of both phases."""
        return self.head_epochs + (self.tuning_epochs if self.tuned_layers else 0)

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of what the network gets: the base's, not the data set's."""
        return BASES[self.base].input_shape

    @property
    def shuffled_labels(self) -> bool:
        """Never: that experiment is one of networks from scratch."""
        return False

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON types; ``from_dict`` gives an equal configuration back."""
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


def config_of(value: dict[str, Any]) -> TrainConfig | TransferConfig:
    """The configuration of either kind of run, from its ``to_dict``.

    Raises:
        ConfigError: a value is missing, unknown or impossible.
    """
    return TransferConfig.from_dict(value) if "base" in value else TrainConfig.from_dict(value)
