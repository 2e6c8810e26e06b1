"""A lesson of 45 minutes in six steps, for teachers: what to say, what to ask, and what pupils should see."""

from pathlib import Path
from typing import NamedTuple

import streamlit as st

from pages.lessons.home.cards import PLANS, tick
from pages.shell.menu import all_lessons
from pages.shell.text import unbroken

SIDES = "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}"


class Step(NamedTuple):
    """A step: the page's file, the query that opens it in the right state, and what is said, asked and seen."""

    file: str
    query: dict[str, str]
    say: str
    ask: str
    see: str


STEPS = (
    Step(
        "images.py",
        {"dataset": "digits", "images.image": "1"},
        "To a computer a picture is a table of numbers. In a grey picture 0 is black and 255 is white.",
        "In the large picture beside the others: where are the zeros, and where are the largest numbers?",
        "The number of the pixel that they point at: 0 in the black around the seven, 200 and more along its stroke.",
    ),
    Step(
        "convolution.py",
        {"dataset": "digits", "model": "digits-tutorial"},
        "A kernel is a small table of weights that slides over the picture: multiply, add up, write down one number.",
        "Which lines does this kernel find? What comes out where the sky is even?",
        "The products and their sum, −596 at first; strong colours along upright edges, almost none in the sky.",
    ),
    Step(
        "training.py",
        {"dataset": "digits", "model": "digits-tutorial"},
        "Nobody writes a network's weights. They start at random and are corrected a little after every few images.",
        "How many of 100 digits are right by guessing? Start the training: how many after five epochs?",
        "Guessing gets about 10 of 100. After the fifth epoch the validation curve is above 90 %.",
    ),
    Step(
        "feature_maps.py",
        {"dataset": "shapes", "model": "shapes-tutorial", "picture": "test-189", "maps.layer": "conv_1"},
        "A layer has many filters. A feature map shows where one of them found what it looks for.",
        "Click through the layers: up to which one can you still see the star?",
        "In conv_1 the star can be seen, in maps of 30 × 30 numbers. In conv_3 a map has only 4 × 4.",
    ),
    Step(
        "explanations.py",
        {"dataset": "shapes", "model": "shapes-tutorial", "picture": "test-140"},
        "We cannot ask a network for its reasons. We can hide a part of the picture and watch the answer.",
        "Guess first: what must be hidden so that it no longer says circle? Then drag the grey square.",
        "With the circle's middle hidden it says moon. With the stripes at the circle's upper left hidden it says "
        "square: the background counts, too.",
    ),
    Step(
        "predict.py",
        {"dataset": "cifar10", "model": "cifar10-resnet", "picture": "photo-cat"},
        "This network knows ten classes. Whatever it sees, it shares out 100 % among these ten.",
        "It knows the cat. What will it call the temple and the flower, which belong to no class? And your photo?",
        "The cat is a cat, 99 %. The temple is a ship, 91 %, and the flower a bird, 96 %. High confidence is no proof.",
    ),
)


def show_lesson_plan(visited: frozenset[str]) -> None:
    """Show the steps, closed at first: what pupils should see is also the solution.

    Args:
        visited: files of the lessons that have a tick.
    """
    titles = {lesson.file: lesson.title for lesson in all_lessons()}
    minutes = sum(PLANS[step.file].minutes for step in STEPS)
    label = f"For teachers: a lesson of {minutes} minutes in {len(STEPS)} steps"
    with st.expander(label, key="home.plan", icon=":material/school:"):
        for number, step in enumerate(STEPS, 1):
            with st.container(key=f"home.step.{Path(step.file).stem}", gap="xsmall"):
                opened = " · opened" if step.file in visited else ""
                st.page_link(
                    step.file,
                    label=f"**{number}. {titles[step.file]}** · {PLANS[step.file].minutes} minutes{opened}",
                    icon=tick(step.file, visited) or ":material/arrow_forward:",
                    query_params=step.query,
                )
                words = {"Say": step.say, "Ask": step.ask, "Pupils see": step.see}
                for column, (title, text) in zip(st.columns(len(words)), words.items(), strict=True):
                    column.markdown(f"**{title}.** {unbroken(text).replace(' × ', SIDES)}")
