"""Every view of the Augmentation page, and its experiment with real runs."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnn.analysis.evaluation.comparison import compare_answers
from cnn.analysis.evaluation.intervals import in_words
from cnn.data import catalog
from cnn.data.augmentation.augmenter import augment_images
from cnn.data.augmentation.mixing import mix_images
from cnn.data.augmentation.settings import PRESETS
from cnn.errors import JobError
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.model import store
from cnn.training.config import recipe
from pages.lessons.augmentation import experiment
from pages.lessons.augmentation.measured import EXAMPLE, EXAMPLE_PRESET, MEASURED
from pages.server.startup import startup
from pages.widgets.scores.paired_test import describe_paired_test
from tests.pages.on_screen import linked_pages, mentions
from tests.pages.opening import notices, open_page, texts


def page_html(at: AppTest) -> str:
    return "\n".join(element.proto.body for element in at.get("html"))


def test_opens_on_24_variants_with_the_networks_predictions(digits) -> None:
    at = open_page("augmentation.py")
    assert re.search(r"\b24\b\D+\*\*\d+\D+24\*\*", texts(at))
    assert page_html(at).count('<div role="listitem"') == 24
    at.segmented_control(key="augmentation.strength").set_value(0.0).run()
    assert re.search(r"\*\*24\D+24\*\*", texts(at))
    assert page_html(at).count('<div role="listitem" class="right"') == 24
    assert not at.exception


@pytest.mark.parametrize("view", ["many", "sweep", "mix", "help"])
def test_every_view_opens_in_the_lab(digits, view: str) -> None:
    at = open_page("augmentation.py", level="lab", **{"augmentation.view": view})
    at.selectbox(key="augmentation.noise").set_value(0.1).run()
    assert not at.exception


def test_training_both_shows_which_test_images_changed(digits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiment, "EPOCHS", 1)
    monkeypatch.setattr(experiment, "IMAGES", 128)
    at = open_page("augmentation.py", **{"augmentation.view": "help"})
    at.button(key="augmentation.train").click().run()
    jobs = {job.id for job in queue.jobs(kind="train")}
    assert jobs == {"".join(at.query_params[f"augmentation.{side}"]) for side in ("without", "with")}
    without, varied = (queue.read("".join(at.query_params[f"augmentation.{side}"])) for side in ("without", "with"))
    assert without.settings == varied.settings | {"augmentation": without.settings["augmentation"]}
    for id in jobs:
        assert run_job(str(home()), id) == "finished"
    at.run()
    assert not at.exception
    for job in (without, varied):
        accuracy = in_words(*store.card(job.id).validation).replace("\N{NO-BREAK SPACE}", " ")
        assert accuracy in texts(at)
    assert "360" not in texts(at)  # the test images have no part in it
    labels = catalog.load("digits", "validation").labels
    predicted = [np.load(job.folder / "validation_probabilities.npy").argmax(axis=1) for job in (without, varied)]
    comparison = compare_answers(*predicted, labels)
    assert describe_paired_test(comparison, "the network without augmentation", "the one with it") in texts(at)
    for changed in (comparison.only_second, comparison.only_first):
        assert re.search(rf": {len(changed)}\D+{len(labels)}\b", texts(at))
    html = page_html(at)
    assert html.count('role="list" class="gallery"') == 2
    assert html.count('role="listitem" class="right"') == min(experiment.SHOWN, len(comparison.only_second))
    assert html.count('role="listitem" class="wrong"') == min(experiment.SHOWN, len(comparison.only_first))


def test_runs_in_a_link_that_cannot_be_compared_are_reported(digits) -> None:
    ids = [
        queue.submit("train", recipe(name, "tutorial").to_dict(), workspace="w", name=name)
        for name in ("digits", "shapes")
    ]
    preparation = queue.submit("prepare", {"dataset": "shapes"}, workspace="w", name="p")
    with pytest.raises(JobError) as unknown_run:
        queue.read("nothing")
    for without, varied, sentence in (
        (*ids, experiment.NOT_COMPARABLE),
        (ids[1], preparation, experiment.NOT_COMPARABLE),
        (ids[0], "nothing", str(unknown_run.value)),
    ):
        query = {"augmentation.view": "help", "augmentation.without": without, "augmentation.with": varied}
        assert sentence in notices(open_page("augmentation.py", **query))


def test_an_impossible_strength_in_a_link_is_reported(digits) -> None:
    (sentence,) = notices(open_page("augmentation.py", **{"augmentation.strength": "9"}))
    assert re.findall("“(.+?)”", sentence) == ["9", "100 %"]


def test_a_page_that_stops_early_counts_as_the_first_page_shown() -> None:
    startup._first_page.clear()
    at = open_page("augmentation.py", dataset="shapes")
    assert at.button(key="images.prepare").label
    assert startup._first_page.is_set()


@pytest.mark.parametrize(
    ("mixing", "layer", "setting"), [("mixup", "MixUp", "mix_up"), ("cutmix", "CutMix", "cut_mix")]
)
def test_two_pictures_become_one_with_the_label_that_is_trained_on(
    digits, mixing: str, layer: str, setting: str
) -> None:
    query = {"augmentation.view": "mix", "augmentation.mixing": mixing, "augmentation.amount": "0.6"}
    at = open_page("augmentation.py", **query)
    assert not at.exception
    split = catalog.load("digits", "train")
    images = augment_images(split.take(range(24)), PRESETS["tutorial"], 0)
    one_hot = np.eye(10, dtype=np.float32)[split.labels[:24]]
    _, labels = mix_images(images, one_hot, **{"mix_up": 0.0, "cut_mix": 0.0, setting: 0.6}, seed=0)
    captions = re.findall(r"<span>(.*?)</span>", page_html(at).replace("\N{NO-BREAK SPACE}", " "))
    assert len(captions) == 24
    for caption, label in zip(captions, labels, strict=True):
        shown = {name: int(share) for name, share in re.findall(r"(\w+): (\d+) %", caption)}
        expected = {str(index): round(100 * float(label[index])) for index in range(10)}
        assert shown == {name: share for name, share in expected.items() if share}
    assert f"layers.{layer}(0.6, seed=" in at.code[0].value
    (link,) = [link.proto for link in at.main.get("page_link") if link.proto.page == "training"]
    assert f"training.set.{mixing}=0.6" in link.query_string


@pytest.mark.parametrize(
    ("preset", "strength", "words"),
    [
        ("light", "1", "162 variants"),
        ("light", "0", "the same pictures"),
        ("strong", "1", "seldom exactly"),
        ("rand-augment", "1", "Here 6 pictures are a batch"),
    ],
)
def test_the_number_of_variants_is_said_and_none_is_promised_to_be_the_last(
    digits, preset: str, strength: str, words: str
) -> None:
    at = open_page("augmentation.py", **{"augmentation.preset": preset, "augmentation.strength": strength})
    assert words in texts(at)
    assert "never sees the same" not in texts(at)


def test_whether_it_helps_opens_on_an_example_once_and_not_over_a_choice(digits_and_shapes) -> None:
    at = open_page("augmentation.py")
    at.segmented_control(key="augmentation.view").set_value("help").run()
    assert (at.selectbox(key="shell.dataset").value, at.selectbox(key="augmentation.preset").value) == (
        EXAMPLE,
        EXAMPLE_PRESET,
    )
    at.selectbox(key="shell.dataset").set_value("digits").run()
    at.segmented_control(key="augmentation.view").set_value("many").run()
    at.segmented_control(key="augmentation.view").set_value("help").run()
    assert at.selectbox(key="shell.dataset").value == "digits"
    chosen = open_page("augmentation.py", **{"augmentation.preset": "strong"})
    chosen.segmented_control(key="augmentation.view").set_value("help").run()
    assert chosen.selectbox(key="shell.dataset").value == "digits"


@pytest.mark.parametrize("dataset", MEASURED)
def test_what_was_measured_is_said_and_the_example_is_a_click_away(digits_and_shapes, dataset: str) -> None:
    at = open_page("augmentation.py", dataset=dataset, **{"augmentation.view": "help"})
    assert mentions(at, *(f"{number:,}" for number in MEASURED[dataset]))
    address = f"augmentation?dataset={EXAMPLE}&augmentation.view=help&augmentation.preset={EXAMPLE_PRESET}"
    assert (address in linked_pages(at)) == (dataset != EXAMPLE)


def test_the_example_helps_and_mirrored_digits_do_not() -> None:
    example, digits = MEASURED[EXAMPLE], MEASURED["digits"]
    assert getattr(example, EXAMPLE_PRESET) > example.without
    assert digits.light <= digits.without
