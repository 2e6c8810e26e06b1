"""Architecture: build a network layer by layer, and see what each layer costs."""

import streamlit as st

from cnn.data import catalog
from cnn.errors import ConfigError
from cnn.keras_code.model import model_code
from cnn.model.architectures import Architecture
from cnn.model.layer_costs import LayerCost, layer_costs
from cnn.model.shape_inference import first_problem
from pages.lessons.architecture.diagram import describe_layer, show_cost_table, show_diagram
from pages.lessons.architecture.editor import choose_network, show_editor, show_problem
from pages.shell import selection
from pages.shell.page_layout import page_foot, page_header, plain_notice, prose

page_header(
    "Architecture", "What is a network made of, and what does each layer cost?", page="architecture", best_wide=True
)


def show_totals(costs: list[LayerCost]) -> None:
    """Show the cost of all layers together, and which layers have the most parameters and do the most work."""
    measured, work = sum(cost.measured for cost in costs), sum(cost.multiply_adds for cost in costs)
    parameters = sum(cost.parameters for cost in costs) + measured
    memory = sum(cost.bytes for cost in costs)
    largest = max(costs, key=lambda cost: cost.parameters + cost.measured)
    busiest = max(costs, key=lambda cost: cost.multiply_adds)
    names = {id(cost): f"layer {position}" for position, cost in enumerate(costs[:-1], 1)} | {
        id(costs[-1]): "the output"
    }

    def describe_fractions(cost: LayerCost) -> str:
        parameter_fraction, work_fraction = (cost.parameters + cost.measured) / parameters, cost.multiply_adds / work
        return f"{100 * parameter_fraction:.1f} % of the parameters and does {100 * work_fraction:.1f} % of the work"

    prose(
        f"**{parameters:,} parameters**, "
        + (f"{measured:,} of them not learned but measured · non-trainable, " if measured else "")
        + f"{work:,} multiply-adds and {memory / 1000:,.0f} kB of numbers from all layers for one image. "
        + f"{names[id(largest)].capitalize()} holds {describe_fractions(largest)}"
        + (f"; {names[id(busiest)]} holds {describe_fractions(busiest)}." if busiest is not largest else "."),
        key="architecture.totals",
    )


name = selection.dataset()
shape, classes = catalog.network_shape(name), len(catalog.info(name).class_names)
architecture = choose_network(shape)
problem = first_problem(architecture, shape)
valid_part = (
    architecture
    if problem is None
    else Architecture("own", architecture.layers[: problem[0] - 1], architecture.rescaling)
)
costs = layer_costs(valid_part, shape, classes)
if problem is not None:
    costs = costs[:-1]
names = [describe_layer(layer).split(",")[0] for layer in valid_part.layers] + (["output"] if problem is None else [])
show_diagram(shape, names, costs)
st.caption("As high as its maps; the area is how many numbers they hold for one image.")
if problem is not None:
    show_problem(problem)
else:
    show_totals(costs)
    with st.container(key="architecture.train"):
        st.page_link(
            "training.py",
            label="Train this",
            icon=":material/play_arrow:",
            query_params={"training.network": "own", "training.layers": architecture.to_text()},
        )
show_editor(architecture)
show_cost_table(architecture, shape, costs, problem)
prose(
    "**What to notice.** How many parameters a convolution has does not depend on the size of the image; how much it "
    "computes does. A dense layer's parameters do depend on it: the one after *Flatten* often holds most of a "
    "network's parameters, and does almost none of the work."
)
code = None
try:
    code = model_code(architecture, shape, classes)
except ConfigError as error:
    plain_notice(error)
page_foot(
    [
        "Remove the first pooling. What happens to the dense layer's parameters, and why?",
        "Put global pooling in place of Flatten. How many parameters are left?",
        "How many convolutions does it take until one number sees the whole image?",
    ],
    code=code,
    reading=[
        ("Computing receptive fields (Araujo et al., 2019)", "https://distill.pub/2019/computing-receptive-fields/")
    ],
)
