"""What an answer of Balíkobot says as a whole, and what its words mean (docs/carriers.md 6.2).

It answers 200 and an error in one breath, so that the body decides; numbers may be text and text may be numbers.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypeGuard, cast

from carriers.balikobot.fields import OF_THE_BOX, OURS
from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, CarrierUnreachable, Fault, Kind
from carriers.wire import Answer

Row: TypeAlias = Mapping[str, Any]

MADE, MADE_BEFORE, NO_SUCH, ORDERED, LIVE_ONLY = 200, 208, 404, 405, 423
BUSY = frozenset({426, 429, 503})  # their carrier is away, or we ask too often: nothing was done
MEANINGS: Mapping[int, tuple[Kind, str]] = {
    400: (Kind.CONTENT, "something in the request is wrong"),
    401: (Kind.LOGIN, "the API user or key is wrong"),
    403: (Kind.ACCOUNT, "this carrier is not activated for these keys"),
    404: (Kind.UNKNOWN, "there is no such package, or it was dealt with before"),
    405: (Kind.TOO_LATE, "it is already ordered"),
    406: (Kind.CONTENT, "something is missing"),
    409: (Kind.ACCOUNT, "the profile in Balíkobot is not complete, or settings do not go together"),
    413: (Kind.CONTENT, "something has a wrong form or a value that is not allowed"),
    416: (Kind.CONTENT, "a date is wrong"),
    423: (Kind.ACCOUNT, "only live keys may do that, these are for testing"),
    501: (Kind.UNSUPPORTED, "Balíkobot cannot do that for this carrier"),
}
FIELD_CODES = {
    "406": "is missing",
    "409": "does not go together with another field",
    "413": "has a wrong form or a value that is not allowed",
    "416": "is no possible date",
}
NO_FIELDS = frozenset({"status", "package_id", "carrier_id"})
NUMBER_RANGE = "service_range"  # missing or used up: the account's trouble, whatever the code

LONGEST_TEXT, LONGEST_ID = 1_000, 100


def text(value: Any, most: int = LONGEST_TEXT) -> str:
    """Return text of theirs without what no database or printer takes; anything else than text is empty."""
    if not isinstance(value, str):
        return ""
    return re.sub(r"[\x00-\x1f\x7f]", " ", value[:most]).strip().encode("utf-8", "replace").decode()


def identity(value: Any) -> str:
    """Return an id of theirs, which may be a number or text; empty for a float, a truth, or what is too long."""
    plain = str(value) if isinstance(value, int) and not isinstance(value, bool) else text(value, LONGEST_ID + 1)
    return plain if len(plain) <= LONGEST_ID else ""


def status_of(value: Any) -> int | None:
    """Return a status, which may be a number or text; None for anything else."""
    plain = identity(value)
    return int(plain) if re.fullmatch(r"\d{1,3}", plain, re.ASCII) else None


def row(value: Any) -> Row:
    """Return a JSON object as it is, and an empty one for anything else."""
    return cast("Row", value) if isinstance(value, dict) else {}


def rows_in(value: Any) -> list[Row]:
    """Return the objects of a JSON list, each in its place; none for anything else."""
    return [row(one) for one in cast("list[Any]", value)] if isinstance(value, list) else []


def said(answer: Answer) -> tuple[int, Row]:
    """Return the status an answer means, the worse of HTTP's and its own, and its body; raise where it has none."""
    if answer.status == 429:
        raise answer.trouble()
    try:
        told = answer.json()
    except CarrierUnreachable:
        if answer.status < 300:
            raise
        raise answer.trouble() from None
    body = row({"packages": told} if isinstance(told, list) else told)
    status = status_of(body.get("status", answer.status)) if body else None
    if status is None or (answer.status >= 300 and "status" not in body):
        raise answer.unreadable("the answer names no status") if answer.status < 300 else answer.trouble()
    if not (200 <= answer.status < 300 or 400 <= answer.status < 500 or status in BUSY):
        raise answer.trouble()
    return max(status, answer.status if answer.status >= 400 else 0), body


def done(answer: Answer) -> Row:
    """Return the body of an answer that says that it was done, now or before; raise what it says instead."""
    status, body = said(answer)
    if status not in (MADE, MADE_BEFORE):
        raise trouble(answer, status)
    return body


def trouble(answer: Answer, status: int, faults: Sequence[Fault] = (), *, is_account: bool = False) -> CarrierError:
    """Return what a status of theirs means for the whole call or one package; an unknown one is no answer."""
    if status in BUSY:
        why = f"the carrier behind Balíkobot is away ({status})"
        return CarrierBusy(answer.carrier, answer.operation, why, wait_s=answer.wait_s())
    if status not in MEANINGS and not faults:
        return answer.unreadable(f"Balíkobot answered {status}")
    kind, why = MEANINGS.get(status, MEANINGS[400])
    if faults:
        kind, why = Kind.CONTENT, "; ".join(map(str, faults))
    if is_account:
        kind = Kind.ACCOUNT
    said_by = f"{why} ({status})"
    return CarrierRefused(answer.carrier, answer.operation, said_by, kind=kind, faults=faults, code=str(status))


def wants_rest(error: CarrierError) -> TypeGuard[CarrierBusy]:
    """Say whether we ask too often under this login: that alone says for how long (6.2), a shipper that is away not."""
    return isinstance(error, CarrierBusy) and error.wait_s is not None


def rows_of(body: Row) -> list[Row]:
    """Return the packages of an answer in its order; older carriers number them at the top level, from 0."""
    packages = body.get("packages")
    if isinstance(packages, list):
        return rows_in(packages)
    numbers, rows = row(packages) or body, list[Row]()
    while (place := str(len(rows))) in numbers:
        rows.append(row(numbers[place]))
    return rows


def refusal(answer: Answer, told: Row, place: int, status: int) -> CarrierError:
    """Return what is said of the box at `place` of a shipment."""
    return trouble(answer, status, faults_of(told, place), is_account=NUMBER_RANGE in told)


def faults_of(told: Row, place: int) -> list[Fault]:
    """Return the fields that are wrong with the box at `place`: codes beside them, or texts (SINGLE)."""
    coded = [
        _fault(name, place, code, FIELD_CODES[code])
        for name, value in told.items()
        if name not in NO_FIELDS and (code := identity(value)) in FIELD_CODES
    ]
    worded = [
        _fault(text(one.get("attribute")), place, identity(one.get("type")), text(one.get("message")))
        for one in rows_in(told.get("errors"))
    ]
    return coded + worded


def _fault(name: str, place: int, code: str, says: str) -> Fault:
    field = field_of(name, place)
    return Fault(field, code, says, theirs="" if field else text(name, LONGEST_ID))


def field_of(name: str, place: int) -> str | None:
    """Return our name of a field of theirs; None for one that is not ours."""
    return f"boxes[{place}].{OF_THE_BOX[name]}" if name in OF_THE_BOX else OURS.get(name)
