"""What must be said beside a number that was measured on photos that are nearly the same."""

from cnn.data.own.own_datasets import near_twins_note
from pages.shell.page_layout import prose


def show_near_twins(dataset: str, *, key: str) -> None:
    """Say how far the number of right answers can be trusted if many photos of a set are near twins; else nothing.

    Args:
        key: of the sentence.
    """
    if note := near_twins_note(dataset):
        prose(f"**Near twins.** {note}", key=key)
