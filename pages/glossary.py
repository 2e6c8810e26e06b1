"""Glossary: plain words with the professional terms beside them."""

import streamlit as st

from pages.shell.page_layout import page_header, prose
from pages.shell.terms import TERMS

page_header("Glossary", "What do the professionals call it?", page="glossary", show_focus=False)

query = st.text_input("Find a word", key="glossary.find", max_chars=40, width=320).strip().lower()
matches = [entry for entry in sorted(TERMS, key=lambda entry: entry.word.lower()) if query in " ".join(entry).lower()]
if not matches:
    st.markdown(f"No entry has “{query}” in it.")
for entry in matches:
    prose(f"**{entry.word}** · {entry.plain}  \n{entry.meaning}")
