"""What must be known of a run, besides its curves, to say what they mean."""

from dataclasses import dataclass

from cnn.data import catalog
from cnn.data.class_balance import majority_share
from cnn.model.architectures import Dropout
from cnn.training.config import TrainConfig
from cnn.training.transfer_config import TransferConfig


@dataclass(frozen=True)
class RunFacts:
    """Facts about a run that its curves do not show.

    Attributes:
        classes: number of classes.
        guessing: the accuracy of always naming the most frequent class, on the validation images, 0..1.
        held_out: number of validation images.
        dropout: whether neurons are switched off while it learns.
        augmented: whether the training images are varied.
        class_weights: whether each class counts the same in the loss, so that accuracy is not what it aims at.
        shuffled_labels: whether the run is the experiment with random labels.
    """

    classes: int
    guessing: float
    held_out: int
    dropout: bool = False
    augmented: bool = False
    class_weights: bool = False
    shuffled_labels: bool = False

    @property
    def unbalanced(self) -> bool:
        """Whether the most frequent class has over one and a half times its fair share of the validation images."""
        return self.guessing > 1.5 / self.classes


def run_facts(config: TrainConfig | TransferConfig, held_out: int | None = None) -> RunFacts:
    """The facts about a run with this configuration.

    Args:
        held_out: number of validation images, as the run reported it; None for as many as its data set says.
    """
    info = catalog.info(config.dataset)
    if isinstance(config, TrainConfig):
        dropout = any(isinstance(layer, Dropout) for layer in config.network.layers)
        augmented = config.variation.any()
    else:  # the head has no dropout, and learns from unvaried images
        dropout, augmented = False, config.tuned_layers > 0 and config.augmentation.any()
    return RunFacts(
        classes=len(info.class_names),
        guessing=majority_share(config.dataset, "validation"),
        held_out=held_out or info.held_out,
        dropout=dropout,
        augmented=augmented,
        class_weights=config.class_weights,
        shuffled_labels=config.shuffled_labels,
    )
