"""Numbers in words."""


def percent(share: float) -> str:
    """A probability as a person reads it; never a false 0 or 100."""
    return "under 1 %" if 0 < share < 0.005 else "over 99 %" if 0.995 <= share < 1 else f"{100 * share:.0f} %"


def unbroken(text: str) -> str:
    """The text with every number on one line with its per cent sign."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def duration(seconds: float) -> str:
    """A number of seconds as a person says it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} seconds" if round(seconds) != 1 else "1 second"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} minutes"
    return f"{seconds / 3600:.1f} hours"
