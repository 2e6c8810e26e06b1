"""How much a visitor's files may ask of whoever decodes them: a zip made for it would hold a worker for an hour."""

from collections.abc import Iterable, Iterator
from time import thread_time

from cnn.data.image_decoding import count_pixels
from cnn.data.own.zip_reader import ListedFile
from cnn.errors import DatasetError

MAX_MEGAPIXELS = 3_000  # of all images together: 250 photos of a phone's 12 megapixels, or 2,000 of 1.5
MAX_SECONDS = 120  # of the reading thread's own work, so that a busy machine refuses no more than an idle one


def within_limits(files: Iterable[ListedFile]) -> Iterator[ListedFile]:
    """Pass files on as long as they are within the limits; those that are refused later count as well.

    What the reader does with a file, before it asks for the next, counts towards the time.

    Raises:
        DatasetError: they have too many pixels, or reading them takes too long.
    """
    start, pixels = thread_time(), 0
    for file in files:
        pixels += count_pixels(file.data or b"")
        if pixels > MAX_MEGAPIXELS * 10**6:
            raise DatasetError(
                f"These images have more than {MAX_MEGAPIXELS:,} megapixels together; make them smaller, or choose "
                "fewer of each class. The app keeps at most 640 pixels a side of each."
            )
        if thread_time() - start > MAX_SECONDS:
            raise DatasetError(
                f"Reading these images takes more than {MAX_SECONDS // 60} minutes of work, the most that is done for "
                "one set; make them smaller, or choose fewer of each class."
            )
        yield file
