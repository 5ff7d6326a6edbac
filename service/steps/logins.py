"""Logins with carriers as whoever enters them sees them: what one may hold, and what its carrier says to it."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from carriers import registry
from carriers.base import Able, Account, Carrier
from carriers.ceska_posta import numbers
from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, CarrierUnreachable, Kind
from carriers.registry import AccountIncomplete
from service.contracts import Contract
from service.rig import LoginUnusable, Rig
from service.steps.pairing import Ables

LOOPBACK = "127.0.0.1"
LETTERS_MOST = 1_000
ROW = ("number_sender", "number_letter", "number_first", "number_last")  # of an account's own row of numbers


class Said(StrEnum):
    """What came of asking a carrier whether it lets us in."""

    WORKS = "works"
    LOGIN = "login"  # it does not
    ACCOUNT = "account"  # it does, and the contract with it lacks something
    OTHER = "other"  # it refuses for another reason
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    UNUSABLE = "unusable"  # it cannot even be asked


@dataclass(frozen=True)
class Tested:
    """What a carrier said to a login; `why` in its own words, or ours in English."""

    said: Said
    why: str = ""


class Fault(StrEnum):
    """What is wrong with one field of a login."""

    MISSING = "missing"
    ODD = "odd"  # too long, or not to be typed at all
    UNKNOWN = "unknown"  # no such field, switch or carrier
    HOST = "host"  # no address of a carrier
    ROW = "row"  # the four fields make no row of numbers


@dataclass(frozen=True)
class Entered:
    """A login as somebody enters it; a secret left empty keeps the one there is. `base_url` empty: the carrier's own.

    `for_all_shops`: of the account; else for this shop alone.
    """

    carrier: str
    secrets: Mapping[str, str] = field(repr=False)
    given: Mapping[str, str]
    switches: frozenset[str] = frozenset()
    for_all_shops: bool = True
    base_url: str = ""


def faults(entered: Entered, *, hosts: str) -> dict[str, Fault]:
    """Return what cannot stand whatever there was before, by field."""
    adapter = registry.ADAPTERS.get(entered.carrier)
    if adapter is None:
        return {"carrier": Fault.UNKNOWN}
    said = {**entered.given, **entered.secrets}
    known = adapter.needs.keys() | adapter.may_give.keys()
    found = {name: Fault.UNKNOWN for name in said if name not in known}
    found |= dict.fromkeys(entered.secrets.keys() - adapter.secret, Fault.UNKNOWN)
    found |= dict.fromkeys(entered.given.keys() & adapter.secret, Fault.UNKNOWN)
    if entered.switches - adapter.able.unproven.keys():
        found["switches"] = Fault.UNKNOWN
    found |= {name: Fault.ODD for name, text in said.items() if len(text) > LETTERS_MOST or not text.isprintable()}
    addresses = {"base_url": entered.base_url} | {name: text for name, text in said.items() if name.endswith("_url")}
    found |= {name: Fault.HOST for name, text in addresses.items() if text and not is_allowed(text, hosts)}
    return found


def is_allowed(url: str, hosts: str) -> bool:
    """Say whether a login may name this address: all of `host` or `host:port` fits, by TLS but on the loopback."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    place = host if port is None else f"{host}:{port}"
    plain = url.isascii() and url.isprintable() and " " not in url and not parts.query and not parts.fragment
    if not plain or not host or parts.netloc.lower() != place or not re.fullmatch(hosts, place):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host == LOOPBACK)


def account_of(rig: Rig, entered: Entered, known: Contract | None) -> tuple[Account, dict[str, Fault]]:
    """Return the account that would stand, kept secrets and all, and what it lacks."""
    adapter = registry.ADAPTERS[entered.carrier]
    fresh = {name: text for name, text in entered.secrets.items() if text}
    kept: Mapping[str, str] = {}
    if known and adapter.secret - fresh.keys():
        with suppress(LoginUnusable):  # what opens no more is entered anew
            kept = rig.secrets(known)
    given = {name: text for name, text in entered.given.items() if text}
    base_url = entered.base_url.rstrip("/") or registry.address(entered.carrier, given) or ""
    account = Account(base_url, {**kept, **fresh}, given, entered.switches)
    here = {**account.secrets, **given}
    lacking = {name: Fault.MISSING for name in adapter.needs if not here.get(name)}
    if not base_url:
        lacking["base_url"] = Fault.MISSING
    if entered.carrier == "ceska_posta" and not _makes_a_row(account):
        lacking["number_first"] = Fault.ROW
    return account, lacking


def _makes_a_row(account: Account) -> bool:
    try:
        numbers.range_of(account)
    except CarrierRefused:
        return False
    return True


def is_of_account(rig: Rig, before: Contract, account: Account) -> bool:
    """Say whether a login is of the account an earlier one was of: what is in doubt is looked for under no other."""
    said = {**before.given}
    with suppress(LoginUnusable):  # a secret may be all that says whose it is; one that is gone says nothing
        said |= rig.secrets(before)
    here = {**account.given, **account.secrets}
    whose = registry.ADAPTERS[before.carrier].whose
    return before.base_url == account.base_url and all(said.get(name) == here.get(name) for name in whose)


def serials(given: Mapping[str, str], known: Contract | None) -> tuple[int | None, int] | None:
    """Return the row of numbers that begins with a login; None: none, or the one that is in use goes on as it is.

    A row that was only made longer goes on where it is: a number is never given twice.
    """
    if not given.get("number_first"):
        return None
    goes_on = known is not None and is_of_row(given, known)
    if known and goes_on and given.get(ROW[3]) == known.given.get(ROW[3]):
        return None
    return (None if goes_on else int(given["number_first"])), int(given["number_last"])


def is_of_row(given: Mapping[str, str], before: Contract) -> bool:
    """Say whether a login has the row of numbers that an earlier one had, whatever its end."""
    return before.numbered and all(given.get(name) == before.given.get(name) for name in ROW[:3])


def opened(rig: Rig, carrier: str, account: Account) -> Carrier:
    """Return the adapter for an account that is not kept yet; raise LoginUnusable."""
    try:
        return registry.opened(carrier, account, client=rig.to_carriers, now=rig.now, nap=rig.nap)
    except AccountIncomplete as lacking:
        raise LoginUnusable(str(lacking)) from None


def ask(carrier: Carrier) -> Tested:
    """Ask a carrier whether it lets us in, to all of it. Call it outside of any transaction."""
    try:
        carrier.test_all()
    except CarrierRefused as refused:
        said = {Kind.LOGIN: Said.LOGIN, Kind.ACCOUNT: Said.ACCOUNT}.get(refused.kind, Said.OTHER)
        return Tested(said, refused.why)
    except CarrierBusy as busy:
        return Tested(Said.BUSY, busy.why)
    except CarrierUnreachable as lost:
        return Tested(Said.UNREACHABLE, lost.why)
    except CarrierError as error:
        return Tested(Said.OTHER, error.why)
    except UnicodeError:  # a header holds fewer letters than a form
        return Tested(Said.LOGIN, "it holds letters that no key of this carrier has")
    return Tested(Said.WORKS)


def ables(rig: Rig, found: Mapping[str, Contract]) -> Ables:
    """Return what the carriers can under these logins, as far as they can be used."""
    able: dict[str, Able] = {}
    for code, contract in found.items():
        with suppress(LoginUnusable):
            able[code] = rig.carrier(contract).able
    return able
