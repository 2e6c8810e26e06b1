"""Export of a model: a zip that predicts by itself, the Keras file, and other formats."""

from functools import partial

import streamlit as st

from cnn.files import safe_file_name
from cnn.model import store
from cnn.model.exchange import formats, package
from cnn.requests import models as model_requests
from pages.shell.page_layout import prose
from pages.shell.workspace import workspace
from pages.widgets.job_request import request_job


def export_view(card: store.Card) -> None:
    """All downloads of a model, and the conversions that make more of them."""
    prose(
        "**Take it away.** The zip holds the network, the names of its classes, its card, and *predict.py*: a short "
        "script that says what is in a photo, on any computer with TensorFlow and Pillow. It prints the same "
        "probabilities as this app. *Import a model* below takes zip and Keras file in again, in any browser."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            f"Zip with a script ({card.bytes / 1e6:.1f} MB)",
            lambda: package.package(card),
            f"{safe_file_name(card.title)}.zip",
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
        f"up to {formats.MAX_IMAGES} test images. A TFLite file cannot be taken in again: keep the Keras file, too."
    )
    for name in formats.FORMATS:
        _show_format(card, name)


def keras_file_button(card: store.Card) -> None:
    """The button that downloads the model as a Keras file, with its card inside."""
    st.download_button(
        f"Download .keras ({card.bytes / 1e6:.1f} MB)",
        lambda: package.keras_file_with_card(card),
        f"{safe_file_name(card.title)}.keras",
        key="models.download",
        icon=":material/download:",
        on_click="ignore",
    )


def describe_agreement(result: formats.ExportResult) -> str:
    """How closely a converted model agrees with the original, in a sentence."""
    return (
        f"It names the same class as the original on **{result.same:,} of {result.count:,}** {result.images}; "
        f"no probability differs by more than {_percentage_points(result.largest)}."
    )


def _percentage_points(difference: float) -> str:
    """A difference of probabilities, 0..1, in words."""
    return f"{100 * difference:.2g} percentage points" if difference >= 1e-5 else "a thousandth of a percentage point"


def _show_format(card: store.Card, name: str) -> None:
    """One format of ``FORMATS``: its download, or the button that converts the model to it."""
    form, result = formats.FORMATS[name], formats.export_result(card, name)
    with st.container(border=True):
        st.markdown(f"**{form.title}.** {form.about}")
        if result is not None:
            with st.container(key=f"models.agreement.{name}"):
                st.markdown(describe_agreement(result))
            st.download_button(
                f"Download {form.title} ({result.bytes / 1e6:.1f} MB)",
                formats.export_file(card, name).read_bytes,
                f"{safe_file_name(card.title)}{form.ending}",
                key=f"models.take.{name}",
                icon=":material/download:",
                on_click="ignore",
            )
            return
        request_job(
            model_requests.export_job(card, name),
            partial(model_requests.export_model, card, name, workspace()),
            label=f"Convert to {form.title}",
            key=f"models.convert.{name}",
            seconds=model_requests.seconds_to_export(card),
            type="secondary",
        )
