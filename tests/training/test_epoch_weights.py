import itertools

import pytest

from cnn.training.epoch_weights import delete_epochs_after, kept_epochs, max_bytes, thin_evenly, weights_file


def fill(folder, epochs, size=10):
    (folder / "epochs").mkdir()
    for epoch in epochs:
        weights_file(folder, epoch).write_bytes(bytes(size))


def test_kept_epochs_are_in_numeric_order_without_partial_files(tmp_path):
    assert kept_epochs(tmp_path) == []
    fill(tmp_path, [0, 10, 2, 9])
    for name in ("partial.11.weights.h5", "x.weights.h5", "12.weights.h5.tmp"):
        (tmp_path / "epochs" / name).touch()
    assert kept_epochs(tmp_path) == [0, 2, 9, 10]


def test_nothing_is_deleted_if_all_fit(tmp_path):
    fill(tmp_path, range(6))
    thin_evenly(tmp_path, 60, best=3)
    assert kept_epochs(tmp_path) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("best", range(101))
def test_thinning_is_even_and_spares_first_best_and_last(tmp_path, best):
    fill(tmp_path, [0])
    for epoch in range(1, 101):
        weights_file(tmp_path, epoch).write_bytes(bytes(10))
        thin_evenly(tmp_path, 120, best if epoch >= best else 0)
    epochs = kept_epochs(tmp_path)
    assert len(epochs) == 12
    assert {0, best, 100} <= set(epochs)
    gaps = [after - before for before, after in itertools.pairwise(epochs)]
    assert max(gaps) <= 17  # an even spread would have 9; thinning as epochs arrive doubles gaps


def test_first_best_and_last_stay_even_if_they_do_not_fit(tmp_path):
    fill(tmp_path, range(5))
    thin_evenly(tmp_path, 1, best=2)
    assert kept_epochs(tmp_path) == [0, 2, 4]
    thin_evenly(tmp_path, 1, best=4)
    assert kept_epochs(tmp_path) == [0, 4]


def test_later_epochs_are_deleted(tmp_path):
    fill(tmp_path, range(5))
    delete_epochs_after(tmp_path, 2)
    assert kept_epochs(tmp_path) == [0, 1, 2]


@pytest.mark.parametrize(("setting", "expected"), [("5", 5_000_000), ("", 60_000_000), ("a lot", 60_000_000)])
def test_the_limit_is_a_setting(monkeypatch, setting, expected):
    monkeypatch.setenv("CNN_EPOCH_MEGABYTES", setting)
    assert max_bytes() == expected
