"""The data folder and the ids."""

import errno
import json

import pytest

from cnn.errors import CnnError
from cnn.files import write_json
from cnn.home import DATA_FORMAT, _check_format, home, new_id


def test_data_folder_is_created_where_the_setting_says(tmp_path, monkeypatch):
    monkeypatch.setenv("CNN_HOME", str(tmp_path / "new" / "home"))
    assert home() == tmp_path / "new" / "home"
    assert home().is_dir()


def test_data_folder_that_cannot_be_created_gives_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CNN_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(CnnError, match=r"cannot be made .*Set CNN_HOME"):
        home()


def test_ids_differ_and_are_url_safe():
    ids = {new_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(len(id) == 22 and id.replace("-", "").replace("_", "").isalnum() for id in ids)


def test_id_never_looks_like_an_option(monkeypatch):
    tokens = iter(["-starts-like-an-option", "good-0123456789abcdefg"])
    monkeypatch.setattr("cnn.home.secrets.token_urlsafe", lambda size: next(tokens))
    assert new_id() == "good-0123456789abcdefg"


def test_a_new_data_folder_says_its_format_and_opens_again(cnn_home):
    assert home() == cnn_home
    assert json.loads((cnn_home / "format.json").read_text()) == {"format": DATA_FORMAT}
    _check_format.cache_clear()
    assert home() == cnn_home


def test_a_data_folder_of_a_newer_version_is_refused_with_a_sentence(cnn_home):
    write_json(cnn_home / "format.json", {"format": DATA_FORMAT + 1})
    with pytest.raises(CnnError, match=rf"newer version .*format {DATA_FORMAT + 1}.*Update the app"):
        home()


@pytest.mark.parametrize("content", ["", "{}", '{"format": "new"}', "[]"])
def test_a_format_that_cannot_be_read_is_not_guessed(cnn_home, content):
    (cnn_home / "format.json").write_text(content)
    with pytest.raises(CnnError, match=r"format\.json should say .*cannot be read"):
        home()


def test_a_data_folder_that_can_only_be_read_opens(cnn_home, monkeypatch):
    def refuse(path, value):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("cnn.home.write_json", refuse)
    assert home() == cnn_home
