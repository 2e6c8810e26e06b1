"""The generated transfer-learning script runs and does what a run of the app does."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight
from tensorflow_datasets.core import constants

from cnn.data.augmentation.settings import PRESETS
from cnn.keras_code.transfer import transfer_code
from cnn.model.fine_tuning import unfreeze
from cnn.model.pretrained_bases import base_model, with_head
from cnn.training.transfer_config import TRANSFER_RECIPES, TransferConfig

ROOT = Path(__file__).parents[2]
CONFIG = TransferConfig(
    "digits",
    "built-in",
    head_epochs=2,
    tuned_layers=8,
    tuning_epochs=1,
    augmentation=PRESETS["strong"],
    class_weights=True,
)


def test_script_trains_a_head_and_fine_tunes_the_layers_that_a_run_does(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cnn").symlink_to(ROOT / "cnn")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(constants, "DATA_DIR", str(tmp_path / "tfds"))
    script: dict = {}
    exec(compile(transfer_code(CONFIG), "<transfer code>", "exec"), script)
    assert script["f_train"].shape == (1293, 144)
    base = base_model("built-in")
    colour = np.repeat(script["x_train"][:5], 3, axis=3)
    expected = np.asarray(base(colour)).max(axis=(1, 2))
    np.testing.assert_allclose(script["f_train"][:5], expected, rtol=1e-3, atol=1e-3)
    assert script["head"].history.history["val_accuracy"][-1] > 0.3
    # The loss on held-out images is weighted: its mean over them, from the logits.
    logits = script["head"].predict(script["f_val"], verbose=0)
    losses = keras.losses.sparse_categorical_crossentropy(script["y_val"], logits, from_logits=True)
    weights = compute_class_weight("balanced", classes=np.arange(10), y=script["y_train"])[script["y_val"]]
    loss = script["head"].evaluate(script["f_val"], script["y_val"], sample_weight=script["w_val"], verbose=0)[0]
    assert loss == pytest.approx(float(np.mean(np.asarray(losses) * weights)), rel=1e-4)
    model = with_head(base_model("built-in"), 10)
    unfreeze(model, 8)
    shapes = [weight.shape for weight in script["model"].trainable_weights]
    assert shapes == [weight.shape for weight in model.trainable_weights]
    saved = keras.saving.load_model(tmp_path / "my_network.keras")
    np.testing.assert_allclose(
        saved.predict(script["x_test"][:5], verbose=0),
        script["model"].predict(script["x_test"][:5], verbose=0),
        atol=1e-4,
    )


@pytest.mark.parametrize("dataset", ["cats_vs_dogs", "cifar10", "digits"])
@pytest.mark.parametrize("base", ["mobilenet_v2", "built-in"])
def test_script_compiles_for_every_data_set_and_base(dataset: str, base: str) -> None:
    config = replace(CONFIG, dataset=dataset, base=base)
    code = transfer_code(config)
    compile(code, "<transfer code>", "exec")
    assert max(map(len, code.splitlines())) <= 120
    assert ("layers.Resizing(160, 160)(x)" in code) == (base == "mobilenet_v2" and dataset != "cats_vs_dogs")
    assert ("Dense(1)" in code) == (dataset == "cats_vs_dogs")


def test_script_of_the_tutorials_recipe_compiles_with_its_optimiser() -> None:
    code = transfer_code(TransferConfig("cats_vs_dogs", **TRANSFER_RECIPES["tutorial"]))
    assert code.count("keras.optimizers.RMSprop(0.0001)") == 2 and "Adam" not in code
    assert "epochs=3" in code and "batch_size=32" in code
    assert "keras.losses.BinaryCrossentropy(from_logits=True)" in code
    assert "base.trainable = True" not in code
