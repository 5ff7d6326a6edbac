"""How a call is read, who may make it, and how it is answered: always 200 with a list of errors (carriers.md 4.1, 4.2).

The contract tells groups of codes and what they mean together; which code of a group stands for what is a guess, but
for the long row of validation, whose codes and meanings stand in one order. 18 (label already generated) is never
said: printing again is allowed (4.3), and the contract names no other call that could run into it.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from simulator.carriers.gls import dates
from simulator.carriers.wire import Request, Unreadable
from simulator.carriers.world import Account, Parcel, World

UNAUTHORIZED, FOREIGN_CLIENT, NOT_ACTIVE = -1, 14, 15
NO_PARCELS, NO_IDS, NO_PARCEL, NO_NUMBER, NO_PART = 2, 3, 7, 11, 12
ID_UNKNOWN, NUMBER_UNKNOWN, ID_FOREIGN, NUMBER_FOREIGN, NOT_ASSIGNED = 4, 5, 9, 10, 26
NOT_PRINTED, INVALID, TOO_MANY = 6, 13, 22
PICKUP_INTERVAL, PRINT_INTERVAL = 24, 25
REPEATED = 31

MAKING = frozenset({"PrepareLabels", "PrepareLabelsV2", "PrintLabels", "GetPrintedLabels"})
LOGIN = ("Username", "Password")
MOST_REPEATS, REPEATS_WITHIN = 5, timedelta(minutes=5)
MOST_KEPT = 10_000
INT32, INT64 = 2**31 - 1, 2**63 - 1


@dataclass(frozen=True, slots=True)
class Error:
    """One row of an error list; `references` and `ids` name the parcels it is about."""

    code: int
    text: str
    references: tuple[str, ...] = ()
    ids: tuple[int, ...] = ()


Done: TypeAlias = tuple[dict[str, Any], Sequence[Error]]


class Refused(Exception):
    """Nothing of the call is done; the errors say why."""

    def __init__(self, *errors: Error) -> None:
        super().__init__(*errors)
        self.errors = errors


class Stranger(Exception):
    """Nobody of this name."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that is logged in; `body` has decimal numbers exact, and no member that is null."""

    world: World
    account: Account
    body: Mapping[str, Any]
    request: Request

    def objects(self, name: str) -> list[dict[str, Any]]:
        """Return a list of objects, refused where it is empty."""
        found = _typed(self.body.get(name, []), list, name)
        if not found:
            raise Refused(Error(NO_PARCELS, f"{name} is empty."))
        return [_typed(one, dict, name) for one in found]

    def integers(self, name: str, *, most: int, beyond: int) -> list[int]:
        """Return whole numbers up to `beyond`, each once; refused where there are none."""
        found = [integer(one, name, beyond) for one in _typed(self.body.get(name, []), list, name)]
        if not found:
            raise Refused(Error(NO_IDS, f"{name} is empty."))
        if len(found) > most:
            code = TOO_MANY if self.request.operation == "DeleteLabels" else INVALID
            raise Refused(Error(code, f"{name} has more than {most} items."))
        return [*dict.fromkeys(found)]

    def date(self, name: str) -> datetime | None:
        """Return a time, None where there is none."""
        at = dates.read(self.body.get(name))
        if at is None and name in self.body:
            raise Unreadable(f"{name} is not a date")
        return at

    def boolean(self, name: str) -> bool:
        """Return a truth, False where none is told."""
        return _typed(self.body.get(name, False), bool, name)

    def numbered(self, number: int) -> Parcel | Error:
        """Return the parcel of this account with a number, its check digit included."""
        parcel = self.world.parcels.get(str(number))
        # guess: a label that was deleted is unknown from then on
        if parcel is None or self.world.is_cancelled(parcel):
            return Error(NUMBER_UNKNOWN, f"Parcel number {number} does not exist.")
        if parcel.account != self.account.name:
            return Error(NUMBER_FOREIGN, f"Parcel number {number} is not yours.")
        return parcel


@dataclass(frozen=True, slots=True)
class Method:
    """A method: what does it, the name of its error list, the rest of its answer where nothing was done.

    `takes`: the members of its body besides the login, None for any. `is_single`: SINGLE in the contract.
    """

    act: Callable[[Asked], Done]
    errors: str
    empty: Mapping[str, Any]
    takes: frozenset[str] | None
    needs_engine: bool = False
    is_single: bool = False


