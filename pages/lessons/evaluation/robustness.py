"""Robustness of a network: accuracy under one disturbance, and one image at each of its strengths."""

from collections.abc import Sequence

import numpy as np

from cnn.analysis import studies
from cnn.analysis.evaluation.intervals import in_words
from cnn.analysis.evaluation.robustness import DISTURBANCES, disturb, sampled_indices
from cnn.data.split import Split
from cnn.figures.accuracy_lines import accuracy_lines_chart
from cnn.model.store import Card
from pages.shell.page_layout import prose, section
from pages.shell.text import literal, percent
from pages.shell.theme import palette
from pages.widgets import linked_inputs, model_cache
from pages.widgets.charts.chart import show_chart
from pages.widgets.gallery import GalleryImage, Mark, gallery
from pages.widgets.scores.split_words import image_name, images_of
from pages.widgets.study import study_result

# Start-up, and seconds per million parameters; measured with digits-tutorial and cifar10-resnet.
MIN_SECONDS, SECONDS_PER_MILLION = 4.0, 15.0
CANDIDATES = 20


def robustness_view(card: Card, probabilities: np.ndarray, split: Split) -> None:
    """Accuracy against the strength of one disturbance."""
    section("**How much noise, blur, darkness, turning and moving can it stand?** · robustness")
    result = robustness(card, split, "Run the robustness test", page="evaluation")
    if result is None:
        _show_example(card, split, "noise")
        return
    name = choose_disturbance()
    disturbance, correct, count = DISTURBANCES[name], result[name], int(result["count"])
    strengths = disturbance.strengths
    chance = guessing_accuracy(split)
    show_chart(
        accuracy_lines_chart,
        {card.title: correct.tolist()},
        strengths,
        count,
        title=disturbance.axis,
        chance=chance,
        palette=palette(),
        key="evaluation.robustness",
        alt=f"Right answers by {disturbance.axis}: {describe_curve(strengths, correct.tolist(), count)}.",
    )
    undisturbed, worst = int(correct[strengths.index(0)]), int(correct.argmin())
    prose(
        f"Measured on {describe_sample(count, split)}. As they are: {in_words(undisturbed, count)}. At worst, at "
        f"{strengths[worst]:g}: {in_words(int(correct[worst]), count)}. Guessing gives {percent(chance)}.",
        key="evaluation.robustness.summary",
    )
    _show_example(card, split, name)


def robustness(card: Card, split: Split, label: str, *, page: str) -> studies.StudyResult | None:
    """The correct answers under every disturbance; until they are counted, a button labelled ``label``, and None.

    Args:
        page: prefix of the button's key.
    """
    seconds = MIN_SECONDS + SECONDS_PER_MILLION * card.parameters / 1e6
    return study_result(card, "robustness", studies.settings_for(split.name), label=label, seconds=seconds, page=page)


def guessing_accuracy(split: Split) -> float:
    """The accuracy, 0..1, of always naming the most frequent class of the images that are disturbed."""
    labels = split.labels[sampled_indices(len(split))]
    return float(np.bincount(labels).max() / len(labels))


def choose_disturbance() -> str:
    """The selected disturbance, one of ``DISTURBANCES``."""
    titles = {name: disturbance.title for name, disturbance in DISTURBANCES.items()}
    return linked_inputs.choice("evaluation.disturbance", "Disturbed by", titles, width=240)


def describe_curve(strengths: Sequence[float], correct: Sequence[int], count: int) -> str:
    """Accuracy at each strength in words, from the correct answers among ``count`` images."""
    return ", ".join(f"{strength:g}: {percent(n / count)}" for strength, n in zip(strengths, correct, strict=True))


def describe_sample(count: int, split: Split) -> str:
    """How many of the images of a split were used."""
    total, images = len(split), images_of(split)
    return f"{count:,} of the {total:,} {images}" if count < total else f"all {count:,} {images}"


def _show_example(card: Card, split: Split, name: str) -> None:
    """Show one image at every strength, with the predictions.

    The network gets the undisturbed image right and, where such an image exists, the most disturbed one wrong.
    """
    disturbance = DISTURBANCES[name]
    predict = model_cache.predict_function(card)
    index = _breaking_image(card, split, name)
    image, true_class = split.fitted([index], card.input_shape), int(split.labels[index])
    images = np.concatenate([disturb(image, name, strength) for strength in disturbance.strengths])
    tiles = []
    for disturbed, strength, probabilities in zip(images, disturbance.strengths, predict(images), strict=True):
        predicted = int(probabilities.argmax())
        caption = f"{strength:g}: {card.class_names[predicted]} {percent(float(probabilities[predicted]))}"
        alt = f"{card.class_names[true_class]}, {disturbance.title} {strength:g}, named {card.class_names[predicted]}"
        mark: Mark = "right" if predicted == true_class else "wrong"
        tiles.append(GalleryImage(disturbed, caption, alt, mark))
    title = f"{image_name(split, index)}, {literal(card.class_names[true_class])}"
    section(f"**{title}**, {disturbance.title}: {disturbance.axis}", level=3)
    gallery(tiles, side=96)


def _breaking_image(card: Card, split: Split, name: str) -> int:
    """The first correctly classified image that the strongest disturbance breaks; the first of all if none is."""
    probabilities, _ = model_cache.answers(card, split.name)
    sample = sampled_indices(len(split))
    correct = sample[probabilities[sample].argmax(axis=1) == split.labels[sample]][:CANDIDATES]
    candidates = correct if len(correct) else sample[:1]
    highest = max(DISTURBANCES[name].strengths, key=abs)
    # One by one, because an image's noise depends on its position among those disturbed together.
    disturbed = np.concatenate([disturb(split.fitted([i], card.input_shape), name, highest) for i in candidates])
    broken = model_cache.predict_function(card)(disturbed).argmax(axis=1) != split.labels[candidates]
    return int(candidates[broken.argmax()])
