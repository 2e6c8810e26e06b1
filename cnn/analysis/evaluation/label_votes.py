"""What a class thinks of doubted labels: one vote per person and image, in a file per data set that only grows.

A vote names a class, not a network: another network that says the same class finds the same votes.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from cnn.errors import CnnError
from cnn.home import home

Votes = dict[int, dict[str, int | None]]


def cast(dataset: str, image: int, workspace: str, label: int | None) -> None:
    """Add a vote; a later one of the same visitor on the same image takes its place.

    Args:
        dataset: name of a known data set.
        image: position in its test split.
        workspace: the visitor's id, of which only a short sum is written.
        label: the class that the image is of; None for neither the label's nor the network's.

    Raises:
        CnnError: the vote cannot be written.
    """
    vote = {"image": image, "voter": voter(dataset, workspace), "label": label}
    # The newline comes first: a line that a full disk has cut short then spoils itself only.
    line = f"\n{json.dumps(vote)}".encode()
    file = _file(dataset)
    try:
        file.parent.mkdir(exist_ok=True)
        # One write to a file opened for appending: votes cast at the same moment do not mix.
        place = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            written = os.write(place, line)
        finally:
            os.close(place)
        if written < len(line):
            raise OSError("the disk is full")
    except OSError as error:
        raise CnnError(
            f"Your vote could not be written ({error}). Make room in {file.parent}, then vote again."
        ) from error


def read(dataset: str) -> Votes:
    """The last vote of everybody on every image: image -> voter -> class, or None for neither.

    A damaged line is left out.
    """
    try:
        lines = _file(dataset).read_bytes().splitlines()
    except OSError:
        return {}
    votes: Votes = {}
    for line in lines:
        try:
            vote = json.loads(line)
            image, who, label = vote["image"], vote["voter"], vote["label"]
        except (ValueError, LookupError, TypeError, RecursionError):
            continue
        if isinstance(image, int) and isinstance(who, str) and (label is None or isinstance(label, int)):
            votes.setdefault(image, {})[who] = label
    return votes


def count(votes: Mapping[str, int | None], label: int, said: int) -> tuple[int, int, int]:
    """How many of the votes on one image are for its label, for what the network says, and for neither."""
    given = list(votes.values())
    for_label, for_network = given.count(label), given.count(said)
    return for_label, for_network, len(given) - for_label - for_network


def voter(dataset: str, workspace: str) -> str:
    """What stands for a visitor among the votes on a data set: 16 characters from which the id cannot be told."""
    return hashlib.blake2b(f"{dataset} {workspace}".encode(), digest_size=8, person=b"label votes").hexdigest()


def _file(dataset: str) -> Path:
    return home() / "votes" / f"{dataset}.jsonl"
