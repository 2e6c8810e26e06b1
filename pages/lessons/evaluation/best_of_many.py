"""Why the final exam is sealed: the best of many guessers looks good only on the images that chose it."""

import streamlit as st

from cnn.analysis.evaluation.best_of_many import best_guesser
from cnn.data.split import Split
from cnn.model.store import Card
from pages.shell.page_layout import prose, section
from pages.shell.text import percent
from pages.widgets import linked_inputs
from pages.widgets.scores.split_words import images_of

GUESSERS = (1, 10, 100, 1000)
IMAGES = 100
SEEDS = range(1, 1000)


def best_of_many_view(card: Card, split: Split) -> None:
    """Guessers to choose the best of, and what the best does on other images, beside the network."""
    section("**May the test images choose the network?** · selection bias")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choices = list(GUESSERS)
        guessers = int(
            linked_inputs.buttons("evaluation.guessers", "Guessers", choices, GUESSERS[2], format_func="{:,}".format)
        )
        seed = linked_inputs.whole("evaluation.guessers.seed", "Which draw (seed)", SEEDS, 1, width=160)
    best = best_guesser(split.labels, len(card.class_names), guessers, IMAGES, seed)
    if not best.images:
        prose("There are too few images here to try it.")
        return
    who = "One guesser names" if guessers == 1 else f"{guessers:,} guessers name"
    prose(
        f"{who} a class at random for {best.images} {images_of(split)}, without looking at them. "
        f"{'It has' if guessers == 1 else 'The best of them has'}:"
    )
    with st.container(horizontal=True, key="evaluation.best_guesser"):
        for label, correct in (("on these images", best.chosen), (f"on {best.images} other images", best.again)):
            st.metric(label, f"{percent(correct / best.images)} right", width=240)
    prose(
        "**Why.** The best of many is good or lucky, and luck does not carry over to other images. Networks "
        "do not guess, but when many are compared on the same images, the winner's score is too high as well. "
        "So networks are chosen by their *validation* images. The *test* images may not choose: that exam stays sealed "
        "until the choice is made, so its score is honest."
    )
