"""Taking a network away and bringing it to another machine, in a real browser."""

import io
import re
import zipfile
from pathlib import Path

import keras
import numpy as np
from playwright.sync_api import Browser, Page, expect

from cnn.model import store
from tests.e2e.browser import PATIENCE, axe_findings, watched_page
from tools.browser_page import open_page


def downloaded(page: Page, button: str | re.Pattern) -> bytes:
    with page.expect_download(timeout=PATIENCE) as started:
        page.get_by_role("button", name=button).click()
    return Path(started.value.path()).read_bytes()


def bring(page: Page, name: str, data: bytes) -> None:
    opener = page.get_by_text("Bring a model", exact=True)
    button = page.get_by_role("button", name="Bring it in")
    if not button.is_visible():
        opener.click()
    page.locator("input[type=file]").set_input_files(
        [{"name": name, "mimeType": "application/octet-stream", "buffer": data}]
    )
    expect(button).to_be_enabled(timeout=PATIENCE)
    button.click()


def test_a_network_is_taken_away_and_brought_in_by_another_visitor(page: Page, browser: Browser, server: str) -> None:
    open_page(page, "/models?model=digits-tutorial&view=away")
    with zipfile.ZipFile(io.BytesIO(downloaded(page, re.compile("^Zip with a script")))) as packed:
        names = {"README.txt", "predict.py", "class_names.txt", "card.json", "model.keras"}
        assert set(packed.namelist()) == names
        assert packed.read("class_names.txt").decode().split() == list("0123456789")
    assert axe_findings(page) == []
    file = downloaded(page, re.compile(r"^Download \.keras"))
    with watched_page(browser, server, 390, 844) as other:
        open_page(other, "/models")
        bring(other, "from-home.keras", file)
        expect(other.get_by_role("heading", name="digits-tutorial, brought in")).to_be_visible(timeout=PATIENCE)
        other.wait_for_url(re.compile("model="))
        assert axe_findings(other) == []
        other.get_by_role("link", name="Try a photo on it").click()
        expect(other.get_by_text("It says:")).to_be_visible(timeout=PATIENCE)


def test_a_network_is_converted_and_the_file_runs(page: Page, network: str) -> None:
    import tensorflow as tf

    open_page(page, f"/models?model={network}&view=away")
    for title in ("TFLite", "TFLite, quantised"):
        page.get_by_role("button", name=f"Convert to {title}", exact=True).click()
        expect(page.get_by_role("button", name=re.compile(rf"^Download {title} \("))).to_be_visible(timeout=PATIENCE)
    said = page.get_by_text(re.compile("the same class as the original on"))
    expect(said).to_have_count(2)
    for sentence in said.all_inner_texts():
        same, count = map(int, re.search(r"on (\d+) of (\d+) test images", sentence).groups())
        assert count >= 360
        assert same >= 0.99 * count
    assert axe_findings(page) == []
    interpreter = tf.lite.Interpreter(model_content=downloaded(page, re.compile(r"^Download TFLite \(")))
    interpreter.allocate_tensors()
    (taken,), (given,) = interpreter.get_input_details(), interpreter.get_output_details()
    assert taken["dtype"] == np.uint8
    assert given["shape"][1] == 10


def test_a_hostile_and_a_foreign_file_are_refused_and_the_page_goes_on(page: Page, tmp_path: Path) -> None:
    inputs = keras.Input((4,))
    keras.Model(inputs, keras.layers.Lambda(lambda x: x * 2)(inputs)).save(tmp_path / "hostile.keras")
    open_page(page, "/models")
    bring(page, "hostile.keras", (tmp_path / "hostile.keras").read_bytes())
    expect(page.get_by_text("“hostile.keras” has a Lambda layer, which is program code")).to_be_visible(
        timeout=PATIENCE
    )
    bring(page, "plain.keras", (store.PRETRAINED / "digits-tutorial" / "model.keras").read_bytes())
    expect(page.get_by_text("“plain.keras” is a Keras model, but not one from this app")).to_be_visible(
        timeout=PATIENCE
    )
    expect(page.get_by_text("“hostile.keras”")).to_have_count(0)
    assert axe_findings(page) == []
