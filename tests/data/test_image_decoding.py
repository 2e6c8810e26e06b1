"""Decoding of images with known pixels, and of malicious files."""

import gzip
import io
import re
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageFile

from cnn.data import image_decoding, photo_strips
from cnn.data.decoding_bombs import channels_of_first_scan
from cnn.data.image_decoding import decode, decode_all, decode_photo
from cnn.data.photo_strips import read_upright
from cnn.errors import ImageError

pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning:PIL"),
    pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning"),
]

pillow_heif.register_heif_opener(thumbnails=False)  # so that Pillow writes HEIC, too

RED, WHITE, BLACK = (255, 0, 0), (255, 255, 255), (0, 0, 0)
# All pixels differ, so that no two orientations look the same.
UPRIGHT = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3) * 3


def encode(image: Image.Image, form: str, **settings) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **settings)
    return file.getvalue()


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))


def png(width: int, height: int, bits: int, colour: int, rows: bytes = b"", extra: bytes = b"") -> bytes:
    header = struct.pack(">LLBBBBB", width, height, bits, colour, 0, 0, 0)
    body = png_chunk(b"IHDR", header) + extra + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def tiff(tags: list[tuple[int, int, int, int | None]], body: bytes) -> bytes:
    """Little-endian TIFF of (tag, type, count, value or offset); None for the offset of `body`."""
    body_offset = 8 + 2 + 12 * len(tags) + 4
    entries = b"".join(
        struct.pack("<HHLL", tag, kind, count, body_offset if value is None else value)
        for tag, kind, count, value in tags
    )
    return b"II*\0" + struct.pack("<LH", 8, len(tags)) + entries + bytes(4) + body


def grey_tiff(body: bytes, bits: int, sample: int, photometric: int = 1, width: int = 3) -> bytes:
    size = [(256, 4, 1, width), (257, 4, 1, 1)]
    pixels = [(258, 3, 1, bits), (259, 3, 1, 1), (262, 3, 1, photometric), (273, 4, 1, None), (277, 3, 1, 1)]
    return tiff([*size, *pixels, (278, 4, 1, 1), (279, 4, 1, len(body)), (339, 3, 1, sample)], body)


def greys(data: bytes) -> list[int]:
    pixels = decode(data, "grey")
    assert (pixels == pixels[..., :1]).all()
    return pixels[0, :, 0].tolist()


@pytest.mark.parametrize(("form", "options"), [("PNG", {}), ("WEBP", {"lossless": True}), ("BMP", {}), ("TIFF", {})])
def test_lossless_formats_keep_every_pixel(form, options):
    pixels = decode(encode(Image.fromarray(UPRIGHT), form, **options), "photo")
    assert pixels.dtype == np.uint8
    assert (pixels == UPRIGHT).all()


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "GIF", "MPO", "AVIF", "HEIF"])
def test_lossy_formats_keep_the_pixels_approximately(form):
    quadrants = np.zeros((32, 32, 3), np.uint8)
    quadrants[:16, :16], quadrants[16:, 16:] = (200, 40, 40), (40, 40, 200)
    options = {"save_all": True, "append_images": [Image.new("RGB", (32, 32), "green")]} if form == "MPO" else {}
    pixels = decode(encode(Image.fromarray(quadrants), form, quality=95, **options), "photo")
    assert np.abs(pixels[4::8, 4::8].astype(int) - quadrants[4::8, 4::8]).max() < 12


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF", "TIFF-LZW", "JPEG", "AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_decoded_upright(form, orientation):
    # How a camera in that orientation stores the image (EXIF 2.32, section 4.6.4, tag 0x0112).
    lossy = form in ("JPEG", "AVIF", "HEIF")
    upright = np.kron(UPRIGHT, np.ones((16, 16, 1), np.uint8)) if lossy else UPRIGHT
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.swapaxes(0, 1),
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].swapaxes(0, 1),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"WEBP": {"lossless": True}, "TIFF-LZW": {"compression": "tiff_lzw"}, "JPEG": {"quality": 100}}
    options |= {"AVIF": {"quality": 100, "subsampling": "4:4:4"}, "HEIF": {"quality": 100}}
    options = {"exif": exif.tobytes(), **options.get(form, {})}
    data = encode(Image.fromarray(np.ascontiguousarray(stored)), form.split("-")[0], **options)
    pixels = decode(data, "photo")
    assert pixels.shape == upright.shape
    difference = np.abs(pixels.astype(int) - upright)
    # Blocks of one colour; HEIF halves the resolution of colours, so their edges differ.
    assert (difference[8::16, 8::16] if lossy else difference).max() <= (6 if lossy else 0)


