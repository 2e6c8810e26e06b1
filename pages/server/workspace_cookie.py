"""The workspace cookie: which visitor a browser is, and that this server has said so.

A workspace is 128 random bits; it identifies the owner of a run without accounts. The cookie holds it and a signature,
so that only the server makes workspaces, and nobody invents as many as they like. The key lies in ``CNN_HOME``.

Source: RFC 2104 and FIPS 198-1, HMAC; OWASP Session Management cheat sheet.
"""

import base64
import hashlib
import hmac
import re
import secrets
import time
from functools import lru_cache
from pathlib import Path

from cnn.data.own import own_datasets
from cnn.errors import CnnError
from cnn.files import write_atomically
from cnn.home import home
from cnn.jobs import queue

COOKIE = "convnet_workspace"
COOKIE_DAYS = 365
_KEY_FILE = "cookie.key"
_KEY_BYTES = 32
_WORKSPACE = re.compile(r"[A-Za-z0-9_-]{22}")


def sign(workspace: str) -> str:
    """The value of the cookie that gives a browser this workspace: the id, a full stop, 43 URL-safe characters.

    Raises:
        CnnError: the key can be neither read nor made.
    """
    return f"{workspace}.{_signature(workspace)}"


def signed_workspace(value: str | None) -> str | None:
    """The workspace in a cookie's value that this server, or another on the same ``CNN_HOME``, has signed; else None.

    Raises:
        CnnError: the key can be neither read nor made.
    """
    workspace, _, signature = (value or "").partition(".")
    if not (_WORKSPACE.fullmatch(workspace) and signature.isascii()):
        return None
    return workspace if hmac.compare_digest(signature, _signature(workspace)) else None


def sent_workspace(value: str | None) -> str | None:
    """The workspace of whoever sends a cookie with this value; None if they are to be treated as without a cookie.

    Besides signed ones, those are good that were set before there was a key: not signed, of a workspace that owns
    something here, for as long as such a cookie may live.

    Raises:
        CnnError: the key can be neither read nor made.
    """
    if (workspace := signed_workspace(value)) is not None:
        return workspace
    if value is None or not _WORKSPACE.fullmatch(value):
        return None
    _, made = _key(str(home()))
    may_live = time.time() < made + COOKIE_DAYS * 24 * 3600
    return value if may_live and _owns_something(value, str(home())) else None


def visits_file(workspace: str) -> Path:
    """Where the ticks of a workspace are kept; its name is a hash, because whoever knows the id owns the workspace."""
    digest = hashlib.blake2b(workspace.encode(), digest_size=16, person=b"visits").hexdigest()
    return home() / "visits" / f"{digest}.txt"


@lru_cache(maxsize=1024)  # a rerun asks several times; what was invented does not begin to own something
def _owns_something(workspace: str, home: str) -> bool:
    is_known = visits_file(workspace).exists() or queue.jobs(workspace=workspace) or own_datasets.names(workspace)
    return bool(is_known)


def _signature(workspace: str) -> str:
    key, _ = _key(str(home()))
    code = hmac.digest(key, f"{COOKIE} {workspace}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(code).decode().rstrip("=")


@lru_cache(maxsize=64)
def _key(folder: str) -> tuple[bytes, float]:
    """The key of a data folder, and when it was made, in Unix seconds.

    It is made if there is none, by one server at a time, so that all have the same.
    """
    file = Path(folder) / _KEY_FILE
    try:
        if not file.exists():
            with queue.exclusive("cookie"):
                if not file.exists():
                    write_atomically(file, secrets.token_bytes(_KEY_BYTES), mode=0o600)
        key, made = file.read_bytes(), file.stat().st_mtime
    except OSError as error:
        raise CnnError(
            f"{file} cannot be read ({error.strerror}), so browsers cannot be told apart. Give the app the right to "
            "read it, or set CNN_HOME to another folder."
        ) from error
    if len(key) != _KEY_BYTES:
        raise CnnError(
            f"{file} should hold {_KEY_BYTES} bytes and has {len(key)}, so browsers cannot be told apart. Restore it "
            "from a backup, or delete it: then everybody gets a new workspace."
        )
    return key, made
