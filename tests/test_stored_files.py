"""Reading of stored files: what is refused as damaged, and what is read."""

import os
from pathlib import Path

import numpy as np
import pytest

from cnn import stored_files
from cnn.errors import DamagedFileError


def test_a_pipe_a_device_and_a_folder_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # to open it would wait for a writer
    (tmp_path / "device").symlink_to("/dev/zero")  # to read it would never end
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "device", "folder", "missing"):
        with pytest.raises(DamagedFileError, match=f"The file {name} is damaged"):
            stored_files.read_file(tmp_path / name)


@pytest.mark.parametrize("text", ["1e999", "NaN", "-Infinity", "9" * 400, str(2**63), "[" * 65 + "]" * 65, '"\\ud800"'])
def test_odd_values_are_refused_anywhere_in_json(text: str) -> None:
    with pytest.raises(DamagedFileError):
        stored_files.parse_json(f'{{"a": [{{"b": {text}}}]}}'.encode(), "file.json")


def test_what_the_app_writes_is_read(tmp_path: Path) -> None:
    (tmp_path / "file.json").write_text('{"name": "Zoë \\ud83d\\ude00", "whole": 3.0, "large": 4611686018427387905}')
    value = stored_files.read_object(tmp_path / "file.json")
    assert stored_files.text(value, "name") == "Zoë 😀"
    assert stored_files.whole(value, "whole", 0, 3) == 3
    assert stored_files.whole(value, "large", 0, 2**62 + 1) == 2**62 + 1
    assert stored_files.optional(stored_files.number, value, "missing", 0, 1) is None


@pytest.mark.parametrize("value", [True, "1", None, -1, 4, 0.5, [], {}])
def test_a_whole_number_is_one_in_its_range(value: object) -> None:
    with pytest.raises(DamagedFileError, match="number"):
        stored_files.whole({"number": value}, "number", 0, 3)


def test_arrays_have_their_shape_and_finite_numbers_in_their_range(tmp_path: Path) -> None:
    file = tmp_path / "file.npy"
    np.save(file, np.eye(2))
    assert stored_files.read_array(file, (None, 2), 0, 1).tolist() == [[1, 0], [0, 1]]
    for shape, high in (((2,), 1), ((3, 2), 1), ((2, 2), 0.5)):
        with pytest.raises(DamagedFileError):
            stored_files.read_array(file, shape, 0, high)
    for odd in (np.array([np.nan, 1]), np.array(["a", "b"]), np.array([{}, {}])):
        np.save(file, odd)
        with pytest.raises(DamagedFileError):
            stored_files.read_array(file, (2,))
