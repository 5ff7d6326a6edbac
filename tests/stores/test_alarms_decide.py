"""When a channel is told of a cause, and how often: every begin is told, and nothing that flaps is a storm."""

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import alarms
from service.alarms import Alarm, Owes, Pace, Standing, Terms
from service.alarms.decide import AGAIN_AFTER, CALM
from tests.shop_items import NOON

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OPEN, SHUT = Standing(NOON), Standing(None)


def terms(now: datetime = NOON, pace: Pace = Pace.AT_ONCE, *, begins_only: bool = False) -> Terms:
    hour = now.replace(minute=0, second=0, microsecond=0) + HOUR
    morning = now.replace(hour=6, minute=0, second=0, microsecond=0)
    return Terms(pace, hour, morning if morning > now else morning + DAY, begins_only=begins_only)


def told(known: Alarm, claimed: Alarm, on: Terms, *, taken: bool = False, now: datetime = NOON) -> Alarm:
    return alarms.told(known, claimed, on, taken=taken, now=now)


@pytest.mark.parametrize(
    ("pace", "due_at"),
    [(Pace.AT_ONCE, NOON), (Pace.HOURLY, NOON + HOUR), (Pace.DAILY, NOON + 18 * HOUR)],
)
def test_a_begin_is_told_at_the_pace_of_its_cause(pace, due_at) -> None:
    begun = alarms.moved(None, OPEN, terms(pace=pace), now=NOON)

    assert begun == Alarm(NOON, owes=Owes.BEGUN, due_at=due_at, since=NOON)


def test_what_is_never_told_makes_no_alarm_and_owes_nothing_any_more() -> None:
    owing = Alarm(NOON, owes=Owes.BEGUN, due_at=NOON, since=NOON)

    assert alarms.moved(None, OPEN, terms(pace=Pace.NEVER), now=NOON) is None
    assert alarms.moved(owing, OPEN, terms(pace=Pace.NEVER), now=NOON) == Alarm(NOON, over_at=NOON)


def test_whoever_wants_to_hear_of_it_again_hears_that_it_begins() -> None:
    lasting = Alarm(NOON, told_at=NOON, owes=Owes.STILL, due_at=NOON + DAY, since=NOON)
    unwanted = alarms.moved(lasting, OPEN, terms(pace=Pace.NEVER), now=NOON + HOUR)
    assert unwanted
    wanted = alarms.moved(unwanted, OPEN, terms(), now=NOON + 2 * HOUR)

    assert wanted
    assert (wanted.owes, wanted.over_at) == (Owes.BEGUN, None)


def test_who_was_told_is_reminded_in_the_morning_until_somebody_sees_to_it() -> None:
    begun = alarms.moved(None, OPEN, terms(), now=NOON)
    assert begun
    known = told(begun, begun, terms(), now=NOON)
    taken = alarms.moved(known, Standing(NOON, taken=True), terms(), now=NOON)
    assert taken
    given_back = alarms.moved(taken, OPEN, terms(), now=NOON)

    assert (known.owes, known.due_at) == (Owes.STILL, NOON + 18 * HOUR)
    assert taken == Alarm(NOON, told_at=NOON)
    assert given_back == known


def test_who_took_it_before_it_was_told_spares_its_reminders_too() -> None:
    begun = Alarm(NOON, owes=Owes.BEGUN, due_at=NOON, since=NOON)

    assert told(begun, begun, terms(), taken=True) == Alarm(NOON, told_at=NOON)


@pytest.mark.parametrize("owes", [*Owes])
@pytest.mark.parametrize("over_at", [None, NOON])
def test_whoever_wants_to_hear_nothing_any_more_while_he_is_told_is_owed_nothing(owes, over_at) -> None:
    known = Alarm(NOON, over_at=over_at, owes=owes, due_at=NOON, since=NOON)

    for claimed in (known, Alarm(NOON, owes=owes, due_at=NOON, since=NOON)):
        assert told(known, claimed, terms(pace=Pace.NEVER)).owes is None


def test_what_comes_back_before_its_end_was_told_never_ended() -> None:
    known = Alarm(NOON, told_at=NOON)
    ended = alarms.moved(known, SHUT, terms(), now=NOON + MINUTE)
    assert ended
    back = alarms.moved(ended, Standing(NOON + 2 * MINUTE), terms(), now=NOON + 2 * MINUTE)

    assert (ended.owes, ended.due_at) == (Owes.OVER, NOON + MINUTE + CALM)
    assert back
    assert (back.over_at, back.owes) == (None, Owes.STILL)


