"""What happened, row by row, in the transaction of the change; sealed afterwards so that nobody can rewrite it.

Rows are only ever added: the service's role may neither change nor delete them. The seal is a hash chain per tenant.
"""

import hashlib
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from service import db
from service.db import partitions
from service.db.partitions import Parent
from service.kit import canon
from service.lanes import TenantId

OWNS = ("journal", "journal_seals")

BATCH = 5_000  # rows that one seal covers at most
MONTHS_AHEAD = 2


class Kind(StrEnum):
    """What happened to an order or, without one, to the tenant."""

    NEW = "new"  # an order was read for the first time
    READ = "read"  # an order was read and nothing the WMS sees had changed
    CHANGED = "changed"  # with before and after, or only the name of a personal field
    DELETE_TOLD = "delete_told"  # a webhook says that it was deleted; dispatch stops
    MISSING = "missing"  # a valid answer lacks it; it is held
    DELETED = "deleted"  # proven gone
    REVIVED = "revived"  # a later read shows it again
    UNREADABLE = "unreadable"  # the shop's answer or event could not be understood, with the reason
    PROBLEM = "problem"  # something a person should look at
    PRODUCTS = "products"  # products were read; the detail says which changed
    CODEBOOK = "codebook"  # entries of a code list changed

    WRITTEN = "written"  # the shop took what we wrote of an order; the detail says what, and who was mailed
    WRITE_UNCLEAR = "write_unclear"  # no answer came: the order is read before anything is sent again
    WRITE_REFUSED = "write_refused"  # the shop did not take it
    CONFIRMED = "confirmed"  # the shop shows what we wrote
    OVERRULED = "overruled"  # the shop's own later status won over ours
    SILENT_DROP = "silent_drop"  # the shop said yes and shows something else
    OFFERED = "offered"  # warehouses are told something else of an order: state, reason, revision
    SHIPMENT = "shipment"  # a warehouse told what left
    SHIPMENT_CHANGED = "shipment_changed"  # with before and after
    SHIPMENT_VOIDED = "shipment_voided"  # taken back
    LABEL = "label"  # a carrier took a parcel and its label was made; the detail says under which numbers
    LABEL_UNCLEAR = "label_unclear"  # no answer came: it is looked for before it is asked for again
    LABEL_REFUSED = "label_refused"  # the carrier did not take it, or a person must decide; the detail says why
    LABEL_DIVERTED = "label_diverted"  # its carrier failed for too long, so another one is asked; the detail says whom
    LABEL_CANCELLED = "label_cancelled"  # taken back at the carrier, or never asked for
    LABEL_PRINTED = "label_printed"  # somebody fetched it; the detail says who
    HANDED_OVER = "handed_over"  # the carrier was told, or has it
    PARCEL = "parcel"  # a carrier tells that a parcel is somewhere else; the detail says where it was and is, and why
    GOODS_BACK = "goods_back"  # the warehouse has the goods of a parcel that came back; the detail says who said so
    COD_PAID = "cod_paid"  # a carrier paid out what it collected; the detail says how much, and how we know

    INSTALLED = "installed"
    REINSTALLED = "reinstalled"  # the tenant had been dismissed
    RESUMED = "resumed"  # the tenant had been suspended or held
    RENEWED = "renewed"  # an active tenant has new credentials
    UNINSTALLED = "uninstalled"
    HELD = "held"  # the add-on is blocked at all shops; nothing is called until that ends
    SUSPENDED = "suspended"  # credentials were rejected; nothing is called any more
    VERSION_CHANGED = "version_changed"
    MOVED = "moved"  # the shop answers at another address
    LOOKED = "looked"  # the shop was looked at; the detail says why, what it cost and what was found
    STEP_DONE = "step_done"  # a step of the activation ended
    PAIRED = "paired"  # the tenant got its account
    ALARM = "alarm"  # somebody was told of a problem; the detail says which channel, of what
    PERSON = "person"  # somebody did something by hand; the detail says who and what


@dataclass(frozen=True)
class Entry:
    """One thing that happened; `order_number` None: to the tenant. No personal values in `detail`: it is kept."""

    at: datetime
    kind: Kind
    order_number: str | None
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Verdict:
    """What checking the chain found: the first seal that does not fit, or how many entries hold.

    Before `aged_until` entries were dropped for their age: the first `aged` seals cannot be held against theirs.
    """

    entries: int
    seals: int
    broken_place: int | None = None
    why: str | None = None
    aged: int = 0
    aged_until: date | None = None

    @property
    def whole(self) -> bool:
        """Whether every sealed entry is what it was."""
        return self.broken_place is None


WRITE = """
    INSERT INTO journal (tenant_id, at, kind, order_number, detail)
    SELECT %(tenant_id)s, at, kind, order_number, detail::jsonb
    FROM unnest(
        %(ats)b::timestamptz[], %(kinds)b::text[], %(order_numbers)b::text[], %(details)b::text[]
    ) AS entries (at, kind, order_number, detail)
"""


