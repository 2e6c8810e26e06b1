"""Every page of *See* and *Build* on shapes, on CIFAR-10 and on photos of every size: its numbers against NumPy's."""

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from cnn.analysis.convolution.kernels import kernel
from cnn.analysis.convolution.window import Window, convolve
from cnn.data import catalog
from cnn.data.augmentation.augmenter import augment_images
from cnn.data.augmentation.settings import PRESETS
from cnn.data.images import CHANNEL_NAMES, fit_to
from cnn.data.split import Split
from cnn.data.statistics import measure_images, nearest_images
from cnn.model.layer_costs import layer_costs
from cnn.model.presets import preset
from tools.browser_page import open_page

PATIENCE = 180_000
SETS = ("shapes", "cifar10", "cats_vs_dogs")
Load = Callable[[str], Split]


@pytest.fixture(params=SETS)
def split(request: pytest.FixtureRequest, server_home: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Reads a data set that is prepared on the server."""
    if request.param != "shapes":
        request.getfixturevalue(request.param)
    monkeypatch.setenv("CNN_HOME", str(server_home))
    catalog._read.cache_clear()
    return lambda part: catalog.load(request.param, part)


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    return str(request.node.callspec.params["split"])


def drawn(page: Page, alt: re.Pattern[str] | str) -> np.ndarray:
    """The pixels of the first picture with this name, as they stand on the page."""
    image = page.get_by_role("img", name=alt).first
    expect(image).to_be_visible(timeout=PATIENCE)
    data = base64.b64decode(str(image.get_attribute("src")).partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def test_images(page: Page, split: Load, name: str) -> None:
    train, names = split("train"), catalog.info(name).class_names
    measured = measure_images(train, len(names))
    darkest = int(np.argmin(measured.brightness))
    open_page(page, f"/images?dataset={name}&images.sort=dark")
    first = page.get_by_role("group", name="Images of this page").get_by_role("button").first
    said = f"{names[int(train.labels[darkest])]}, image {darkest + 1}"
    expect(first).to_have_accessible_name(said, timeout=PATIENCE)
    first.click()
    label = names[int(train.labels[darkest])]
    expect(page.get_by_role("heading", name=f"A closer look: {label}, image {darkest + 1:,}")).to_be_visible()
    image = train.image(darkest)
    canvas = page.get_by_role("application", name=re.compile("enlarged"))
    canvas.focus()  # the keys begin in the middle
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    row, column = image.shape[0] // 2 + 2, image.shape[1] // 2 + 1
    numbers = ", ".join(f"{channel} {image[row, column, c]}" for c, channel in enumerate(CHANNEL_NAMES[image.shape[2]]))
    expect(page.locator(".line")).to_have_text(f"Row {row + 1}, column {column + 1}: {numbers}")
    closest = next(int(other) for other in nearest_images(train, train.take([darkest])[0], 9) if other != darkest)
    expect(page.get_by_role("img", name=f"{names[int(train.labels[closest])]}, image {closest + 1}")).to_be_visible()

    open_page(page, f"/images?dataset={name}&images.view=set")
    mean = drawn(page, f"Mean image of {names[0]}")
    factor = mean.shape[0] // measured.class_means.shape[1]
    np.testing.assert_array_equal(mean[::factor, ::factor], np.round(measured.class_means[0]).astype(np.uint8))
    table = page.get_by_test_id("stDataFrame")
    expect(table.first).to_be_visible()


def test_augmentation(page: Page, split: Load, name: str) -> None:
    train, names = split("train"), catalog.info(name).class_names
    settings = PRESETS["tutorial"]
    open_page(page, f"/augmentation?dataset={name}&augmentation.image=6&augmentation.seed=3&level=lab")
    varied = augment_images(np.repeat(train.take([5]), 24, axis=0), settings, 3)
    for number in (1, 24):
        shown = drawn(page, re.compile(rf"^{names[int(train.labels[5])]}, variant {number}(,|$)"))
        factor = shown.shape[0] // varied.shape[1]
        np.testing.assert_array_equal(shown[::factor, ::factor], varied[number - 1])
    open_page(
        page, f"/augmentation?dataset={name}&augmentation.view=many&augmentation.image=6&augmentation.seed=3&level=lab"
    )
    many = augment_images(train.take(range(5, 29)), settings, 3)
    shown = drawn(page, re.compile(rf"^{names[int(train.labels[28])]}, image 29(,|$)"))
    factor = shown.shape[0] // many.shape[1]
    np.testing.assert_array_equal(shown[::factor, ::factor], many[23])


def test_convolution(page: Page, split: Load, name: str) -> None:
    image = split("test").image(3)
    if max(image.shape[:2]) > 64:
        image = fit_to(image, (64, 64, 3))
    weights = np.repeat(kernel("sobel_upright")[..., None], 3, axis=2)
    expected = convolve(image, weights, Window(3, 2, 1, "same"))
    side = expected.shape[0]
    address = "convolution.input=sample&convolution.number=4&convolution.stride=2&convolution.padding=same"
    open_page(page, f"/convolution?level=lab&dataset={name}&{address}&convolution.colour=colour")
    expect(page.get_by_text(f"Output · {side} × {side} × 1")).to_be_visible(timeout=PATIENCE)
    canvas = page.get_by_role("application", name=re.compile("Output"))
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    for row, column in [(0, 0), (5, 9), (side - 1, side - 2)]:
        page.mouse.move(box["x"] + (column + 0.5) * box["width"] / side, box["y"] + (row + 0.5) * box["height"] / side)
        line = page.locator(".sliding .line")
        expect(line).to_have_text(re.compile(f"(^|= ){expected[row, column]:.0f}$".replace("-", "−")))
        expect(page.get_by_text("NumPy on the server says")).to_have_text(
            f"NumPy on the server says: {expected[row, column]:.0f}".replace("-", "−")
        )


def test_architecture(page: Page, split: Load, name: str) -> None:
    known = catalog.info(name)
    counted = layer_costs(preset("tutorial"), known.network_shape, len(known.class_names))
    open_page(page, f"/architecture?dataset={name}")
    table = page.get_by_role("region", name="Layers and what they cost")
    for cost in counted:
        if cost.parameters:
            expect(table).to_contain_text(f"{cost.arithmetic} = {cost.parameters:,}", timeout=PATIENCE)
    parameters, work = sum(cost.parameters for cost in counted), sum(cost.multiply_adds for cost in counted)
    expect(page.get_by_text(f"{parameters:,} parameters")).to_be_visible()
    expect(page.get_by_text(f"{work:,} multiply-adds")).to_be_visible()
