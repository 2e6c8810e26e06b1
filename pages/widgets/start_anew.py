"""*This is not me*: on a computer that several people use, this browser starts as somebody new."""

from urllib.parse import urlencode

import streamlit as st

from cnn.data import catalog
from cnn.data.own import own_datasets
from cnn.data.own.sharing import is_shared
from pages.components.new_visitor import new_visitor
from pages.server.base_path import address_in_app
from pages.shell import selection, visitor_memory
from pages.shell.text import literal
from pages.shell.workspace import workspace

_LEAVING = "shell.leaving"


def show_start_anew() -> None:
    """Show the button, for the foot of the menu; it asks before anything happens."""
    if st.button("This is not me: start as somebody new", key="shell.anew", type="tertiary"):
        _ask()


def is_leaving() -> bool:
    """Whether the visitor has said yes; the page then shows nothing but ``leave``."""
    return _LEAVING in st.session_state


def leave() -> None:
    """Let the browser get a new workspace and open the start page."""
    new_visitor(address_in_app(st.context.url or "", ""), key="shell.new_visitor")


@st.dialog("Start as somebody new?")
def _ask() -> None:
    links = _links_to_own_things()
    st.markdown(
        "This browser begins anew, as if it had never been here. Use it when somebody else has worked on this "
        "computer, or when you leave it to others."
    )
    if links:
        st.markdown(
            "What was made here stays on this machine, and trainings that run go on. But **this browser will no longer "
            "show it as yours**, and nobody can rename or delete it then. Whoever has a link can still use it, so keep "
            "the links that you need:"
        )
        with st.container(height=240 if len(links) > 2 else "content", key="shell.anew.links"):
            for title, link in links.items():
                st.caption(literal(title))
                st.code(link, language=None, wrap_lines=True)
    if closed := [catalog.info(name).title for name in own_datasets.names(workspace()) if not is_shared(name)]:
        titles = ", ".join(f"“{literal(title)}”" for title in closed)
        with st.container(key="shell.anew.closed"):
            st.markdown(
                f"**Nobody will see these images any more**, because you do not share them: {titles}. If they are "
                "still needed, *Share* them first: Images, *Bring your own images*."
            )
    if st.button("Start as somebody new", key="shell.anew.yes", type="primary"):
        _forget_visitor()
        st.rerun()  # a dialog runs by itself: its callback would not bring the whole page to ``leave``


def _links_to_own_things() -> dict[str, str]:
    """Addresses of the visitor's own models and shared data sets, by their titles."""
    mine = workspace()
    links = {
        card.title: ("models", {"model": card.id}) for card in selection.available_models() if card.workspace == mine
    }
    links |= {
        f"{catalog.info(name).title} (images)": ("images", {"dataset": name})
        for name in own_datasets.names(mine)
        if is_shared(name)
    }
    address = st.context.url or ""
    return {title: address_in_app(address, f"{page}?{urlencode(query)}") for title, (page, query) in links.items()}


def _forget_visitor() -> None:
    """Forget what this server's memory holds of the visitor: photos, choices, answers."""
    visitor_memory.forget_all()
    st.session_state.clear()
    st.session_state[_LEAVING] = True
