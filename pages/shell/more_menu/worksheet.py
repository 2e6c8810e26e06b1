"""*Download a worksheet*: tasks to solve with a pencil, made of the selected network's own numbers, as a PDF file."""

from typing import Any

import streamlit as st

from cnn.errors import CnnError
from cnn.files import safe_file_name
from cnn.model import store
from cnn.model.store import Card
from pages.shell import selection
from pages.shell.errors import plain_notice
from pages.shell.text import literal

_LARGEST_SEED = 999
_BY_CARD: dict[str | type, Any] = {Card: lambda card: (card.fingerprint, card.dataset)}


@st.dialog("Worksheet")
def offer_worksheet() -> None:
    """Let the visitor choose the worksheet's number and download it."""
    try:
        card = selection.selected_card()
        st.markdown(
            "Two sides of tasks to print and solve with a pencil, and a third with the answers. The numbers come from "
            f"**{literal(card.title)}** and one of its validation images."
        )
        seed = st.number_input("Number of the worksheet", 1, _LARGEST_SEED, 1, key="shell.worksheet.seed")
        st.caption("The same number gives the same tasks. Give neighbours different ones.")
        file = _pdf(card, int(seed))
    except CnnError as error:
        plain_notice(error, key="shell.worksheet.problem")
        return
    st.download_button(
        f"Download worksheet {seed}",
        file,
        f"{safe_file_name(f'worksheet {seed}, {card.title}')}.pdf",
        "application/pdf",
        key="shell.worksheet.download",
        icon=":material/download:",
        type="primary",
        on_click="ignore",
    )


@st.cache_data(max_entries=32, show_spinner="Making the worksheet …", hash_funcs=_BY_CARD)
def _pdf(card: Card, seed: int) -> bytes:
    """The worksheet ``seed`` of a network.

    Raises:
        CnnError: its data set is not prepared, its file is damaged, or its numbers cannot be worked out by hand.
    """
    # Matplotlib takes half a second to import, and most visitors ask for no worksheet.
    from cnn.analysis.worksheet.worksheet import make_worksheet
    from cnn.figures.paper import pdf
    from pages.shell.more_menu.worksheet_sheets import worksheet_sheets

    return pdf(worksheet_sheets(make_worksheet(card, store.load_file(card), seed), card.title))