def jpeg_of_size(width: int, height: int, **options) -> bytes:
    """A JPEG that is red on the left and blue on the right."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    return encode(image, "JPEG", quality=60, **options)


@pytest.mark.parametrize(
    ("size", "factor"),
    [((6048, 4032), 1), ((8000, 5000), 2), ((8064, 6048), 2), ((9248, 6936), 2), ((12000, 9000), 4)],
)
def test_a_huge_jpeg_is_decoded_at_a_reduced_scale(size, factor):
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels, decoding = decode_photo(jpeg_of_size(*size, exif=exif), "phone")
    width, height = (side // factor for side in size)
    assert (pixels.shape, decoding) == ((width, height, 3), ("JPEG", factor))
    assert np.abs(pixels[width // 4, height // 2].astype(int) - RED).max() < 4
    assert np.abs(pixels[3 * width // 4, height // 2].astype(int) - (0, 0, 255)).max() < 4


def turned(form: str, size: tuple[int, int], mode: str = "RGB", **options) -> bytes:
    """A large file of one colour, as a phone that was held upright writes it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return encode(Image.new(mode, size, "red" if mode.startswith("RGB") else 77), form, exif=exif.tobytes(), **options)


HUGE = {
    "JPEG of 108 megapixels": lambda: jpeg_of_size(12_000, 9_000),
    "JPEG of 24": lambda: turned("JPEG", (6048, 4032)),
    "progressive JPEG of 48": lambda: turned("JPEG", (8064, 6048), progressive=True),
    "progressive JPEG of 37, with all colours": lambda: turned("JPEG", (7000, 5300), progressive=True, subsampling=0),
    "JPEG of 37, in a scan for each colour": lambda: in_a_scan_for_each_colour(Image.new("RGB", (7000, 5300), "red")),
    # As `turned` writes it in 15 seconds, with a quality of 0, tiles of 1,024 pixels and x265's preset "ultrafast".
    "HEIC of 48, in tiles": lambda: gzip.decompress(Path(__file__).with_name("heic_of_48_megapixels.gz").read_bytes()),
    "PNG of 40": lambda: turned("PNG", (8000, 5000), compress_level=1),
    "PNG of 40 with transparency": lambda: turned("PNG", (8000, 5000), "RGBA", compress_level=1),
    "PNG of 40 of 16 bits": lambda: turned("PNG", (8000, 5000), "I;16", compress_level=1),
}


def peak_of_decoding(data: bytes, code: str = "decode(data, 'phone')") -> float:
    """The greatest memory of a new process that decodes a file, in MB: with Python, NumPy, Pillow and the file."""
    prelude = (
        "import sys, threading; from pathlib import Path; from cnn.data.image_decoding import decode;"
        "data = Path(sys.argv[1]).read_bytes();"
    )
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        code = f"{prelude}\n{code}\nprint(Path('/proc/self/status').read_text())"
        shown = subprocess.check_output([sys.executable, "-W", "error", "-c", code, file.name], text=True)
    return int(re.search(r"VmHWM:\s*(\d+) kB", shown)[1]) / 1024


only_linux = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="only Linux says a process' peak of memory"
)


@only_linux
@pytest.mark.parametrize("kind", HUGE)
def test_a_huge_photo_takes_less_than_300_megabytes(kind):
    peak = peak_of_decoding(HUGE[kind]())
    print(f"{kind}: {peak:.0f} MB")
    assert peak < 300


@only_linux
def test_photos_that_arrive_at_once_are_decoded_one_at_a_time():
    code = (
        "threads = [threading.Thread(target=lambda: decode(data, 'phone').mean()) for _ in range(8)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()"
    )
    assert peak_of_decoding(turned("JPEG", (5000, 4000)), code) < 300