def write(conn: db.Conn, tenant_id: TenantId, entries: Sequence[Entry]) -> None:
    """Write down what happened, in the transaction in which it happened."""
    if entries:
        db.run(
            conn,
            WRITE,
            tenant_id=tenant_id,
            ats=[entry.at for entry in entries],
            kinds=[entry.kind.value for entry in entries],
            order_numbers=[entry.order_number for entry in entries],
            details=[canon.stored(entry.detail) for entry in entries],
        )


TIMELINE = """
    SELECT at, kind, order_number, detail
    FROM journal
    WHERE tenant_id = %(tenant_id)s
      AND order_number = %(order_number)s
    ORDER BY at, journal_id
"""


def timeline(conn: db.Conn, tenant_id: TenantId, order_number: str) -> list[Entry]:
    """Return everything that happened to an order, oldest first."""
    found = db.rows(conn, TIMELINE, tenant_id=tenant_id, order_number=order_number)
    return [Entry(row["at"], Kind(row["kind"]), row["order_number"], row["detail"]) for row in found]


PRINTED = """
    SELECT at, kind, order_number, detail
    FROM journal
    WHERE tenant_id = %(tenant_id)s
      AND order_number = ANY (%(numbers)s)
      AND kind = 'label_printed'
    ORDER BY at, journal_id
"""


def printed(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str]) -> list[Entry]:
    """Return who printed labels of these orders and when, oldest first."""
    found = db.rows(conn, PRINTED, tenant_id=tenant_id, numbers=list(numbers))
    return [Entry(row["at"], Kind(row["kind"]), row["order_number"], row["detail"]) for row in found]


TAKEN = """
    SELECT detail ->> 'source' AS source, kind, count(*) AS entries
    FROM journal
    WHERE tenant_id = %(tenant_id)s
      AND order_number IS NOT NULL
      AND at >= %(since)s
      AND at < %(until)s
      AND kind IN ('new', 'changed', 'revived', 'read')
    GROUP BY 1, 2
"""


def taken(conn: db.Conn, tenant_id: TenantId, *, since: datetime, until: datetime) -> dict[str, dict[str, int]]:
    """Count the orders that reads of a period showed, by what asked for them and what they meant for the mirror."""
    counted: dict[str, dict[str, int]] = {}
    for row in db.rows(conn, TAKEN, tenant_id=tenant_id, since=since, until=until):
        counted.setdefault(row["source"], {})[row["kind"]] = row["entries"]
    return counted


LOCK = """
    SELECT pg_advisory_xact_lock(hashtextextended('journal_seals/' || %(tenant_id)s, 0))
"""

LAST_SEAL = """
    SELECT place, upto_xid::text AS upto_xid, upto_id, digest
    FROM journal_seals
    WHERE tenant_id = %(tenant_id)s
    ORDER BY place DESC
    LIMIT 1
"""


@dataclass(frozen=True)
class Head:
    """The newest seal: a digest over everything written until then."""

    place: int
    digest: str
    sealed_at: datetime


HEAD = """
    SELECT place, digest, sealed_at
    FROM journal_seals
    WHERE tenant_id = %(tenant_id)s
    ORDER BY place DESC
    LIMIT 1
"""


def head(conn: db.Conn, tenant_id: TenantId) -> Head | None:
    """Return the newest seal: noted elsewhere, it shows later that nothing before it was rewritten or cut off."""
    row = db.one(conn, HEAD, tenant_id=tenant_id)
    return Head(**row) if row else None


# A transaction that is older than every running one has ended: what it wrote is all there, and nothing can come before
# it any more. Time or identity would not do: both are given before the commit, so a slow writer would slip in behind.
UNSEALED = """
    SELECT journal_id, tenant_id, at, kind, order_number, detail, written_in::text AS written_in
    FROM journal
    WHERE tenant_id = %(tenant_id)s
      AND (written_in, journal_id) > (%(xid)s::xid8, %(journal_id)s)
      AND written_in < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY journal.written_in, journal_id
    LIMIT %(most)s
"""

SEAL = """
    INSERT INTO journal_seals (tenant_id, place, upto_xid, upto_id, entries, digest, sealed_at, first_at)
    VALUES (
        %(tenant_id)s, %(place)s, %(upto_xid)s::xid8, %(upto_id)s, %(entries)s, %(digest)s, %(now)s, %(first_at)s
    )
"""


