"""Names nobody can guess."""

import secrets

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # no l, o, 0, 1: people read these aloud


def fresh(prefix: str, *, length: int = 12) -> str:
    """Return a new id such as `t_8f2ca9k3mq7x`; 12 letters of 32 are 60 bits."""
    return prefix + "_" + "".join(secrets.choice(ALPHABET) for _ in range(length))


def secret() -> str:
    """Return a URL-safe secret of 256 bits."""
    return secrets.token_urlsafe(32)
