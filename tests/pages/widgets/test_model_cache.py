"""The caches of models: what they tell apart, and that repeated requests do not fill the memory."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import streamlit as st

from cnn.model import store
from pages.widgets import model_cache

ROOT = Path(__file__).resolve().parents[3]
REQUESTS = 250
MEGABYTES = 10  # usual growth is below 2; keeping all maps takes 70, recompiling every time 14


def memory_growth(*arguments: str) -> float:
    """Growth of a new process's memory over all requests, in megabytes.

    A new process, because objects left by other tests would hide a leak, or look like one.
    """
    command = [sys.executable, "-m", "tests.pages.widgets.repeated_requests", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return float(done.stdout.split()[-1])


def test_hundreds_of_requests_to_three_models_leak_nothing() -> None:
    assert memory_growth(str(REQUESTS)) < MEGABYTES


def test_the_measurement_would_notice_a_leak() -> None:
    assert memory_growth(str(REQUESTS), "leak") > MEGABYTES


def test_a_card_read_anew_is_the_same_to_a_cache_and_a_newer_training_is_not() -> None:
    computed = []

    @st.cache_data(hash_funcs=model_cache.BY_CARD)
    def compute(card: store.Card) -> str:
        computed.append(card.created)
        return card.id

    card = store.card("digits-tutorial")
    assert compute(card) == compute(store.card("digits-tutorial")) == card.id
    assert computed == [card.created]
    compute(replace(card, created=card.created + 1))
    assert computed == [card.created, card.created + 1]
