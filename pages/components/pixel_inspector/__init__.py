"""An image that shows the values of the pixel under the pointer."""

import base64
from pathlib import Path

import numpy as np

from cnn.data.images import CHANNEL_NAMES
from pages.components import browser_component

_HTML = """
<div class="picture"><canvas tabindex="0" role="application"></canvas><i class="frame" aria-hidden="true"></i></div>
<p class="line" aria-live="polite"></p>
"""
_component = browser_component(Path(__file__).parent, _HTML)


def pixel_inspector(label: str, image: np.ndarray, *, key: str) -> None:
    """Show ``image``, uint8 (H, W, 1 or 3), and the values of the pixel under the pointer."""
    height, width, channels = image.shape
    values = base64.b64encode(np.ascontiguousarray(image).tobytes()).decode()
    data = {"label": label, "height": height, "width": width, "channels": channels, "values": values}
    _component(data=data | {"names": list(CHANNEL_NAMES[channels])}, key=key)
