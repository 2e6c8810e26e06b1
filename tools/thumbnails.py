"""Take the pictures of Home's cards from the running app, each lesson's own, into ``pages/assets/thumbnails``.

``python -m tools.thumbnails [LESSON ...]``, such as ``training``; all of them if none is named.
"""

import io
import sys

from PIL import Image
from playwright.sync_api import Browser

from pages.lessons.home.cards import SIDE, THUMBNAILS
from tools.browser_page import open_page, wait_until_settled
from tools.first_day import first_day

# Of each lesson: its address, the part of it that is photographed, and how much of that, in pixels (0: all of it).
PICTURES: dict[str, tuple[str, str, int]] = {
    "images": ("/images?dataset=shapes", ".st-key-images-tiles .tiles", 280),
    "convolution": ("/convolution", ".sliding .output .board", 0),
    "augmentation": ("/augmentation?dataset=shapes", ".gallery", 280),
    "dense_or_convolutional": ("/dense_or_convolutional", "canvas", 0),
    "architecture": ("/architecture?dataset=cifar10", ".layers table", 260),
    "training": ("/training?dataset=digits", ".st-key-training-accuracy_curve", 0),
    "feature_maps": ("/feature_maps?dataset=shapes", ".st-key-maps-layers button:nth-child(3) img", 0),
    "time_machine": ("/time_machine?dataset=cifar10&model=cifar10-tutorial", ".film .filters img", 0),
    "explanations": ("/explanations?dataset=shapes&picture=test-140", ".st-key-explain-pictures img", 0),
    "evaluation": ("/evaluation?dataset=shapes", ".matrix table", 0),
    "predict": ("/predict?dataset=cifar10&model=cifar10-resnet", ".gallery img >> nth=1", 0),
    "teach_your_own": ("/teach_your_own", ".st-key-teach-columns .gallery", 0),
    "transfer_learning": ("/transfer_learning?transfer.view=steps&dataset=shapes", ".gallery img >> nth=2", 0),
    "models": ("/models", "[data-testid=stVegaLiteChart]", 300),
}
PIXELS = 2 * SIDE
QUALITY = 75  # of WebP: 1 to 6 KB each
TIMEOUT = 240_000  # milliseconds


def take_thumbnail(browser: Browser, address: str, lesson: str) -> None:
    """Write the thumbnail of one lesson: the upper left square of a part of its page."""
    path, selector, side = PICTURES[lesson]
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(TIMEOUT)
    open_page(page, path)
    part = page.locator(selector).first
    part.wait_for(timeout=TIMEOUT)
    wait_until_settled(page)
    image = Image.open(io.BytesIO(part.screenshot(animations="disabled"))).convert("RGB")
    context.close()
    side = min(side or image.width, *image.size)
    square = image.crop((0, 0, side, side)).resize((PIXELS, PIXELS), Image.Resampling.LANCZOS)
    square.save(THUMBNAILS / f"{lesson}.webp", quality=QUALITY, method=6)


def main(lessons: list[str]) -> None:
    """Serve with an empty data folder and photograph the lessons with these names, or all."""
    THUMBNAILS.mkdir(parents=True, exist_ok=True)
    with first_day() as (browser, address):
        take_thumbnail(browser, address, "images")  # waits until the server has drawn the shapes
        for lesson in lessons or PICTURES:
            take_thumbnail(browser, address, lesson)


if __name__ == "__main__":
    main(sys.argv[1:])
