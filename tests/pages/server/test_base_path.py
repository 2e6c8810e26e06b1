"""Paths of an app that is served below one."""

import pytest

from pages.server import base_path
from pages.server.base_path import address_in_app, path_in_app


@pytest.mark.parametrize("setting", ["lab", "/lab", "/lab/", " lab/ "])
@pytest.mark.parametrize("page", ["/lab", "/lab/", "/lab/training", "/lab/training?level=lab"])
def test_addresses_stay_below_the_path(monkeypatch, setting: str, page: str) -> None:
    monkeypatch.setattr(base_path.st, "get_option", lambda _name: setting)
    assert (
        address_in_app(f"https://school.example{page}", "models?model=a") == "https://school.example/lab/models?model=a"
    )
    assert address_in_app(f"https://school.example{page}", "") == "https://school.example/lab/"


def test_at_the_root_addresses_are_beside_the_page() -> None:
    assert address_in_app("http://localhost:8501", "models") == "http://localhost:8501/models"
    assert address_in_app("http://localhost:8501/training", "") == "http://localhost:8501/"


@pytest.mark.parametrize(
    ("path", "base", "expected"),
    [
        ("/lab/ready", "/lab", "/ready"),
        ("/laboratory/ready", "/lab", "/laboratory/ready"),
        ("/ready", "/lab", "/ready"),
        ("/lab", "/lab", "/lab"),
        ("/lab/ready", "", "/lab/ready"),
    ],
)
def test_a_path_is_read_without_the_base(path: str, base: str, expected: str) -> None:
    assert path_in_app({"path": path}, base) == expected
