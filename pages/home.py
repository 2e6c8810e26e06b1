"""Home: what this app is, three entry points, the lessons in order, and whether the server is ready."""

import streamlit as st

from cnn.jobs import queue
from cnn.training import duration_estimate
from cnn.training.config import recipe
from pages.components.network_flow import network_flow
from pages.server.startup import startup
from pages.shell.menu import all_lessons
from pages.shell.page_layout import page_header, prose
from pages.shell.text import duration

DOORS: tuple[tuple[str, str, str | None, str], ...] = (
    ("predict.py", "Try it", "1 minute", "Show a trained network a photo of your own, or draw a digit for it."),
    ("training.py", "Train one", None, "Watch a network learn to read, from guessing to nearly right."),
    ("feature_maps.py", "Look inside", "5 minutes", "See what every filter makes of a picture."),
)

page_header("Convnet Lab", "How does a network that knows only numbers see a picture?", page="home", show_focus=False)

network_flow()
prose(
    "A real network, trained on drawn shapes, and what it really computes. Each small picture is one *feature map*: "
    "bright where a filter finds what it looks for. Choose another picture and watch it pass through."
)

lessons = {lesson.file: lesson for lesson in all_lessons()}
st.header("Where to begin", anchor=False)
for column, (file, title, time, text) in zip(st.columns(len(DOORS)), DOORS, strict=True):
    with column.container(border=True, height="stretch"):
        st.subheader(title, anchor=False)
        st.caption(time or f"about {duration(duration_estimate.seconds(recipe('digits', 'tutorial', epochs=5)))}")
        st.markdown(text)
        st.page_link(file, label=f"Open {lessons[file].title}", icon=":material/arrow_forward:")

st.header("The lessons, in order", anchor=False)
for lesson in lessons.values():
    if lesson.group:
        link, question = st.columns([2, 7], gap="xsmall", vertical_alignment="center")
        link.page_link(lesson.file, label=f"**{lesson.title}**")
        question.markdown(lesson.question)


@st.fragment(run_every=None if all(startup.ready().values()) else 2.0)
def show_readiness() -> None:
    """Show whether everything is ready for a lesson."""
    if all(startup.ready().values()):
        st.caption(":green[:material/check_circle:] Ready for a lesson: training and prediction answer at once.")
    elif problem := startup.problem():
        st.caption(f":material/error: Training is not available now; everything else works. {problem}")
    else:
        st.caption(":material/hourglass_top: Still warming up. You can start; the first answer may take a few seconds.")


def show_jobs() -> None:
    """Show the jobs of all visitors on this machine."""
    running, waiting = queue.jobs(states=["running"]), queue.waiting()
    if running or waiting:
        names = ", ".join(job.name for job in running) or "none"
        st.caption(f":material/memory: Running here: {names}. Waiting: {len(waiting)}.")


show_readiness()
show_jobs()
