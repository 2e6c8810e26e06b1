"""*Share this view*: the link of exactly what is on the screen, to copy, and as a QR code to scan from a projector."""

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

import segno
import streamlit as st

from cnn.data import catalog
from cnn.data.own import own_datasets
from cnn.data.own.sharing import is_shared
from pages.server.network_addresses import addresses, is_loopback
from pages.shell import selection
from pages.shell.text import literal
from pages.shell.workspace import workspace


@st.dialog("Share this view", width="medium")
def share_view() -> None:
    """Show the link of the view and its QR code."""
    link = link_of_view(st.context.url or "", st.query_params.to_dict(), st.get_option("server.address"))
    st.html(f'<img class="qr" alt="QR code of the link below" src="{qr_code(link)}">')
    with st.container(key="shell.share.link"):
        st.code(link, language=None, wrap_lines=True)
    if is_loopback(urlsplit(link).hostname or ""):
        with st.container(key="shell.share.local"):
            st.caption(
                "Only this computer can open the link. For a class, start the app with `make class`; phones can then "
                "scan the code."
            )
    name = selection.dataset()
    if name in own_datasets.names(workspace()) and not is_shared(name):
        title = literal(catalog.info(name).title)
        with st.container(key="shell.share.closed"):
            st.caption(f"Others see no image of “{title}”. *Share* it first: Images, *Bring your own images*.")
    if st.session_state.get("shell.own_photos"):
        st.caption("Pictures of your own stay with you: the link opens without them.")


def link_of_view(url: str, query: Mapping[str, str], listens_at: str | None) -> str:
    """The address of a page with its settings, for other devices.

    A browser on the server's own machine calls it localhost, which leads nowhere from elsewhere. The link then has the
    machine's address in the network instead, if the server listens there.

    Args:
        url: of the page, as the visitor's browser has it, without its query.
        query: the page's settings.
        listens_at: the address at which the server accepts connections; None for all that the machine has.
    """
    address = urlsplit(url)
    if is_loopback(address.hostname or "") and not is_loopback(listens_at or "") and (reachable := addresses()):
        address = address._replace(netloc=f"{reachable[0]}:{address.port}" if address.port else reachable[0])
    return address._replace(query=urlencode(query)).geturl()


def qr_code(link: str) -> str:
    """``link`` as a QR code: the data address of an SVG picture, dark on white, with the white border it needs."""
    return segno.make(link, error="m", micro=False).svg_data_uri(dark="#000", light="#fff", border=4)
