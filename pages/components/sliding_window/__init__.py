"""A window sliding over an image, with its arithmetic: playing, stepping and painting need no server."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from cnn.analysis.convolution.operation import WindowOperation
from cnn.data.images import CHANNEL_NAMES
from pages.components import browser_component, component_key

_HTML = """
<div class="sliding">
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
    <div class="sum">
      <p class="line"></p>
      <p class="checked"></p>
    </div>
  </div>
  <div class="grids"></div>
  <p class="said" aria-live="polite"></p>
</div>
"""
_component = browser_component(
    Path(__file__).parent, _HTML, ("../text_colour", "sums", "colours", "pictures", "kernel", "grids", "sliding_window")
)


class WindowScene(NamedTuple):
    """What slides over what.

    Attributes:
        fingerprint: identifies the scene; a new one restarts the component, the same one only updates NumPy's values.
        image: (H, W, 1 or 3).
        limits: the values of ``image`` drawn black and white.
        operation: with the kernel as it is now.
    """

    fingerprint: str
    image: np.ndarray
    limits: tuple[float, float]
    operation: WindowOperation


class WindowState(NamedTuple):
    """Where the visitor stopped: (row, column) of the output, and the edited kernel, None where it is unchanged."""

    position: tuple[int, int]
    kernel: np.ndarray | None


def read_state(key: str, fingerprint: str, shape: tuple[int, int], operation: WindowOperation) -> WindowState | None:
    """The last state that the component ``key`` reported of a scene; None before that, or if it is invalid.

    Args:
        fingerprint: of the scene.
        shape: (h, w) of the output.
        operation: of the scene, with its original kernel.
    """
    state = (st.session_state.get(component_key(key)) or {}).get("seen")
    if not isinstance(state, dict) or state.get("fingerprint") != fingerprint:
        return None
    try:
        position = int(state["row"]), int(state["column"])
        kernel = state.get("kernel")
        if kernel is not None and operation.kernel is not None:
            kernel = np.asarray(kernel, np.float64).reshape(operation.kernel.shape)
            if not np.isfinite(kernel).all():
                return None
    except (KeyError, TypeError, ValueError):
        return None
    is_inside = 0 <= position[0] < shape[0] and 0 <= position[1] < shape[1]
    return WindowState(position, kernel) if is_inside else None


def show_window(scene: WindowScene, position: tuple[int, int], expected: np.ndarray, *, edited: bool, key: str) -> None:
    """Show a scene.

    Args:
        position: (row, column) of the output to start at.
        expected: (depth,), NumPy's values at ``position``.
        edited: whether the visitor has changed the kernel.
    """
    operation = scene.operation
    height, width, channels = scene.image.shape
    kernel = [] if operation.kernel is None else [float(weight) for weight in operation.kernel.ravel()]
    data: dict[str, Any] = {
        "fingerprint": scene.fingerprint,
        "image": {
            "height": height,
            "width": width,
            "channels": channels,
            "names": list(CHANNEL_NAMES[channels]),
            "low": scene.limits[0],
            "high": scene.limits[1],
            "values": scene.image.ravel().tolist(),
        },
        "operation": operation.operation,
        "window": vars(operation.window),
        "kernel": kernel,
        "bias": operation.bias,
        "activation": operation.activation,
        "position": list(position),
        "check": {"row": position[0], "column": position[1], "kernel": kernel, "values": expected.tolist()},
        "edited": edited,
    }
    _component(data=data, key=key, on_seen_change=lambda: None, default={"seen": None})