@pytest.mark.parametrize(("size", "is_alone"), [((300, 200), False), ((3000, 2000), True)])
def test_large_photos_alone_wait_for_each_other(size, is_alone, monkeypatch):
    locked = []

    def read_and_look(*arguments):
        locked.append(image_decoding._decoding.locked())
        return read_upright(*arguments)

    monkeypatch.setattr(image_decoding, "read_upright", read_and_look)
    decode(jpeg_of_size(*size), "photo")
    assert locked == [is_alone]
    assert not image_decoding._decoding.locked()


def in_a_scan_for_each_colour(image: Image.Image) -> bytes:
    """A JPEG that is not called progressive, and that libjpeg keeps as a whole all the same."""
    files = [encode(plane, "JPEG", quality=95) for plane in image.convert("YCbCr").split()]
    frame, scan = (files[0].index(marker) for marker in (b"\xff\xc0", b"\xff\xda"))
    channels = b"".join(bytes([number, 0x11, 0]) for number in (1, 2, 3))
    header = struct.pack(">BBHBHHB", 0xFF, 0xC0, 17, 8, image.height, image.width, 3) + channels
    scans = (b"\xff\xda\0\x08\1" + bytes([n, 0, 0, 63, 0]) + file[scan + 10 : -2] for n, file in enumerate(files, 1))
    return files[0][:frame] + header + files[0][frame + 13 : scan] + b"".join(scans) + b"\xff\xd9"


def test_what_takes_too_much_memory_at_any_scale_is_refused_and_the_most_said():
    small = Image.fromarray(UPRIGHT).resize((48, 32))
    data = in_a_scan_for_each_colour(small)
    assert np.abs(decode(data, "scans").astype(int) - np.asarray(small)).max() < 20
    assert (channels_of_first_scan(data), channels_of_first_scan(encode(small, "JPEG"))) == (1, 3)
    red = Image.new("RGB", (8064, 6048), "red")
    for data in (encode(red, "JPEG", progressive=True, subsampling=0), in_a_scan_for_each_colour(red)):
        with pytest.raises(ImageError, match=r"8,064 × 6,048 pixels, and at most 37 megapixels .* to 12 megapixels"):
            decode(data, "phone")


def test_the_limits_of_an_heic_are_those_of_its_memory():
    tiled = Image.open(io.BytesIO(HUGE["HEIC of 48, in tiles"]()))
    assert (tiled.size, image_decoding._choose_factor(tiled, b"", "phone")) == ((6048, 8064), 2)
    whole = Image.open(io.BytesIO(encode(Image.new("RGB", (64, 64)), "HEIF")))
    for size, factor in (((6000, 4000), 1), ((6000, 5000), 2)):
        whole._size = size
        assert image_decoding._choose_factor(whole, b"", "phone") == factor
    whole._size = (7000, 5000)
    with pytest.raises(ImageError, match=r"7,000 × 5,000 pixels, and at most 34 megapixels .* camera to 12 megapixels"):
        image_decoding._choose_factor(whole, b"", "phone")


@pytest.mark.parametrize("orientation", [0, *range(1, 10)])
@pytest.mark.parametrize("factor", [1, 2, 4])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "CMYK", "1"])
def test_strips_put_together_are_the_whole_photo(orientation, factor, mode, monkeypatch):
    monkeypatch.setattr(photo_strips, "_STRIP_PIXELS", 100)
    pixels = np.random.default_rng(0).integers(0, 256, (45, 31, 4), np.uint8)
    image = Image.fromarray(pixels).convert(mode)
    whole = image.convert("RGBA")
    white = Image.alpha_composite(Image.new("RGBA", whole.size, "white"), whole).convert("RGB").reduce(factor)
    method = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }.get(orientation)
    expected = np.asarray(white if method is None else white.transpose(method))
    result = photo_strips.read_upright(image, orientation, factor)
    assert result.flags.c_contiguous and result.shape == expected.shape
    assert np.abs(result.astype(int) - expected).max() <= (1 if mode == "RGBA" else 0)


