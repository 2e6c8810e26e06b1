"""The same without a browser: ``python -m cnn train | predict | evaluate | datasets``.

Exit codes: 0 all went well; 1 some photos could not be read; 2 a setting, model or data set is not possible; 130
stopped with Ctrl-C.
"""

import argparse
import io
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cnn.errors import CnnError
from cnn.progress import ShouldStop, Stopped

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

EVALUATION_BATCH = 500
CLEAR_LINE = "\r\033[K"
Event = dict[str, Any]


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    options = _parser().parse_args(arguments)
    commands = {"train": _train, "predict": _predict, "evaluate": _evaluate, "datasets": _datasets}
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # the name of a photo may be bytes that are no text
    try:
        return commands[options.command](options)
    except (KeyboardInterrupt, Stopped):
        if sys.stdout.isatty():
            print()  # leaves the line that renews itself
        return 130
    except CnnError as error:
        sentence = str(error)
    except OSError as error:
        sentence = f"A file cannot be read or written: {error}. Check its path, your rights and the room on the disk."
    print(json.dumps({"error": sentence}) if options.json else sentence, file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m cnn", description="Convnet Lab without a browser.")
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train a network and save it with its card")
    train.add_argument("--dataset", default="digits", help="a name that `datasets` lists")
    train.add_argument("--architecture", default="tutorial", help="tutorial, tutorial-bn, dense or resnet-small")
    train.add_argument("--epochs", type=int)
    train.add_argument("--batch-size", type=int)
    train.add_argument("--learning-rate", type=float)
    train.add_argument("--schedule", help="constant, cosine or one-cycle")
    train.add_argument("--augmentation", help="none, light, cutout, strong or turned")
    train.add_argument("--training-images", type=int)
    train.add_argument("--seed", type=int)
    train.add_argument("--output", type=Path, help="a folder for the model (default: DATASET-ARCHITECTURE)")
    predict = commands.add_parser("predict", help="name what is on photos")
    predict.add_argument(
        "--model", default="cifar10-resnet", help="a pretrained model, a run's id, or a model's folder"
    )
    predict.add_argument("photos", nargs="+", type=Path, metavar="PHOTO")
    evaluate = commands.add_parser("evaluate", help="measure a model on its data set's test images")
    evaluate.add_argument(
        "--model", default="cifar10-resnet", help="a pretrained model, a run's id, or a model's folder"
    )
    datasets = commands.add_parser("datasets", help="list the data sets, or prepare one")
    datasets.add_argument("--prepare", metavar="NAME", help="fetch it if need be and lay it out")
    for command in (train, predict, evaluate, datasets):
        command.add_argument("--json", action="store_true", help="print JSON lines")
    return parser


def _train(options: argparse.Namespace) -> int:
    from cnn.training.config import recipe

    names = ["epochs", "batch_size", "learning_rate", "schedule", "augmentation", "training_images", "seed"]
    changes = {name: value for name in names if (value := getattr(options, name)) is not None}
    config = recipe(options.dataset, options.architecture, **changes)
    folder = options.output or Path(f"{options.dataset}-{options.architecture}")
    report, should_stop = _reporter(options.json), _interrupted()
    _prepare(config.dataset, report, should_stop)
    from cnn.training.fit import fit

    folder.mkdir(parents=True, exist_ok=True)
    # What a killed run with other settings left there would be gone on with.
    (folder / "backup.npz").unlink(missing_ok=True)
    with (folder / "events.jsonl").open("w") as log:

        def both(event: Event) -> None:
            log.write(json.dumps(event) + "\n")
            report(event)

        card = fit(config, folder, both, should_stop)
    if not options.json:
        test = card["test"]
        print(f"Saved in {folder}: {100 * test['correct'] / test['count']:.1f} % of the test images right.")
    return 0


def _predict(options: argparse.Namespace) -> int:
    from cnn.data.image_decoding import decode
    from cnn.model import store
    from cnn.model.predict import answer_photo, predictor, top_classes

    card = _card(options.model)
    predict = predictor(store.load_file(card), card.pixel_seed)
    failed = 0
    for path in options.photos:
        try:
            answer = answer_photo(predict, card, decode(path.read_bytes(), path.name))
        except (CnnError, OSError) as error:
            failed += 1
            sentence = str(error) if isinstance(error, CnnError) else f"{path} cannot be read: {error.strerror}."
            print(json.dumps({"file": str(path), "error": sentence}) if options.json else sentence)
            continue
        best: list[dict[str, Any]] = [
            {"class": name, "probability": round(share, 6)} for name, share in top_classes(card, answer.probabilities)
        ]
        if options.json:
            print(json.dumps({"file": str(path), **best[0], "top": best}))
        else:
            print(f"{path}: " + ", ".join(f"{entry['class']} {100 * entry['probability']:.0f} %" for entry in best))
    return 1 if failed else 0


def _evaluate(options: argparse.Namespace) -> int:
    import numpy as np

    from cnn.analysis.evaluation.intervals import in_words
    from cnn.data import catalog
    from cnn.data.images import fit_to
    from cnn.model import store
    from cnn.model.predict import predictor

    card = _card(options.model)
    should_stop = _interrupted()
    _prepare(card.dataset, _reporter(options.json), should_stop)
    test = catalog.load(card.dataset, "test")
    predict = predictor(store.load_file(card), card.pixel_seed)
    correct = 0
    for start in range(0, len(test), EVALUATION_BATCH):
        if should_stop():
            return 130
        positions = range(start, min(start + EVALUATION_BATCH, len(test)))
        images = np.stack([fit_to(test.image(position), card.input_shape) for position in positions])
        correct += int((predict(images).argmax(axis=1) == test.labels[positions.start : positions.stop]).sum())
    if options.json:
        print(json.dumps({"model": card.id, "correct": correct, "count": len(test), "accuracy": correct / len(test)}))
    else:
        print(f"{card.id}: {in_words(correct, len(test))}, {len(test):,} test images")
    return 0


def _prepare(dataset: str, report: Callable[[Event], None], should_stop: ShouldStop) -> None:
    from cnn.data import catalog

    try:
        catalog.prepare(dataset, report, should_stop)
    finally:
        if sys.stdout.isatty():
            print(CLEAR_LINE, end="", flush=True)


def _card(model: str) -> Any:
    from cnn.model import store

    folder = Path(model)
    return store.card_in(folder) if (folder / "card.json").is_file() else store.card(model)


def _datasets(options: argparse.Namespace) -> int:
    from cnn.data import catalog

    if options.prepare:
        _prepare(options.prepare, _reporter(options.json), _interrupted())
    for name in catalog.names():
        known, prepared = catalog.info(name), catalog.is_prepared(name)
        if options.json:
            entry = {"name": name, "title": known.title, "train": known.train, "test": known.test, "prepared": prepared}
            print(json.dumps(entry))
        else:
            state = "prepared" if prepared else "built in" if known.builtin else "to be downloaded or found"
            print(f"{name:18} {state:26} {known.about}")
    return 0


def _interrupted() -> Callable[[], bool]:
    """Whether Ctrl-C was pressed; a second one ends the process at once."""
    pressed: list[int] = []

    def press(number: int, frame: Any) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        pressed.append(number)

    signal.signal(signal.SIGINT, press)
    return lambda: bool(pressed)


def _reporter(as_json: bool) -> Callable[[Event], None]:
    """Prints events as JSON lines, or as one line that renews itself on a terminal."""
    renew = sys.stdout.isatty()

    def report(event: Event) -> None:
        if as_json:
            print(json.dumps(event), flush=True)
        elif event["type"] == "batch" and renew:
            print(
                f"\r  epoch {event['epoch']:.2f}  loss {event['loss'] or float('nan'):.3f}  "
                f"{event['images_per_second']:.0f} images/s  {event['seconds_left']:.0f} s left   ",
                end="",
                flush=True,
            )
        elif event["type"] == "epoch":
            clear = CLEAR_LINE if renew else ""
            print(
                f"{clear}epoch {event['epoch']}: loss {event['loss'] or float('nan'):.3f}, accuracy "
                f"{100 * event['accuracy']:.1f} %, held out {100 * event['val_accuracy']:.1f} %, "
                f"{event['seconds']:.1f} s",
                flush=True,
            )
        elif event["type"] == "progress" and renew:
            total = f" of {event['total']:,}" if event.get("total") else ""
            print(f"\r{event['what']}: {event['done']:,}{total} {event['unit']}   ", end="", flush=True)

    return report


if __name__ == "__main__":
    sys.exit(main())
