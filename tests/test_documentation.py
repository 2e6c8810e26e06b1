"""The documents name files that are there."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")})
ROOMS = ("benchmarks", "cnn", "docs", "pages", "tests", "tools")
# What version 0.1 had, and what the how-tos make up.
NOT_HERE = {"pages/shared", "cnn/analysis/convolution/pooling.py", "pages/pooling.py", "pages/lessons/pooling/"}
NOT_HERE |= {"tests/pages/lessons/pooling/", "tests/e2e/pooling/"}


def paths(text: str) -> list[str]:
    """Paths below one of our folders that stand between backticks, without those that have a <part> to fill in."""
    return re.findall(rf"`((?:{'|'.join(ROOMS)})/[\w./-]*)`", text)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_files_and_links_of_a_document_are_there(document):
    text = document.read_text()
    links = [target.partition("#")[0] for target in re.findall(r"\]\((?!https?://)([^)]+)\)", text)]
    assert [path for path in paths(text) if path not in NOT_HERE and not (ROOT / path).exists()] == []
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_no_file_stands_twice_in_a_walk():
    walks = (ROOT / "docs" / "architecture.md").read_text().partition("## Three walks")[2].split("\n### ")[1:]
    assert len(walks) == 3
    for walk in walks:
        counted = Counter(paths(walk))
        assert len(counted) >= 8
        assert counted.most_common(1)[0][1] == 1


def test_screenshots_are_few_small_and_shown():
    text = "".join(document.read_text() for document in DOCUMENTS)
    for picture in (ROOT / "docs" / "screenshots").iterdir():
        assert picture.suffix == ".webp"
        assert picture.stat().st_size <= 200_000
        assert f"screenshots/{picture.name}" in text
