"""What a program prints, as it prints it."""

import html

import streamlit as st


def printed(text: str, label: str) -> None:
    """Show text of fixed width in a box that scrolls, also by keyboard.

    Args:
        label: what it is, for screen readers.
    """
    name = html.escape(label, quote=True)
    st.html(f'<pre class="printed" role="region" tabindex="0" aria-label="{name}">{html.escape(text)}</pre>')
