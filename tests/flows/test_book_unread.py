"""Answers that came and cannot be read: what was asked about bears it, not its login and not its neighbours."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import httpx
import pytest
from pypdf import PdfWriter

from carriers.base import Booked, Handle, Parcel
from service import bookings, contracts, journal
from service.bookings import Parked, State
from service.flows import book
from service.journal import Kind
from service.lanes import Lane
from service.problems import Cause
from service.steps import carriage, labelling
from service.steps.later import TRIES
from tests.carriers.kit import SORTS
from tests.flows.counter import Counter, counter

READY = State.READY.value
HOURS = 3_600
HTML = b"<html><body>The service is being maintained.</body></html>"

Change = Callable[[httpx.Request], httpx.Response | None]


def answering(at: Counter, change: Change) -> None:
    """Put other answers in the place of the carriers' own, where `change` has one."""
    carriers = at.town.rig.carriers
    assert isinstance(carriers, httpx.MockTransport)
    own = carriers.handler
    handler = httpx.MockTransport(lambda request: change(request) or own(request))  # pyright: ignore[reportArgumentType]
    at.town.rig = replace(at.town.rig, carriers=handler)


def no_pages() -> bytes:
    out = BytesIO()
    PdfWriter().write(out)
    return out.getvalue()


def is_about(request: httpx.Request, *texts: str) -> bool:
    return all(text in str(request.url) or text.encode() in request.content for text in texts)


def asks_of(at: Counter, code: str, operation: str) -> int:
    return sum(call.operation == operation for call in at.worlds[code].ledger)


def breaker(at: Counter, code: str) -> contracts.Breaker | None:
    contract_id = at.contracts[code].contract_id
    with at.town.rig.db.tx(at.tenant) as conn:
        return contracts.standing(conn, [contract_id], Lane.BOOK).get(contract_id)


# Where labels are asked for, and what a broken one is.
BROKEN = [
    ("packeta", "packetLabelPdf", 200, HTML),
    ("ppl", "/data/", 200, b""),
    ("dpd_cz", "/parcels/labels", 200, no_pages()),
    ("dpd_cz", "/parcels/labels", 400, b'{"code": "E1", "message": "No label of that parcel"}'),
]


@pytest.mark.parametrize(("code", "place", "status", "body"), BROKEN, ids=["html", "empty", "no page", "refused"])
def test_a_label_that_never_comes_is_a_persons_and_brakes_no_other(
    town, code: str, place: str, status: int, body: bytes
) -> None:
    at = counter(town, code, count=12)
    asked = at.wants(code, 8)
    first: list[bytes] = []  # of PPL's no address says whose label lies there
    times: list[int] = []

    def broken(request: httpx.Request) -> httpx.Response | None:
        if not is_about(request, place):
            return None
        if code == "dpd_cz":
            is_it = is_about(request, at.numbers(asked[3])[0])
        else:
            first[:] = first or [str(request.url).encode() + request.content]
            is_it = first == [str(request.url).encode() + request.content]
        times.extend([1] * is_it)
        return httpx.Response(status, content=body) if is_it else None

    answering(at, broken)

    at.work(20)
    assert sorted(at.states(asked)) == ["booked", *[READY] * 7]
    assert breaker(at, code) is None
    more = at.wants(code, 2)
    at.work(1_200, step_s=30)

    [bad] = [at.stands(each) for each in asked if at.stands(each).state is not State.READY]
    assert (bad.state, bad.parked) == (State.PARKED, Parked.FAILING)
    assert at.states(more) == [READY] * 2
    assert at.causes() == {Cause.LABEL_REFUSED}
    assert len(times) <= TRIES + 4  # in ever smaller calls, then alone


