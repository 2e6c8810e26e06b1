import json
import logging

import keras
import numpy as np
import pytest

from cnn.errors import ModelError
from cnn.model import store
from cnn.model.architectures import Architecture, Convolution
from cnn.model.build import build

SHAPE = (8, 8, 1)
CARD = {
    "dataset": "digits",
    "class_names": ["0", "1", "2"],
    "input_shape": list(SHAPE),
    "architecture": "own",
    "parameters": 40,
    "test": {"correct": 3, "count": 4},
    "validation": {"correct": 1, "count": 2},
    "config": {"epochs": 5, "dataset": "digits"},
    "pixel_seed": None,
    "bytes": 1234,
    "seconds": 2.5,
    "created": 100,
}


@pytest.fixture(scope="module")
def model():
    return build(Architecture("own", (Convolution(4),)), SHAPE, 3)


@pytest.fixture(scope="module")
def model_bytes(model, tmp_path_factory):
    file = tmp_path_factory.mktemp("model") / "model.keras"
    model.save(file)
    return file.read_bytes()


@pytest.fixture
def pretrained(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "PRETRAINED", tmp_path / "pretrained")
    return tmp_path / "pretrained"


@pytest.fixture
def save(pretrained, cnn_home, model_bytes):
    """A function that saves a model as a run of a workspace, or without one as a pretrained model."""

    def save(id, workspace=None, content=model_bytes, **changes):
        folder = (cnn_home / "runs" if workspace else pretrained) / id
        folder.mkdir(parents=True)
        (folder / "model.keras").write_bytes(content)
        (folder / "card.json").write_text(json.dumps({**CARD, **changes}))
        if workspace:
            (folder / "config.json").write_text(json.dumps({"name": f"Run of {workspace}", "workspace": workspace}))
        return folder

    return save


def test_pretrained_models_come_first_then_those_of_the_workspace_newest_first(save):
    save("digits-b")
    save("cifar-a")
    save("old", "me", created=1)
    save("new", "me", created=3)
    save("other", "somebody", created=2)
    assert store.names("me") == ["cifar-a", "digits-b", "new", "old"]
    assert store.names("somebody") == ["cifar-a", "digits-b", "other"]
    assert store.names() == store.names("nobody") == ["cifar-a", "digits-b"]


def test_no_models_are_listed_in_an_empty_home(pretrained):
    assert store.cards("me") == []


def test_card_has_the_metadata_on_disk(save):
    folder = save("run_1", "me", pixel_seed=7, command="python -m cnn train")
    card = store.card("run_1")
    assert (card.title, card.workspace) == ("Run of me", "me")
    assert card.class_names == ("0", "1", "2")
    assert card.input_shape == SHAPE
    assert (card.test, card.validation, card.validation_accuracy) == ((3, 4), (1, 2), 0.5)
    assert (card.epochs, card.bytes, card.pixel_seed, card.command) == (5, 1234, 7, "python -m cnn train")
    assert card.file == folder / "model.keras"
    save("cifar-a")
    assert (store.card("cifar-a").title, store.card("cifar-a").workspace) == ("Own network on Handwritten digits", None)


def test_run_of_another_workspace_is_not_listed_but_can_be_opened_by_its_id(save, model):
    save("run_1", "somebody")
    assert store.names("me") == []
    assert store.card("run_1").workspace == "somebody"
    images = np.random.default_rng(0).integers(0, 256, (2, *SHAPE), dtype=np.uint8)
    np.testing.assert_array_equal(store.load("run_1")(images), model(images))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "null",
        "[]",
        '"card"',
        "[" * 100_000,
        "\udcff",
        {"class_names": None},
        {"input_shape": [8, 8]},
        {"input_shape": ["a", 8, 1]},
        {"test": {"correct": None, "count": 4}},
        {"test": 7},
        {"config": {}},
        {"created": 1e999},
        {"bytes": 1e999},
        {"pixel_seed": "seven"},
    ],
)
def test_damaged_card_is_logged_and_left_out_of_the_list(save, caplog, content):
    save("whole", "me")
    folder = save("damaged", "me", **(content if isinstance(content, dict) else {}))
    if isinstance(content, str):
        (folder / "card.json").write_bytes(content.encode(errors="surrogateescape"))
    with caplog.at_level(logging.WARNING):
        assert store.names("me") == ["whole"]
    assert str(folder) in caplog.text
    with pytest.raises(ModelError, match="card of the model “damaged” is damaged"):
        store.card("damaged")


