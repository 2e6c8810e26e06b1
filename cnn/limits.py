"""The limits of a server, each an environment variable with a default for a machine of 8 GB that serves a class."""

import os
import re
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
JOBS_PER_VISITOR = "CNN_JOBS_PER_VISITOR"
JOBS_PER_ADDRESS = "CNN_JOBS_PER_ADDRESS"
JOBS_WAITING = "CNN_JOBS_WAITING"
JOB_SECONDS = "CNN_JOB_SECONDS"
RUN_MEGABYTES = "CNN_RUN_MEGABYTES"
OWN_IMAGE_MEGABYTES = "CNN_OWN_IMAGE_MEGABYTES"
MODEL_MEGABYTES = "CNN_MODEL_MEGABYTES"
UPLOAD_MEGABYTES_PER_TAB = "CNN_UPLOAD_MEGABYTES_PER_TAB"
UPLOAD_FILES_PER_TAB = "CNN_UPLOAD_FILES_PER_TAB"
UPLOAD_MEGABYTES_PER_ADDRESS = "CNN_UPLOAD_MEGABYTES_PER_ADDRESS"
UPLOAD_MEGABYTES = "CNN_UPLOAD_MEGABYTES"
FREE_DISK_MEGABYTES = "CNN_FREE_DISK_MEGABYTES"
SWEEP_DAYS = "CNN_SWEEP_DAYS"

LIMITS = {
    JOBS_PER_VISITOR: Limit(5, "jobs", "queued and running jobs a visitor may have"),
    JOBS_PER_ADDRESS: Limit(40, "jobs", "queued and running jobs that come from one address in the network"),
    JOBS_WAITING: Limit(200, "jobs", "jobs of all visitors that wait"),
    JOB_SECONDS: Limit(3600, "seconds", "longest time a job may take"),
    RUN_MEGABYTES: Limit(20_000, "MB", "runs and models of all visitors"),
    OWN_IMAGE_MEGABYTES: Limit(10_000, "MB", "own images of all visitors"),
    MODEL_MEGABYTES: Limit(512, "MB", "networks that the server keeps loaded, with what was built from them"),
    UPLOAD_MEGABYTES_PER_TAB: Limit(1_000, "MB", "uploads that are kept for one tab of a browser"),
    UPLOAD_FILES_PER_TAB: Limit(4_000, "files", "the same, in files"),
    UPLOAD_MEGABYTES_PER_ADDRESS: Limit(8_000, "MB", "uploads that are kept for one address in the network"),
    UPLOAD_MEGABYTES: Limit(16_000, "MB", "uploads that are kept for all"),
    FREE_DISK_MEGABYTES: Limit(2_000, "MB", "free space on the disk below which nothing new is begun"),
    SWEEP_DAYS: Limit(120, "days", "runs without a star go when their browser was not back for so long; 0: never"),
}


def limit(variable: str) -> int:
    """What a limit is now.

    Raises:
        ConfigError: its environment variable is set to something else than a whole number from 0 on.
    """
    return int(_setting(variable, r"[0-9]+", "a whole number from 0 on"))


def limit_in_bytes(variable: str) -> int:
    """What a limit in megabytes is now, in bytes.

    Raises:
        ConfigError: as for ``limit``.
    """
    return limit(variable) * MEGABYTE


def limit_in_seconds(variable: str) -> float:
    """What a limit in seconds is now.

    Raises:
        ConfigError: its environment variable is set to something else than a number from 0 on.
    """
    return float(_setting(variable, r"[0-9]+(\.[0-9]+)?", "a number from 0 on"))


def _setting(variable: str, form: str, expected: str) -> str:
    default, unit, _ = LIMITS[variable]
    value = os.environ.get(variable, "").strip() or str(default)
    if re.fullmatch(form, value) is None:
        raise ConfigError(
            f"{variable} is “{value[:40]}”; {expected} is expected, in {unit}. Who runs the server can set it."
        )
    return value
