"""Nothing is due for ever, whatever its carrier answers, and what one parcel meets stops no other."""

from datetime import timedelta

from service import bookings, contracts, tenants
from service.bookings import Draft, Parked, State
from service.lanes import Lane
from service.problems import Cause
from service.steps import desk
from tests.carriers.kit import SORTS
from tests.flows.counter import Counter, counter
from tests.flows.shipping import live
from tests.flows.test_book_unread import breaker
from tests.flows.test_rebook import again
from tests.flows.town import Town

READY = State.READY.value
HOUR = 3_600


def test_a_look_up_that_always_fails_is_a_persons_after_hours(town: Town) -> None:
    at = counter(town, "ppl")
    at.strikes("ppl", "dropped")
    at.worlds["ppl"].faults.add("error", operation="GET /shipment", calls=None)
    [doubted] = at.wants("ppl")

    at.work(3 * HOUR, step_s=240)

    bad = at.stands(doubted)
    assert (bad.parked, bad.creates, at.causes()) == (Parked.UNCLEAR, 1, {Cause.LABEL_UNCLEAR})
    good = at.wants("ppl", 2)
    at.work(30)
    assert at.states(good) == [READY] * 2


def test_what_follows_a_number_is_not_late_for_what_was_before_it(town: Town) -> None:
    at = counter(town, "packeta")
    at.worlds["packeta"].faults.add("down", calls=None)
    [each] = at.wants("packeta")
    at.work(3 * HOUR, step_s=900)
    at.worlds["packeta"].faults.clear()
    at.worlds["packeta"].faults.add("error", operation="packetLabelPdf", calls=None)

    at.work(HOUR / 2, step_s=300)

    assert (at.stands(each).state, at.stands(each).tries) == (State.BOOKED, 0)


def test_a_right_that_one_label_lacks_is_the_labels_and_not_the_carriers(town: Town) -> None:
    at = counter(town, "packeta")
    at.worlds["packeta"].faults.add("error", operation="packetLabelPdf", status=403, calls=None)
    [each] = at.wants("packeta")

    at.work(20)
    assert (at.stands(each).state, at.stands(each).tries, breaker(at, "packeta")) == (State.BOOKED, 1, None)
    at.work(HOUR / 2, step_s=30)

    assert (at.stands(each).parked, at.causes()) == (Parked.FAILING, {Cause.LABEL_REFUSED})


def test_a_cancel_nobody_can_read_the_answer_of_is_told_as_not_taken_back(town: Town) -> None:
    at = counter(town, "packeta")
    [each] = at.wants("packeta")
    at.work(30)
    at.worlds["packeta"].faults.add("html", operation="cancelPacket", calls=None)

    at.cancel(each)
    at.work(HOUR / 2, step_s=30)

    assert (at.stands(each).parked, at.causes()) == (Parked.NOT_TAKEN_BACK, {Cause.LABEL_NOT_TAKEN_BACK})


def test_a_parcel_whose_number_came_late_is_taken_back_by_its_carrier(town: Town) -> None:
    at = counter(town, "ppl")
    [each] = at.wants("ppl")
    at.work(30)
    with town.rig.db.tx(at.tenant) as conn:  # its create was believed to have done nothing
        conn.execute("UPDATE bookings SET asked_at = NULL")

    at.cancel(each)
    at.work(30)

    assert at.stands(each).state is State.CANCELLED
    assert at.worlds["ppl"].made() == {}


def failed_once(at: Counter, code: str) -> desk.Desk:
    """Return the login of a carrier that failed once, at work for the first shop."""
    contract_id, rig = at.contracts[code].contract_id, at.town.rig
    with rig.db.tx(at.tenant) as conn:
        contracts.failed(conn, contract_id, Lane.BOOK, why="it was out", now=at.town.watch())
    at.town.watch.move(timedelta(hours=1).total_seconds())
    opened = desk.opened(rig, at.tenant, Lane.BOOK, contract_id)
    assert opened
    assert opened.wary
    return opened


