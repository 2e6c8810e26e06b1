"""The Explanations page, opened cold: occlusion, heatmaps, the sanity check, its code, and impossible methods."""

import re

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnn.analysis.attribution.gradients import METHODS, attribution
from cnn.analysis.attribution.heat_borders import heat_borders
from cnn.analysis.attribution.hidden_squares import brightest_and_darkest, heat_of_pixels, hide_square
from cnn.analysis.attribution.integrated_gradients import IntegratedGradients
from cnn.analysis.attribution.smooth_gradients import SmoothGradients, smooth_gradients
from cnn.data import catalog
from cnn.data.builtin.sample_photos import load_photo
from cnn.data.images import fit_to
from cnn.errors import ModelError
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.model import store
from cnn.model.architectures import Architecture, Dense, Flatten
from cnn.model.predict import predictor
from cnn.training.config import TrainConfig
from pages.lessons.explanations.heatmap_trial import describe_trial
from pages.lessons.explanations.heatmaps import LIMITS
from pages.lessons.explanations.precision import describe_gap, describe_noise
from pages.shell.text import percent
from tests.pages.on_screen import captions, component_keys, mentions, pictures
from tests.pages.opening import open_page, texts


def test_it_opens_on_occlusion(digits) -> None:
    at = open_page("explanations.py", picture="test-1")
    probabilities = predictor(store.load("digits-tutorial"))(catalog.load("digits", "test").take([0]))[0]
    assert mentions(at, probabilities.argmax(), percent(float(probabilities.max())))
    assert "explain.occluder" in component_keys(at)
    at.selectbox(key="explain.class").set_value("8").run()
    assert not at.exception
    assert any(re.search(r"\b8\b.* \d+ %", caption) for caption in captions(at))
    assert "less sure of 8" in texts(at)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_says_what_it_can_tell_and_what_it_cannot(method: str, digits) -> None:
    at = open_page(
        "explanations.py", picture="test-1", level="lab", **{"explain.view": "heat", "explain.method": method}
    )
    assert not at.exception
    assert at.selectbox(key="explain.method").value == method
    assert all(sentence in texts(at) for sentence in LIMITS[method])


@pytest.mark.parametrize("class_index", [0, 3])
def test_it_says_what_integrated_gradients_add_up_to(class_index: int, digits) -> None:
    query = {"explain.view": "heat", "explain.method": "integrated", "explain.class": str(class_index)}
    at = open_page("explanations.py", picture="test-1", model="digits-tutorial", **query)
    model, image = store.load("digits-tutorial"), catalog.load("digits", "test").take([0])
    total = attribution(model, "integrated")(image, class_index).sum()
    gain = float((np.asarray(model(image)) - np.asarray(model(image * 0)))[0, class_index])
    assert f"add up to {total:+.2f}" in texts(at)
    assert f"has changed by {gain:+.2f}" in texts(at)
    assert f"The gap is {abs(total - gain):.2f}, or {100 * abs(total / gain - 1):.1f} %" in texts(at)


def test_it_says_how_noisy_smooth_gradients_are(digits) -> None:
    query = {"explain.view": "heat", "explain.method": "smooth", "explain.class": "3"}
    at = open_page("explanations.py", picture="test-1", model="digits-tutorial", level="lab", **query)
    result = smooth_gradients(store.load("digits-tutorial"))(catalog.load("digits", "test").take([0]), 3)
    assert f"mean of {result.samples[0]:,} copies" in texts(at)
    assert f"about {result.reliabilities[0]:.2f}," in texts(at)


def test_where_more_gradients_would_take_too_long_it_says_so() -> None:
    def gap(total: float) -> str:
        return describe_gap(IntegratedGradients(np.full((1, 1, 1), total), np.array([8.0]), np.array([512])))

    def noise(reliability: float) -> str:
        return describe_noise(SmoothGradients(np.ones((1, 1, 1)), np.array([reliability]), np.array([1536])))

    assert "add up to +6.00" in gap(6) and "changed by +8.00" in gap(6) and "The gap is 2.00, or 25.0 %" in gap(6)
    assert "too long" in gap(6) and "too long" not in gap(7.9)
    assert "1,536 copies" in noise(0.7) and "about 0.70" in noise(0.7)
    assert "too long" in noise(0.7) and "too long" not in noise(0.95)


def test_the_sanity_check_randomises_layer_by_layer(digits) -> None:
    at = open_page("explanations.py", picture="test-1", level="lab", **{"explain.view": "heat"})
    at.button(key="explain.forget").click().run()
    for layer in ("logits", "dense_1", "conv_3", "conv_2", "conv_1"):
        assert any(re.fullmatch(rf"{layer}\b.* -?[01]\.\d\d", caption) for caption in captions(at))
    assert not at.exception


def test_without_the_data_set_a_sample_photo_is_explained() -> None:
    at = open_page("explanations.py", model="cifar10-resnet", **{"explain.view": "heat"})
    assert at.session_state["shell.picture_name"] == "photo-cat"
    image = fit_to(load_photo("cat"), (32, 32, 3))
    model = store.load("cifar10-resnet")
    best = int(np.asarray(model(image[None]))[0].argmax())
    name = store.card("cifar10-resnet").class_names[best]
    assert any(name in caption.split() for caption in captions(at))


