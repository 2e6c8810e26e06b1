"""Names with links, formulas, icons and tags in them are read on the screen as they were typed."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from cnn.data.own import sharing
from cnn.typed_text import make_visible
from tests.e2e.browser import watched_page
from tests.pages.typed_text.hostile_names import CLASSES, MODEL, SHORTENED, TITLE, WORKSPACE, create_dataset, train
from tools.browser_page import open_page
from tools.running_server import running_server

# What typed text may not become. The pictures and links of the app itself go elsewhere.
ALIVE = "a[href*='e.example'], img[src*='e.example'], img[src='x'], .katex, [onerror]"
VIEWS = {
    "images?images.view=gallery": TITLE,
    "images?images.view=set": CLASSES[5],
    "augmentation": TITLE,
    "training": TITLE,
    "feature_maps": SHORTENED,
    "explanations": SHORTENED,
    "evaluation?evaluation.view=confusion": CLASSES[2],
    "evaluation?evaluation.view=classes": CLASSES[3],
    "predict": SHORTENED,
    "models?view=facts": MODEL,
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[tuple[Page, str]]:
    """A window on a server with such names, and the part of an address that chooses them."""
    home = tmp_path_factory.mktemp("typed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNN_HOME", str(home))
        dataset = create_dataset()
        sharing.share(dataset, WORKSPACE, shared=True)
        model = train(dataset, MODEL)
    with running_server(home) as address, watched_page(browser, address, 1280, 800) as page:
        yield page, f"dataset={dataset}&model={model}&level=lab"


@pytest.mark.parametrize("view", VIEWS)
def test_a_name_is_read_as_it_was_typed(view: str, world: tuple[Page, str]) -> None:
    page, chosen = world
    open_page(page, f"/{view}{'&' if '?' in view else '?'}{chosen}")
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert page.locator(ALIVE).count() == 0
    shown = " ".join(page.locator("body").inner_text().replace("\u2060", "").split())
    fields = " ".join(page.locator("input").evaluate_all("all => all.map(each => each.value).join(' ')").split())
    assert " ".join(make_visible(VIEWS[view]).split()) in f"{shown} {fields}"
