"""Whatever the carrier answers, a reader ends in our words, and a number never goes to another's shipment."""

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from carriers.base import Booked
from carriers.errors import CarrierError
from carriers.poslicek import answers, tracking
from tests.carriers.many import MANY
from tests.carriers.poslicek.wire import HOME, answer, parcel, recorded

SHIPMENTS = [replace(HOME, reference=f"R-{n}") for n in range(4)]
NUMBERS = [f"77000000000{n}" for n in range(4)]
BOOKED = {"parcels": [{"reference": f"R-{n}", "number": number} for n, number in enumerate(NUMBERS[:3])]}
BOOKED["parcels"].append({"reference": "R-3", "errors": [{"field": "note", "code": "x", "message": "y"}]})
JUNK = [
    *(
        None,
        "",
        " ",
        "null",
        "R-0",
        "R-1",
        NUMBERS[0],
        "x" * 500,
        "\u0000",
        True,
        False,
        [],
        {},
        [None],
        [[]],
        {"a": {}},
    ),
    *(0, -1, 1e300, 1.5, 2**64, 10**400, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-23:59", "2026-03-05"),
]


def spots(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place of an answer as its holder and its key there."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        yield value, key
        yield from spots(inner)


@st.composite
def spoiled(draw: st.DrawFn, good: Any) -> bytes:
    """Draw an answer with one to four faults, some of them cut off or no JSON at all."""
    body = copy.deepcopy(good)
    for _ in range(draw(st.integers(1, 4))):
        if found := list(spots(body)):
            spoil(*draw(st.sampled_from(found)), draw(st.sampled_from(["drop", "twice", *JUNK])))
    raw = json.dumps(body).encode()
    how = draw(st.integers(0, 11))
    if how == 0:
        return raw[: draw(st.integers(0, len(raw)))]
    return b"<html>" + raw if how == 1 else raw


def spoil(holder: Any, key: Any, how: Any) -> None:
    if how == "drop":
        del holder[key]
    elif how == "twice" and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))
    else:
        holder[key] = copy.deepcopy(how)


def owners(raw: bytes) -> dict[Any, set[Any]]:
    """Return whose each number is by the answer itself."""
    found: dict[Any, set[Any]] = {}
    for row in json.loads(raw)["parcels"]:
        if isinstance(row, dict) and isinstance(row.get("number"), str) and isinstance(row.get("reference"), str):
            found.setdefault(row["number"].strip(), set()).add(row["reference"].strip())
    return found


@given(raw=spoiled(BOOKED))
@MANY
def test_each_shipment_gets_its_own_number_or_an_error(raw: bytes) -> None:
    try:
        taken = answers.read_booked(answer(raw, makes=True), SHIPMENTS)
    except CarrierError:
        return

    assert len(taken) == len(SHIPMENTS)
    assert all(isinstance(each, Booked | CarrierError) for each in taken)
    for shipment, each in zip(SHIPMENTS, taken, strict=True):
        if isinstance(each, Booked):
            assert owners(raw)[each.parcels[0].number] == {shipment.reference}


@given(raw=spoiled(BOOKED))
@MANY
def test_what_is_found_is_ours(raw: bytes) -> None:
    try:
        found = answers.read_found(answer(raw, "find"), SHIPMENTS[0])
    except CarrierError:
        return

    assert found is None or "R-0" in owners(raw)[found.parcels[0].number]


@given(raw=spoiled(recorded("track.answer")))
@MANY
def test_events_are_told_in_our_words(raw: bytes) -> None:
    try:
        told = tracking.read_tracked(answer(raw, "track"), [parcel(number) for number in NUMBERS])
    except CarrierError:
        return

    assert [each.number for each in told] == NUMBERS
    assert all(scan.at.tzinfo for each in told for scan in each.scans)


@given(raw=spoiled(recorded("points.answer")))
@MANY
def test_points_are_whole_or_left_out(raw: bytes) -> None:
    try:
        points = list(answers.read_points(answer(raw, "points"), "CZ"))
    except CarrierError:
        return

    assert all(point.point_id and point.name and point.country == "CZ" for point in points)