def test_without_convolution_there_is_no_grad_cam_but_the_other_methods_work() -> None:
    at = open_page("models.py")
    catalog.prepare("digits", lambda event: None, lambda: False)
    config = TrainConfig("digits", Architecture("own", (Flatten(), Dense(8))), epochs=1, training_images=64)
    id = queue.submit("train", config.to_dict(), workspace=at.session_state["shell.workspace"], name="Flat")
    run_job(str(home()), id)
    at = open_page("explanations.py", picture="test-1", model=id, **{"explain.view": "heat"})
    with pytest.raises(ModelError) as refusal:
        attribution(store.load(id), "grad-cam")
    assert str(refusal.value) in texts(at)
    at.selectbox(key="explain.method").set_value("integrated").run()
    assert LIMITS["integrated"][0] in texts(at)
    at.segmented_control(key="explain.view").set_value("hide").run()
    assert "explain.occluder" in component_keys(at)
    assert not at.exception


def test_its_code_gives_the_same_grad_cam(tmp_path, monkeypatch: pytest.MonkeyPatch, digits) -> None:
    at = open_page("explanations.py", picture="test-1")
    model = store.load("digits-tutorial")
    model.save(tmp_path / "model.keras")
    monkeypatch.chdir(tmp_path)
    images = catalog.load("digits", "test").take([0, 1])
    Image.fromarray(images[0, ..., 0]).save(tmp_path / "photo.jpg", "PNG")
    variables: dict = {}
    exec(str(at.get("code")[0].value), variables)
    heatmaps = np.asarray(variables["grad_cam"](images, 1, "conv_3"))
    np.testing.assert_allclose(heatmaps, attribution(model, "grad-cam", "conv_3")(images, 1), atol=1e-5)


def test_the_squares_of_a_heatmap_stand_where_the_network_looked(digits) -> None:
    """Those of conv_3 are 4 pixels wide and begin at pixel 7; at the margin the picture is as it was."""
    at = open_page(
        "explanations.py", picture="test-1", level="lab", **{"explain.view": "heat", "explain.layer": "conv_3"}
    )
    shown = pictures(at)
    (drawn,) = [picture for alt, picture in shown.items() if alt.startswith(f"{METHODS['grad-cam']} ")]
    (plain,) = [picture for alt, picture in shown.items() if alt.startswith("What the network gets")]
    factor = plain.shape[0] // 32
    heated = (drawn != plain).any(axis=2)
    image = catalog.load("digits", "test").take([0])
    model = store.load("digits-tutorial")
    best = int(np.asarray(model(image))[0].argmax())
    heat = attribution(model, "grad-cam", "conv_3")(image, best)[0]
    expected = np.zeros((32, 32), bool)
    expected[7:23, 7:23] = (heat > heat.max() / 50).repeat(4, axis=0).repeat(4, axis=1)
    np.testing.assert_array_equal(heated, expected.repeat(factor, axis=0).repeat(factor, axis=1))


def test_a_bright_background_proves_nothing(digits) -> None:
    assert "may have learned the background" in texts(open_page("explanations.py", picture="test-1"))


def guess(at: AppTest) -> None:
    (control,) = [group for group in at.segmented_control if str(group.key).startswith("explain.guess.")]
    control.set_value("same").run()


def test_a_heatmap_is_tried_after_a_guess_by_hiding_its_brightest_and_its_darkest_part(digits) -> None:
    at = open_page("explanations.py", picture="test-1", **{"explain.view": "heat"})
    assert len([caption for caption in captions(at) if "hidden" in caption]) == 1
    guess(at)
    model, image = store.load("digits-tutorial"), catalog.load("digits", "test").take([0])
    predict = predictor(model)
    best = int(predict(image)[0].argmax())
    heat = heat_of_pixels(attribution(model, "grad-cam")(image, best)[0], heat_borders(model, "grad-cam"), 32, 32)
    hidden = np.stack([hide_square(image[0], corner, 8) for corner in brightest_and_darkest(heat, 8)])
    whole, bright, dark = (percent(float(p[best])) for p in (predict(image)[0], *predict(hidden)))
    assert mentions(at, best, whole, bright, dark)
    shown = [caption for caption in captions(at) if "hidden" in caption]
    said = [f"{p.argmax()}, {percent(float(p.max()))}" for p in predict(hidden)]
    assert [caption.rpartition(": ")[2] for caption in shown] == said
    at.selectbox(key="explain.class").set_value("8" if best != 8 else "3").run()
    assert len([caption for caption in captions(at) if "hidden" in caption]) <= 1  # another map is another question


def test_what_a_trial_says_of_the_map() -> None:
    whole = np.array([0.9, 0.1])

    def verdict(bright: float, dark: float) -> str:
        answers = np.array([[bright, 1 - bright], [dark, 1 - dark]])
        return describe_trial("cat", whole, answers, 0).rpartition("**. ")[2]

    needed, wrong, alike = verdict(0.2, 0.9), verdict(0.9, 0.2), verdict(0.88, 0.9)
    assert len({needed, wrong, alike}) == 3
    assert verdict(0.5, 0.7) == needed
    assert verdict(0.7, 0.5) == wrong
    assert verdict(0.5, 0.5) == alike
