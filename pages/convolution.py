"""Convolution: a small window slides over a picture and gives one number at each position."""

import streamlit as st

from cnn.analysis.convolution.window import formula, output_side
from cnn.errors import CnnError
from cnn.keras_code.convolution import convolution_code
from pages.components import sliding_window as component
from pages.lessons.convolution.controls import SlidingWindow, choose_sliding_window
from pages.shell.page_layout import as_keras_code, further_reading, notice, page_header, prose, try_this

page_header("Convolution", "How does a network find an edge in a picture?", page="convolution", best_wide=True)
KEY = "convolution.sliding"


@st.fragment
def sliding_window_view(shown: SlidingWindow) -> None:
    """The sliding window; only this part reruns when the visitor stops moving it."""
    operation, (image, limits, source) = shown.operation, shown.input
    height, width, _ = image.shape
    output_shape = (output_side(height, operation.window), output_side(width, operation.window))
    state = component.read_state(KEY, shown.name, output_shape, operation)
    if state is not None and state.kernel is not None:
        operation = shown.with_kernel(state.kernel)
    position = state.position if state else (0, 0)
    component.show_window(
        component.WindowScene(shown.name, image, limits, operation),
        position,
        operation.at(image, position),
        edited=operation is not shown.operation,
        play=state is None,
        key=KEY,
    )
    size = f"{formula(height, operation.window)} rows"
    if height != width:
        size += f" and {formula(width, operation.window)} columns"
    prose(f"**Size of the output:** {size}.", key="convolution.output_size")
    as_keras_code(convolution_code(operation, image, source))


try:
    sliding_window_view(choose_sliding_window())
except CnnError as error:
    notice(str(error), key="convolution.problem")

prose(
    "**What to notice.** The same few weights are used at every place: that is why a filter finds its edge wherever it "
    "is, and why so few numbers are enough. Where the picture is flat, Sobel's products cancel out to zero."
)
try_this(
    [
        "Point at a line in the output. Which pixels made it?",
        "Paint a kernel of your own. Can you make one that finds only slanting edges?",
        "Set the stride to 2 in the Lab level. How large is the output, and why?",
        "Choose a filter that a network has learned. Does it look like one of the named kernels?",
    ]
)
further_reading(
    [
        ("A guide to convolution arithmetic (Dumoulin & Visin, 2016)", "https://arxiv.org/abs/1603.07285"),
        ("CNN Explainer (Wang et al., 2020)", "https://arxiv.org/abs/2004.15004"),
    ]
)
