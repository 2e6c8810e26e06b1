"""The code that loads a data set, trains on it or evaluates on it, checked against the app's own arrays."""

import io
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from cnn.data import catalog
from cnn.data.image_decoding import decode
from cnn.data.images import fit_to
from cnn.data.own import importer, own_datasets
from cnn.keras_code import evaluation, shifts, snippets, training, transfer
from cnn.model import store
from cnn.model.architectures import Architecture, Convolution, Flatten, Pooling
from cnn.model.final_exam import ScoredSplit
from cnn.model.predict import predictor
from cnn.model.pretrained_bases import BASES, base_model, pooling, with_head
from cnn.pretrained import comparison_results
from cnn.training.config import TrainConfig
from cnn.training.few_shot_head import fit_head
from cnn.training.transfer_config import TRANSFER_RECIPES, TransferConfig
from pages.lessons.teach_your_own.session import MAX_SIDE, shrink_photo
from tests.keras_code.code_strings import CodeString, close, new_folder
from tests.keras_code.photo_files import ORDINARY, write_photo

ROOT = Path(__file__).parents[2]
CLASSES = ("bowl", "Cup")
TINY = Architecture("own", (Pooling(size=8), Convolution(4, batch_norm=True), Flatten()))
SETTINGS = (
    {},
    {"augmentation": "tutorial", "optimizer": "adamw", "schedule": "one-cycle", "weight_decay": 0.01},
    {"augmentation": "strong", "optimizer": "sgd", "schedule": "cosine", "early_stopping": 1},
    {"shuffled_labels": True, "shuffled_pixels": True, "mixed_precision": True, "training_images": 10},
    {"augmentation": "light", "optimizer": "rmsprop", "architecture": "tutorial"},
    {"augmentation": "rand-augment", "label_smoothing": 0.1, "mix_up": 0.4, "class_weights": True},
    {"cut_mix": 0.5, "class_weights": True, "early_stopping": 1},
)


def own_folder(parent: Path, name: str, of_each_kind: int = 2) -> list[tuple[Path, int]]:
    """Write ``name/<class>/<photo>`` in ``parent``; gives each photo and its class, in the order of the app."""
    files = []
    for label, class_name in enumerate(CLASSES):
        folder = parent / name / class_name
        folder.mkdir(parents=True)
        for kind in ORDINARY:
            for number in range(of_each_kind):
                photo = write_photo(folder, kind, seed=10 * label + number)
                files.append((photo.rename(folder / f"{number}-{kind}"), label))
    return sorted(files, key=lambda pair: (pair[1], pair[0]))


def import_own(files: list[tuple[Path, int]], folder: Path) -> str:
    """Bring the photos into the app, as its page does; gives the data set's name."""
    upload = [(f"{file.parent.name}/{file.name}", io.BytesIO(file.read_bytes())) for file, _ in files]
    name = own_datasets.store_upload(upload, "me")
    settings = {"dataset": name, "title": "Mine", "workspace": "me", "created": 1.0}
    importer.run_job(folder, settings, lambda event: None, lambda: False)
    return name


def app_images(name: str, shape: tuple[int, int, int]) -> set[bytes]:
    """The pixels of every image of a data set, as networks get them."""
    splits = [catalog.load(name, part) for part in ("train", "validation", "test")]
    return {image.tobytes() for split in splits for image in split.fitted(range(len(split)), shape)}


def with_own_images(root: Path) -> Iterator[CodeString]:
    """What Images, Training, Transfer learning and Evaluation show for a visitor's own data set."""
    first = new_folder(root)
    files = own_folder(first, "my_images")
    name = import_own(files, first)
    expected = app_images(name, (64, 64, 3))

    def same_images(kept: dict[str, np.ndarray], output: str) -> None:
        assert {image.tobytes() for image in kept["x"]} == expected
        assert output == "(64, 64, 3) bowl\n" * 3

    loading = training.loading_code(catalog.info(name))
    yield CodeString(training.loading_code, loading, first, ("x",), same_images)
    for settings in SETTINGS:
        config = TrainConfig(name, **{"architecture": TINY, "epochs": 1, "batch_size": 4, **settings})
        yield _training(new_folder(root), config, expected, files=True)
    for augmentation, layers, recipe in (("none", 0, "app"), ("tutorial", 5, "app"), ("none", 5, "tutorial")):
        yield _own_transfer(new_folder(root), name, augmentation, layers, recipe)
    for split in evaluation.FOLDERS:
        yield _own_evaluation(new_folder(root), name, split)


