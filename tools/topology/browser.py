"""A visitor without a window: keeps cookies, opens pages over Streamlit's WebSocket, and clicks buttons."""

import hashlib
import hmac
import re
import time
from http.cookies import SimpleCookie
from urllib.request import Request, urlopen

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tools.topology.processes import SECRET, SERVERS, Topology

STICKY = "convnet_server"
SECONDS_FOR_A_PAGE = 60
_WIDGET = re.compile(rb"(\$\$ID-[0-9a-f]+-([a-z.]+))")


class Browser:
    """A visitor of the topology's site.

    Attributes:
        cookies: by name.
    """

    def __init__(self, topology: Topology) -> None:
        self._topology = topology
        self.cookies: dict[str, str] = {}

    def fetch(self, path: str) -> str:
        """Request a path, without JavaScript, and keep the cookies that come with it; returns the body."""
        request = Request(f"{self._topology.site}/{path}", headers={"Cookie": self._cookie_header()})
        with urlopen(request, timeout=SECONDS_FOR_A_PAGE) as response:
            for header in response.headers.get_all("Set-Cookie", []):
                self.cookies |= {name: cookie.value for name, cookie in SimpleCookie(header).items()}
            return response.read().decode()

    def server(self) -> str:
        """The server that the proxy has sent this visitor to, by the sticky cookie."""
        for name in SERVERS:
            address = self._topology.addresses[name]
            if hmac.new(SECRET.encode(), address.encode(), hashlib.sha256).hexdigest() == self.cookies.get(STICKY):
                return name
        return ""

    def open_page(self, page: str, query: str = "", *, click: str = "") -> str:
        """Open a page as a link does, perhaps click one of its buttons, and return all text that the server sent.

        Args:
            page: such as "training".
            query: of the address, without its question mark.
            click: the key of a button.

        Raises:
            RuntimeError: the page ended with an error, or has no such button.
            TimeoutError: it did not end within ``SECONDS_FOR_A_PAGE``.
        """
        self.fetch(page)
        stream = self._topology.site.replace("http", "ws", 1) + "/_stcore/stream"
        # The browser's own header: Streamlit refuses pages of other sites by it.
        headers = {"Cookie": self._cookie_header(), "Origin": self._topology.site}
        protocols = [Subprotocol("streamlit")]
        with connect(stream, subprotocols=protocols, additional_headers=headers, max_size=None) as socket:
            request = BackMsg()
            request.rerun_script.page_name, request.rerun_script.query_string = page, query
            socket.send(request.SerializeToString())
            received = _read_run(socket)
            if click:
                ids = {key.decode(): id.decode() for id, key in _WIDGET.findall(received)}
                if click not in ids:
                    raise RuntimeError(f"The page {page} has no button {click}.")
                request.rerun_script.widget_states.widgets.add(id=ids[click], trigger_value=True)
                socket.send(request.SerializeToString())
                received = _read_run(socket)
        return received.decode(errors="replace")

    def open_page_when_possible(self, page: str, query: str = "") -> str:
        """As ``open_page``, tried again as a browser does while a server is being replaced."""
        deadline = time.monotonic() + SECONDS_FOR_A_PAGE
        while True:
            try:
                return self.open_page(page, query)
            except (OSError, WebSocketException):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def _cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


def _read_run(socket: ClientConnection) -> bytes:
    """All messages of one run of a page, up to the one that says it has ended."""
    received = b""
    while True:
        data = socket.recv(timeout=SECONDS_FOR_A_PAGE, decode=False)
        received += data
        message = ForwardMsg.FromString(data)
        if message.WhichOneof("type") == "script_finished":
            if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return received
            if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                raise RuntimeError(f"A page ended as {message.script_finished}.")
