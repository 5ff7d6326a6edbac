"""A shop whose merchant wants it hears once that COD was paid out: all of it, of an order that is not paid there."""

from dataclasses import dataclass, replace
from datetime import date
from threading import Thread

import psycopg
import pytest

from carriers import states
from carriers.base import Tracked
from service import bookings, mappings, outbox
from service.bookings import Parked
from service.db import Database
from service.flows import rebook, remit, track
from service.journal import Kind
from service.mappings import Answers
from service.problems import Cause
from service.steps import labelling, reweigh, tracing
from simulator import changes
from simulator.carriers.lives import End
from tests.flows.road import HOUR, Road, road
from tests.flows.town import Town
from tests.simulator.until import until

FREE = "SELECT order_number FROM outbox WHERE order_number = %s FOR UPDATE SKIP LOCKED"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
HEAD = "number;amount;currency;date\n"


@dataclass
class Till(Road):
    """A road on which money comes back."""

    def tells(self, wanted: bool = True) -> None:
        """Let the merchant say whether the shop is told, and weigh everything by that."""
        rig, tenant = self.town.rig, self.at.tenant
        with rig.db.tx(tenant) as conn:
            given = mappings.of(conn, tenant)
            answers = Answers(
                given.release, given.targets, given.release_from, given.pull_from, given.tracking, given.names, wanted
            )
            mappings.save(conn, tenant, answers, now=self.town.watch())
        reweigh.run(rig, tenant)

    def owing(self, code: str, count: int = 1) -> list[str]:
        """Return bookings of parcels that were delivered and that collect COD their orders owe."""
        numbers = self.at.shop.numbers[self.at.taken :][:count]
        for number in numbers:
            self.shows(number, paid_date=None)
            self.at.shop.shop.orders[number].record["payment"]["type"] = "cashOnDelivery"
        self.at.shop.read()
        sent = self.sent(code, count, end=End.HOME, cod=self.at.cod())
        self.on(40, step_h=2)
        self.at.shop.read()
        return sent

    def shows(self, number: str, **fields: object) -> None:
        changes.change_order(self.town.world, self.at.shop.shop, number, **fields)

    def pays(self, booking_id: str, amount: str = "1290", *, on: date | None = None, code: str = "gls") -> None:
        """Read a carrier's list in that names the parcel."""
        number, day = self.at.numbers(booking_id)[0], on or self.today
        remit.run(self.town.rig, self.at.tenant, code, f"{HEAD}{number};{amount};CZK;{day}".encode())

    def after(self, seconds: float = 5) -> None:
        """Let time pass and the shop be written to."""
        self.at.shop.after(seconds)

    @property
    def today(self) -> date:
        return self.town.watch().date()

    def paid_date(self, booking_id: str) -> str | None:
        """Return the day on which the shop says that the order was paid."""
        told = self.at.shop.shop.orders[self.box(booking_id).order_number].record["paid_date"]
        return told and told[:10]

    def state(self, booking_id: str) -> str:
        return self.at.shop.state(self.box(booking_id).order_number)

    def puts(self) -> int:
        return self.at.shop.puts()


def till(town: Town, *codes: str, tells: bool = True) -> Till:
    way = Till(**vars(road(town, *codes)))
    if tells:
        way.tells()
    return way


def test_a_shop_that_was_not_asked_for_it_hears_nothing_of_money(town) -> None:
    way = till(town, "gls", tells=False)
    [one] = way.owing("gls")
    puts = way.puts()

    way.pays(one)
    way.after()

    assert (way.paid_date(one), way.puts(), way.payment(one).paid_on) == (None, puts, way.today)


def test_money_of_a_carrier_s_list_is_told_once_alone_and_without_a_mail(town) -> None:
    way = till(town, "gls")
    [one] = way.owing("gls")
    puts, mails, status = way.puts(), way.at.shop.mails(), way.shown(one)

    way.pays(one)
    way.after()
    assert (way.paid_date(one), way.puts()) == (f"{way.today}", puts + 1)
    assert (way.at.shop.mails(), way.shown(one), way.state(one)) == (mails, status, "sent")

    way.at.shop.read()
    way.pays(one)
    way.after()
    assert (way.puts(), way.state(one), way.causes()) == (puts + 1, "confirmed", set())
    [written] = [entry for entry in way.story(way.box(one).order_number)[::-1] if "paid_date" in entry.detail][:1]
    assert (written.kind, written.detail) == (Kind.WRITTEN, {"paid_date": f"{way.today}"})


