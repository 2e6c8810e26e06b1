"""Text of users that Markdown shows as it is."""

import pytest

from pages.shell.text import literal


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("cat", "cat"),
        ("C#", r"C\#"),
        ("cat? cat! (2): 🐱", "cat? cat! (2): 🐱"),
        ("*a* _b_ `c`", r"\*a\* \_b\_ \`c\`"),
        ("[x](http://y)", r"\[x\](http\://y)"),
        ("$5$ <i> a|b ~c~ d\\e", r"\$5\$ \<i\> a\|b \~c\~ d\\e"),
        ("&lt; a@b.c www.d.e", r"\&lt; a\@b.c www\.d.e"),
        ("- a", r"\- a"),
        ("1. a", r"1\. a"),
        (":smile: :red[x]", "\\:smile\u2060: \\:red\\[x\\]"),
    ],
)
def test_what_markdown_would_read_is_escaped(text: str, escaped: str) -> None:
    assert literal(text) == escaped
