"""The menu "More" beside a page's title: what can be done with a page, whatever it teaches."""

import streamlit as st

from pages.components.projector_mode import projector_mode_button
from pages.shell.more_menu.sharing import share_view
from pages.shell.more_menu.worksheet import offer_worksheet
from pages.shell.reset import reset


def show_more_menu(page: str, *, about_model: bool) -> None:
    """Show the menu; its entries share the view, project it, make a worksheet and reset the page.

    Args:
        page: prefix of the page's widget keys, as in "training" for ``training.epochs``.
        about_model: whether the page depends on the selected model, which the worksheet is about.
    """
    popover = st.popover("More", icon=":material/more_horiz:", type="tertiary", key="shell.more")
    with popover, st.container(key="shell.more.entries", gap="xsmall"):
        if st.button("Share this view", key="shell.share", type="tertiary", icon=":material/qr_code_2:"):
            share_view()
        projector_mode_button()
        if about_model:
            label, icon = "Download a worksheet", ":material/edit_note:"
            if st.button(label, key="shell.worksheet", type="tertiary", icon=icon):
                offer_worksheet()
        st.button(
            "Reset settings",
            key=f"shell.reset.{page}",
            type="tertiary",
            icon=":material/restart_alt:",
            on_click=reset,
            args=(page,),
        )
