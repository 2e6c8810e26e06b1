"""The commands of the command line and their options, each with its unit and default."""

import argparse
from pathlib import Path


def command_parser() -> argparse.ArgumentParser:
    """The parser of ``python -m cnn``; the chosen command is in ``command``."""
    parser = argparse.ArgumentParser("python -m cnn", description="Convnet Lab without a browser.")
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train a network and save it with its card")
    _add_train_options(train)
    predict = commands.add_parser("predict", help="name what is on photos")
    predict.add_argument("photos", nargs="+", type=Path, metavar="PHOTO")
    evaluate = commands.add_parser("evaluate", help="measure a model on its data set's test images")
    for command in (predict, evaluate):
        command.add_argument(
            "--model", default="cifar10-resnet", help="a pretrained model, a run's id, or a model's folder"
        )
    datasets = commands.add_parser("datasets", help="list the data sets, or prepare one")
    datasets.add_argument("--prepare", metavar="NAME", help="fetch it if need be and lay it out")
    images = commands.add_parser("images", help="say how the app reads a zip or folder of images")
    _add_images_options(images)
    import_model = commands.add_parser("import-model", help="bring in a network that any Keras has saved")
    _add_import_options(import_model)
    status = commands.add_parser(
        "status", help="say who holds what on the server: jobs, runs, own images, and its limits"
    )
    for command in (train, predict, evaluate, datasets, images, import_model, status):
        command.add_argument("--json", action="store_true", help="print JSON lines")
    return parser


def _add_train_options(train: argparse.ArgumentParser) -> None:
    train.add_argument("--dataset", default="digits", help="a name that `datasets` lists (default: %(default)s)")
    train.add_argument(
        "--architecture", help="tutorial, tutorial-bn, dense or resnet-small, to train from scratch (default: tutorial)"
    )
    train.add_argument(
        "--base", help="mobilenet_v2 or built-in, to train a head on a pretrained base instead (default: none)"
    )
    train.add_argument(
        "--unfreeze", type=int, metavar="LAYERS", help="layers of the base to fine-tune, from the top (default: 0)"
    )
    train.add_argument(
        "--epochs", type=int, help="passes over the training images (default: the architecture's; 10 for a base's head)"
    )
    train.add_argument(
        "--batch-size", type=int, metavar="IMAGES", help="images a step (default: the architecture's; 32 with a base)"
    )
    train.add_argument(
        "--learning-rate",
        type=float,
        metavar="RATE",
        help="change of a weight per unit of gradient (default: the architecture's; 0.001 with a base)",
    )
    train.add_argument(
        "--optimizer",
        help="adam, adamw, sgd or rmsprop, with a base adam or rmsprop (default: the architecture's; adam with a base)",
    )
    train.add_argument(
        "--weight-decay",
        type=float,
        metavar="FRACTION",
        help="of a weight, taken off at each step times the rate: 0 to 0.1 (default: 0.004 for adamw, else 0)",
    )
    train.add_argument(
        "--label-smoothing",
        type=float,
        metavar="FRACTION",
        help="of a label, spread over all classes: 0 to 0.5 (default: 0)",
    )
    train.add_argument(
        "--mix-up", type=float, metavar="ALPHA", help="how evenly two images are mixed: 0 to 1 (default: 0)"
    )
    train.add_argument(
        "--cut-mix",
        type=float,
        metavar="ALPHA",
        help="the same, for a rectangle of one in another: 0 to 1 (default: 0)",
    )
    train.add_argument(
        "--schedule", help="of the learning rate: constant, cosine or one-cycle (default: the architecture's)"
    )
    train.add_argument(
        "--augmentation",
        help="none, light, cutout, strong, turned, rand-augment or tutorial (default: the recipe's; none with a base)",
    )
    train.add_argument("--training-images", type=int, metavar="IMAGES", help="images to train on (default: all)")
    train.add_argument("--seed", type=int, metavar="NUMBER", help="what chance begins with, no unit (default: 0)")
    train.add_argument("--output", type=Path, help="a folder for the model (default: DATASET-ARCHITECTURE or -BASE)")
    train.add_argument("--force", action="store_true", help="write over a model that is in that folder (default: no)")


def _add_images_options(images: argparse.ArgumentParser) -> None:
    images.add_argument("path", type=Path, metavar="ZIP_OR_FOLDER")
    images.add_argument("--encoding", help="of names in a zip that does not say it, as in gbk (default: guessed)")
    images.add_argument(
        "--layout",
        choices=("outer", "inner", "names", "one"),
        help="what says the class: outer or inner folders, files' names, or that all are one (default: guessed)",
    )
    images.add_argument(
        "--join-case", action="store_true", help="names that differ in case alone are one class (default: they are not)"
    )


def _add_import_options(import_model: argparse.ArgumentParser) -> None:
    import_model.add_argument("file", type=Path, metavar="FILE", help="a .keras or .h5 file, as model.save writes it")
    import_model.add_argument(
        "--classes", required=True, metavar="NAME,NAME", help="in the order of its answers, with commas between them"
    )
    import_model.add_argument(
        "--pixels",
        required=True,
        help="how pixels were scaled in training: 0..255, 0..1, --pixels=-1..1, imagenet (as Keras' VGG and ResNet "
        "take them) or imagenet-torch (mean and spread)",
    )
