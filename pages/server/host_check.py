"""ASGI middleware that answers only to this server's own names, and keeps Streamlit's figures about visitors to itself.

A page from elsewhere can have its own name point to a visitor's machine and then read what a server there says ("DNS
rebinding"). The browser still sends that name, and so such a request is known. An address in numbers cannot be pointed
anywhere, so whoever sends one means this machine.

Source: RFC 9110, sections 7.2, "Host", and 7.4, "Rejecting Misdirected Requests".
"""

import ipaddress
import os
import socket
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pages.server.base_path import base_path, path_in_app
from pages.server.network_addresses import is_loopback

HOSTS = "CNN_HOSTS"
_CLOSED = "/_stcore/metrics"  # how many visitors there are, and what their sessions hold


class HostMiddleware:
    """Refuses requests that name another host with status 421, and those for Streamlit's figures with 404."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.names = own_names()
        self.base = base_path()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        host = host_name(Headers(scope=scope).get("host", ""))
        if not (is_address(host) or is_loopback(host) or host in self.names):
            text = (
                f"This server is not called “{host[:60]}”. It answers to its addresses, to localhost and to "
                f"{', '.join(sorted(self.names))}; whoever runs it can add names in {HOSTS}, separated by commas.\n"
            )
            await _refuse(scope, receive, send, text, 421)
        elif path_in_app(scope, self.base).startswith(_CLOSED):
            await _refuse(scope, receive, send, "There is nothing here.\n", 404)
        else:
            await self.app(scope, receive, send)


def own_names() -> frozenset[str]:
    """The names, in lower case, by which others may reach this machine: its own, and those of ``CNN_HOSTS``."""
    own = socket.gethostname().lower().removesuffix(".local")
    named = (name.strip().lower() for name in os.environ.get(HOSTS, "").split(","))
    return frozenset({own, f"{own}.local", *filter(None, named)})


def host_name(header: str) -> str:
    """The host in a ``Host`` header, without its port and in lower case; "" if there is none."""
    try:
        return (urlsplit(f"//{header}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_address(host: str) -> bool:
    """Whether a host is an IP address written in numbers."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def _refuse(scope: Scope, receive: Receive, send: Send, text: str, status: int) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await PlainTextResponse(text, status)(scope, receive, send)
