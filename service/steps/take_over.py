"""Take a page over into the mirror and write down what it meant; judge what the page lacks.

Both happen in one transaction with the journal. An order the shop did not return is not gone: it is held, and only
proof kills it (docs/upgates.md T43).
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from service import catalog, db, journal, orders
from service.journal import Entry, Kind
from service.kit.mirroring import APART, Gone
from service.lanes import TenantId
from service.orders import Source, Taken
from service.platform.shapes import Order, Page, Product
from service.steps import offering, receipts

log = logging.getLogger(__name__)

K = TypeVar("K", str, int)
T = TypeVar("T")
SURPRISING = 0.05  # so much of an answer may be missing without a word of the shop; more of it proves nothing
FEW = 2  # one or two missing orders are no pattern, however short the answer
INSISTS = timedelta(
    hours=1
)  # a shop whose every answer has lacked them for so long has deleted them while nobody heard
SOON = timedelta(seconds=30)
LONGEST_WAIT = timedelta(days=1)
MENDED = "\ufffd"  # in a key that had to be mended (platform/jsontext.py)
NAMED = 20  # so many numbers stand in one journal row

WHAT = {"new": Kind.NEW, "changed": Kind.CHANGED, "revived": Kind.REVIVED, "same": Kind.READ, "stale": Kind.READ}


@dataclass(frozen=True)
class Outcome:
    """What a page meant; `unsettled` are the keys to look at once more with the next batch.

    `differed`: which keys the mirror showed otherwise. `spoilt` says why we failed at some of them, by key: nothing of
    those was taken over.
    """

    new: int = 0
    changed: int = 0
    revived: int = 0
    same: int = 0
    stale: int = 0
    unsettled: Sequence[str] = ()
    differed: Sequence[str] = ()
    spoilt: Mapping[str, str] = field(default_factory=dict[str, str])

    def __add__(self, other: "Outcome") -> "Outcome":
        counted = {what: getattr(self, what) + getattr(other, what) for what in WHAT}
        return Outcome(
            **counted,
            unsettled=[*self.unsettled, *other.unsettled],
            differed=[*self.differed, *other.differed],
            spoilt={**self.spoilt, **other.spoilt},
        )


@dataclass(frozen=True)
class Absent:
    """What became of what was asked for and not returned; `doubt` says why the answer proves nothing, if so.

    `again`: which keys must be looked at once more, and when.
    """

    gone: Sequence[Gone[Any]] = ()
    again: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    doubt: str | None = None


def take_over(
    conn: db.Conn,
    tenant_id: TenantId,
    page: Sequence[Order],
    *,
    read_at: datetime,
    source: Source,
    now: datetime,
    because: Sequence[str] = (),
) -> Outcome:
    """Mirror a page of orders, write down what each of them meant, and weigh what may be packed.

    `because`: the causes of a look, which stand with each order it finds otherwise than the mirror had it.
    """

    def whole(some: Sequence[Order]) -> Outcome:
        taken = orders.mirror(conn, tenant_id, some, read_at=read_at, source=source)
        journal.write(conn, tenant_id, [_entry(each, source=source, now=now, because=because) for each in taken])
        offering.weigh_read(conn, tenant_id, taken, now=now)
        receipts.seen(conn, tenant_id, some, now=now)
        return _outcome(
            [each.what for each in taken],
            [each.order_number for each in taken if each.settle_again],
            [each.order_number for each in taken if each.differed],
        )

    return _told(conn, tenant_id, _apart(conn, page, whole, key=lambda order: order.order_number), now=now)


def _told(conn: db.Conn, tenant_id: TenantId, outcome: Outcome, *, now: datetime) -> Outcome:
    """Write down at what we failed, and hand the outcome on."""
    if outcome.spoilt:
        detail = {"worker": "died", "why": dict(outcome.spoilt)}
        journal.write(conn, tenant_id, [Entry(now, Kind.PROBLEM, None, detail)])
    return outcome


def _apart(
    conn: db.Conn, page: Sequence[T], whole: Callable[[Sequence[T]], Outcome], *, key: Callable[[T], str]
) -> Outcome:
    """Take a page over whole; where we fail at it, in halves, until what is left are the items we fail at."""
    try:
        with conn.transaction():
            return whole(page)
    except Exception as fault:  # whatever it is: one order must not stop those it was read with
        if not db.blames_rows(fault):
            raise
        if len(page) == 1:
            log.error("%s cannot be taken over: %s", key(page[0]), why := db.named(fault))  # noqa: TRY400 - no values
            return Outcome(spoilt={key(page[0]): why})
    middle = len(page) // 2
    return _apart(conn, page[:middle], whole, key=key) + _apart(conn, page[middle:], whole, key=key)


def _entry(taken: Taken, *, source: Source, now: datetime, because: Sequence[str]) -> Entry:
    detail: dict[str, Any] = {"source": source, "last_update_time": taken.last_update_time.isoformat()}
    if because and taken.differed:
        detail["because"] = list(because)
    if taken.what == "stale":
        detail["stale"] = True
    if shown := {field: pair for field, pair in taken.changes.items() if pair != (None, None)}:
        detail["changes"] = shown
    if named := [field for field, pair in taken.changes.items() if pair == (None, None)]:
        detail["also"] = named
    return Entry(now, WHAT[taken.what], taken.order_number, detail)


def take_over_products(
    conn: db.Conn, tenant_id: TenantId, page: Sequence[Product], *, read_at: datetime, now: datetime
) -> Outcome:
    """Mirror a page of products; one journal row says which of them were new or changed."""

    def whole(some: Sequence[Product]) -> Outcome:
        taken = catalog.mirror(conn, tenant_id, some, read_at=read_at)
        told = {what: [one.product_id for one in taken if one.what == what] for what in ("new", "changed", "revived")}
        if detail := {what: product_ids for what, product_ids in told.items() if product_ids}:
            journal.write(conn, tenant_id, [Entry(now, Kind.PRODUCTS, None, {"read": len(taken), **detail})])
        return _outcome(
            [each.what for each in taken],
            [str(each.product_id) for each in taken if each.settle_again],
            [str(each.product_id) for each in taken if each.what not in {"same", "stale"}],
        )

    return _told(conn, tenant_id, _apart(conn, page, whole, key=lambda product: str(product.product_id)), now=now)


def _outcome(whats: Sequence[str], unsettled: Sequence[str], differed: Sequence[str]) -> Outcome:
    return Outcome(*(whats.count(what) for what in WHAT), unsettled=unsettled, differed=differed)


def judge_absent(
    conn: db.Conn,
    tenant_id: TenantId,
    asked: Mapping[str, datetime],
    page: Page[Order],
    *,
    read_at: datetime,
    now: datetime,
    because: Mapping[str, str] | None = None,
) -> Absent:
    """Decide what became of orders that were asked for and are not in the answer; take the page over first.

    `asked` says since when each is waited for, `because` which of them a look missed, and its causes. The answer proves
    an absence only when it is whole and shows at least one order: a caller that asks for orders believed deleted asks
    for `orders.witnesses` too. Live orders that are missing without `Orders.delete`, more than two and more than 5 % of
    what was asked, are a problem and no proof, unless no answer has shown them for an hour.
    """
    shown = {order.order_number for order in page.items}
    absent = _absent(asked, page, shown)
    if not absent:
        return Absent()
    surprises = sorted(orders.statuses_of(conn, tenant_id, absent))
    doubt = _doubt(page)
    if not doubt and _is_pattern(len(surprises), many := len({*asked, *shown})):
        doubt = _surprise(orders.doubted(conn, tenant_id, surprises, read_at=read_at), asked=many, read_at=read_at)
    if doubt:
        _write_doubt(conn, tenant_id, doubt, surprises, asked=len(asked), now=now)
        return Absent(again={number: _later(asked[number], now) for number in absent}, doubt=doubt)
    gone = orders.missing(conn, tenant_id, absent, read_at=read_at, now=now)
    news = [each for each in gone if each.news]
    kinds = {"missing": Kind.MISSING, "deleted": Kind.DELETED}
    causes = {number: {"because": cause.split()} for number, cause in (because or {}).items()}
    entries = [Entry(now, kinds[each.became], each.key, causes.get(each.key, {})) for each in news]
    journal.write(conn, tenant_id, entries)
    offering.weigh(conn, tenant_id, {each.key: () for each in news}, now=now)
    return Absent(gone, _again(gone, asked, now))


def judge_absent_products(
    conn: db.Conn,
    tenant_id: TenantId,
    asked: Mapping[int, datetime],
    page: Page[Product],
    *,
    read_at: datetime,
    now: datetime,
) -> Absent:
    """Decide the same of products, by the same rules."""
    shown = {str(product.product_id) for product in page.items}
    absent = [int(key) for key in _absent([str(each) for each in asked], page, shown)]
    if not absent:
        return Absent()
    surprises = sorted(catalog.live(conn, tenant_id, absent))
    doubt = _doubt(page)
    if not doubt and _is_pattern(len(surprises), many := len({*map(str, asked), *shown})):
        doubt = _surprise(catalog.doubted(conn, tenant_id, surprises, read_at=read_at), asked=many, read_at=read_at)
    if doubt:
        _write_doubt(conn, tenant_id, doubt, surprises, asked=len(asked), now=now)
        return Absent(again={str(each): _later(asked[each], now) for each in absent}, doubt=doubt)
    gone = catalog.missing(conn, tenant_id, absent, read_at=read_at, now=now)
    if news := {each.key: each.became for each in gone if each.news}:
        told = {what: [key for key, became in news.items() if became == what] for what in ("missing", "deleted")}
        detail = {what: keys for what, keys in told.items() if keys}
        journal.write(conn, tenant_id, [Entry(now, Kind.PRODUCTS, None, detail)])
    return Absent(gone, _again(gone, asked, now))


def _absent(asked: Collection[str], page: Page[Any], shown: Collection[str]) -> list[str]:
    """Return what is neither in the answer nor among what could not be read."""
    return [key for key in asked if key not in shown and key not in page.unread]


def _doubt(page: Page[Any]) -> str | None:
    """Say why an answer proves no absence; None when it does."""
    if not page.complete:
        return "the answer came back short"
    if not page.last:
        return "the answer holds more than was asked for"
    if not page.items:
        return "the answer is empty, and nothing in it vouches for the rest"
    return None


def _is_pattern(count: int, asked: int) -> bool:
    return count > FEW and count > SURPRISING * asked


def _surprise(since: Mapping[K, datetime], *, asked: int, read_at: datetime) -> str | None:
    """Say why so many cannot be missing at once, by since when answers lack each; None when the shop insists."""
    if not _is_pattern(sum(read_at - at < INSISTS for at in since.values()), asked):
        return None
    return f"{len(since)} of {asked} are missing at once, and the shop did not tell that they were deleted"


def _write_doubt(
    conn: db.Conn, tenant_id: TenantId, doubt: str, surprises: Sequence[str | int], *, asked: int, now: datetime
) -> None:
    """Write a problem down when things are missing that we believe to live."""
    if surprises:
        detail = {"why": doubt, "asked": asked, "missing": len(surprises), "among": list(surprises[:NAMED])}
        journal.write(conn, tenant_id, [Entry(now, Kind.PROBLEM, None, detail)])


def _again(gone: Sequence[Gone[K]], asked: Mapping[K, datetime], now: datetime) -> dict[str, datetime]:
    """Return when to look again at what is missing; at what was never seen once more, for it may be about to appear."""
    again = {str(each.key): each.look_again_at for each in gone if each.look_again_at}
    fresh = [each.key for each in gone if each.became == "unknown" and now - asked[each.key] < APART]
    return again | {str(key): asked[key] + APART for key in fresh}


def _later(waiting_since: datetime, now: datetime) -> datetime:
    """Return when to ask again what no answer proves: soon, then after as long as it has been waited for."""
    return now + min(max(SOON, now - waiting_since), LONGEST_WAIT)


def to_ask_again(page: Page[Any]) -> list[str]:
    """Return the keys of what could not be read; one that had to be mended is not the shop's: nobody can ask for it."""
    return sorted(key for key in page.unread if MENDED not in key)


def write_unread(conn: db.Conn, tenant_id: TenantId, page: Page[Any], *, now: datetime) -> None:
    """Write down which items of an answer could not be read, each with its reason."""
    if page.set_aside:
        detail = {"set_aside": len(page.set_aside), "why": page.set_aside[:NAMED]}
        journal.write(conn, tenant_id, [Entry(now, Kind.UNREADABLE, None, detail)])
