"""Taking a model away, in the formats that other programs read, and bringing one in that was made elsewhere."""

import streamlit as st

from cnn.errors import CnnError
from cnn.jobs import queue
from cnn.model import store
from cnn.model.exchange import formats, package
from cnn.requests import models as model_requests
from pages.shell.page_layout import notice, prose
from pages.shell.text import duration
from pages.shell.workspace import workspace
from pages.widgets.job_progress import watch


def take_it_away(card: store.Card) -> None:
    """The whole view: a zip that predicts a photo by itself, the Keras file, and other formats."""
    prose(
        "**Take it away.** The zip holds the network, the names of its classes, its card, and *predict.py*: a short "
        "script that says what is in a photo, on any computer with TensorFlow and Pillow. It prints the same "
        "probabilities as this app."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            f"Zip with a script ({card.bytes / 1e6:.1f} MB)",
            lambda: package.package(card),
            f"{card.architecture}.zip",
            key="models.zip",
            icon=":material/folder_zip:",
            type="primary",
            on_click="ignore",
        )
        keras_file(card)
    with st.expander("The script, predict.py"):
        st.code(package.script(card), language=None, wrap_lines=True)
    if card.pixel_seed is not None:
        prose(
            "This network learned from shuffled pixels. *predict.py* shuffles each photo in the same way; with the "
            "formats below you must do so yourself."
        )
    st.subheader("Other formats", anchor=False)
    prose(
        "Converted once, when somebody asks, and then kept. Each is compared with the original: both are asked about "
        f"up to {formats.MAX_IMAGES} test images."
    )
    for form in formats.FORMS:
        _format(card, form)


def keras_file(card: store.Card) -> None:
    """The button that downloads the model as a Keras file, with its card in it."""
    st.download_button(
        f"Download .keras ({card.bytes / 1e6:.1f} MB)",
        lambda: package.with_card(card),
        f"{card.architecture}.keras",
        key="models.download",
        icon=":material/download:",
        on_click="ignore",
    )


def agreement(made: formats.Exported) -> str:
    """How well a converted model agrees with the original, in a sentence."""
    return (
        f"It names the same class as the original on **{made.same:,} of {made.count:,}** {made.images}; "
        f"no probability differs by more than {_points(made.largest)}."
    )


def _points(share: float) -> str:
    return f"{100 * share:.2g} percentage points" if share >= 1e-5 else "a thousandth of a percentage point"


def _format(card: store.Card, form: str) -> None:
    known, made = formats.FORMS[form], formats.exported(card, form)
    with st.container(border=True):
        st.markdown(f"**{known.title}.** {known.about}")
        if made is not None:
            st.markdown(agreement(made))
            st.download_button(
                f"Download {known.title} ({made.bytes / 1e6:.1f} MB)",
                formats.file(card, form).read_bytes,
                known.file,
                key=f"models.take.{form}",
                icon=":material/download:",
                on_click="ignore",
            )
            return
        wanted = model_requests.key(card, form)
        job = next((job for job in queue.jobs(kind="export") if job.key == wanted), None)
        if job is not None and job.state in queue.ACTIVE:
            watch(job.id, f"models.cancel.{form}")
            return
        if job is not None and job.state != "finished":
            notice(job.reason or f"It was {job.state}, and nothing half done was kept. You can ask for it again.")
        ahead = queue.forecast(workspace()).ahead
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(f"Convert to {known.title}", key=f"models.convert.{form}", on_click=_convert, args=(card, form))
            waiting = f" {ahead} ahead of you in the queue." if ahead else ""
            st.caption(f"Takes about {duration(seconds(card))}, once; then it is kept.{waiting}")


def seconds(card: store.Card) -> float:
    """How long a conversion takes on two cores: nearly all of it is the comparison, and that goes by the pixels."""
    height, width, _ = card.input_shape
    return 4 + 20 * height * width / 160**2


def _convert(card: store.Card, form: str) -> None:
    try:
        model_requests.request(card, form, workspace=workspace(), seconds=seconds(card))
    except CnnError as error:
        st.session_state["models.problem"] = str(error)
