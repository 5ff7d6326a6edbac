"""Everything a flow may touch, handed in as one value: database, shops, wake-ups, time."""

import json
import logging
import random
from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from threading import Lock
from typing import TypeVar, cast

import httpx
import redis
from tenacity import nap

from carriers import line, registry
from carriers.base import Account, Carrier
from carriers.registry import AccountIncomplete
from service import blocks, journal, problems, tenants
from service.budget import ledger
from service.budget.purse import Later, Limits, Purse
from service.budget.rules import SERVICE_PER_DAY, Caps
from service.contracts import Contract
from service.db import Conn, Database
from service.kit.clock import utc_now
from service.kit.seal import SealBroken
from service.lanes import Lane, TenantId
from service.platform import address, client, wire
from service.platform.client import Shop
from service.platform.errors import (
    AccessBlocked,
    CredentialsRejected,
    Forbidden,
    Moved,
    MovedTwice,
    NotActive,
    NotInTime,
    PlatformBusy,
    PlatformError,
    PlatformRefused,
    RightMissing,
)
from service.platform.shapes import Page
from service.platform.wire import Answer, Ask
from service.settings import Settings
from service.tenants import Access, State
from service.wakeup import Wake, Wakeup

log = logging.getLogger(__name__)
T = TypeVar("T")

SOON = timedelta(seconds=1)
PROBE_EVERY = timedelta(hours=1)  # of a blocked add-on; also the time a wrong login counts (docs/upgates.md 1.2)
HELD_WAIT = timedelta(minutes=1)  # by then whoever was under way when the block began finds its shop held
BLOCKED = "the add-on is blocked at all shops; one of them is tried once an hour"


class LoginUnusable(Exception):
    """A carrier cannot be asked with the login there is; the message is for whoever entered it."""


@dataclass(frozen=True)
class Rig:
    """The tools of a flow; tests hand in a simulator's transport and a watch that moves when told."""

    settings: Settings
    db: Database
    redis: redis.Redis
    wake: Wake
    now: Callable[[], datetime]
    transport: httpx.BaseTransport | None = field(default=None, repr=False)
    carriers: httpx.BaseTransport | None = field(default=None, repr=False)  # of the calls to carriers
    nap: Callable[[float], None] = field(
        default=nap.sleep, repr=False
    )  # between quick retries, and calls that must not follow at once
    jitter: Callable[[], float] = field(default=random.random, repr=False)

    def shop(self, tenant_id: TenantId, lane: Lane) -> Shop:
        """Return the client of one shop; each of its calls is paid for by the lane and raises a PlatformError.

        PlatformBusy: not now, come back at `until`. PlatformRefused: a person must act; the shop may be suspended by
        now. PlatformUnreachable: back off.
        """
        return Shop(Calls(self, tenant_id, lane), addon=self.settings.addon)

    def probe(self, tenant_id: TenantId) -> None:
        """Ask a held shop `GET /status`, by one call that is not repeated; raise a PlatformError unless it lets us in.

        Source: docs/upgates.md 2.7, 4.17.
        """
        Shop(Calls(self, tenant_id, Lane.ACTIVATE, probing=True).once, addon=self.settings.addon).status()

    def carrier(self, contract: Contract) -> Carrier:
        """Return the adapter of a carrier, let in by this contract; each of its calls raises a CarrierError.

        Raise LoginUnusable when it cannot even be asked: its secrets do not open, are gone, or lack something.
        """
        account = Account(contract.base_url, self.secrets(contract), contract.given, contract.switches)
        try:
            return registry.opened(contract.carrier, account, client=self.to_carriers, now=self.now, nap=self.nap)
        except AccountIncomplete as lacking:
            raise LoginUnusable(str(lacking)) from None

    def secrets(self, contract: Contract) -> Mapping[str, str]:
        """Open the seal of a login, for one use only; raise LoginUnusable."""
        if contract.secrets_sealed is None:
            raise LoginUnusable("the login was removed")
        try:
            return json.loads(self.settings.seal.open(contract.secrets_sealed))
        except SealBroken as broken:
            raise LoginUnusable(str(broken)) from None

    @cached_property
    def at_carriers(self) -> "AtCarriers":
        """The adapters in use; threads share them, and so the token that lets one in."""
        return AtCarriers(self)

    @cached_property
    def purse(self) -> Purse:
        """The budget all workers share."""
        settings = self.settings
        caps = Caps(
            calls_per_second=settings.calls_per_second,
            burst=settings.calls_burst,
            calls_per_day=settings.calls_per_day,
            service_per_day=SERVICE_PER_DAY,
            at_once=settings.calls_at_once,
            service_at_once=settings.service_calls_at_once,
            lease_ms=round(settings.lease_s * 1_000),
        )
        return Purse(self.redis, self.db, caps)

    @cached_property
    def to_carriers(self) -> httpx.Client:
        """The connections to all carriers; threads share them."""
        return line.opened(self.carriers)

    @cached_property
    def http(self) -> httpx.Client:
        """The connections to all shops; threads share them."""
        return client.open_client(self.transport)

    def close(self) -> None:
        """Give back the connections."""
        for name in ("http", "to_carriers"):
            if name in self.__dict__:
                self.__dict__[name].close()
        self.db.close()
        self.redis.close()


