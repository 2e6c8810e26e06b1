"""Taking a model away, in the formats that other programs read, and bringing one in that was made elsewhere."""

from functools import partial

import streamlit as st

from cnn.model import store
from cnn.model.exchange import formats, package
from cnn.requests import models as model_requests
from pages.shell.page_layout import prose
from pages.shell.workspace import workspace
from pages.widgets.job_request import request_job


def export_view(card: store.Card) -> None:
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
        keras_file_button(card)
    with st.expander("The script, predict.py"):
        st.code(package.predict_script(card), language=None, wrap_lines=True)
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
    for form in formats.FORMATS:
        _format(card, form)


def keras_file_button(card: store.Card) -> None:
    """The button that downloads the model as a Keras file, with its card in it."""
    st.download_button(
        f"Download .keras ({card.bytes / 1e6:.1f} MB)",
        lambda: package.keras_file_with_card(card),
        f"{card.architecture}.keras",
        key="models.download",
        icon=":material/download:",
        on_click="ignore",
    )


def describe_agreement(made: formats.ExportResult) -> str:
    """How well a converted model agrees with the original, in a sentence."""
    return (
        f"It names the same class as the original on **{made.same:,} of {made.count:,}** {made.images}; "
        f"no probability differs by more than {_points(made.largest)}."
    )


def _points(share: float) -> str:
    return f"{100 * share:.2g} percentage points" if share >= 1e-5 else "a thousandth of a percentage point"


def _format(card: store.Card, form: str) -> None:
    known, made = formats.FORMATS[form], formats.export_result(card, form)
    with st.container(border=True):
        st.markdown(f"**{known.title}.** {known.about}")
        if made is not None:
            st.markdown(describe_agreement(made))
            st.download_button(
                f"Download {known.title} ({made.bytes / 1e6:.1f} MB)",
                formats.export_file(card, form).read_bytes,
                known.file,
                key=f"models.take.{form}",
                icon=":material/download:",
                on_click="ignore",
            )
            return
        request_job(
            model_requests.export_job(card, form),
            partial(model_requests.export, card, form, workspace()),
            label=f"Convert to {known.title}",
            key=f"models.convert.{form}",
            seconds=model_requests.seconds_to_export(card),
            type="secondary",
        )
