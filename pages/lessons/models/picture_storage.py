"""Whether a network stores the pictures that it learned from: the bytes of its file beside those of the pictures."""

from cnn.data import catalog
from cnn.model.store import Card
from cnn.training.config import TrainConfig
from cnn.training.transfer_config import config_of
from pages.shell.page_layout import prose

CLEARLY_SMALLER = 20  # times smaller than its pictures: more than JPEG makes of them


def show_picture_storage(card: Card) -> None:
    """Compare the size of a model's file with that of its training images, at the size at which it gets them."""
    if card.brought:
        return  # nobody here knows which images it learned from
    images = count_training_images(card)
    height, width, channels = card.input_shape
    picture = height * width * channels
    validation = card.validation if card.measured else None
    learner = "its head" if "base" in card.config else "it"
    prose(describe_storage(card.bytes, images, picture, validation, learner), key="models.bytes")


def count_training_images(card: Card) -> int:
    """How many images a model of this app has learned from."""
    config = config_of(card.config)
    limit = config.training_images if isinstance(config, TrainConfig) else None
    if catalog.is_prepared(card.dataset):
        available = len(catalog.load(card.dataset, "train"))
    else:
        info = catalog.info(card.dataset)
        available = info.train - info.held_out
    return min(available, limit or available)


def describe_storage(
    file: int, images: int, picture: int, validation: tuple[int, int] | None, learner: str = "it"
) -> str:
    """Whether the pictures may be in the file, in words.

    Args:
        file: its bytes.
        images: how many pictures the network learned from.
        picture: bytes of one, one for each number.
        validation: (correct, images) on the validation split; None if it was not measured.
        learner: what learned from these pictures.
    """
    ratio = images * picture / file
    whole = megabytes(images * picture)
    sizes = (
        f"Its file takes {megabytes(file)}; the {images:,} pictures that {learner} learned from take {whole}, "
        f"{picture:,} bytes each. That is {file / images:,.0f} bytes of the file for each picture"
    )
    if ratio >= CLEARLY_SMALLER:
        verdict = (
            f"{sizes}, so the pictures are not in it. It keeps weights, and every picture has changed them a little."
        )
    else:
        verdict = (
            f"{sizes}. Here the size proves nothing: so few and so small pictures would fit into it. Choose a "
            "network for CIFAR-10, where it does."
        )
    answer = f"**Does it store pictures and look them up?** {verdict}"
    if validation is None:
        return answer
    right, count = validation
    return (
        f"{answer} It also got {right:,} of {count:,} validation images right. It had not learned from those, so it "
        "could not look them up."
    )


def megabytes(size: int) -> str:
    """Bytes as megabytes."""
    return f"{size / 1e6:,.1f} MB"