@pytest.mark.parametrize("mode", ["I;16", "I", "F"])
def test_deep_greys_are_scaled_by_the_range_of_all_strips(mode, monkeypatch):
    values = np.random.default_rng(1).integers(500, 60_000, (45, 31))
    image = Image.fromarray(values.astype({"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]))
    monkeypatch.setattr(photo_strips, "_STRIP_PIXELS", 100)
    low, high = (0, 65_535) if mode == "I;16" else (values.min(), values.max())
    expected = np.round((values - low) / (high - low) * 255)
    assert (photo_strips.read_upright(image, 1, 1) == expected[..., None]).all()


@pytest.mark.parametrize("size", [(64, 48), (301, 203), (1100, 700)])
def test_an_heic_has_the_pixels_that_pillow_heif_gives(size):
    noise = np.random.default_rng(2).integers(0, 256, (12, 17, 3), np.uint8)
    data = encode(Image.fromarray(noise).resize(size), "HEIF", quality=80)
    assert (decode(data, "phone") == np.asarray(Image.open(io.BytesIO(data)))).all()


def test_broken_exif_data_is_ignored():
    data = encode(Image.fromarray(UPRIGHT), "PNG")
    with_broken_exif = data[:33] + png_chunk(b"eXIf", b"II*\0\xff\xff\xff\xff") + data[33:]
    assert (decode(with_broken_exif, "photo") == UPRIGHT).all()


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF"])
def test_transparent_becomes_white(form):
    image = Image.new("RGBA", (3, 1), (255, 0, 0, 255))
    image.putpixel((1, 0), (0, 0, 0, 0))
    image.putpixel((2, 0), (0, 0, 0, 128))
    options = {"lossless": True, "exact": True} if form == "WEBP" else {}
    opaque, clear, half = decode(encode(image, form, **options), "photo")[0].tolist()
    assert (opaque, clear) == (list(RED), list(WHITE))
    assert half == pytest.approx([127] * 3, abs=1)  # 255 * (1 - 128 / 255)


def test_transparent_grey_and_palette_images_become_white():
    grey = Image.new("LA", (2, 1), (10, 255))
    grey.putpixel((1, 0), (10, 0))
    assert greys(encode(grey, "PNG")) == [10, 255]
    palette = Image.new("P", (2, 1))
    palette.putpalette([*RED, *BLACK])
    palette.putpixel((1, 0), 1)
    for form in ("PNG", "GIF"):
        assert decode(encode(palette, form, transparency=1), "photo").tolist() == [[list(RED), list(WHITE)]]
    assert decode(encode(palette, "PNG", transparency=b"\xff\x00"), "p").tolist() == [[list(RED), list(WHITE)]]
    assert decode(encode(palette, "BMP"), "p").tolist() == [[list(RED), list(BLACK)]]


@pytest.mark.parametrize("form", ["PNG", "TIFF", "GIF", "BMP"])
def test_one_bit_images(form):
    assert greys(encode(Image.fromarray(np.array([[True, False]])), form)) == [255, 0]


def test_cmyk_images():
    cyan = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
    for data in (encode(cyan, "TIFF"), encode(cyan, "JPEG", quality=100)):  # JPEG: stored inverted, as Adobe does
        assert np.abs(decode(data, "print")[8, 8].astype(int) - (0, 255, 255)).max() <= 2
    assert b"Adobe" in encode(cyan, "JPEG")


def test_ycbcr_and_lab_tiffs():
    red = Image.new("RGB", (2, 2), RED)
    assert np.abs(decode(encode(red.convert("YCbCr"), "TIFF"), "t")[0, 0].astype(int) - RED).max() <= 2
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    lab = ImageCms.applyTransform(red, to_lab)
    assert lab is not None
    assert np.abs(decode(encode(lab, "TIFF"), "t")[0, 0].astype(int) - RED).max() <= 8


def test_sixteen_bit_values_are_scaled_not_clipped():
    values = [0, 257 * 100, 65535]
    assert greys(png(3, 1, 16, 0, struct.pack(">B3H", 0, *values))) == [0, 100, 255]
    assert greys(grey_tiff(struct.pack("<3H", *values), 16, 1)) == [0, 100, 255]
    assert greys(grey_tiff(struct.pack("<3H", *values), 16, 1, photometric=0)) == [255, 155, 0]
    assert greys(encode(Image.fromarray(np.array([values], np.uint16)), "TIFF", compression="tiff_lzw")) == [
        0,
        100,
        255,
    ]
    colours = struct.pack(">B6H", 0, 65535, 0, 257 * 7, 0, 257 * 9, 65535)
    assert decode(png(2, 1, 16, 2, colours), "c").tolist() == [[[255, 0, 7], [0, 9, 255]]]
    transparent = png_chunk(b"tRNS", struct.pack(">H", 25700))
    assert greys(png(3, 1, 16, 0, struct.pack(">B3H", 0, *values), transparent)) == [0, 255, 255]


def test_twelve_bit_values_fill_the_range():
    packed = bytes([0x00, 0x0F, 0xFF])  # 0x000, 0xFFF
    assert greys(grey_tiff(packed, 12, 1, width=2)) == [0, 255]


def test_floats_and_32_bit_integers():
    assert greys(grey_tiff(struct.pack("<3f", 0, 0.5, 1), 32, 3)) == [0, 128, 255]
    assert greys(grey_tiff(struct.pack("<3f", -10, 0, 10), 32, 3)) == [0, 128, 255]
    assert greys(grey_tiff(struct.pack("<3f", float("nan"), 0, 300), 32, 3)) == [0, 0, 255]
    assert greys(grey_tiff(struct.pack("<3f", *[float("inf")] * 3), 32, 3)) == [255, 255, 255]
    assert greys(grey_tiff(struct.pack("<3i", -100, 0, 100), 32, 2)) == [0, 128, 255]
    assert greys(grey_tiff(struct.pack("<3L", 0, 2**31, 2**32 - 1), 32, 1)) == [0, 128, 255]
    assert greys(grey_tiff(struct.pack("<3L", 7, 7, 7), 32, 1)) == [0, 0, 0]


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "TIFF"])
def test_the_first_frame_of_an_animation_is_decoded(form):
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, BLACK, WHITE)]
    data = encode(frames[0], form, save_all=True, append_images=frames[1:], lossless=True)
    assert (decode(data, "moving") == RED).all()