def test_what_a_carrier_failed_at_is_not_over_while_another_shop_of_the_login_waits(town: Town) -> None:
    at = counter(town, "ppl", count=2)
    beside = live(town, count=1, slug="beta")
    contract_id = at.contracts["ppl"].contract_id
    with town.rig.db.tx_all("a test gives a merchant another shop") as conn:
        tenants.pair(conn, beside.tenant, account_id=at.account_id)
    draft = Draft(bookings.fresh(), "s_beta_1", beside.numbers[0], contract_id, "ppl", SORTS["ppl"].home, 1, {})
    with town.rig.db.tx(beside.tenant) as conn:
        bookings.add(conn, beside.tenant, [draft], now=town.watch())

    desk.left(failed_once(at, "ppl"))
    assert breaker(at, "ppl")
    with town.rig.db.tx(beside.tenant) as conn:
        bookings.cancel(conn, beside.tenant, draft.booking_id, now=town.watch())
    desk.left(failed_once(at, "ppl"))

    assert breaker(at, "ppl") is None


def test_what_waited_for_a_shop_that_left_is_not_made_when_that_comes_back(town: Town) -> None:
    at = counter(town, "ppl")
    at.worlds["ppl"].faults.add("down", calls=None)
    [waited] = at.wants("ppl")
    at.turn()
    at.worlds["ppl"].faults.clear()
    town.watch.move(HOUR)
    with town.rig.db.tx_all("a test lets a shop leave and come back") as conn:
        conn.execute("UPDATE tenants SET installed_at = %s", [town.watch()])

    [new] = at.wants("ppl")
    at.work(30)

    assert (at.stands(waited).parked, at.states([new])) == (Parked.STOPPED, [READY])
    assert len(at.worlds["ppl"].parcels) == 1


def test_what_binds_when_it_is_printed_is_neither_printed_nor_repeated_for_a_shop_that_came_back(town: Town) -> None:
    at = counter(town, "dpd_cz")
    [unprinted] = at.wants("dpd_cz")
    at.work(30)
    at.strikes("dpd_cz", "dropped")
    [doubted] = at.wants("dpd_cz")
    at.turn()
    town.watch.move(HOUR)
    with town.rig.db.tx_all("a test lets a shop leave and come back, and a worker die before it asks for a label") as c:
        c.execute("UPDATE tenants SET installed_at = %s", [town.watch()])
        c.execute(
            "UPDATE bookings SET due_at = created_at, since = created_at, label_at = NULL, label_asked_at = NULL"
            " WHERE booking_id = %s",
            [unprinted],
        )
    at.worlds["dpd_cz"].ledger.clear()

    at.work(30)
    assert {call.operation for call in at.worlds["dpd_cz"].ledger} <= {"GET /me"}
    assert [at.stands(each).parked for each in (unprinted, doubted)] == [Parked.FAILING, Parked.UNCLEAR]
    again(at, unprinted)
    at.work(30)

    assert at.states([unprinted]) == [READY]


def test_what_is_told_of_a_login_that_counts_no_more_stays_while_something_hangs_under_it(town: Town) -> None:
    at = counter(town, "gls")
    at.wants("gls")
    at.worlds["gls"].faults.add("down", calls=None)
    at.work(600, step_s=60)
    shared = at.contracts["gls"]
    with town.rig.db.tx_all("a test gives one shop a login of its own") as conn:
        contracts.put(
            conn, at.account_id, at.tenant, "gls", base_url=shared.base_url, secrets_sealed=b"", given={},
            switches=[], serials=None, now=town.watch(),
        )  # fmt: skip

    with town.rig.db.tx(at.tenant) as conn:
        desk.settle(conn, town.rig, at.tenant)

    assert at.causes() == {Cause.CARRIER_DOWN}
