"""The platform's signing key: what `signature_v2` is made of, and the file it is checked with.

Not signed: `version` and `current_admin_language`. Source: docs/upgates.md 2.2.
"""

import base64
from collections.abc import Sequence

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

KEY_BITS = 2_048


class SigningKey:
    """An RSA pair that can be exchanged at any moment, as the platform warns it may (2.2)."""

    def __init__(self) -> None:
        self._private = _fresh()
        self.rotations = 0

    def rotate(self) -> None:
        """Sign with a new pair from now on; the old public key verifies nothing new."""
        self._private = _fresh()
        self.rotations += 1

    @property
    def public_pem(self) -> bytes:
        """Return what lies at `/addons/signature/api.signature.pub.key`."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self._private.public_key().public_bytes(serialization.Encoding.PEM, form)

    def sign(self, values: Sequence[str]) -> str:
        """Return the base64 signature over `values` joined by `;` (RSA PKCS#1 v1.5, SHA-256)."""
        signed = ";".join(values).encode()
        return base64.b64encode(self._private.sign(signed, padding.PKCS1v15(), hashes.SHA256())).decode()


def _fresh() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=KEY_BITS)
