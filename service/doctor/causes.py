"""The causes of trouble and their ranking; deploy/runbook.md has a paragraph for each, under its name."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

MOST = 5


class Trouble(StrEnum):
    """What may be wrong, in the order of how much stands still with it."""

    DATABASE_AWAY = "database_away"
    REDIS_AWAY = "redis_away"
    SCHEMA_BEHIND = "schema_behind"
    CLOCKS_APART = "clocks_apart"
    UNFIT = "unfit"  # settings or servers would lose work: nothing starts
    DISK_LOW = "disk_low"
    SPOOL_FULL = "spool_full"
    CERTIFICATE_ENDS = "certificate_ends"
    RECEIVER_SILENT = "receiver_silent"
    BEAT_SILENT = "beat_silent"
    WORKERS_GONE = "workers_gone"
    ADDON_BLOCKED = "addon_blocked"
    LOGINS_REFUSED = "logins_refused"
    SERVICE_CALLS_USED_UP = "service_calls_used_up"
    PLATFORM_FAILS = "platform_fails"
    WORKERS_DEAF = "workers_deaf"
    LANE_LATE = "lane_late"
    CARRIER_DOWN = "carrier_down"
    LABELS_LATE = "labels_late"
    SPOOL_WAITS = "spool_waits"
    SHOPS_SUSPENDED = "shops_suspended"
    SHOP_CALLS_USED_UP = "shop_calls_used_up"
    WEBHOOKS_SILENT = "webhooks_silent"
    WEBHOOKS_OFF = "webhooks_off"
    ACTIVATION_FAILED = "activation_failed"
    ROWS_PARKED = "rows_parked"
    SPOOL_ASIDE = "spool_aside"
    PARTITIONS_BEHIND = "partitions_behind"
    WEBHOOKS_OVERDUE = "webhooks_overdue"
    PROBLEMS_OPEN = "problems_open"
    # Of one shop, in the order in which its orders come by.
    SHOP_LEFT = "shop_left"
    SHOP_WAITS_FOR_CALLS = "shop_waits_for_calls"
    SHOP_DOUBTED = "shop_doubted"
    SHOP_RESTS = "shop_rests"
    SHOP_UNDER_WAY = "shop_under_way"
    SHOP_UNANSWERED = "shop_unanswered"
    SHOP_OBSERVED = "shop_observed"
    SHOP_UNREAD = "shop_unread"


NOTHING_STARTS = frozenset(
    {Trouble.RECEIVER_SILENT, Trouble.BEAT_SILENT, Trouble.WORKERS_GONE, Trouble.LANE_LATE, Trouble.SPOOL_WAITS}
)
NOTHING_MOVES = frozenset({Trouble.LANE_LATE, Trouble.WORKERS_DEAF, Trouble.LABELS_LATE, Trouble.WEBHOOKS_OVERDUE})

# What follows from what: a symptom is told after every cause that has none above it.
FOLLOWS: Mapping[Trouble, frozenset[Trouble]] = {
    Trouble.DATABASE_AWAY: NOTHING_STARTS | {Trouble.SPOOL_FULL, Trouble.DISK_LOW},
    Trouble.REDIS_AWAY: NOTHING_MOVES | {Trouble.PARTITIONS_BEHIND},
    Trouble.SCHEMA_BEHIND: NOTHING_STARTS,
    Trouble.CLOCKS_APART: NOTHING_STARTS,
    Trouble.UNFIT: NOTHING_STARTS,
    Trouble.DISK_LOW: frozenset({Trouble.SPOOL_FULL}),
    Trouble.CERTIFICATE_ENDS: frozenset({Trouble.WEBHOOKS_SILENT, Trouble.WEBHOOKS_OFF}),
    Trouble.RECEIVER_SILENT: frozenset({Trouble.WEBHOOKS_SILENT, Trouble.WEBHOOKS_OFF, Trouble.SPOOL_WAITS}),
    Trouble.BEAT_SILENT: NOTHING_MOVES | {Trouble.PARTITIONS_BEHIND},
    Trouble.WORKERS_GONE: NOTHING_MOVES,
    Trouble.ADDON_BLOCKED: frozenset(
        {Trouble.LOGINS_REFUSED, Trouble.PLATFORM_FAILS, Trouble.SHOPS_SUSPENDED, Trouble.WEBHOOKS_SILENT}
    ),
    Trouble.LOGINS_REFUSED: frozenset({Trouble.SHOP_DOUBTED}),
    Trouble.SERVICE_CALLS_USED_UP: frozenset({Trouble.SHOP_WAITS_FOR_CALLS}),
    Trouble.PLATFORM_FAILS: frozenset({Trouble.ACTIVATION_FAILED, Trouble.ROWS_PARKED, Trouble.SHOP_RESTS}),
    Trouble.WORKERS_DEAF: frozenset({Trouble.LANE_LATE, Trouble.LABELS_LATE, Trouble.WEBHOOKS_OVERDUE}),
    Trouble.LANE_LATE: frozenset({Trouble.LABELS_LATE, Trouble.WEBHOOKS_OVERDUE}),
    Trouble.SHOP_CALLS_USED_UP: frozenset({Trouble.SHOP_WAITS_FOR_CALLS}),
}

PLACES = {trouble: place for place, trouble in enumerate(Trouble)}


@dataclass(frozen=True)
class Finding:
    """A cause that the evidence speaks for: its numbers, and what to do now."""

    trouble: Trouble
    says: str
    do: str
    follows: Trouble | None = None  # what it is a symptom of


def rank(findings: Iterable[Finding], *, besides: Iterable[Finding] = ()) -> list[Finding]:
    """Return findings with the most probable cause first: causes before their symptoms, then by what stands still.

    `besides`: told elsewhere on the page, and perhaps the cause of some of these.
    """
    found = list(findings)
    known = {each.trouble for each in (*found, *besides)}
    whole = [replace(each, follows=_above(each.trouble, known)) for each in found]
    return sorted(whole, key=lambda each: (each.follows is not None, PLACES[each.trouble]))


def _above(trouble: Trouble, known: Collection[Trouble]) -> Trouble | None:
    above = [cause for cause in known if trouble in FOLLOWS.get(cause, ())]
    return min(above, key=PLACES.__getitem__, default=None)