def test_money_that_tracking_tells_of_is_told_to_the_shop(town) -> None:
    way = till(town, "ppl")
    [one] = way.owing("ppl")

    way.on(24 * 5, step_h=4)

    assert way.payment(one).paid_on
    assert way.paid_date(one) == f"{way.payment(one).paid_on}"
    assert way.puts() <= 3  # shipped, delivered, and this


def test_a_status_that_is_due_takes_the_payment_along(town) -> None:
    way = till(town, "gls")
    [one] = way.owing("gls")
    [two] = way.sent("gls", end=End.HOME, cod=way.at.cod())
    number = way.box(two).order_number
    way.shows(number, paid_date=None)
    way.at.shop.shop.orders[number].record["payment"]["type"] = "cashOnDelivery"
    way.after(60)
    way.at.shop.read()
    puts = way.puts()

    way.town.watch.move(40 * HOUR)
    way.at.worlds["gls"].tick()
    track.run(way.town.rig, way.at.tenant)
    way.pays(two)
    way.after()

    assert way.shown(two) == way.status["delivered"]
    assert (way.paid_date(two), way.puts(), way.paid_date(one)) == (f"{way.today}", puts + 1, None)


def test_another_sum_is_never_told_and_the_right_one_is_once_it_is_known(town) -> None:
    way = till(town, "gls")
    [one] = way.owing("gls")

    way.pays(one, "990")
    way.after()
    assert (way.paid_date(one), way.causes()) == (None, {Cause.COD_DIFFERS})

    way.pays(one, "1290")
    way.after()
    assert (way.paid_date(one), way.causes()) == (f"{way.today}", set())


def test_a_correction_is_not_written_over(town) -> None:
    way = till(town, "gls")
    [one] = way.owing("gls")
    first = way.today
    way.pays(one)
    way.after()
    way.at.shop.read()
    puts = way.puts()

    way.town.watch.move(24 * HOUR)
    way.pays(one, "990")
    way.after()

    assert (way.paid_date(one), way.puts()) == (f"{first}", puts)
    assert way.causes() == {Cause.COD_DIFFERS}


def test_a_day_the_shop_shows_already_stands_and_so_does_its_word_that_it_is_not_paid(town) -> None:
    way = till(town, "gls")
    [one] = way.owing("gls")
    number, puts = way.box(one).order_number, way.puts()
    way.shows(number, paid_date="2026-03-01")
    way.at.shop.read()

    way.pays(one)
    way.after()
    way.shows(number, paid_date="")
    way.at.shop.read()
    way.after(600)

    assert (way.paid_date(one), way.puts()) == (None, puts)


def test_a_payment_the_shop_took_and_its_merchant_took_back_is_not_told_again(town) -> None:
    way = till(town, "gls")
    [one] = way.owing("gls")
    way.pays(one)
    way.after()
    way.at.shop.read()
    puts = way.puts()

    way.shows(way.box(one).order_number, paid_date="")
    way.at.shop.read()
    way.pays(one)
    way.after(600)

    assert (way.paid_date(one), way.puts(), way.causes()) == (None, puts, set())


def test_what_was_known_before_the_merchant_wanted_it_told_goes_when_he_reads_it_in_again(town) -> None:
    way = till(town, "gls", tells=False)
    one, two = way.owing("gls", 2)
    day = way.today
    way.pays(one)
    way.pays(two)
    way.town.watch.move(60)

    way.tells()
    way.after()
    assert (way.paid_date(one), way.paid_date(two)) == (None, None)

    way.pays(one, on=day)
    way.after()
    assert (way.paid_date(one), way.paid_date(two)) == (f"{day}", None)


def test_what_did_not_go_yet_does_not_go_any_more_once_the_merchant_wants_it_no_longer(town) -> None:
    way = till(town, "gls")
    [one] = way.owing("gls")
    puts = way.puts()
    way.pays(one)

    way.tells(wanted=False)
    way.after(60)

    assert (way.paid_date(one), way.puts(), way.state(one)) == (None, puts, "confirmed")


@pytest.mark.parametrize(("kind", "puts"), [("dropped", 1), ("late", 1), ("error", 2), ("refused", 2)])
def test_a_lost_answer_is_looked_for_before_the_payment_goes_again(town, kind: str, puts: int) -> None:
    way = till(town, "gls")
    [one] = way.owing("gls")
    before = way.puts()
    way.at.shop.shop.faults.add(kind, method="PUT", template="/orders", seconds=60)

    way.pays(one)
    for _ in range(40):
        way.after(10)

    assert (way.paid_date(one), way.puts() - before) == (f"{way.today}", puts)


