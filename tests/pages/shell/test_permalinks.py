"""Addresses copied from version 0.1 open the same views: every control has the value that it had then."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.opening import open_page

RECORDED: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("permalinks_of_version_0_1.json").read_text(encoding="utf-8")
)
CONTROLS = ("selectbox", "number_input", "toggle", "text_input", "checkbox", "slider", "select_slider", "button_group")


def control_values(at: AppTest) -> dict[str, Any]:
    """The value of every control on the page, by its key; the selection, and what is chosen by its picture."""
    controls = [control for kind in CONTROLS for control in at.get(kind) if getattr(control, "key", None)]
    others = ("shell.dataset", "shell.model", "convolution.kernel")
    selected = {key: at.session_state[key] for key in others if key in at.session_state}
    return selected | {control.key: list(v) if isinstance(v := control.value, tuple) else v for control in controls}


@pytest.mark.parametrize("link", RECORDED)
def test_a_link_of_version_0_1_opens_the_same_view(link: str, digits_and_shapes: Path) -> None:
    parts = urlsplit(link)
    at = open_page(f"{parts.path[1:]}.py", **dict(parse_qsl(parts.query)))
    shown = control_values(at)
    assert {key: shown.get(key) for key in RECORDED[link]} == RECORDED[link]
