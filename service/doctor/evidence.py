"""What is known about the service at one moment, as values: the doctor ranks causes by it, `/metrics` counts it.

A neighbour that does not answer leaves None and its own words in `away`; nothing here is about one person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from service.blocks import Block
from service.bookings import Standing
from service.budget.ledger import Outcome
from service.budget.purse import Later
from service.contracts import Failing
from service.db.partitions import Parent
from service.inbox import spool
from service.lanes import Lane, TenantId, Waiting
from service.mappings import Given
from service.problems import Cause, Count
from service.tenants import State, Tenant
from service.tracking import Spent


@dataclass(frozen=True)
class OfDatabase:
    """What PostgreSQL tells of all shops together."""

    lanes: Mapping[Lane, Waiting]
    shops: Sequence[Tenant]  # all but those that left
    block: Block | None
    calls: Mapping[TenantId, int]  # of the day in Prague, the busiest shop first
    outcomes: Sequence[Outcome]  # of the last hour
    problems: Mapping[Cause, Count]
    hooks_off: int  # shops whose webhooks were missing, off or led elsewhere within a day
    receiver_at: datetime | None  # when a web process last said that it lives
    looked_at: datetime | None
    sealed_at: datetime | None
    partitions: Mapping[Parent, datetime | None]  # until when they are made; None: there are none
    overdue: int  # webhooks that keep their day from being dropped
    labels: Mapping[str, Standing]  # that are not settled, by carrier
    failing: Sequence[Failing]
    lists: Mapping[str, datetime]  # by carrier, when the one of its lists of points was read that was read longest ago
    asked: Sequence[Spent] = ()  # what carriers were asked about parcels in this hour

    @property
    def calls_made(self) -> int:
        """All calls of the day."""
        return sum(self.calls.values())

    @property
    def logins_refused(self) -> int:
        """Wrong logins of the last hour; five of them lock our address out (docs/upgates.md 1.2)."""
        return sum(each.calls for each in self.outcomes if each.status == 401)

    def in_state(self, state: State) -> list[Tenant]:
        """Return the shops in a state."""
        return [shop for shop in self.shops if shop.state is state]


@dataclass(frozen=True)
class OfRedis:
    """What Redis tells of those who work."""

    beat_at: datetime | None  # its last sign of life; None: none for 15 s
    workers: int  # that gave a sign of life within 20 s
    wakeups: Mapping[Lane, int]  # messages nobody took
    calls_under_way: int


@dataclass(frozen=True)
class OfSpool:
    """The spool, its bound, and the disk below it."""

    held: spool.Standing
    most_bytes: int
    disk_bytes: int
    disk_free: int


@dataclass(frozen=True)
class OfShop:
    """What one shop's orders may be waiting for."""

    tenant: Tenant
    doubted: bool  # its credentials have not worked yet
    mapping: Given
    failed: Mapping[str, str]  # steps of its activation that failed, and why
    running: Sequence[str]  # steps that have not ended
    resting: Mapping[Lane, datetime]  # lanes that wait for the shop, which did not answer, and until when
    parked: int
    problems: Mapping[Cause, Count]
    heard_at: datetime | None
    readers: int  # tokens that open its feed


@dataclass(frozen=True)
class Caps:
    """What a day's calls are held against."""

    shop: int
    service: int


@dataclass(frozen=True)
class Evidence:
    """Everything the doctor looks at."""

    at: datetime
    caps: Caps
    faults: Sequence[str] = ()  # why this installation ought not to start (service.guard)
    away: Mapping[str, str] = field(default_factory=dict[str, str])  # who did not answer, in its own words
    database: OfDatabase | None = None
    redis: OfRedis | None = None
    spool: OfSpool | None = None
    certificate_ends_at: datetime | None = None
    shop: OfShop | None = None
    waits: Later | None = None  # until when this shop may not be called, and why
