"""The script that runs on every page: page config, menu, selection and level, then the page itself."""

from itertools import groupby
from pathlib import Path

import streamlit as st

from pages.server.startup import startup
from pages.shell import level, selection
from pages.shell.errors import sentences
from pages.shell.menu import all_lessons
from pages.shell.reset import is_resetting, return_after_reset

ASSETS = Path(__file__).parent / "assets"

st.set_page_config(page_icon=str(ASSETS / "icon.png"), layout="wide")
st.logo(str(ASSETS / "wordmark.svg"), icon_image=str(ASSETS / "icon.png"), size="large")
st.html(ASSETS / "shell.css")

pages = {lesson.file: st.Page(lesson.file, title=lesson.title) for lesson in all_lessons()}
glossary = st.Page("glossary.py", title="Glossary")
page = st.navigation([*pages.values(), glossary], position="hidden")
st.set_page_config(page_title=f"{page.title} · Convnet Lab")

with st.sidebar:
    for group, members in groupby(all_lessons(), key=lambda lesson: lesson.group):
        with st.container(gap="xsmall"):
            if group:
                st.caption(group)
            for lesson in members:
                st.page_link(pages[lesson.file], width="stretch")
    st.caption("Selected")
    selection.show_pickers()
    level.show_switch()
    st.page_link(glossary, label="Glossary: every word explained")

try:
    with st.container(horizontal_alignment="center"), st.container(width=1120), sentences():
        if is_resetting():
            return_after_reset()
        else:
            page.run()
finally:
    startup.first_page_shown()  # also when a page stops early, as when its data set is not prepared
