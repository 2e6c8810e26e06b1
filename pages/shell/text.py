"""Numbers as text, and text that users have typed."""

import re

from cnn.typed_text import make_visible

_JOINER = "\N{WORD JOINER}"


def percent(probability: float) -> str:
    """A probability in per cent; never rounded to 0 or 100."""
    if 0 < probability < 0.005:
        return "under 1 %"
    return "over 99 %" if 0.995 <= probability < 1 else f"{100 * probability:.0f} %"


def answer_caption(predicted: str, probability: float, true_label: str | None = None) -> str:
    """An answer below its picture: the class and how sure, and the true class where it is known and another."""
    answer = f"{predicted} ({percent(probability)})"
    return answer if true_label in (None, predicted) else f"predicted {answer}, actually {true_label}"


def unbroken(text: str) -> str:
    """The text with no line break between a number and its per cent sign."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def duration(seconds: float) -> str:
    """A duration in seconds, minutes or hours."""
    if seconds < 90:
        return f"{max(1, round(seconds))} seconds" if round(seconds) != 1 else "1 second"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} minutes"
    return f"{seconds / 3600:.1f} hours"


def literal(text: str) -> str:
    """Text that a user has typed, such as a class's name, escaped so that Streamlit's Markdown shows it as it is.

    What it can have hidden in it is seen, see ``make_visible``.
    """
    escaped = re.sub(r"[\\`*_{}\[\]<>#|~$&@]|:(?=[\w+/-])", r"\\\g<0>", _part(make_visible(text)))
    return re.sub(r"^([-+]|\d+(?=[.)]))", lambda m: f"\\{m[1]}" if m[1] in "-+" else f"{m[1]}\\", escaped)


def _part(text: str) -> str:
    """The text with an invisible joiner inside of each web and e-mail address, emoji's short name, icon and arrow.

    Streamlit looks for them once escapes are gone.
    """
    found = r"(?<=:)(?=/|[\w+-]+[:/])|(?<=www)(?=\.)|(?<=[\w.+-])(?=@)|(?<!\S)(?:<-?|[->~])(?=[->=](?!\S))"
    return re.sub(found, f"\\g<0>{_JOINER}", text, flags=re.IGNORECASE)
