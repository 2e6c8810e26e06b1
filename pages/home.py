"""Home: a network at work, three entry points, a lesson of 45 minutes, all lessons, and whether the server is ready."""

import streamlit as st

from cnn.data import catalog
from cnn.jobs import queue
from cnn.training import duration_estimate
from cnn.training.config import recipe
from pages.components.network_flow import network_flow
from pages.lessons.home.cards import PLANS, show_lesson_cards
from pages.lessons.home.lesson_plan import show_lesson_plan
from pages.lessons.home.visits import visited_lessons
from pages.server.startup import startup
from pages.shell.menu import all_lessons
from pages.shell.page_layout import page_header, prose
from pages.shell.text import duration, literal

# A page, its title, how long it takes (None: as long as a training), what it is about, and the query of its address.
DOORS: tuple[tuple[str, str, str | None, str, dict[str, str]], ...] = (
    (
        "predict.py",
        "Try it",
        "1 minute",
        "Show a network that knows photos a cat, or a photo of your own.",
        {"dataset": "cifar10", "model": "cifar10-resnet"},
    ),
    ("training.py", "Train one", None, "Watch a network learn to read, from guessing to nearly right.", {}),
    ("feature_maps.py", "Look inside", "5 minutes", "See what every filter makes of a picture.", {}),
)

page_header("Convnet Lab", "How does a network that knows only numbers see a picture?", page="home", show_focus=False)

if (maps_of_layer := network_flow(with_pictures=catalog.is_prepared("shapes"))) is not None:
    st.switch_page("feature_maps.py", query_params=maps_of_layer)
prose(
    "A trained network at work on drawn shapes. Each small picture is a *feature map*: bright where a filter finds "
    "what it looks for. Choose another picture, or click on a layer to look inside it."
)

st.header("Where to begin", anchor=False)
titles = {lesson.file: lesson.title for lesson in all_lessons()}
for column, (file, title, time, text, query) in zip(st.columns(len(DOORS)), DOORS, strict=True):
    with column.container(key=f"home.door.{file.removesuffix('.py')}", border=True, height="stretch", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
            st.subheader(title, anchor=False, width="content")
            if time is None:
                time = f"about {duration(duration_estimate.seconds(recipe('digits', 'tutorial', epochs=5)))}"
            st.caption(time, width="content")
        st.markdown(text)
        label = f"Open {titles[file]}"
        st.page_link(file, label=label, icon=":material/arrow_forward:", query_params=query)

visited = visited_lessons()
show_lesson_plan(visited)
st.header("The lessons, in order", anchor=False)
with st.container(key="home.ticks"):
    st.caption(f"A tick marks what has been opened in this browser: {len(visited)} of {len(PLANS)} so far.")
show_lesson_cards(visited)


@st.fragment(run_every=None if all(startup.ready().values()) else 2.0)
def show_readiness() -> None:
    """Show whether everything is ready for a lesson."""
    if all(startup.ready().values()):
        st.caption(":green[:material/check_circle:] Ready for a lesson: training and prediction answer at once.")
    elif problem := startup.problem():
        st.caption(f":material/error: Training is not available now; everything else works. {literal(problem)}")
    else:
        st.caption(":material/hourglass_top: Still warming up. You can start; the first answer may take a few seconds.")


def show_jobs() -> None:
    """Show the jobs of all visitors on this machine."""
    running, waiting = queue.jobs(states=["running"]), queue.waiting()
    if running or waiting:
        names = ", ".join(literal(job.name) for job in running) or "none"
        st.caption(f":material/memory: Running here: {names}. Waiting: {len(waiting)}.")


show_readiness()
show_jobs()
