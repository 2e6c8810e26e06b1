"""Writes an augmentation as code that varies images as the app does: the same distribution, other random numbers.

Where a layer of Keras 3.15 draws from the same distribution, the code uses it; where none does, it has a few lines of
TensorFlow. ``tests/keras_code/test_augmentation.py`` compares both with the app.
"""

import numpy as np

from cnn.data.augmentation.settings import FILLS, Augmentation
from cnn.keras_code.imports import with_imports

Shape = tuple[int, int, int]

_VARY = """\
def vary(images):
    images = tf.cast(images, tf.float32)
    for variation in variations:
        images = variation(images)
    return tf.cast(tf.round(tf.clip_by_value(images, 0, 255)), tf.uint8)
"""


def vary_code(settings: Augmentation, shape: Shape) -> str:
    """Code that defines ``vary(images)``, from and to uint8 (N, H, W, C); empty if nothing is to be varied.

    It needs ``math``, ``keras``, ``keras.layers`` as ``layers`` and ``tensorflow`` as ``tf``.

    Args:
        shape: (height, width, channels) of the images, which decides how many whole pixels a fraction is.

    Source: Keras documentation, "Image augmentation layers".
    """
    parts = [
        _flip(settings),
        _shift(settings, shape),
        _rotate_shear_zoom(settings, shape),
        _recolour(settings, shape),
        _rand_augment(settings),
        _cut_out(settings, shape),
    ]
    steps = "".join(f"    {step},\n" for step, _ in parts if step)
    if not steps:
        return ""
    definitions = [f"{definition}\n\n" for _, definition in parts if definition]
    return "".join(definitions) + f"variations = [\n{steps}]\n\n\n{_VARY}"


def variants_code(settings: Augmentation, seed: int, count: int, shape: Shape) -> str:
    """Python code that computes ``varied``, uint8 (count, H, W, C): ``count`` variants of ``image.png``.

    Args:
        shape: (height, width, channels) of that image.
    """
    vary = vary_code(settings, shape)
    body = f"""\
# "Download the original" gives this file.
image = np.array(Image.open("image.png")).reshape({shape})
images = np.repeat(image[None], {count}, axis=0)
"""
    if vary:
        body = f"{vary}\n\nkeras.utils.set_random_seed({seed})  # the app draws other random numbers\n{body}"
        body += "varied = vary(images).numpy()\n"
    else:
        body += "varied = images\n"
    return with_imports(body)


def _flip(settings: Augmentation) -> tuple[str, str]:
    # Two layers: in "horizontal_and_vertical" one draw decides on both.
    modes = [mode for mode, chosen in (("horizontal", settings.flip), ("vertical", settings.flip_vertical)) if chosen]
    return ",\n    ".join(f'layers.RandomFlip("{mode}")' for mode in modes), ""


def _pixels(fraction: float, side: int) -> int:
    """Whole pixels of a fraction of a side, in the precision in which the app computes it."""
    return int(np.float32(fraction) * np.float32(side))


def _shift(settings: Augmentation, shape: Shape) -> tuple[str, str]:
    height, width, _ = shape
    rows, columns = _pixels(settings.shift, height), _pixels(settings.shift, width)
    if not (rows or columns):
        return "", ""
    if settings.fill == "wrap":
        return (
            "shift",
            f"""\
def shift(images):
    # By whole pixels, round to the other side; layers.RandomTranslation loses some.
    def roll(image):
        down = tf.random.uniform([], -{rows}, {rows + 1}, tf.int32)
        right = tf.random.uniform([], -{columns}, {columns + 1}, tf.int32)
        return tf.roll(image, [down, right], axis=[0, 1])

    return tf.map_fn(roll, images)
""",
        )
    if settings.fill != "mirror":
        factors = f"{rows + 0.5} / {height}, {columns + 0.5} / {width}"
        return f'layers.RandomTranslation({factors}, "{FILLS[settings.fill]}", interpolation="nearest")', ""
    return (
        "shift",
        f"""\
def shift(images):
    # By whole pixels. layers.RandomTranslation would mirror the edge's pixels too.
    padded = tf.pad(images, [[0, 0], [{rows}, {rows}], [{columns}, {columns}], [0, 0]], "REFLECT")
    return tf.map_fn(lambda image: tf.image.random_crop(image, {shape}), padded)
""",
    )


