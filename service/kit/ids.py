"""Names nobody can guess."""

import random
import re
import secrets
from collections.abc import Generator
from contextlib import contextmanager

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # no l, o, 0, 1: people read these aloud
NAMES_A_TENANT = re.compile(r"(?P<kind>[a-z])_(?P<tenant>[a-z0-9_]*[a-z0-9])_[a-z0-9]+")

_dice: random.Random = secrets.SystemRandom()


def fresh(prefix: str, *, length: int = 12) -> str:
    """Return a new id such as `t_8f2ca9k3mq7x`; 12 letters of 32 are 60 bits."""
    return prefix + "_" + "".join(_dice.choice(ALPHABET) for _ in range(length))


def fresh_of(kind: str, tenant_id: str) -> str:
    """Return a new id that names its tenant, such as `s_8f2ca9k3mq7x_abcdefghijkm` of `t_8f2ca9k3mq7x`."""
    return fresh(f"{kind}_{tenant_id.removeprefix('t_')}")


def tenant_in(kind: str, text: str) -> str | None:
    """Return the tenant an id of this kind claims to be of; None when it is none of ours."""
    found = NAMES_A_TENANT.fullmatch(text)
    return f"t_{found['tenant']}" if found and found["kind"] == kind else None


def secret() -> str:
    """Return a URL-safe secret of 256 bits."""
    return secrets.token_urlsafe(32)


@contextmanager
def drawn_from(dice: random.Random) -> Generator[None]:
    """Let ids, never secrets, come from these dice: a run that can be repeated. For tests; nothing of ours calls it."""
    global _dice  # noqa: PLW0603 - one source for the process, or ids of one run would come from two
    before, _dice = _dice, dice
    try:
        yield
    finally:
        _dice = before
