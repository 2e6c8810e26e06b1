import json

import numpy as np
import pytest
import tensorflow_datasets as tfds

import cnn.pretrained.__main__ as pretrained
from cnn.data import catalog
from cnn.model import store
from cnn.model.predict import predictor
from cnn.training.config import TrainConfig, recipe
from cnn.training.epoch_weights import kept_epochs, weights_file
from cnn.training.run_summary import summarise_run

NAMES = list(pretrained.recipes())
MIN_ACCURACY = {"digits-tutorial": 0.97, "shapes-tutorial": 0.97, "cifar10-resnet": 0.88}


@pytest.mark.parametrize("name", NAMES)
def test_each_model_agrees_with_its_recipe(name):
    card, config = store.card(name), pretrained.recipes()[name]
    assert TrainConfig.from_dict(card.config) == config
    assert card.command == f"python -m cnn.pretrained {name}"
    assert card.epochs == config.epochs
    assert card.bytes == card.file.stat().st_size < 4_000_000
    assert card.test[0] / card.test[1] >= MIN_ACCURACY.get(name, 0)
    assert store.load(name).count_params() == card.parameters


@pytest.mark.parametrize("name", pretrained.EPOCHS)
def test_the_epochs_of_a_model_are_kept(name):
    card, epochs = store.card(name), list(pretrained.EPOCHS[name])
    assert kept_epochs(card.folder) == epochs
    assert (epochs[0], epochs[-1]) == (0, card.epochs)
    model = store.load_file(card)
    final = [np.array(weight) for weight in model.get_weights()]
    for epoch in epochs:
        model.load_weights(weights_file(card.folder, epoch))
        same = all(np.array_equal(a, b) for a, b in zip(model.get_weights(), final, strict=True))
        assert same == (epoch == card.epochs)


def test_there_is_no_model_without_a_recipe():
    assert store.names() == sorted(NAMES)


def test_the_stored_predictions_for_digits_are_the_models(digits):
    test = catalog.load("digits", "test")
    assert_stored_predictions("digits-tutorial", test.take(np.arange(len(test))), test.labels)


@pytest.mark.parametrize("name", ["cifar10-tutorial", "cifar10-resnet"])
def test_the_stored_predictions_for_photos_are_the_models(name, cifar10_test_split):
    assert_stored_predictions(name, *cifar10_test_split)


@pytest.fixture(scope="module")
def cifar10_test_split(prepared_data):
    """The first 500 images, uint8 (500, 32, 32, 3), and all 10,000 labels, as TFDS reads them."""
    split = tfds.load("cifar10", split="test", data_dir=prepared_data / "tfds")
    images = np.stack([example["image"] for example in tfds.as_numpy(split.take(500))])
    without_images = {"image": tfds.decode.SkipDecoding()}
    labels = tfds.load("cifar10", split="test", data_dir=prepared_data / "tfds", decoders=without_images)
    return images, np.array([example["label"] for example in tfds.as_numpy(labels)])


def assert_stored_predictions(name, images, labels):
    card = store.card(name)
    stored = np.load(card.folder / "test_probabilities.npy")
    correct, count = card.test
    # They are stored as float16, in which two classes can tie.
    assert int((stored.argmax(axis=1) == labels).sum()) == pytest.approx(correct, abs=3)
    assert len(labels) == count
    np.testing.assert_allclose(predictor(store.load(name))(images), stored[: len(images)], atol=2e-3)


def test_the_run_to_replay_is_complete():
    folder = pretrained.HERE / "digits-tutorial"
    summary = summarise_run(json.loads(line) for line in (folder / "events.jsonl").open())
    epochs = list(range(1, store.card("digits-tutorial").epochs + 1))
    assert [epoch["epoch"] for epoch in summary.epochs] == epochs
    assert kept_epochs(folder) == list(summary.watched) == [0, *epochs]
    with np.load(folder / "watched.npz") as watched:
        assert watched["images"].shape == (12, 32, 32, 1)
    assert summary.test is not None
    assert summary.test["correct"] == store.card("digits-tutorial").test[0]


class Killed(BaseException):
    """Stands for the end of the process; nothing in the app catches it."""


def test_training_resumes_where_it_was_killed(digits, tmp_path, monkeypatch):
    monkeypatch.setattr(pretrained, "HERE", tmp_path)
    config = recipe("digits", "tutorial", epochs=2, training_images=64)
    starts, fit = [], pretrained.fit

    def killed_after_one(config, run, report, should_stop):
        def watch(event):
            report(event)
            if event["type"] == "start":
                starts.append(event["first_epoch"])
            if event["type"] == "batch" and event["epoch"] > 1 and len(starts) == 1:
                raise Killed

        return fit(config, run, watch, should_stop)

    monkeypatch.setattr(pretrained, "fit", killed_after_one)
    with pytest.raises(Killed):
        pretrained.train("digits-tutorial", config)
    assert list(tmp_path.iterdir()) == []
    pretrained.train("digits-tutorial", config)
    assert starts == [0, 1]
    card = json.loads((tmp_path / "digits-tutorial" / "card.json").read_text())
    assert card["command"] == "python -m cnn.pretrained digits-tutorial"
    assert kept_epochs(tmp_path / "digits-tutorial") == [0, 1, 2]
    assert not (digits / "pretrained" / "digits-tutorial").exists()


def test_an_unknown_name_is_refused_with_the_known_ones(capsys):
    assert pretrained.main(["vgg"]) == 2
    assert "Choose of: digits-tutorial" in capsys.readouterr().err