class AtCarriers:
    """The adapters in use, one for each login as it stands: PPL gives out no more than twelve tokens a minute."""

    MOST = 200

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._lock = Lock()
        self._open: dict[tuple[str, int], Carrier] = {}

    def opened(self, contract: Contract) -> Carrier:
        """Return the adapter of a login, or raise LoginUnusable."""
        key = contract.contract_id, contract.revision
        with self._lock:
            if key not in self._open:
                if len(self._open) >= self.MOST:
                    self._open.clear()
                self._open[key] = self._rig.carrier(contract)
            return self._open[key]


def build(settings: Settings, *, pool: int | None = None) -> Rig:
    """Return the rig of a process: the real database, the real Redis, the machine's clock."""
    database = Database(settings.database_url, size=pool or settings.database_pool)
    database.open()
    memory = redis.Redis.from_url(  # pyright: ignore[reportUnknownMemberType] - its keywords are untyped
        settings.redis_url, socket_timeout=2, socket_connect_timeout=1
    )
    return Rig(settings=settings, db=database, redis=memory, wake=Wakeup(settings.redis_url, memory), now=utc_now)


@dataclass(frozen=True)
class Calls:
    """Makes the calls of one lane to one shop: fence, budget, ledger, and what follows from a bad answer.

    Source: docs/upgates.md 1.2 (one dead shop can stop all), 1.4 (what a status asks of us), 1.7, 1.8.
    """

    rig: Rig
    tenant_id: TenantId
    lane: Lane
    probing: bool = False

    def once(self, ask: Ask[T]) -> T:
        """Make a call once and follow nothing."""
        return self._paid(ask)

    def __call__(self, ask: Ask[T]) -> T:
        return client.persist(lambda: self._follow(ask), ask, nap=self.rig.nap)

    def _follow(self, ask: Ask[T]) -> T:
        """Make the call, and once more where the shop says it has moved to."""
        try:
            return self._explained(ask)
        except Moved as moved:
            self._note_move(moved)
        try:
            return self._explained(ask)
        except Moved:
            raise MovedTwice(f"{ask.row.name}: the shop moved, and its new address says that it moved again") from None

    def _note_move(self, moved: Moved) -> None:
        api_url = address.allowed(moved.api_url, self.rig.settings.platform_hosts)
        with self.rig.db.tx(self.tenant_id) as conn:
            if tenants.moved(conn, self.tenant_id, api_url=api_url):
                journal.write(conn, self.tenant_id, [journal.Entry(self.rig.now(), journal.Kind.MOVED, None)])
        log.info("%s moved to %s", self.tenant_id, api_url)

    def _explained(self, ask: Ask[T]) -> T:
        """Make the call; a 403 is explained by one `GET /status`, which needs no right (1.4)."""
        try:
            return self._paid(ask)
        except Forbidden:
            access = self._access()
            if ask.row.name == "status":
                raise self._shut_out(access) from None
        try:
            Shop(self._paid, addon=self.rig.settings.addon).status()
        except Forbidden:
            raise self._shut_out(access) from None
        raise RightMissing(f"{ask.row.name}: our access to the shop lacks the right for it (403)")

    def _shut_out(self, access: Access) -> PlatformError:
        """Return what a 403 of `/status` means: our address is locked out, or our access was switched off (B26)."""
        rig = self.rig
        if until := rig.purse.locked_out(now=rig.now()):
            rig.purse.block(self.tenant_id, until)
            return PlatformBusy(until, "our address is locked out after bad logins (403)")
        return self._fenced(AccessBlocked("the shop or UPgates switched our access off (403)"), access)

    def _paid(self, ask: Ask[T]) -> T:
        """Take one call from the budget and make it."""
        access = self._access()
        lease = self.rig.purse.take(self.tenant_id, self.lane, now=self.rig.now(), doubted=access.doubted)
        if isinstance(lease, Later):
            raise PlatformBusy(lease.until, lease.why)
        is_busy, is_over = False, True
        try:
            return self._noted(ask, access)
        except PlatformBusy:
            is_busy = True
            raise
        except NotInTime:
            is_over = False
            raise
        finally:
            self.rig.purse.free(lease, is_busy=is_busy, is_over=is_over)

    def _access(self) -> Access:
        """Return how to call the shop; raise NotActive when it is not to be called."""
        with self.rig.db.tx(self.tenant_id) as conn:
            access = tenants.access(conn, self.tenant_id)
        if access and access.state is State.HELD and not self.probing:
            raise PlatformBusy(self.rig.now() + HELD_WAIT, BLOCKED)
        if access is None or access.state is not (State.HELD if self.probing else State.ACTIVE):
            raise NotActive(f"the shop is {access.state.value if access else 'unknown'}: it is not called")
        return access

    def _noted(self, ask: Ask[T], access: Access) -> T:
        """Make the call and write it down, before and after."""
        rig, login = self.rig, self._login(access)
        began_at = rig.now()
        with rig.db.tx(self.tenant_id) as conn:
            call_id = ledger.begin(conn, self.tenant_id, lane=self.lane, plan=ask.row.name, began_at=began_at)
        end = ledger.End(outcome="broken")  # a bug of ours; whatever else happens is told below
        try:
            answer = client.exchange(rig.http, ask, api_url=access.api_url, login=login, now=began_at)
            end = replace(end, status=answer.status)
            self._heard(answer, readable=False)
            wire.judge(answer, jitter=rig.jitter)
            value = ask.read(answer)
            self._heard(answer, readable=True)
            end = replace(end, outcome=ledger.READ, items=_held(value))
        except PlatformError as trouble:
            end = replace(end, outcome=type(trouble).__name__)
            raise self._heeded(trouble, access) from None
        finally:
            self._complete(access, call_id, began_at, end)
        return value

    def _complete(self, access: Access, call_id: int, began_at: datetime, end: ledger.End) -> None:
        with self.rig.db.tx(self.tenant_id) as conn:
            ended_at = self.rig.now()
            ledger.end(conn, self.tenant_id, call_id=call_id, began_at=began_at, ended_at=ended_at, end=end)
            if access.doubted and end.outcome == ledger.READ:
                tenants.trust(conn, self.tenant_id, credentials_revision=access.credentials_revision)

    def _heard(self, answer: Answer, *, readable: bool) -> None:
        """Take over the limits an answer tells; that there are none is believed of a readable answer only."""
        told = wire.allowance(answer)
        if (told is None) == readable:
            limits = Limits(*told) if told else None
            self.rig.purse.heard(self.tenant_id, limits, began_at=answer.began_at, now=self.rig.now())

    def _heeded(self, trouble: PlatformError, access: Access) -> PlatformError:
        """Act on a bad answer and return what the flow is told."""
        rig = self.rig
        if isinstance(trouble, PlatformBusy):
            return PlatformBusy(rig.purse.busy(self.tenant_id, trouble.until, now=rig.now()), trouble.why)
        if not isinstance(trouble, CredentialsRejected):
            return trouble
        rig.purse.bad_login(now=rig.now())
        return self._fenced(trouble, access)

    def _fenced(self, trouble: PlatformRefused, access: Access) -> PlatformError:
        """Stop all calls to a shop that shut us out, or to all shops when they do; return what the flow is told.

        The activation is left to try fresh credentials again: they may need a moment (B5).
        """
        rig, now = self.rig, self.rig.now()
        if self.probing:
            return trouble
        with rig.db.tx_all("a block of the add-on is told by many shops at once") as conn:
            blocks.alone(conn)
            revision = access.credentials_revision
            if not tenants.refused(conn, self.tenant_id, at=now, credentials_revision=revision):
                return PlatformBusy(now + SOON, "the shop gave us other credentials meanwhile")
            if not access.doubted and self._is_block(conn, now=now):
                return PlatformBusy(now + HELD_WAIT, BLOCKED)
            if self.lane is Lane.ACTIVATE:
                return trouble
            if tenants.suspend(conn, self.tenant_id, why=trouble.why, credentials_revision=revision):
                log.error("%s is suspended: %s", self.tenant_id, trouble.why)
                entry = journal.Entry(now, journal.Kind.SUSPENDED, None, {"why": trouble.why})
                journal.write(conn, self.tenant_id, [entry])
        return trouble

    def _is_block(self, conn: Conn, *, now: datetime) -> bool:
        """Say whether the add-on is blocked, and hold whoever is not held yet (docs/upgates.md 2.7)."""
        block, held = blocks.current(conn), [self.tenant_id]
        if block and block.waking_since is None:
            held = held if tenants.hold(conn, self.tenant_id, why=BLOCKED) else []
        else:
            refused = tenants.refused_since(conn, since=now - blocks.WINDOW)
            seen = blocks.told_by(refused, ledger.let_in(conn, since=min(refused.values(), default=now)))
            next_at = now + PROBE_EVERY
            if not seen:
                refused = tenants.refused_since(conn, since=now - blocks.NIGHT)
                seen = blocks.told_slowly(refused, ledger.let_in(conn, since=now - blocks.NIGHT))
                next_at = now + HELD_WAIT  # they may have left one by one: another shop is asked soon
            if not seen:
                return False
            blocks.begin(conn, seen=seen, next_at=next_at, now=now)
            problems.note(conn, seen[0], problems.Cause.ADDON_BLOCKED, now=now)
            held = tenants.hold_all(conn, why=BLOCKED, since=min(refused[tenant_id] for tenant_id in seen))
            log.error("the add-on is blocked, %s shops refuse us: all %s are held", len(seen), len(held))
        for tenant_id in held:
            journal.write(conn, tenant_id, [journal.Entry(now, journal.Kind.HELD, None, {"why": BLOCKED})])
        return True

    def _login(self, access: Access) -> tuple[str, str]:
        """Open the seal, for one call only."""
        try:
            return access.api_user, self.rig.settings.seal.open(access.api_key_sealed)
        except SealBroken as broken:
            raise PlatformRefused(str(broken)) from None


def _held(value: object) -> int:
    """Return how many items an answer held, for the ledger."""
    if isinstance(value, Page):
        page = cast("Page[object]", value)
        return len(page.items) + len(page.set_aside)
    return len(value) if isinstance(value, Sized) else 1
