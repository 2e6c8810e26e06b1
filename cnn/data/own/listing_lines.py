"""What the command line says about a zip or folder of images, line by line, as the app reads it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnn.data.own.class_names import natural_key
from cnn.data.own.image_reader import ReadingChoices, list_images, notes_on, read_images
from cnn.data.own.importer import check_classes
from cnn.errors import DatasetError

EXAMPLES = 5  # class names in a question


def listing_lines(path: Path, choices: ReadingChoices) -> Iterator[dict[str, Any]]:
    """Read every image as the app would, and describe the result; nothing is stored.

    Yields:
        {"encoding", "possible"} of the names; {"class", "count"} of each class with its usable images, by name;
        {"file", "reason"} of each refused file; {"layout", "possible"}, what the classes were read from; {"note"}, a
        sentence on what was recognised or left out; {"question"} about other possible layouts, and about names that
        differ in case alone; and {"problem"}, why this makes no data set.

    Raises:
        DatasetError: it is no zip or folder, or has too many files.
    """
    listing, reading = list_images(path, choices)
    yield {"encoding": listing.encoding or "utf-8", "possible": list(listing.encodings) or ["utf-8"]}
    yield {"layout": reading.layout, "possible": list(reading.layouts)}
    counts: Counter[str] = Counter()
    refused = []
    for name, label, image, refusal in read_images(listing, reading):
        if image is None:
            refused.append({"file": name, "reason": refusal})
        else:
            counts[label] += 1
    yield from ({"class": name, "count": counts[name]} for name in sorted(counts, key=natural_key))
    yield from refused
    yield from ({"note": note} for note in notes_on(listing, reading))
    for layout, names in reading.layouts.items():
        if layout != reading.layout:
            classes = "is one class" if len(names) == 1 else f"are {len(names)} classes"
            shown = ", ".join(f"“{name}”" for name in names[:EXAMPLES]) + (" …" if len(names) > EXAMPLES else "")
            yield {
                "question": f"What says the class? Taken: {reading.layout}; with --layout {layout} there {classes}: "
                f"{shown}."
            }
    for group in reading.case_variants:
        variants = " and ".join(f"“{name}”" for name in group)
        yield {"question": f"{variants} differ in upper and lower case alone; with --join-case they are one class."}
    try:
        check_classes(counts)
    except DatasetError as error:
        yield {"problem": str(error)}
