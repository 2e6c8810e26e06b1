"""This machine's own certificate, with which ``make class HTTPS=1`` serves over TLS.

No authority has signed it, so each browser warns once. What is sent is encrypted all the same, and browsers lend the
camera to a page that came this way.

Source: RFC 5280, RFC 9525; Apple, "Requirements for trusted certificates in iOS 13 and macOS 10.15" (names as
subjectAltName, purpose serverAuth, 825 days at most).
"""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cnn.errors import CnnError
from cnn.files import write_atomically
from cnn.home import home
from pages.server.host_check import own_names
from pages.server.network_addresses import addresses

DAYS = 365
DAYS_LEFT = 7  # a server that starts with less gets a new one: it may run for some days


def own_certificate() -> Path:
    """The file with this machine's certificate and its key, as PEM, readable by the server's user alone.

    Both are in one file, so that two servers which start at the same time never read a key of one certificate with
    the other. It is made anew when it is about to expire, names not all that this machine is called now, or is damaged.

    Raises:
        CnnError: the file can be neither read nor written.
    """
    file = home() / "certificate.pem"
    names = machine_names()
    try:
        if not (file.exists() and _is_good(file.read_bytes(), names)):
            write_atomically(file, _new_certificate(names), mode=0o600)
    except OSError as error:
        raise CnnError(
            f"{file} can be neither read nor written ({error.strerror}), so there is no certificate for https. Give "
            "the app the right to it, set CNN_HOME to another folder, or serve without HTTPS=1."
        ) from error
    return file


def machine_names() -> set[str]:
    """The names and addresses by which browsers may reach this machine; names as DNS has them."""
    names = {"localhost", "127.0.0.1", "::1", *addresses()}
    for name in own_names():
        try:
            names.add(name.encode("idna").decode())
        except UnicodeError:  # no browser could ask for it
            continue
    return names


def certified_names(certificate: x509.Certificate) -> set[str]:
    """The names and addresses in a certificate."""
    named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in named}


def _is_good(pem: bytes, names: set[str]) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        key = serialization.load_pem_private_key(pem, password=None)
        missing = names - certified_names(certificate)
    except (ValueError, TypeError, x509.ExtensionNotFound):
        return False
    lasts_until = datetime.now(UTC) + timedelta(days=DAYS_LEFT)
    is_whole = certificate.public_key() == key.public_key()
    return is_whole and not missing and certificate.not_valid_after_utc > lasts_until


def _new_certificate(names: set[str]) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Convnet Lab on this machine")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # phones' clocks may be behind
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in sorted(names)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(pem, pkcs8, serialization.NoEncryption()) + certificate.public_bytes(pem)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
