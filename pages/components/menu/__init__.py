"""What Streamlit's menus lack: the sidebar is a landmark, and a choice closes it on phones, and "More" everywhere."""

from pathlib import Path

from pages.components import browser_component

_component = browser_component(Path(__file__).parent, "")


def complete_menus() -> None:
    """Complete the menus of the page; called inside the sidebar, it shows nothing."""
    _component(data={}, key="shell.menu")
