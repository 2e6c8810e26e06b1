"""Colours that have the same meaning in every chart."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """Colours of charts on a light or dark page, as hex strings."""

    text: str
    quiet: str
    surface: str
    train: str
    validation: str
    correct: str
    wrong: str


LIGHT = Palette("#1A2230", "#5B6472", "#F1EEE7", "#2457C5", "#B8500F", "#0F6B66", "#9B2C4B")
DARK = Palette("#E8EBF0", "#A3ACBA", "#1B2330", "#7FA7FF", "#F2A065", "#6CC5BE", "#EE93AE")