def seal(conn: db.Conn, tenant_id: TenantId, now: datetime) -> int:
    """Seal what has been written since the last seal, `BATCH` rows at most; return how many.

    Each digest covers the one before, so a row that is changed, added or taken out later breaks the chain. What a
    transaction still running has written waits for the next seal.
    """
    db.rows(conn, LOCK, tenant_id=tenant_id)
    last = db.one(conn, LAST_SEAL, tenant_id=tenant_id) or {"place": 0, "upto_xid": "0", "upto_id": 0, "digest": ""}
    found = db.rows(conn, UNSEALED, tenant_id=tenant_id, xid=last["upto_xid"], journal_id=last["upto_id"], most=BATCH)
    if found:
        db.run(
            conn,
            SEAL,
            tenant_id=tenant_id,
            place=last["place"] + 1,
            upto_xid=found[-1]["written_in"],
            upto_id=found[-1]["journal_id"],
            entries=len(found),
            digest=_chain(last["digest"], found),
            now=now,
            first_at=min(row["at"] for row in found),
        )
    return len(found)


def _chain(digest: str, found: Sequence[db.Row]) -> str:
    for row in found:
        stamped = {**row, "at": row["at"].isoformat(timespec="microseconds")}
        digest = hashlib.sha256(f"{digest}\n{canon.text(stamped)}".encode()).hexdigest()
    return digest


# A process of before this column left it out: its oldest entry was hours older than the seal, never a day.
LAST_SEALED = "SELECT max(sealed_at) AS sealed_at FROM journal_seals"


def last_sealed(conn: db.Conn) -> datetime | None:
    """Return when anything was last sealed, as far as the transaction sees."""
    row = db.one(conn, LAST_SEALED)
    return row["sealed_at"] if row else None


SEALS = """
    SELECT place, upto_xid::text AS upto_xid, upto_id, entries, digest,
        COALESCE(first_at, sealed_at - interval '1 day') AS first_at
    FROM journal_seals
    WHERE tenant_id = %(tenant_id)s
    ORDER BY place
"""

SEALED = """
    SELECT journal_id, tenant_id, at, kind, order_number, detail, written_in::text AS written_in
    FROM journal
    WHERE tenant_id = %(tenant_id)s
      AND (written_in, journal_id) > (%(from_xid)s::xid8, %(from_id)s)
      AND (written_in, journal_id) <= (%(upto_xid)s::xid8, %(upto_id)s)
    ORDER BY journal.written_in, journal_id
"""


def verify(conn: db.Conn, tenant_id: TenantId) -> Verdict:
    """Compute the chain anew and say whether it holds, or name the first seal that does not fit.

    Where the oldest months were dropped, the chain is taken up at the last seal that lost entries with them: what it
    says is believed, what comes after it is checked. All seals stay, so none may be missing.

    Whoever owns the database could cut the newest seals off together with their rows; only a digest that was noted
    elsewhere shows that.
    """
    seals = db.rows(conn, SEALS, tenant_id=tenant_id)
    gone_until = partitions.gone_until(conn, Parent.JOURNAL)
    aged = _aged(seals, gone_until)
    if aged:
        return replace(_verify(conn, tenant_id, seals, aged), aged=aged, aged_until=gone_until)
    return _verify(conn, tenant_id, seals, 0)


def _aged(seals: Sequence[db.Row], gone_until: date | None) -> int:
    """Return the place of the last seal over entries that may have been dropped."""
    if gone_until is None:
        return 0
    kept_from = datetime(gone_until.year, gone_until.month, gone_until.day, tzinfo=UTC)
    return max((each["place"] for each in seals if each["first_at"] < kept_from), default=0)


def _verify(conn: db.Conn, tenant_id: TenantId, seals: Sequence[db.Row], aged: int) -> Verdict:
    held, xid, journal_id, digest, place = 0, "0", 0, "", 0
    for each in seals:
        place += 1
        if each["place"] != place:
            return Verdict(held, place - 1, place, "the seal itself is missing")
        if place <= aged:
            xid, journal_id, digest = each["upto_xid"], each["upto_id"], each["digest"]
            continue
        found = db.rows(
            conn,
            SEALED,
            tenant_id=tenant_id,
            from_xid=xid,
            from_id=journal_id,
            upto_xid=each["upto_xid"],
            upto_id=each["upto_id"],
        )
        digest = _chain(digest, found)
        if len(found) != each["entries"]:
            return Verdict(held, place - 1, place, f"{each['entries']} entries were sealed, {len(found)} are there")
        if digest != each["digest"]:
            return Verdict(held, place - 1, place, "an entry is not what was sealed")
        held, xid, journal_id = held + len(found), each["upto_xid"], each["upto_id"]
    return Verdict(held, place)


def ensure_months(conn: db.Conn, now: datetime) -> list[date]:
    """Make the partitions of this month and the next two; return those that were not there."""
    return [month for month in _months(now) if partitions.make(conn, Parent.JOURNAL, month)]


def _months(now: datetime) -> Generator[date]:
    for ahead in range(MONTHS_AHEAD + 1):
        years, month = divmod(now.month - 1 + ahead, 12)
        yield date(now.year + years, month + 1, 1)
