"""A network drawn to scale, and what each of its layers costs, as our own markup."""

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

_TALLEST = 110  # pixels on screen
_COLUMNS = ("Layer", "Output", "Parameters", "Work · multiply-adds", "Sees", "Memory")


def describe_layer(layer: Layer) -> str:
    """A layer as a person would say it."""
    match layer:
        case Convolution():
            extra = [f"stride {layer.strides}"] if layer.strides > 1 else []
            extra += [f"dilation {layer.dilation}"] if layer.dilation > 1 else []
            extra += ["same padding"] if layer.padding == "same" else []
            extra += ["batch normalisation"] if layer.batch_norm else []
            extra += [layer.activation] if layer.activation != "linear" else []
            return ", ".join([f"Convolution, {layer.filters} filters of {layer.size}\u00a0×\u00a0{layer.size}", *extra])
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


def show_diagram(input_shape: tuple[int, int, int], names: Sequence[str], counted: Sequence[LayerCost]) -> None:
    """The network from left to right: a box as high as its maps, whose area is how many numbers they hold."""
    shapes = [tuple(input_shape), *(cost.shape for cost in counted)]
    scale = _TALLEST / max(input_shape[:2])
    widest = max(shape[1] * shape[2] for shape in shapes if len(shape) == 3)
    squeeze = max(1.0, widest * scale / 130)  # so that the widest box is 130 pixels wide
    boxes = []
    for name, shape in zip(("input", *names), shapes, strict=True):
        height = shape[0] * scale if len(shape) == 3 else math.sqrt(shape[0] / squeeze) * scale
        width = shape[1] * shape[2] * scale / squeeze if len(shape) == 3 else height
        size = " × ".join(map(str, shape))
        boxes.append(
            f'<li><i style="height: {height:.1f}px; width: {max(2, width):.1f}px"></i>'
            f"<span>{html.escape(name)}</span><span>{size}</span></li>"
        )
    st.html(f'<ol class="network" tabindex="0" aria-label="The network, drawn to scale">{"".join(boxes)}</ol>')


def show_cost_table(
    architecture: Architecture,
    input_shape: tuple[int, int, int],
    counted: Sequence[LayerCost],
    problem: tuple[int, str] | None,
) -> None:
    """A row a layer with all that it costs; the impossible one says why and how to mend it.

    Args:
        counted: of the layers before the impossible one, or of all and of the output layer.
        problem: (number of the impossible layer, sentence), or None.
    """
    parameters = sum(cost.parameters for cost in counted) or 1
    work = sum(cost.multiply_adds for cost in counted) or 1
    head = "".join(f'<th scope="col">{name}</th>' for name in ("", *_COLUMNS))
    size = " × ".join(map(str, input_shape))
    rows = [f"<tr><td></td><th scope='row'>Input</th><td>{size}</td><td></td><td></td><td></td><td></td></tr>"]
    names = [describe_layer(layer) for layer in architecture.layers] + ["Output, one score a class · logits"]
    for number, name in enumerate(names, 1):
        start = f"<td>{number if number < len(names) else ''}</td><th scope='row'>{html.escape(name)}</th>"
        if number <= len(counted):
            rows.append(f"<tr>{start}{_cells(counted[number - 1], parameters, work)}</tr>")
        elif problem and number == problem[0]:
            rows.append(f'<tr class="wrong">{start}<td colspan="5">✗ {html.escape(problem[1])}</td></tr>')
        else:
            rows.append(f'<tr class="after">{start}<td colspan="5">–</td></tr>')
    st.html(
        '<div class="layers" tabindex="0" role="region" aria-label="Layers and what they cost"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cells(cost: LayerCost, parameters: int, work: int) -> str:
    counted = f"{cost.arithmetic} = {cost.parameters:,}" if cost.arithmetic else "none"
    sees = "everything" if cost.receptive_field is None else f"{cost.receptive_field} × {cost.receptive_field} pixels"
    done = f"{cost.multiply_adds:,}" if cost.multiply_adds else "–"
    memory = f"{cost.bytes / 1000:,.1f} kB"
    shape = " × ".join(f"{side:,}" for side in cost.shape)
    return (
        f"<td>{shape}</td>{_share(counted, cost.parameters / parameters)}{_share(done, cost.multiply_adds / work)}"
        f"<td>{sees}</td><td>{memory}</td>"
    )


def _share(text: str, share: float) -> str:
    if not share:
        return f"<td>{text}</td>"
    bar = f'<i style="width: {60 * share:.1f}px" aria-hidden="true"></i>'
    return f'<td>{text}<span class="share">{bar}{100 * share:.1f} %</span></td>'
