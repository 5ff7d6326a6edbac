"""The script in Redis decides as the pure function does, and writes what the pure function says."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from service.budget import rules
from service.budget.purse import BAD_LOGINS, DOUBTED_LEASES, SERVICE, SERVICE_LEASES, Lease, Limits, Purse
from service.budget.rules import Caps, Grant, Span, State, Wait
from service.db import Database
from service.lanes import Lane

NOON = 1_772_366_400_000  # 2026-03-01 12:00 UTC
TENANTS = ("t_one", "t_two")
CAPS = Caps(
    calls_per_second=2, burst=5, calls_per_day=12, service_per_day=18, at_once=2, service_at_once=3, lease_ms=45_000
)

lanes = st.sampled_from(list(Lane))
who = st.sampled_from(TENANTS)
limits = st.builds(Limits, hour=st.just(10), hour_left=st.integers(0, 10), day=st.just(20), day_left=st.integers(0, 20))
more_limits = st.builds(Limits, hour=st.just(15), hour_left=st.integers(0, 15), day=st.just(30), day_left=st.just(30))
steps = st.one_of(
    st.tuples(st.just("take"), who, lanes, st.booleans()),
    st.tuples(st.just("take"), who, lanes, st.just(False)),
    st.tuples(st.just("free"), st.integers(0, 5)),
    st.tuples(st.just("heard"), who, st.one_of(limits, limits, more_limits, st.none())),
    st.tuples(st.just("blocked"), who, st.integers(-5_000, 90_000)),
    st.tuples(st.just("bad_login")),
    st.tuples(st.just("later"), st.sampled_from([1, 250, 500, 3_000, 45_000, 1_200_000, 40_000_000])),
)


def warm(memory: redis.Redis) -> Purse:
    """Return the purse of tenants whose budgets were seeded."""
    memory.flushdb()
    memory.set(SERVICE, 1)
    for tenant in TENANTS:
        memory.hset(f"budget:{tenant}", "seeded", 1)
    return Purse(memory, Database("postgres://unused", size=1), CAPS)


class History:
    """What was done to a purse so far."""

    def __init__(self, memory: redis.Redis, purse: Purse) -> None:
        self.memory = memory
        self.purse = purse
        self.at = NOON
        self.leases: list[Lease] = []

    @property
    def now(self):
        return rules.moment(self.at)

    def take(self, tenant: str, lane: Lane, doubted: bool) -> None:
        before = self.purse.state(tenant, now=self.now)
        decided = rules.decide(before, lane, self.at, CAPS, doubted=doubted)

        done = self.purse.attempt(tenant, lane, now=self.now, doubted=doubted)

        after = self.purse.state(tenant, now=self.now)
        if isinstance(decided, Wait):
            assert (done, after) == (decided, before)
        else:
            assert isinstance(done, Lease)
            assert after == rules.taken(before, decided, lane, self.at, CAPS, doubted=doubted)
            assert self.counted(tenant) == sum(after.used.values())
            self.leases.append(done)

    def counted(self, tenant: str) -> int:
        """Return the calls of the day as the script counts them: lane by lane, and all together."""
        return int(self.memory.hget(f"budget:{tenant}:d:{rules.day_of(self.at)}", "used"))

    def free(self, place: int) -> None:
        if self.leases:
            self.purse.free(self.leases.pop(place % len(self.leases)))

    def heard(self, tenant: str, told: Limits | None) -> None:
        self.purse.heard(tenant, told, began_at=self.now, now=self.now)

    def blocked(self, tenant: str, for_ms: int) -> None:
        self.purse.block(tenant, rules.moment(self.at + for_ms))

    def bad_login(self) -> None:
        self.purse.bad_login(now=self.now)

    def later(self, ms: int) -> None:
        self.at += ms


@given(st.lists(steps, max_size=40))
def test_redis_decides_and_writes_as_the_rules_say(memory, history: list[tuple[Any, ...]]) -> None:
    done = History(memory, warm(memory))

    for step, *how in history:
        getattr(done, step)(*how)


def near(*bounds: int) -> list[int]:
    """Values at a bound, just below and just above."""
    return sorted({max(0, bound + by) for bound in bounds for by in (-1, 0, 1)})


SHARED = (Lane.REFRESH_ORDERS, Lane.PULL, Lane.SWEEP)  # all, half and a fifth of what remains


def drawn(*lefts: int) -> list[Span]:
    return [Span(left, {lane: by for lane in SHARED if by}) for left in lefts for by in (0, 1, 2)]


CALM = State(seeded=True)
OLD = NOON - rules.HOUR_MS
HEADROOMS = {rules.headroom_ms(share, CAPS) for share in rules.SHARES.values()}
BOUNDS: dict[str, list[State]] = {
    "blocked": [replace(CALM, blocked_until=at) for at in near(NOON)],
    "pace": [replace(CALM, paced_until=at) for at in near(*(NOON + ahead for ahead in HEADROOMS))],
    "own day": [replace(CALM, used={Lane.PULL: n, Lane.SWEEP: m}) for n in (0, 5, 6, 11, 12) for m in (0, 1, 2)],
    "service day": [replace(CALM, service_used=n) for n in near(*(CAPS.ceiling(lane) for lane in SHARED))],
    "at once": [replace(CALM, leases=n) for n in near(CAPS.at_once)],
    "all at once": [replace(CALM, service_leases=n) for n in near(CAPS.service_at_once)],
    "doubted": [replace(CALM, doubted_leases=n) for n in (0, 1)],
    "logins": [replace(CALM, bad_logins=(at, NOON - 2, NOON - 1)) for at in (OLD - 1, OLD, OLD + 1)]
    + [replace(CALM, bad_logins=(*range(NOON - n, NOON),)) for n in range(5)],
    "windows": [replace(CALM, hour=hour, day=day) for hour in drawn(0, 1, 2) for day in drawn(0, 2)],
}


def load(memory: redis.Redis, state: State) -> Purse:
    """Write a state into Redis as the scripts would have left it."""
    purse = warm(memory)
    tenant, hour, day = "budget:t_one", f"budget:t_one:h:{rules.hour_of(NOON)}", f"budget:t_one:d:{rules.day_of(NOON)}"
    memory.hset(tenant, mapping={"blocked_until": state.blocked_until, "paced_until": state.paced_until})
    memory.hset(
        day, mapping={"used": sum(state.used.values()), **{f"used:{lane}": n for lane, n in state.used.items()}}
    )
    memory.set(f"{SERVICE}:d:{rules.day_of(NOON)}", state.service_used)
    for key, span, limit in [(hour, state.hour, "hour_limit"), (day, state.day, "day_limit")]:
        if span.left is not None:
            memory.hset(tenant, limit, 10)
            memory.hset(key, mapping={"left": span.left, **{f"drawn:{lane}": n for lane, n in span.drawn.items()}})
    for key, count in [
        ("budget:t_one:leases", state.leases),
        (SERVICE_LEASES, state.service_leases),
        (DOUBTED_LEASES, state.doubted_leases),
    ]:
        for n in range(count):
            memory.zadd(key, {f"l{n}": NOON + 1, "over": NOON})
    for at in state.bad_logins:
        memory.zadd(BAD_LOGINS, {str(at): at})
    return purse


@pytest.mark.parametrize("bound", BOUNDS)
def test_redis_decides_as_the_rules_say_at_every_bound(memory, bound: str) -> None:
    for state, lane in product(BOUNDS[bound], SHARED):
        History(memory, load(memory, state)).take("t_one", lane, doubted=bound in ("doubted", "logins"))


def test_what_is_left_only_goes_down_within_a_window(memory) -> None:
    purse = warm(memory)
    now = rules.moment(NOON)
    for left in (4, 7):
        purse.heard("t_one", Limits(10, left, 20, 20), began_at=now, now=now)

    assert purse.state("t_one", now=now).hour.left == 4


def test_a_larger_limit_is_believed_at_once(memory) -> None:
    purse = warm(memory)
    now = rules.moment(NOON)
    purse.heard("t_one", Limits(10, 0, 20, 0), began_at=now, now=now)
    purse.heard("t_one", Limits(35, 24, 420, 390), began_at=now, now=now)

    assert purse.state("t_one", now=now).hour.left == 24


def test_an_answer_to_a_call_of_the_last_hour_tells_nothing_about_this_one(memory) -> None:
    purse = warm(memory)
    began = rules.moment(NOON - 1)
    purse.heard("t_one", Limits(10, 1, 20, 20), began_at=began, now=rules.moment(NOON))

    assert purse.state("t_one", now=rules.moment(NOON)).hour.left is None


def test_a_new_hour_brings_the_whole_hour_back(memory) -> None:
    purse = warm(memory)
    now = rules.moment(NOON)
    purse.heard("t_one", Limits(10, 0, 20, 0), began_at=now, now=now)

    assert isinstance(purse.attempt("t_one", Lane.REFRESH_ORDERS, now=now, doubted=False), Wait)
    an_hour_later = rules.moment(NOON + rules.HOUR_MS)
    assert purse.state("t_one", now=an_hour_later).hour.left == 10
    assert isinstance(purse.attempt("t_one", Lane.REFRESH_ORDERS, now=an_hour_later, doubted=False), Lease)


def test_the_later_of_two_blocks_holds(memory) -> None:
    purse = warm(memory)
    for ms in (60_000, 2_000):
        purse.block("t_one", rules.moment(NOON + ms))

    assert purse.state("t_one", now=rules.moment(NOON)).blocked_until == NOON + 60_000


def test_a_lease_ends_by_itself(memory) -> None:
    purse = warm(memory)
    for _ in range(2):
        assert isinstance(purse.attempt("t_one", Lane.PULL, now=rules.moment(NOON), doubted=False), Lease)

    third = purse.attempt("t_one", Lane.REFRESH_ORDERS, now=rules.moment(NOON + 1), doubted=False)
    assert third == Wait(NOON + 1 + rules.LOOK_AGAIN_MS, rules.Why.AT_ONCE)
    after_lease = rules.moment(NOON + CAPS.lease_ms)
    assert isinstance(purse.attempt("t_one", Lane.REFRESH_ORDERS, now=after_lease, doubted=False), Lease)


def test_a_grant_names_the_window_it_comes_out_of() -> None:
    state = rules.State(seeded=True, hour=rules.Span(left=0), day=rules.Span(left=5))

    assert rules.decide(state, Lane.PULL, NOON, CAPS, doubted=False) == Grant("day")
