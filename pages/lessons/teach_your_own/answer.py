"""The answer of *Teach your own* to a new picture, how far to trust it, and the lesson of the tables."""

import numpy as np
import streamlit as st

from cnn.analysis.evaluation.intervals import wilson
from cnn.data.builtin.tabletop_photos import draw_on_table
from cnn.data.images import fit_to
from cnn.figures.heatmap import draw_heatmap
from cnn.model.pretrained_bases import Base
from cnn.training.few_shot_head import HOLD_OUT_EVERY, FewShotHead, suggest_improvements
from pages.lessons.teach_your_own import session
from pages.lessons.teach_your_own.photo_intake import WAYS, arriving_photos
from pages.shell.page_layout import notice, prose
from pages.shell.text import percent
from pages.widgets.base_features import base_outputs
from pages.widgets.gallery import GalleryImage, gallery
from pages.widgets.probability_bars import probability_bars

DRAWN = "Drawn"


def show_trust(head: FewShotHead) -> None:
    """How far to believe it, in a sentence, and what would help next."""
    labels = session.rows()[1]
    if head.held_out.any():
        right, count = int((head.probabilities.argmax(axis=1) == labels)[head.held_out].sum()), int(head.held_out.sum())
        low, high = (round(100 * end) for end in wilson(right, count))
        prose(
            f"**{right} of {count} photos that it had never seen are right.** Every {HOLD_OUT_EVERY}th was kept "
            f"back to test it. From so few, anything between {low} and {high} of 100 is possible."
        )
    else:
        prose("With six photos or more in every class, some are kept back to test it. Until then nobody knows.")
    pictures = [photo.picture.tobytes() for group in session.photos() for photo in group]
    for sentence in suggest_improvements(labels, session.names(), pictures):
        prose(f"→ {sentence}")


def show_trial(base: Base, head: FewShotHead) -> None:
    """A new picture, the answer to it, and where the evidence was."""
    st.markdown("**Try it**")
    example = st.session_state.get(session.EXAMPLE)
    ways = [*([DRAWN] if example else []), *WAYS]
    if st.session_state.get("teach.try") not in ways:
        st.session_state["teach.try"] = ways[0]
        st.session_state.pop("teach.tried", None)
    way = st.segmented_control("Picture", ways, key="teach.try", required=True, label_visibility="collapsed")
    if way != DRAWN:
        arrived, refused = arriving_photos(way, "teach.out")
        if arrived or refused:
            st.session_state["teach.out.refused"] = refused
            st.session_state["teach.tried"] = arrived[-1][1] if arrived else st.session_state.get("teach.tried")
            st.session_state["teach.out.count"] = st.session_state.get("teach.out.count", 0) + 1
            st.rerun()
        for sentence in st.session_state.pop("teach.out.refused", None) or []:
            notice(sentence)
    else:
        seed = st.session_state.setdefault("teach.drawn", 100)
        tables, border = session.EXAMPLES[example]
        st.session_state["teach.tried"] = draw_on_table(list(tables)[seed % 2], 1, seed=seed, border=border)[0]
        st.button("Another one", key="teach.another", on_click=_another)
    picture = st.session_state.get("teach.tried")
    if picture is not None:
        show_answer(base, head, picture)


def show_answer(base: Base, head: FewShotHead, picture: np.ndarray) -> None:
    """What a head says to a picture, and the heatmap of its answer."""
    seen = fit_to(picture, base.input_shape)
    volumes, features = base_outputs(base.name, seen[None])
    shares = head.predict(features)[0]
    best = int(shares.argmax())
    name = session.names()[best]
    st.markdown(f"**It says: {name}, {percent(float(shares[best]))}**")
    probability_bars(session.names(), shares)
    heat = draw_heatmap(seen, head.class_activation_map(volumes[0], best))
    gallery(
        [
            GalleryImage(seen, "what it gets", "The picture, as the base gets it"),
            GalleryImage(heat, f"evidence for {name}", f"Where the evidence for {name} is"),
        ],
        side=144,
    )


def _another() -> None:
    st.session_state["teach.drawn"] += 1


def show_broken_lesson(base: Base, head: FewShotHead) -> None:
    """The lesson of the tables: guess first, then see what it really learned."""
    st.header("Break it on purpose", anchor=False)
    prose(
        "All moons lay on light tables, all circles on dark ones. Here is a moon on a dark table, which it has never "
        "seen. What will it say?"
    )
    picture = draw_on_table("moon", 1, light=False, seed=1)[0]
    gallery([GalleryImage(picture, "a moon on a dark table", "A moon on a dark table")], side=144)
    guessed = st.segmented_control("Your guess", session.names(), key="teach.guess")
    if guessed is None:
        return
    show_answer(base, head, picture)
    prose(
        "**Look at the evidence**: it lies on the table as well as on the thing. Nobody told the network what to "
        "look at, and the tables told the two apart as well as the shapes. Photos that differ only in what matters "
        "help: moons on dark tables, circles on light ones."
    )
