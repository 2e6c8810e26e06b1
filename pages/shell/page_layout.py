"""The parts that every page has: title, question, what to notice, *Try this*, Keras code, further reading."""

from collections.abc import Sequence

import streamlit as st

from pages.shell import permalink, selection
from pages.shell.errors import PROSE, notice
from pages.shell.reset import reset
from pages.shell.text import unbroken

__all__ = [
    "PROSE",
    "as_keras_code",
    "further_reading",
    "notice",
    "page_header",
    "prose",
    "show_link_problems",
    "try_this",
]

NOTICE = "**What to notice.**"


def page_header(title: str, question: str, *, page: str, show_focus: bool = True, best_wide: bool = False) -> None:
    """Show the title, the page's question, *Reset this page* and, on phones, the selection in one line.

    Args:
        title: as in the menu.
        question: one sentence.
        page: prefix of the page's widget keys, as in "training" for ``training.epochs``.
        show_focus: whether the page depends on the selected data set or model.
        best_wide: whether to tell phones that the page is better on a wide screen.
    """
    st.session_state["shell.lesson"] = {"page": page, "title": title, "question": question}
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.title(title, anchor=False, width="content")
        st.button("Reset this page", key=f"shell.reset.{page}", type="tertiary", on_click=reset, args=(page,))
    prose(question)
    if show_focus or best_wide:
        with st.container(key="on_phones"):
            parts = [selection.describe_selection()] if show_focus else []
            st.caption(" · ".join([*parts, "Better on a wide screen"] if best_wide else parts))
    show_link_problems("shell")


def show_link_problems(key: str) -> None:
    """Show what a link that was just opened asked for in vain.

    Args:
        key: of the widget or page that reports it; the sentences have ``key`` with ".problem.0" and on.
    """
    for index, sentence in enumerate(permalink.take_problems()):
        notice(sentence, key=f"{key}.problem.{index}")


def prose(text: str, *, key: str | None = None) -> None:
    """Show Markdown in lines of readable length, about 68 characters.

    Args:
        key: names it for tests and style sheets, as a widget's key does, whatever its words are.
    """
    if text.startswith(NOTICE):
        _lesson()["notice"] = text
    if key is None:
        st.markdown(unbroken(text), width=PROSE)
    else:
        with st.container(key=key):
            st.markdown(unbroken(text), width=PROSE)


def try_this(ideas: Sequence[str]) -> None:
    """Show experiments to do with this page, one sentence each."""
    st.header("Try this", anchor=False)
    prose("\n".join(f"{index}. {idea}" for index, idea in enumerate(ideas, 1)))


def as_keras_code(code: str) -> None:
    """Show ``code``, generated from the current settings, in an expander, and offer it as a notebook to download."""
    lesson = _lesson()

    def write_notebook() -> bytes:
        from cnn.keras_code.notebook import notebook

        # When it is asked for, the page has also said what to notice.
        words = [lesson[part] for part in ("question", "notice") if part in lesson]
        return notebook(lesson["title"], words, code)

    with st.expander("The same thing as Keras code"):
        # Streamlit's Python highlighting fails WCAG AA, and unwrapped lines cannot be scrolled by keyboard.
        st.code(code, language=None, wrap_lines=True)
        st.download_button(
            "Download as a notebook",
            write_notebook,
            f"{lesson['page']}.ipynb",
            "application/x-ipynb+json",
            key="shell.notebook",
            icon=":material/menu_book:",
            on_click="ignore",
        )


def _lesson() -> dict[str, str]:
    """The words of the page that is being shown, as far as it has said them: page, title, question and notice."""
    lesson: dict[str, str] = st.session_state.setdefault("shell.lesson", {"page": "lesson", "title": "Convnet Lab"})
    return lesson


def further_reading(links: Sequence[tuple[str, str]]) -> None:
    """Show links for further reading: (title, https address) pairs."""
    st.header("Further reading", anchor=False)
    prose("\n".join(f"- [{title}]({url})" for title, url in links))
