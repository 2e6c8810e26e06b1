"""Architecture: build a network layer by layer and see what each layer costs."""

import streamlit as st

from cnn.data import catalog
from cnn.errors import ConfigError
from cnn.keras_code.model import model_code
from cnn.model.architectures import Architecture
from cnn.model.layer_costs import LayerCost, layer_costs
from cnn.model.shape_inference import first_problem
from pages.lessons.architecture.diagram import describe_layer, show_cost_table, show_diagram
from pages.lessons.architecture.editor import choose_network, show_editor
from pages.shell import selection
from pages.shell.page_layout import as_keras_code, further_reading, notice, page_header, prose, try_this

page_header(
    "Architecture", "What is a network made of, and what does each layer cost?", page="architecture", best_wide=True
)


def totals(architecture: Architecture, counted: list[LayerCost]) -> None:
    """All layers together, and which of them holds the numbers and which does the work."""
    parameters, work = sum(cost.parameters for cost in counted), sum(cost.multiply_adds for cost in counted)
    memory = sum(cost.bytes for cost in counted)
    holder = max(counted, key=lambda cost: cost.parameters)
    worker = max(counted, key=lambda cost: cost.multiply_adds)
    names = {id(cost): f"layer {number}" for number, cost in enumerate(counted[:-1], 1)} | {
        id(counted[-1]): "the output"
    }

    def share(cost: LayerCost) -> str:
        held, done = 100 * cost.parameters / parameters, 100 * cost.multiply_adds / work
        return f"{held:.1f} % of the parameters and does {done:.1f} % of the work"

    prose(
        f"**{parameters:,} parameters**, {work:,} multiply-adds and {memory / 1000:,.0f} kB of numbers for one image. "
        f"{names[id(holder)].capitalize()} holds {share(holder)}"
        + (f"; {names[id(worker)]} holds {share(worker)}." if worker is not holder else ".")
    )


name = selection.dataset()
shape, classes = catalog.network_shape(name), len(catalog.info(name).class_names)
architecture = choose_network(shape)
problem = first_problem(architecture, shape)
possible = (
    architecture
    if problem is None
    else Architecture("own", architecture.layers[: problem[0] - 1], architecture.rescaling)
)
counted = layer_costs(possible, shape, classes)
if problem is not None:
    counted = counted[:-1]
names = [describe_layer(layer).split(",")[0] for layer in possible.layers] + (["output"] if problem is None else [])
show_diagram(shape, names, counted)
st.caption("As high as its maps; the area is how many numbers they hold for one image.")
show_editor(architecture)
show_cost_table(architecture, shape, counted, problem)
if problem is None:
    totals(architecture, counted)
    st.page_link(
        "training.py",
        label="Train this",
        icon=":material/play_arrow:",
        query_params={"training.network": "own", "training.layers": architecture.to_text()},
    )
prose(
    "**What to notice.** A convolution's parameters do not depend on how large the image is, its work does. A dense "
    "layer's numbers do: the one after *Flatten* often holds most of the network, and does almost none of the work."
)
try_this(
    [
        "Remove the first pooling. What happens to the dense layer's parameters, and why?",
        "Put global pooling in place of Flatten. How many parameters are left?",
        "How many convolutions does it take until one number sees the whole image?",
    ]
)
try:
    as_keras_code(model_code(architecture, shape, classes))
except ConfigError as error:
    notice(str(error))
further_reading(
    [("Computing receptive fields (Araujo et al., 2019)", "https://distill.pub/2019/computing-receptive-fields/")]
)
