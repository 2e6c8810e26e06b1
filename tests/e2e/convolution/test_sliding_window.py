"""The sliding window in a real browser: its numbers against NumPy, pointer, keys, typing, painting, playing."""

import re
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, expect

from cnn.analysis.convolution.kernels import kernel
from cnn.analysis.convolution.window import Window, convolve, patches, pool, sum_at
from cnn.data.builtin.sample_photos import load_photo
from cnn.data.images import fit_to
from tests.e2e.browser import axe_findings
from tools.browser_page import open_page

SUMS = Path(__file__).parents[3] / "pages" / "components" / "sliding_window" / "sums.js"


MOVEMENT = """canvas => {
    const box = canvas.getBoundingClientRect()
    for (let step = 0; step < 40; step++) {
        const [row, column] = [4 + Math.floor(step / 4), 5 + step]
        canvas.dispatchEvent(new PointerEvent("pointermove", {
            clientX: box.x + (column + 0.5) * box.width / 62, clientY: box.y + (row + 0.5) * box.height / 62,
        }))
    }
}"""


def temple(channels: int = 1) -> np.ndarray:
    return fit_to(fit_to(load_photo("temple"), (64, 64, 3)), (64, 64, channels))


def point(page: Page, which: str, row: int, column: int, side: int) -> None:
    """The pointer over a cell of the input or the output."""
    canvas = page.get_by_role("application", name=re.compile(which))
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + (column + 0.5) * box["width"] / side, box["y"] + (row + 0.5) * box["height"] / side)


def number(text: str) -> float:
    return float(text.rpartition(" ")[2].replace("−", "-"))


def test_every_number_under_the_pointer_is_numpys_and_the_server_agrees(page: Page) -> None:
    open_page(page, "/convolution")
    expected = convolve(temple(), kernel("sobel_upright")[..., None], Window())
    expect(page.get_by_text("Output · 62 × 62 × 1")).to_be_visible()
    expect(page.get_by_text("(64 − 3) / 1 + 1 = 62")).to_be_visible()
    for row, column in [(0, 0), (20, 31), (61, 61), (40, 7)]:
        point(page, "Output", row, column, 62)
        line = page.locator(".sliding .line")
        expect(line).to_have_text(f"{expected[row, column]:.0f}".replace("-", "−"))
        said = page.get_by_text("NumPy on the server says")
        expect(said).to_have_text(f"NumPy on the server says: {expected[row, column]:.0f}".replace("-", "−"))
    output = page.get_by_role("application", name=re.compile("Output"))
    output.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".sliding .line")).to_have_text(f"{expected[41, 8]:.0f}".replace("-", "−"))
    expect(page.get_by_text("Row 42, column 9 of the output")).to_be_attached()
    point(page, "Input", 10, 12, 64)
    expect(page.get_by_text(f"Pixel in row 11, column 13: {temple()[10, 12, 0]}. It feeds 9 outputs.")).to_be_visible()


def test_a_typed_and_a_painted_kernel_change_the_whole_map(page: Page) -> None:
    open_page(page, "/convolution?convolution.kernel=identity")
    point(page, "Output", 30, 30, 62)
    middle = temple()[31, 31, 0]
    expect(page.locator(".sliding .line")).to_have_text(str(middle))
    page.get_by_role("spinbutton", name="kernel, row 2, column 2").fill("2.5")
    expect(page.locator(".sliding .line")).to_have_text(f"{2.5 * middle:.2f}".rstrip("0").rstrip("."))
    page.get_by_role("button", name="−1").click()
    page.get_by_role("spinbutton", name="kernel, row 1, column 1").click()
    painted = 2.5 * float(middle) - float(temple()[30, 30, 0])
    expect(page.locator(".sliding .line")).to_have_text(f"{painted:.2f}".rstrip("0").rstrip("."))
    expect(page.get_by_text("NumPy on the server says")).to_have_text(f"NumPy on the server says: {painted:g}")
    page.get_by_text("The same thing as Keras code").click()
    expect(page.get_by_text("-1.0, 0.0, 0.0, 0.0, 2.5")).to_be_visible()


def test_lab_settings_pooling_and_what_is_impossible(page: Page) -> None:
    address = "/convolution?level=lab&convolution.stride=2&convolution.padding=same&convolution.colour=colour"
    open_page(page, f"{address}&convolution.size=5&convolution.bias=-7&convolution.activation=relu")
    weights = np.repeat(kernel("sobel_upright", 5)[..., None], 3, axis=2)
    sums = sum_at(temple(3), weights, Window(5, 2, 1, "same"), (0, 0), -7, "relu")
    expect(page.get_by_text("Output · 32 × 32 × 1")).to_be_visible()
    point(page, "Output", 0, 0, 32)
    line = page.locator(".sliding .line")
    expect(line).to_have_text(re.compile(rf"= {sums.total:.0f} → ReLU → {sums.result:.0f}$".replace("-", "−")))
    terms = [int(term.replace("−", "-")) for term in re.findall(r"−?\d+", line.inner_text().split("=")[0])]
    assert len(terms) == 4
    assert sum(terms) == round(sums.total)

    open_page(page, "/convolution?level=lab&convolution.operation=min&convolution.colour=colour&convolution.size=3")
    smallest = pool(temple(3), Window(3, 2), "min")[5, 6]
    point(page, "Output", 5, 6, 31)
    wanted = ", ".join(f"{value:.0f} {name}" for value, name in zip(smallest, ("red", "green", "blue"), strict=True))
    expect(line).to_have_text(f"The smallest number under the window: {wanted}")

    open_page(page, "/convolution?level=lab&convolution.input=grid&convolution.size=5&convolution.dilation=3")
    expect(page.get_by_text(re.compile("with gaps 13 pixels, and the image only 8 pixels"))).to_be_visible()
    for name, most in (("Size", 3), ("Dilation", 1)):  # each alone could be mended
        control = page.get_by_test_id("stVerticalBlock").filter(has=page.get_by_role("spinbutton", name=name)).last
        expect(control.get_by_text(f"✗ at most {most} fits")).to_be_visible()


