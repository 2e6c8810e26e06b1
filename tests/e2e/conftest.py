"""One real server and one real browser for all end-to-end tests, a new visitor for each; gone when these are done."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.browser import PATIENCE, watched_page
from tests.e2e.training_runs import run_id, run_result, start_training
from tests.prepared_data import link_data
from tools.find_browser import launch
from tools.running_server import running_server

# What a page should show is waited for this long; half a minute is for a busy machine, a quiet one needs a second.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="package")
def server_home(tmp_path_factory: pytest.TempPathFactory, laid_out: Callable[[str], Path]) -> Path:
    """The server's ``CNN_HOME``: what the app draws by itself is prepared, nothing else is there at first."""
    home = tmp_path_factory.mktemp("server")
    for name in ("digits", "shapes"):
        link_data(home, laid_out(name), name)
    return home


@pytest.fixture(scope="package")
def cifar10(server_home: Path, laid_out: Callable[[str], Path]) -> None:
    """Have CIFAR-10 prepared on the server."""
    link_data(server_home, laid_out("cifar10"), "cifar10")


@pytest.fixture(scope="package")
def cats_vs_dogs(server_home: Path, laid_out: Callable[[str], Path]) -> None:
    """Have the photos of cats and dogs prepared on the server."""
    link_data(server_home, laid_out("cats_vs_dogs"), "cats_vs_dogs")


def serve(home: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Serve ``home``, with the folder of real data sets where there is one; an error in the log fails the test."""
    environment = {"CNN_SLOTS": "1"}  # two servers at a time are enough for two cores
    # A server without real data is as good for most tests; those that need it ask for prepared_data and skip.
    with suppress(pytest.skip.Exception):
        environment["TFDS_DATA_DIR"] = str(request.getfixturevalue("prepared_data") / "tfds")
    with running_server(home, environment) as address:
        yield address
    output = (home / "server.log").read_text()
    if "Traceback" in output:
        pytest.fail(f"The server logged an error that no page should cause:\n{output[-8000:]}", pytrace=False)


@pytest.fixture(scope="package")
def server(server_home: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of the server that most tests share."""
    yield from serve(server_home, request)


@pytest.fixture
def empty_server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of a server whose data folder is empty, as on the first day."""
    yield from serve(tmp_path, request)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A headless Chrome or Chromium of this machine."""
    with sync_playwright() as playwright:
        running, _ = launch(playwright)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Page]:
    """A laptop's window; the test fails when an error shows in it."""
    with watched_page(browser, server, 1280, 800) as opened:
        yield opened


@pytest.fixture
def phone(browser: Browser, server: str) -> Iterator[Page]:
    """A phone's window; the test fails when an error shows in it."""
    with watched_page(browser, server, 390, 844) as opened:
        yield opened


@pytest.fixture(params=["cifar10-tutorial", "cifar10-resnet", "trained just now"])
def network(request: pytest.FixtureRequest) -> str:
    """A network whose data set is laid out on the server: two that come with the app, one trained just now."""
    if request.param == "trained just now":
        return str(request.getfixturevalue("just_trained"))
    request.getfixturevalue("cifar10")
    return str(request.param)


@pytest.fixture(scope="package")
def just_trained(browser: Browser, server: str) -> str:
    """The id of a run that a visitor has just trained on digits; whoever has it may look inside it."""
    with watched_page(browser, server, 1280, 800) as page:
        start_training(page, epochs=2)
        expect(run_result(page)).to_be_visible(timeout=PATIENCE)
        return run_id(page)
