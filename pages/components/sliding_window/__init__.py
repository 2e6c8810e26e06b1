"""A window sliding over an image, with all its arithmetic: it plays, steps and paints in the browser by itself."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from cnn.analysis.convolution.operation import WindowOperation
from cnn.data.images import CHANNEL_NAMES

_HTML = """
<div class="sliding">
  <div class="stages">
    <div class="stage input">
      <p class="size"></p>
      <div class="board">
        <canvas tabindex="0" role="application" aria-label="Input: arrow keys move from pixel to pixel"></canvas>
        <canvas class="mark" aria-hidden="true"></canvas>
      </div>
      <p class="note"></p>
    </div>
    <div class="stage kernel">
      <p class="size">Kernel</p>
      <select class="which" aria-label="Which channels of the kernel to change"></select>
      <div class="cells" role="group" aria-label="Kernel"></div>
      <div class="brush" role="group" aria-label="Paint with">
        <span>Paint with</span>
        <button type="button" data-value="-1" aria-pressed="false">−1</button>
        <button type="button" data-value="0" aria-pressed="false">0</button>
        <button type="button" data-value="1" aria-pressed="false">1</button>
        <button type="button" aria-pressed="true">type</button>
      </div>
    </div>
    <div class="stage output">
      <p class="size"></p>
      <div class="board">
        <canvas tabindex="0" role="application" aria-describedby="sliding-keys"
          aria-label="Output: arrow keys move the window, space plays"></canvas>
        <canvas class="mark" aria-hidden="true"></canvas>
      </div>
      <p class="legend"></p>
    </div>
  </div>
  <div class="controls">
    <button type="button" class="play">Play</button>
    <button type="button" class="step">One step</button>
    <label>Speed
      <select class="speed">
        <option value="4">slow</option><option value="60" selected>quick</option><option value="600">very quick</option>
      </select>
    </label>
    <span class="hint" id="sliding-keys">Point at the output, or use the arrow keys there; space plays.</span>
  </div>
  <div class="grids"></div>
  <p class="line"></p>
  <p class="checked"></p>
  <p class="said" aria-live="polite"></p>
</div>
"""
_here = Path(__file__).parent
# One script: a component of this kind cannot import from its neighbours.
_PARTS = ("sums", "colours", "pictures", "kernel", "grids", "sliding_window")
_component = st.components.v2.component(
    "convnet_lab_sliding",
    html=_HTML,
    css=(_here / "sliding_window.css").read_text(),
    js="\n".join((_here / f"{part}.js").read_text() for part in _PARTS),
)


class WindowState(NamedTuple):
    """Where the visitor's hand came to rest: (row, column) of the output, and the kernel as it was then."""

    place: tuple[int, int]
    kernel: np.ndarray | None


def read_state(key: str, of: str, shape: tuple[int, int], sliding: WindowOperation) -> WindowState | None:
    """What the component ``key`` last said of the scene ``of``; None before that, or when it makes no sense.

    Args:
        shape: (h, w) of the output.
        sliding: the scene's operation, with the kernel that it began with.
    """
    said = (st.session_state.get(key) or {}).get("seen")
    if not isinstance(said, dict) or said.get("of") != of:
        return None
    try:
        place = int(said["row"]), int(said["column"])
        kernel = said.get("kernel")
        if kernel is not None and sliding.kernel is not None:
            kernel = np.asarray(kernel, np.float64).reshape(sliding.kernel.shape)
            if not np.isfinite(kernel).all():
                return None
    except (KeyError, TypeError, ValueError):
        return None
    inside = 0 <= place[0] < shape[0] and 0 <= place[1] < shape[1]
    return WindowState(place, kernel) if inside else None


def show_window(
    key: str,
    of: str,
    image: np.ndarray,
    limits: tuple[float, float],
    sliding: WindowOperation,
    place: tuple[int, int],
    checked: np.ndarray,
    *,
    edited: bool,
    play: bool,
) -> None:
    """Show the scene.

    Args:
        of: names the scene; with another name the component begins anew, with the same it only takes ``checked``.
        image: (H, W, 1 or 3).
        limits: the values of ``image`` drawn black and white.
        place: (row, column) of the output it begins at.
        checked: (depth,), NumPy's numbers at ``place``.
        edited: whether the kernel is the visitor's own.
        play: whether it begins to play.
    """
    height, width, channels = image.shape
    kernel = [] if sliding.kernel is None else [float(weight) for weight in sliding.kernel.ravel()]
    data: dict[str, Any] = {
        "of": of,
        "image": {
            "height": height,
            "width": width,
            "channels": channels,
            "names": list(CHANNEL_NAMES[channels]),
            "low": limits[0],
            "high": limits[1],
            "values": image.ravel().tolist(),
        },
        "operation": sliding.operation,
        "window": vars(sliding.window),
        "kernel": kernel,
        "bias": sliding.bias,
        "activation": sliding.activation,
        "place": list(place),
        "check": {"row": place[0], "column": place[1], "kernel": kernel, "values": checked.tolist()},
        "edited": edited,
        "play": play,
    }
    _component(data=data, key=key, on_seen_change=lambda: None, default={"seen": None})
