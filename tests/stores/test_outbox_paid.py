"""The day on which COD was paid out: a third field, told once, to no order that is paid, with a receipt of its own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import outbox
from service.outbox import doubt
from service.outbox.decide import Row, Send, Shown, Want, dued, sendable, state, weigh
from service.outbox.merging import MILESTONES, merge
from service.platform import client
from service.platform.shapes import OrderUpdate
from tests.stores.outbox_bench import BASE, NOW, SENT, SHOP, YES, after, claim, go_live, mirror, record, row, send, want

DAY, LATER = date(2026, 3, 9), date(2026, 3, 10)
NOTHING_ELSE = Send(None, None, mail=False, sms=False)
ALONE = replace(NOTHING_ELSE, paid_date=DAY)


def shipped(paid_date: date | None = None, **changed: object) -> Want:
    told = {"status_id": SENT, "milestone": "shipped", "mail": True, "based_on_status_id": BASE, "tracking_code": "A"}
    return Want(**{**told, "paid_date": paid_date, **changed})


def merged(*wants: Want) -> Row:
    known = Row("O1")
    for each in wants:
        known = merge(known, each)
    return known


def shown(status_id: int = BASE, code: str | None = None, *, paid: bool = False, at: float = -60) -> Shown:
    return Shown(status_id, code, after(at), paid=paid)


def asked(before: Row, seen: Shown | None = None, *, at: float = 0) -> Row:
    going = sendable(before, seen or shown(), after(at))
    assert going is not None
    return doubt.asked(before, going, claim="w_1", among=1, now=after(at))


def sent(*wants: Want, at: float = 0) -> Row:
    return doubt.landed(asked(merged(*wants), at=at), now=after(at))[0]


def confirmed() -> Row:
    """Status and code went and stand in the shop, which was read after them."""
    return doubt.seen(sent(shipped(), at=-100), shown(SENT, "A", at=-50), now=after(-50))[0]


@pytest.mark.parametrize(
    ("known", "seen", "going"),
    [
        (merged(shipped(DAY)), shown(), Send(SENT, "A", mail=True, sms=False, paid_date=DAY)),
        (merged(shipped(DAY)), None, Send(SENT, "A", mail=True, sms=False, paid_date=DAY)),
        (merged(shipped(DAY)), shown(paid=True), Send(SENT, "A", mail=True, sms=False)),
        (merged(shipped(DAY), shipped()), shown(), Send(SENT, "A", mail=True, sms=False)),
        (merged(shipped(DAY), shipped(LATER)), shown(SENT, "A"), replace(ALONE, paid_date=LATER)),
        (merged(Want(paid_date=DAY)), shown(), ALONE),
        (merged(Want(paid_date=DAY)), replace(shown(), deleted=True), None),
        (merge(confirmed(), shipped(DAY)), shown(SENT, "A"), ALONE),
        (merge(confirmed(), shipped(DAY)), shown(SENT, "A", paid=True), None),
        (merge(sent(shipped(DAY)), shipped(LATER)), shown(SENT, "A"), None),
        (merge(merge(sent(shipped(DAY)), shipped()), shipped(DAY)), shown(SENT, "A", at=10), None),
        (merge(asked(merged(shipped(DAY))), shipped(LATER)), shown(), None),
    ],
)
def test_a_payment_goes_beside_what_else_is_owed_and_alone_it_mails_nobody(
    known: Row, seen: Shown | None, going: Send | None
) -> None:
    assert sendable(known, seen, NOW) == going


def test_an_order_the_shop_showed_as_paid_is_never_told_of_again() -> None:
    known, findings = weigh(merge(confirmed(), shipped(DAY)), shown(SENT, "A", paid=True), NOW)

    assert (findings, known.due_at, known.unconfirmed, state(known, NOW)) == ([], None, (), "confirmed")
    assert sendable(known, shown(SENT, "A", at=50), after(60)) is None  # its merchant says that it is not paid


def test_a_payment_that_was_corrected_or_taken_back_after_it_went_is_not_written_over() -> None:
    known = sent(shipped(DAY))

    for later in (shipped(LATER), shipped(), shipped(DAY)):
        known = merge(known, later)
        assert sendable(known, shown(SENT, "A", at=10), after(20)) is None
    assert (known.sent_paid_date, known.want_paid_date) == (DAY, DAY)


def test_what_was_corrected_while_it_was_under_way_stays_as_it_went() -> None:
    known = merge(asked(merged(shipped(DAY))), shipped(LATER))

    landed, _ = doubt.landed(known, now=after(1))
    read, _ = doubt.seen(doubt.unclear(known, now=after(1)), shown(SENT, "A", paid=True, at=120), now=after(120))

    for told in (landed, read):
        assert told.sent_paid_date == DAY
        assert sendable(told, shown(SENT, "A", at=130), after(140)) is None


def test_an_echo_confirms_a_payment_of_the_same_call_and_of_no_other() -> None:
    both, *_ = doubt.echoed(sent(shipped(DAY)), shown(), SENT, now=after(1))
    assert both.unconfirmed == ()

    alone = doubt.landed(asked(merge(sent(shipped(), at=-9), shipped(DAY)), shown(SENT, "A")), now=NOW)[0]
    echoed, ours, findings = doubt.echoed(alone, shown(), SENT, now=after(1))
    assert (ours, findings, echoed.unconfirmed) == (True, [], ("paid_date",))


def test_a_payment_of_a_call_whose_echo_came_first_is_confirmed_by_it() -> None:
    early, *_ = doubt.echoed(asked(merged(shipped(DAY))), shown(), SENT, now=after(1))

    landed, _ = doubt.landed(early, now=after(2))

    assert (landed.unconfirmed, landed.confirm_by) == ((), None)


@pytest.mark.parametrize(
    ("seen", "whats"),
    [
        (shown(SENT, "A", paid=True, at=10), ["confirmed"]),
        (shown(SENT, "A", paid=True, at=-1), []),  # it began before
        (shown(SENT, "A", at=89), []),
        (shown(SENT, "A", at=90), ["dropped"]),
    ],
)
def test_a_read_that_shows_the_order_as_paid_is_the_receipt(seen: Shown, whats: list[str]) -> None:
    known = doubt.landed(asked(merge(confirmed(), shipped(DAY)), shown(SENT, "A")), now=NOW)[0]

    read, findings = doubt.seen(known, seen, now=after(100))

    assert [finding.what for finding in findings] == whats
    assert all(finding.detail.get("lacks", ["paid_date"]) == ["paid_date"] for finding in findings)
    assert sendable(read, seen, after(100)) is None
    assert doubt.seen(read, seen, now=after(200))[1] == []


@pytest.mark.parametrize(
    ("seen", "settles", "again"),
    [
        (shown(SENT, "A", paid=True, at=1), True, None),
        (shown(SENT, "A", at=60), False, None),
        (shown(paid=True, at=60), False, None),
        (shown(at=120), True, Send(SENT, "A", mail=True, sms=False)),  # it was not done: the day stays behind
        (shown(SENT, "A", at=120), True, ALONE),
        (shown(paid=True, at=120), True, Send(SENT, "A", mail=True, sms=False)),
        (shown(9, at=120), True, Send(None, "A", mail=False, sms=False)),
    ],
)
def test_a_doubt_ends_field_by_field(seen: Shown, settles: bool, again: Send | None) -> None:
    settled, _ = doubt.seen(asked(merged(shipped(DAY))), seen, now=seen.read_at)

    assert settled.in_doubt is not settles
    assert sendable(settled, seen, seen.read_at) == again


def test_a_payment_is_tried_thrice_like_anything_else() -> None:
    known = merge(confirmed(), shipped(DAY))
    whats: list[str] = []
    for turn in range(3):
        lost = doubt.unclear(asked(known, shown(SENT, "A"), at=turn * 10_000), now=after(turn * 10_000))
        known, findings = doubt.seen(lost, shown(SENT, "A", at=turn * 10_000 + 95), now=after(turn * 10_000 + 95))
        whats += [finding.what for finding in findings]

    assert whats == ["parked"]
    assert findings[0].detail["paid_date"] == "2026-03-09"


def refused(before: Row, seen: Shown, *, at: float) -> tuple[Row, list[str]]:
    """Return a row whose item was refused and by a read well after that was not done, and what was found."""
    after_it, findings = doubt.refused(asked(before, seen, at=at), ["error"], now=after(at))
    row, more = doubt.seen(after_it, replace(seen, read_at=after(at + 95)), now=after(at + 95))
    return row, [finding.what for finding in (*findings, *more)]


def test_a_day_the_shop_refuses_holds_up_neither_status_nor_code_nor_mail() -> None:
    known, whats = refused(merged(shipped(DAY)), shown(), at=0)
    assert whats == ["refused"]
    assert sendable(known, shown(at=95), after(100)) == Send(SENT, "A", mail=True, sms=False)

    told, _ = doubt.landed(asked(known, shown(at=95), at=100), now=after(100))
    there = shown(SENT, "A", at=200)
    assert sendable(told, there, after(200)) == ALONE

    for turn in (1_000, 2_000, 3_000):
        told, whats = refused(told, there, at=turn)
    assert whats == ["parked"]
    further = merge(told, shipped(DAY, status_id=SENT + 1, milestone="delivered"))
    once, _ = refused(further, there, at=4_000)
    assert sendable(once, there, after(5_000)) == Send(SENT + 1, None, mail=True, sms=False)


@pytest.mark.parametrize(("code", "what"), [("A", "confirmed"), ("other", "written")])
def test_a_refused_day_that_its_merchant_enters_himself_is_over_and_says_so(code: str, what: str) -> None:
    """What a shop dropped of a code is not over with that."""
    known = merge(doubt.seen(sent(shipped(), at=-200), shown(SENT, code, at=-50), now=after(-50))[0], shipped(DAY))
    for turn in (1_000, 2_000, 3_000):
        known, _ = refused(known, shown(SENT, code, at=turn - 1), at=turn)
    assert known.parked

    freed, findings = doubt.seen(known, shown(SENT, code, paid=True, at=4_000), now=after(4_000))

    assert (freed.parked, freed.due_at, [each.what for each in findings]) == (None, None, [what])


DAYS = st.sampled_from([None, DAY, LATER])
WANTS = st.one_of(
    st.builds(lambda day: Want(paid_date=day), DAYS),
    st.builds(
        lambda step, code, mail, day: Want(SENT + step, MILESTONES[step], mail, False, BASE, code, paid_date=day),
        st.integers(0, len(MILESTONES) - 1),
        st.sampled_from([None, "A", "B"]),
        st.booleans(),
        DAYS,
    ),
)
EVENTS = st.one_of(
    st.tuples(st.just("want"), WANTS),
    st.tuples(st.just("send"), st.sampled_from(["heard", "refused", "lost before", "lost after"])),
    st.tuples(st.just("read"), st.none()),
    st.tuples(st.just("echo"), st.none()),
    st.tuples(st.just("pays itself"), st.none()),
)


class Trial:
    """A row and the shop it is about, which keeps what it is told; `items` went to it, `read` is what we know of it."""

    def __init__(self) -> None:
        self.row, self.now = Row("O1"), NOW
        self.world = self.read = shown()
        self.items: list[dict[str, object]] = []
        self.mailed: list[int] = []

    def happens(self, name: str, what: object) -> None:
        self.now += timedelta(seconds=200)
        match name:
            case "want":
                assert isinstance(what, Want)
                told = replace(what, based_on_status_id=self.read.status_id)
                self.row = dued(merge(self.row, told), None, self.now, news=True)
            case "read":
                self.read = replace(self.world, read_at=self.now)
                self.row, _ = doubt.seen(self.row, self.read, now=self.now)
            case "echo":
                if self.world.status_id is not None:
                    self.row, *_ = doubt.echoed(self.row, self.read, self.world.status_id, now=self.now)
            case "pays itself":
                self.world = replace(self.world, paid=True)
            case _:
                self.row, _ = weigh(self.row, self.read, self.now)
                if going := sendable(self.row, self.read, self.now):
                    self.sends(going, str(what))

    def sends(self, going: Send, what: str) -> None:
        assert not (going.paid_date and self.read.paid)
        assert going.status_id is not None or not (going.mail or going.sms)
        self.row = doubt.asked(self.row, going, claim="w", among=1, now=self.now)
        if what in {"heard", "lost after"}:
            update = OrderUpdate("O1", going.status_id, going.tracking_code, going.paid_date)
            self.items.append(client.item_of(update))
            code = going.tracking_code or self.world.tracking_code
            paid = self.world.paid or going.paid_date is not None
            status_id = going.status_id or self.world.status_id
            self.world = replace(self.world, status_id=status_id, tracking_code=code, paid=paid)
            self.mailed += [going.status_id] if going.status_id and going.mail else []
        ends: dict[str, Callable[[], Row]] = {
            "heard": lambda: doubt.landed(self.row, now=self.now)[0],
            "refused": lambda: doubt.refused(self.row, ["error"], now=self.now)[0],
        }
        self.row = ends.get(what, lambda: doubt.unclear(self.row, now=self.now))()


@given(st.lists(EVENTS, max_size=40))
def test_a_payment_goes_once_whatever_becomes_of_calls_and_wishes_and_is_never_empty(
    events: list[tuple[str, object]],
) -> None:
    trial = Trial()

    for name, what in events:
        trial.happens(name, what)

    told = [item["paid_date"] for item in trial.items if "paid_date" in item]
    assert set(told) <= {"2026-03-09T00:00:00+01:00", "2026-03-10T00:00:00+01:00"}
    assert len(told) <= 1
    assert len(trial.mailed) == len({*trial.mailed})


@given(st.lists(EVENTS, max_size=40))
def test_without_a_payment_every_item_is_what_it_was_without_the_field(events: list[tuple[str, object]]) -> None:
    """The same story with the days taken out of it: its items are those of the other, without the field."""
    bare, whole = Trial(), Trial()

    for name, what in events:
        bare.happens(name, replace(what, paid_date=None) if isinstance(what, Want) else what)
        if name != "pays itself":
            whole.happens(name, replace(what, paid_date=None) if isinstance(what, Want) else what)
        else:
            whole.now += timedelta(seconds=200)

    assert bare.items == whole.items
    assert not any("paid_date" in item for item in bare.items)


@given(st.one_of(st.none(), st.dates(date(2000, 1, 1), date(2099, 12, 31))))
def test_a_day_is_written_as_its_first_moment_in_prague_or_not_at_all(day: date | None) -> None:
    item = client.item_of(OrderUpdate("O1", None, None, day))

    if day is None:
        assert item == {"order_number": "O1"}
    else:
        began = datetime.fromisoformat(item["paid_date"])
        assert (began.date(), began.hour, began.utcoffset() in (timedelta(hours=1), timedelta(hours=2))) == (
            day,
            0,
            True,
        )


@pytest.fixture
def conn(db):
    with db.tx(SHOP) as opened:
        go_live(opened)
        yield opened


def test_a_payment_is_stored_claimed_and_confirmed(conn) -> None:
    mirror(conn, at=0)
    want(conn, "O1", paid_date=DAY)

    claimed = claim(conn)
    assert claimed.updates == [OrderUpdate("O1", SENT, "A", DAY)]
    assert (row(conn).want_paid_date, row(conn).asked_paid_date, row(conn).sent_paid_at) == (DAY, DAY, None)
    record(conn, claimed, O1=YES)
    assert (row(conn).sent_paid_date, row(conn).sent_paid_at, row(conn).asked_paid_date) == (DAY, after(2), None)

    paid = "2026-03-09T00:00:00+01:00"
    assert mirror(conn, at=5, status_id=SENT, tracking_code="A", paid_date=paid) == ["confirmed"]
    assert row(conn).paid_confirmed_at == after(5)


def test_a_payment_that_comes_later_goes_alone_silently_and_is_counted_until_it_is_shown(conn) -> None:
    want(conn, "O1")
    send(conn)
    mirror(conn, at=5, status_id=SENT, tracking_code="A")
    want(conn, "O1", paid_date=DAY, at=1_000)

    claimed = claim(conn, 1_001)
    assert (claimed.updates, claimed.mail, claimed.sms) == ([OrderUpdate("O1", None, None, DAY)], False, False)
    record(conn, claimed, 1_002, O1=YES)

    counted = outbox.counts(conn, SHOP, now=after(1_003))
    assert (counted.sent, counted.confirmed) == (1, 0)
    assert outbox.state_of(conn, SHOP, ["O1"], now=after(1_003)) == {"O1": "sent"}
    assert outbox.unconfirmed(conn, SHOP, ["O1"]) == {"O1": after(1_002)}
    assert outbox.late_receipts(conn, SHOP, now=after(1_001 + 1_801)) == ["O1"]


def test_further_codes_do_not_hold_a_payment_up(conn) -> None:
    mirror(conn, at=0, status_id=SENT, tracking_code="A")
    want(conn, "O1", extra_codes=("B",), paid_date=DAY)

    assert claim(conn).updates == [OrderUpdate("O1", None, None, DAY)]


def test_an_order_that_is_paid_in_the_mirror_owes_nothing(conn) -> None:
    mirror(conn, at=0, paid_date="2026-03-01T08:00:00+01:00", status_id=SENT, tracking_code="A")
    want(conn, "O1", paid_date=DAY)

    assert claim(conn).updates == []
    assert (row(conn).due_at, row(conn).confirm_by) == (None, None)
