"""Votes on likely label errors: one vote per person and image, in an append-only file per split.

A vote is for a class, not for a network, so networks that predict the same class share their votes.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from cnn.errors import CnnError, DamagedFileError
from cnn.home import home
from cnn.stored_files import optional, parse_json, read_file, text, whole

MOST = 10**9  # images and classes
Votes = dict[int, dict[str, int | None]]


def cast(dataset: str, split: str, image: int, workspace: str, label: int | None) -> None:
    """Add a vote; it replaces an earlier one of the same visitor on the same image.

    Args:
        dataset: name of a data set.
        split: "validation" or "test".
        image: position in that split.
        workspace: the visitor's id, of which only a short hash is stored.
        label: the class voted for; None for neither the label nor the predicted class.

    Raises:
        CnnError: the vote cannot be written.
    """
    vote = {"image": image, "voter": voter(dataset, workspace), "label": label}
    # The newline comes first, so that a line cut short by a full disk does not damage the next.
    line = f"\n{json.dumps(vote)}".encode()
    file = _file(dataset, split)
    try:
        file.parent.mkdir(exist_ok=True)
        # A single write in append mode, so that simultaneous votes do not interleave.
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            written = os.write(descriptor, line)
        finally:
            os.close(descriptor)
        if written < len(line):
            raise OSError("the disk is full")
    except OSError as error:
        raise CnnError(
            f"Your vote could not be written ({error}). Make room in {file.parent}, then vote again."
        ) from error


def read(dataset: str, split: str) -> Votes:
    """The last vote of each voter on each image of a split: image -> voter -> class, or None for neither.

    Damaged lines are skipped.
    """
    try:
        lines = read_file(_file(dataset, split)).splitlines()
    except DamagedFileError:
        return {}
    votes: Votes = {}
    for line in lines:
        try:
            vote = parse_json(line, "votes")
            image, voter_id = whole(vote, "image", 0, MOST), text(vote, "voter")
            label = optional(whole, vote, "label", 0, MOST)
        except DamagedFileError:
            continue
        votes.setdefault(image, {})[voter_id] = label
    return votes


def count(votes: Mapping[str, int | None], label: int, predicted: int) -> tuple[int, int, int]:
    """Count the votes on one image: (for its label, for the predicted class, for neither)."""
    classes = list(votes.values())
    for_label, for_network = classes.count(label), classes.count(predicted)
    return for_label, for_network, len(classes) - for_label - for_network


def voter(dataset: str, workspace: str) -> str:
    """The pseudonym of a visitor among the votes on a data set: 16 characters that do not reveal the id."""
    return hashlib.blake2b(f"{dataset} {workspace}".encode(), digest_size=8, person=b"label votes").hexdigest()


def _file(dataset: str, split: str) -> Path:
    # Votes on test images keep the name that they had when there were no others.
    return home() / "votes" / (f"{dataset}.jsonl" if split == "test" else f"{dataset} {split}.jsonl")
