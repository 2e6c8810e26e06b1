"""Which encoding the names in a zip are written in, if the zip does not say.

Zips store names as bytes. Those without the UTF-8 flag are, by the format's specification, in code page 437, but
programs write the system's own encoding there: GBK on a Chinese Windows, code page 866 on a Russian one.

Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.4.4, 4.6.9 and appendix D.
"""

import unicodedata
import zlib
from collections.abc import Iterable, Sequence

from cnn.data.own.common_characters import HAN, HANGUL, LATIN

TITLES = {
    "utf-8": "UTF-8",
    "gbk": "GBK, simplified Chinese",
    "shift_jis": "Shift-JIS, Japanese",
    "big5": "Big5, traditional Chinese",
    "euc_kr": "EUC-KR, Korean",
    "cp866": "CP866, Russian (DOS)",
    "cp1251": "Windows-1251, Cyrillic",
    "cp1252": "Windows-1252, Western",
    "mac_roman": "Mac Roman, Western",
    "cp850": "CP850, Western (DOS)",
    "cp437": "CP437, Western (DOS)",
}
"""The encodings that are tried: Python's name for each, and ours. The first of equally plausible ones is chosen."""

# Windows' own versions of some encodings, which know a few more characters.
_CODECS = {"shift_jis": "cp932", "big5": "cp950", "euc_kr": "cp949"}
# Lead bytes of the characters that each standard calls common.
_COMMON_LEADS = {"gbk": (0xB0, 0xD7), "big5": (0xA4, 0xC6), "shift_jis": (0x88, 0x97), "euc_kr": (0xB0, 0xC8)}
_UNICODE_PATH = 0x7075
_ENOUGH = 2_000  # characters to judge by


def decode_name(name: bytes, encoding: str) -> str:
    """Decode one name; bytes that ``encoding`` does not know become U+FFFD.

    Args:
        encoding: one of ``TITLES``.
    """
    return name.decode(_CODECS.get(encoding, encoding), errors="replace")


def possible_encodings(names: Iterable[bytes]) -> list[str]:
    """The encodings in which all names can be read, those of ``TITLES``, the most plausible first.

    All names are judged together: three short ones say more than each alone. Names that are valid UTF-8 are taken as
    that, since other encodings hardly ever are.

    Args:
        names: paths as a zip holds them; those in ASCII play no part.

    Returns:
        Empty if all names are in ASCII.
    """
    parts = sorted({part for name in names for part in name.split(b"/") if not part.isascii()})
    scores = {encoding: _plausibility(parts, encoding) for encoding in TITLES} if parts else {}
    known = [encoding for encoding, score in scores.items() if score is not None]
    return sorted(known, key=lambda encoding: (encoding != "utf-8", -(scores[encoding] or 0.0)))


def unicode_path(name: bytes, extra: bytes) -> str | None:
    """The name in Info-ZIP's Unicode path field, or None if there is none or it belongs to another name.

    Args:
        name: the name in the zip's directory, as bytes.
        extra: the entry's extra field.
    """
    offset = 0
    while offset + 4 <= len(extra):
        kind, size = (int.from_bytes(extra[offset + i : offset + i + 2], "little") for i in (0, 2))
        field = extra[offset + 4 : offset + 4 + size]
        if kind == _UNICODE_PATH and len(field) == size > 5 and field[0] == 1:
            try:
                return field[5:].decode() if int.from_bytes(field[1:5], "little") == zlib.crc32(name) else None
            except UnicodeDecodeError:
                return None
        offset += 4 + size
    return None


def _plausibility(parts: Sequence[bytes], encoding: str) -> float | None:
    """How much the names look like words, at most 1: the mean over their characters; None if they cannot be read."""
    scores: list[float] = []
    for part in parts:
        try:
            text = part.decode(_CODECS.get(encoding, encoding))
        except UnicodeDecodeError:
            return None
        if len(scores) < _ENOUGH:
            scores += [_score(text, index, encoding) for index, letter in enumerate(text) if not letter.isascii()]
    return sum(scores) / len(scores)


def _score(text: str, index: int, encoding: str) -> float:
    letter = text[index]
    if text[index + 1 : index + 2] == "\\":  # more often the second byte of a Japanese letter than a separator
        return -0.5
    if not letter.isalpha():
        # The mark that makes a vowel of katakana long is a letter to Unicode; other marks are rare in names.
        return 0.1 if unicodedata.name(letter, "").startswith(("FULLWIDTH", "IDEOGRAPHIC SPACE")) else -1.0
    block = unicodedata.name(letter, "").split(" ")[0]
    if block in ("CJK", "HANGUL"):
        if letter in HAN or letter in HANGUL:
            return 1.0
        lead = letter.encode(_CODECS.get(encoding, encoding))[0]
        first, last = _COMMON_LEADS.get(encoding, (0, 0))
        return 0.15 if first <= lead <= last else -0.5
    if block in ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"):
        return 0.9
    if block in ("LATIN", "CYRILLIC"):
        return _score_in_word(text, index, block)
    return -0.5


def _score_in_word(text: str, index: int, script: str) -> float:
    """The score of a Latin or Cyrillic letter, by whether its neighbours and its case make a word."""
    letter, before, after = text[index], text[index - 1 : index], text[index + 1 : index + 2]
    if letter.isupper() and (before.islower() or (before.isalpha() and after.islower())):
        return -0.5
    neighbours = [other for other in (before, after) if other.isalpha()]
    if any(unicodedata.name(other, "").split(" ")[0] != script for other in neighbours):
        return -0.5
    if script == "CYRILLIC":
        return 0.8 if "а" <= letter.lower() <= "я" or letter in "ёЁіІїЇєЄґҐ" else -0.2
    if letter.lower() not in LATIN:
        return -0.4
    in_row = [other for other in (before, after) if other and not other.isascii()]
    return -0.2 if len(in_row) == 2 or (in_row and len(text) == 2) else 0.8
