"""The end of a certificate is read from the address itself, valid or not; no address holds whoever asks."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from service.kit import tls
from tests.lifecycle import pair

NOW = datetime.now(UTC).replace(microsecond=0)


@contextmanager
def served(folder: Path, *, ends_at: datetime) -> Iterator[str]:
    """Serve TLS on loopback with a certificate of our own making; return the address."""
    key, name = pair(0), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "expedition.example.com")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 7, ends_at - timedelta(days=90), ends_at)
    file = folder / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            with suppress(OSError):
                line, _ = listening.accept()
                with line, context.wrap_socket(line, server_side=True) as greeted:
                    greeted.recv(1)

        thread = threading.Thread(target=greet)
        thread.start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(10)


@pytest.mark.parametrize("days", [60, -2])
def test_its_end_is_told_whether_it_is_still_valid_or_not(tmp_path, days) -> None:
    ends_at = NOW + timedelta(days=days)

    with served(tmp_path, ends_at=ends_at) as url:
        assert tls.certificate_ends_at(url) == ends_at


def test_an_address_without_tls_has_none() -> None:
    assert tls.certificate_ends_at("http://expedition.example.com") is None


def test_an_address_that_does_not_speak_tls_or_does_not_answer_is_an_os_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def hang_up() -> None:
            listening.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(OSError):  # noqa: PT011 - whichever of them
            tls.certificate_ends_at(f"https://127.0.0.1:{port}")
        thread.join(10)
    with pytest.raises(OSError):  # noqa: PT011
        tls.certificate_ends_at(f"https://127.0.0.1:{port}")
