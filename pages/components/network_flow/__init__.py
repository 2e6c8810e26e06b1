"""An image passing through a trained network, layer by layer, to probability bars. Runs entirely in the browser.

Everything shown was computed by ``shapes-tutorial`` after its training (``cnn/pretrained/flow.npz``), so that Home
opens at once, without TensorFlow.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import cnn.pretrained
from pages.components import browser_component
from pages.components.data_uri import image_data_uri

FLOW = Path(cnn.pretrained.__file__).parent / "flow.npz"
MAP_SIDE = 56
LAYERS = {
    "conv_1": "32 filters find edges and colours",
    "pool_1": "pooling keeps the strongest",
    "conv_2": "64 filters find corners and curves",
    "pool_2": "pooling again",
    "conv_3": "64 filters find parts",
}
_component = browser_component(Path(__file__).parent, '<div class="flow"></div>')


def network_flow() -> None:
    """Show the flow; clicking another picture sends that one through."""
    _component(data=flow_data(), key="home.flow")


@cache
def flow_data() -> dict[str, Any]:
    """The data sent to the browser: class names, and for each picture its maps (addresses) and probabilities."""
    with np.load(FLOW) as file:
        arrays = {name: file[name] for name in file.files}
    names = [str(name) for name in arrays["names"]]
    pictures = []
    for index, image in enumerate(arrays["images"]):
        layers = [
            {"title": title, "maps": [image_data_uri(feature_map, MAP_SIDE) for feature_map in arrays[layer][index]]}
            for layer, title in LAYERS.items()
        ]
        pictures.append(
            {
                "image": image_data_uri(image, 128),
                "trueClass": names[int(arrays["labels"][index])],
                "layers": layers,
                "probabilities": [round(float(probability), 4) for probability in arrays["probabilities"][index]],
            }
        )
    return {"names": names, "pictures": pictures}
