"""This machine's own certificate: whom it names, how long it is kept, and who may read its key."""

import os
import ssl
import stat
from datetime import datetime, timedelta

import pytest
from cryptography import x509

from cnn.errors import CnnError
from tools import certificate
from tools.certificate import certified_names, own_certificate


@pytest.fixture(autouse=True)
def _two_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate, "addresses", lambda: ["10.9.8.7", "192.168.1.20"])


def read() -> x509.Certificate:
    return x509.load_pem_x509_certificate(own_certificate().read_bytes())


def test_it_names_this_machine_by_all_its_names(monkeypatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "Lab-PC")
    monkeypatch.setenv("CNN_HOSTS", "Netze.Schule.example, bücher.example")
    names = {"localhost", "127.0.0.1", "::1", "10.9.8.7", "192.168.1.20", "lab-pc", "lab-pc.local"}
    assert certified_names(read()) == names | {"netze.schule.example", "xn--bcher-kva.example"}


def test_only_the_servers_user_reads_the_key_and_tls_takes_both() -> None:
    file = own_certificate()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file, file)


def test_it_is_kept_while_it_names_the_machine(monkeypatch) -> None:
    first = read()
    assert read() == first
    monkeypatch.setattr(
        certificate, "addresses", lambda: ["192.168.1.20"]
    )  # a cable was pulled: no new warning for that
    assert read() == first
    monkeypatch.setattr(certificate, "addresses", lambda: ["192.168.1.99"])
    assert "192.168.1.99" in certified_names(read())


@pytest.mark.parametrize(("days_later", "is_kept"), [(300, True), (359, False), (400, False)])
def test_it_is_made_anew_before_it_expires(monkeypatch, days_later: int, is_kept: bool) -> None:
    first = read()
    lifetime = first.not_valid_after_utc - first.not_valid_before_utc
    assert lifetime <= timedelta(days=825)

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=days_later)

    monkeypatch.setattr(certificate, "datetime", Later)
    assert (read() == first) is is_kept


@pytest.mark.parametrize("what", ["cut", "empty", "noise", "another key"])
def test_a_damaged_one_is_made_anew(what: str) -> None:
    file = own_certificate()
    good = file.read_bytes()
    file.unlink()
    other = own_certificate().read_bytes()
    end_of_key = good.index(b"-----BEGIN CERTIFICATE")
    swapped = good[:end_of_key] + other[other.index(b"-----BEGIN CERTIFICATE") :]
    damaged = {"cut": good[:-200], "empty": b"", "noise": os.urandom(500), "another key": swapped}[what]
    file.write_bytes(damaged)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(own_certificate())
    assert file.read_bytes() not in (good, other, damaged)


def test_a_folder_in_its_place_is_said_in_a_sentence(cnn_home) -> None:
    (cnn_home / "certificate.pem").mkdir()
    with pytest.raises(CnnError, match=r"certificate\.pem can be neither read nor written .* without HTTPS=1"):
        own_certificate()
