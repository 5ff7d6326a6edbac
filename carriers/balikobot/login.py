"""Prove all a login says: whose keys these are, of which sort, and every shipper it names (docs/carriers.md 6.1)."""

from carriers.balikobot import answers, calls, said, services
from carriers.base import Account, Carrier
from carriers.errors import CarrierBusy, CarrierRefused, Kind

REAL = "these are live keys, and the account says that they are for testing (keys): what is booked would be real"
FOR_TESTING = "these keys are for testing, and nobody carries what is booked with them; keys: test lets them in"


def prove(at: Carrier) -> None:
    """Raise what is wrong: LOGIN, ACCOUNT for keys of the other sort or a shipper not activated, CONTENT for a word."""
    live = answers.read_keys(at.send("test", calls.whoami(at.account)))
    if live is not None and live is not wants_live(at.account):
        raise CarrierRefused(at.code, "test", REAL if live else FOR_TESTING, kind=Kind.ACCOUNT)
    if unread := services.unread(at.account):
        why = f"these are no services, or their switch is off: {', '.join(unread)}"
        raise CarrierRefused(at.code, "test", why, kind=Kind.CONTENT)
    for shipper in services.shippers(at.account):
        _activated(at, shipper)


def wants_live(account: Account) -> bool:
    """Say whether an account's keys are to be live ones."""
    return account.given.get("keys", "").strip().lower() != "test"


def _activated(at: Carrier, shipper: str) -> None:
    """Raise what is wrong with a shipper under this login.

    One that has no list of its services, that is away, or that shows it to live keys alone is let through.
    """
    try:
        said.done(at.send("test", calls.activated(at.account, shipper)))
    except CarrierBusy as busy:
        if said.wants_rest(busy):
            raise
    except CarrierRefused as refused:
        is_for_live = refused.code == str(said.LIVE_ONLY) and not wants_live(at.account)
        if refused.kind not in (Kind.UNKNOWN, Kind.UNSUPPORTED) and not is_for_live:
            why = f"{shipper}: {refused.why}"
            raise CarrierRefused(at.code, "test", why, kind=refused.kind, code=refused.code) from None
