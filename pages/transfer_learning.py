"""Transfer learning: what a network has learned from a million photos, reused for a few of one's own."""

import streamlit as st

from cnn.data import catalog
from cnn.errors import CnnError
from cnn.jobs import queue
from cnn.keras_code.transfer import base_summary_code, transfer_code
from cnn.model import store
from cnn.pretrained.transfer_results import DATASET, WEIGHTS_NOTE
from cnn.requests import runs as run_requests
from pages.lessons.transfer_learning import base_choice, controls, ladder, transfer_run
from pages.lessons.transfer_learning.base_summary import base_summary_view
from pages.lessons.transfer_learning.base_walkthrough import base_walkthrough
from pages.shell import selection
from pages.shell.page_layout import page_foot, page_header, plain_notice, prose
from pages.shell.weights_note import show_weights_note
from pages.shell.workspace import workspace
from pages.widgets import dataset_preparation, linked_inputs
from pages.widgets.run import watch

VIEWS = {
    "train": "Train a new head",
    "steps": "What the base sees in a photo",
    "summary": "Its layers · summary()",
}

page_header("Transfer learning", "Can a network use what another one has already learned?", page="transfer")
dataset = selection.dataset()
prose(
    "Edges, textures, eyes, wheels: a **base** that has learned from many photos finds them in others too. It stays "
    "as it is, frozen, and only a small new **head** learns your classes. With few images that often beats starting "
    "from scratch."
)
base_choice.offer_weights("transfer")
with st.container(horizontal=True, vertical_alignment="bottom"):
    base = base_choice.choose_base("transfer")
    view = linked_inputs.view("transfer.view", "View", VIEWS)
    if dataset != DATASET:
        st.page_link(
            "transfer_learning.py",
            label=f"Select {catalog.info(DATASET).title}",
            query_params={"dataset": DATASET},
            icon=":material/pets:",
        )
code = None
if (base.name, dataset) == ("built-in", "cifar10"):
    prose("The built-in base has learned on CIFAR-10 itself, so here it only shows how well it remembers.")
if view == "summary":
    base_summary_view(base, dataset)
    code = base_summary_code(base)
elif not catalog.is_prepared(dataset):
    dataset_preparation.offer_preparation(dataset)
    transfer_run.show_stored_run()
elif view == "steps":
    show_weights_note(base.name)
    base_walkthrough(base, dataset)
else:
    try:
        config = controls.transfer_settings(dataset, base)
        transfer_run.offer_run(config, base)
        code = transfer_code(config)
        run = watch.shown_run(run_requests.latest_transfer(workspace(), dataset))
        compared = transfer_run.run_from_scratch(config)
        run_tab, ladder_tab = st.tabs(["The run", "The ladder: how many layers to train"], key="transfer.tabs")
        with run_tab:
            if run:
                show_weights_note(queue.read(run).settings.get("base"))
                watch.watch_run(run, compared)
            else:
                transfer_run.show_stored_run()
        with ladder_tab:
            ladder.show_ladder(config)
        if run and queue.read(run).state in ("finished", "stopped") and store.has_card(run):
            with st.container(horizontal=True, key="transfer.next"):
                for file, label, icon in (
                    ("predict.py", "Try a photo on it", "photo_camera"),
                    ("explanations.py", "What does it look at?", "search"),
                    ("evaluation.py", "See its mistakes", "close"),
                ):
                    st.page_link(file, label=label, query_params={"model": run}, icon=f":material/{icon}:")
    except CnnError as error:
        plain_notice(error)

prose(
    "**What to notice.** Before any training the head only guesses. Then it learns in seconds: the base does the "
    "seeing. Fine-tuning takes longer, and needs a low learning rate, or the base forgets what it knew.\n\n"
    + f"{ladder.describe_when_tuning_helps()} {WEIGHTS_NOTE}"
)
page_foot(
    [
        "Train the head twice. Why is the second time so much faster?",
        "Tune the last 30 layers. How many photos are gained, how many lost? Could that be chance?",
        "Train one from scratch beside it. How many images would it need?",
        "Bring in images of your own on the Images page, and come back.",
    ],
    code=code,
    reading=[
        ("Keras: transfer learning and fine-tuning", "https://keras.io/guides/transfer_learning/"),
        ("MobileNetV2 (Sandler et al., 2018)", "https://arxiv.org/abs/1801.04381"),
        ("How transferable are features in deep networks? (Yosinski et al., 2014)", "https://arxiv.org/abs/1411.1792"),
        ("Do better ImageNet models transfer better? (Kornblith et al., 2019)", "https://arxiv.org/abs/1805.08974"),
    ],
)
