"""The environment of every test: an empty data folder of its own, no network, and real data if available."""

import ipaddress
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.prepared_data import link_data

ROOT = Path(__file__).resolve().parents[1]
BROWSER_TESTS = "tests/e2e/"
# Set before anything imports TensorFlow, Keras or TFDS, which read their settings once, at import.
SESSION_FOLDER = tempfile.TemporaryDirectory(prefix="convnet-lab-tests-", ignore_cleanup_errors=True)
KERAS_HOME = Path(SESSION_FOLDER.name) / "keras"
KERAS_HOME.mkdir()
os.environ |= {
    "CNN_HOME": str(Path(SESSION_FOLDER.name) / "home"),
    "KERAS_HOME": str(KERAS_HOME),
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
os.environ.pop("TFDS_DATA_DIR", None)
# This keeps processes that tests start off the network too: a proxy that refuses at once.
for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
    value = "localhost,127.0.0.1,::1" if name == "no_proxy" else "http://127.0.0.1:9"
    os.environ |= {name: value, name.upper(): value}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the browser tests first: they take longest, and both processes should finish at the same time."""
    items.sort(key=lambda item: not item.nodeid.startswith(BROWSER_TESTS))


@pytest.fixture(autouse=True)
def cnn_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This test's empty ``CNN_HOME``."""
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
def component_packages_scanned_once() -> Iterator[None]:
    """Look for packages with Streamlit components once a process: every ``AppTest`` reads them all again (0.2 s)."""
    from streamlit.components.v2 import manifest_scanner

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Refuse connections that leave this machine, as in a class without internet."""

    def is_local(connection: socket.socket, address: Any) -> bool:
        if connection.family not in (socket.AF_INET, socket.AF_INET6) or connection.type == socket.SOCK_DGRAM:
            return True
        host = address[0]
        return host in ("", "localhost") or ipaddress.ip_address(host.partition("%")[0]).is_loopback

    def guard(connect):
        def guarded(connection, address):
            if not is_local(connection, address):
                raise ConnectionRefusedError(f"Tests run without network; refused: {address}")
            return connect(connection, address)

        return guarded

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, guard(getattr(socket.socket, name)))
        yield


@pytest.fixture(scope="session")
def prepared_data() -> Path:
    """A folder of real data: ``tfds/`` (CIFAR-10, cats_vs_dogs) and ``keras/`` (MobileNetV2's weights).

    A test that uses it sets ``TFDS_DATA_DIR`` or passes ``tfds/`` on. The weights are copied to the session's
    ``KERAS_HOME``, because Keras downloads them again if that is not writable.
    """
    setting = os.environ.get("CNN_TEST_DATA")
    folder = Path(setting) if setting else ROOT.parent / "shared" / "data"
    if not (folder / "tfds").is_dir():
        if setting:
            pytest.fail(f"CNN_TEST_DATA names {setting}, which has no folder tfds", pytrace=False)
        pytest.skip("no prepared data: it may stand in ../shared/data or where CNN_TEST_DATA says")
    if (folder / "keras").is_dir():
        # copyfile rather than copy2: the originals may be read-only, the copies must not be.
        shutil.copytree(folder / "keras", KERAS_HOME, copy_function=shutil.copyfile, dirs_exist_ok=True)
    return folder
