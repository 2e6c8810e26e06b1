"""Which other sites may show the app in a frame of their pages, as Moodle does, and the cookies that this takes.

Source: CSP Level 3, "frame-ancestors"; RFC 6265bis, "SameSite"; IETF draft "Cookies Having Independent Partitioned
State".
"""

import os
import re
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders

from cnn.errors import ConfigError

FRAME_PARENTS = "CNN_FRAME_PARENTS"
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", re.IGNORECASE)


def frame_parents() -> list[str]:
    """The origins that may frame the app, such as ``https://moodle.school.example``; none unless they are named.

    Raises:
        ConfigError: ``CNN_FRAME_PARENTS`` names something else.
    """
    named = [origin for part in os.environ.get(FRAME_PARENTS, "").split(",") if (origin := part.strip())]
    for origin in named:
        # It becomes a part of a header, in which spaces and semicolons would begin something else.
        if not (_ORIGIN.fullmatch(origin) and urlsplit(origin).hostname):
            raise ConfigError(
                f"{FRAME_PARENTS} has “{origin[:60]}”; origins are expected, with scheme and host and without a "
                "path, such as https://moodle.school.example, separated by commas. Correct it, or leave it empty: then "
                "no site frames the app."
            )
    return named


def open_cookies_to_frames(response_headers: MutableHeaders) -> None:
    """Let browsers send the cookies that a response sets from within a frame, for each framing site another one.

    Streamlit's own among them, without which it refuses uploads. Browsers take such cookies only over https.
    """
    cookies = response_headers.getlist("set-cookie")
    if not cookies:
        return
    del response_headers["set-cookie"]
    for cookie in cookies:
        kept = [
            part
            for part in cookie.split("; ")
            if not part.lower().startswith("samesite=") and part.lower() not in ("secure", "partitioned")
        ]
        response_headers.append("set-cookie", "; ".join([*kept, "SameSite=None", "Secure", "Partitioned"]))
