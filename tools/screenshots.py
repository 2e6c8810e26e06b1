"""Take screenshots of the running app: every page, two widths, light and dark, as WebP into ``build/screenshots``.

The few that documents show are copied from there into ``docs/screenshots`` by hand.
"""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tools.browser_page import open_page, wait_until_settled
from tools.first_day import first_day

PAGES = {
    "home": "/",
    "images": "/images?dataset=shapes",
    "convolution": "/convolution",
    "augmentation": "/augmentation",
    "dense": "/dense_or_convolutional",
    "architecture": "/architecture?dataset=cifar10",
    "training": "/training",
    "feature-maps": "/feature_maps?dataset=shapes",
    "time-machine": "/time_machine",
    "explanations": "/explanations?dataset=shapes",
    "evaluation": "/evaluation?dataset=shapes",
    "evaluation-lab": "/evaluation?dataset=shapes&level=lab&evaluation.view=classes",
    "predict": "/predict",
    "teach": "/teach_your_own",
    "transfer": "/transfer_learning",
    "models": "/models",
    "glossary": "/glossary",
}
WIDTHS = (1280, 390)
EXPECTED_TEXT = {
    "home": "Where to begin",
    "images": "Images 1 to 24",
    "convolution": "NumPy on the server says",
    "augmentation": "varied 24 times",
    "dense": "Simple CNN says",
    "architecture": "122,570 parameters",
    "training": "The final exam",
    "feature-maps": "Over the picture",
    "time-machine": "validation images",
    "explanations": "Hide each part in turn",
    "evaluation": "taken for",
    "evaluation-lab": "A class can be high in one",
    "predict": "It says",
    "teach": "It says",
    "transfer": "A stored run",
    "models": "The final exam",
    "glossary": "epoch",
}
TIMEOUT = 240_000  # milliseconds
QUALITY = 80  # of WebP: text stays sharp, and a full page has less than 200 KB
TARGET = Path(__file__).parents[1] / "build" / "screenshots"


def take_screenshot(page: Page, name: str, file: Path, width: int) -> None:
    """Open a page, wait until it shows its expected text, and capture its full height."""
    page.set_viewport_size({"width": width, "height": 900})
    open_page(page, PAGES[name])
    expected = page.get_by_test_id("stMain").get_by_text(EXPECTED_TEXT[name], exact=name == "training").first
    expected.wait_for(timeout=TIMEOUT)
    height = page.get_by_test_id("stMain").evaluate("main => main.scrollHeight")
    page.set_viewport_size({"width": width, "height": height})
    expected.wait_for(timeout=TIMEOUT)
    wait_until_settled(page)
    page.locator("[data-stale=true]").first.wait_for(state="detached", timeout=TIMEOUT)
    png = io.BytesIO(page.screenshot(animations="disabled"))
    Image.open(png).save(file, quality=QUALITY, method=6)


def main() -> None:
    """Serve with an empty data folder and capture every page."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with first_day() as (browser, address):
        for scheme in ("light", "dark"):
            context = browser.new_context(base_url=address, color_scheme=scheme, reduced_motion="reduce")
            page = context.new_page()
            page.set_default_timeout(TIMEOUT)
            page.goto("/images?dataset=shapes")
            page.get_by_text(EXPECTED_TEXT["images"]).first.wait_for(timeout=TIMEOUT)
            for width in WIDTHS:
                for name in PAGES:
                    take_screenshot(page, name, TARGET / f"{name}-{width}-{scheme}.webp", width)
            context.close()


if __name__ == "__main__":
    main()