def read(world: World, country: str, request: Request, method: Method) -> Asked:
    """Return a call; raise Unreadable, Stranger or Refused for one that is not to be done."""
    body = _body(request)
    account = _logged_in(world, country, body)
    if not account.given.get("active", True):
        raise Refused(Error(NOT_ACTIVE, "The user may not use this service."))
    if method.takes is not None:
        _hold_to(method.takes, body)
    if method.needs_engine and not str(body.get("WebshopEngine", "")).strip():
        raise Refused(Error(NO_PART, "WebshopEngine is missing."))
    # guess: only methods that make something are held against being repeated; the contract does not say which are
    if request.operation in MAKING:
        _count(world, account, request, body)
    told = {name: value for name, value in body.items() if value is not None}
    return Asked(world, account, told, request)


def merged(errors: Iterable[Error]) -> list[dict[str, Any]]:
    """Return rows of an error list; the same error of several parcels is one row."""
    rows: dict[tuple[int, str], dict[str, Any]] = {}
    for one in errors:
        new = {"ErrorCode": one.code, "ErrorDescription": one.text, "ClientReferenceList": [], "ParcelIdList": []}
        row = rows.setdefault((one.code, one.text), new)
        for name, told in (("ClientReferenceList", one.references), ("ParcelIdList", one.ids)):
            row[name] += [value for value in told if value not in row[name]]
    return [*rows.values()]


def integer(value: object, name: str, beyond: int) -> int:
    """Return a whole number of 32 or 64 bits, or raise Unreadable."""
    if type(value) is not int or not -beyond - 1 <= value <= beyond:
        raise Unreadable(f"{name} is not a whole number of {beyond.bit_length() + 1} bits")
    return value


def plain(value: Any) -> Any:
    """Return what was read as JSON can write it."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return float(value) if isinstance(value, Decimal) else value


def _body(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Unreadable("the content type is not application/json")
    try:
        body = json.loads(request.body, parse_float=Decimal, parse_constant=_no_number)
        json.dumps(body, ensure_ascii=False, default=str).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError) as wrong:
        raise Unreadable(str(wrong)) from wrong
    return _typed(body, dict, "the body")


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")


def _typed(value: Any, kind: type, name: str) -> Any:
    if not isinstance(value, kind):
        raise Unreadable(f"{name} is not what it has to be")
    return value


def _logged_in(world: World, country: str, body: Mapping[str, Any]) -> Account:
    """Return who calls.

    Bad logins are answered by 401 and by 200 with -1 (both seen). Guess: the first where the name is unknown, the
    second where the password is wrong, so that a client meets both.
    """
    told = _typed(body.get("Password") or [], list, "Password")
    if any(type(one) is not int or not 0 <= one <= 255 for one in told):
        raise Unreadable("Password is not a list of bytes")
    known = (a for a in world.accounts.values() if a.given["country"] == country)
    account = next((a for a in known if a.login["username"] == body.get("Username")), None)
    if account is None:
        raise Stranger
    if not hmac.compare_digest(hashlib.sha512(account.login["password"].encode()).digest(), bytes(told)):
        raise Refused(Error(UNAUTHORIZED, "Unauthorized"))
    return account


def _hold_to(takes: frozenset[str], body: Mapping[str, Any]) -> None:
    """Refuse members a method does not have; `ClientNumberList` is not to be sent (4.1)."""
    # guess: that they are refused; the real service may pass over them
    unknown = sorted(body.keys() - takes - {*LOGIN, "WebshopEngine"})
    if unknown:
        raise Refused(*(Error(INVALID, f"Request validation issue: {name}") for name in unknown))


def _count(world: World, account: Account, request: Request, body: Mapping[str, Any]) -> None:
    """Refuse a request made for the fifth time within five minutes; those refused count too."""
    asked: dict[bytes, list[datetime]] = world.bag.setdefault("asked", {})
    text = json.dumps([account.name, request.operation, body], sort_keys=True, default=str)
    key, since = hashlib.sha256(text.encode()).digest(), request.at - REPEATS_WITHIN
    if len(asked) > MOST_KEPT:
        for old in [one for one, times in asked.items() if times[-1] <= since]:
            del asked[old]
    times = asked[key] = [*(at for at in asked.get(key, ()) if at > since), request.at]
    if len(times) >= MOST_REPEATS:
        raise Refused(Error(REPEATED, f"The same request was sent {len(times)} times in 5 minutes."))
