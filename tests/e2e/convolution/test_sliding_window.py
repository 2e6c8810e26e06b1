"""The sliding window in a real browser: its numbers against NumPy, pointer, keys, typing, painting, playing."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Locator, Page, expect

from cnn.analysis.convolution.kernels import KERNELS, kernel
from cnn.analysis.convolution.window import Window, convolve, output_side, patches, pool, sum_at
from cnn.data.builtin.sample_photos import load_photo
from cnn.data.images import CHANNEL_NAMES, fit_to
from cnn.errors import CnnError
from tests.e2e.browser import axe_findings, keyed, with_numbers
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


def picture(page: Page, which: str) -> Locator:
    """The picture to point at, "input" or "output"."""
    return page.locator(f".sliding .{which}").get_by_role("application")


def point(page: Page, which: str, row: int, column: int, side: int) -> None:
    """Move the pointer over a cell of the "input" or the "output"."""
    canvas = picture(page, which)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + (column + 0.5) * box["width"] / side, box["y"] + (row + 0.5) * box["height"] / side)


def sums(page: Page) -> Locator:
    """The line that adds up to the number under the pointer."""
    return page.locator(".sliding .line")


def checked(page: Page) -> Locator:
    """The same number as the server has it; empty until it has answered."""
    return page.locator(".sliding .checked")


def size_of_output(page: Page) -> Locator:
    return page.locator(".sliding .output .size")


def written(value: float, decimals: int = 0) -> str:
    text = f"{value:.{decimals}f}".replace("-", "−")
    return text.rstrip("0").rstrip(".") if decimals else text


def number(text: str) -> float:
    return float(text.rpartition(" ")[2].replace("−", "-"))


def test_every_number_under_the_pointer_is_numpys_and_the_server_agrees(page: Page) -> None:
    open_page(page, "/convolution")
    expected = convolve(temple(), kernel("sobel_upright")[..., None], Window())
    expect(size_of_output(page)).to_have_text(with_numbers(62, 62, 1))
    expect(keyed(page, "convolution.output_size")).to_contain_text("(64 − 3) / 1 + 1 = 62")
    for row, column in [(0, 0), (20, 31), (61, 61), (40, 7)]:
        point(page, "output", row, column, 62)
        expect(sums(page)).to_have_text(written(expected[row, column]))
        expect(checked(page)).to_have_text(with_numbers(written(expected[row, column])))
    picture(page, "output").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(sums(page)).to_have_text(written(expected[41, 8]))
    expect(page.locator(".sliding .said")).to_have_text(re.compile(r"^\D*42\D+9\D"))
    point(page, "input", 10, 12, 64)
    expect(page.locator(".sliding .note")).to_have_text(with_numbers(11, 13, temple()[10, 12, 0], 9))


def test_it_opens_paused_where_the_output_is_strongest(page: Page) -> None:
    page.emulate_media(reduced_motion="no-preference")
    open_page(page, "/convolution")
    output = convolve(temple(), kernel("sobel_upright")[..., None], Window())
    strongest = written(output.flat[np.abs(output).argmax()])
    expect(sums(page)).to_have_text(strongest)
    expect(checked(page)).to_have_text(with_numbers(strongest))
    play = page.locator(".sliding .play")
    waiting = play.inner_text()
    play.click()
    expect(play).not_to_have_text(waiting)
    expect(sums(page)).not_to_have_text(strongest)


def test_a_typed_and_a_painted_kernel_change_the_whole_map(page: Page) -> None:
    open_page(page, "/convolution?convolution.kernel=identity")
    maker = keyed(page, "convolution.maker").inner_text()
    point(page, "output", 30, 30, 62)
    middle = temple()[31, 31, 0]
    expect(sums(page)).to_have_text(str(middle))
    weights = page.locator(".sliding .cells").get_by_role("spinbutton")
    weights.nth(4).fill("2.5")
    expect(sums(page)).to_have_text(written(2.5 * middle, 2))
    page.get_by_role("button", name="−1").click()
    weights.nth(0).click()
    painted = 2.5 * float(middle) - float(temple()[30, 30, 0])
    expect(sums(page)).to_have_text(written(painted, 2))
    expect(checked(page)).to_have_text(with_numbers(written(painted, 2)))
    expect(keyed(page, "convolution.maker")).not_to_have_text(maker)
    foot = keyed(page, "shell.foot")
    foot.get_by_role("tab").nth(1).click()
    expect(foot.get_by_text("-1.0, 0.0, 0.0, 0.0, 2.5")).to_be_visible()
    weights.nth(1).fill("7.5")
    expect(foot.get_by_text("-1.0, 7.5, 0.0, 0.0, 2.5")).to_be_visible()


def test_a_click_on_a_kernels_picture_chooses_it_and_back_finds_the_one_before(page: Page) -> None:
    open_page(page, "/convolution")
    tiles = keyed(page, "convolution.kernels").get_by_role("button")
    pressed = keyed(page, "convolution.kernels").locator("[aria-pressed=true]")
    expect(pressed).to_have_attribute("data-id", "sobel_upright")

    def shows(name: str, row: int, column: int) -> None:
        output = convolve(temple(), kernel(name)[..., None], Window())
        expect(pressed).to_have_attribute("data-id", name)
        expect(keyed(page, "convolution.maker")).to_contain_text(KERNELS[name])
        point(page, "output", row, column, 62)
        expect(checked(page)).not_to_be_empty()
        assert abs(number(sums(page).inner_text()) - output[row, column]) < 0.011
        assert abs(number(checked(page).inner_text()) - output[row, column]) < 0.011

    for name, place in (("edges", (20, 31)), ("blur", (40, 7))):
        tiles.and_(page.locator(f"[data-id={name}]")).click()
        page.wait_for_url(re.compile(rf"convolution\.kernel={name}\b"))
        shows(name, *place)
    page.go_back()
    shows("edges", 30, 30)
    tiles.and_(page.locator("[data-id=blur]")).click()  # once more the one that was clicked last
    page.wait_for_url(re.compile(r"convolution\.kernel=blur\b"))
    shows("blur", 21, 30)
    weights = page.locator(".sliding .cells").get_by_role("spinbutton")
    weights.nth(4).fill("9")
    expect(keyed(page, "convolution.maker")).not_to_contain_text(KERNELS["blur"])
    tiles.and_(page.locator("[data-id=blur]")).click()  # and without what was painted over it
    expect(keyed(page, "convolution.maker")).to_contain_text(KERNELS["blur"])
    shows("blur", 22, 29)


def test_on_a_phone_the_row_of_kernels_scrolls_to_the_selected_one_and_the_page_does_not(phone: Page) -> None:
    for name in ("identity", "sobel_upright"):
        open_page(phone, f"/convolution?convolution.kernel={name}")
        tile = keyed(phone, "convolution.kernels").locator("[aria-pressed=true]")
        expect(tile).to_have_attribute("data-id", name)
        expect(tile).to_be_in_viewport(ratio=1)
        assert phone.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= main.clientWidth")
        assert phone.get_by_test_id("stMain").evaluate("main => main.scrollTop") == 0


def test_lab_settings_pooling_and_what_is_impossible(page: Page) -> None:
    address = "/convolution?level=lab&convolution.stride=2&convolution.padding=same&convolution.colour=colour"
    open_page(page, f"{address}&convolution.size=5&convolution.bias=-7&convolution.activation=relu")
    weights = np.repeat(kernel("sobel_upright", 5)[..., None], 3, axis=2)
    right = sum_at(temple(3), weights, Window(5, 2, 1, "same"), (0, 0), -7, "relu")
    expect(size_of_output(page)).to_have_text(with_numbers(32, 32, 1))
    point(page, "output", 0, 0, 32)
    line = sums(page)
    expect(line).to_have_text(re.compile(rf"= {written(right.total)} → ReLU → {written(right.result)}$"))
    terms = [int(term.replace("−", "-")) for term in re.findall(r"−?\d+", line.inner_text().split("=")[0])]
    assert len(terms) == 4
    assert sum(terms) == round(right.total)

    open_page(page, "/convolution?level=lab&convolution.operation=min&convolution.colour=colour&convolution.size=3")
    smallest = pool(temple(3), Window(3, 2), "min")[5, 6]
    point(page, "output", 5, 6, 31)
    wanted = ", ".join(f"{written(value)} {name}" for value, name in zip(smallest, CHANNEL_NAMES[3], strict=True))
    expect(line).to_have_text(re.compile(rf"[^\d−]{wanted}$"))

    open_page(page, "/convolution?level=lab&convolution.input=grid&convolution.size=5&convolution.dilation=3")
    with pytest.raises(CnnError) as impossible:
        output_side(8, Window(5, dilation=3))
    expect(keyed(page, "convolution.problem")).to_have_text(str(impossible.value))
    for name, most in (("size", 3), ("dilation", 1)):  # each alone could be mended
        expect(keyed(page, f"convolution.{name}.limit")).to_have_text(with_numbers(most))


def test_a_learned_filter_slides_over_what_its_network_sees(page: Page) -> None:
    open_page(page, "/convolution?model=shapes-tutorial&convolution.kernel=learned&convolution.filter=4")
    expect(keyed(page, "convolution.filter.source")).to_be_visible(timeout=120_000)
    expect(size_of_output(page)).to_have_text(with_numbers(30, 30, 1))
    point(page, "output", 12, 17, 30)
    expect(checked(page)).not_to_be_empty()
    assert abs(number(sums(page).inner_text()) - number(checked(page).inner_text())) < 0.011


def test_a_movement_is_one_message_and_playing_is_none(page: Page) -> None:
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    open_page(page, "/convolution")
    point(page, "output", 3, 3, 62)
    expect(checked(page)).not_to_be_empty()
    before = len(sent)
    # All in one go: on a busy machine the browser would rest between movements that come one by one from here.
    picture(page, "output").evaluate(MOVEMENT)
    expect(page.locator(".sliding .said")).to_have_text(re.compile(r"^\D*14\D+45\D"))
    expect(checked(page)).not_to_be_empty()
    assert len(sent) == before + 1
    play = page.locator(".sliding .play")
    play.click()
    seen = sums(page).inner_text()
    expect(sums(page)).not_to_have_text(seen)
    assert len(sent) == before + 1
    play.click()  # the same button stops it
    expect(checked(page)).not_to_be_empty()
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
    right = sum_at(image, weights, window, (place[0], place[1]), 0.3, "relu")
    assert round(sum(shown["channels"]) + shown["bias"], 2) == shown["total"]
    assert abs(shown["total"] - right.total) < 0.0051
    for channel, products in enumerate(shown["products"]):
        assert round(sum(products), 2) == shown["channels"][channel]
        np.testing.assert_allclose(products, right.products[..., channel].ravel(), atol=0.0151)


def test_the_browsers_arithmetic_is_numpys_for_every_setting_and_what_is_shown_adds_up(browser: Browser) -> None:
    blank = browser.new_page()
    blank.add_script_tag(content=SUMS.read_text())
    in_the_browser(blank)
    blank.close()


def test_all_controls_of_the_lab_suit_everyone(page: Page) -> None:
    open_page(page, "/convolution?level=lab")
    expect(size_of_output(page)).to_have_text(with_numbers(62, 62, 1))
    assert axe_findings(page) == []