def test_what_came_and_went_unseen_is_told_all_the_same() -> None:
    passed = alarms.moved(None, Standing(None, passed_since=NOON - MINUTE), terms(), now=NOON)

    assert passed == Alarm(NOON - MINUTE, over_at=NOON, owes=Owes.BEGUN, due_at=NOON, since=NOON)
    assert told(passed, passed, terms(), now=NOON).owes is None


def test_what_moves_while_it_is_told_is_told_once_more() -> None:
    begun = Alarm(NOON, owes=Owes.BEGUN, due_at=NOON, since=NOON)
    ended = alarms.moved(begun, SHUT, terms(), now=NOON + MINUTE)
    assert ended
    over = Alarm(NOON, over_at=NOON, told_at=NOON, owes=Owes.OVER, due_at=NOON, since=NOON)
    back = alarms.moved(over, OPEN, terms(), now=NOON + MINUTE)
    assert back

    assert told(ended, begun, terms(), now=NOON + MINUTE).owes is Owes.OVER
    assert told(back, over, terms(), now=NOON + MINUTE).owes is Owes.BEGUN
    assert told(begun, ended, terms(), now=NOON + MINUTE).owes is Owes.BEGUN


def test_who_hears_of_begins_alone_hears_of_nothing_else() -> None:
    merchant = terms(begins_only=True)
    begun = alarms.moved(None, OPEN, merchant, now=NOON)
    assert begun
    known = told(begun, begun, merchant, now=NOON)

    assert known.owes is None
    assert alarms.moved(known, SHUT, merchant, now=NOON + HOUR) == Alarm(NOON, over_at=NOON + HOUR, told_at=NOON)


@dataclass
class Listener:
    """A channel that is told whatever is due, minute by minute, of a cause that comes and goes."""

    pace: Pace
    now: datetime = NOON
    open_since: datetime | None = None
    alarm: Alarm | None = None
    spells: list[datetime] = field(default_factory=list[datetime])
    heard: list[tuple[datetime, Owes, bool]] = field(default_factory=list[tuple[datetime, Owes, bool]])

    def turn(self, flips: int) -> None:
        """Let the cause change so many times within a minute, then weigh it, then tell what is due."""
        passed = None
        for _ in range(flips):
            if self.open_since is None:
                self.open_since = self.now
                self.spells.append(self.now)
            else:
                passed, self.open_since = passed or self.open_since, None
        if flips:
            standing = Standing(self.open_since, passed_since=passed)
            self.alarm = alarms.moved(self.alarm, standing, self.terms, now=self.now)
        self.tell()
        self.now += MINUTE

    def tell(self) -> None:
        known = self.alarm
        if known and known.owes and known.due_at and known.due_at <= self.now:
            self.heard.append((self.now, known.owes, known.over_at is not None))
            self.alarm = told(known, known, self.terms, now=self.now)

    @property
    def terms(self) -> Terms:
        return terms(self.now, self.pace)

    @property
    def believes(self) -> bool:
        """Say whether the channel believes that the cause stands."""
        return bool(self.heard) and not self.heard[-1][2]


FLIPS = st.lists(st.sampled_from([0, 0, 0, 1, 1, 2, 3]), min_size=1, max_size=400)


@given(FLIPS, st.sampled_from([Pace.AT_ONCE, Pace.HOURLY, Pace.DAILY]), st.integers(0, 23))
def test_however_a_cause_flaps_no_begin_is_lost_and_no_storm_comes(flips, pace, hours) -> None:
    listener = Listener(pace, now=NOON + hours * HOUR)
    for each in flips:
        listener.turn(each)
    for _ in range(2 * 24 * 60):  # then it is quiet for two days
        listener.turn(0)

    begins = [at for at, owes, _ in listener.heard if owes is Owes.BEGUN]
    assert all(after - before >= AGAIN_AFTER for before, after in itertools.pairwise(begins))
    news = [at for at, owes, _ in listener.heard if owes is not Owes.STILL]
    assert all(sum(at <= other < at + HOUR for other in news) <= 2 for at in news)
    reminders = [at for at, owes, _ in listener.heard if owes is Owes.STILL]
    assert all(after - before >= DAY for before, after in itertools.pairwise(reminders))
    assert bool(begins) == bool(listener.spells)
    assert listener.believes == (listener.open_since is not None)
    told_until = max((at for at, _, _ in listener.heard), default=NOON)
    assert all(spell <= told_until for spell in listener.spells)
