"""The script that runs on every page: page config, menu and level, then the page itself."""

from itertools import groupby

import streamlit as st

from cnn.jobs.last_seen import note_seen
from pages.components.menu import complete_menus
from pages.components.projector_mode import projector_mode
from pages.lessons.home.visits import note_visit
from pages.server.startup import startup
from pages.shell import level, permalink
from pages.shell.errors import sentences
from pages.shell.menu import all_lessons
from pages.shell.reset import is_resetting, return_after_reset
from pages.shell.theme import ICON, STYLE_SHEETS, WORDMARK
from pages.shell.workspace import workspace
from pages.widgets.start_anew import is_leaving, leave, show_start_anew

MENU = 232  # pixels; on phones it is closed at first

if "shell.pages" not in st.session_state:  # once a session: to make them takes a rerun 1 ms
    made = {lesson.file: st.Page(lesson.file, title=lesson.title) for lesson in all_lessons()}
    st.session_state["shell.pages"] = made, st.Page("glossary.py", title="Glossary")
pages, glossary = st.session_state["shell.pages"]
page = st.navigation([*pages.values(), glossary], position="hidden")
title = f"{page.title} · Convnet Lab"
st.set_page_config(title, ICON, layout="wide", initial_sidebar_state=MENU)
st.logo(WORDMARK, icon_image=ICON, size="large")
st.html(STYLE_SHEETS)

permalink.note_page(page.title)
opened = next((file for file, of_menu in pages.items() if of_menu is page), None)
if opened is not None:
    note_visit(opened)

note_seen(workspace())

if is_leaving():
    leave()
    st.stop()

with st.sidebar:
    complete_menus()
    for group, members in groupby(all_lessons(), key=lambda lesson: lesson.group):
        with st.container(gap="xsmall"):
            if group:
                st.caption(group)
            for lesson in members:
                st.page_link(pages[lesson.file], width="stretch")
    level.show_switch()
    st.page_link(glossary, width="stretch")
    show_start_anew()

projector_mode()
try:
    with st.container(horizontal_alignment="center"), st.container(width=1120), sentences():
        if is_resetting():
            return_after_reset()
        else:
            page.run()
finally:
    startup.first_page_shown()  # also when a page stops early, as when its data set is not prepared
