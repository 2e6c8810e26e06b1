"""A run played epoch by epoch in the browser: everything is sent once, so that playing asks nothing of the server."""

from pathlib import Path
from typing import Any

import streamlit as st

_HTML = """
<div class="film">
  <div class="controls">
    <button type="button" class="play"></button>
    <label><span class="when" aria-live="off"></span><input type="range" step="1"></label>
  </div>
  <div class="runs"></div>
</div>
"""
_here = Path(__file__).parent
_component = st.components.v2.component(
    "convnet_lab_film",
    html=_HTML,
    css=(_here / "epoch_player.css").read_text(),
    js=(_here / "epoch_player.js").read_text(),
)


def epoch_player(
    of: str, epochs: list[int], runs: list[dict[str, Any]], chosen: int, *, play: bool, key: str
) -> int | None:
    """Show it.

    Args:
        of: names what is shown; where it is the same as before, the browser stays where it is.
        epochs: those that the slider has.
        runs: one or two, each with "title", "image" and "evidence" (what the heatmap is for), "layers" (their names),
            "at" (which of "moments" belongs to each of ``epochs``) and "moments": each with "filters", "maps", "heat"
            (addresses of pictures), "answer" ((class, share 0..1) pairs) and, or None, "table" (the confusion matrix of
            held-out images).
        chosen: the epoch to begin with.
        play: begin by playing from the first epoch on; never where the visitor's system asks for less motion.

    Returns:
        The epoch at which the visitor stopped, or None.
    """
    data = {"of": of, "epochs": epochs, "runs": runs, "chosen": epochs.index(chosen), "play": play}
    said = _component(data=data, key=key, on_epoch_change=lambda: None, default={"epoch": None}).epoch
    return int(said) if said in epochs else None
