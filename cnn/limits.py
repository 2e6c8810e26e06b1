"""The limits of a server, each an environment variable with a default for a machine of 8 GB that serves a class."""

import os
from typing import NamedTuple

from cnn.errors import ConfigError


class Limit(NamedTuple):
    """A limit.

    Attributes:
        default: what holds where the variable is not set.
        unit: of the number.
        meaning: what is limited.
    """

    default: int
    unit: str
    meaning: str


MEGABYTE = 2**20
MODEL_MEGABYTES = "CNN_MODEL_MEGABYTES"

LIMITS = {
    MODEL_MEGABYTES: Limit(512, "MB", "networks that the server keeps loaded, with what was built from them"),
}


def limit(variable: str) -> int:
    """What a limit is now.

    Raises:
        ConfigError: its environment variable is set to something else than a whole number from 0 on.
    """
    value = os.environ.get(variable, "").strip()
    if not value:
        return LIMITS[variable].default
    if not (value.isascii() and value.isdigit()):
        raise ConfigError(
            f"{variable} is “{value[:40]}”; a whole number from 0 on is expected, in {LIMITS[variable].unit}. Whoever "
            "runs the server can set it right."
        )
    return int(value)


def limit_in_bytes(variable: str) -> int:
    """What a limit in megabytes is now, in bytes.

    Raises:
        ConfigError: as for ``limit``.
    """
    return limit(variable) * MEGABYTE
