"""An image passing through a trained network, layer by layer, to probability bars; each layer is a link to its maps.

Everything shown was computed by ``shapes-tutorial`` after its training (``cnn/pretrained/flow.npz``), so that Home
opens at once, without TensorFlow.
"""

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np

import cnn.pretrained
from pages.components import browser_component
from pages.components.data_uri import image_data_uri
from pages.components.probabilities import shorten_probabilities

FLOW = Path(cnn.pretrained.__file__).parent / "flow.npz"
MAP_SIDE = 56
LAYERS = {
    "conv_1": "32 filters find edges and colours",
    "pool_1": "pooling keeps the strongest",
    "conv_2": "64 filters find corners and curves",
    "pool_2": "pooling again",
    "conv_3": "64 filters find parts",
}
_component = browser_component(Path(__file__).parent, '<div class="flow"></div>', ["../percent", "network_flow"])


def network_flow(*, with_pictures: bool) -> dict[str, str] | None:
    """Show the flow; clicking another picture sends that one through.

    Args:
        with_pictures: whether the images of Drawn shapes are here, so that a layer opens with the same picture.

    Returns:
        The query of Feature maps' address for the layer that has just been clicked; None if none has.
    """
    data = flow_data()
    positions = [picture["position"] if with_pictures else None for picture in data["pictures"]]
    addresses = [
        {layer: f"feature_maps?{urlencode(_layer_query(layer, position))}" for layer in LAYERS}
        for position in positions
    ]
    result = _component(data={**data, "addresses": addresses}, key="home.flow", on_opened_change=lambda: None)
    match result.opened:
        case {"layer": str(layer), "picture": int(picture)} if layer in LAYERS and 0 <= picture < len(positions):
            return _layer_query(layer, positions[picture])
    return None


def _layer_query(layer: str, position: int | None) -> dict[str, str]:
    """The query that opens ``layer`` on Feature maps, with the test image at ``position`` if there is one."""
    query = {"dataset": "shapes", "model": "shapes-tutorial", "maps.layer": layer}
    return query if position is None else {**query, "picture": f"test-{position + 1}"}


@cache
def flow_data() -> dict[str, Any]:
    """The data sent to the browser: class names, and of each picture its place in the test split, maps and answer."""
    with np.load(FLOW) as file:
        arrays = {name: file[name] for name in file.files}
    names = [str(name) for name in arrays["names"]]
    pictures = []
    for index, image in enumerate(arrays["images"]):
        layers = [
            {
                "name": layer,
                "title": title,
                "maps": [image_data_uri(feature_map, MAP_SIDE) for feature_map in arrays[layer][index]],
            }
            for layer, title in LAYERS.items()
        ]
        pictures.append(
            {
                "image": image_data_uri(image, 128),
                "position": int(arrays["positions"][index]),
                "trueClass": names[int(arrays["labels"][index])],
                "layers": layers,
                "probabilities": shorten_probabilities(arrays["probabilities"][index]),
            }
        )
    return {"names": names, "pictures": pictures}
