"""A worksheet on paper: two sides of tasks with gaps to fill in, and a third with the answers."""

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from cnn.analysis.convolution.window import Window
from cnn.analysis.worksheet.tasks import BRIGHTEST, LARGEST_NUMBER, LARGEST_WEIGHT, ConvolutionTask, ParameterTask
from cnn.analysis.worksheet.worksheet import Worksheet
from cnn.figures.paper import MARGIN, bars, grid, label, new_sheet, picture, write

COLOURS = ("red", "green", "blue")
GAP = "________"
LETTERS = "ABCD"


def worksheet_sheets(worksheet: Worksheet, title: str) -> list[Figure]:
    """The three sheets.

    Args:
        title: of the network.
    """
    about = f"Network: {title}. Picture: validation image {worksheet.position}. Worksheet {worksheet.seed}."
    return [_front(worksheet, about), _back(worksheet, about), _key(worksheet, about)]


def _front(worksheet: Worksheet, about: str) -> Figure:
    sheet = new_sheet("How a network sees", ["Name: ______________________________   Date: ______________"], about)
    _draw_convolution(sheet, worksheet)
    _draw_sizes(sheet, worksheet)
    _draw_pooling(sheet, worksheet)
    return sheet


def _back(worksheet: Worksheet, about: str) -> Figure:
    sheet = new_sheet("How a network sees", ["Second side"], about)
    _draw_matching(sheet, worksheet)
    _draw_answer(sheet, worksheet)
    _draw_parameters(sheet, worksheet)
    return sheet


def _draw_convolution(sheet: Figure, worksheet: Worksheet) -> None:
    task, image = worksheet.convolution, worksheet.image
    colour = f" Only the {COLOURS[task.channel]} channel is used." if image.shape[2] == 3 else ""
    part = "" if task.whole else " It is the middle of a larger kernel."
    top = write(
        sheet,
        42,
        "A kernel, a small grid of weights, slides over the picture. At each position every weight is multiplied by "
        "the number below it, and the products are added up. The patch is the framed part of the picture, from 0 "
        f"(black) to {BRIGHTEST} (white).{colour} The network has learned the kernel; here its weights are rounded, "
        f"on a scale from −{LARGEST_WEIGHT} to {LARGEST_WEIGHT}, and its bias is left out.{part} Work out a and b.",
        heading="1  Convolution by hand",
    )
    picture(sheet, MARGIN, top + 2, image, 36, (*task.corner, len(task.patch)))
    for left, name, cells in (
        (62, "Patch", _texts(task.patch)),
        (115, "Kernel", _texts(task.kernel)),
        (150, "Output", _output_cells(task)),
    ):
        label(sheet, left, top, name)
        grid(sheet, left, top + 2, cells)
    write(sheet, top + 56, f"a = {GAP}      b = {GAP}      After ReLU, which turns whatever is below zero into 0:")
    write(sheet, top + 64, f"a becomes {GAP}      b becomes {GAP}")


def _output_cells(task: ConvolutionTask) -> list[list[str]]:
    """The output's numbers, with letters in the gaps."""
    cells = _texts(task.output)
    for letter, (row, column) in zip("ab", task.gaps, strict=True):
        cells[row][column] = f"*{letter}"
    return cells


def _draw_sizes(sheet: Figure, worksheet: Worksheet) -> None:
    extent = worksheet.sizes[0].window.extent
    top = write(
        sheet,
        150,
        f"The picture has {worksheet.side} pixels in a row, the window {extent}. The stride is how far the window "
        "moves each time, the padding how many zeros are added to a row, at both ends together. Numbers in a row of "
        "the output: (picture + padding − window) / stride, rounded down, + 1. The first line is the network's own.",
        heading="2  How large is the output?",
    )
    grid(sheet, MARGIN, top, _size_cells(worksheet, lambda side: ""), width=34, height=7)


def _size_cells(worksheet: Worksheet, answer: Callable[[int], str]) -> list[list[str]]:
    head = ["*Stride", "*Padding", "*Numbers in a row"]
    rows = [[str(q.window.stride), _padding_words(q.window, q.padding), answer(q.side)] for q in worksheet.sizes]
    return [head, *rows]


def _padding_words(window: Window, padding: int) -> str:
    return f"{padding} ({window.padding})"


def _draw_pooling(sheet: Figure, worksheet: Worksheet) -> None:
    top = write(
        sheet,
        226,
        "Max pooling keeps the largest number of every 2 × 2 square. This is part of one of the network's feature "
        f"maps, scaled to numbers of at most {LARGEST_NUMBER} and rounded:",
        heading="3  Max pooling",
    )
    grid(sheet, MARGIN, top, _texts(worksheet.pooling.block), width=9, height=8)
    label(sheet, 62, top + 16, "becomes")
    grid(sheet, 80, top + 8, [["", ""]] * 2, width=12, height=8)


