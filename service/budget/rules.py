"""Whether a call may be made now: pure functions of a state and a time.

`take.lua` carries the same decision out atomically in Redis; a property test holds both equal. Times are whole
milliseconds since 1970, because Lua computes with doubles.
Source: docs/upgates.md 1.7 (fixed clock hours and days, the hour is used up first), 1.8 (three at once), 1.2 (logins).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Literal

from service.kit.clock import PRAGUE
from service.lanes import Lane

SECOND_MS = 1_000
HOUR_MS = 3_600_000
LOOK_AGAIN_MS = 500  # a call in the way is over within a second or so
SERVICE_PER_DAY = 50_000  # the platform raises the alarm at 60,000 for all shops together (docs/upgates.md 1.7, B29)
BAD_LOGINS = 3  # of the five the platform allows per address and hour; the rest is for credentials that were good once

# How much of what hour and day together still allow a lane may use up, in percent. Whatever a lane may not take stays
# for those with a greater share, so a pull of any length leaves half of it, and of each burst, to fresh events.
SHARES: Mapping[Lane, int] = {
    Lane.ACTIVATE: 100,  # a few calls, and a merchant who watches
    Lane.REFRESH_ORDERS: 100,
    Lane.WRITEBACK: 100,  # a customer waits for the mail
    Lane.REFRESH_STATUSES: 90,  # one call each, and orders can wait for them
    Lane.REFRESH_SHIPPING: 90,
    Lane.REFRESH_PRODUCTS: 70,
    Lane.PULL: 50,
    Lane.SWEEP: 20,
    Lane.ALARM: 0,  # it calls no shop
    Lane.BOOK: 0,  # it calls carriers
    Lane.TRACK: 0,  # and so does this
    Lane.POINTS: 0,  # and this
    Lane.AFFILIATES: 20,  # a point that is new today was nobody's yesterday
}


class Why(StrEnum):
    """What a call has to wait for; take.lua names them by their places here."""

    COLD = "cold"  # nothing is known of the tenant or of the service: seed from the ledger and ask again
    BLOCKED = "blocked"  # the shop told us when to come back
    LOGINS = "logins"
    OWN_DAY = "own_day"
    SERVICE_DAY = "service_day"
    WINDOW = "window"
    SHARE = "share"
    PACE = "pace"
    AT_ONCE = "at_once"
    ALL_AT_ONCE = "all_at_once"
    ONE_DOUBTED = "one_doubted"


@dataclass(frozen=True)
class Caps:
    """Our own bounds, from the settings."""

    calls_per_second: float
    burst: int
    calls_per_day: int
    service_per_day: int
    at_once: int
    service_at_once: int
    lease_ms: int

    @property
    def interval_ms(self) -> int:
        """The time from call to call when the burst is used up."""
        return max(1, round(SECOND_MS / self.calls_per_second))

    def ceiling(self, lane: Lane) -> int:
        """Return at how many calls of the service a lane ends its day: fresh events go on longest (B29)."""
        return self.service_per_day * (100 + SHARES[lane]) // 200


@dataclass(frozen=True)
class Span:
    """A clock hour or day: what the shop still allows (None: it told no limit) and which lanes drew from it."""

    left: int | None = None
    drawn: Mapping[Lane, int] = field(default_factory=dict[Lane, int])


@dataclass(frozen=True)
class State:
    """All that a decision looks at, as of one moment: what is over by then is not in it."""

    seeded: bool = False
    blocked_until: int = 0
    paced_until: int = 0  # when the whole burst is there again
    hour: Span = Span()
    day: Span = Span()
    used: Mapping[Lane, int] = field(default_factory=dict[Lane, int])  # all calls of the day, against our own cap
    service_used: int = 0  # calls of the day to all shops
    leases: int = 0
    service_leases: int = 0
    doubted_leases: int = 0
    bad_logins: tuple[int, ...] = ()  # of the last hour, oldest first


@dataclass(frozen=True)
class Grant:
    """The call may be made; `draws` says which window it comes out of, None when the shop has none."""

    draws: Literal["hour", "day"] | None


@dataclass(frozen=True)
class Wait:
    """The call may not be made before `until`, and may have to wait again then."""

    until: int
    why: Why


def decide(  # noqa: C901, PLR0911 - the rules one after the other, as take.lua has them
    state: State, lane: Lane, now: int, caps: Caps, *, doubted: bool
) -> Grant | Wait:
    """Say whether a lane may make one call at `now`; what takes longest is looked at first.

    `doubted` credentials have never worked yet: one call at a time in the whole service, and none after bad logins.
    """
    share = SHARES[lane]
    if not state.seeded:
        return Wait(now, Why.COLD)
    if state.blocked_until > now:
        return Wait(state.blocked_until, Why.BLOCKED)
    if doubted and len(state.bad_logins) >= BAD_LOGINS:
        return Wait(state.bad_logins[-BAD_LOGINS] + HOUR_MS, Why.LOGINS)
    if not within(share, caps.calls_per_day - sum(state.used.values()), state.used.get(lane, 0)):
        return Wait(next_day(now), Why.OWN_DAY)
    if state.service_used >= caps.ceiling(lane):
        return Wait(next_day(now), Why.SERVICE_DAY)
    draws = drawn_from(state)
    if draws == "nothing":
        return Wait(next_hour(now), Why.WINDOW)
    if draws is not None and not within(share, *left_and_drawn(state, lane)):
        return Wait(next_hour(now), Why.SHARE)
    if state.paced_until - now > headroom_ms(share, caps):
        return Wait(state.paced_until - headroom_ms(share, caps), Why.PACE)
    if state.leases >= caps.at_once:
        return Wait(now + LOOK_AGAIN_MS, Why.AT_ONCE)
    if state.service_leases >= caps.service_at_once:
        return Wait(now + LOOK_AGAIN_MS, Why.ALL_AT_ONCE)
    if doubted and state.doubted_leases:
        return Wait(now + LOOK_AGAIN_MS, Why.ONE_DOUBTED)
    return Grant(draws)


def taken(state: State, grant: Grant, lane: Lane, now: int, caps: Caps, *, doubted: bool) -> State:
    """Return the state after a granted call has begun."""
    return replace(
        state,
        paced_until=max(state.paced_until, now) + caps.interval_ms,
        hour=_drawn(state.hour, lane) if grant.draws == "hour" else state.hour,
        day=_drawn(state.day, lane) if grant.draws == "day" else state.day,
        used={**state.used, lane: state.used.get(lane, 0) + 1},
        service_used=state.service_used + 1,
        leases=state.leases + 1,
        service_leases=state.service_leases + 1,
        doubted_leases=state.doubted_leases + doubted,
    )


def within(share: int, left: int, drawn: int) -> bool:
    """Say whether a lane that drew so much may draw once more: up to `share` percent of what the others leave."""
    return left > 0 and drawn * 100 < share * (left + drawn)


def left_and_drawn(state: State, lane: Lane) -> tuple[int, int]:
    """Return how many calls hour and day together have left, and how many of both the lane drew.

    Together, because the day goes on where the hour ends: of an hour of ten calls alone a lane with half of it would
    wait after five, with the whole day untouched.
    """
    spans = (state.hour, state.day)
    return sum(span.left or 0 for span in spans), sum(span.drawn.get(lane, 0) for span in spans)


def drawn_from(state: State) -> Literal["hour", "day", "nothing"] | None:
    """Return which window the next call comes out of: the hour first, then the day (docs/upgates.md 1.7)."""
    if state.hour.left is None:
        return None
    if state.hour.left > 0:
        return "hour"
    return "day" if state.day.left else "nothing"


def headroom_ms(share: int, caps: Caps) -> int:
    """Return how far ahead of the steady pace a lane may be: its share of the burst, at least one call at once."""
    return max(0, caps.burst * share // 100 - 1) * caps.interval_ms


def paced(began: Sequence[int], caps: Caps) -> int:
    """Return when the whole burst is there again after calls that began at these times, oldest first."""
    until = 0
    for at in began:
        until = max(until, at) + caps.interval_ms
    return until


def hour_of(now: int) -> int:
    """Return the number of the clock hour; Prague's hours begin with UTC's."""
    return now // HOUR_MS


def next_hour(now: int) -> int:
    """Return when the next clock hour begins."""
    return (hour_of(now) + 1) * HOUR_MS


def day_of(now: int) -> str:
    """Return the date in Prague."""
    return moment(now).astimezone(PRAGUE).date().isoformat()


def day_began(now: int) -> int:
    """Return when the day began in Prague."""
    local = moment(now).astimezone(PRAGUE)
    return millis(datetime(local.year, local.month, local.day, tzinfo=PRAGUE))


def next_day(now: int) -> int:
    """Return when the next day begins in Prague; a day there has 23 to 25 hours."""
    local = moment(now).astimezone(PRAGUE).date() + timedelta(days=1)
    return millis(datetime(local.year, local.month, local.day, tzinfo=PRAGUE))


def millis(at: datetime) -> int:
    """Return an aware time as whole milliseconds."""
    return round(at.timestamp() * 1_000)


def moment(at: int) -> datetime:
    """Return milliseconds as an aware time in UTC."""
    return datetime.fromtimestamp(at / 1_000, UTC)


def _drawn(span: Span, lane: Lane) -> Span:
    left = None if span.left is None else span.left - 1
    return Span(left, {**span.drawn, lane: span.drawn.get(lane, 0) + 1})
