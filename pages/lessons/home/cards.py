"""The lessons as cards: a picture from the page itself, its title, how long it takes and what one does there."""

import base64
from functools import cache
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from pages.shell.menu import Lesson, all_lessons

THUMBNAILS = Path(__file__).parents[2] / "assets" / "thumbnails"
SIDE = 80  # of a thumbnail on screen, in pixels; the files have twice as many


class Plan(NamedTuple):
    """How many minutes a class needs for a lesson, and its goal in a short sentence."""

    minutes: int
    goal: str


PLANS: dict[str, Plan] = {
    "images.py": Plan(6, "Look at a picture as a network does: as numbers."),
    "convolution.py": Plan(8, "Follow a small window and work out one of its numbers."),
    "augmentation.py": Plan(6, "Find out how much a picture can change and still be known."),
    "dense_or_convolutional.py": Plan(8, "Drag an object and see which network still knows it."),
    "architecture.py": Plan(10, "Build a network and see what each layer costs."),
    "training.py": Plan(9, "Watch a network go from guessing to nearly right."),
    "feature_maps.py": Plan(8, "Find a map that answers to an edge."),
    "time_machine.py": Plan(5, "Watch filters form, epoch by epoch."),
    "explanations.py": Plan(7, "Find the part of a picture that the answer rests on."),
    "evaluation.py": Plan(8, "Find the classes that a network mixes up."),
    "predict.py": Plan(7, "Ask a network about a photo of your own."),
    "teach_your_own.py": Plan(10, "Teach a network two things with a few photos."),
    "transfer_learning.py": Plan(10, "Build on what another network has learned."),
    "models.py": Plan(5, "Compare networks by size and by accuracy."),
}
"""By the lesson's file."""


def tick(file: str, visited: frozenset[str]) -> str | None:
    """The icon of a link to a page: a tick if the visitor has opened it."""
    return ":material/check_circle:" if file in visited else None


def show_lesson_cards(visited: frozenset[str]) -> None:
    """Show a card for each lesson, in order.

    Args:
        visited: files of the lessons that have a tick.
    """
    with st.container(key="home.lessons"):
        for lesson in all_lessons():
            if lesson.group:
                _show_card(lesson, visited)


def _show_card(lesson: Lesson, visited: frozenset[str]) -> None:
    minutes, goal = PLANS[lesson.file]
    with st.container(key=f"home.card.{Path(lesson.file).stem}", gap=None):
        st.html(f'<img class="thumbnail" src="{_thumbnail(lesson.file)}" alt="" width="{SIDE}" height="{SIDE}">')
        st.page_link(lesson.file, label=f"**{lesson.title}**", icon=tick(lesson.file, visited))
        opened = " · opened" if lesson.file in visited else ""
        st.caption(f"{goal}  \n{minutes} min{opened}")


@cache
def _thumbnail(file: str) -> str:
    picture = (THUMBNAILS / file).with_suffix(".webp").read_bytes()
    return f"data:image/webp;base64,{base64.b64encode(picture).decode()}"
