"""Near twins: bursts are found, photos of one thing are not, and each burst stays on one side of the split."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy.stats import pearsonr

from cnn.data import catalog
from cnn.data.images import resize
from cnn.data.own.near_twins import describe, group_near_twins, split_stratified
from tests.data.own.uploads import import_zip

SIDES = ("train", "validation", "test")


def photo(scene: int, frame: int) -> np.ndarray:
    """A frame of a burst: a made-up scene, moved by a pixel or two, with another noise; uint8 (120, 120, 3)."""
    blocks = np.random.default_rng(scene).integers(0, 256, (6, 6, 3)).astype(np.uint8)
    large = np.asarray(Image.fromarray(blocks).resize((126, 126), Image.Resampling.BICUBIC)).astype(float)
    random = np.random.default_rng([scene, frame])
    top, left = random.integers(0, 4, 2)
    return np.clip(large[top : top + 120, left : left + 120] + random.normal(0, 8, (120, 120, 3)), 0, 255).astype(
        np.uint8
    )


def burst_zip(scenes_of: dict[str, list[tuple[int, int]]]) -> dict[str, bytes]:
    """Files of classes, each of (scene, frames) bursts."""
    files = {}
    for label, bursts in scenes_of.items():
        for scene, frames in bursts:
            for frame in range(frames):
                file = io.BytesIO()
                Image.fromarray(photo(scene, frame)).save(file, "PNG")
                files[f"{label}/{scene}-{frame}.png"] = file.getvalue()
    return files


def test_a_description_is_the_correlation_of_the_small_photos():
    one, other = photo(1, 0), photo(2, 0)
    small = [resize(image, 16, 16).astype(float) for image in (one, other)]
    centred = [(image - image.mean(axis=(0, 1))).ravel() for image in small]
    assert describe(one) @ describe(other) == pytest.approx(pearsonr(*centred).statistic, abs=1e-6)
    assert not describe(np.full((20, 20, 3), 77, np.uint8)).any()


def test_frames_of_a_burst_are_a_group_and_other_photos_are_not():
    scenes = [1, 1, 2, 1, 2, 3]
    descriptions = np.stack([describe(photo(scene, frame)) for frame, scene in enumerate(scenes)])
    assert group_near_twins(descriptions, [0] * 6).tolist() == [0, 0, 1, 0, 1, 2]
    # Twins of two classes are a matter of their labels, not of the split.
    assert group_near_twins(descriptions, [0, 1, 0, 0, 0, 0]).tolist() == [0, 1, 2, 0, 2, 3]


def test_a_group_is_on_one_side_of_the_split():
    labels = [0] * 60 + [1] * 40
    groups = np.concatenate([np.repeat(range(10), 6), np.repeat(range(10, 50), 1)])
    parts = split_stratified(labels, groups)
    sides = [set(groups[parts[side]]) for side in SIDES]
    assert sum(map(len, sides)) == len(set.union(*sides)) == 50
    assert [np.bincount(np.asarray(labels)[parts[side]]).tolist() for side in SIDES] == [[48, 32], [6, 4], [6, 4]]


def test_groups_larger_than_a_tenth_leave_something_to_train_on():
    parts = split_stratified([0] * 30 + [1] * 9, np.concatenate([np.repeat([0, 1, 2], [10, 4, 16]), range(3, 12)]))
    assert [np.bincount([0] * 30 + [1] * 9)[0] - len(parts["train"][parts["train"] < 30])] == [14]
    assert all((parts[side] < 30).any() and (parts[side] >= 30).any() for side in SIDES)


def sides_of_scenes(name: str) -> dict[int, set[str]]:
    """In which parts the frames of each scene are; photos are told by their pixels."""
    known = {photo(scene, frame).tobytes(): scene for scene in range(12) for frame in range(8)}
    found: dict[int, set[str]] = {}
    for side in SIDES:
        split = catalog.load(name, side)
        for position in range(len(split)):
            found.setdefault(known[split.image(position).tobytes()], set()).add(side)
    return found


def test_bursts_that_are_brought_in_stay_together_and_that_is_said(tmp_path):
    bursts = {"mug": [(scene, 6) for scene in range(5)], "plate": [(scene, 6) for scene in range(5, 10)]}
    name, refused = import_zip(tmp_path, burst_zip(bursts))
    assert refused == []
    sides = sides_of_scenes(name)
    assert sorted(sides) == list(range(10))
    assert {len(parts) for parts in sides.values()} == {1}
    assert "60 of them are near twins of others" in catalog.info(name).about
    assert "Twins are on one side of the split" in catalog.info(name).about


def test_a_class_of_one_burst_is_split_all_the_same_and_that_is_said(tmp_path):
    name, _ = import_zip(tmp_path, burst_zip({"mug": [(0, 8)], "plate": [(1, 8)]}))
    assert {len(parts) for parts in sides_of_scenes(name).values()} == {3}
    assert "16 of them are near twins" in catalog.info(name).about
    assert "so twins are in training and in the test" in catalog.info(name).about


def test_photos_that_differ_have_no_note(tmp_path):
    name, _ = import_zip(
        tmp_path, burst_zip({"mug": [(n, 1) for n in range(6)], "plate": [(n, 1) for n in range(6, 12)]})
    )
    assert "near twins" not in catalog.info(name).about
