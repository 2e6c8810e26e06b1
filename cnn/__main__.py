"""The command line: ``python -m cnn train | predict | evaluate | datasets | images | import-model``.

Exit codes: 0 success; 1 some photos could not be read; 2 invalid setting, model or data set; 130 stopped by Ctrl-C.
"""

import argparse
import io
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnn.command_options import command_parser
from cnn.console import CLEAR_LINE, catch_interrupt, event_printer
from cnn.errors import CnnError, ConfigError, ModelError
from cnn.processor import check_processor
from cnn.progress import Event, Report, ShouldStop, Stopped

if TYPE_CHECKING:
    from cnn.model.store import Card
    from cnn.training.config import TrainConfig
    from cnn.training.transfer_config import TransferConfig

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

EVALUATION_BATCH = 500


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = command_parser().parse_args(arguments)
    commands = {
        "train": _train,
        "predict": _predict,
        "evaluate": _evaluate,
        "datasets": _datasets,
        "images": _images,
        "import-model": _import_model,
        "status": _status,
    }
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # file names need not be valid UTF-8
    try:
        check_processor()
        return commands[options.command](options)
    except (KeyboardInterrupt, Stopped):
        if sys.stdout.isatty():
            print()  # ends the progress line
        return 130
    except CnnError as error:
        sentence = str(error)
    except OSError as error:
        sentence = f"A file cannot be read or written: {error}. Check its path, your rights and the room on the disk."
    print(json.dumps({"error": sentence}) if options.json else sentence, file=sys.stderr)
    return 2


def _train(options: argparse.Namespace) -> int:
    config = _training_config(options)
    folder = options.output or Path(f"{options.dataset}-{options.base or options.architecture or 'tutorial'}")
    earlier = [folder / name for name in ("card.json", "model.keras") if (folder / name).exists()]
    if earlier and not options.force:
        raise ModelError(f"There is a model in {folder} already. Give another --output, or --force to write over it.")
    report, should_stop = event_printer(options.json), catch_interrupt()
    _prepare(config.dataset, report, should_stop)
    from cnn.training.fit import fit
    from cnn.training.transfer_config import TransferConfig
    from cnn.training.transfer_fit import fit_transfer

    folder.mkdir(parents=True, exist_ok=True)
    # Otherwise training would resume from the backup of a killed run, whatever its settings.
    for path in (*earlier, folder / "backup.npz"):
        path.unlink(missing_ok=True)
    with (folder / "events.jsonl").open("w") as log:

        def log_and_report(event: Event) -> None:
            log.write(json.dumps(event) + "\n")
            report(event)

        try:
            if isinstance(config, TransferConfig):
                card = fit_transfer(config, folder, log_and_report, should_stop)
            else:
                card = fit(config, folder, log_and_report, should_stop)
        finally:
            if (folder / "card.json").exists():  # a run that was stopped has saved what its epochs have learned
                _add_card(folder)
    if not options.json:
        held_out = card["validation"]
        print(
            f"Saved in {folder}: {100 * held_out['correct'] / held_out['count']:.1f} % of the validation images right."
        )
        print(f"Its final exam is sealed. When you have stopped changing it: python -m cnn evaluate --model {folder}")
    return 0


def _training_config(options: argparse.Namespace) -> "TrainConfig | TransferConfig":
    """What the options of ``train`` ask for.

    Raises:
        ConfigError: they contradict each other, or a value is impossible.
    """
    from cnn.training.config import recipe
    from cnn.training.transfer_config import transfer_config

    from_scratch = ["schedule", "training_images", "weight_decay", "label_smoothing", "mix_up", "cut_mix"]
    names = ["epochs", "batch_size", "optimizer", "learning_rate", "augmentation", "seed", *from_scratch]
    changes = {name: value for name in names if (value := getattr(options, name)) is not None}
    if options.base is None:
        if options.unfreeze is not None:
            raise ConfigError("--unfreeze is for a pretrained base, and none is given; give one with --base.")
        return recipe(options.dataset, options.architecture or "tutorial", **changes)
    for name in ("architecture", *from_scratch):
        if getattr(options, name) is not None:
            option = f"--{name.replace('_', '-')}"
            raise ConfigError(f"{option} is for training from scratch, and --base was given; leave out one of the two.")
    return transfer_config(options.dataset, options.base, options.unfreeze or 0, **changes)


def _add_card(folder: Path) -> None:
    """Make ``model.keras`` the file that the app gives away: with its card, and for older versions of Keras, too."""
    from cnn.files import write_whole
    from cnn.model import store
    from cnn.model.exchange.package import keras_file_with_card

    data = keras_file_with_card(store.card_in(folder))
    write_whole(folder / "model.keras", lambda path: path.write_bytes(data))


