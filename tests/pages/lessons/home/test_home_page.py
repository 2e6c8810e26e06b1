"""Home: a card for each lesson, the lesson of 45 minutes, and the query of a layer's link."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnn.analysis.attribution.occlusion import occlusion
from cnn.data import catalog
from cnn.data.builtin.sample_photos import load_photo
from cnn.model import store
from cnn.model.predict import answer_photo, predictor
from pages.components.network_flow import flow_data
from pages.lessons.home.cards import PLANS, SIDE, THUMBNAILS
from pages.lessons.home.lesson_plan import STEPS
from pages.shell.menu import all_lessons
from pages.shell.text import percent
from tests.pages.opening import notices, open_page
from tools.thumbnails import PICTURES

LESSONS = [lesson for lesson in all_lessons() if lesson.group]


def seen(file: str) -> str:
    """What pupils should see on a page, as the lesson plan says."""
    (step,) = [step for step in STEPS if step.file == file]
    return step.see


def test_every_lesson_has_a_card_with_a_picture_of_its_own() -> None:
    files = [lesson.file for lesson in LESSONS]
    assert list(PLANS) == files
    stems = {Path(file).stem for file in files}
    assert {path.stem for path in THUMBNAILS.iterdir()} == stems == set(PICTURES)
    pictures = set()
    for path in THUMBNAILS.iterdir():
        assert path.stat().st_size < 8_000
        with Image.open(path) as image:
            assert image.size == (2 * SIDE, 2 * SIDE)
            pictures.add(image.tobytes())
    assert len(pictures) == len(files)


def test_the_steps_take_as_long_as_a_lesson() -> None:
    assert len(STEPS) == 6
    assert sum(PLANS[step.file].minutes for step in STEPS) == 45
    places = [list(PLANS).index(step.file) for step in STEPS]
    assert places == sorted(places), "in the menu's order"


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.file)
def test_a_step_opens_its_page_in_the_right_state(step, digits_and_shapes) -> None:
    at = open_page(step.file, **step.query)
    assert notices(at) == []
    assert at.session_state["shell.dataset"] == step.query["dataset"]
    for name, key in (("picture", "shell.picture_name"), ("maps.layer", "maps.layer"), ("model", "shell.model")):
        if name in step.query:
            assert at.session_state[key] == step.query[name]


def test_home_links_each_step_with_its_query() -> None:
    at = open_page("home.py")
    links = [(link.proto.page, link.proto.query_string) for link in at.main.get("page_link")]
    for step in STEPS:
        query = "&".join(f"{name}={value}" for name, value in step.query.items())
        assert (Path(step.file).stem, query) in links


def test_the_seven_of_the_first_step_is_black_around_a_bright_stroke(digits) -> None:
    (step,) = [step for step in STEPS if step.file == "images.py"]
    split = catalog.load("digits", "train")
    image = split.image(int(step.query["images.image"]) - 1)
    assert split.labels[int(step.query["images.image"]) - 1] == 7
    assert image.min() == 0 and image.max() >= 200
    assert (image[:, :5] == 0).all()


def test_the_last_layer_has_the_size_that_pupils_should_see() -> None:
    model = store.load("shapes-tutorial")
    for layer in ("conv_1", "conv_3"):
        side = model.get_layer(layer).output.shape[1]
        assert f"{side} × {side}" in seen("feature_maps.py")


def test_the_circle_becomes_what_pupils_should_see(digits_and_shapes) -> None:
    (step,) = [step for step in STEPS if step.file == "explanations.py"]
    image = catalog.load("shapes", "test").image(int(step.query["picture"].removeprefix("test-")) - 1)
    names = store.card("shapes-tutorial").class_names
    hidden = occlusion(predictor(store.load("shapes-tutorial")), image, size=8, step=2)
    assert names[int(hidden.whole.argmax())] == "circle"
    said = [[names[index] for index in row] for row in hidden.probabilities.argmax(axis=-1)]
    tops, lefts = hidden.tops.tolist(), hidden.lefts.tolist()
    assert said[tops.index(12)][lefts.index(14)] == "moon"
    assert said[tops.index(4)][lefts.index(8)] == "square"


@pytest.mark.parametrize(("photo", "answer"), [("cat", "cat"), ("temple", "ship"), ("flower", "bird")])
def test_the_photos_are_called_what_pupils_should_see(photo: str, answer: str) -> None:
    card = store.card("cifar10-resnet")
    probabilities = answer_photo(predictor(store.load(card.id)), card, load_photo(photo)).probabilities
    assert card.class_names[int(probabilities.argmax())] == answer
    assert f"{answer}, {percent(float(probabilities.max()))}" in seen("predict.py")


def test_a_layer_opens_with_the_picture_that_home_shows(digits_and_shapes: Path) -> None:
    test = catalog.load("shapes", "test")
    with np.load(store.PRETRAINED / "flow.npz") as file:
        positions = [picture["position"] for picture in flow_data()["pictures"]]
        assert np.array_equal(test.take(positions), file["images"])