def _draw_matching(sheet: Figure, worksheet: Worksheet) -> None:
    task = worksheet.matching
    colours = " (their three channels added up)" if worksheet.image.shape[2] == 3 else ""
    top = write(
        sheet,
        42,
        f"Four kernels of the network's first layer{colours}, rounded as in task 1, and the feature map that each "
        "makes of the picture: bright where its output is large. Positive weights beside negative ones respond to "
        "edges, weights of one sign to light or dark areas. Which map belongs to which kernel?",
        heading="4  Who made which map?",
    )
    picture(sheet, MARGIN, top + 2, worksheet.image, 30)
    for index, kernel in enumerate(task.kernels):
        left = 60 + 36 * index
        grid(sheet, left, top + 2, _texts(kernel), width=9, height=9)
        label(sheet, left, top + 35, f"Kernel {index + 1}: map ____")
        picture(sheet, left, top + 40, task.maps[..., index], 27)
        label(sheet, left, top + 71, f"Map {LETTERS[index]}")


def _draw_answer(sheet: Figure, worksheet: Worksheet) -> None:
    top = write(
        sheet,
        150,
        "The network's answer for the picture: its most probable classes, in per cent.",
        heading="5  What does it say?",
    )
    top = bars(sheet, top, *zip(*worksheet.answer, strict=True))
    write(
        sheet,
        top + 5,
        f"It says {GAP} with about ______ %. For the second class it has about ______ %.\n"
        f"The correct answer is “{worksheet.label}”. Is the network right? {GAP}\n"
        f"All classes together have 100 %. What is left for those that are not shown? ______ %",
    )


def _draw_parameters(sheet: Figure, worksheet: Worksheet) -> None:
    top = write(
        sheet,
        236,
        "Parameters are the numbers that a network learns: its weights and biases.",
        heading="6  Count the parameters",
    )
    for task in worksheet.parameters:
        top = write(sheet, top + 2, f"{_layer_words(task)}\nParameters: {GAP}{GAP}")


def _layer_words(task: ParameterTask) -> str:
    bias = "one bias each" if task.bias else "no bias"
    if task.window is None:
        return f"{task.layer}, a dense layer: {task.inputs:,} numbers go to each of {task.outputs:,} units, {bias}."
    rows, columns = task.window
    maps = "1 channel" if task.inputs == 1 else f"{task.inputs:,} channels"
    return f"{task.layer}, a convolution: {task.outputs:,} filters of {rows} × {columns} over {maps}, {bias}."


def _key(worksheet: Worksheet, about: str) -> Figure:
    sheet = new_sheet("Answers", ["For the teacher"], about)
    task = worksheet.convolution
    sums = []
    for letter, (row, column) in zip("ab", task.gaps, strict=True):
        patch = task.patch[row : row + 3, column : column + 3]
        number = int(task.output[row, column])
        products = " + ".join(
            f"{pixel}·{_factor(weight)}" for pixel, weight in zip(patch.flat, task.kernel.flat, strict=True)
        )
        sums.append(f"{letter} = {products}\n= {_number(number)}; after ReLU {max(number, 0)}")
    top = write(sheet, 42, "\n".join(sums), heading="1  Convolution by hand")
    top = write(sheet, top + 8, "", heading="2  How large is the output?")
    grid(sheet, MARGIN, top - 3, _size_cells(worksheet, str), width=34, height=7)
    top = write(sheet, top + 44, "", heading="3  Max pooling")
    grid(sheet, MARGIN, top - 3, _texts(worksheet.pooling.pooled), width=12, height=8)
    pairs = ", ".join(f"kernel {i + 1}: map {LETTERS[place]}" for i, place in enumerate(worksheet.matching.places))
    top = write(sheet, top + 26, pairs, heading="4  Who made which map?")
    shares = [100 * share for _, share in worksheet.answer]
    best = worksheet.answer[0][0]
    right = "yes" if best == worksheet.label else "no"
    answers = "; ".join(f"{name}: {share:.0f} %" for (name, _), share in zip(worksheet.answer, shares, strict=True))
    left = f"{max(0.0, 100 - sum(shares)):.0f} %"
    top = write(
        sheet, top + 8, f"{answers}. Right: {right}. Left for the others: {left}", heading="5  What does it say?"
    )
    counts = "\n".join(f"{item.layer}: {_count_words(item)} = {item.parameters:,}" for item in worksheet.parameters)
    write(sheet, top + 8, counts, heading="6  Count the parameters")
    return sheet


def _count_words(task: ParameterTask) -> str:
    factors = [*(task.window or ()), task.inputs, task.outputs]
    return " × ".join(map(str, factors)) + (f" + {task.outputs}" if task.bias else "")


def _texts(numbers: np.ndarray) -> list[list[str]]:
    return [[_number(number) for number in row] for row in numbers]


def _factor(weight: int) -> str:
    return f"({_number(weight)})" if weight < 0 else str(weight)


def _number(number: int) -> str:
    return str(number).replace("-", "−")
