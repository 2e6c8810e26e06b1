"""Teach your own: a head trained at once on a few of the visitor's photos, and what it really learned."""

import streamlit as st

from cnn.errors import ConfigError
from cnn.keras_code.snippets import few_shot_code
from cnn.model.pretrained_bases import best_available_base
from pages.lessons.teach_your_own import answer, classes, photo_intake, session
from pages.lessons.teach_your_own.save_as_dataset import save_as_dataset_view
from pages.shell.page_layout import as_keras_code, further_reading, notice, page_header, prose, try_this
from pages.shell.weights_note import show_weights_note

page_header("Teach your own", "Can you teach it your own things?", page="teach", show_focus=False)
base = best_available_base()
session.prepare_session(base)
prose(
    "Name some classes and give each a few photos. A **base** that has learned to see turns each photo into "
    f"{base.features:,} numbers; a **head** learns your classes from them, anew with every photo, in a moment. "
    "Your photos stay in this server's memory, nobody else sees them, and they are gone when you leave."
)
show_weights_note(base.name)
if base.name != "mobilenet_v2":
    notice(
        "MobileNetV2's weights are not on this machine, so **the built-in base** looks at your photos: it sees only "
        "32 × 32 pixels of each and is right less often."
    )
    st.page_link("transfer_learning.py", label="How MobileNetV2 comes here")
with st.container(horizontal=True):
    st.button("An example: stars and hearts", key="teach.fair", on_click=session.load_example, args=(base, "fair"))
    st.button("Break it on purpose", key="teach.break", on_click=session.load_example, args=(base, "broken"))
    st.button("Start with empty classes", key="teach.empty", on_click=session.start_empty)
    st.button("Delete all photos", key="teach.delete", icon=":material/delete:", on_click=session.start_empty)

photo_intake.show_intake(base)
head = None
try:
    head = session.fitted_head()
except ConfigError as error:
    problem = str(error)
left, right = st.columns([3, 2], gap="large")
with left:
    classes.show_classes(head)
with right:
    if head is None:
        notice(problem, key="teach.problem")
    else:
        answer.show_trial(base, head)
        answer.show_accuracy(head)
if head is not None and session.is_broken_example():
    answer.show_broken_lesson(base, head)
if head is not None and st.session_state.get(session.EXAMPLE) is None:
    save_as_dataset_view()

prose(
    "**What to notice.** Five photos a class are often enough: the base has learned to see from many others. ✗ marks a "
    "photo that the others would give to another class: it pulls the head the wrong way, or shows something new."
)
try_this(
    [
        "Two classes, three photos each. Hold the thing closer, turn it, change the light: when does it fail?",
        "Put the same thing on two different tables, one for each class. What did it learn?",
        "Show it something that is in no class. How sure is it?",
        "Swap one photo into the wrong class. Can you find it by its mark?",
    ]
)
as_keras_code(few_shot_code(base, session.MAX_SIDE))
further_reading(
    [
        ("Teachable Machine (Carney et al., 2020)", "https://doi.org/10.1145/3334480.3382839"),
        (
            "Learning deep features for discriminative localization (Zhou et al., 2016)",
            "https://arxiv.org/abs/1512.04150",
        ),
        ("Shortcut learning in deep neural networks (Geirhos et al., 2020)", "https://arxiv.org/abs/2004.07780"),
    ]
)
