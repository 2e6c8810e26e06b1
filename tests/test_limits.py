"""The limits of a server: their defaults are those that the README tells, and a wrong setting is said."""

import re
from pathlib import Path

import pytest

from cnn.errors import ConfigError
from cnn.limits import JOB_SECONDS, LIMITS, limit, limit_in_seconds

README = (Path(__file__).resolve().parents[1] / "README.md").read_text()


def test_the_readme_lists_every_limit_with_its_default() -> None:
    listed = {}
    for row in re.findall(r"^\| (`CNN_.*) \|$", README, re.MULTILINE):
        names, _, defaults = row.split(" | ")
        listed |= dict(zip(re.findall(r"`(\w+)`", names), defaults.split(", "), strict=False))
    assert {name: str(each.default) for name, each in LIMITS.items()} == {name: listed.get(name) for name in LIMITS}


def test_a_limit_is_its_variable_where_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, each in LIMITS.items():
        monkeypatch.delenv(name, raising=False)
        assert limit(name) == each.default
        monkeypatch.setenv(name, "7")
        assert limit(name) == 7


def test_seconds_may_have_decimals(monkeypatch: pytest.MonkeyPatch) -> None:
    assert limit_in_seconds(JOB_SECONDS) == 3600
    monkeypatch.setenv(JOB_SECONDS, "0.3")
    assert limit_in_seconds(JOB_SECONDS) == 0.3


@pytest.mark.parametrize("value", ["many", "-1", "1.5", "1e3"])
def test_a_setting_that_is_no_number_is_said(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("CNN_JOBS_WAITING", value)
    with pytest.raises(ConfigError, match=f"CNN_JOBS_WAITING is “{re.escape(value)}”; a whole number"):
        limit("CNN_JOBS_WAITING")
