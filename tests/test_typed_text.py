"""Names of which everything can be seen."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn.typed_text import make_visible


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        ("Grün, 猫 and قط", "Grün, 猫 and قط"),
        ("Gru\u0308n", "Grün"),
        (" a\tb\r\nc\u2028d\u00a0 e ", "a b c d e"),
        ("a\u202eb\u2066c\u200bd\x00e\x1bf\ue000\ud800", "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf\ufffd\ufffd"),
        ("\U0001f469\u200d\U0001f52c \u0645\u06cc\u200c\u062e", "\U0001f469\u200d\U0001f52c \u0645\u06cc\u200c\u062e"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e007f \U000e0067", "\U0001f3f4\U000e0067\U000e0062\U000e007f \ufffd"),
        ("\U0001fae8 \U0001fae9", "\U0001fae8 \U0001fae9"),  # newer than the Unicode of some Pythons
    ],
)
def test_what_cannot_be_seen_is_marked_and_what_can_stays(text: str, visible: str) -> None:
    assert make_visible(text) == visible


@given(st.text())
def test_any_text_becomes_one_line_without_hidden_characters_and_then_stays(text: str) -> None:
    visible = make_visible(text)
    assert make_visible(visible) == visible
    assert len(visible.splitlines()) <= 1
    assert not {unicodedata.category(c) for c in visible if c not in "\u200c\u200d" and c < "\U000e0000"} & {
        "Cc",
        "Cf",
        "Cs",
        "Co",
    }
    visible.encode()
