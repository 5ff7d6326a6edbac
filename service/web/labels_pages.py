"""What the page "To pack" shows: a page of each list, or what an order's number or a tracking code finds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from service import bookings, db, shipments
from service.bookings import Booking, Counts, State
from service.lanes import TenantId
from service.steps import carriage
from service.web.acts import number
from service.web.shipping_form import YES

AT_ONCE = Counts(parked=50, under_way=200, ready=300)
FIND_MOST = 200

Read = Callable[..., list[Booking]]


@dataclass(frozen=True)
class Pages:
    """What was asked for: what `find` names, else a page of each list, from 1; `choose`: each order's carrier."""

    find: str = ""
    choose: bool = False
    released: int = 1
    parked: int = 1
    under_way: int = 1
    ready: int = 1

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Return it as a form carries it, so that an act leads back to where it was done."""
        said = [("find", self.find), ("choose", YES if self.choose else "")]
        pages = {"released": self.released, "parked": self.parked, "under_way": self.under_way, "ready": self.ready}
        return [each for each in said if each[1]] + [(name, str(page)) for name, page in pages.items() if page != 1]

    def at(self, **changed: Any) -> str:
        """Return the query of what is shown, but for what is changed."""
        return urlencode(replace(self, **changed).fields)


def asked(said: Mapping[str, str]) -> Pages:
    """Return what a query or a form asks for; what it says oddly is as if it had not been said."""
    find = said.get("find", "").strip()[:FIND_MOST]
    pages = {name: max(1, number(said.get(name, "1"))) for name in ("released", "parked", "under_way", "ready")}
    return Pages(find if find.isprintable() else "", said.get("choose") == YES, **pages)


@dataclass(frozen=True)
class Listed:
    """Bookings by list: those of the pages shown, how many there are in all, and how many pages that makes."""

    parked: Sequence[Booking]
    under_way: Sequence[Booking]
    ready: Sequence[Booking]
    all: Counts
    last: Counts
    pages: Pages


def look(conn: db.Conn, tenant_id: TenantId, pages: Pages, *, at_once: Counts = AT_ONCE) -> Listed:
    """Return what is to be shown, at most so many of each; of a page behind the last one, the last one."""
    if pages.find:
        return _found(found_by(conn, tenant_id, pages.find), pages)
    every = bookings.counts(conn, tenant_id)
    last = Counts(*(max(1, -(-all_ // most)) for all_, most in zip(_sizes(every), _sizes(at_once), strict=True)))
    shown = replace(
        pages,
        parked=min(pages.parked, last.parked),
        under_way=min(pages.under_way, last.under_way),
        ready=min(pages.ready, last.ready),
    )

    def some(read: Read, page: int, most: int) -> list[Booking]:
        return read(conn, tenant_id, most=most, skip=(page - 1) * most)

    return Listed(
        some(bookings.parked, shown.parked, at_once.parked),
        some(bookings.under_way, shown.under_way, at_once.under_way),
        some(bookings.printable, shown.ready, at_once.ready),
        every,
        last,
        shown,
    )


def found_by(conn: db.Conn, tenant_id: TenantId, text: str) -> list[Booking]:
    """Return the bookings of an order, whichever it travels with, or of a box with this number."""
    told = shipments.of_orders(conn, tenant_id, [text])[text]
    found = [*bookings.of_shipments(conn, tenant_id, [one.leaves_in for one in told]).values()]
    found += bookings.of_orders(conn, tenant_id, [text])
    found += bookings.numbered(conn, tenant_id, carriage.code_of(text))
    return [*{each.booking_id: each for each in found}.values()]


def _found(found: Sequence[Booking], pages: Pages) -> Listed:
    parked = [each for each in found if each.state is State.PARKED]
    ready = [each for each in found if each.state is State.READY and not each.handed_at]
    under_way = [
        each for each in found if each.due_at and each.state not in (State.PARKED, State.CANCELLED, State.READY)
    ]
    every = Counts(len(parked), len(under_way), len(ready))
    return Listed(parked, under_way, ready, every, Counts(1, 1, 1), Pages(pages.find, pages.choose))


def _sizes(counts: Counts) -> tuple[int, int, int]:
    return counts.parked, counts.under_way, counts.ready
