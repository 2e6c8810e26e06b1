"""Explanations, opened cold: hidden parts, heatmaps, the sanity check; its code runs; and what is not possible."""

import numpy as np
import pytest

from cnn.analysis.attribution.gradients import METHODS, attribution
from cnn.data import catalog
from cnn.data.builtin.sample_photos import PHOTOS, load_photo
from cnn.data.images import fit_to
from cnn.figures.heatmap import draw_heatmap
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.model import store
from cnn.model.architectures import Architecture, Dense, Flatten
from cnn.training.config import TrainConfig
from tests.pages.opening import open_page, texts


def test_it_opens_on_a_picture_to_hide_parts_of(digits) -> None:
    at = open_page("explanations.py")
    assert "It says: " in texts(at)
    assert "**Hide a part yourself**" in texts(at)
    assert "Every part hidden once" in texts(at)
    at.selectbox(key="explain.class").set_value("8").run()
    assert not at.exception
    assert "less sure of 8" in texts(at)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_says_what_it_can_tell_and_what_not(method: str, digits) -> None:
    at = open_page("explanations.py", level="lab", **{"explain.view": "heat", "explain.method": method})
    assert not at.exception
    assert at.selectbox(key="explain.method").value == method
    assert "**What it can tell.**" in texts(at) and "**What it cannot.**" in texts(at)


def test_the_sanity_check_goes_layer_by_layer(digits) -> None:
    at = open_page("explanations.py", level="lab", **{"explain.view": "heat"})
    at.button(key="explain.forget").click().run()
    shown = "".join(element.proto.body for element in at.get("html"))
    for layer in ("logits", "dense_1", "conv_3", "conv_2", "conv_1"):
        assert f"{layer}: alike" in shown
    assert not at.exception


def test_without_its_data_set_a_photo_of_ours_is_explained() -> None:
    at = open_page("explanations.py", model="cifar10-resnet", **{"explain.view": "heat"})
    assert at.segmented_control(key="explain.source").value == "A photo of ours"
    image = fit_to(load_photo(next(iter(PHOTOS))), (32, 32, 3))
    model = store.load("cifar10-resnet")
    best = int(np.asarray(model(image[None]))[0].argmax())
    shown = "".join(element.proto.body for element in at.get("html"))
    assert f"evidence for {store.card('cifar10-resnet').class_names[best]}" in shown


def test_a_network_without_convolution_has_no_class_activation_but_can_be_hidden_from() -> None:
    at = open_page("models.py")
    catalog.prepare("digits", lambda event: None, lambda: False)
    config = TrainConfig("digits", Architecture("own", (Flatten(), Dense(8))), epochs=1, training_images=64)
    id = queue.submit("train", config.to_dict(), workspace=at.session_state["shell.workspace"], name="Flat")
    run_job(str(home()), id)
    at = open_page("explanations.py", model=id, **{"explain.view": "heat"})
    assert "This network has no convolution, so there are no maps to weigh. Choose another method." in texts(at)
    at.selectbox(key="explain.method").set_value("integrated").run()
    assert "**What it can tell.**" in texts(at)
    at.selectbox(key="explain.view").set_value("hide").run()
    assert "**Hide a part yourself**" in texts(at)
    assert not at.exception


def test_the_code_gives_the_same_grad_cam(tmp_path, monkeypatch: pytest.MonkeyPatch, digits) -> None:
    at = open_page("explanations.py")
    model = store.load("digits-tutorial")
    model.save(tmp_path / "model.keras")
    monkeypatch.chdir(tmp_path)
    made: dict = {}
    exec(str(at.get("code")[0].value), made)
    image = catalog.load("digits", "test").take([0, 1])
    theirs = np.asarray(made["grad_cam"](image, 1, "conv_3"))
    np.testing.assert_allclose(theirs, attribution(model, "grad-cam", "conv_3")(image, 1), atol=1e-5)


def test_evidence_is_drawn_where_it_is_and_nowhere_else() -> None:
    image = np.full((8, 8, 3), 100, np.uint8)
    heat = np.array([[0.0, 2.0], [-1.0, 1.0]])
    drawn = draw_heatmap(image, heat)
    np.testing.assert_array_equal(drawn[:4, :4], image[:4, :4])
    np.testing.assert_array_equal(drawn[4:, :4], image[4:, :4])
    assert drawn[0, 4].sum() > drawn[7, 7].sum() != image[7, 7].sum()
    np.testing.assert_array_equal(draw_heatmap(image, np.zeros((2, 2))), image)
