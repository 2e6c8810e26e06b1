"""Taking a network away and bringing it to another machine, in a real browser."""

import io
import re
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from cnn.errors import ModelError
from cnn.model import store
from cnn.model.exchange.admission import check_model_file
from cnn.requests.models import IMPORTED
from tests.e2e.browser import PATIENCE, axe_findings, keyed, watched_page
from tools.browser_page import open_page


def downloaded(page: Page, key: str) -> bytes:
    with page.expect_download(timeout=PATIENCE) as started:
        keyed(page, key).get_by_role("button").click()
    return Path(started.value.path()).read_bytes()


def bring(page: Page, name: str, data: bytes) -> None:
    button = keyed(page, "models.bring").get_by_role("button")
    if not button.is_visible():
        keyed(page, "models.import").locator("summary").click()
    page.locator("input[type=file]").set_input_files(
        [{"name": name, "mimeType": "application/octet-stream", "buffer": data}]
    )
    button.click(timeout=PATIENCE)


def test_a_network_is_taken_away_and_brought_in_by_another_visitor(page: Page, browser: Browser, server: str) -> None:
    open_page(page, "/models?model=digits-tutorial&view=away")
    with zipfile.ZipFile(io.BytesIO(downloaded(page, "models.zip"))) as packed:
        names = {"README.txt", "predict.py", "class_names.txt", "card.json", "model.keras"}
        assert set(packed.namelist()) == names
        assert packed.read("class_names.txt").decode().split() == list("0123456789")
    assert axe_findings(page) == []
    file = downloaded(page, "models.download")
    with watched_page(browser, server, 390, 844) as other:
        open_page(other, "/models")
        bring(other, "from-home.keras", file)
        expect(keyed(other, "models.title")).to_have_text(f"digits-tutorial{IMPORTED}", timeout=PATIENCE)
        other.wait_for_url(re.compile("model="))
        assert axe_findings(other) == []
        keyed(other, "models.use").locator('a[href^="predict?"]').click()
        expect(keyed(other, "predict.answer")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("network", ["cifar10-resnet", "trained just now"], indirect=True)
def test_a_network_is_converted_and_the_file_runs(page: Page, network: str) -> None:
    import tensorflow as tf

    open_page(page, f"/models?model={network}&view=away")
    for form in ("tflite", "quantised"):
        keyed(page, f"models.convert.{form}").get_by_role("button").click()
        expect(keyed(page, f"models.take.{form}")).to_be_visible(timeout=PATIENCE)
    for form in ("tflite", "quantised"):
        agreement = keyed(page, f"models.agreement.{form}").inner_text()
        same, count = map(int, re.match(r"\D+(\d+)\D+(\d+)\D", agreement).groups())
        assert count >= 360
        assert same >= 0.99 * count
    assert axe_findings(page) == []
    interpreter = tf.lite.Interpreter(model_content=downloaded(page, "models.take.tflite"))
    interpreter.allocate_tensors()
    (taken,), (given,) = interpreter.get_input_details(), interpreter.get_output_details()
    assert taken["dtype"] == np.uint8
    assert given["shape"][1] == 10


def test_a_hostile_and_a_damaged_file_are_refused_and_the_page_goes_on(page: Page, tmp_path: Path) -> None:
    inputs = keras.Input((4,))
    keras.Model(inputs, keras.layers.Lambda(lambda x: x * 2)(inputs)).save(tmp_path / "hostile.keras")
    hostile = (tmp_path / "hostile.keras").read_bytes()
    damaged = (store.PRETRAINED / "digits-tutorial" / "model.keras").read_bytes()[:-2000]
    open_page(page, "/models")
    for name, file in {"hostile.keras": hostile, "damaged.keras": damaged}.items():
        with pytest.raises(ModelError) as refused:
            check_model_file(io.BytesIO(file), name)
        bring(page, name, file)
        expect(keyed(page, "models.bring.refusal")).to_have_text(str(refused.value), timeout=PATIENCE)
    assert axe_findings(page) == []
