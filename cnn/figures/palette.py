"""Colours that have the same meaning in every chart."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """Colours of charts on a light or dark page, as hex strings.

    ``classes`` tells up to ten classes apart; each is legible as text on the page.
    """

    text: str
    quiet: str
    surface: str
    train: str
    validation: str
    correct: str
    wrong: str
    classes: tuple[str, ...]


LIGHT = Palette(
    "#1A2230",
    "#5B6472",
    "#F1EEE7",
    "#2457C5",
    "#B8500F",
    "#0F6B66",
    "#9B2C4B",
    (
        *("#2457C5", "#A34A00", "#0F6B66", "#B3261E", "#6A3FA0"),
        *("#6B4A2B", "#A8327E", "#5C6300", "#44505F", "#006E90"),
    ),
)
DARK = Palette(
    "#E8EBF0",
    "#A3ACBA",
    "#1B2330",
    "#7FA7FF",
    "#F2A065",
    "#6CC5BE",
    "#EE93AE",
    (
        *("#7FA7FF", "#F2A065", "#6CC5BE", "#FF8A80", "#C3A6F5"),
        *("#CDB08E", "#F29AD0", "#C5CC5A", "#B8C1CE", "#6BC7EE"),
    ),
)
