"""Predictions of the head for new pictures, its accuracy, and the lesson on shortcut learning."""

from typing import Any

import numpy as np
import streamlit as st

from cnn.analysis.evaluation.intervals import wilson
from cnn.data.builtin.tabletop_photos import draw_on_table
from cnn.data.images import fit_to
from cnn.figures.heatmap import draw_heatmap
from cnn.figures.mosaic import enlarge_to
from cnn.model.predict import low_confidence_hint
from cnn.model.pretrained_bases import Base
from cnn.training.few_shot_head import HOLD_OUT_EVERY, FewShotHead, suggest_improvements
from pages.lessons.teach_your_own import session
from pages.lessons.teach_your_own.head import held_out_near_twins, labels, unlike_all_photos
from pages.lessons.teach_your_own.photo_intake import SOURCES, receive_photos
from pages.shell.page_layout import plain_notice, prose, section
from pages.shell.text import literal, percent
from pages.widgets.base_features import base_outputs, volume_borders
from pages.widgets.charts.probability_bars import probability_bars
from pages.widgets.gallery import GalleryImage, gallery

DRAWN = "Drawn"
SIDE = 144  # of a picture on screen, in pixels
TWINS_NOTE = (
    " But the test photos are **near twins** of others, like those of a burst: that they are right says "
    "little about new ones."
)


def show_accuracy(head: FewShotHead) -> None:
    """The head's accuracy on the test photos, with its interval, and hints for better photos."""
    true_labels = labels()
    if head.held_out.any():
        correct, count = (
            int((head.probabilities.argmax(axis=1) == true_labels)[head.held_out].sum()),
            int(head.held_out.sum()),
        )
        low, high = (round(100 * end) for end in wilson(correct, count))
        with st.container(key="teach.held_out"):
            section(f"**{correct} of {count} photos that it had never seen are right**")
            prose(
                f"Every {HOLD_OUT_EVERY}th is a test photo. From so few, its true accuracy may be anything from {low} "
                f"to {high} %." + (TWINS_NOTE if held_out_near_twins(head.held_out) else "")
            )
    else:
        prose(
            "More photos are needed to test it: with six or more in every class, some become test photos.",
            key="teach.untested",
        )
    pictures = [photo.picture.tobytes() for group in session.photos() for photo in group]
    for index, sentence in enumerate(suggest_improvements(true_labels, list(map(literal, session.names())), pictures)):
        prose(f"→ {sentence}", key=f"teach.advice.{index}")


def show_trial(base: Base, head: FewShotHead) -> None:
    """A new picture from the visitor or drawn for the example, and the prediction for it."""
    section("**Try it**")
    example = st.session_state.get(session.EXAMPLE)
    sources = [*([DRAWN] if example else []), *SOURCES]
    if st.session_state.get("teach.try", sources[0]) not in sources:
        st.session_state["teach.try"] = sources[0]
        st.session_state.pop("teach.tried", None)
    default = None if "teach.try" in st.session_state else sources[0]
    source = st.segmented_control(
        "Picture", sources, default=default, key="teach.try", required=True, label_visibility="collapsed"
    )
    if source == DRAWN:
        _draw_picture(example)
    else:
        _receive_picture(str(source))
    picture = st.session_state.get("teach.tried")
    if picture is not None:
        show_prediction(base, head, picture, key="teach.answer")


def _draw_picture(example: Any) -> None:
    """Draw one of the things of ``example``, one of ``session.EXAMPLES``, as the picture to try."""
    seed = st.session_state.setdefault("teach.drawn", 100)
    tables, border = session.EXAMPLES[example]
    st.session_state["teach.tried"] = draw_on_table(list(tables)[seed % 2], 1, seed=seed, border=border)[0]
    st.button("Another image", key="teach.another", on_click=_draw_another)


def _receive_picture(source: str) -> None:
    """Take the visitor's latest photo as the picture to try."""
    received, problems = receive_photos(source, "teach.out")
    if received or problems:
        st.session_state["teach.out.refused"] = problems
        st.session_state["teach.tried"] = received[-1][1] if received else st.session_state.get("teach.tried")
        st.session_state["teach.out.count"] = st.session_state.get("teach.out.count", 0) + 1
        st.rerun()
    for sentence in st.session_state.pop("teach.out.refused", None) or []:
        plain_notice(sentence)


def show_prediction(base: Base, head: FewShotHead, picture: np.ndarray, *, key: str) -> None:
    """The predicted class of a picture, all probabilities, and the evidence as a heatmap.

    Args:
        picture: uint8 (h, w, 3).
        key: of the prediction in words; the pictures have ``key`` with ".pictures".
    """
    fitted = fit_to(picture, base.input_shape)
    volumes, features = base_outputs(base.name, fitted[None])
    probabilities = head.predict(features)[0]
    predicted = int(probabilities.argmax())
    name = session.names()[predicted]
    with st.container(key=key):
        section(f"**It says: {literal(name)}, {percent(float(probabilities[predicted]))}**", level=3)
    counts = np.bincount(labels())
    probability_bars(session.names(), probabilities, float(counts.max() / counts.sum()))
    if hint := unlike_all_photos(features[0]) or low_confidence_hint(probabilities):
        prose(hint, key=f"{key}.doubt")
    heat = head.class_activation_map(volumes[0], predicted)
    drawn = draw_heatmap(enlarge_to(fitted, SIDE), heat, volume_borders(base.name))
    with st.container(key=f"{key}.pictures"):
        gallery(
            [
                GalleryImage(fitted, "what it gets", "The picture, as the base gets it"),
                GalleryImage(drawn, f"evidence for {name}", f"Where the evidence for {name} is"),
            ],
            side=SIDE,
        )
    with st.container(key=f"{key}.meaning"):
        learned = int((~head.held_out).sum())
        st.caption(
            f"The percentages share 100 among your {len(counts)} classes, learned from {learned} photos: even 99 % may "
            "be wrong, and a thing of none of your classes gets its 100 % too."
        )


def _draw_another() -> None:
    st.session_state["teach.drawn"] += 1


def show_broken_lesson(base: Base, head: FewShotHead) -> None:
    """The lesson on shortcut learning: a guess first, then the evidence that the head uses the tables."""
    st.header("Break it on purpose", anchor=False)
    prose(
        "All moons lay on light tables, all circles on dark ones. Here is a moon on a dark table, which it has never "
        "seen. What will it say?"
    )
    picture = draw_on_table("moon", 1, light=False, seed=1)[0]
    gallery([GalleryImage(picture, "a moon on a dark table", "A moon on a dark table")], side=SIDE)
    guess = st.segmented_control("Your guess", session.names(), key="teach.guess", format_func=literal)
    if guess is None:
        return
    show_prediction(base, head, picture, key="teach.answer.lesson")
    prose(
        "**Look at the evidence**: it lies on the table as well as on the thing. Nobody told the network what to "
        "look at, and the tables told the two apart as well as the shapes. Photos that differ only in what matters "
        "help: moons on dark tables, circles on light ones.",
        key="teach.lesson",
    )
