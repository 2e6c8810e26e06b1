"""Convolution: a small window slides over a picture and gives one number at each position."""

import streamlit as st

from cnn.analysis.convolution.window import formula, output_side
from cnn.errors import CnnError
from cnn.keras_code.convolution import convolution_code
from pages.components import sliding_window as component
from pages.lessons.convolution.controls import SlidingWindow, choose_sliding_window
from pages.lessons.convolution.inputs import show_source
from pages.lessons.convolution.kernel_maker import VISITOR
from pages.shell.page_layout import page_foot, page_header, plain_notice, prose

KEY = "convolution.sliding"
TO_NOTICE = (
    "**What to notice.** The same few weights are used at every place: that is why a filter finds its edge wherever it "
    "is, and why so few numbers are enough. Where the picture is flat, Sobel's products cancel out to zero."
)
TASKS = (
    "Point at a line in the output. Which pixels made it?",
    "Paint a kernel of your own. Can you make one that finds only slanting edges?",
    "Set the stride to 2 in the Lab level. How large is the output, and why?",
    "Choose a filter that a network has learned. Does it look like one of the named kernels?",
)
READING = (
    ("A guide to convolution arithmetic (Dumoulin & Visin, 2016)", "https://arxiv.org/abs/1603.07285"),
    ("CNN Explainer (Wang et al., 2020)", "https://arxiv.org/abs/2004.15004"),
)

page_header("Convolution", "How does a network find an edge in a picture?", page="convolution")


@st.fragment
def sliding_window_view(shown: SlidingWindow) -> None:
    """The sliding window; only this part reruns when the visitor stops moving it."""
    operation, image = shown.operation, shown.input.image
    height, width, _ = image.shape
    output_shape = (output_side(height, operation.window), output_side(width, operation.window))
    state = component.read_state(KEY, shown.name, output_shape, operation)
    if state is not None and state.kernel is not None:
        operation = shown.with_kernel(state.kernel)
    position = state.position if state else operation.strongest_position(image)
    component.show_window(
        component.WindowScene(shown.name, image, shown.input.limits, operation),
        position,
        operation.at(image, position),
        edited=operation is not shown.operation,
        key=KEY,
    )
    size = f"{formula(height, operation.window)} rows"
    if height != width:
        size += f" and {formula(width, operation.window)} columns"
    prose(f"**Size of the output:** {size}.", key="convolution.output_size")
    if shown.maker:
        prose(shown.maker if operation is shown.operation else VISITOR, key="convolution.maker")
    show_source(shown.input)
    link = "A filter works anywhere. Does a whole network?"
    st.page_link("dense_or_convolutional.py", label=link, icon=":material/arrow_forward:")
    # In the fragment, because the code follows the kernel that is painted there.
    prose(TO_NOTICE)
    page_foot(TASKS, code=convolution_code(operation, image, shown.input.code), reading=READING)


try:
    sliding_window_view(choose_sliding_window())
except CnnError as error:
    plain_notice(error, key="convolution.problem")
    prose(TO_NOTICE)
    page_foot(TASKS, code=None, reading=READING)
