"""The budget as it stands in Redis, which may lose it at any time: it is made again from the ledger.

Keys: `budget:{tenant}` what we know of the shop, `…:h:{hour}` and `…:d:{date}` what was used of a window, `…:leases`
the calls under way; `budget:service…` the same for the whole service.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from typing import Protocol, cast

import redis
from redis.client import Pipeline

from service.budget import ledger, rules
from service.budget.rules import Caps, Span, State, Wait, Why
from service.db import Database
from service.kit import backoff, ids
from service.lanes import Lane, TenantId

log = logging.getLogger(__name__)

AWAY = timedelta(seconds=5)  # without Redis nobody knows who else is calling, so nobody calls
DAY_KEPT = timedelta(days=3)
PATIENT = 5  # so many 429 in a row may be too many calls at once
PACE_SEEN = timedelta(minutes=2)  # what was called earlier hardly weighs on the pace any more
SERVICE, SERVICE_LEASES = "budget:service", "budget:service:leases"
DOUBTED_LEASES, BAD_LOGINS = "budget:service:doubted", "budget:service:bad_logins"
WHYS = tuple(Why)  # take.lua names a reason by its place

WORDS = {
    Why.BLOCKED: "the shop told us to come back later",
    Why.LOGINS: "too many logins were refused: fresh credentials wait",
    Why.OWN_DAY: "our own calls of the day are used up",
    Why.SERVICE_DAY: "the service's calls of the day are used up",
    Why.WINDOW: "the shop's hour and day are used up",
    Why.SHARE: "this lane's share of the shop's window is used up",
    Why.PACE: "our own pace",
    Why.AT_ONCE: "other calls to this shop are under way",
    Why.ALL_AT_ONCE: "too many calls of the service are under way",
    Why.ONE_DOUBTED: "another shop's fresh credentials are being tried",
}


@dataclass(frozen=True)
class Lease:
    """One call that may be made now; it ends by itself after `lease_s`, even if its worker dies."""

    lease_id: str
    tenant_id: TenantId


@dataclass(frozen=True)
class Later:
    """No call now; ask again at `until`."""

    until: datetime
    why: str


@dataclass(frozen=True)
class Limits:
    """What the shop told about its windows in an answer (docs/upgates.md 1.7)."""

    hour: int
    hour_left: int
    day: int
    day_left: int


class Script(Protocol):
    """A Lua script that Redis keeps."""

    def __call__(self, *, keys: list[str], args: list[str | int]) -> object: ...


class Purse:
    """Hands out calls, per tenant and lane; every worker of the service shares it."""

    def __init__(self, client: redis.Redis, database: Database, caps: Caps) -> None:
        self._redis = client
        self._db = database
        self._caps = caps
        self._take, self._hear, self._block, self._seed = (
            cast("Script", client.register_script(_lua(name))) for name in ("take", "hear", "block", "seed")
        )

    def take(self, tenant_id: TenantId, lane: Lane, *, now: datetime, doubted: bool) -> Lease | Later:
        """Take one call out of the tenant's budget, or say when to ask again.

        Counts attempts, not successes. `doubted` credentials have never worked yet. Redis away means no calls at all.
        Source: docs/upgates.md 1.7 (fixed clock hours and days), 1.8 (three at once, of which we use two), 1.2.
        """
        try:
            found = self.attempt(tenant_id, lane, now=now, doubted=doubted)
            if isinstance(found, Wait) and found.why == Why.COLD:
                self.seed(tenant_id, now=now)
                found = self.attempt(tenant_id, lane, now=now, doubted=doubted)
        except redis.RedisError as away:
            log.warning("no calls for %s, Redis is away: %s", tenant_id, type(away).__name__)
            return Later(now + AWAY, "Redis is away, and nobody knows who else is calling")
        if isinstance(found, Lease):
            return found
        return Later(rules.moment(found.until), WORDS.get(found.why, found.why))

    def attempt(self, tenant_id: TenantId, lane: Lane, *, now: datetime, doubted: bool) -> Lease | Wait:
        """Decide and take in one atomic step; what the decision is stands in `rules.decide`."""
        caps, at, share = self._caps, rules.millis(now), rules.SHARES[lane]
        lease = Lease(ids.fresh("l"), tenant_id)
        args: list[str | int] = [
            lane.value, lease.lease_id, int(doubted), at, rules.next_hour(at), rules.next_day(at),
            share, rules.headroom_ms(share, caps), caps.interval_ms, caps.calls_per_day, caps.at_once,
            caps.service_at_once, caps.lease_ms, rules.BAD_LOGINS, rules.LOOK_AGAIN_MS,
            caps.ceiling(lane),
        ]  # fmt: skip
        shared = [SERVICE, SERVICE_LEASES, DOUBTED_LEASES, BAD_LOGINS, _service_day(at)]
        answer = self._take(keys=[*_keys(tenant_id, at), *shared], args=args)
        granted, why, until = cast("list[int]", answer)
        return lease if granted else Wait(int(until), WHYS[int(why)])

    def free(self, lease: Lease, *, is_busy: bool = False, is_over: bool = True) -> None:
        """Give a lease back; when Redis is away it ends by itself. `is_busy`: the shop answered 429.

        Not `is_over`: we gave up, and the shop may be at it still. It keeps its place among the shop's own, no other.
        """
        own = [_leases(lease.tenant_id)] if is_over else []
        try:
            with self._pipe() as pipe:
                if not is_busy:
                    pipe.delete(_busy(lease.tenant_id))
                for key in (*own, SERVICE_LEASES, DOUBTED_LEASES):
                    pipe.zrem(key, lease.lease_id)
                pipe.execute()
        except redis.RedisError as away:
            log.warning("a lease of %s stays until it expires: %s", lease.tenant_id, type(away).__name__)

    def heard(self, tenant_id: TenantId, limits: Limits | None, *, began_at: datetime, now: datetime) -> None:
        """Take over what the shop told about its limits; None: it has none (docs/upgates.md 1.7).

        An answer to a call of the last hour tells about that hour, or about this one: nobody knows.
        """
        at = rules.millis(now)
        if rules.hour_of(rules.millis(began_at)) != rules.hour_of(at):
            return
        told: list[str | int] = [limits.hour, limits.hour_left, limits.day, limits.day_left] if limits else []
        try:
            self._hear(keys=_keys(tenant_id, at)[:3], args=told)
        except redis.RedisError as away:
            log.warning("the limits of %s were not noted: %s", tenant_id, type(away).__name__)

    def block(self, tenant_id: TenantId, until: datetime) -> None:
        """Make no calls to this shop before `until`: it said so."""
        try:
            self._block(keys=[_tenant(tenant_id)], args=[rules.millis(until)])
        except redis.RedisError as away:
            log.warning("%s is not blocked, Redis is away: %s", tenant_id, type(away).__name__)

    def busy(self, tenant_id: TenantId, until: datetime, *, now: datetime) -> datetime:
        """Note a 429 and return until when no call is made: as was told or guessed, ever longer when they go on.

        Too many calls at once are over within seconds; a shop that goes on refusing has another reason (1.8).
        """
        try:
            with self._pipe() as pipe:
                pipe.incr(_busy(tenant_id))
                pipe.expire(_busy(tenant_id), DAY_KEPT)
                [in_a_row, _] = pipe.execute()
        except redis.RedisError:
            in_a_row = 0
        if in_a_row > PATIENT:
            until = max(until, backoff.after(now, in_a_row - PATIENT - 1))
        self.block(tenant_id, until)
        return until

    def bad_login(self, *, now: datetime) -> None:
        """Count a refused login; they count against our address, whichever shop it was (docs/upgates.md 1.2)."""
        try:
            self._redis.zadd(BAD_LOGINS, {ids.fresh("b"): rules.millis(now)})
        except redis.RedisError as away:
            log.warning("a refused login was not counted: %s", type(away).__name__)

    def locked_out(self, *, now: datetime) -> datetime | None:
        """Return until when our address may be locked out for bad logins; None when there were not enough of them."""
        try:
            bad = self._bad_logins(rules.millis(now))
        except redis.RedisError:
            return None
        return rules.moment(bad[-rules.BAD_LOGINS] + rules.HOUR_MS) if len(bad) >= rules.BAD_LOGINS else None

    def state(self, tenant_id: TenantId, *, now: datetime) -> State:
        """Return what a decision at `now` would look at; raises redis.RedisError."""
        at = rules.millis(now)
        tenant, hour, day, leases = _keys(tenant_id, at)
        with self._pipe() as pipe:
            for key in (tenant, hour, day):
                pipe.hgetall(key)
            pipe.exists(SERVICE)
            for key in (leases, SERVICE_LEASES, DOUBTED_LEASES):
                pipe.zcount(key, f"({at}", "+inf")
            pipe.get(_service_day(at))
            known, of_hour, of_day, service, mine, all_of_us, doubted, everybody = pipe.execute()
        facts, hours, days = _texts(known), _texts(of_hour), _texts(of_day)
        limited = "hour_limit" in facts
        return State(
            seeded="seeded" in facts and bool(service),
            blocked_until=_over(int(facts.get("blocked_until", 0)), at),
            paced_until=_over(int(facts.get("paced_until", 0)), at),
            hour=Span(int(hours.get("left", facts["hour_limit"])) if limited else None, _lanes(hours, "drawn:")),
            day=Span(int(days.get("left", facts["day_limit"])) if limited else None, _lanes(days, "drawn:")),
            used=_lanes(days, "used:"),
            service_used=int(everybody or 0),
            leases=mine,
            service_leases=all_of_us,
            doubted_leases=doubted,
            bad_logins=tuple(self._bad_logins(at)),
        )

    def would_wait(self, tenant_id: TenantId, lane: Lane, *, now: datetime) -> Later | None:
        """Return until when a lane could make no call, and take nothing; raises redis.RedisError.

        None: it could, or nothing is known of the shop before its next call. Doubts about credentials are left out.
        """
        found = rules.decide(self.state(tenant_id, now=now), lane, rules.millis(now), self._caps, doubted=False)
        if not isinstance(found, Wait) or found.why == Why.COLD:
            return None
        return Later(rules.moment(found.until), WORDS[found.why])

    def under_way(self, *, now: datetime) -> int:
        """Count the calls to all shops that are under way; raises redis.RedisError."""
        return int(self._redis.zcount(SERVICE_LEASES, f"({rules.millis(now)}", "+inf"))  # pyright: ignore[reportArgumentType]

    def seed(self, tenant_id: TenantId, *, now: datetime) -> None:
        """Make the budget of a tenant, and of the service, again from the ledger; who was faster has done it already.

        A call begun less than a lease ago that has not ended counts as one under way.
        """
        at, caps = rules.millis(now), self._caps
        lately = now - timedelta(milliseconds=caps.lease_ms)
        with self._db.tx(tenant_id) as conn:
            spent = ledger.spent(conn, tenant_id, hour=_hour_began(at), day=rules.moment(rules.day_began(at)))
            began = ledger.latest(conn, tenant_id, since=now - PACE_SEEN)
        with self._db.tx_all("the budget of the service counts all shops' calls") as conn:
            under_way = ledger.still_open(conn, since=lately)
            bad_logins = ledger.bad_logins(conn, since=now - timedelta(milliseconds=rules.HOUR_MS))
            made = ledger.made(conn, since=rules.moment(rules.day_began(at)))
        if not self._redis.exists(SERVICE):
            self._seed_service(at, under_way, [rules.millis(when) for when in bad_logins], made=made)
        ends = self._ends([call for call in under_way if call.tenant_id == tenant_id])
        args: list[str | int] = [rules.paced([rules.millis(when) for when in began], caps), len(ends)]
        for lease_id, until in ends.items():
            args += [lease_id, until]
        for lane in spent:
            args += [lane.lane, lane.hour, lane.day]
        self._seed(keys=_keys(tenant_id, at), args=args)

    def _bad_logins(self, at: int) -> list[int]:
        found = self._redis.zrange(  # pyright: ignore[reportUnknownMemberType] - of a parameter we leave alone
            BAD_LOGINS, f"({at - rules.HOUR_MS}", "+inf", byscore=True, withscores=True
        )
        return [int(score) for _, score in cast("list[tuple[object, float]]", found)]

    def _pipe(self) -> Pipeline:
        return self._redis.pipeline()  # pyright: ignore[reportUnknownMemberType] - of a parameter we leave alone

    def _seed_service(self, at: int, under_way: list[ledger.Open], bad_logins: list[int], *, made: int) -> None:
        """Write what the whole service did; two that do it at once write the same."""
        if under_way:
            self._redis.zadd(SERVICE_LEASES, self._ends(under_way))
        if bad_logins:
            self._redis.zadd(BAD_LOGINS, {f"ledger:{place}": when for place, when in enumerate(bad_logins)})
        self._redis.set(_service_day(at), made, ex=DAY_KEPT)
        self._redis.set(SERVICE, 1)

    def _ends(self, under_way: list[ledger.Open]) -> dict[str, int]:
        """Return when the leases of calls end that only the ledger knows of."""
        return {f"ledger:{call.call_id}": rules.millis(call.began_at) + self._caps.lease_ms for call in under_way}


def _tenant(tenant_id: TenantId) -> str:
    return f"budget:{tenant_id}"


def _service_day(at: int) -> str:
    return f"{SERVICE}:d:{rules.day_of(at)}"


def _busy(tenant_id: TenantId) -> str:
    return f"{_tenant(tenant_id)}:busy"


def _leases(tenant_id: TenantId) -> str:
    return f"budget:{tenant_id}:leases"


def _keys(tenant_id: TenantId, at: int) -> list[str]:
    """Return the keys of a tenant, its hour, its day and its leases."""
    tenant = _tenant(tenant_id)
    return [tenant, f"{tenant}:h:{rules.hour_of(at)}", f"{tenant}:d:{rules.day_of(at)}", _leases(tenant_id)]


def _hour_began(at: int) -> datetime:
    return rules.moment(rules.hour_of(at) * rules.HOUR_MS)


def _over(until: int, at: int) -> int:
    return until if until > at else 0


def _texts(fields: Mapping[bytes | str, bytes | str]) -> dict[str, str]:
    """Return a hash as text, whether the client decodes its answers or not."""
    return {_text(name): _text(value) for name, value in fields.items()}


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _lanes(fields: Mapping[str, str], prefix: str) -> dict[Lane, int]:
    return {Lane(name.removeprefix(prefix)): int(value) for name, value in fields.items() if name.startswith(prefix)}


def _lua(name: str) -> str:
    return resources.files("service.budget").joinpath(f"{name}.lua").read_text("utf-8")
