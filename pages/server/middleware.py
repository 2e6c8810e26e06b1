"""ASGI middleware that sets a workspace cookie in each browser and security headers on each response."""

import base64
import hashlib
import re
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from importlib.util import find_spec
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cnn.errors import CnnError
from cnn.home import new_id
from pages.server.base_path import base_path, path_in_app
from pages.server.framing import frame_parents, open_cookies_to_frames
from pages.server.workspace_cookie import COOKIE, COOKIE_DAYS, sent_workspace, sign, signed_workspace

_NOT_A_PAGE = ("/_stcore/", "/static/", "/assets/", "/media/", "/component/", "/ready")


class VisitorMiddleware:
    """Sets the workspace cookie on pages and the security headers on every response.

    Source: OWASP HTTP Headers and Session Management cheat sheets; https://www.w3.org/TR/CSP3/.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.base = base_path()
        self.parents = frame_parents()
        self.headers = _security_headers(self.parents)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                response_headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    response_headers[name] = value
                if _is_page(scope, self.base, message["status"], response_headers):
                    _sign_cookie(scope, response_headers)
                if self.parents and _is_https(scope):
                    open_cookies_to_frames(response_headers)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _is_page(scope: Scope, base: str, status: int, response_headers: Headers) -> bool:
    if scope["method"] != "GET" or path_in_app(scope, base).startswith(_NOT_A_PAGE):
        return False
    request_headers = Headers(scope=scope)
    # A browser that cached the page but lost the cookie gets "304 Not Modified", which has no content type.
    return response_headers.get("content-type", "").startswith("text/html") or (
        status == 304 and "text/html" in request_headers.get("accept", "")
    )


def _sign_cookie(scope: Scope, response_headers: MutableHeaders) -> None:
    """Set a cookie if the browser sent none that this server has signed."""
    sent = _sent_cookie(Headers(scope=scope))
    # Without the key no cookie can be told from an invented one, and what the browser has must not be replaced.
    with suppress(CnnError):
        if signed_workspace(sent) is None:
            response_headers.append("Set-Cookie", new_cookie(scope, sent_workspace(sent)))


def _sent_cookie(request_headers: Headers) -> str | None:
    try:
        cookie = SimpleCookie(request_headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return cookie.value if cookie else None


def new_cookie(scope: Scope, workspace: str | None = None) -> str:
    """The ``Set-Cookie`` header that gives a browser a workspace, by default a new one.

    Raises:
        CnnError: the key for its signature can be neither read nor made.
    """
    secure = "; Secure" if _is_https(scope) else ""
    age = COOKIE_DAYS * 24 * 3600
    path = base_path() or "/"
    return f"{COOKIE}={sign(workspace or new_id())}; Path={path}; Max-Age={age}; HttpOnly; SameSite=Lax{secure}"


def _is_https(scope: Scope) -> bool:
    """Whether a browser has come over https, maybe to a proxy; believed of anybody, as only their cookie changes."""
    forwarded = Headers(scope=scope).get("x-forwarded-proto", "").split(",")[0].strip().lower()
    return "https" in (scope["scheme"], forwarded)


def _security_headers(frame_parents: list[str]) -> dict[str, str]:
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
        "frame-ancestors": " ".join(frame_parents) or "'none'",
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
