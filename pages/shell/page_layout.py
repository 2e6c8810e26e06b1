"""The parts that every page has: title and question, what to notice, and a foot with tasks, Keras code and reading."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from cnn.files import safe_file_name
from pages.shell import permalink, selection
from pages.shell.errors import PROSE, notice, plain_notice
from pages.shell.menu import next_lesson
from pages.shell.more_menu.entries import show_more_menu
from pages.shell.own_jobs.adopted_network import adopt_finished_network, show_adopted_network
from pages.shell.own_jobs.job_chip import show_job_chip
from pages.shell.own_jobs.under_way import jobs_under_way
from pages.shell.text import unbroken

__all__ = [
    "PROSE",
    "notice",
    "page_foot",
    "page_header",
    "plain_notice",
    "prose",
    "section",
    "show_link_problems",
]

NOTICE = "**What to notice.**"
LONG = 200  # characters: a paragraph of more has two columns where they fit


def page_header(title: str, question: str, *, page: str, show_focus: bool = True, best_wide: bool = False) -> None:
    """Show the title, the page's question, the menu with what can be done with it, and the strip with the selection.

    Args:
        title: as in the menu.
        question: one sentence.
        page: prefix of the page's widget keys, as in "training" for ``training.epochs``.
        show_focus: whether the page depends on the selected data set or model.
        best_wide: whether to tell phones that the page is better on a wide screen.
    """
    page_opened = _lesson().get("page") != page
    st.session_state["shell.lesson"] = {"page": page, "title": title, "question": question}
    st.session_state["shell.paragraphs"] = 0
    jobs = jobs_under_way()
    adopt_finished_network(jobs)
    options = selection.read_selection(page_opened=page_opened)
    with st.container(key="shell.header", horizontal=True):
        st.title(title, anchor=False, width="content")
        with st.container(key="shell.question"):
            st.markdown(unbroken(question))
        show_more_menu(page, about_model=show_focus and selection.model() is not None)
    with st.container(key="shell.strip", horizontal=True, vertical_alignment="center"):
        if show_focus:
            selection.show_pickers(options)
        show_job_chip(jobs)
    show_adopted_network(page)
    if best_wide:
        with st.container(key="on_phones"):
            st.caption("Better on a wide screen")
    show_link_problems("shell")


def show_link_problems(key: str) -> None:
    """Show what a link that was just opened asked for in vain.

    Args:
        key: of the widget or page that reports it; the sentences have ``key`` with ".problem.0" and on.
    """
    for index, sentence in enumerate(permalink.take_problems()):
        plain_notice(sentence, key=f"{key}.problem.{index}")


def prose(text: str, *, key: str | None = None) -> None:
    """Show Markdown in lines of readable length, about 68 characters; long paragraphs in two columns where they fit.

    Args:
        key: names it for tests and style sheets, as a widget's key does, whatever its words are.
    """
    if text.startswith(NOTICE):
        _lesson()["notice"] = text
        with st.container(key="shell.notice"):
            st.markdown(unbroken(text))
    elif key is None and len(text) > LONG and "\n" not in text:
        paragraphs = st.session_state.get("shell.paragraphs", 0)
        st.session_state["shell.paragraphs"] = paragraphs + 1
        with st.container(key=f"shell.paragraph.{paragraphs}"):
            st.markdown(unbroken(text))
    elif key is None:
        st.markdown(unbroken(text), width=PROSE)
    else:
        with st.container(key=key):
            st.markdown(unbroken(text), width=PROSE)


def section(title: str, *, level: Literal[2, 3] = 2, width: Literal["stretch", "content"] = "stretch") -> None:
    """Show the heading of a part of a page as a line of text, and screen readers find it among the headings.

    Args:
        title: Markdown with something **bold**, by which the style sheet knows it; plain words may follow.
        level: 3 below a heading of level 2.
        width: all that there is, or as much as the words need.
    """
    heading = st.header if level == 2 else st.subheader
    heading(unbroken(title), anchor=False, width=width)


def page_foot(tasks: Sequence[str], *, code: str | None, reading: Sequence[tuple[str, str]], about: str = "") -> None:
    """Show what a page ends with, in tabs, and the way to the next lesson.

    Args:
        tasks: experiments to do with this page, one or two sentences each.
        code: the page's Keras code, generated from the current settings; None while there is none to show.
        reading: (title, https address) pairs.
        about: title of the model that the code is about, for the notebook's name; "" if it is about none.
    """
    with st.container(key="shell.foot"):
        tabs = st.tabs(["Tasks", *(["Keras code"] if code else []), "Read more"], key="shell.tabs")
        with tabs[0], st.container(key="shell.tasks"):
            st.markdown(unbroken("\n".join(f"{index}. {task}" for index, task in enumerate(tasks, 1))))
        if code:
            with tabs[1]:
                _show_code(code, about)
        with tabs[-1]:
            st.markdown("\n".join(f"- [{title}]({url})" for title, url in reading))
        if following := next_lesson(_lesson()["title"]):
            with st.container(key="shell.next"):
                label = f"Next: {following.title}"
                st.page_link(following.file, label=label, icon=":material/arrow_forward:", icon_position="right")


def _show_code(code: str, about: str) -> None:
    """Show ``code``, and offer it as a notebook to download."""
    lesson = _lesson()

    def write_notebook() -> bytes:
        from cnn.keras_code.notebook import notebook

        # When it is asked for, the page has also said what to notice.
        words = [lesson[part] for part in ("question", "notice") if part in lesson]
        return notebook(lesson["title"], words, code)

    # Streamlit's Python highlighting fails WCAG AA, and unwrapped lines cannot be scrolled by keyboard.
    st.code(code, language=None, wrap_lines=True)
    st.download_button(
        "Download as a notebook",
        write_notebook,
        f"{safe_file_name(', '.join(filter(None, (lesson['page'], about))))}.ipynb",
        "application/x-ipynb+json",
        key="shell.notebook",
        icon=":material/menu_book:",
        on_click="ignore",
    )


def _lesson() -> dict[str, str]:
    """The words of the page that is being shown, as far as it has said them: page, title, question and notice."""
    lesson: dict[str, str] = st.session_state.setdefault("shell.lesson", {"page": "lesson", "title": "Convnet Lab"})
    return lesson
