"""The row that starts a run: a field for the model's name, and the button."""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from cnn.requests import names
from pages.shell.workspace import workspace
from pages.widgets.job_request import offer_job, submit_and_link
from pages.widgets.name_field import ask_name, forget_name


def offer_named_run(start: Callable[[str], str], *, page: str, suggested: str, **offer: Any) -> None:
    """Show the field and the button; a run that starts puts its id into the address.

    Args:
        start: queues a run that makes a model of this name; gives its id. The message of a ``CnnError`` is shown.
        page: prefix of the page's widget keys.
        suggested: what the model is called unless the visitor calls it otherwise.
        offer: further arguments of ``offer_job``.
    """
    free_name, key = partial(names.free_model_name, workspace=workspace()), f"{page}.name"
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{page}.row"):
        name = ask_name(suggested, free_name, key=key)

        def start_and_forget() -> str:
            run = start(name)
            forget_name(key)
            return run

        submit = submit_and_link("run", start_and_forget)
        offer_job(submit, key=f"{page}.start", icon=":material/play_arrow:", **offer)
