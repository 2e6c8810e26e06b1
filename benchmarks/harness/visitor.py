"""A visitor without a browser, who requests reruns over Streamlit's WebSocket.

Drawing a page loads the visitor's own machine, but in a benchmark that would be the same two cores as the server's. So
this measures only the server's part: from the request to the last message of the rerun.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.request import urlopen

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol

TIMEOUT = 120  # seconds
WIDGET = re.compile(rb"(\$\$ID-[0-9a-f]+-([a-z.]+))")


@contextmanager
def visitor(address: str, page: str, query: str = "") -> Iterator[Callable[..., bytes]]:
    """A new visitor of ``page``, such as "images", with the settings in ``query``.

    Yields:
        A function that runs the page once, waits until the server reports the end, and gives all that it has sent.
        Integers passed by widget key are set first, as in ``rerun(**{"images.page": 2})``, if an earlier run has shown
        the widget. With ``live`` it runs only the part of the page that refreshes itself, as a browser does every
        second. With ``to`` the visitor first goes to another page, given with its settings, as in
        ``rerun(to="explanations?dataset=digits")``.
    """
    with urlopen(f"{address}/{page}") as response:
        cookie = response.headers.get("Set-Cookie", "").partition(";")[0]  # none where the server's disk is read-only
    stream = address.replace("http", "ws", 1) + "/_stcore/stream"
    request = BackMsg()
    request.rerun_script.page_name = page
    request.rerun_script.query_string = query
    protocols = [Subprotocol("streamlit")]
    with connect(stream, subprotocols=protocols, additional_headers={"Cookie": cookie}, max_size=None) as socket:
        ids: dict[str, str] = {}
        live_fragment = ""

        def rerun(*, live: bool = False, to: str = "", **values: int) -> bytes:
            nonlocal live_fragment, page
            if to:
                page, _, request.rerun_script.query_string = to.partition("?")
                request.rerun_script.page_name, live_fragment = page, ""
            if live and not live_fragment:
                raise RuntimeError(f"No part of {page} renews itself.")
            request.rerun_script.fragment_id = live_fragment if live else ""
            request.rerun_script.is_auto_rerun = live
            del request.rerun_script.widget_states.widgets[:]
            for key, value in values.items():
                request.rerun_script.widget_states.widgets.add(id=ids[key], int_value=value)
            socket.send(request.SerializeToString())
            received = []
            while True:
                data = socket.recv(timeout=TIMEOUT, decode=False)
                received.append(data)
                ids.update({key.decode(): id.decode() for id, key in WIDGET.findall(data)})
                message = ForwardMsg.FromString(data)
                if message.WhichOneof("type") == "auto_rerun":
                    live_fragment = message.auto_rerun.fragment_id
                if message.WhichOneof("type") != "script_finished":
                    continue
                expected = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY if live else ForwardMsg.FINISHED_SUCCESSFULLY
                if message.script_finished != expected:
                    raise RuntimeError(f"The rerun of {page} ended as {message.script_finished}.")
                return b"".join(received)

        yield rerun
