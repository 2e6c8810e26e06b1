"""Whether the visitor's system asks for reduced motion, for what the server moves; nobody sees it."""

from pathlib import Path

from pages.components import browser_component

_component = browser_component(Path(__file__).parent, "")


def prefers_reduced_motion(*, key: str) -> bool | None:
    """Whether the visitor's system asks for reduced motion; None until the browser has said so, which reruns the page.

    What runs in the browser alone asks there: ``@media (prefers-reduced-motion: reduce)``, or ``matchMedia``.
    """
    said = _component(data={}, key=key, on_reduced_change=lambda: None, default={"reduced": None}).reduced
    return said if isinstance(said, bool) else None