# Refused files. -------------------------------------------------------------------------------------------------------


def webp_header(width: int, height: int) -> bytes:
    data = encode(Image.new("RGB", (1, 1)), "WEBP", lossless=True)
    offset = data.index(b"VP8L") + 9  # width - 1 and height - 1, 14 bits each
    return data[:offset] + (width - 1 | height - 1 << 14).to_bytes(4, "little") + data[offset + 4 :]


def forge_size(form: str, width: int, height: int) -> bytes:
    """A file whose header declares a size, with almost no pixel data."""
    if form == "PNG":
        return png(width, height, 8, 2)
    if form == "BMP":
        return (
            b"BM" + struct.pack("<LHHLLllHHLLllLL", 60, 0, 0, 54, 40, width, height, 1, 24, 0, 6, 0, 0, 0, 0) + bytes(6)
        )
    if form == "GIF":
        frame = encode(Image.new("P", (1, 1)), "GIF")
        offset = frame.rindex(b"\x2c", 0, -8)
        size = struct.pack("<HH", width, height)
        return frame[:6] + size + frame[10 : offset + 5] + size + frame[offset + 9 :]
    if form == "JPEG":
        data = encode(Image.new("RGB", (8, 8)), "JPEG")
        offset = data.index(b"\xff\xc0") + 5
        return data[:offset] + struct.pack(">HH", height, width) + data[offset + 4 :]
    if form == "WEBP":
        return webp_header(width, height)
    size = [(256, 4, 1, width), (257, 4, 1, height)]
    pixels = [(258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, None), (277, 3, 1, 1)]
    return tiff([*size, *pixels, (278, 4, 1, height), (279, 4, 1, 1)], b"\0")


@pytest.mark.parametrize("form", ["PNG", "BMP", "GIF", "JPEG", "WEBP", "TIFF"])
def test_size_is_checked_in_the_header(form, monkeypatch):
    def fail(image):
        raise AssertionError("pixels were decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", fail)
    width = 16_001 if form == "JPEG" else 8_001
    most = {"JPEG": 120, "WEBP": 19}.get(form, 40)
    with pytest.raises(ImageError, match=f"{width:,} × 7,501 pixels, and at most {most} megapixels"):
        decode(forge_size(form, width, 7_501), "big")
    if form != "WEBP":  # its maximum side is 16,384
        with pytest.raises(ImageError, match=r"20,001 × 1 pixels, and at most .* 20,000 pixels a side"):
            decode(forge_size(form, 20_001, 1), "long")