def test_a_learned_filter_slides_over_what_its_network_sees(page: Page) -> None:
    open_page(page, "/convolution?model=shapes-tutorial&convolution.kernel=learned&convolution.filter=4")
    expect(page.get_by_text("From the first layer of")).to_be_visible(timeout=120_000)
    expect(page.get_by_text("Output · 30 × 30 × 1")).to_be_visible()
    point(page, "Output", 12, 17, 30)
    expect(page.get_by_text("NumPy on the server says")).to_be_visible()
    total = number(page.locator(".sliding .line").inner_text())
    assert abs(total - number(page.get_by_text("NumPy on the server says").inner_text())) < 0.011


def test_a_movement_is_one_message_and_playing_is_none(page: Page) -> None:
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    open_page(page, "/convolution")
    point(page, "Output", 3, 3, 62)
    expect(page.get_by_text("NumPy on the server says")).to_be_visible()
    before = len(sent)
    # All in one go: on a busy machine the browser would rest between movements that come one by one from here.
    page.get_by_role("application", name=re.compile("Output")).evaluate(MOVEMENT)
    expect(page.get_by_text("Row 14, column 45 of the output")).to_be_attached()
    expect(page.get_by_text("NumPy on the server says")).to_be_visible()
    assert len(sent) == before + 1
    page.get_by_role("button", name="Play", exact=True).click()
    line = page.locator(".sliding .line")
    seen = line.inner_text()
    expect(line).not_to_have_text(seen)
    assert len(sent) == before + 1
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("NumPy on the server says")).to_be_visible()
    assert len(sent) == before + 2


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(1, 9),
    st.integers(1, 9),
    st.sampled_from([1, 3]),
    st.builds(Window, st.integers(1, 7), st.integers(1, 4), st.integers(1, 4), st.sampled_from(["valid", "same"])),
    st.sampled_from(["convolution", "max", "average", "min"]),
    st.integers(0, 2**32 - 1),
)
def in_the_browser(blank: Page, height, width, channels, window, operation, seed) -> None:
    if operation != "convolution":
        window = Window(window.size, window.stride, 1, window.padding)
    if window.padding == "valid" and window.extent > min(height, width):
        return
    random = np.random.default_rng(seed)
    image = random.uniform(-1, 1, (height, width, channels))
    weights = random.uniform(-1, 1, (window.size, window.size, channels))
    scene = {
        "image": {"height": height, "width": width, "channels": channels, "values": image.ravel().tolist()},
        "window": vars(window),
        "operation": operation,
        "kernel": weights.ravel().tolist(),
        "bias": 0.3,
        "activation": "relu",
    }
    out = blank.evaluate("(scene) => { const out = slide(scene); return [...out.values] }", scene)
    if operation != "convolution":
        np.testing.assert_allclose(out, pool(image, window, operation).ravel(), atol=1e-9)
        return
    expected = convolve(image, weights, window, 0.3, "relu")
    np.testing.assert_allclose(out, expected.ravel(), atol=1e-9)
    # Which outputs a pixel feeds: those that change with it.
    pixel = seed % height
    lit = np.zeros((height, 60, 1))  # so wide that some places lie wholly inside from left to right
    lit[pixel] = 1
    fed = blank.evaluate("([pixel, side, window]) => fedBy(pixel, side, window)", [pixel, height, vars(window)])
    assert fed == np.flatnonzero(patches(lit, window).any(axis=(1, 2, 3, 4))).tolist()
    place = [int(seed % side) for side in expected.shape]
    shown = blank.evaluate(
        "([scene, [row, column]]) => shown(arithmetic(scene, row, column), scene.bias, 2)", [scene, place]
    )
    sums = sum_at(image, weights, window, (place[0], place[1]), 0.3, "relu")
    assert round(sum(shown["channels"]) + shown["bias"], 2) == shown["total"]
    assert abs(shown["total"] - sums.total) < 0.0051
    for channel, products in enumerate(shown["products"]):
        assert round(sum(products), 2) == shown["channels"][channel]
        np.testing.assert_allclose(products, sums.products[..., channel].ravel(), atol=0.0151)


def test_the_browsers_arithmetic_is_numpys_for_every_setting_and_what_is_shown_adds_up(browser: Browser) -> None:
    blank = browser.new_page()
    blank.add_script_tag(content=SUMS.read_text())
    in_the_browser(blank)
    blank.close()


def test_all_controls_of_the_lab_suit_everyone(page: Page) -> None:
    open_page(page, "/convolution?level=lab")
    expect(page.get_by_text("Output · 62 × 62 × 1")).to_be_visible()
    assert axe_findings(page) == []
