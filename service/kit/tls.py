"""Until when the TLS certificate of an address is valid."""

import socket
import ssl
from datetime import datetime
from urllib.parse import urlsplit

from cryptography import x509

WITHIN_S = 3.0  # to connect, and as long again to greet


def certificate_ends_at(url: str) -> datetime | None:
    """Ask the address for its certificate and return when that ends; None for one without TLS. Raise OSError.

    Who issued it, and for which name, is not looked at: those who call us do, and an expired one tells its date too.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return None
    asking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    asking.check_hostname = False
    asking.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection((parts.hostname, parts.port or 443), timeout=WITHIN_S) as line,
        asking.wrap_socket(line, server_hostname=parts.hostname) as greeted,
    ):
        told = greeted.getpeercert(binary_form=True)
    if not told:
        raise ssl.SSLError(f"{parts.hostname} showed no certificate")
    return x509.load_der_x509_certificate(told).not_valid_after_utc
