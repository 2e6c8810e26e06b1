"""Names that people have typed, or given their files: kept and shown as one line, of which everything can be seen."""

import re
import unicodedata

# What holds emoji together and shapes Persian and Hindi words, and the flags of England, Scotland and Wales.
_KEPT = "[\u200c\u200d]|\U0001f3f4[\U000e0030-\U000e007a]+\U000e007f"
_HIDDEN = ("Cc", "Cf", "Cs", "Co")  # unassigned ones stay: this Python does not know the emoji of next year's phones


def make_visible(text: str) -> str:
    """Text on one line, composed (NFC), with U+FFFD for each character that cannot be seen or turns the writing's way.

    With such characters a name can pass for another one, hide a part of itself, or turn the words around it.
    """
    composed = " ".join(unicodedata.normalize("NFC", text).split())
    return re.sub(f"({_KEPT})|.", lambda m: m[0] if m[1] or not _is_hidden(m[0]) else "\ufffd", composed)


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN
