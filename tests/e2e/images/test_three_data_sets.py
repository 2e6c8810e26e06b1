"""Every page of *See* and *Build* on shapes, on CIFAR-10 and on photos of every size: its numbers against NumPy's."""

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

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
from tests.e2e.browser import PATIENCE, keyed, with_numbers
from tests.e2e.images.looking import enlarged, hover, pixel, tiles
from tools.browser_page import open_page

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


def drawn(image: Locator) -> np.ndarray:
    """The pixels of a picture, as they stand on the page."""
    expect(image).to_be_visible(timeout=PATIENCE)
    data = base64.b64decode(str(image.get_attribute("src")).partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def test_images(page: Page, split: Load, name: str) -> None:
    train, names = split("train"), catalog.info(name).class_names
    measured = measure_images(train, len(names))
    darkest = int(np.argmin(measured.brightness))
    open_page(page, f"/images?dataset={name}&images.sort=dark")
    expect(keyed(page, "images.range")).to_have_text(with_numbers(1, 24, f"{len(train):,}"), timeout=PATIENCE)
    first, label = tiles(page).first, names[int(train.labels[darkest])]
    expect(first).to_have_accessible_name(re.compile(rf"^{label}\b\D+\b{darkest + 1}$"), timeout=PATIENCE)
    first.click()
    expect(keyed(page, "images.chosen_title")).to_have_text(re.compile(rf"\b{label}\b\D+\b{darkest + 1:,}$"))
    image = train.image(darkest)
    height, width, channels = image.shape
    enlarged(page).focus()  # the keys begin in the middle
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    for row, column in [(height // 2 + 2, width // 2 + 1), (0, 0)]:
        if (row, column) == (0, 0):
            hover(page, row, column, height, width)
        values = zip(CHANNEL_NAMES[channels], image[row, column], strict=True)
        numbers = ", ".join(f"{channel} {value}" for channel, value in values)
        expect(pixel(page)).to_have_text(re.compile(rf"\b{row + 1}\D+{column + 1}: {numbers}$"))
    expect(keyed(page, "images.channels").get_by_role("listitem")).to_have_text(list(CHANNEL_NAMES[3]))
    original_and_input = keyed(page, "images.original_and_input").get_by_role("listitem")
    if image.shape == catalog.network_shape(name):
        expect(original_and_input).to_have_count(0)
    else:
        expect(original_and_input).to_have_text([with_numbers(width, height), with_numbers(64, 64)])
    closest = next(int(other) for other in nearest_images(train, train.take([darkest])[0], 9) if other != darkest)
    expect(keyed(page, "images.nearest").get_by_role("img").first).to_have_accessible_name(
        re.compile(rf"^{names[int(train.labels[closest])]}\b\D+\b{closest + 1}$")
    )

    open_page(page, f"/images?dataset={name}&images.view=set")
    mean = drawn(keyed(page, "images.means").get_by_role("img").first)
    factor = mean.shape[0] // measured.class_means.shape[1]
    np.testing.assert_array_equal(mean[::factor, ::factor], np.round(measured.class_means[0]).astype(np.uint8))
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()


def test_augmentation(page: Page, split: Load, name: str) -> None:
    train, names = split("train"), catalog.info(name).class_names
    settings = PRESETS["tutorial"]
    open_page(page, f"/augmentation?dataset={name}&augmentation.image=6&augmentation.seed=3&level=lab")
    varied = augment_images(np.repeat(train.take([5]), 24, axis=0), settings, 3)
    for number in (1, 24):
        name_of_variant = re.compile(rf"^{names[int(train.labels[5])]}, \D*\b{number}(,|$)")
        shown = drawn(page.get_by_role("img", name=name_of_variant).first)
        factor = shown.shape[0] // varied.shape[1]
        np.testing.assert_array_equal(shown[::factor, ::factor], varied[number - 1])
    open_page(
        page, f"/augmentation?dataset={name}&augmentation.view=many&augmentation.image=6&augmentation.seed=3&level=lab"
    )
    many = augment_images(train.take(range(5, 29)), settings, 3)
    name_of_image = re.compile(rf"^{names[int(train.labels[28])]}, \D*\b29(,|$)")
    shown = drawn(page.get_by_role("img", name=name_of_image).first)
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
    output = page.locator(".sliding .output")
    expect(output.locator(".size")).to_have_text(with_numbers(side, side, 1), timeout=PATIENCE)
    canvas = output.get_by_role("application")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    for row, column in [(0, 0), (5, 9), (side - 1, side - 2)]:
        page.mouse.move(box["x"] + (column + 0.5) * box["width"] / side, box["y"] + (row + 0.5) * box["height"] / side)
        value = f"{expected[row, column]:.0f}".replace("-", "−")
        expect(page.locator(".sliding .line")).to_have_text(re.compile(rf"(^|= ){value}$"))
        expect(page.locator(".sliding .checked")).to_have_text(with_numbers(value))


def test_architecture(page: Page, split: Load, name: str) -> None:
    known = catalog.info(name)
    counted = layer_costs(preset("tutorial"), known.network_shape, len(known.class_names))
    open_page(page, f"/architecture?dataset={name}")
    table = page.locator(".layers").get_by_role("table")
    for cost in counted:
        if cost.parameters:
            expect(table).to_contain_text(f"{cost.arithmetic} = {cost.parameters:,}", timeout=PATIENCE)
    parameters, work = sum(cost.parameters for cost in counted), sum(cost.multiply_adds for cost in counted)
    expect(keyed(page, "architecture.totals")).to_have_text(re.compile(rf"^\D*{parameters:,}\D+{work:,}\D"))
