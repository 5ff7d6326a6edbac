"""What may happen between a claim, a call and its record: nothing is booked that nobody wants, nothing is stuck."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from service import bookings, journal, problems
from service.bookings import Parked, State
from service.db import Conn
from service.flows import book, rebook, sweep
from service.lanes import Lane, TenantId
from service.problems import Cause
from service.steps import desk, labelling
from tests.carriers.kit import SORTS
from tests.flows.counter import Counter, counter
from tests.simulator.until import until

READY = State.READY.value


def meanwhile(at: Counter, operation: str, deed: Callable[[], object], *, after: bool = False) -> None:
    """Let something happen once, while a call to this place is under way: before the carrier works, or after it."""
    answer = at.town.rig.carriers
    assert isinstance(answer, httpx.MockTransport)
    asked = answer.handler
    left = [deed]

    def handler(request: httpx.Request) -> httpx.Response:
        is_it = operation in str(request.url) or operation.encode() in request.content
        if is_it and left and not after:
            left.pop()()
        try:
            return asked(request)  # pyright: ignore[reportReturnType]
        finally:
            if is_it and left and after:
                left.pop()()

    at.town.rig = replace(at.town.rig, carriers=httpx.MockTransport(handler))


def creates(at: Counter, code: str) -> int:
    return sum(call.operation == SORTS[code].books for call in at.worlds[code].ledger)


def shown(at: Counter, booking_id: str) -> bool:
    at.town.work(for_s=10)
    return at.shop.shown(at.stands(booking_id).order_number)[0] == at.shop.sent_id


@pytest.mark.parametrize("kind", ["busy", "down"])
def test_what_is_cancelled_while_a_create_does_nothing_is_not_asked_for_again(town, kind: str) -> None:
    at = counter(town, "packeta")
    at.strikes("packeta", kind)
    [each] = at.wants("packeta")
    meanwhile(at, "createPacket", lambda: at.cancel(each))

    at.work(300)

    assert at.stands(each).state is State.CANCELLED
    assert at.worlds["packeta"].made(counting_cancelled=True) == {}
    assert at.causes() == set()


def test_what_is_cancelled_while_it_is_refused_is_over(town) -> None:
    at = counter(town, "ppl")
    [each] = at.wants("ppl", service="NONE")
    meanwhile(at, "/shipment/batch", lambda: at.cancel(each))

    at.work(60)

    assert at.stands(each).state is State.CANCELLED
    assert at.causes() == set()


def test_what_is_cancelled_while_its_label_is_fetched_does_not_leave(town) -> None:
    at = counter(town, "packeta")
    [each] = at.wants("packeta")
    meanwhile(at, "packetLabelPdf", lambda: at.cancel(each))

    at.work(60)

    assert at.stands(each).state is State.CANCELLED
    assert not shown(at, each)
    assert at.worlds["packeta"].made() == {}


def another_clerk(at: Counter, code: str) -> None:
    """Let somebody else take what is due under the login, while the first is still at it."""
    beside = desk.opened(at.town.rig, at.tenant, Lane.BOOK, at.contracts[code].contract_id)
    assert beside
    assert book.one_call(beside)


def local(at: Counter, booking_id: str) -> list[str]:
    """Return what the journal says of the end of a label."""
    number = at.stands(booking_id).order_number
    with at.town.rig.db.tx(at.tenant) as conn:
        story = journal.timeline(conn, at.tenant, number)
    return [entry.detail["said"] for entry in story if entry.kind is journal.Kind.LABEL_CANCELLED]


def test_where_nothing_binds_before_the_label_what_was_not_printed_is_over_without_a_call(town) -> None:
    at = counter(town, "dpd_cz")
    [each] = at.wants("dpd_cz")
    meanwhile(at, "/shipments", lambda: at.cancel(each))

    at.work(60)

    assert creates(at, "dpd_cz") == 1
    assert [call.operation for call in at.worlds["dpd_cz"].ledger if call.operation == "labels"] == []
    assert (at.stands(each).state, local(at, each), at.causes()) == (State.CANCELLED, ["local"], set())
    assert not shown(at, each)


@pytest.mark.parametrize("is_lost", [False, True], ids=["it is being printed", "nobody heard whether it was"])
def test_where_it_binds_by_its_label_what_may_be_printed_is_a_persons(town, is_lost: bool) -> None:
    at = counter(town, "dpd_cz")
    [each] = at.wants("dpd_cz")
    if is_lost:
        at.worlds["dpd_cz"].faults.add("dropped", operation="labels")
        meanwhile(at, "/parcels/labels", lambda: at.cancel(each), after=True)
    else:
        meanwhile(at, "/parcels/labels", lambda: at.cancel(each) and another_clerk(at, "dpd_cz"))

    at.work(900, step_s=30)

    assert at.stands(each).parked is Parked.NOT_TAKEN_BACK
    assert at.causes() == {Cause.LABEL_NOT_TAKEN_BACK}


def test_what_is_cancelled_while_its_label_is_refused_is_not_booked_anew(town) -> None:
    at = counter(town, "ppl")
    at.strikes("ppl", "dropped")
    [each] = at.wants("ppl")
    meanwhile(at, "/cancel", lambda: at.cancel(each))

    at.work(900, step_s=30)

    assert at.stands(each).state is State.CANCELLED
    assert at.worlds["ppl"].made() == {}
    assert creates(at, "ppl") == 1


def test_a_carrier_that_never_hands_a_label_out_is_asked_for_so_many_and_no_more(town) -> None:
    at = counter(town, "ppl")
    at.worlds["ppl"].faults.add("dropped", operation=SORTS["ppl"].books, calls=None)
    [each] = at.wants("ppl")

    at.work(4 * 3_600, step_s=60)

    assert at.stands(each).state is State.PARKED
    assert creates(at, "ppl") <= 3
    assert len(at.causes()) == 1


def test_a_parcel_the_account_has_no_right_to_stops_no_other(town) -> None:
    at = counter(town, "packeta", count=20)
    [bad] = at.wants("packeta")
    at.worlds["packeta"].faults.add("error", holding=at.stands(bad).reference, status=403, calls=None)
    good = at.wants("packeta", 8)

    at.work(300)
    assert at.states(good) == [READY] * 8
    at.work(1_800, step_s=30)

    assert at.stands(bad).parked is Parked.REFUSED
    assert at.causes() == {Cause.LABEL_REFUSED}


@pytest.mark.parametrize("code", ["gls", "dpd_cz"])
def test_a_carrier_that_answers_and_makes_nothing_is_tried_with_one_parcel_at_a_time(town, code: str) -> None:
    at = counter(town, code, count=70)
    at.worlds[code].faults.add("error", operation=SORTS[code].books, calls=None)
    asked = at.wants(code, 50)

    at.work(2 * 3_600, step_s=60)
    tried = creates(at, code)
    at.worlds[code].faults.clear()
    at.work(1_800, step_s=30)

    assert tried < 40
    assert at.states(asked) == [READY] * 50
    assert at.paid_twice(code) == {}
    assert at.causes() == set()


def test_a_carrier_whose_test_alone_is_broken_is_found_to_be_back(town) -> None:
    at = counter(town, "packeta")
    faults = at.worlds["packeta"].faults
    faults.add("down", operation=SORTS["packeta"].books)
    faults.add("error", operation="packetStatus", calls=None)
    asked = at.wants("packeta", 4)

    at.work(2 * 3_600, step_s=60)

    assert at.states(asked) == [READY] * 4


def test_what_a_carrier_is_at_for_ever_is_a_persons(town) -> None:
    at = counter(town, "ppl")
    at.worlds["ppl"].faults.add("error", operation=SORTS["ppl"].lists, calls=None)
    [each] = at.wants("ppl")
    at.work(10)
    at.worlds["ppl"].faults.clear()
    with town.rig.db.tx(at.tenant) as conn:
        now = bookings.one(conn, at.tenant, each)
        assert now

    assert now.state is State.PENDING
    asked_at = now.asked_at or now.created_at
    wait = timedelta(seconds=2)
    assert bookings.ask_at(now, wait=wait, now=asked_at) == asked_at + wait
    assert bookings.ask_at(now, wait=wait, now=asked_at + timedelta(hours=1)) == asked_at + timedelta(minutes=67.5)
    assert bookings.ask_at(now, wait=wait, now=asked_at + timedelta(hours=3)) is None


def test_a_number_a_carrier_says_it_had_taken_before_is_not_believed_at_a_first_try(town) -> None:
    at = counter(town, "ceska_posta")
    world = at.worlds["ceska_posta"]
    ranged = world.accounts["ranged"]
    digits, letter = ranged.given["own"]
    own = {"number_sender": digits, "number_letter": letter, "number_first": "1", "number_last": "999"}
    given = {name: ranged.login[name] for name in ("customer_id", "post_code", "location_number")}
    given = {**given, "contract_id": ranged.login["id_contract"], **own}
    at.log_in("ceska_posta", {name: ranged.login[name] for name in ("api_token", "secret_key")}, given=given)
    [first] = at.wants("ceska_posta", options={"serial": "7"})
    at.work(30)
    assert at.stands(first).state is State.READY
    with town.rig.db.tx(at.tenant) as conn:
        conn.execute("DELETE FROM booked_parcels")  # as if another system had taken it of the same row

    [second] = at.wants("ceska_posta", options={"serial": "7"})
    at.work(30)

    assert (at.stands(second).state, at.stands(second).parked) == (State.PARKED, Parked.UNCLEAR)
    assert at.causes() == {Cause.LABEL_UNCLEAR}


def test_a_number_that_comes_when_its_booking_was_given_up_is_told(town) -> None:
    at = counter(town, "packeta")
    [each] = at.wants("packeta")

    def give_up() -> None:
        with town.rig.db.tx(at.tenant) as conn:
            conn.execute("UPDATE bookings SET parked = 'unclear'")
            assert bookings.give_up(conn, at.tenant, each, now=town.watch())

    meanwhile(at, "createPacket", give_up)
    at.work(10)

    assert at.stands(each).state is State.CANCELLED
    assert at.causes() == {Cause.PARCEL_STRAY}
    number = at.stands(each).order_number
    assert [rebook.seen_to(town.rig, at.tenant, number, by="a test") for _ in range(2)] == [True, False]
    assert at.causes() == set()


def test_what_cannot_be_read_any_more_is_parked_and_its_neighbours_go(town) -> None:
    at = counter(town, "ppl")
    good = at.wants("ppl", 3)
    [bad] = at.wants("ppl")
    with town.rig.db.tx(at.tenant) as conn:
        conn.execute("UPDATE bookings SET content = '{}' WHERE booking_id = %s", [bad])

    at.work(30)

    assert at.states(good) == [READY] * 3
    assert at.stands(bad).state is State.PARKED
    assert at.causes() == {Cause.LABEL_REFUSED}


def test_a_number_that_cannot_be_written_down_costs_the_others_nothing(town) -> None:
    at = counter(town, "gls")
    asked = at.wants("gls", 3)
    bad = at.stands(asked[1])
    with town.rig.db.tx(at.tenant) as conn:  # its box stands already, by whatever accident
        conn.execute(
            "INSERT INTO booked_parcels VALUES (%s, %s, 1, 'gls', 'x', 'x', '', '{}')", [at.tenant, bad.booking_id]
        )

    at.work(4 * 3_600, step_s=60)

    assert at.states([asked[0], asked[2]]) == [READY] * 2
    assert at.stands(asked[1]).state is State.PARKED
    assert at.causes() == {Cause.LABEL_UNCLEAR}


def test_a_shipment_that_was_corrected_meanwhile_leaves_with_the_boxes_there_are(town) -> None:
    at = counter(town, "packeta")
    [each] = at.wants("packeta")
    with town.rig.db.tx(at.tenant) as conn:
        conn.execute("INSERT INTO parcels SELECT tenant_id, shipment_id, 2, carrier, NULL, 5 FROM parcels")

    at.work(10)

    assert at.stands(each).state is State.READY


@dataclass
class Halting:
    """A database of a machine that stands still for a minute once something was claimed."""

    real: Any
    halt: Callable[[], object] | None

    @contextmanager
    def tx(self, tenant_id: TenantId) -> Iterator[Conn]:
        with self.real.tx(tenant_id) as conn:
            yield conn
            [row] = conn.execute("SELECT count(*) AS claimed FROM bookings WHERE claim IS NOT NULL").fetchall()
        if row["claimed"] and self.halt:
            halt, self.halt = self.halt, None
            halt()


def test_a_claim_that_ran_out_before_its_call_asks_for_nothing(town) -> None:
    at = counter(town, "packeta")
    [each] = at.wants("packeta")
    halting = Halting(town.rig.db, lambda: (town.watch.move(60), calls.append(creates(at, "packeta"))))
    calls: list[int] = []

    book.run(replace(town.rig, db=halting), at.tenant)  # pyright: ignore[reportArgumentType]
    calls.append(creates(at, "packeta"))
    now = at.stands(each)
    at.work(10)

    assert calls == [0, 0]
    assert (now.state, now.creates) == (State.WAITING, 0)
    assert at.stands(each).state is State.READY


def test_a_clock_that_leapt_by_days_finds_what_was_made_before(town) -> None:
    at = counter(town, "gls")
    at.strikes("gls", "dropped")
    asked = at.wants("gls", 2)
    at.turn()
    town.watch.move(3 * 86_400)
    with town.rig.db.tx_all("the clock leapt") as conn:
        bookings.rest_anew(conn, now=town.watch())

    at.work(1_200, step_s=30)

    assert at.states(asked) == [READY] * 2
    assert at.twice("gls") == {}


def test_a_carrier_that_is_down_is_no_problem_of_a_shop_that_waits_for_nothing(town) -> None:
    at = counter(town, "packeta")
    at.worlds["packeta"].faults.add("down", calls=None)
    [each] = at.wants("packeta")
    at.work(1_800, step_s=60)
    assert at.causes() == {Cause.CARRIER_DOWN}

    at.cancel(each)
    sweep.run(town.rig, at.tenant)

    assert at.causes() == set()


def test_one_token_of_ppl_does_for_many_calls(town) -> None:
    at = counter(town, "ppl", count=40)
    asked = at.wants("ppl", 30)

    at.work(30)

    assert at.states(asked) == [READY] * 30
    assert sum("login" in call.operation.lower() for call in at.worlds["ppl"].ledger) <= 1


def test_no_problem_names_a_recipient(town) -> None:
    at = counter(town, "ppl")
    at.wants("ppl", service="NONE")

    at.work(10)

    with town.rig.db.tx(at.tenant) as conn:
        told = [str(each.detail) for each in problems.open_ones(conn, at.tenant)]
    assert told
    assert not any("Dvořák" in each or "Lipová" in each for each in told)


def test_what_was_asked_for_twice_is_taken_back_when_the_first_must_have_landed(town) -> None:
    at = counter(town, "balikobot")
    at.strikes("balikobot", "late", seconds=300)
    [each] = at.wants("balikobot")
    at.turn()
    at.cancel(each)

    at.work(900, step_s=10)

    assert at.stands(each).state is State.CANCELLED
    assert at.worlds["balikobot"].made() == {}


def test_whoever_keeps_a_label_holds_no_problem_while_he_waits_for_the_feed(town, db) -> None:
    at = counter(town, "ppl")
    at.worlds["ppl"].faults.add("down", operation="GET /data/{}", calls=None)
    [each] = at.wants("ppl")
    at.work(10)
    booking = at.stands(each)
    with town.rig.db.tx(at.tenant) as conn:
        boxes = bookings.boxes(conn, at.tenant, [each])[each]
    done = labelling.Done(booking, boxes, bookings.Sheet("pdf", b"%PDF", ()))
    told = {"now": town.watch(), "order_number": booking.order_number}

    def keep() -> None:
        with db.tx(at.tenant) as conn:  # a connection of his own
            labelling.ready(conn, at.tenant, [done], now=town.watch())

    with town.rig.db.tx(at.tenant) as conn:
        problems.note(conn, at.tenant, Cause.LABEL_REFUSED, **told)
    with ThreadPoolExecutor(1) as pool:
        with town.rig.db.tx(at.tenant) as conn:
            bookings.hold_feed(conn, at.tenant)
            keeping = pool.submit(keep)
            until(lambda: conn.execute("SELECT pid FROM pg_locks WHERE NOT granted").fetchone(), within_s=5)
            conn.execute("SET LOCAL lock_timeout = '200ms'")
            problems.note(conn, at.tenant, Cause.LABEL_REFUSED, **told)
        keeping.result()

    assert at.states([each]) == [READY]
