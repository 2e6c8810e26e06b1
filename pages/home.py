"""Home: what this is, three doors, the lessons in order, and whether the room is ready."""

import streamlit as st

from pages.shared import server_state
from pages.shared.header import page_header
from pages.shared.lessons import lessons

DOORS = (
    ("predict.py", "Try it", "1 minute", "Show a trained network a photo of your own, or draw a digit for it."),
    (
        "training.py",
        "Train one",
        "4 seconds",
        "Watch a network learn to read handwriting, from guessing to nearly right.",
    ),
    ("images.py", "Look closer", "5 minutes", "Page through the very images a network learns from."),
)

page_header("Convnet Lab", "How does a network that knows only numbers see a picture?", page="home", show_focus=False)

here = {lesson.file: lesson for lesson in lessons()}
doors = [door for door in DOORS if door[0] in here]
if doors:
    st.header("Where to begin", anchor=False)
    for column, (file, title, time, text) in zip(st.columns(len(doors)), doors, strict=True):
        with column.container(border=True, height="stretch"):
            st.subheader(title, anchor=False)
            st.caption(time)
            st.markdown(text)
            st.page_link(file, label=f"Open {here[file].title}", icon=":material/arrow_forward:")

st.header("The lessons, in order", anchor=False)
for lesson in here.values():
    if lesson.group:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(lesson.file, label=f"**{lesson.title}**", width=120)
            st.markdown(lesson.question)


@st.fragment(run_every=None if all(server_state.ready().values()) else 2.0)
def readiness() -> None:
    """Before a lesson: is everything warm?"""
    if all(server_state.ready().values()):
        st.caption(":green[:material/check_circle:] Ready for a lesson: training and prediction answer at once.")
    elif problem := server_state.problem():
        st.caption(f":material/error: Training is not available now; everything else works. {problem}")
    else:
        st.caption(":material/hourglass_top: Still warming up. You can start; the first answer may take a few seconds.")


readiness()