def _rotate_shear_zoom(settings: Augmentation, shape: Shape) -> tuple[str, str]:
    fill = FILLS[settings.fill]
    rotation, shear, zoom = settings.rotation, settings.shear, settings.zoom
    match bool(rotation), bool(shear), bool(zoom):
        case False, False, False:
            return "", ""
        case True, False, False:
            return f'layers.RandomRotation({rotation:g} / 360, fill_mode="{fill}")', ""
        case False, False, True:
            factors = f"{zoom}, {zoom}" if settings.stretch else f"{zoom}"
            return f'layers.RandomZoom({factors}, fill_mode="{fill}")', ""
    height, width, _ = shape
    low, high = round(1 - zoom, 6), round(1 + zoom, 6)
    lines = ["# In one go, so that pixels are blended once."]
    if shear:
        lines = [
            "# In one go, so that pixels are blended once, and about the middle:",
            "# layers.RandomShear leans on the top edge.",
        ]
    lines += [
        "def draw(low, high):",
        "    return tf.random.uniform([tf.shape(images)[0]], low, high)",
        "",
        f"angle = draw(-{rotation:g}, {rotation:g}) * math.pi / 180",
    ]
    if settings.stretch:
        lines.append(f"zoom_x, zoom_y = draw({low}, {high}), draw({low}, {high})  # as in ImageDataGenerator")
    else:
        lines.append(f"zoom_x = zoom_y = draw({low}, {high})")
    if shear:
        lines += [
            f"slant = tf.tan(draw(-{shear:g}, {shear:g}) * math.pi / 180)",
            "a, b = tf.cos(angle) * zoom_x, (tf.cos(angle) * slant - tf.sin(angle)) * zoom_y",
            "c, d = tf.sin(angle) * zoom_x, (tf.sin(angle) * slant + tf.cos(angle)) * zoom_y",
        ]
    else:
        lines += [
            "a, b = tf.cos(angle) * zoom_x, -tf.sin(angle) * zoom_y",
            "c, d = tf.sin(angle) * zoom_x, tf.cos(angle) * zoom_y",
        ]
    lines += [
        f"x, y, zero = {(width - 1) / 2}, {(height - 1) / 2}, tf.zeros_like(a)",
        "places = tf.stack([a, b, x - a * x - b * y, c, d, y - c * x - d * y, zero, zero], axis=1)",
        f'return keras.ops.image.affine_transform(images, places, fill_mode="{fill}")',
    ]
    return "turn", "def turn(images):\n" + "".join(f"    {line}".rstrip() + "\n" for line in lines)


def _recolour(settings: Augmentation, shape: Shape) -> tuple[str, str]:
    colour = shape[2] == 3
    saturation, contrast, brightness, noise = (
        settings.saturation if colour else 0,
        settings.contrast,
        settings.brightness,
        settings.noise,
    )
    if not (saturation or contrast or brightness or noise):
        return "", ""
    if brightness and not (saturation or contrast or noise):
        return f"layers.RandomBrightness({brightness})", ""
    if contrast and not (colour or brightness or noise):
        # A single number would only ever raise the contrast.
        return f"layers.RandomContrast(({contrast}, {contrast}), value_range=(0, 255))", ""
    lines = ["def recolour(images):"]
    if saturation or contrast or brightness:
        lines += [
            "    def draw(low, high):",
            "        return tf.random.uniform([tf.shape(images)[0], 1, 1, 1], low, high)",
            "",
        ]
    if saturation:
        lines += [
            "    # Saturation. The brightness to the eye stays; layers.RandomSaturation",
            "    # keeps the largest channel instead.",
            "    grey = tf.reduce_sum(images * [0.299, 0.587, 0.114], axis=3, keepdims=True)",
            f"    images = grey + (images - grey) * draw({round(1 - saturation, 6)}, {round(1 + saturation, 6)})",
        ]
    if contrast:
        lines += [
            "    # Contrast, about one mean; layers.RandomContrast takes each channel by itself.",
            "    mean = tf.reduce_mean(images, axis=[1, 2, 3], keepdims=True)",
            f"    images = mean + (images - mean) * draw({round(1 - contrast, 6)}, {round(1 + contrast, 6)})",
        ]
    if brightness:
        lines.append(f"    images = images + 255 * draw(-{brightness}, {brightness})")
    if noise:
        lines.append(f"    images = images + tf.random.normal(tf.shape(images), stddev=255 * {noise})")
    return "recolour", "\n".join([*lines, "    return images"]) + "\n"


def _rand_augment(settings: Augmentation) -> tuple[str, str]:
    return (f"layers.RandAugment(factor={settings.rand_augment})" if settings.rand_augment else ""), ""


def _cut_out(settings: Augmentation, shape: Shape) -> tuple[str, str]:
    if not settings.cutout:
        return "", ""
    height, width, _ = shape
    rows, columns = _pixels(settings.cutout, height), _pixels(settings.cutout, width)
    return (
        "cut_out",
        f"""\
def cut_out(images):
    # A grey square of {rows} x {columns} pixels. It may hang over the edge;
    # layers.RandomErasing keeps it inside.
    one_each = [tf.shape(images)[0], 1]
    top = tf.random.uniform(one_each, -{rows // 2}, {height - rows // 2}, tf.int32)
    left = tf.random.uniform(one_each, -{columns // 2}, {width - columns // 2}, tf.int32)
    rows, columns = tf.range({height}) - top, tf.range({width}) - left
    rows, columns = (rows >= 0) & (rows < {rows}), (columns >= 0) & (columns < {columns})
    inside = rows[:, :, None, None] & columns[:, None, :, None]
    return tf.where(inside, 128.0, images)
""",
    )
