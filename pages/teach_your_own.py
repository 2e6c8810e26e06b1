"""Teach your own: a head trained at once on a few of the visitor's photos, and what it really learned."""

import streamlit as st

from cnn.errors import ConfigError
from cnn.keras_code.snippets import few_shot_code
from cnn.model.pretrained_bases import best_available_base
from pages.lessons.teach_your_own import answer, classes, photo_intake, session
from pages.lessons.teach_your_own.head import fitted_head
from pages.lessons.teach_your_own.project import show_project_row
from pages.lessons.teach_your_own.save_as_dataset import save_as_dataset_view
from pages.shell.page_layout import page_foot, page_header, plain_notice, prose, section
from pages.shell.visitor_memory import KEPT_SECONDS
from pages.shell.weights_note import show_weights_note
from pages.shell.workspace import workspace_from_cookie

page_header("Teach your own", "Can you teach it your own things?", page="teach", show_focus=False)
base = best_available_base()
session.prepare_session(base)
privacy = (
    "Your photos stay on this server, and only this browser shows them. A reload brings them back for "
    f"{KEPT_SECONDS // 60} minutes after you last used this page. On a shared computer, "
    "delete them and close the tab before you go."
    if workspace_from_cookie()
    else "Your photos stay on this server and nobody else sees them. "
    "This browser sends no cookie, so a reload loses them."
)
prose(
    "Name some classes and give each a few photos. A **base** that has learned to see turns each photo into "
    f"{base.features:,} numbers; a **head** learns your classes from them, afresh with every photo, in a moment."
)
show_project_row(base)
with st.container(key="teach.columns"):
    left, right = st.columns([3, 2], gap="large")
with left:
    with st.container(key="teach.photos"):
        section("**Your photos**")
    photo_intake.show_intake(base)
session.keep_for_reload()
head = None
try:
    head = fitted_head()
except ConfigError as error:
    problem = str(error)
with left:
    classes.show_classes(head)
with right:
    if head is None:
        plain_notice(problem, key="teach.problem")
    else:
        answer.show_trial(base, head)
        answer.show_accuracy(head)
prose(privacy)
show_weights_note(base.name)
if base.name != "mobilenet_v2":
    prose(
        "MobileNetV2's weights are not on this machine, so **the built-in base** looks at your photos: it sees only "
        "32 × 32 pixels of each and is right less often.",
        key="teach.built_in",
    )
    st.page_link("transfer_learning.py", label="How to get MobileNetV2")
if head is not None and session.is_broken_example():
    answer.show_broken_lesson(base, head)
if head is not None and session.own_photos():
    save_as_dataset_view()

prose(
    "**What to notice.** Five photos a class are often enough: the base has learned to see from many others. ✗ marks a "
    "photo that the others would put into another class: it is in the wrong one, or shows something new."
)
page_foot(
    [
        "Two classes, three photos each. Hold the thing closer, turn it, change the light: when does it fail?",
        "Put the same thing on two different tables, one for each class. What did it learn?",
        "Show it something that is in no class. How sure is it?",
        "Swap one photo into the wrong class. Can you find it by its mark?",
    ],
    code=few_shot_code(base, session.MAX_SIDE),
    reading=[
        ("Teachable Machine (Carney et al., 2020)", "https://doi.org/10.1145/3334480.3382839"),
        (
            "Learning deep features for discriminative localization (Zhou et al., 2016)",
            "https://arxiv.org/abs/1512.04150",
        ),
        ("Shortcut learning in deep neural networks (Geirhos et al., 2020)", "https://arxiv.org/abs/2004.07780"),
    ],
)
