"""What may be sent, decided from values alone: nothing goes back, nothing goes twice, flags belong to their status."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.outbox import doubt
from service.outbox.decide import Row, Send, Shown, Want, dued, sendable, state, weigh
from service.outbox.merging import MILESTONES, merge

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BASE, SENT, DONE, SHOPS = 1, 5, 6, 9  # what an order shows before, when shipped, when delivered; the shop's own word


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def shipped(code: str | None = "A", **changed: object) -> Want:
    told = {"status_id": SENT, "milestone": "shipped", "mail": True, "based_on_status_id": BASE, "tracking_code": code}
    return Want(**{**told, **changed})


def delivered(**changed: object) -> Want:
    return shipped(**{"status_id": DONE, "milestone": "delivered", "mail": False, **changed})


def row(*wants: Want, **changed: object) -> Row:
    merged = Row("O1", **changed)
    for want in wants:
        merged = merge(merged, want)
    return merged


def shown(status_id: int | None = BASE, code: str | None = None, *, at: float = -60) -> Shown:
    return Shown(status_id, code, after(at))


def asked(before: Row, seen: Shown | None = None) -> Row:
    send = sendable(before, seen or shown(), NOW)
    assert send is not None
    return doubt.asked(before, send, claim="w_1", among=1, now=NOW)


def sent(*wants: Want) -> Row:
    return doubt.landed(asked(row(*wants)), now=NOW)[0]


@pytest.mark.parametrize(
    ("known", "seen", "send"),
    [
        (row(shipped()), shown(), Send(SENT, "A", mail=True, sms=False)),
        (row(shipped(), shipped("B")), shown(), Send(SENT, "B", mail=True, sms=False)),
        (row(shipped(), shipped(mail=False, sms=True)), shown(), Send(SENT, "A", mail=False, sms=True)),
        (row(shipped()), shown(SENT), Send(None, "A", mail=False, sms=False)),
        (row(shipped()), shown(code="A"), Send(SENT, None, mail=True, sms=False)),
        (row(shipped()), shown(SENT, "A"), None),
        (row(shipped()), shown(SENT, " A "), None),
        (row(shipped(), delivered()), shown(), Send(DONE, "A", mail=False, sms=False)),
        (row(delivered(), shipped("B")), shown(), Send(DONE, "B", mail=False, sms=False)),
        (row(shipped(), Want()), shown(), None),
        (row(shipped(), Want(tracking_code="A")), shown(), Send(None, "A", mail=False, sms=False)),
        (sent(shipped()), shown(), None),
        (merge(sent(shipped()), shipped("B")), shown(SENT, "A"), Send(None, "B", mail=False, sms=False)),
        (merge(sent(shipped()), shipped(status_id=DONE)), shown(SENT, "A"), None),
        (merge(sent(shipped()), Want()), shown(SENT, "A"), None),
        (merge(sent(shipped()), delivered()), shown(SENT, "A"), Send(DONE, None, mail=False, sms=False)),
        (row(shipped(), parked="why"), shown(), Send(SENT, "A", mail=True, sms=False)),
        (replace(row(shipped()), parked="why"), shown(), None),
        (row(shipped()), replace(shown(), deleted=True), None),
        (row(shipped()), None, Send(SENT, "A", mail=True, sms=False)),
        (asked(row(shipped())), shown(), None),
        (merge(sent(shipped("B")), shipped()), shown(SENT, "A"), Send(None, "A", mail=False, sms=False)),  # read before
        (merge(sent(shipped("B")), shipped()), shown(SENT, "A", at=0), None),
        (merge(sent(shipped()), delivered()), shown(DONE, "A", at=0), None),
        (merge(sent(shipped()), delivered()), shown(DONE, "A"), Send(DONE, None, mail=False, sms=False)),
    ],
)
def test_what_goes_is_what_differs(known: Row, seen: Shown | None, send: Send | None) -> None:
    assert sendable(known, seen, NOW) == send


def test_a_status_waits_for_its_code_and_goes_without_it_afterwards() -> None:
    waiting = dued(row(shipped(None, wait_until=after(900))), shown(), NOW)

    assert sendable(waiting, shown(), after(899)) is None
    assert (waiting.due_at, state(waiting, NOW)) == (after(900), "waits")
    assert sendable(waiting, shown(), after(900)) == Send(SENT, None, mail=True, sms=False)

    in_time = dued(merge(waiting, shipped("A", wait_until=None)), shown(), after(60), news=True)
    assert in_time.due_at == after(60)


def test_the_same_wish_once_more_is_no_news() -> None:
    known = row(shipped())

    assert merge(known, shipped()) is known
    assert merge(known, shipped(based_on_status_id=SHOPS)) is known  # the decision was made on what it showed then


@pytest.mark.parametrize("status_id", [SHOPS, None])
def test_the_shop_s_own_later_status_wins_until_a_later_milestone(status_id: int | None) -> None:
    overruled, [finding] = weigh(row(shipped()), shown(status_id), NOW)

    assert finding.what == "overruled"
    assert sendable(overruled, shown(status_id), NOW) == Send(None, "A", mail=False, sms=False)
    assert sendable(merge(overruled, shipped(status_id=DONE)), shown(status_id, "A"), NOW) is None

    later = merge(overruled, delivered(based_on_status_id=status_id))
    assert sendable(later, shown(status_id, "A"), NOW) == Send(DONE, None, mail=False, sms=False)


def test_the_shop_s_own_word_stands_though_another_box_moves_on() -> None:
    known = sent(delivered(left_at=after(-60)))

    again = merge(known, delivered(mail=True, based_on_status_id=SHOPS, left_at=after(-60), shown_at=after(90)))

    assert sendable(again, shown(SHOPS, "A", at=90), after(100)) is None


@pytest.mark.parametrize(("based_on", "send"), [(SHOPS, Send(SENT, None, mail=True, sms=False)), (DONE, None)])
def test_what_leaves_anew_after_the_shop_s_own_word_is_told_however_far_the_first_parcel_got(
    based_on: int, send: Send | None
) -> None:
    known = sent(delivered(left_at=after(-60)))

    again = merge(known, shipped(based_on_status_id=based_on, left_at=after(95), shown_at=after(90)))

    assert sendable(again, shown(based_on, "A", at=90), after(100)) == send


def test_a_read_from_before_our_last_status_does_not_overrule() -> None:
    known = merge(sent(shipped()), delivered(based_on_status_id=BASE))

    assert weigh(known, shown(SHOPS, at=-1), NOW)[0].overruled_at is None
    assert weigh(known, shown(SHOPS, at=1), NOW)[0].overruled_at is not None


def test_a_status_that_releases_the_order_overrules_nothing() -> None:
    known = row(shipped(based_on_status_id=BASE))

    assert weigh(known, replace(shown(SHOPS), releases=True), NOW)[0].overruled_at is None
    assert weigh(known, shown(SHOPS), NOW)[0].overruled_at is not None


def test_a_read_from_before_our_last_code_confirms_nothing() -> None:
    known = merge(sent(shipped("B")), shipped("A"))

    stale, findings = weigh(known, shown(SENT, "A"), NOW)
    assert (stale.sent_tracking_code, findings) == ("B", [])
    told, [finding] = weigh(known, shown(SENT, "A", at=1), after(2))
    assert (told.sent_tracking_code, finding.what) == ("A", "confirmed")


def test_our_own_status_overrules_nothing() -> None:
    known = merge(sent(shipped()), delivered(based_on_status_id=BASE))

    assert weigh(known, shown(SENT, "A", at=1), NOW)[0].overruled_at is None


@pytest.mark.parametrize(
    ("seen", "seconds", "settles", "again"),
    [
        (shown(SENT, "A", at=1), 1, True, None),
        (shown(SENT, "A", at=-1), 200, False, None),  # it began before the call
        (shown(BASE, at=60), 60, False, None),
        (shown(BASE, at=119), 119, False, None),
        (shown(BASE, at=120), 120, True, Send(SENT, "A", mail=True, sms=False)),
        (shown(SENT, at=120), 120, True, Send(None, "A", mail=False, sms=False)),
        (shown(BASE, "A", at=120), 120, True, Send(SENT, None, mail=True, sms=False)),
        (shown(SHOPS, at=120), 120, True, Send(None, "A", mail=False, sms=False)),
    ],
)
def test_a_doubt_ends_with_a_read_that_shows_it_or_began_after_the_rest(
    seen: Shown, seconds: float, settles: bool, again: Send | None
) -> None:
    settled, _ = doubt.seen(asked(row(shipped())), seen, now=after(seconds))

    assert settled.in_doubt is not settles
    assert sendable(settled, seen, after(seconds)) == again


def test_a_lost_answer_is_waited_for_a_minute_and_a_half() -> None:
    lost = doubt.unclear(asked(row(shipped())), now=after(2))

    assert lost.due_at == after(92)
    assert not doubt.seen(lost, shown(BASE, at=92), now=after(92))[0].in_doubt


@pytest.mark.parametrize("told_by", ["webhook", "read"])
@pytest.mark.parametrize("status_id", [BASE, SHOPS])
def test_what_the_shop_showed_during_a_doubt_was_done_and_what_it_shows_now_is_its_own(
    told_by: str, status_id: int
) -> None:
    lost = doubt.unclear(asked(row(shipped())), now=after(2))
    if told_by == "webhook":
        lost, *_ = doubt.echoed(lost, shown(), SENT, now=after(3))
    else:
        lost, _ = doubt.seen(lost, shown(SENT, at=3), now=after(3))  # without its code: that may still land

    settled, findings = doubt.seen(lost, shown(status_id, "A", at=93), now=after(93))

    assert [finding.what for finding in findings][:2] == ["written", "overruled"]
    assert sendable(settled, shown(status_id, "A", at=93), after(93)) is None
    assert not settled.unconfirmed


def test_a_wish_that_comes_during_a_doubt_waits_for_its_end() -> None:
    grown = merge(asked(row(shipped())), shipped("B"))
    assert sendable(grown, shown(), NOW) is None

    landed, _ = doubt.landed(grown, now=after(1))
    assert sendable(landed, shown(SENT, "A"), after(1)) == Send(None, "B", mail=False, sms=False)


def test_the_third_refusal_parks_with_the_level_and_news_starts_anew() -> None:
    known = row(shipped())
    whats = []
    for _ in range(3):
        known, [finding] = doubt.refused(asked(known), ["error"], now=NOW)
        whats.append(finding.what)
        assert sendable(known, shown(), NOW) is None
        known, _ = doubt.seen(known, shown(at=90), now=after(90))  # it may have been done all the same

    assert whats == ["refused", "refused", "parked"]
    assert (known.parked, state(known, NOW)) == ("the shop refused it 3 times (error)", "parked")
    again = merge(known, shipped("B"))
    assert (again.parked, again.tries) == (None, 0)


def test_an_echo_confirms_once_and_may_overtake_the_answer() -> None:
    early, ours, _ = doubt.echoed(asked(row(shipped())), shown(), SENT, now=after(1))
    landed, _ = doubt.landed(early, now=after(2))
    assert ours
    assert not landed.unconfirmed

    late, ours, [finding] = doubt.echoed(sent(shipped()), shown(), SENT, now=after(1))
    assert (ours, finding.what, state(late, NOW)) == (True, "confirmed", "confirmed")
    assert doubt.echoed(late, shown(), SENT, now=after(2)) == (late, True, [])  # not read since: still our own
    assert doubt.echoed(late, shown(SENT, at=5), SENT, now=after(6))[1] is False
    assert doubt.echoed(late, shown(), SHOPS, now=after(2))[1] is False


def test_an_echo_says_nothing_of_a_code_that_went_later() -> None:
    both = doubt.landed(asked(merge(sent(shipped()), shipped("B")), shown(SENT, "A")), now=after(5))[0]

    echoed, ours, findings = doubt.echoed(both, shown(), SENT, now=after(6))

    assert (ours, findings) == (True, [])
    assert echoed.unconfirmed == ("tracking_code",)


def code_first() -> Row:
    """A code was sent, and the call with the status is under way."""
    code = doubt.landed(asked(row(Want(tracking_code="A"))), now=after(-9))[0]
    return asked(merge(code, shipped()))


@pytest.mark.parametrize("overtakes", [False, True])
def test_an_echo_says_nothing_of_a_code_that_went_earlier_and_was_never_shown(overtakes: bool) -> None:
    status = code_first()
    if overtakes:
        status, *_ = doubt.echoed(status, shown(), SENT, now=after(1))
    landed, _ = doubt.landed(status, now=after(2))

    echoed, ours, findings = doubt.echoed(landed, shown(), SENT, now=after(3))

    assert (ours, findings) == (True, [])
    assert echoed.unconfirmed == ("tracking_code",)
    assert doubt.echoed(echoed, shown(), SENT, now=after(4)) == (echoed, True, [])
    _, [finding] = doubt.seen(echoed, shown(SENT, "theirs", at=100), now=after(101))
    assert (finding.what, finding.detail["lacks"]) == ("dropped", ["tracking_code"])
    _, [finding] = doubt.seen(echoed, shown(SENT, "A", at=100), now=after(101))
    assert finding.what == "confirmed"


def test_a_read_that_ends_a_doubt_confirms_no_code_it_does_not_show() -> None:
    status, *_ = doubt.echoed(code_first(), shown(), SENT, now=after(1))  # and its answer never comes
    status = doubt.unclear(status, now=after(30))

    told, findings = doubt.seen(status, shown(SENT, "theirs", at=200), now=after(201))

    assert [finding.what for finding in findings] == ["written"]
    assert "tracking_code" in told.unconfirmed
    assert told.confirm_by
    _, [finding] = doubt.seen(told, shown(SENT, "theirs", at=300), now=after(301))
    assert (finding.what, finding.detail["lacks"]) == ("dropped", ["tracking_code"])


def test_a_code_that_was_shown_stays_confirmed_whatever_is_sent_after_it() -> None:
    known = sent(shipped())
    known, _ = doubt.seen(known, shown(SENT, "A", at=10), now=after(10))
    done = asked(merge(known, delivered()), shown(SENT, "A", at=10))
    done, *_ = doubt.echoed(done, shown(SENT, "A", at=10), DONE, now=after(11))

    landed, _ = doubt.landed(done, now=after(12))

    assert not landed.unconfirmed
    assert landed.confirm_by is None


def test_an_echo_confirms_where_a_read_has_shown_the_code_before() -> None:
    code = doubt.landed(asked(row(Want(tracking_code="A"))), now=after(-9))[0]
    code, _ = doubt.seen(code, shown(BASE, "A", at=-5), now=after(-5))
    for overtakes in (False, True):
        status = asked(merge(code, shipped()), shown(BASE, "A", at=-5))
        if overtakes:
            status, *_ = doubt.echoed(status, shown(), SENT, now=after(1))
        landed, _ = doubt.landed(status, now=after(2))

        assert not doubt.echoed(landed, shown(), SENT, now=after(3))[0].unconfirmed


def test_a_receipt_of_before_does_not_speak_for_a_status_asked_in_the_same_instant() -> None:
    code = doubt.landed(asked(row(Want(tracking_code="A"))), now=after(-9))[0]
    code, _ = doubt.seen(code, shown(BASE, "A", at=0), now=NOW)
    status = doubt.unclear(asked(merge(code, shipped()), shown(BASE, "A", at=0)), now=after(1))

    read, findings = doubt.seen(status, shown(BASE, "A", at=100), now=after(100))

    assert findings == []
    assert sendable(read, shown(BASE, "A", at=100), after(100)) == Send(SENT, None, mail=True, sms=False)


@pytest.mark.parametrize(
    ("seen", "whats"),
    [
        (shown(SENT, "A", at=10), ["confirmed"]),
        (shown(BASE, at=89), []),
        (shown(BASE, at=90), ["dropped"]),
        (shown(SENT, "X", at=90), ["dropped"]),
        (shown(SHOPS, "A", at=90), ["overruled"]),
        (shown(SHOPS, at=90), ["overruled", "dropped"]),
    ],
)
def test_a_receipt_comes_by_any_read_and_a_late_read_that_lacks_it_tells_once(seen: Shown, whats: list[str]) -> None:
    read, findings = doubt.seen(sent(shipped()), seen, now=after(100))

    assert [finding.what for finding in findings] == whats
    assert sendable(read, seen, after(100)) is None  # never again with flags
    assert [finding.what for finding in doubt.seen(read, seen, now=after(200))[1]] == []


CODES = st.sampled_from([None, "A", "B"])
WANTS = st.one_of(
    st.just(Want()),
    st.builds(
        lambda step, code, mail: Want(SENT + step, MILESTONES[step], mail, False, BASE, code),
        st.integers(0, len(MILESTONES) - 1),
        CODES,
        st.booleans(),
    ),
)
EVENTS = st.one_of(
    st.tuples(st.just("want"), WANTS),
    st.tuples(st.just("send"), st.sampled_from(["heard", "lost before", "lost after"])),
    st.tuples(st.just("read"), st.none()),
)


@given(st.lists(EVENTS, max_size=40))
def test_a_status_never_goes_back_and_never_goes_twice(events: list[tuple[str, object]]) -> None:
    known, world, now, told = Row("O1"), shown(), NOW, []
    for name, what in events:
        now += timedelta(seconds=200)
        if isinstance(what, Want):
            known = dued(merge(known, replace(what, based_on_status_id=world.status_id)), None, now, news=True)
        elif name == "read":
            world = replace(world, read_at=now)
            known, _ = doubt.seen(known, world, now=now)
        elif send := sendable(known, world, now):
            known = doubt.asked(known, send, claim="w", among=1, now=now)
            if what != "lost before":
                told += [send.status_id] if send.status_id else []
                code = send.tracking_code or world.tracking_code
                world = replace(world, status_id=send.status_id or world.status_id, tracking_code=code)
            known = doubt.landed(known, now=now)[0] if what == "heard" else doubt.unclear(known, now=now)

    assert told == sorted(set(told))