def test_a_payment_the_shop_says_it_took_and_did_not_is_told_to_a_person_and_not_sent_again(town) -> None:
    way = till(town, "gls")
    [one] = way.owing("gls")
    way.at.shop.shop.faults.add("silent", method="PUT", template="/orders")
    way.pays(one)
    way.after()
    puts = way.puts()

    way.town.watch.move(100)
    way.at.shop.read()
    way.after(60)

    assert (way.paid_date(one), way.puts(), way.causes()) == (None, puts, {Cause.SILENT_DROP})


def test_an_order_the_shop_cancelled_or_that_is_paid_otherwise_is_left_to_a_person(town) -> None:
    way = till(town, "gls")
    cancelled, otherwise = way.owing("gls", 2)
    way.cancelled_in_shop(cancelled)
    way.at.shop.shop.orders[way.box(otherwise).order_number].record["payment"]["type"] = "command"
    way.shows(way.box(otherwise).order_number, internal_note="by transfer, after all")
    way.at.shop.read()
    puts = way.puts()

    way.pays(cancelled)
    way.pays(otherwise)
    way.after(60)

    assert (way.paid_date(cancelled), way.paid_date(otherwise), way.puts()) == (None, None, puts)


def test_a_day_that_cannot_be_is_left_to_a_person(town) -> None:
    way = till(town, "gls")
    early, late = way.owing("gls", 2)

    way.pays(early, on=date(2025, 1, 1))
    way.pays(late, on=date(2062, 1, 1))
    way.after(60)

    assert (way.paid_date(early), way.paid_date(late)) == (None, None)


def not_taken_back(way: Till, booking_id: str) -> None:
    """Leave a label to a person that its carrier would not take back."""
    with way.town.rig.db.tx(way.at.tenant) as conn:
        conn.execute("UPDATE bookings SET claim = 'c_x' WHERE booking_id = %s", [booking_id])
        each = bookings.one(conn, way.at.tenant, booking_id)
        assert each
        held = replace(each, claim="c_x")
        labelling.park(conn, way.at.tenant, held, Parked.NOT_TAKEN_BACK, why="a test", now=way.town.watch())


@pytest.mark.parametrize("by_hand", [False, True], ids=["taken back", "let be"])
def test_a_label_that_is_over_is_no_money_to_wait_for_and_the_shop_hears_of_the_rest(town, by_hand: bool) -> None:
    way = till(town, "gls")
    [one] = way.owing("gls")
    way.at.taken -= 1
    [two] = way.at.wants("gls", cod=way.at.cod())  # of the same order
    way.at.work(30)
    way.pays(one)
    way.after()
    assert way.paid_date(one) is None

    way.at.cancel(two)
    if by_hand:
        not_taken_back(way, two)
        rebook.let_be(town.rig, way.at.tenant, two, by="a test")
    way.at.work(30)
    way.after()

    assert way.payment(two).stands(way.today) == "over"
    assert way.paid_date(one) == f"{way.today}"


def test_what_moved_and_what_was_paid_is_locked_in_one_order(town, database) -> None:
    way = till(town, "gls")
    [paid] = way.owing("gls")
    [moved] = way.sent("gls", cod=way.at.cod())
    first, second = way.box(paid), way.box(moved)
    assert first.order_number < second.order_number
    told = {
        first.key: Tracked(first.number, states.State.DELIVERED, cod_paid_on=way.today),
        second.key: Tracked(second.number, states.State.OUT_FOR_DELIVERY),
    }
    beside = Database(database.url, size=1)
    beside.open()

    def follows() -> None:
        with town.rig.db.tx(way.at.tenant) as conn:
            tracing.record(conn, way.at.tenant, told, tells_paid=True, now=town.watch())

    clerk = Thread(target=follows)
    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        with beside.tx(way.at.tenant) as conn:
            outbox.told(conn, way.at.tenant, first.order_number)
            clerk.start()
            until(lambda: (admin.execute(WAITING, [database.name]).fetchone() or [0])[0])
            free = admin.execute(FREE, [second.order_number]).fetchall()
        clerk.join(10)
    beside.close()

    assert free == [(second.order_number,)]
    assert (way.payment(paid).paid_on, way.box(moved).state.value) == (way.today, "out_for_delivery")
