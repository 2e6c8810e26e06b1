"""One image flowing through a trained network, layer by layer, into probability bars. Runs in the browser alone.

Everything shown was computed by ``shapes-tutorial`` when it was trained (``cnn/pretrained/flow.npz``), so that Home
needs neither TensorFlow nor a wait.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

import cnn.pretrained
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
_here = Path(__file__).parent
_component = st.components.v2.component(
    "convnet_lab_flow",
    html='<div class="flow"></div>',
    css=(_here / "network_flow.css").read_text(),
    js=(_here / "network_flow.js").read_text(),
)


def network_flow() -> None:
    """Show the flow; a click or key on another picture sends that one through."""
    _component(data=flow_data(), key="home.flow")


@cache
def flow_data() -> dict[str, Any]:
    """What the browser gets: class names, and for each picture its maps, as addresses, and its probabilities."""
    with np.load(FLOW) as file:
        arrays = {name: file[name] for name in file.files}
    names = [str(name) for name in arrays["names"]]
    pictures = []
    for number, image in enumerate(arrays["images"]):
        layers = [
            {"title": title, "maps": [image_data_uri(one, MAP_SIDE) for one in arrays[layer][number]]}
            for layer, title in LAYERS.items()
        ]
        pictures.append(
            {
                "image": image_data_uri(image, 128),
                "truth": names[int(arrays["labels"][number])],
                "layers": layers,
                "probabilities": [round(float(share), 4) for share in arrays["probabilities"][number]],
            }
        )
    return {"names": names, "pictures": pictures}
