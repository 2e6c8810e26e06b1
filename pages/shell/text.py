"""Numbers as text."""


def percent(probability: float) -> str:
    """A probability in per cent; never rounded to 0 or 100."""
    if 0 < probability < 0.005:
        return "under 1 %"
    return "over 99 %" if 0.995 <= probability < 1 else f"{100 * probability:.0f} %"


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
