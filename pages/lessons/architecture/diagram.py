"""A network drawn to scale and the table of its layers' costs, as HTML."""

import html
import math
from collections.abc import Sequence

import streamlit as st

from cnn.model.architectures import (
    Activation,
    Architecture,
    BatchNormalization,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalPooling,
    Layer,
    Pooling,
    Residual,
)
from cnn.model.layer_costs import LayerCost
from pages.shell.text import percent

_MAX_HEIGHT = 110  # pixels on screen
_MAX_WIDTH = 130
_COLUMNS = ("Layer", "Output", "Parameters", "Computation (multiply-adds)", "Receptive field", "Memory")


def describe_layer(layer: Layer) -> str:
    """A one-line description of a layer, as the page shows it."""
    match layer:
        case Convolution():
            details = [f"stride {layer.strides}"] if layer.strides > 1 else []
            details += [f"dilation {layer.dilation}"] if layer.dilation > 1 else []
            details += ["same padding"] if layer.padding == "same" else []
            details += ["batch normalisation"] if layer.batch_norm else []
            details += [layer.activation] if layer.activation != "linear" else []
            return ", ".join(
                [f"Convolution, {layer.filters} filters of {layer.size}\u00a0×\u00a0{layer.size}", *details]
            )
        case Pooling(operation, size):
            return f"Pooling, {operation} of {size}\u00a0×\u00a0{size}"
        case Residual(filters):
            return f"Residual block, {filters} filters"
        case Dense(units, activation):
            return f"Dense, {units} units" + (f", {activation}" if activation != "linear" else "")
        case GlobalPooling(operation):
            return f"Global pooling, {operation}"
        case Dropout(rate):
            return f"Dropout, {100 * rate:g} %"
        case Activation(function):
            return f"Activation, {function}"
        case BatchNormalization():
            return "Batch normalisation"
        case Flatten():
            return "Flatten"


def show_diagram(input_shape: tuple[int, int, int], names: Sequence[str], costs: Sequence[LayerCost]) -> None:
    """Draw the network from left to right, one box per layer.

    A box is as tall as the layer's feature maps, and its area is proportional to the number of activations.

    Args:
        input_shape: (height, width, channels).
        names: one label per layer.
        costs: one per name, in the same order.
    """
    shapes = [tuple(input_shape), *(cost.shape for cost in costs)]
    scale = _MAX_HEIGHT / max(input_shape[:2])
    widest = max(shape[1] * shape[2] for shape in shapes if len(shape) == 3)
    width_divisor = max(1.0, widest * scale / _MAX_WIDTH)
    boxes = []
    for name, shape in zip(("input", *names), shapes, strict=True):
        height = shape[0] * scale if len(shape) == 3 else math.sqrt(shape[0] / width_divisor) * scale
        width = shape[1] * shape[2] * scale / width_divisor if len(shape) == 3 else height
        size = " × ".join(map(str, shape))
        boxes.append(
            f'<li><i style="height: {height:.1f}px; width: {max(2, width):.1f}px"></i>'
            f"<span>{html.escape(name)}</span><span>{size}</span></li>"
        )
    st.html(f'<ol class="network" tabindex="0" aria-label="The network, drawn to scale">{"".join(boxes)}</ol>')


def show_cost_table(
    architecture: Architecture,
    input_shape: tuple[int, int, int],
    costs: Sequence[LayerCost],
    problem: tuple[int, str] | None,
) -> None:
    """Show one row per layer with its costs; an impossible layer's row says why and how to fix it.

    Args:
        architecture: the network, without its output layer.
        input_shape: (height, width, channels).
        costs: of every layer and the output layer, or only of the layers before the impossible one.
        problem: (number of the impossible layer, from 1; the sentence to show), or None.
    """
    parameters = sum(cost.parameters + cost.measured for cost in costs) or 1
    multiply_adds = sum(cost.multiply_adds for cost in costs) or 1
    head = "".join(f'<th scope="col">{name}</th>' for name in _COLUMNS)
    size = " × ".join(map(str, input_shape))
    rows = [f"<tr><th scope='row'>Input</th><td>{size}</td><td></td><td></td><td></td><td></td></tr>"]
    names = [describe_layer(layer) for layer in architecture.layers] + ["Output, one score a class · logits"]
    for number, name in enumerate(names, 1):
        start = f"<th scope='row'>{f'{number} · ' if number < len(names) else ''}{html.escape(name)}</th>"
        if number <= len(costs):
            rows.append(f"<tr>{start}{_cost_cells(costs[number - 1], parameters, multiply_adds, input_shape)}</tr>")
        elif problem and number == problem[0]:
            rows.append(f'<tr class="wrong">{start}<td colspan="5">✗ {html.escape(problem[1])}</td></tr>')
        else:
            rows.append(f'<tr class="after">{start}<td colspan="5">–</td></tr>')
    st.html(
        '<div class="layers" tabindex="0" role="region" aria-label="Layers and what they cost"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cost_cells(
    cost: LayerCost, total_parameters: int, total_multiply_adds: int, input_shape: tuple[int, int, int]
) -> str:
    parameters = f"{cost.arithmetic} = {cost.parameters:,}" if cost.arithmetic else "none"
    measured = f", with {cost.measured:,} measured" if cost.measured else ""
    multiply_adds = f"{cost.multiply_adds:,}" if cost.multiply_adds else "–"
    memory = f"{cost.bytes / 1000:,.1f} kB"
    shape = " × ".join(f"{side:,}" for side in cost.shape)
    return (
        f"<td>{shape}</td>{_fraction_cell(parameters, (cost.parameters + cost.measured) / total_parameters, measured)}"
        f"{_fraction_cell(multiply_adds, cost.multiply_adds / total_multiply_adds)}"
        f"<td>{_what_it_sees(cost, input_shape)}</td><td>{memory}</td>"
    )


def _what_it_sees(cost: LayerCost, input_shape: tuple[int, int, int]) -> str:
    """The part of the image that can change one number of a layer."""
    if cost.seeing_all == 1:
        return "everything"
    if cost.receptive_field is None:
        return f"{cost.seen[0]} × {cost.seen[1]} of {input_shape[0]} × {input_shape[1]} pixels"
    field = f"{cost.receptive_field} × {cost.receptive_field} pixels"
    return f"{field}; everything: {percent(cost.seeing_all)} of them" if cost.seeing_all else field


def _fraction_cell(text: str, fraction: float, note: str = "") -> str:
    """A table cell with a bar as long as its fraction, 0..1, of the total, and perhaps a note behind that."""
    if not fraction:
        return f"<td>{text}</td>"
    bar = f'<i style="width: {60 * fraction:.1f}px" aria-hidden="true"></i>'
    return f'<td>{text}<span class="share">{bar}{100 * fraction:.1f} %{note}</span></td>'
