"""What is kept of a visitor: for how long, how much, and for whom."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from cnn import home
from pages.shell import visitor_memory
from pages.shell.visitor_memory import KEPT_SECONDS, MAX_BYTES, MAX_BYTES_OF_VISITOR, VisitorMemory


class Time:
    """A clock that a test sets, and what is to be done later."""

    def __init__(self) -> None:
        self.now = 0.0
        self.planned: list[tuple[float, Callable[[], None]]] = []

    def read(self) -> float:
        return self.now

    def call_later(self, seconds: float, action: Callable[[], None]) -> None:
        self.planned.append((self.now + seconds, action))

    def pass_until(self, now: float) -> None:
        """Do what is planned until then, each at its time."""
        while due := [plan for plan in self.planned if plan[0] <= now]:
            first = min(due, key=lambda plan: plan[0])
            self.planned.remove(first)
            self.now = first[0]
            first[1]()
        self.now = now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def memory(time: Time) -> VisitorMemory:
    return VisitorMemory(time.read, time.call_later)


def held(memory: VisitorMemory) -> list[tuple[str, str]]:
    return list(memory._entries)


def test_a_value_is_kept_for_a_time_after_its_last_use(memory: VisitorMemory, time: Time) -> None:
    memory.remember("ann", "photos", "hers", 1)
    memory.remember("ben", "photos", "his", 1)
    time.now = KEPT_SECONDS - 1
    assert memory.recall("ann", "photos") == "hers"
    time.now = KEPT_SECONDS
    assert memory.recall("ben", "photos") is None
    time.now = 2 * KEPT_SECONDS - 2
    assert memory.recall("ann", "photos") == "hers"
    time.now = 3 * KEPT_SECONDS - 2
    assert memory.recall("ann", "photos") is None


def test_what_has_expired_is_dropped_without_anybody_asking(memory: VisitorMemory, time: Time) -> None:
    memory.remember("ann", "photos", "hers", 1)
    time.pass_until(KEPT_SECONDS / 2)
    memory.remember("ben", "photos", "his", 1)
    time.pass_until(KEPT_SECONDS)
    assert held(memory) == [("ben", "photos")]
    time.pass_until(1.5 * KEPT_SECONDS)
    assert held(memory) == []
    assert time.planned == []
    memory.remember("ann", "photos", "hers", 1)
    time.pass_until(2.5 * KEPT_SECONDS)
    assert held(memory) == []


def test_a_name_has_one_value_and_visitors_have_their_own(memory: VisitorMemory) -> None:
    memory.remember("ann", "photos", "old", 1)
    memory.remember("ann", "photos", "new", 1)
    memory.remember("ben", "photos", "his", 1)
    assert [memory.recall(owner, "photos") for owner in ("ann", "ben", "cleo")] == ["new", "his", None]


def test_a_visitors_least_recently_used_value_makes_room(memory: VisitorMemory) -> None:
    third = MAX_BYTES_OF_VISITOR // 3
    for name in "abc":
        memory.remember("ann", name, name, third)
    memory.remember("ben", "a", "his", third)
    memory.recall("ann", "a")
    memory.remember("ann", "d", "d", third)
    assert [memory.recall("ann", name) for name in "abcd"] == ["a", None, "c", "d"]
    assert memory.recall("ben", "a") == "his"


def test_the_visitor_who_came_longest_ago_makes_room(memory: VisitorMemory) -> None:
    visitors = [str(number) for number in range(MAX_BYTES // MAX_BYTES_OF_VISITOR)]
    for visitor in visitors:
        memory.remember(visitor, "photos", visitor, MAX_BYTES_OF_VISITOR)
    memory.recall(visitors[0], "photos")
    memory.remember("one more", "photos", "photos", MAX_BYTES_OF_VISITOR)
    assert memory.recall(visitors[1], "photos") is None
    assert all(memory.recall(visitor, "photos") for visitor in (visitors[0], *visitors[2:], "one more"))


def test_what_is_too_large_is_not_kept_nor_what_it_replaces(memory: VisitorMemory) -> None:
    assert memory.remember("ann", "photos", "few", MAX_BYTES_OF_VISITOR)
    assert not memory.remember("ann", "photos", "many", MAX_BYTES_OF_VISITOR + 1)
    assert memory.recall("ann", "photos") is None


def test_it_forgets_one_value_or_a_visitor(memory: VisitorMemory) -> None:
    for owner in ("ann", "ben"):
        memory.remember(owner, "photos", owner, 1)
        memory.remember(owner, "names", owner, 1)
    memory.forget("ann", "photos")
    memory.forget("ann", "nothing")
    assert [memory.recall("ann", "photos"), memory.recall("ann", "names")] == [None, "ann"]
    memory.forget_all("ben")
    assert held(memory) == [("ann", "names")]


def test_threads_share_it(memory: VisitorMemory) -> None:
    def use(number: int) -> bool:
        owner = str(number % 7)
        memory.remember(owner, str(number % 5), number, MAX_BYTES_OF_VISITOR // 3)
        memory.recall(owner, str(number % 3))
        if number % 11 == 0:
            memory.forget_all(owner)
        return sum(entry.size_in_bytes for entry in list(memory._entries.values())) <= MAX_BYTES

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(use, range(2000)))


def test_only_a_browser_that_sent_its_cookie_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = home.new_id()
    monkeypatch.setattr(visitor_memory, "memory", VisitorMemory(call_later=lambda *_: None))
    for sent in (None, owner):
        monkeypatch.setattr(visitor_memory, "workspace_from_cookie", lambda sent=sent: sent)
        assert visitor_memory.remember("photos", "hers", 1) == (sent is not None)
        assert visitor_memory.recall("photos") == (sent and "hers")
    visitor_memory.forget("photos")
    assert visitor_memory.recall("photos") is None
    visitor_memory.remember("photos", "hers", 1)
    visitor_memory.forget_all()
    assert visitor_memory.recall("photos") is None