def _training(folder: Path, config: TrainConfig, expected: set[bytes], *, files: bool) -> CodeString:
    if files:
        own_folder(folder, "my_images")

    def same_training(kept: dict[str, np.ndarray], output: str) -> None:
        arrays = [kept[name] for name in ("x_train", "x_val", "x_test")]
        assert all(array.dtype == np.uint8 for array in arrays)
        if not config.shuffled_pixels:
            assert {image.tobytes() for array in arrays for image in array} <= expected
        if config.training_images is None and not config.shuffled_pixels:
            assert len({image.tobytes() for array in arrays for image in array}) == len(expected)
        assert "accuracy: " in output
        saved = keras.saving.load_model(folder / "my_network.keras")
        assert saved.input_shape[1:] == config.input_shape

    keep = ("x_train", "x_val", "x_test")
    return CodeString(training.training_code, training.training_code(config), folder, keep, same_training)


def _own_transfer(folder: Path, name: str, augmentation: str, layers: int, recipe: str) -> CodeString:
    from cnn.data.augmentation.settings import PRESETS

    own_folder(folder, "my_images")
    (folder / "cnn").symlink_to(ROOT / "cnn")
    config = TransferConfig(
        name,
        "built-in",
        batch_size=4,
        tuned_layers=layers,
        tuning_epochs=1,
        augmentation=PRESETS[augmentation],
        **{"head_epochs": 2, **TRANSFER_RECIPES[recipe]},
    )

    def same_features(kept: dict[str, np.ndarray], output: str) -> None:
        base = base_model("built-in")
        volumes = base([kept["x_train"]], training=False)
        close(kept["f_train"], np.asarray(pooling(base)(volumes)))
        assert {image.tobytes() for image in kept["x_train"]} <= app_images(name, (32, 32, 3))
        saved = keras.saving.load_model(folder / "my_network.keras")
        assert saved.output_shape == (None, 1)
        kind = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop}[config.optimizer]
        assert type(saved.optimizer) is kind
        rate = config.tuning_rate if layers else config.learning_rate
        assert float(saved.optimizer.learning_rate) == pytest.approx(rate)
        assert f"Epoch {config.head_epochs}/{config.head_epochs}" in output

    code = transfer.transfer_code(config)
    return CodeString(transfer.transfer_code, code, folder, ("x_train", "f_train"), same_features)


def _own_evaluation(folder: Path, name: str, split: ScoredSplit) -> CodeString:
    files = own_folder(folder, evaluation.FOLDERS[split])
    network = with_head(base_model("built-in"), 2, seed=1)
    network.save(folder / "model.keras")
    images = np.stack([fit_to(decode(file.read_bytes(), file.name), (32, 32, 3)) for file, _ in files])
    labels = np.array([label for _, label in files])
    expected = confusion_matrix(labels, predictor(network)(images).argmax(axis=1), labels=[0, 1])

    def same_table(kept: dict[str, np.ndarray], output: str) -> None:
        np.testing.assert_array_equal(kept["x"], images)
        np.testing.assert_array_equal(kept["table"], expected)

    code = evaluation.evaluation_code(name, (32, 32, 3), split, one_logit=True)
    return CodeString(evaluation.evaluation_code, code, folder, ("x", "table"), same_table)


def with_a_few_photos(root: Path, bases: list[str]) -> Iterator[CodeString]:
    """What Teach your own shows, with few photos and with enough of them to hold some out."""
    for base in bases:
        for of_each_kind in (1, 2):
            yield _few_shot(new_folder(root), base, of_each_kind)


def _few_shot(folder: Path, base: str, of_each_kind: int) -> CodeString:
    files = own_folder(folder, "my_photos", of_each_kind)
    shutil.copy(write_photo(folder, "turned.jpg", seed=99), folder / "photo.jpg")
    (folder / "cnn").symlink_to(ROOT / "cnn")
    pictures = [*(file for file, _ in files), folder / "photo.jpg"]
    shape = BASES[base].input_shape
    fitted = np.stack([fit_to(shrink_photo(decode(file.read_bytes(), file.name)), shape) for file in pictures])

    def same_head(kept: dict[str, np.ndarray], output: str) -> None:
        network = base_model(base)
        features = np.asarray(pooling(network)(network([fitted], training=False)))
        head = fit_head(features[:-1], np.array([label for _, label in files]), CLASSES)
        assert head.held_out.any() == (of_each_kind == 2)
        np.testing.assert_array_equal(kept["fitted"], ~head.held_out)
        np.testing.assert_allclose(kept["features"], features[:-1], rtol=0, atol=2e-5 * np.abs(features).max())
        np.testing.assert_allclose(kept["probabilities"][0], head.predict(features[-1:])[0], atol=1e-5)

    code = snippets.few_shot_code(BASES[base], MAX_SIDE)
    keep = ("features", "fitted", "probabilities")
    return CodeString(snippets.few_shot_code, code, folder, keep, same_head, project=True)


