"""The parts every MyGLS answer is made of: rows, numbers, times, and errors that come with HTTP 200.

Source: docs/carriers.md 4.1 (times), 4.2 (error codes), 4.7 (numbers).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, cast

from carriers import digits
from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, Fault, Kind
from carriers.wire import Answer, whole

KINDS = {
    Kind.LOGIN: (-1, 14, 15, 27),
    Kind.UNKNOWN: (4, 5, 9, 10, 26),
    Kind.TOO_LATE: (6,),
    Kind.DUPLICATE: (18,),
    Kind.CONTENT: (1, 2, 3, 7, 8, 11, 12, 13, 22, 23, 24, 25, 28, 29, 30, 32, 33, 34, 43, 44, 48),
}
KIND: Mapping[int | None, Kind] = {code: kind for kind, codes in KINDS.items() for code in codes}
TEMPORARY = frozenset({16, 17, 19, 20, 21, 1000, 1001})
TOO_OFTEN = 31  # the same request five times in five minutes; asking at once makes it last
QUIET_S = 300.0
LONGEST_SAID = 300

FIELDS = (
    (r"DeliveryAddress\.(\w+)", "recipient"),
    (r"PickupAddress\.(\w+)", "sender"),
    (r"CODAmount|CODCurrency", "cod.amount"),
    (r"CODReference", "cod.variable_symbol"),
    (r"ClientReference", "reference"),
    (r"PSDParameter|\bPSD\b", "point"),
    (r"INSParameter|\bINS\b", "value"),
    (r"\b([A-Z0-9]{2,3})Parameter", "options"),
    (r"ParcelPropertyList|\bCount\b", "boxes"),
    (r"PickupDate", "ship_on"),
    (r"\bContent\b", "note"),
)
PARTS = {
    "Name": "name", "Street": "street", "HouseNumber": "house_number", "HouseNumberInfo": "house_number",
    "City": "city", "ZipCode": "zip", "CountryIsoCode": "country", "ContactName": "name", "ContactPhone": "phone",
    "ContactEmail": "email",
}  # fmt: skip

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WIRE_TIME = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
YEARS = range(2000, 2100)
UNKEPT = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Said:
    """One error of an answer: which of our references or GLS's ids it is about, none of either: about all."""

    code: int | None
    text: str
    references: tuple[str, ...]
    ids: tuple[str, ...]

    @property
    def is_general(self) -> bool:
        return not self.references and not self.ids


def mapping(answer: Answer) -> Mapping[str, Any]:
    """Return a good answer's object; raise what its status or its shape means."""
    body = answer.expect_ok().json()
    if not isinstance(body, dict):
        raise answer.unreadable("the answer is no object")
    return cast("dict[str, Any]", body)


def errors(body: Mapping[str, Any]) -> list[Said]:
    """Return the errors of an answer, whatever its method calls the list."""
    rows = [row for name, value in body.items() if re.search("Error(List|s)?$", name) for row in objects(value)]
    return [Said(whole(row.get("ErrorCode")), text(row.get("ErrorDescription")), *_about(row)) for row in rows]


def error(answer: Answer, said: Said) -> CarrierError:
    """Return what an error of GLS means in our words.

    A code nobody told us of is a refusal somebody must read; but not where a parcel was to be made, for nobody knows
    that none was.
    """
    code = "without a code" if said.code is None else str(said.code)
    why = f"{said.text[:LONGEST_SAID] or 'GLS gave no reason'} ({code})"
    if said.code == TOO_OFTEN:
        return CarrierBusy(answer.carrier, answer.operation, "asked too often", wait_s=QUIET_S, said=why, code=code)
    if said.code in TEMPORARY or (
        answer.makes and said.code not in KIND
    ):  # the parcel may be stored and numbered, only its label not drawn
        return answer.unreadable("GLS failed at it", said=why, code=code)
    kind = KIND.get(said.code, Kind.CONTENT)
    faults = [Fault(field(said.text), code, said.text[:LONGEST_SAID])] if kind is Kind.CONTENT else []
    return CarrierRefused(answer.carrier, answer.operation, why, kind=kind, faults=faults, code=code)


def field(said: str) -> str | None:
    """Return the field of ours an error text names, None where it names none."""
    for pattern, ours in FIELDS:
        if found := re.search(pattern, said):
            part = (found[1] if ours == "options" else PARTS.get(found[1])) if found.re.groups else None
            return f"{ours}.{part}" if part else ours
    return None


def objects(value: Any) -> list[Mapping[str, Any]]:
    """Return what of a list is an object; nothing where it is no list."""
    return [inner(row) for row in listed(value) if isinstance(row, dict)]


def listed(value: Any) -> list[Any]:
    """Return a list, an empty one for what is none."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def inner(value: Any) -> Mapping[str, Any]:
    """Return an object, an empty one for what is none."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def text(value: Any) -> str:
    """Return text without what no database keeps, a number as its digits, nothing for what is neither."""
    if isinstance(value, str):
        return UNKEPT.sub("", value).strip()
    number = whole(value)
    return "" if number is None else str(number)


def has_text(value: Any) -> bool:
    """Say whether there is text anywhere in it."""
    if isinstance(value, dict):
        return any(has_text(one) for one in cast("dict[str, Any]", value).values())
    if isinstance(value, list):
        return any(has_text(one) for one in cast("list[Any]", value))
    return isinstance(value, str) and bool(text(value))


def number_of(row: Mapping[str, Any]) -> str | None:
    """Return the eleven digits customers and tracking use; None where there are none with a right check digit.

    `PrintDataInfo` has the ten digits in `ParcelNumber` and all in a field of their own (4.7).
    """
    for name in ("ParcelNumberWithCheckdigit", "ParcelNumber"):
        number = whole(row.get(name))
        if number:
            return checked(str(number))
    return None


def checked(number: str) -> str | None:
    """Return a number with its check digit, which ten digits lack; None for any other."""
    if not re.fullmatch(r"[0-9]{10,11}", number):
        return None
    due = number[:10] + digits.gls(number[:10])
    return due if number in (due, due[:10]) else None


def id_of(row: Mapping[str, Any]) -> str | None:
    """Return GLS's own id of a parcel, which is of 32 bits."""
    number = whole(row.get("ParcelId"))
    return str(number) if number and 0 < number < 2**31 else None


def moment(value: Any, zone: tzinfo) -> datetime | None:
    """Return a time; one written out without an offset is of that zone. None: it cannot be read, or means nothing."""
    if not isinstance(value, str):
        return None
    try:
        if found := WIRE_TIME.fullmatch(value.strip()):
            at = EPOCH + timedelta(milliseconds=int(found[1]))
        else:
            at = datetime.fromisoformat(value.strip())
    except (ValueError, OverflowError):
        return None
    if at.year not in YEARS:  # the empty time of .NET is the year 1
        return None
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _about(row: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    references, ids = (map(text, listed(row.get(name))) for name in ("ClientReferenceList", "ParcelIdList"))
    return tuple(filter(None, references)), tuple(filter(None, ids))
