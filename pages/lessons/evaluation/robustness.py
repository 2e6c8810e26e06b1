"""How much a network can stand: the curve of one disturbance, and one image at every strength of it."""

import numpy as np
import streamlit as st

from cnn.analysis import studies
from cnn.analysis.evaluation.intervals import in_words
from cnn.analysis.evaluation.robustness import DISTURBANCES, disturb, sampled_indices
from cnn.data.split import Split
from cnn.figures.accuracy_lines import accuracy_lines_chart
from cnn.model.store import Card
from pages.shell.page_layout import prose
from pages.shell.text import percent
from pages.shell.theme import palette
from pages.widgets import linked_inputs, model_cache
from pages.widgets.gallery import GalleryImage, gallery
from pages.widgets.study import study_result

SECONDS_AT_LEAST, SECONDS_A_MILLION = 4.0, 15.0  # parameters; measured with digits-tutorial and cifar10-resnet
CANDIDATES = 20


def robustness_view(card: Card, probabilities: np.ndarray, test: Split) -> None:
    """Accuracy against the strength of one disturbance."""
    st.markdown("**How much noise, blur, darkness, turning and moving can it stand?** · robustness")
    found = robustness(card, "Disturb the test images", page="evaluation")
    if found is None:
        _example(card, test, "noise")
        return
    name = choose_disturbance()
    each, right, count = DISTURBANCES[name], found[name], int(found["count"])
    chance = 1 / len(card.class_names)
    shares = ", ".join(
        f"{strength:g}: {percent(number / count)}" for strength, number in zip(each.strengths, right, strict=True)
    )
    st.altair_chart(
        accuracy_lines_chart(
            {card.title: right.tolist()}, each.strengths, count, title=each.axis, chance=chance, palette=palette()
        ),
        key="evaluation.robustness",
        alt=f"Right answers by {each.axis}: {shares}.",
    )
    whole, worst = int(right[each.strengths.index(0)]), int(right.argmin())
    of = f"{count:,} of the {len(test):,} test images" if count < len(test) else f"all {count:,} test images"
    prose(
        f"Measured on {of}. As they are: {in_words(whole, count)}. At worst, at {each.strengths[worst]:g}: "
        f"{in_words(int(right[worst]), count)}. Guessing gives {percent(chance)}."
    )
    _example(card, test, name)


def robustness(card: Card, label: str, *, page: str) -> studies.StudyResult | None:
    """The right answers under every disturbance; until they are counted, a button of this ``label``, and None."""
    seconds = SECONDS_AT_LEAST + SECONDS_A_MILLION * card.parameters / 1e6
    return study_result(card, "robustness", {}, label=label, seconds=seconds, page=page)


def choose_disturbance() -> str:
    """The disturbance that is chosen, one of ``DISTURBANCES``."""
    titles = {name: each.title for name, each in DISTURBANCES.items()}
    return linked_inputs.choice("evaluation.disturbance", "Disturbed by", titles, width=240)


def _example(card: Card, test: Split, name: str) -> None:
    """One test image that it gets right, at every strength, with the answer; where there is one, that it then loses."""
    each = DISTURBANCES[name]
    predict = model_cache.predict_function(card)
    probabilities, _ = model_cache.answers(card, "test")
    chosen = sampled_indices(len(test))
    right = chosen[probabilities[chosen].argmax(axis=1) == test.labels[chosen]][:CANDIDATES]
    candidates = right if len(right) else chosen[:1]
    strongest = max(each.strengths, key=abs)
    # One by one, because the noise of an image depends on its place among those disturbed together.
    alone = np.concatenate([disturb(test.fitted([one], card.input_shape), name, strongest) for one in candidates])
    lost = predict(alone).argmax(axis=1) != test.labels[candidates]
    place = int(candidates[lost.argmax()])
    image, truth = test.fitted([place], card.input_shape), int(test.labels[place])
    images = np.concatenate([disturb(image, name, strength) for strength in each.strengths])
    tiles = []
    for picture, strength, answer in zip(images, each.strengths, predict(images), strict=True):
        said = int(answer.argmax())
        caption = f"{strength:g}: {card.class_names[said]} {percent(float(answer[said]))}"
        alt = f"{card.class_names[truth]}, {each.title} {strength:g}, named {card.class_names[said]}"
        tiles.append(GalleryImage(picture, caption, alt, "right" if said == truth else "wrong"))
    st.markdown(f"**Test image {place + 1}, {card.class_names[truth]}**, {each.title}: {each.axis}")
    gallery(tiles, side=96)
