"""Model files for the tests of export and import."""

import io
import json
import zipfile
from collections.abc import Callable

import keras

from cnn.home import home
from cnn.model import store
from cnn.model.exchange import package


def save_run_model(id: str, dataset: str, model, class_names: list[str], **card_fields: object) -> store.Card:
    """Save ``model`` as the model of a run in this ``CNN_HOME``."""
    folder = home() / "runs" / id
    folder.mkdir(parents=True)
    model.save(folder / "model.keras")
    score = {"correct": 8, "count": 10}
    card = {
        "dataset": dataset,
        "class_names": class_names,
        "input_shape": list(model.input_shape[1:]),
        "architecture": "tutorial",
        "parameters": model.count_params(),
        "test": score,
        "validation": score,
        "epochs": 1,
        "bytes": (folder / "model.keras").stat().st_size,
        "seconds": 1.0,
        "created": 1,
        "config": {},
        **card_fields,
    }
    (folder / "config.json").write_text(json.dumps({"name": "Mine", "workspace": "w" * 22}))
    (folder / "card.json").write_text(json.dumps(card))
    return store.card(id)


def save_cats_and_dogs_model(id: str = "cats") -> store.Card:
    """Save a transfer-learning model with one logit for two classes."""
    from cnn.model.pretrained_bases import base_model, with_head

    return save_run_model(
        id,
        "cats_vs_dogs",
        with_head(base_model("mobilenet_v2"), 2, seed=1),
        ["cat", "dog"],
        config={"base": "mobilenet_v2"},
    )


def exported_file(id: str = "digits-tutorial") -> bytes:
    """A file as the app exports it."""
    return package.keras_file_with_card(store.card(id))


def with_members(data: bytes, **members: bytes | None) -> bytes:
    """The zip with members replaced, added, or removed (None); ``__`` stands for a dot in a name."""
    changed = {name.replace("__", "."): content for name, content in members.items()}
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        contents = {name: old.read(name) for name in old.namelist()} | changed
        for name, content in contents.items():
            if content is not None:
                new.writestr(name, content)
    return file.getvalue()


def with_json(change: Callable[[dict], None], data: bytes | None = None, member: str = "config.json") -> bytes:
    """An exported file whose description, or another JSON member, is changed in place by ``change``."""
    data = data or exported_file()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        config = json.loads(archive.read(member))
    change(config)
    return with_members(data, **{member.replace(".", "__"): json.dumps(config).encode()})


def with_card(change: Callable[[dict], None]) -> bytes:
    """An exported file whose card is changed in place by ``change``."""
    return with_json(change, member=package.CARD)


def file_of(model: keras.Model) -> bytes:
    """A file as Keras alone writes it, without a card."""
    path = home() / "temporary.keras"
    model.save(path)
    data = path.read_bytes()
    path.unlink()
    return data