def with_public_sets(root: Path, names: list[str]) -> Iterator[CodeString]:
    """What Images, Training, Transfer learning, Evaluation and Dense or convolutional? show for public data sets."""
    for name in names:
        dataset_info = catalog.info(name)

        def three_lines(kept: dict[str, np.ndarray], output: str) -> None:
            assert len(output.splitlines()) == 3

        code = training.loading_code(dataset_info)
        yield CodeString(training.loading_code, code, new_folder(root), (), three_lines, project=True)
    if "digits" in names:
        config = TrainConfig("digits", TINY, epochs=1, augmentation="turned")
        yield replace(_training(new_folder(root), config, app_images("digits", (32, 32, 1)), files=False), project=True)
        yield _evaluation(new_folder(root), "digits", "digits-tutorial")
        for split in evaluation.FOLDERS:
            yield _evaluation_on_a_base(new_folder(root), "digits", split)
    if "shapes-left-right" in names:
        config = replace(comparison_results.config("shapes-left-right", "tutorial-global"), epochs=1)
        images = app_images("shapes-left-right", (32, 32, 3))
        yield replace(_training(new_folder(root), config, images, files=False), project=True)
    if "cifar10" in names:
        yield _evaluation(new_folder(root), "cifar10", "cifar10-tutorial")
        yield _shifts(new_folder(root))
    if "cats_vs_dogs" in names:
        for split in evaluation.FOLDERS:
            yield _evaluation_on_a_base(new_folder(root), "cats_vs_dogs", split)


def _evaluation(folder: Path, dataset: str, model: str) -> CodeString:
    card = store.card(model)
    shutil.copy(card.file, folder / "model.keras")

    def same_table(kept: dict[str, np.ndarray], output: str) -> None:
        test = catalog.load(dataset, "test")
        probabilities = np.load(card.folder / "test_probabilities.npy")
        second, first = np.sort(probabilities, axis=1)[:, -2:].T
        expected = confusion_matrix(test.labels, probabilities.argmax(axis=1))
        # They were kept in half precision, in which two classes can be equal: such an image may be in either's cell.
        assert np.abs(kept["table"] - expected).sum() <= 2 * np.sum(first - second < 1e-4)
        assert kept["table"].sum() == len(test)

    code = evaluation.evaluation_code(dataset, card.input_shape, "test", one_logit=False)
    return CodeString(evaluation.evaluation_code, code, folder, ("table",), same_table, project=True)


def _evaluation_on_a_base(folder: Path, dataset: str, split: ScoredSplit) -> CodeString:
    classes = len(catalog.info(dataset).class_names)
    network = with_head(base_model("built-in"), classes, seed=1)
    network.save(folder / "model.keras")

    def same_table(kept: dict[str, np.ndarray], output: str) -> None:
        scored = catalog.load(dataset, split)
        images = scored.fitted(range(len(scored)), (32, 32, 3))
        np.testing.assert_array_equal(kept["x"], images)
        predict = predictor(network)
        answers = np.concatenate([predict(images[start : start + 100]) for start in range(0, len(images), 100)])
        expected = confusion_matrix(scored.labels, answers.argmax(axis=1), labels=range(classes))
        np.testing.assert_array_equal(kept["table"], expected)

    code = evaluation.evaluation_code(dataset, (32, 32, 3), split, one_logit=classes == 2)
    return CodeString(evaluation.evaluation_code, code, folder, ("x", "table"), same_table, project=True)


def _shifts(folder: Path) -> CodeString:
    card = store.card("cifar10-tutorial")
    shutil.copy(card.file, folder / "my_network.keras")

    def same_accuracy(kept: dict[str, np.ndarray], output: str) -> None:
        correct, count = card.test
        assert f"as they are: {100 * correct / count:.1f} % right" in output
        assert len(output.splitlines()) == 4

    code = shifts.shifts_code(4, comparison_results.SEED)
    return CodeString(shifts.shifts_code, code, folder, (), same_accuracy, project=True)
