"""The limits of what a visitor's files may ask of whoever decodes them."""

import itertools

import pytest

from cnn.data.own import reading_limits
from cnn.data.own.image_reader import ReadingChoices, list_images, read_images
from cnn.data.own.project_file import ProjectLimits, read_project
from cnn.errors import DatasetError
from tests.data.own.uploads import encode_random_image, import_zip, make_two_classes, make_zip

SIZE = 20 * 24  # pixels of each image of ``make_two_classes``, of which there are twelve
LIMITS = ProjectLimits(classes=10, photos=100, photos_of_class=100)


def allow_images(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(reading_limits, "MAX_MEGAPIXELS", count * SIZE / 10**6)


def test_as_many_pixels_as_are_allowed_are_read(tmp_path, monkeypatch):
    allow_images(monkeypatch, 12)
    _, refused = import_zip(tmp_path, make_two_classes())
    assert refused == []


def test_pixels_of_all_images_together_are_limited(tmp_path, monkeypatch):
    allow_images(monkeypatch, 11)
    with pytest.raises(DatasetError, match="megapixels together"):
        import_zip(tmp_path, make_two_classes())


@pytest.mark.parametrize("refused", [encode_random_image(1)[:-40], encode_random_image(0)], ids=["cut off", "again"])
def test_pixels_of_refused_images_count(refused, tmp_path, monkeypatch):
    allow_images(monkeypatch, 12)
    with pytest.raises(DatasetError, match="megapixels together"):
        import_zip(tmp_path, {**make_two_classes(), "things/cup/more.png": refused})


def test_the_reading_threads_time_is_limited(tmp_path, monkeypatch):
    seconds = itertools.count(0, reading_limits.MAX_SECONDS // 10)
    monkeypatch.setattr(reading_limits, "thread_time", lambda: next(seconds))
    with pytest.raises(DatasetError, match="2 minutes"):
        import_zip(tmp_path, make_two_classes())


def test_what_the_reader_does_between_two_files_is_its_time(tmp_path, monkeypatch):
    now = 0
    monkeypatch.setattr(reading_limits, "thread_time", lambda: now)
    path = tmp_path / "things.zip"
    path.write_bytes(make_zip(make_two_classes()).getvalue())
    images = read_images(*list_images(path, ReadingChoices()))
    next(images)
    now += reading_limits.MAX_SECONDS + 1
    with pytest.raises(DatasetError, match="2 minutes"):
        next(images)


def test_a_project_has_the_same_limits(monkeypatch):
    allow_images(monkeypatch, 11)
    with pytest.raises(DatasetError, match="megapixels together"):
        read_project(make_zip(make_two_classes()), LIMITS)
