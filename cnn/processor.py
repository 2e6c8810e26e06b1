"""Whether this computer's processor can run TensorFlow, asked before TensorFlow is imported and dies of it."""

import platform
from pathlib import Path

from cnn.errors import CnnError


def check_processor(description: Path = Path("/proc/cpuinfo")) -> None:
    """Check that the processor has AVX, without which TensorFlow ends the process with "Illegal instruction".

    Args:
        description: Linux' list of what the processor can do; where there is none, nothing is checked.

    Raises:
        CnnError: it has no AVX.

    Source: TensorFlow documentation, "Install TensorFlow with pip", hardware requirements.
    """
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return
    try:
        lines = description.read_text().splitlines()
    except OSError:
        return
    flags = [line.partition(":")[2].split() for line in lines if line.startswith("flags")]
    if flags and not any("avx" in names for names in flags):
        raise CnnError(
            "This computer's processor has no AVX, which TensorFlow needs; without it TensorFlow ends with “Illegal "
            "instruction”. Use a computer built after 2013 or, in a virtual machine, let it see the host's processor."
        )
