"""Decoding of images with known pixels, and of malicious files."""

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

from cnn.data import image_decoding
from cnn.data.image_decoding import decode, decode_all
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
    ("size", "factor"), [((8000, 5000), 1), ((8064, 6048), 2), ((9248, 6936), 2), ((12000, 9000), 4)]
)
def test_a_huge_jpeg_is_decoded_at_a_reduced_scale(size, factor):
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = decode(jpeg_of_size(*size, exif=exif), "phone")
    width, height = (side // factor for side in size)
    assert pixels.shape == (width, height, 3)
    assert np.abs(pixels[width // 4, height // 2].astype(int) - RED).max() < 4
    assert np.abs(pixels[3 * width // 4, height // 2].astype(int) - (0, 0, 255)).max() < 4


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says a process' peak of memory")
def test_a_huge_jpeg_takes_less_than_300_megabytes():
    code = (
        "import sys; from pathlib import Path; import cnn.data.image_decoding as d;"
        "d.decode(Path(sys.argv[1]).read_bytes(), 'phone');"
        "print(Path('/proc/self/status').read_text())"
    )
    with tempfile.NamedTemporaryFile() as file:
        file.write(jpeg_of_size(12_000, 9_000))
        file.flush()
        shown = subprocess.check_output([sys.executable, "-W", "error", "-c", code, file.name], text=True)
    # The greatest resident set since the process began, with Python, NumPy and Pillow in it.
    peak = int(re.search(r"VmHWM:\s*(\d+) kB", shown)[1]) / 1024
    assert peak < 300


def test_a_huge_progressive_jpeg_is_refused_as_it_cannot_be_reduced(monkeypatch):
    data = jpeg_of_size(8064, 6048, progressive=True)
    with pytest.raises(ImageError, match="8,064 × 6,048 pixels, and at most 40 megapixels"):
        decode(data, "phone")


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
    with pytest.raises(ImageError, match=f"{width:,} × 7,501 pixels, and at most 40 megapixels"):
        decode(forge_size(form, width, 7_501), "big")
    if form != "WEBP":  # its maximum side is 16,384
        with pytest.raises(ImageError, match=r"20,001 × 1 pixels, and at most .* 20,000 pixels a side"):
            decode(forge_size(form, 20_001, 1), "long")


@pytest.mark.parametrize(("width", "height"), [(40_000_000, 1), (1, 40_000_000), (2**31 - 1, 2**31 - 1)])
@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF"])
def test_extreme_sizes_are_refused(form, width, height):
    with pytest.raises(ImageError, match=r"at most 40 megapixels \(120 as a JPEG\) and 20,000 pixels a side"):
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
