"""The link of a view: what the browser has, but with an address that other devices can reach."""

import pytest

from pages.shell.more_menu import sharing

LAN = "192.168.1.20"


@pytest.mark.parametrize(
    ("url", "listens_at", "expected"),
    [
        ("http://localhost:8501/predict", "0.0.0.0", f"http://{LAN}:8501/predict"),
        ("http://127.0.0.1:8501/predict", None, f"http://{LAN}:8501/predict"),
        ("http://localhost/predict", None, f"http://{LAN}/predict"),
        ("http://localhost:8501/predict", "127.0.0.1", "http://localhost:8501/predict"),
        ("http://localhost:8501/predict", "localhost", "http://localhost:8501/predict"),
        ("https://lab.school.example/cnn/predict", "127.0.0.1", "https://lab.school.example/cnn/predict"),
        ("http://10.9.8.7:8501/predict", "0.0.0.0", "http://10.9.8.7:8501/predict"),
    ],
)
def test_a_link_leads_to_the_server_from_other_devices(monkeypatch, url: str, listens_at: str | None, expected: str):
    monkeypatch.setattr(sharing, "addresses", lambda: [LAN, "10.9.8.7"])
    assert sharing.link_of_view(url, {}, listens_at) == expected


def test_without_a_network_the_link_is_the_browsers(monkeypatch):
    monkeypatch.setattr(sharing, "addresses", list)
    assert sharing.link_of_view("http://localhost:8501/", {}, None) == "http://localhost:8501/"


def test_a_link_has_the_settings_of_the_view():
    link = sharing.link_of_view("https://lab.example/images", {"level": "lab", "images.sort": "a b&c"}, None)
    assert link == "https://lab.example/images?level=lab&images.sort=a+b%26c"
