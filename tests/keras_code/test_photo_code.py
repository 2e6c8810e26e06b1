"""The code that reads a photo gives the pixels that the app gives."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnn.data import photo_code
from cnn.data.image_decoding import decode, decode_photo
from cnn.data.images import fit_to, resize
from tests.keras_code.photo_files import ORDINARY, SPECIAL, write_photo

MODES = {"turned.jpg": "RGB", "grey-16-bits.png": "I;16", "cmyk.jpg": "CMYK", "palette-with-alpha.png": "P"}


@pytest.fixture(scope="module")
def names() -> dict:
    code = f"{photo_code.IMPORTS}\n\n{photo_code.READ_AND_FIT}\n\n{photo_code.shrink_code(50)}"
    exec(code, names := {})
    return names


@pytest.mark.parametrize("kind", ORDINARY)
def test_a_photo_is_read_and_fitted_as_by_the_app(names: dict, kind: str, tmp_path: Path) -> None:
    file = write_photo(tmp_path, kind)
    assert Image.open(file).mode == MODES.get(kind, "RGB")
    photo, expected = names["read_photo"](file), decode(file.read_bytes(), kind)
    np.testing.assert_array_equal(np.asarray(photo), expected)
    for shape in ((32, 32, 3), (28, 28, 1), (20, 31, 3), (160, 160, 3)):
        np.testing.assert_array_equal(names["fit"](photo, *shape), fit_to(expected, shape))
    height, width = expected.shape[:2]
    size = [max(1, round(side * 50 / max(height, width))) for side in (height, width)]
    np.testing.assert_array_equal(np.asarray(names["shrink"](photo)), resize(expected, *size))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_eight_orientations_are_turned_upright(names: dict, orientation: int, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (9, 14, 3), np.uint8))
    image.save(tmp_path / "photo.png", exif=exif)
    expected = decode((tmp_path / "photo.png").read_bytes(), "photo.png")
    np.testing.assert_array_equal(np.asarray(names["read_photo"](tmp_path / "photo.png")), expected)
    assert (orientation == 1) == (expected.shape == (9, 14, 3) and np.array_equal(expected, np.asarray(image)))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA", "P"])
def test_every_mode_of_a_png_is_read_as_by_the_app(names: dict, mode: str, tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (20, 30, 4), np.uint8)
    Image.fromarray(pixels).convert(mode).save(tmp_path / "photo.png")
    expected = decode((tmp_path / "photo.png").read_bytes(), "photo.png")
    np.testing.assert_array_equal(np.asarray(names["read_photo"](tmp_path / "photo.png")), expected)


@pytest.mark.parametrize("kind", SPECIAL)
def test_a_huge_photo_and_an_heic_are_read_as_by_the_app(kind: str, tmp_path: Path) -> None:
    file = write_photo(tmp_path, kind)
    expected, decoding = decode_photo(file.read_bytes(), kind)
    assert decoding == {"turned.heic": ("HEIF", 1), "huge.jpg": ("JPEG", 2), "huge.png": ("PNG", 2)}[kind]
    opener = "from pillow_heif import register_heif_opener\n" if kind == "turned.heic" else ""
    exec(f"{photo_code.IMPORTS}{opener}\n\n{photo_code.read_photo_code(decoding)}", names := {})
    np.testing.assert_array_equal(np.asarray(names["read_photo"](file)), expected)


@pytest.mark.parametrize("kind", ["turned.jpg", "wide.jpg"])
@pytest.mark.parametrize("place", [None, 0.0, 0.07, 0.5, 0.93, 1.0])
def test_a_moved_cut_and_a_squeezed_photo_are_fitted_as_by_the_app(
    kind: str, place: float | None, tmp_path: Path
) -> None:
    file = write_photo(tmp_path, kind)
    exec(f"{photo_code.IMPORTS}\n\n{photo_code.fit_code(place)}", names := {})
    photo = decode(file.read_bytes(), kind)
    for shape in ((32, 32, 3), (28, 28, 1), (20, 31, 3)):
        np.testing.assert_array_equal(names["fit"](Image.fromarray(photo), *shape), fit_to(photo, shape, place))
