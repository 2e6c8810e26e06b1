"""Limits on functions, folders and names: what is just allowed passes, one more is reported."""

from pathlib import Path

import pytest

from tools import check_sizes


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of a module, not yet written, in a source tree of its own."""
    monkeypatch.setattr(check_sizes, "ROOT", tmp_path)
    (tmp_path / "cnn").mkdir()
    return tmp_path / "cnn" / "module.py"


def function(lines: int, parameters: str = "") -> str:
    return f"def example({parameters}):\n" + "    pass\n" * (lines - 1)


@pytest.mark.parametrize(
    ("source", "breaches"),
    [
        (function(60), []),
        (function(61), ["cnn/module.py:1: example has 61 lines, at most 60 are allowed"]),
        (function(2, "a, b, /, c, d, *, e, f, g"), []),
        (
            function(2, "a, b, /, c, d, *, e, f, g, h"),
            ["cnn/module.py:1: example takes 8 arguments, at most 7 are allowed"],
        ),
        (function(2, "self, a, b, c, d, e, f, g"), []),
        ("async " + function(61), ["cnn/module.py:1: example has 61 lines, at most 60 are allowed"]),
    ],
    ids=["60 lines", "61 lines", "7 arguments", "8 arguments", "self does not count", "async function"],
)
def test_large_function_is_reported(module, capsys, source, breaches):
    module.write_text(source)
    assert check_sizes.main() == bool(breaches)
    assert capsys.readouterr().out.splitlines() == breaches


@pytest.mark.parametrize(
    ("count", "folder", "breaches"),
    [
        (16, "cnn", []),
        (17, "cnn", ["cnn has 17 source files, at most 16 are allowed"]),
        (17, "pages/components", ["pages/components has 17 source files, at most 16 are allowed"]),
        (17, "pages", []),
    ],
    ids=["16 files", "17 files", "17 files in a subfolder", "pages may hold any number"],
)
def test_full_folder_is_reported(module, capsys, count, folder, breaches):
    target = module.parents[1] / folder
    target.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        (target / f"source_{index}{('.py', '.js')[index % 2]}").touch()
    (target / "notes.md").touch()
    assert check_sizes.main() == bool(breaches)
    assert capsys.readouterr().out.splitlines() == breaches


@pytest.mark.parametrize(
    ("folder", "breaches"),
    [("module", ["cnn/module.py and the folder beside it share a name"]), ("modules", [])],
    ids=["same name", "another name"],
)
def test_a_name_shared_by_a_module_and_a_folder_is_reported(module, capsys, folder, breaches):
    module.touch()
    (module.parent / folder).mkdir()
    assert check_sizes.main() == bool(breaches)
    assert capsys.readouterr().out.splitlines() == breaches
