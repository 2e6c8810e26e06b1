"""A sentence for screen readers, read out when it changes and the reader is free; nobody sees it."""

from pathlib import Path

from pages.components import browser_component

_component = browser_component(Path(__file__).parent, '<div role="status" aria-live="polite"></div>')


def announce(sentence: str, *, key: str) -> None:
    """Have ``sentence`` read out if it is not what was said last under ``key``.

    Args:
        key: names it for tests, as a widget's key does.
    """
    _component(data={"sentence": sentence}, key=key)
