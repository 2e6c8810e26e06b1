"""A run played epoch by epoch in the browser: all data is sent once, so that playing needs no server."""

from pathlib import Path
from typing import Any

from pages.components import browser_component

_HTML = """
<div class="film">
  <div class="controls">
    <button type="button" class="play"></button>
    <label><span class="when" aria-live="off"></span><input type="range" step="1"></label>
  </div>
  <div class="runs"></div>
</div>
"""
_component = browser_component(Path(__file__).parent, _HTML, ["../percent", "../text_colour", "epoch_player"])


def epoch_player(
    fingerprint: str, epochs: list[int], runs: list[dict[str, Any]], chosen: int, *, play: bool, key: str
) -> int | None:
    """Show the player.

    Args:
        fingerprint: identifies the content; while it stays the same, the browser keeps its position.
        epochs: of the slider.
        runs: one or two, each with "title", "image", "evidence" (the class that the heatmap explains), "layers" (their
            names), "classes" (all their names), "moments" and "at" (for each of ``epochs``, the index of its moment). A
            moment has "filters", "maps" and "heat" (picture addresses), "answer" ((class, probability 0..1) pairs) and
            "table" (the confusion matrix on validation images, or None).
        chosen: the epoch to start at.
        play: whether to start playing from the first epoch; ignored where the visitor's system asks for reduced motion.

    Returns:
        The epoch at which the visitor stopped, or None.
    """
    data = {"fingerprint": fingerprint, "epochs": epochs, "runs": runs, "chosen": epochs.index(chosen), "play": play}
    epoch = _component(data=data, key=key, on_epoch_change=lambda: None, default={"epoch": None}).epoch
    return int(epoch) if epoch in epochs else None