def test_a_carrier_that_shows_a_notice_to_everybody_is_down_itself(town) -> None:
    at = counter(town, "packeta")
    faults = at.worlds["packeta"].faults
    faults.add("down", operation="packetLabelPdf")
    asked = at.wants("packeta", 2)
    at.turn()
    faults.add("html", calls=None)

    at.work(HOURS / 2, step_s=60)
    assert [(at.stands(each).state, at.stands(each).tries) for each in asked] == [(State.BOOKED, 0)] * 2
    assert at.causes() == {Cause.CARRIER_DOWN}
    faults.clear()
    at.work(300)

    assert at.states(asked) == [READY] * 2
    assert at.causes() == set()


# What each of them looks for parcels with, and how that cannot be read.
UNREAD = [("ppl", "GET /shipment", "html"), ("gls", "GetParcelList", "nulls")]


@pytest.mark.parametrize(("code", "operation", "kind"), UNREAD)
def test_a_look_up_that_can_never_be_read_ends_with_a_person(town, code: str, operation: str, kind: str) -> None:
    at = counter(town, code)
    at.strikes(code, "dropped")
    at.worlds[code].faults.add(kind, operation=operation, calls=None)
    [doubted] = at.wants(code)
    at.turn()

    at.work(120, step_s=30)
    good = at.wants(code, 2)
    at.work(1_200, step_s=30)

    bad = at.stands(doubted)
    assert (bad.state, bad.parked) == (State.PARKED, Parked.UNCLEAR)
    assert bad.why
    assert bad.creates == 1
    assert at.states(good) == [READY] * 2
    assert at.causes() == {Cause.LABEL_UNCLEAR}
    assert TRIES <= asks_of(at, code, operation) <= 3 * TRIES


def test_a_batch_nobody_can_read_of_is_asked_for_ever_more_rarely_and_ends_with_a_person(town) -> None:
    at = counter(town, "ppl")
    at.worlds["ppl"].faults.add("html", operation=SORTS["ppl"].lists, calls=None)
    [each] = at.wants("ppl")

    at.work(3 * HOURS, step_s=120)

    assert at.stands(each).parked is Parked.UNCLEAR
    assert at.causes() == {Cause.LABEL_UNCLEAR}
    assert breaker(at, "ppl") is None
    assert asks_of(at, "ppl", SORTS["ppl"].lists) < 40


def test_a_second_number_of_a_booking_that_has_one_is_told(town) -> None:
    at = counter(town, "packeta")
    [each] = at.wants("packeta")

    def booked_meanwhile() -> None:  # a person had looked too soon, and let it go once more
        before = at.stands(each)
        second = at.town.rig.carrier(at.contracts["packeta"]).book([carriage.shipment_of(before.content or {})])
        made = [(before, one) for one in second if isinstance(one, Booked)]
        with town.rig.db.tx(at.tenant) as conn:
            labelling.booked(conn, at.tenant, made, sheets={}, now=town.watch())

    left = [booked_meanwhile]
    own = at.town.rig.carriers
    assert isinstance(own, httpx.MockTransport)

    def late(request: httpx.Request) -> httpx.Response | None:
        if not (is_about(request, "createPacket") and left):
            return None
        answer = own.handler(request)
        left.pop()()
        return answer  # pyright: ignore[reportReturnType]

    answering(at, late)
    at.work(10)

    [[first, second]] = [sorted(numbers, key=int) for numbers in at.worlds["packeta"].made().values()]
    assert at.numbers(each) == [f"Z{second.zfill(10)}"]
    assert at.causes() == {Cause.PARCEL_STRAY}
    number = at.stands(each).order_number
    with town.rig.db.tx(at.tenant) as conn:
        told = list(journal.timeline(conn, at.tenant, number))
    assert [entry.detail["numbers"] for entry in told if entry.kind is Kind.LABEL_UNCLEAR] == [[f"Z{first.zfill(10)}"]]


