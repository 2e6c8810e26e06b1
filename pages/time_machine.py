"""Time machine: how a network developed, epoch by epoch, from the weights that its run has stored."""

from cnn.errors import CnnError
from cnn.keras_code.snippets import time_machine_code
from pages.lessons.time_machine.replay import choose_other_run, selected_run, show_replay
from pages.shell.page_layout import page_foot, page_header, plain_notice, prose
from pages.widgets.selected_image import select_image

page_header("Time machine", "How did the network become what it is?", page="time")
card = selected_run()
selected = select_image(card)
if selected is not None:
    try:
        show_replay(selected, choose_other_run(card))
    except CnnError as error:
        plain_notice(error)

prose(
    "**What to notice.** It begins with random filters, and guesses. The first epoch changes most. Later the filters "
    "hardly move, but the network still becomes more confident."
)
page_foot(
    [
        "Stop at epoch 1. Which classes does it already know, and which does it mix up?",
        "Is the evidence in the same place from the beginning?",
        "Train a network with a learning rate ten times as large, and watch both side by side.",
        "Train one with random labels: its filters change as well. What does not get better?",
    ],
    code=time_machine_code(),
    reading=[
        ("Visualizing the loss landscape (Li et al., 2018)", "https://arxiv.org/abs/1712.09913"),
        ("A closer look at memorization (Arpit et al., 2017)", "https://arxiv.org/abs/1706.05394"),
    ],
)
