"""What decoders write about a visitor's files: nothing, or one file could fill the server's disk with its log."""

import subprocess
import sys
from pathlib import Path

import pytest

HEADER = "49492a0008000000"
# A fax of 2,000 x 19,999 pixels, of which hardly a row can be read: libtiff alone writes 1.2 MB about it.
BROKEN_FAX = HEADER + (
    "0a000001040001000000d007000001010400010000001f4e000002010300010000000100000003010300010000000200000006010300010000"
    "000000000011010400010000007a00000015010300010000000100000016010400010000001f4e000017010400010000001000000024010400"
    "010000000500000000000000bc76579e98f94f0042e9107922186d0859fab2c5f432f4b5ceb6d89a33b2ea1c21f1ce6cbac9982ba22ac47151"
    "ddf554a3f876ae559b61ad3c89295f"
)
# Tags whose data would lie behind the end of the file, of which Pillow warns.
ODD_TAGS = HEADER + (
    "090000010b000000010098870000010103000100000004000000020101000000100000000000030103000100000001000000060103000100"
    "00000100000011010400010000006400000015010300010000000100000016010600000000809887000017010400010000001000000000"
    "0000008f7f89385eb09423555182568b96e8a4"
)
DECODE = """
import sys
from cnn.data.image_decoding import decode
from cnn.errors import ImageError
try:
    decode(bytes.fromhex(sys.argv[1]), "odd.tif")
except ImageError:
    pass
"""


@pytest.mark.parametrize("data", [BROKEN_FAX, ODD_TAGS], ids=["a broken fax", "odd tags"])
def test_decoding_writes_nothing_to_the_log(data: str) -> None:
    # In a process of its own: pytest keeps warnings to itself.
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", DECODE, data], cwd=root, capture_output=True, check=True)
    assert run.stderr == b""
