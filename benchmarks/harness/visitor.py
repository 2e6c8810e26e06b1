"""A visitor without a browser: asks the server for reruns over Streamlit's own WebSocket.

Drawing a page costs the visitor's own machine; in a class that is another one, on this bench it would be the same two
cores. What is timed here is the server's part: from the request to the last message of the rerun.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.request import urlopen

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol

PATIENCE = 120  # seconds
WIDGET = re.compile(rb"(\$\$ID-[0-9a-f]+-([a-z.]+))")


@contextmanager
def visitor(address: str, page: str, query: str = "") -> Iterator[Callable[..., None]]:
    """A new visitor of ``page``, such as "images", with the settings of ``query``.

    Yields:
        A function that runs the page once and waits until the server says it is done. Named whole numbers are set
        first, as the widgets' keys have them: ``rerun(**{"images.page": 2})``, once a run has shown the widget. With
        ``live`` it runs only the part of the page that renews itself, as a browser does every second.
    """
    with urlopen(f"{address}/{page}") as answer:
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
    stream = address.replace("http", "ws", 1) + "/_stcore/stream"
    request = BackMsg()
    request.rerun_script.page_name = page
    request.rerun_script.query_string = query
    protocols = [Subprotocol("streamlit")]
    with connect(stream, subprotocols=protocols, additional_headers={"Cookie": cookie}, max_size=None) as socket:
        ids: dict[str, str] = {}
        renewed = ""

        def rerun(*, live: bool = False, **numbers: int) -> None:
            nonlocal renewed
            if live and not renewed:
                raise RuntimeError(f"No part of {page} renews itself.")
            request.rerun_script.fragment_id = renewed if live else ""
            request.rerun_script.is_auto_rerun = live
            del request.rerun_script.widget_states.widgets[:]
            for key, number in numbers.items():
                request.rerun_script.widget_states.widgets.add(id=ids[key], int_value=number)
            socket.send(request.SerializeToString())
            while True:
                data = socket.recv(timeout=PATIENCE, decode=False)
                ids.update({key.decode(): id.decode() for id, key in WIDGET.findall(data)})
                message = ForwardMsg.FromString(data)
                if message.WhichOneof("type") == "auto_rerun":
                    renewed = message.auto_rerun.fragment_id
                if message.WhichOneof("type") != "script_finished":
                    continue
                ended = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY if live else ForwardMsg.FINISHED_SUCCESSFULLY
                if message.script_finished != ended:
                    raise RuntimeError(f"The rerun of {page} ended as {message.script_finished}.")
                return

        yield rerun
