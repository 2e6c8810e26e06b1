"""Addresses that somebody has typed or changed, and what a browser might send for a widget that was never offered."""

import functools
import logging
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.testing.v1 import AppTest

from pages.server.startup import keep_session
from pages.shell import permalink
from pages.shell.menu import all_lessons
from tools.fuzz.damage import ODD_TEXTS, damage

_ROOT = Path(__file__).parents[2]
_NAVIGATION = str(_ROOT / "pages" / "navigation.py")
_FILES = tuple(lesson.file for lesson in all_lessons())
_PLAIN = ("digits", "shapes", "cifar10", "digits-tutorial", "cifar10-tutorial", "lab", "1", "-1", "true", "tutorial")
_TIMEOUT = 120  # seconds


class PageError(AssertionError):
    """A page showed an exception that no visitor should cause."""


def try_address(rng: random.Random, folder: Path) -> None:
    """Open a page by an address with odd values for settings that it reads."""
    page = rng.choice(_FILES)
    settings = _settings()[page]
    query = {rng.choice(settings): _odd_setting(rng) for _ in range(rng.randint(1, 4))}
    if rng.random() < 0.2:
        query[rng.choice(ODD_TEXTS) or "x"] = _odd_setting(rng)
    _open(page, {key: value for key, value in query.items() if _can_be_sent(key + value)})


def try_widget(rng: random.Random, folder: Path) -> None:
    """Open a page and send a value for one of its widgets that the widget does not offer."""
    page = rng.choice(list(_settings()))
    at = _open(page, {})
    for _ in range(rng.randint(1, 3)):
        states: WidgetStates = at._tree.get_widget_states()
        if not states.widgets:
            return
        _forge(rng.choice(states.widgets), rng)
        at._run(states)
        _check(at, f"{page} with a forged state")


@functools.cache
def _settings() -> dict[str, list[str]]:
    """The settings that each page reads from its address, found by opening it."""
    read: dict[str, set[str]] = defaultdict(set)
    value_in_link = permalink.value_in_link
    keep_session()
    # Once a process, as a server does; and the whole error stands in the page, so that it can be printed.
    manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)
    st.set_option("client.showErrorDetails", "full")
    logging.getLogger("streamlit").setLevel(logging.CRITICAL)
    try:
        for page in _FILES:

            def note(key: str, page: str = page) -> str | None:
                read[page].add(key)
                return value_in_link(key)

            permalink.value_in_link = note
            _open(page, {})
    finally:
        permalink.value_in_link = value_in_link
    return {page: sorted(keys) for page, keys in read.items()}


def _odd_setting(rng: random.Random) -> str:
    if rng.random() < 0.4:
        return rng.choice(_PLAIN)
    if rng.random() < 0.5:
        return rng.choice(ODD_TEXTS)
    return damage(rng.choice(_PLAIN).encode(), rng).decode(errors="replace")


def _can_be_sent(text: str) -> bool:
    """Whether a browser can put it into an address: half of a surrogate pair is no text."""
    return text.isprintable() or text.encode(errors="ignore").decode() == text


def _forge(state: WidgetState, rng: random.Random) -> None:
    texts = [text for text in ODD_TEXTS if _can_be_sent(text)]
    whole = (0, 1, -1, 2**31, 2**53, -(2**53))
    numbers = (0.0, -1.0, 0.5, 1e308, -1e308)  # Streamlit's own number field fails on what is not finite
    values: dict[str, Any] = {
        "bool_value": rng.random() < 0.5,
        "double_value": rng.choice(numbers),
        "int_value": rng.choice(whole),
        "string_value": rng.choice(texts),
        "json_value": rng.choice(("null", "{}", "[]", '{"x": NaN}', "1e999", '{"value": {}}')),
        "json_trigger_value": rng.choice(("null", "{}", "[]", '[{"event": "x", "value": null}]')),
        "trigger_value": True,
    }
    arrays = {"double_array_value": numbers, "int_array_value": whole, "string_array_value": texts}
    # Of the kind that the widget sends: Streamlit itself fails on any other, in the page of its sender alone.
    kind = state.WhichOneof("value")
    if kind in values:
        setattr(state, kind, values[kind])
    elif kind in arrays:
        array = getattr(state, kind)
        array.ClearField("data")
        array.data.extend(rng.choice(arrays[kind]) for _ in range(rng.randint(0, 3)))
        array.SetInParent()


def _open(page: str, query: dict[str, str]) -> AppTest:
    at = AppTest.from_file(_NAVIGATION, default_timeout=_TIMEOUT)
    for key, value in query.items():
        at.query_params[key] = value
    at.switch_page(page).run()
    _check(at, f"{page} with {query}")
    return at


def _check(at: AppTest, what: str) -> None:
    if at.exception:
        raise PageError(f"{what}: {at.exception[0].message}\n{''.join(at.exception[0].stack_trace)}")
