"""The focus: which data set and which model are in hand. The same on all pages, in the sidebar and in the address."""

import streamlit as st

from cnn.data import catalog
from pages.shared import link
from pages.shared.workspace import workspace

DEFAULT_DATASET = "digits"
DEFAULT_MODEL = "digits-tutorial"


def dataset() -> str:
    """Name of the data set in hand, one of ``cnn.data.catalog.names()``."""
    return str(st.session_state.get("shell.dataset", DEFAULT_DATASET))


def model() -> str | None:
    """Name of the model in hand, one of ``cnn.model.store.names(workspace())``; None while there is no model at all."""
    return st.session_state.get("shell.model")


def take(*, dataset: str | None = None, model: str | None = None) -> None:
    """Take another data set or model in hand: from a widget's callback, or followed by ``st.rerun()``."""
    st.session_state["shell.taken"] = {"dataset": dataset, "model": model}


def pickers() -> None:
    """The two pickers, for the sidebar."""
    for name, value in st.session_state.pop("shell.taken", {}).items():
        if value is not None:
            st.session_state[f"shell.{name}"] = value

    datasets = catalog.names()
    key = link.read("dataset", datasets, DEFAULT_DATASET, thing="data set")
    st.selectbox("Data set", datasets, key=key, format_func=lambda name: catalog.info(name).title)
    link.write("dataset", DEFAULT_DATASET)

    models = _models()
    if not models:
        st.session_state["shell.model"] = None
        st.caption("No model yet: train one.")
        return
    default = DEFAULT_MODEL if DEFAULT_MODEL in models else models[0]
    st.selectbox("Model", models, key=link.read("model", models, default, thing="model"))
    link.write("model", default)


def line() -> str:
    """The focus in one line, for a page's header."""
    return f"Data set: **{catalog.info(dataset()).title}** · Model: **{model() or 'none yet'}**"


def _models() -> list[str]:
    try:
        from cnn.model import store
    except ImportError:
        return []
    return store.names(workspace())