@pytest.mark.parametrize("config", ["null", "[1]", "{}", '{"name": "x"}', "{", ""])
def test_run_with_an_unreadable_config_is_not_listed(save, config):
    folder = save("run_1", "me")
    (folder / "config.json").write_text(config)
    assert store.names("me") == []
    with pytest.raises(ModelError, match="is damaged"):
        store.card("run_1")


def test_card_without_a_model_file_is_not_listed(save):
    (save("run_1", "me") / "model.keras").unlink()
    assert store.names("me") == []


def test_accuracy_on_an_empty_validation_split_is_zero(save):
    save("run_1", "me", validation={"correct": 0, "count": 0})
    assert store.card("run_1").validation_accuracy == 0


@pytest.mark.parametrize(
    "id",
    ["", "..", ".", "../secret", "a/b", "a\\b", "/etc", "run_1\n", "run_1\0", "é", "x" * 65, "%2e%2e", "unknown"],
)
def test_invalid_or_unknown_id_is_refused_without_reading_other_files(save, cnn_home, id):
    save("run_1", "me")
    secret = cnn_home / "secret"
    secret.mkdir()
    (cnn_home / "runs" / "run_1" / "model.keras").rename(secret / "model.keras")
    (cnn_home / "runs" / "run_1" / "card.json").rename(secret / "card.json")
    for read in (store.card, store.load):
        with pytest.raises(ModelError, match="There is no model called"):
            read(id)


def lambda_model_file(tmp_path):
    inputs = keras.Input(SHAPE, dtype="uint8")
    x = keras.layers.Flatten()(keras.layers.Lambda(lambda x: x * 2, output_shape=SHAPE)(inputs))
    keras.Model(inputs, keras.layers.Dense(3)(x)).save(tmp_path / "lambda.keras")
    return (tmp_path / "lambda.keras").read_bytes()


@pytest.mark.parametrize("damage", ["empty", "text", "truncated", "lambda"])
def test_file_that_keras_cannot_load_safely_is_refused_in_one_line(save, model_bytes, tmp_path, damage):
    content = {
        "empty": lambda: b"",
        "text": lambda: b"import os",
        "truncated": lambda: model_bytes[: len(model_bytes) // 2],
        "lambda": lambda: lambda_model_file(tmp_path),
    }[damage]()
    save("run_1", "me", content)
    assert store.names("me") == ["run_1"]
    with pytest.raises(
        ModelError, match="The file of the model “Run of me” is damaged or not a Keras model"
    ) as refusal:
        store.load("run_1")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("changes", [{"input_shape": [32, 32, 3]}, {"class_names": ["a", "b"]}, {"class_names": []}])
def test_model_that_contradicts_its_card_is_refused(save, changes):
    save("run_1", "me", **changes)
    with pytest.raises(ModelError, match="does not fit its card"):
        store.load("run_1")


def test_model_of_two_classes_may_have_one_logit(save, tmp_path):
    build(Architecture("own", ()), SHAPE, 1).save(tmp_path / "one.keras")
    save("run_1", "me", (tmp_path / "one.keras").read_bytes(), class_names=["cat", "dog"])
    assert store.load("run_1").output_shape == (None, 1)


def test_loaded_model_is_not_compiled(save):
    save("run_1", "me")
    assert not store.load("run_1").compiled


def test_a_model_that_comes_with_the_app_is_called_by_its_network_and_data_set() -> None:
    assert {card.id: card.title for card in store.cards()} == {
        "cifar10-resnet": "Small ResNet on CIFAR-10",
        "cifar10-tutorial": "Simple CNN on CIFAR-10",
        "digits-tutorial": "Simple CNN on Handwritten digits",
        "shapes-tutorial": "Simple CNN on Drawn shapes",
    }