@pytest.mark.parametrize(("width", "height"), [(40_000_000, 1), (1, 40_000_000), (2**31 - 1, 2**31 - 1)])
@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF"])
def test_extreme_sizes_are_refused(form, width, height):
    with pytest.raises(ImageError, match=r"at most 40 megapixels \(120 as an ordinary JPEG\) and 20,000 pixels a side"):
        decode(forge_size(form, width, height), "extreme")


@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF"])
def test_a_size_at_the_limit_passes_and_missing_pixels_are_reported(form):
    with pytest.raises(ImageError, match="cut off or damaged"):
        decode(forge_size(form, 8000, 5000), "lying")


def test_file_size_is_checked_first(monkeypatch):
    monkeypatch.setattr(image_decoding, "MAX_BYTES", 2 * 2**20)
    image = encode(Image.fromarray(UPRIGHT), "PNG")
    assert decode(image + bytes(2 * 2**20 - len(image)), "just fits").shape == (4, 6, 3)
    with pytest.raises(ImageError, match=r"“heavy\.png” has 2\.0 MB, and at most 2 MB"):
        decode(image + bytes(2 * 2**20 + 1 - len(image)), "heavy.png")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7 and so on", "is not a picture this app can read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not a picture this app can read"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "is cut off or damaged|is not a picture"),
        (encode(Image.new("RGB", (4, 4)), "PPM"), "is not a picture"),
        (encode(Image.new("RGB", (4, 4)), "ICO"), "is not a picture"),
    ],
)
def test_other_file_types_are_refused(data, message):
    with pytest.raises(ImageError, match=message) as caught:
        decode(data, "upload.heic")
    assert str(caught.value).startswith("“upload.heic” ")
    assert "JPEG" in str(caught.value)


NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8))
VALID = {
    "JPEG": encode(NOISE, "JPEG"),
    "progressive": encode(NOISE, "JPEG", progressive=True),
    "PNG": encode(NOISE, "PNG"),
    "WEBP": encode(NOISE, "WEBP"),
    "GIF": encode(NOISE, "GIF"),
    "BMP": encode(NOISE, "BMP"),
    "TIFF": encode(NOISE, "TIFF"),
    "LZW": encode(NOISE, "TIFF", compression="tiff_lzw"),
    "MPO": encode(NOISE, "MPO", save_all=True, append_images=[NOISE]),
    "palette": encode(NOISE.quantize(16), "PNG", transparency=3),
    "float": encode(NOISE.convert("F"), "TIFF"),
    "CMYK": encode(NOISE.convert("CMYK"), "JPEG"),
    "AVIF": encode(NOISE, "AVIF"),
    "HEIC": encode(NOISE, "HEIF"),
}


@pytest.mark.parametrize("form", sorted(VALID.keys() - {"MPO"}))
@pytest.mark.parametrize("fraction", [0.0, 0.02, 0.1, 0.3, 0.6, 0.9])
def test_a_truncated_file_is_refused(form, fraction):
    with pytest.raises(ImageError, match="“cut” is"):
        decode(VALID[form][: int(len(VALID[form]) * fraction)], "cut")


def test_a_jpeg_with_too_many_scans_is_refused():
    # Valid and 200 KB, but would take a minute to decode: one scan over many blocks, repeated.
    data = encode(Image.new("L", (4000, 4000), 77), "JPEG", progressive=True)
    offset = data.rindex(b"\xff\xda")
    assert decode(data, "plain").shape == (4000, 4000, 3)
    with pytest.raises(ImageError, match="damaged"):
        decode(data[:offset] + data[offset:-2] * 200 + data[-2:], "bomb")


@pytest.mark.parametrize("segment", [b"\xff\xfe\0\x02", b"\xff\xec\0\x02", b"\xff"])
def test_a_jpeg_with_too_many_segments_is_refused(segment):
    data = VALID["JPEG"]
    assert decode(data[:2] + segment + data[2:], "one").shape == (40, 40, 3)
    with pytest.raises(ImageError, match="damaged"):
        decode(data[:2] + segment * 2_000_000 + data[2:], "many")


def test_bytes_after_a_jpeg_are_not_counted():
    # Phones append a video or a second image.
    assert decode(VALID["JPEG"] + b"\xff\xda\0\x02" * 5000, "moving photo").shape == (40, 40, 3)


