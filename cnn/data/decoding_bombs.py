"""Files that are well-formed but that no program writes: decoding them takes minutes, or gigabytes."""

import io
import re
from collections.abc import Iterator
from typing import Any

from PIL import TiffImagePlugin, TiffTags

_MAX_SCANS = 100  # a progressive JPEG has about 10; one with 400, in 229 KB, takes 18 s to decode
_MAX_SEGMENTS = 2_000
_MAX_TAG_BYTES = 2**20  # room for 262,144 strips; 4 million of them take 31 s and 1.3 GB
_SCAN = b"\xff\xda"


def refuse_decoding_bombs(data: bytes) -> None:
    """Raise ValueError for files that no program writes and that take minutes to decode."""
    if data.startswith(b"\xff\xd8"):
        _refuse_too_many_jpeg_scans(data)
    elif data[:4] in TiffImagePlugin.PREFIXES:
        for child in _refuse_too_many_tiff_tags(data):
            _refuse_too_many_tiff_tags(data, child)


def channels_of_first_scan(data: bytes) -> int:
    """How many of a JPEG's channels its first scan holds; 0 if it has none.

    With fewer than all, libjpeg keeps the whole image in memory before it decodes the first pixel.
    """
    return next((data[end + 2] for kind, end, _ in _jpeg_segments(data) if kind == _SCAN and end + 2 < len(data)), 0)


def _jpeg_segments(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The segments of a JPEG's first image: the marker, where it ends, and how many bytes lay before it."""
    # Inside a scan, 0xFF is followed by 0x00 or a restart marker; anything else starts a segment or is padding.
    marker = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
    offset = 0
    while (match := marker.search(data, offset)) and match[0] != b"\xff\xd9":
        yield match[0], match.end(), match.start() - offset
        offset = match.end() + int.from_bytes(data[match.end() : match.end() + 2])


def _refuse_too_many_jpeg_scans(data: bytes) -> None:
    scans = exifs = 0
    for segments, (kind, end, before) in enumerate(_jpeg_segments(data), 1):
        scans += kind == _SCAN
        exifs += data.startswith(b"Exif", end + 2)
        padding = 0 if scans else before
        if scans > _MAX_SCANS or segments > _MAX_SEGMENTS or exifs > 20 or padding > 2**20:
            raise ValueError("a JPEG with too many scans or segments")


def _refuse_too_many_tiff_tags(data: bytes, offset: int | None = None) -> list[int]:
    """Check one directory with Pillow's own reader, so that both read the same; return its children's offsets."""
    directory: Any = TiffImagePlugin.ImageFileDirectory_v2(data[: 16 if 43 in data[2:4] else 8])
    file = io.BytesIO(data)
    file.seek(directory.next if offset is None else offset)
    directory.load(file)
    sizes = (len(value) for tag, value in directory._tagdata.items() if directory.tagtype[tag] not in (1, 2, 7))
    if sum(sizes) > _MAX_TAG_BYTES:
        raise ValueError("a TIFF with too many tag values")
    return [directory[tag] for tag in TiffTags.TAGS_V2_GROUPS if isinstance(directory.get(tag), int)]
