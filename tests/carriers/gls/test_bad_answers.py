"""Whatever GLS answers, a reader ends in our words, and a number never goes to another's shipment."""

import copy
import json
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from carriers.base import Booked, Format
from carriers.errors import CarrierError
from carriers.gls import answers, points, scans
from carriers.labels import pages_of
from tests.carriers.gls import bench
from tests.carriers.many import MANY

PRAGUE = ZoneInfo("Europe/Prague")
FOUR = bench.shipments(4)
REFUSED_ONE = bench.created(3, bench.zpl(*map(bench.number, range(3)))) | {
    "PrintLabelsErrorList": [bench.refusal(13, "R-3", says="DeliveryAddress.ZipCode")]
}
LISTED = {"GetParcelListErrors": [], "PrintDataInfoList": bench.created(4)["PrintLabelsInfoList"]}
DELETED = {
    "SuccessfullyDeletedList": [{"ParcelId": 1000, "SubParcelIdList": [1001]}],
    "DeleteLabelsErrorList": [bench.refusal(6, ids=[1002])],
}
JUNK = [
    *(None, "", " ", "null", "R-0", "R-1", "x" * 500, "\u0000", "<b>", True, False, [], {}, [None], [[]], {"a": {}}),
    *(0, -1, 5, 255, 256, 31, 1000, 1001, 1e300, 1.5, 2**31, 2**64, 10**400, int(bench.number(1)), bench.number(2)),
    *("/Date(1)/", "/Date(-99999999999999)/", "/Date(x)/", "2026-03-05T10:00:00", "9999-12-31T23:59:59-23:59"),
]


def spots(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place of an answer as its holder and its key there; of a label's bytes only the first ones."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value[:8]) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        yield value, key
        yield from spots(inner)


@st.composite
def spoiled(draw: st.DrawFn, good: Any) -> bytes:
    """Draw an answer with one to four faults, one in six of them cut off or no JSON at all."""
    body = copy.deepcopy(good)
    for _ in range(draw(st.integers(1, 4))):
        if found := list(spots(body)):
            spoil(body, *draw(st.sampled_from(found)), draw(st.sampled_from(["drop", "twice", *JUNK])))
    raw = json.dumps(body).encode()
    how = draw(st.integers(0, 11))
    if how == 0:
        return raw[: draw(st.integers(0, len(raw)))]
    return b"<html>" + raw if how == 1 else raw


def spoil(body: Any, holder: Any, key: Any, how: Any) -> None:
    if how == "drop":
        del holder[key]
    elif how == "twice" and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))
    else:
        holder[key] = copy.deepcopy(how)


def owners(raw: bytes) -> dict[str, set[str]]:
    """Return whose each number is by the answer itself."""
    rows = json.loads(raw).get("PrintLabelsInfoList")
    found: dict[str, set[str]] = {}
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict):
            found.setdefault(body_of(row), set()).add(str(row.get("ClientReference")))
    return found


def body_of(row: Any) -> str:
    """Return a row's number without its check digit, which ten digits lack."""
    return str(row.get("ParcelNumber"))[:10]


@MANY
@given(spoiled(REFUSED_ONE), st.sampled_from(list(Format)))
def test_no_bad_answer_breaks_a_batch_or_mixes_up_two_shipments(raw: bytes, kind: Format) -> None:
    try:
        taken = answers.read_created(bench.answer(raw, makes=True), FOUR, kind)
    except CarrierError:
        return

    said = owners(raw)
    assert len(taken) == len(FOUR)
    for shipment, one in zip(FOUR, taken, strict=True):
        if isinstance(one, Booked):
            assert one.reference == shipment.reference
            assert [said[parcel.number[:10]] for parcel in one.parcels] == [{shipment.reference}]
            assert one.label is None or one.label.covers == tuple(parcel.number for parcel in one.parcels)
        else:
            assert isinstance(one, CarrierError)


@MANY
@given(spoiled(LISTED))
def test_no_bad_list_finds_what_is_another_s(raw: bytes) -> None:
    try:
        found = answers.read_found(bench.answer(raw), FOUR[0])
    except CarrierError:
        return

    rows = json.loads(raw)["PrintDataInfoList"]
    mine = [row for row in rows if isinstance(row, dict) and row.get("ClientReference") == "R-0"]
    assert (found is None) == (not mine)
    if found:
        assert {body_of(row) for row in mine} == {parcel.number[:10] for parcel in found.parcels}


@MANY
@given(spoiled({"Labels": list(bench.zpl("1")), "GetPrintedLabelsErrorList": []}), st.sampled_from(list(Format)))
def test_no_bad_reprint_is_a_label(raw: bytes, kind: Format) -> None:
    try:
        label = answers.read_printed(bench.answer(raw), kind, [bench.number(0)])
    except CarrierError:
        return

    assert pages_of(label)


@MANY
@given(spoiled(DELETED))
def test_no_bad_deletion_is_believed_in_part(raw: bytes) -> None:
    parcels = [bench.parcel(place) for place in range(3)]
    try:
        outcome = answers.read_deleted(bench.answer(raw), parcels)
    except CarrierError:
        return

    assert len(outcome) == len(parcels)


@MANY
@given(spoiled(bench.STATUSES))
def test_no_bad_status_breaks_the_tracking(raw: bytes) -> None:
    try:
        tracked = scans.read_statuses(bench.answer(raw), "31177007966", PRAGUE)
    except CarrierError:
        return

    assert tracked.number == "31177007966"
    assert [scan.at for scan in tracked.scans] == sorted(scan.at for scan in tracked.scans)


@MANY
@given(spoiled({"ParcelList": [bench.STATUSES, bench.STATUSES | {"ParcelNumber": int(bench.number(1))}]}))
def test_no_bad_list_of_statuses_tells_of_another_or_breaks_the_tracking(raw: bytes) -> None:
    numbers = ["31177007966", bench.number(1), bench.number(2)]
    try:
        tracked = scans.read_many(bench.answer(raw), numbers, PRAGUE)
    except CarrierError:
        return

    assert [one.number for one in tracked] == numbers
    assert all([scan.at for scan in one.scans] == sorted(scan.at for scan in one.scans) for one in tracked)


@MANY
@given(spoiled({"Successful": True, "ModifyCODErrorList": []}))
def test_no_bad_answer_is_a_changed_amount(raw: bytes) -> None:
    try:
        answers.read_changed(bench.answer(raw, makes=True))
    except CarrierError:
        return

    assert json.loads(raw)["Successful"] is True


@MANY
@given(spoiled(bench.STATUSES))
def test_no_bad_status_names_a_country_of_its_own(raw: bytes) -> None:
    try:
        country = scans.read_country(bench.answer(raw))
    except CarrierError:
        return

    assert country


@MANY
@given(spoiled(bench.POINTS))
def test_no_bad_point_breaks_the_list(raw: bytes) -> None:
    try:
        found = list(points.read_points(bench.answer(raw), "CZ"))
    except CarrierError:
        return

    assert all(point.point_id and point.name for point in found)
