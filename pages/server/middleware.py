"""One ASGI middleware: each browser gets a workspace cookie, each answer the security headers.

A workspace is 128 random bits that only this browser knows: they say whose runs are whose, without accounts.
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
_COOKIE_DAYS = 365
_WORKSPACE = re.compile(r"[A-Za-z0-9_-]{22}")
_NOT_A_PAGE = ("/_stcore/", "/static/", "/assets/", "/media/", "/component/", "/ready")


def is_workspace(value: object) -> bool:
    """Whether ``value`` has the form of an id that ``cnn.home.new_id`` makes."""
    return isinstance(value, str) and _WORKSPACE.fullmatch(value) is not None


class VisitorMiddleware:
    """Sets the workspace cookie on pages and the security headers on everything.

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
                answer = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    answer[name] = value
                if _wants_cookie(scope, message["status"], answer):
                    answer.append("Set-Cookie", _cookie(scope))
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _wants_cookie(scope: Scope, status: int, answer: Headers) -> bool:
    if scope["method"] != "GET" or scope["path"].startswith(_NOT_A_PAGE):
        return False
    asked = Headers(scope=scope)
    # A browser that kept the page but not the cookie is answered "304 Not Modified", which has no content type.
    is_page = answer.get("content-type", "").startswith("text/html") or (
        status == 304 and "text/html" in asked.get("accept", "")
    )
    return is_page and not is_workspace(_sent(asked))


def _sent(asked: Headers) -> str | None:
    try:
        cookie = SimpleCookie(asked.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return cookie.value if cookie else None


def _cookie(scope: Scope) -> str:
    forwarded = Headers(scope=scope).get("x-forwarded-proto", "").split(",")[0].strip().lower()
    secure = "; Secure" if "https" in (scope["scheme"], forwarded) else ""
    age = _COOKIE_DAYS * 24 * 3600
    return f"{COOKIE}={home.new_id()}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}"


def _security_headers() -> dict[str, str]:
    policy = {
        "default-src": "'self'",
        # blob: is how Streamlit loads components v2; the hashes are those of the inline scripts of its own page.
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
    """CSP sources of the inline scripts in the installed Streamlit's ``index.html``, whatever its version."""
    spec = find_spec("streamlit")
    if spec is None or spec.origin is None:
        return []
    page = (Path(spec.origin).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    return [f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts]
