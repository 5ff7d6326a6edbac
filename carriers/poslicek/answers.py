"""What Poslíček answers, as pure readers. What has another shape than the contract says is not there.

A parcel of a booking that is not told of exactly once is unclear: it may exist, and is looked for.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias, cast

from carriers import labels
from carriers.base import Booked, Cancelled, Format, Handle, Label, Parcel, Point, Taken
from carriers.errors import CarrierRefused, Fault, Kind
from carriers.poslicek import calls
from carriers.shipment import Shipment
from carriers.wire import Answer

Row: TypeAlias = Mapping[str, Any]

OUTCOMES = {204: Cancelled.DONE, 404: Cancelled.UNKNOWN, 409: Cancelled.TOO_LATE, 410: Cancelled.BEFORE}
FIELDS = {"weight_g": "boxes[0].weight_g", "point": "point.point_id", "cod": "cod.amount", "value.amount": "value"}
"""Where we keep what the carrier names in a refusal; all others have our names."""


def read_account(answer: Answer) -> None:
    """Raise what is wrong with the login; an answer that names no contract proves nothing."""
    if not text(row(answer.expect_ok().json()).get("number")):
        raise answer.unreadable("the answer names no contract")


def read_booked(answer: Answer, shipments: Sequence[Shipment]) -> list[Taken]:
    """Return what became of each shipment, in order, paired by reference alone."""
    told = rows(row(answer.expect_ok().json()).get("parcels"))
    asked = Counter(shipment.reference for shipment in shipments)
    claims = {(text(one.get("number")), text(one.get("reference"))) for one in told}
    owners = Counter(number for number, _ in claims)  # a number told of two references is nobody's
    return [_taken(answer, shipment, told, asked, owners) for shipment in shipments]


def read_found(answer: Answer, shipment: Shipment) -> Booked | None:
    """Return a shipment that was made after all; None only where every row can be read.

    Raise DUPLICATE for one that was made twice: somebody must take one back, and nobody may book a third.
    """
    listed = row(answer.expect_ok().json()).get("parcels")
    if not isinstance(listed, list):
        raise answer.unreadable("the answer has no list of parcels")
    told = [row(one) for one in cast("list[Any]", listed)]
    if not all(text(one.get("reference")) and text(one.get("number")) for one in told):
        raise answer.unreadable("a row of the list cannot be read")
    mine = {text(one.get("number")): one for one in told if one["reference"] == shipment.reference}
    if len(mine) > 1:
        why = f"{shipment.reference} is there more than once: {', '.join(sorted(mine))}"
        raise answer.refused(why, kind=Kind.DUPLICATE)
    return next((_booked(shipment, one) for one in mine.values()), None)


def read_label(answer: Answer, parcels: Sequence[Parcel]) -> Label:
    """Return the labels of one call as one file that has a page for each parcel."""
    label = Label(Format.PDF, answer.expect_ok().body, tuple(parcel.number for parcel in parcels))
    try:
        pages = labels.pages_of(label)
    except labels.Unprintable as broken:
        raise answer.unreadable(str(broken)) from None
    if pages != len(parcels):
        raise answer.unreadable(f"{pages} pages came for {len(parcels)} parcels")
    return label


def read_cancelled(answer: Answer) -> Cancelled:
    """Return what came of a cancellation."""
    if outcome := OUTCOMES.get(answer.status):
        return outcome
    raise answer.trouble()


def read_points(answer: Answer, country: str) -> Iterator[Point]:
    """Yield the points of a list; a bad or repeated one is left out, a list that breaks off is an error."""
    listed = row(answer.expect_ok().json()).get("points")
    if not isinstance(listed, list):
        raise answer.unreadable("the answer has no list of points")
    seen: set[str] = set()
    for one in rows(cast("list[Any]", listed)):
        point = _point(one, country)
        if point and point.point_id not in seen:
            seen.add(point.point_id)
            yield point


def row(value: Any) -> Row:
    return cast("Row", value) if isinstance(value, dict) else {}


def rows(value: Any) -> Sequence[Row]:
    """Return the rows of a list; what is none, is left out."""
    return [row(one) for one in cast("list[Any]", value) if isinstance(one, dict)] if isinstance(value, list) else []


def text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _taken(answer: Answer, shipment: Shipment, told: Sequence[Row], asked: Counter[str], owners: Counter[str]) -> Taken:
    """Return a booking where one number and nothing else is told of a reference that was asked for once."""
    mine = [one for one in told if text(one.get("reference")) == shipment.reference]
    numbers = {text(one.get("number")) for one in mine}
    errors = [error for one in mine for error in rows(one.get("errors"))]
    if numbers == {""} and errors:
        return _refused(answer, errors)
    number = numbers.pop() if len(numbers) == 1 and not errors else ""
    if not number or owners[number] > 1 or asked[shipment.reference] > 1:
        return answer.unreadable(f"the answer does not say what became of {shipment.reference}")
    return _booked(shipment, mine[0])


def _booked(shipment: Shipment, one: Row) -> Booked:
    number = text(one.get("number"))
    handle = Handle(calls.CODE, {"number": number})
    return Booked(shipment.reference, (Parcel(number, number, text(one.get("tracking_url")), handle),))


def _refused(answer: Answer, errors: Sequence[Row]) -> CarrierRefused:
    faults = [_fault(error) for error in errors]
    why = "; ".join(map(str, faults))
    return CarrierRefused(answer.carrier, answer.operation, why, kind=Kind.CONTENT, faults=faults)


def _fault(error: Row) -> Fault:
    field = text(error.get("field"))
    says = text(error.get("message"))[:300] or "is refused"
    return Fault(FIELDS.get(field, field) or None, text(error.get("code")), says)


def _point(one: Row, country: str) -> Point | None:
    point_id, name = text(one.get("id")), text(one.get("name"))
    if not (point_id and name) or one.get("country") != country:
        return None
    latitude, longitude = _degrees(one.get("latitude"), 90), _degrees(one.get("longitude"), 180)
    return Point(
        network=calls.CODE,
        point_id=point_id,
        kind=text(one.get("kind")),
        name=name,
        street=text(one.get("street")),
        city=text(one.get("city")),
        zip=text(one.get("zip")),
        country=country,
        latitude=None if longitude is None else latitude,
        longitude=None if latitude is None else longitude,
        is_open=one.get("open") is not False,
        takes_cod=one.get("takes_cod") if isinstance(one.get("takes_cod"), bool) else None,
        opening=text(one.get("opening")),
        raw=one,
    )


def _degrees(value: Any, most: int) -> float | None:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return float(value) if is_number and abs(value) <= most else None