def _predict(options: argparse.Namespace) -> int:
    from cnn.data.image_decoding import decode
    from cnn.model import store
    from cnn.model.predict import answer_photo, predictor, top_classes

    card = _find_card(options.model)
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
        top: list[dict[str, Any]] = [
            {"class": name, "probability": round(probability, 6)}
            for name, probability in top_classes(card, answer.probabilities)
        ]
        if options.json:
            print(json.dumps({"file": str(path), **top[0], "top": top}))
        else:
            print(f"{path}: " + ", ".join(f"{entry['class']} {100 * entry['probability']:.0f} %" for entry in top))
    return 1 if failed else 0


def _evaluate(options: argparse.Namespace) -> int:
    import numpy as np

    from cnn.analysis.evaluation.intervals import in_words
    from cnn.data import catalog
    from cnn.data.images import fit_to
    from cnn.model import store
    from cnn.model.final_exam import look_at_final_exam
    from cnn.model.predict import predictor

    card = _find_card(options.model)
    should_stop = catch_interrupt()
    _prepare(card.dataset, event_printer(options.json), should_stop)
    test = catalog.load(card.dataset, "test")
    predict = predictor(store.load_file(card), card.pixel_seed)
    correct = 0
    for start in range(0, len(test), EVALUATION_BATCH):
        if should_stop():
            return 130
        positions = range(start, min(start + EVALUATION_BATCH, len(test)))
        images = np.stack([fit_to(test.image(position), card.input_shape) for position in positions])
        correct += int((predict(images).argmax(axis=1) == test.labels[positions.start : positions.stop]).sum())
    if card.exam_sealed:
        look_at_final_exam(card)
    if options.json:
        print(json.dumps({"model": card.id, "correct": correct, "count": len(test), "accuracy": correct / len(test)}))
    else:
        print(f"{card.id}: {in_words(correct, len(test))}, {len(test):,} test images")
    return 0


def _prepare(dataset: str, report: Report, should_stop: ShouldStop) -> None:
    from cnn.data import catalog

    try:
        catalog.prepare(dataset, report, should_stop)
    finally:
        if sys.stdout.isatty():
            print(CLEAR_LINE, end="", flush=True)


def _find_card(model: str) -> "Card":
    """The card of a model given by its name, its run's id or its folder."""
    from cnn.model import store

    folder = Path(model)
    return store.card_in(folder) if (folder / "card.json").is_file() else store.card(model)


def _datasets(options: argparse.Namespace) -> int:
    from cnn.data import catalog

    if options.prepare:
        _prepare(options.prepare, event_printer(options.json), catch_interrupt())
    for name in catalog.names():
        info, prepared = catalog.info(name), catalog.is_prepared(name)
        if options.json:
            entry = {"name": name, "title": info.title, "train": info.train, "test": info.test, "prepared": prepared}
            print(json.dumps(entry))
        else:
            state = "prepared" if prepared else "built in" if info.builtin else "to be downloaded or found"
            print(f"{name:18} {state:26} {info.about}")
    return 0


def _images(options: argparse.Namespace) -> int:
    from cnn.data.own.image_reader import ReadingChoices
    from cnn.data.own.listing_lines import listing_lines

    refused = False
    for line in listing_lines(options.path, ReadingChoices(options.encoding, options.layout, options.join_case)):
        refused |= not line.keys().isdisjoint({"reason", "problem"})
        if options.json:
            print(json.dumps(line, ensure_ascii=False))
        elif "class" in line:
            print(f"{line['class']}: {line['count']:,} images")
        elif "possible" in line:
            kind, value = next(iter(line.items()))
            others = [other for other in line["possible"] if other != value]
            print(f"{kind}: {value}" + (f" (also possible: {', '.join(others)})" if others else ""))
        else:
            print(list(line.values())[-1])
    return 1 if refused else 0


def _import_model(options: argparse.Namespace) -> int:
    from cnn.requests.direct_import import import_directly

    report = event_printer(False)  # one line of JSON alone is easier to read for a program
    try:
        result = import_directly(options.file, options.classes.split(","), options.pixels, report, catch_interrupt())
    finally:
        if sys.stdout.isatty():
            print(CLEAR_LINE, end="", flush=True)
    if options.json:
        print(json.dumps(result))
        return 0
    size, held_out = " x ".join(map(str, result["input_shape"])), result["validation"]
    print(f"{options.file}: {len(result['layers'])} layers, {result['parameters']:,} parameters, input {size}")
    print(f"classes: {', '.join(result['class_names'])}; pixels: {result['pixels']}; ends in {result['ending']}")
    if result["left_out"]:
        print(f"left out, because they only act in training: {', '.join(result['left_out'])}")
    if held_out["count"]:
        print(f"{100 * held_out['correct'] / held_out['count']:.1f} % of {held_out['count']} validation images right")
    print(f"id: {result['id']}")
    print(f"In the app, open /models?model={result['id']} and press “Take it into my list”.")
    return 0


def _status(options: argparse.Namespace) -> int:
    from cnn.status_table import status, status_lines

    held = status()
    print(json.dumps(held) if options.json else "\n".join(status_lines(held)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
