"""What every test gets: an empty data folder of its own, no network, and the real data where there is some."""

import ipaddress
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.prepared_data import link_data

ROOT = Path(__file__).resolve().parents[1]
BROWSER_TESTS = "tests/e2e/"
# Set before anything imports TensorFlow, Keras or TFDS: all three read their settings once, at import.
OUTSIDE = tempfile.TemporaryDirectory(prefix="convnet-lab-tests-", ignore_cleanup_errors=True)
KERAS_HOME = Path(OUTSIDE.name) / "keras"
KERAS_HOME.mkdir()
os.environ |= {
    "CNN_HOME": str(Path(OUTSIDE.name) / "home"),
    "KERAS_HOME": str(KERAS_HOME),
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
os.environ.pop("TFDS_DATA_DIR", None)
# Processes that tests start are kept off the network too: this proxy refuses at once.
for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
    value = "localhost,127.0.0.1,::1" if name == "no_proxy" else "http://127.0.0.1:9"
    os.environ |= {name: value, name.upper(): value}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests first: they take longest, and what is left in the end should be short."""
    items.sort(key=lambda item: not item.nodeid.startswith(BROWSER_TESTS))


@pytest.fixture(autouse=True)
def cnn_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The empty folder that ``CNN_HOME`` names during this test."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("CNN_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def laid_out(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Callable[[str], Path]:
    """Prepares a data set once for all processes of this run, and gives the ``CNN_HOME`` that holds it.

    A data set that is not drawn by the app comes from ``prepared_data``; without that the test is skipped.
    """
    from cnn.data import catalog

    base = tmp_path_factory.getbasetemp()
    # Below the base of all processes where there are several; sole use of a set is the catalogue's own lock.
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "laid-out"
    home.mkdir(exist_ok=True)

    def prepare(name: str) -> Path:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CNN_HOME", str(home))
            if not catalog.info(name).builtin:
                patch.setenv("TFDS_DATA_DIR", str(request.getfixturevalue("prepared_data") / "tfds"))
            catalog.prepare(name, lambda event: None, lambda: False)
        return home

    return prepare


@pytest.fixture(scope="session")
def laid_out_digits(laid_out: Callable[[str], Path]) -> Path:
    """A ``CNN_HOME`` in which ``digits`` is prepared."""
    return laid_out("digits")


@pytest.fixture(scope="session")
def laid_out_shapes(laid_out: Callable[[str], Path]) -> Path:
    """A ``CNN_HOME`` in which ``shapes`` is prepared."""
    return laid_out("shapes")


@pytest.fixture
def digits(cnn_home: Path, laid_out_digits: Path) -> Path:
    """This test's own ``CNN_HOME``, with ``digits`` prepared."""
    return link_data(cnn_home, laid_out_digits, "digits")


@pytest.fixture
def digits_and_shapes(digits: Path, laid_out_shapes: Path) -> Path:
    """This test's own ``CNN_HOME``, with ``digits`` and ``shapes`` prepared."""
    return link_data(digits, laid_out_shapes, "shapes")


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Refuse connections that leave this machine, as a class without internet would."""

    def local(connection: socket.socket, address: object) -> bool:
        if connection.family not in (socket.AF_INET, socket.AF_INET6) or connection.type == socket.SOCK_DGRAM:
            return True
        host = address[0]  # type: ignore[index]
        return host in ("", "localhost") or ipaddress.ip_address(host.partition("%")[0]).is_loopback

    def guard(connect):
        def guarded(connection, address):
            if not local(connection, address):
                raise ConnectionRefusedError(f"Tests run without network; refused: {address}")
            return connect(connection, address)

        return guarded

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, guard(getattr(socket.socket, name)))
        yield


@pytest.fixture(scope="session")
def prepared_data() -> Path:
    """Folder of real data: ``tfds/`` (CIFAR-10, cats_vs_dogs) and ``keras/`` (MobileNetV2's weights).

    The test that asks for it sets ``TFDS_DATA_DIR`` or passes ``tfds/`` on. The weights are copied to this session's
    ``KERAS_HOME``, because Keras downloads when that is not writable.
    """
    named = os.environ.get("CNN_TEST_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not (folder / "tfds").is_dir():
        if named:
            pytest.fail(f"CNN_TEST_DATA names {named}, which has no folder tfds", pytrace=False)
        pytest.skip("no prepared data: it may stand in ../shared/data or where CNN_TEST_DATA says")
    if (folder / "keras").is_dir():
        # copyfile, not copy2: the originals may be read-only, the copies must not be.
        shutil.copytree(folder / "keras", KERAS_HOME, copy_function=shutil.copyfile, dirs_exist_ok=True)
    return folder
