"""Descriptions of the data sets, available before anything is on disk."""

from dataclasses import dataclass

import numpy as np

PHOTO_SIDE = 64
VALIDATION_FRACTION = 0.1
VALIDATION_SEED = 20150205


def validation_indices(count: int, rule: str | int) -> np.ndarray:
    """Positions of the training images held out for validation: int64, sorted.

    Args:
        count: number of training images.
        rule: "seeded" (10 %, by a fixed permutation), "tail" (the last ninth), or the number of last images to take.
    """
    if rule != "seeded":
        return np.arange(round(count * 8 / 9) if isinstance(rule, str) else count - rule, count)
    shuffled = np.random.default_rng(VALIDATION_SEED).permutation(count)
    return np.sort(shuffled[: round(count * VALIDATION_FRACTION)])


@dataclass(frozen=True)
class DatasetInfo:
    """Description of a data set, available before anything is on disk.

    Attributes:
        name: the name used in links and on the command line.
        shape: (height, width, channels); height and width are None if the images differ in size.
        train: number of training images, validation included; a prepared copy may hold fewer.
        test: number of test images.
        validation: rule that holds out the validation images, see ``validation_indices``.
        builder: the TFDS builder's name and config, as in "shapes/left_right"; "" for a visitor's own images.
        builtin: whether it is generated on this machine, without a network.
    """

    name: str
    title: str
    about: str
    class_names: tuple[str, ...]
    shape: tuple[int | None, int | None, int]
    train: int
    test: int
    licence: str
    citation: str
    builder: str
    builtin: bool = False
    validation: str | int = "seeded"

    @property
    def held_out(self) -> int:
        """Number of training images that are held out for validation."""
        return len(validation_indices(self.train, self.validation))

    @property
    def network_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of the input of a network built for these images.

        Photos that differ in size are cropped to a centred square and resized to 64 x 64.
        """
        height, width, channels = self.shape
        return (height or PHOTO_SIDE, width or PHOTO_SIDE, channels)

    @property
    def own(self) -> bool:
        """Whether it was uploaded by a visitor."""
        return not self.builder


_DIGITS = tuple("0123456789")
_SHAPES = ("circle", "square", "triangle", "star", "heart", "moon", "cross", "arrow")

DATASETS = {
    info.name: info
    for info in (
        DatasetInfo(
            "digits",
            "Handwritten digits",
            "1,797 real digits written by 13 people, as small grey images. Built in.",
            _DIGITS,
            (32, 32, 1),
            1437,
            360,
            "CC BY 4.0",
            "Alpaydin & Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning Repository.",
            "digits",
            builtin=True,
        ),
        DatasetInfo(
            "shapes",
            "Drawn shapes",
            "10,000 drawn objects of eight kinds, at any place, size and colour. Built in.",
            _SHAPES,
            (32, 32, 3),
            8000,
            2000,
            "CC0, drawn by this project",
            "Convnet Lab, cnn/data/builtin/shapes.py.",
            "shapes/default",
            builtin=True,
        ),
        DatasetInfo(
            "shapes-left-right",
            "Drawn shapes, left and right",
            "The same shapes, all in the left half for training and in the right half for the test. Built in.",
            _SHAPES,
            (32, 32, 3),
            8000,
            2000,
            "CC0, drawn by this project",
            "Convnet Lab, cnn/data/builtin/shapes.py.",
            "shapes/left_right",
            builtin=True,
        ),
        DatasetInfo(
            "cifar10",
            "CIFAR-10",
            "60,000 tiny colour photos of ten kinds of things.",
            ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
            (32, 32, 3),
            50000,
            10000,
            "No explicit licence; free for research and teaching with citation",
            "Krizhevsky (2009), Learning Multiple Layers of Features from Tiny Images.",
            "cifar10",
        ),
        DatasetInfo(
            "cats_vs_dogs",
            "Cats and dogs",
            "Photos of cats and dogs in every size and shape.",
            ("cat", "dog"),
            (None, None, 3),
            20936,
            2326,
            "Released by Microsoft Research and Petfinder for research use",
            "Elson, Douceur, Howell & Saul (2007), Asirra: a CAPTCHA that exploits interest-aligned manual image "
            "categorization.",
            "cats_vs_dogs",
            validation="tail",
        ),
        DatasetInfo(
            "mnist",
            "MNIST",
            "70,000 handwritten digits, the classic.",
            _DIGITS,
            (28, 28, 1),
            60000,
            10000,
            "CC BY-SA 3.0",
            "LeCun, Cortes & Burges (2010), MNIST handwritten digit database.",
            "mnist",
        ),
        DatasetInfo(
            "fashion_mnist",
            "Fashion-MNIST",
            "70,000 small grey pictures of clothes, made to be harder than digits.",
            (
                "T-shirt/top",
                "Trouser",
                "Pullover",
                "Dress",
                "Coat",
                "Sandal",
                "Shirt",
                "Sneaker",
                "Bag",
                "Ankle boot",
            ),
            (28, 28, 1),
            60000,
            10000,
            "MIT",
            "Xiao, Rasul & Vollgraf (2017), arXiv:1708.07747.",
            "fashion_mnist",
        ),
    )
}
