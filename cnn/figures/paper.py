"""Sheets of A4 paper with text, pictures, grids of numbers and bars, as one PDF file.

Places are millimetres from the sheet's top left corner. Text is shown as it is: Matplotlib's own markup is off.
"""

import io
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

WIDTH, HEIGHT = 210, 297
MARGIN = 18
_INCH = 25.4
_BODY, _SMALL = 10, 8.5  # points
_LINE = 5.2  # between lines of body text
_CHARACTERS = 88  # of body text between the margins
_INK, _QUIET, _SHADE = "#000000", "#555555", "#e6e6e6"


def new_sheet(title: str, lines: Sequence[str], foot: str) -> Figure:
    """A sheet with a title, small lines below it, and a line at its foot."""
    figure = Figure(figsize=(WIDTH / _INCH, HEIGHT / _INCH))
    _text(figure, MARGIN, 20, title, size=17, weight="bold")
    for index, line in enumerate(lines):
        _text(figure, MARGIN, 27.5 + 5 * index, line, size=_SMALL, color=_QUIET)
    _text(figure, MARGIN, HEIGHT - 10, foot, size=7.5, color=_QUIET)
    return figure


def write(figure: Figure, top: float, text: str, *, heading: str = "", left: float = MARGIN) -> float:
    """Write a paragraph, with a heading above it if there is one.

    Args:
        top: of its first line.
        left: its lines end at the right margin.

    Returns:
        Where the next part may begin.
    """
    if heading:
        _text(figure, left, top, heading, size=12, weight="bold")
        top += 6.5
    characters = int(_CHARACTERS * (WIDTH - MARGIN - left) / (WIDTH - 2 * MARGIN))
    for paragraph in text.splitlines():
        for line in textwrap.wrap(paragraph, characters) or [""]:
            _text(figure, left, top, line, size=_BODY)
            top += _LINE
    return top


def label(figure: Figure, left: float, top: float, text: str) -> None:
    """Write a small line."""
    _text(figure, left, top, text, size=_SMALL)


def grid(
    figure: Figure, left: float, top: float, cells: Sequence[Sequence[str]], *, width: float = 9, height: float = 9
) -> None:
    """Draw a grid of texts, with a grey background where one begins with "*", which is left out.

    Args:
        width, height: of a cell; a text of 8 characters needs about 20 mm.
    """
    columns = max(map(len, cells))
    axes = _axes(figure, left, top, width * columns, height * len(cells))
    axes.set_xlim(0, columns)
    axes.set_ylim(len(cells), 0)
    for row, texts in enumerate(cells):
        for column, text in enumerate(texts):
            shade = _SHADE if text.startswith("*") else "white"
            axes.add_patch(
                Rectangle((column, row), 1, 1, facecolor=shade, edgecolor=_INK, linewidth=0.7, clip_on=False)
            )
            axes.text(
                column + 0.5,
                row + 0.52,
                text.removeprefix("*"),
                ha="center",
                va="center",
                fontsize=_BODY,
                parse_math=False,
            )


def picture(
    figure: Figure,
    left: float,
    top: float,
    image: np.ndarray,
    side: float,
    square: tuple[int, int, int] | None = None,
) -> None:
    """Draw an image without smoothing.

    Args:
        image: uint8 (h, w, 1 or 3), or float (h, w), which is drawn from black, its smallest, to white.
        side: of the longer side on paper.
        square: (row, column, cells a side) of a frame to draw.
    """
    height, width = image.shape[:2]
    scale = side / max(height, width)
    axes = _axes(figure, left, top, width * scale, height * scale)
    pixels = image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image
    low, high = (0, 255) if image.dtype == np.uint8 else (float(image.min()), float(image.max()))
    axes.imshow(pixels, cmap="gray", vmin=low, vmax=high, interpolation="nearest", aspect="auto")
    axes.add_patch(Rectangle((-0.5, -0.5), width, height, fill=False, edgecolor=_INK, linewidth=0.5, clip_on=False))
    if square is not None:
        row, column, cells = square
        for color, line in (("white", 2.6), ("#762A83", 1.3)):
            corner = (column - 0.5, row - 0.5)
            axes.add_patch(Rectangle(corner, cells, cells, fill=False, edgecolor=color, linewidth=line))


def bars(figure: Figure, top: float, names: Sequence[str], shares: Sequence[float], *, width: float = 110) -> float:
    """Draw horizontal bars over a scale from 0 to 100 per cent, with a line at every tenth, but without their numbers.

    Args:
        shares: 0..1.

    Returns:
        Where the next part may begin.
    """
    height, left = 8 * len(names), MARGIN + 38
    axes = _axes(figure, left, top, width, height)
    axes.set_axis_on()
    axes.barh(range(len(names)), [100 * share for share in shares], color="#0F6B66", height=0.6, zorder=2)
    axes.set_xlim(0, 100)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xticks(range(0, 101, 10), [str(tick) for tick in range(0, 101, 10)], fontsize=_SMALL)
    axes.set_yticks([])
    axes.grid(axis="x", color="#999999", linewidth=0.5)
    axes.spines[["top", "right"]].set_visible(False)
    for index, name in enumerate(names):
        _text(
            figure, left - 2, top + 8 * index + 5, textwrap.shorten(name, 22, placeholder="…"), ha="right", size=_BODY
        )
    return top + height + 10


def pdf(sheets: Sequence[Figure]) -> bytes:
    """The sheets as a PDF file, the same bytes for the same sheets."""
    file = io.BytesIO()
    with PdfPages(file, metadata={"CreationDate": None}) as pages:
        for sheet in sheets:
            pages.savefig(sheet)
    return file.getvalue()


def _axes(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Invisible axes over a rectangle of the sheet."""
    axes = figure.add_axes((left / WIDTH, 1 - (top + height) / HEIGHT, width / WIDTH, height / HEIGHT))
    axes.set_axis_off()
    return axes


def _text(figure: Figure, left: float, top: float, text: str, **style: Any) -> None:
    """Write a line on its baseline; ``style`` is Matplotlib's."""
    x, y = left / WIDTH, 1 - top / HEIGHT
    figure.text(x, y, text, va="baseline", parse_math=False, **style)
