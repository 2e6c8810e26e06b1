"""Taking a network away and bringing it to another machine, in a real browser."""

import io
import re
import shutil
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from cnn.errors import ModelError
from cnn.model import store
from cnn.model.exchange.admission import check_model_file
from tests.e2e.browser import PATIENCE, axe_findings, keyed, watched_page
from tools.browser_page import open_page

DIGITS = "Simple CNN on Handwritten digits"


def downloaded(page: Page, key: str) -> tuple[str, bytes]:
    """Name and content of the file that a button gives."""
    with page.expect_download(timeout=PATIENCE) as started:
        keyed(page, key).get_by_role("button").click()
    return started.value.suggested_filename, Path(started.value.path()).read_bytes()


def bring(page: Page, name: str, data: bytes) -> None:
    button = keyed(page, "models.bring").get_by_role("button")
    if not button.is_visible():
        keyed(page, "models.import").locator("summary").click()
    page.locator("input[type=file]").set_input_files(
        [{"name": name, "mimeType": "application/octet-stream", "buffer": data}]
    )
    button.click(timeout=PATIENCE)


@pytest.mark.parametrize(("key", "ending"), [("models.zip", "zip"), ("models.download", "keras")])
def test_what_is_taken_away_is_taken_in_by_another_visitor(
    page: Page, browser: Browser, server: str, key: str, ending: str
) -> None:
    open_page(page, "/models?model=digits-tutorial&view=away")
    name, file = downloaded(page, key)
    assert name == f"{DIGITS}.{ending}"
    assert axe_findings(page) == []
    with watched_page(browser, server, 390, 844) as other:
        open_page(other, "/models")
        bring(other, name, file)
        title = f"{DIGITS}, 2"  # the first of that name comes with the app
        expect(keyed(other, "models.title")).to_have_text(title, timeout=PATIENCE)
        other.wait_for_url(re.compile("model="))
        expect(keyed(other, "models.added")).to_contain_text(title)
        expect(keyed(other, "models.import_name")).to_have_count(0)
        expect(keyed(other, "models.bring")).not_to_be_visible()
        assert axe_findings(other) == []
        keyed(other, "models.added.links").locator('a[href^="predict?"]').click()
        expect(keyed(other, "predict.answer")).to_be_visible(timeout=PATIENCE)


def test_the_zip_has_all_that_its_script_needs(page: Page) -> None:
    open_page(page, "/models?model=digits-tutorial&view=away")
    with zipfile.ZipFile(io.BytesIO(downloaded(page, "models.zip")[1])) as packed:
        names = {"README.txt", "predict.py", "class_names.txt", "card.json", "model.keras"}
        assert set(packed.namelist()) == names
        assert packed.read("class_names.txt").decode().split() == list("0123456789")


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
    interpreter = tf.lite.Interpreter(model_content=downloaded(page, "models.take.tflite")[1])
    interpreter.allocate_tensors()
    (taken,), (given,) = interpreter.get_input_details(), interpreter.get_output_details()
    assert taken["dtype"] == np.uint8
    assert given["shape"][1] == 10


def test_a_zipped_saved_model_is_refused_with_what_to_bring_instead(page: Page, tmp_path: Path) -> None:
    inputs = keras.Input((32, 32, 1))
    network = keras.Model(inputs, keras.layers.Dense(10)(keras.layers.Flatten()(inputs)))
    network.export(tmp_path / "mine" / "my_network", verbose=False)
    file = Path(shutil.make_archive(str(tmp_path / "my_network"), "zip", tmp_path / "mine")).read_bytes()
    open_page(page, "/models")
    bring(page, "my_network.zip", file)
    refusal = keyed(page, "models.bring.refusal")
    expect(refusal).to_contain_text(
        "“my_network.zip” is a TensorFlow SavedModel", timeout=PATIENCE
    )  # what was received
    expect(refusal).to_contain_text(".keras or .h5 file is expected")
    expect(refusal).to_contain_text('call model.save("model.keras"), and bring that file')  # what to do
    assert axe_findings(page) == []
    # The network itself is taken in as Keras saves it, as the sentence says.
    network.save(tmp_path / "model.keras")
    bring(page, "model.keras", (tmp_path / "model.keras").read_bytes())
    expect(keyed(page, "models.understood")).to_be_visible(timeout=PATIENCE)
    expect(refusal).to_have_count(0)


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
