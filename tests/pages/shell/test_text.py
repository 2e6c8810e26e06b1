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
        ("[x](http://y)", "\\[x\\](http:\u2060//y)"),
        ("$5$ <i> a|b ~c~ d\\e", r"\$5\$ \<i\> a\|b \~c\~ d\\e"),
        ("&lt; a@b.c WWW.d.e", "\\&lt; a\u2060\\@b.c WWW\u2060.d.e"),
        ("- a", r"\- a"),
        ("1. a", r"1\. a"),
        (":smile: :red[x] 12:30", ":\u2060smile: \\:red\\[x\\] 12\\:30"),
        (":heart_eyes: :material/home:", ":\u2060heart\\_eyes: :\u2060material/home:"),
        ("a -> b <-> c ~= d", "a -\u2060\\> b \\<-\u2060\\> c \\~\u2060= d"),
        ("    a\n\tb\u202ec\x00", "a b\ufffdc\ufffd"),
    ],
)
def test_what_markdown_would_read_is_escaped(text: str, escaped: str) -> None:
    assert literal(text) == escaped
