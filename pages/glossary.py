"""Glossary: every plain word with the professional one beside it."""

import streamlit as st

from pages.shell.page_layout import page_header, prose
from pages.shell.terms import TERMS

page_header("Glossary", "What do the professionals call it?", page="glossary", show_focus=False)

wanted = st.text_input("Find a word", key="glossary.find", max_chars=40, width=320).strip().lower()
found = [entry for entry in sorted(TERMS, key=lambda entry: entry.word.lower()) if wanted in " ".join(entry).lower()]
if not found:
    st.markdown(f"No entry has “{wanted}” in it.")
for entry in found:
    prose(f"**{entry.word}** · {entry.plain}  \n{entry.meaning}")
