"""ASGI middleware that sets a workspace cookie in each browser and security headers on each response.

A workspace is 128 random bits that only this browser knows; it identifies the owner of a run without accounts.
"""

import base64
import hashlib
import re
from http.cookies import CookieError, SimpleCookie
from importlib.util import find_spec
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cnn import home

COOKIE = "convnet_workspace"
COOKIE_DAYS = 365
_WORKSPACE = re.compile(r"[A-Za-z0-9_-]{22}")
_NOT_A_PAGE = ("/_stcore/", "/static/", "/assets/", "/media/", "/component/", "/ready")


def is_workspace(value: object) -> bool:
    """Whether ``value`` has the form of an id from ``cnn.home.new_id``."""
    return isinstance(value, str) and _WORKSPACE.fullmatch(value) is not None


class VisitorMiddleware:
    """Sets the workspace cookie on pages and the security headers on every response.

    Source: OWASP HTTP Headers and Session Management cheat sheets; https://www.w3.org/TR/CSP3/.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.headers = _security_headers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                response_headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    response_headers[name] = value
                if _wants_cookie(scope, message["status"], response_headers):
                    response_headers.append("Set-Cookie", new_cookie(scope))
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _wants_cookie(scope: Scope, status: int, response_headers: Headers) -> bool:
    if scope["method"] != "GET" or scope["path"].startswith(_NOT_A_PAGE):
        return False
    request_headers = Headers(scope=scope)
    # A browser that cached the page but lost the cookie gets "304 Not Modified", which has no content type.
    is_page = response_headers.get("content-type", "").startswith("text/html") or (
        status == 304 and "text/html" in request_headers.get("accept", "")
    )
    return is_page and not is_workspace(_sent_cookie(request_headers))


def _sent_cookie(request_headers: Headers) -> str | None:
    try:
        cookie = SimpleCookie(request_headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return cookie.value if cookie else None


def new_cookie(scope: Scope) -> str:
    """The ``Set-Cookie`` header that gives a browser a new workspace."""
    forwarded = Headers(scope=scope).get("x-forwarded-proto", "").split(",")[0].strip().lower()
    secure = "; Secure" if "https" in (scope["scheme"], forwarded) else ""
    age = COOKIE_DAYS * 24 * 3600
    return f"{COOKIE}={home.new_id()}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}"


def _security_headers() -> dict[str, str]:
    policy = {
        "default-src": "'self'",
        # Streamlit loads components v2 from blob: addresses; the hashes are of the inline scripts in its own page.
        "script-src": " ".join(["'self'", "blob:", "'wasm-unsafe-eval'", *_inline_script_hashes()]),
        "worker-src": "'self' blob:",
        "style-src": "'self' 'unsafe-inline'",
        "font-src": "'self' data:",
        "img-src": "'self' data: blob:",
        "media-src": "'self' data: blob:",
        "connect-src": "'self' ws: wss: data: blob:",
        "frame-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


def _inline_script_hashes() -> list[str]:
    """CSP sources of the inline scripts in ``index.html`` of the installed Streamlit version."""
    spec = find_spec("streamlit")
    if spec is None or spec.origin is None:
        return []
    page = (Path(spec.origin).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    return [f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts]