def test_a_number_that_is_told_twice_is_no_second_number(town) -> None:
    at = counter(town, "packeta")
    [each] = at.wants("packeta")
    at.work(10)
    now = at.stands(each)
    with town.rig.db.tx(at.tenant) as conn:
        boxes = bookings.boxes(conn, at.tenant, [each])[each]
        same = [Parcel(box.number, box.barcode, box.tracking_url, Handle(box.carrier, box.handle)) for box in boxes]
        labelling.booked(conn, at.tenant, [(now, Booked(now.reference, tuple(same)))], sheets={}, now=town.watch())

    assert at.causes() == set()


def test_a_number_of_another_parcel_is_believed_of_the_first_alone(town) -> None:
    at = counter(town, "packeta")
    asked: list[bytes] = []
    own = at.town.rig.carriers
    assert isinstance(own, httpx.MockTransport)

    def same(request: httpx.Request) -> httpx.Response | None:
        if not is_about(request, "createPacket"):
            return None
        if not asked:
            answer = own.handler(request)
            asked.append(answer.content)  # pyright: ignore[reportAttributeAccessIssue]
        return httpx.Response(200, content=asked[0])

    answering(at, same)
    beside = at.wants("packeta", 2)  # one number twice, in one call
    at.work(30)
    [later] = at.wants("packeta")
    boxes = at.shipment("packeta", "any", "any").boxes * 2
    [several] = at.wants("packeta", boxes=boxes)
    at.work(120)

    assert sorted(at.states(beside)) == ["parked", READY]
    assert [at.stands(each).parked for each in (later, several)] == [Parked.UNCLEAR] * 2
    assert "of another booking" in (at.stands(later).why or "")
    assert at.causes() == {Cause.LABEL_UNCLEAR}


def test_one_number_for_two_boxes_is_left_to_a_person(town) -> None:
    at = counter(town, "packeta")
    [each] = at.wants("packeta", boxes=at.shipment("packeta", "any", "any").boxes * 2)
    with town.rig.db.tx(at.tenant) as conn:
        ways = bookings.Ways(finds=False, repeats=False)
        contract_id, now = at.contracts["packeta"].contract_id, town.watch()
        claimed = bookings.claim(conn, at.tenant, contract_id, ways=ways, most=lambda _: 1, now=now, lease_s=45)
        one = Parcel("Z0000000042", "Z0000000042", "", Handle("packeta", {"packet_id": "42"}))
        [booking] = claimed.bookings

        labelling.booked(conn, at.tenant, [(booking, Booked(booking.reference, (one, one)))], sheets={}, now=now)

    assert at.stands(each).parked is Parked.UNCLEAR
    assert at.numbers(each) == []


def test_what_cannot_be_read_any_more_stops_no_neighbour_that_knows_its_order(town) -> None:
    at = counter(town, "ppl")
    asked = at.wants("ppl", 3)
    bad = at.stands(asked[1])
    drafted = f'{{"reference": 7, "recipient": "Jana Dvořáková", "drafted": {{"orders": ["{bad.order_number}"]}}}}'
    with town.rig.db.tx(at.tenant) as conn:
        conn.execute("UPDATE bookings SET content = %s WHERE booking_id = %s", [drafted, bad.booking_id])

    at.work(30)

    assert at.states([asked[0], asked[2]]) == [READY] * 2
    assert (at.stands(asked[1]).parked, at.stands(asked[1]).creates) == (Parked.FAILING, 0)
    assert "Jana" not in (at.stands(asked[1]).why or "")
    assert at.causes() == {Cause.LABEL_REFUSED}


def test_a_carrier_whose_words_no_table_takes_is_heard_all_the_same(town) -> None:
    at = counter(town, "dpd_cz")
    answering(at, lambda _: httpx.Response(401, content=rb'{"code": "E\u0000\ud800"}'))
    asked = at.wants("dpd_cz", 2)

    book.run(at.town.rig, at.tenant)

    assert at.states(asked) == ["waiting"] * 2
    assert at.causes() == {Cause.CARRIER_REFUSES}
