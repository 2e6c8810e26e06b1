"""ASGI middleware that believes what a known proxy says about its visitors: address, scheme and host.

Anybody can send such headers. They count only if the request comes straight from a proxy that ``CNN_PROXIES`` names.

Source: RFC 7239, section 8.1, which holds for the older ``X-Forwarded-*`` as well.
"""

import ipaddress
import os

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from cnn.errors import ConfigError

PROXIES = "CNN_PROXIES"
# Uvicorn has such a middleware in front of every app, which believes any program on this machine; with the empty list,
# nobody.
BELIEVED_BY_UVICORN = {"FORWARDED_ALLOW_IPS": ""}


class ProxyMiddleware:
    """Puts the visitor's address, scheme and host in the place of a known proxy's own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.networks = proxies()
        # What is between the visitor and the nearest proxy may be known proxies, too.
        self.behind_proxy = ProxyHeadersMiddleware(app, [str(network) for network in self.networks])  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or not self._is_known(scope):
            await self.app(scope, receive, send)
            return
        hosts = Headers(scope=scope).getlist("x-forwarded-host")
        if hosts:
            scope = {**scope, "headers": list(scope["headers"])}
            # The last one is what the nearest proxy was asked for; those before it may be a visitor's invention.
            MutableHeaders(scope=scope)["host"] = hosts[-1].rpartition(",")[2].strip()
        await self.behind_proxy(scope, receive, send)  # type: ignore[arg-type]

    def _is_known(self, scope: Scope) -> bool:
        try:
            peer = ipaddress.ip_address(scope["client"][0]) if scope.get("client") else None
        except ValueError:
            return False
        return peer is not None and any(peer in network for network in self.networks)


def proxies() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """The networks of the proxies that ``CNN_PROXIES`` names; a single address is a network of one.

    Raises:
        ConfigError: it names something else than addresses and networks.
    """
    named = filter(None, (name.strip() for name in os.environ.get(PROXIES, "").split(",")))
    try:
        return [ipaddress.ip_network(name) for name in named]
    except ValueError as error:
        raise ConfigError(
            f"{PROXIES} is not right: {error}. Addresses or networks are expected, separated by commas, such "
            "as 127.0.0.1, 10.1.2.0/24. Correct it, or leave it empty if there is no proxy."
        ) from error
