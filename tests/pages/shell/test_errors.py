"""Errors as sentences."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.shell import errors


def script_with_errors():
    import streamlit as st

    from cnn.errors import CnnError
    from pages.shell.errors import on_script_error, sentences

    with sentences():
        raise CnnError("Received 0 epochs. Choose 1 or more.")
    on_script_error(ValueError("secret detail"))
    st.write("still here")


def test_errors_are_shown_as_sentences(caplog):
    page = AppTest.from_function(script_with_errors).run()
    shown = [element.value for element in page.markdown]
    assert shown == ["Received 0 epochs. Choose 1 or more.", errors.OUR_SIDE, "still here"]
    assert not page.exception
    assert "secret detail" in caplog.text


def test_a_bug_is_not_swallowed_by_sentences():
    with pytest.raises(ZeroDivisionError), errors.sentences():
        _ = 1 / 0