def test_a_tiff_with_too_many_strips_is_refused():
    strips = 400_000
    tags = [(256, 4, 1, 1), (257, 4, 1, 20_000), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, strips, None)]
    data = tiff([*tags, (277, 3, 1, 1), (278, 4, 1, 1), (279, 4, 1, 1)], b"\x08\0\0\0" * strips)
    with pytest.raises(ImageError, match="damaged"):
        decode(data, "strips")


def test_a_tiff_with_too_much_exif_data_is_refused():
    image = grey_tiff(b"abc", 8, 1)
    offset = len(image) + 4
    numbers = struct.pack("<HHHLLL", 1, 0x9201, 5, 200_000, offset + 18, 0) + b"\1\0\0\0" * 400_000
    tags = [(256, 4, 1, 3), (257, 4, 1, 1), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, None)]
    pointing = [*tags, (277, 3, 1, 1), (278, 4, 1, 1), (279, 4, 1, 3), (34665, 4, 1, offset)]
    data = tiff(pointing, b"abc").ljust(offset, b"\0")
    assert greys(data) == [97, 98, 99]
    with pytest.raises(ImageError, match="damaged"):
        decode(data + numbers, "notes")


def test_a_png_with_a_decompression_bomb_in_its_text_is_refused():
    packed = zlib.compress(bytes(900_000))
    text = b"".join(png_chunk(b"zTXt", b"k%d\0\0" % n + packed) for n in range(100))
    with pytest.raises(ImageError, match="damaged"):
        decode(png(1, 1, 8, 0, bytes(2), text), "text")


@settings(max_examples=150, deadline=None)
@given(
    head=st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"II*\0", b"MM\0+", b"RIFF"]),
    tail=st.binary(max_size=400),
)
def test_random_bytes_raise_assert_only_image_error(head, tail):
    assert_only_image_error(head + tail)


@settings(max_examples=250, deadline=None)
@given(data=st.data(), form=st.sampled_from(sorted(VALID)))
def test_a_corrupted_valid_file_raises_only_image_error(data, form):
    content = bytearray(VALID[form])
    # Headers are the most sensitive: half of the changes hit the first 200 bytes.
    position = st.integers(0, min(199, len(content) - 1)) | st.integers(0, len(content) - 1)
    for start in data.draw(st.lists(position, min_size=1, max_size=6)):
        content[start : start + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    assert_only_image_error(bytes(content))


def assert_only_image_error(data: bytes) -> None:
    try:
        pixels = decode(data, "any")
    except ImageError:
        return
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 3
    assert pixels.shape[2] == 3
    assert 0 < pixels.size <= 3 * image_decoding.MAX_PIXELS


def test_pillow_settings_are_not_changed():
    before = (ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS)
    decode_all([("a", VALID["PNG"]), ("b", VALID["JPEG"][:300])])
    after = (ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS)
    assert after == before


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("IMG_1234.jpg", "IMG_1234.jpg"),
        ("Übung 3, größer.png", "Übung 3, größer.png"),
        ("**bold** [link](http://x).png", "--bold-- -link-(http---x).png"),
        ("_a_ `b` $c$ <d>|~:smile:.gif", "-a- -b- -c- -d----smile-.gif"),
        ("www.example.org", "www-example.org"),
        ("C# cat! cat? (2) 🐱.png", "C# cat! cat? (2) 🐱.png"),
        ("a&lt;b & c.png", "a-lt;b & c.png"),
        ("line\nbreak\x00\u202egnp.exe", "line-break--gnp.exe"),
        ("", "unnamed"),
        ("x" * 5000 + ".jpeg", "x" * 26 + "…" + "x" * 8 + ".jpeg"),
    ],
)
def test_names_in_messages_are_sanitised(name, shown):
    with pytest.raises(ImageError) as caught:
        decode(b"no image", name)
    assert str(caught.value).startswith(f"“{shown}” is not")


def test_a_bad_file_does_not_affect_the_batch():
    good, bad = decode_all([("1", VALID["PNG"]), ("2.txt", b"text"), ("3", VALID["GIF"]), ("4", b"")])
    assert [name for name, _ in good] == ["1", "3"]
    assert (good[0][1] == np.asarray(NOISE)).all()
    assert [name for name, _ in bad] == ["2.txt", "4"]
    assert "“2.txt” is not a picture" in bad[0][1]
