"""Print labels in the order asked: those that are kept, and from their carriers what is not kept in this format.

What was fetched is kept at once, so whoever asks again after an error goes on where it ended. Every print is a line in
the journal.
"""

import threading
from collections import defaultdict
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from carriers import labels as printing
from carriers.base import Format, Label
from carriers.errors import CarrierError, CarrierRefused, Kind
from carriers.labels import Unprintable
from service import bookings, contracts, journal, shipments
from service.bookings import Booking, Sheet
from service.journal import Entry
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.steps import carriage, desk, papers, stopping
from service.steps.desk import Desk

LANE = Lane.BOOK
FETCHED_AT_ONCE = 10  # as when they are made: pages that cannot be told apart spoil no more
PAGES_MOST = 500  # of one file: with them the process grows by 100 MB
FETCHING = timedelta(seconds=20)  # then whoever asks comes again for the rest
SOON_S, LATER_S = 1, 30
# Joining pages is work for the interpreter alone: two at once would only keep each other from it, and the receiver.
PRESS = threading.BoundedSemaphore(1)
PRESS_WITHIN_S = 2.0

Refusal = tuple[str, str]  # code and detail

UNKNOWN = ("unknown_shipment", "There is no such shipment here.")
NOT_OURS = ("no_label", "We make no label for this shipment.")
NOT_YET = ("no_label_yet", "Its label is not there yet; it is {0}.")
CANCELLED = ("cancelled", "Its label was taken back, or is being taken back.")
FORMAT = ("format", "{0} has no labels in this format; it has {1}.")
NO_CONTRACT = ("no_contract", "The login it was booked under was removed, and the label is not kept in this format.")
BROKEN = ("refused", "Its label, as its carrier sent it, cannot be printed. Void the shipment and book it anew.")
AWAY = ("carrier_away", "Its carrier does not answer at the moment.")
SHUT_OUT = ("login_refused", "Its carrier refuses the login, and the label is not kept in this format. Correct it.")


class Incomplete(Exception):
    """Some have no label to print; `lacking` says which and why, `is_passing` that carriers are away and no more."""

    def __init__(self, lacking: Mapping[str, Refusal]) -> None:
        super().__init__(f"{len(lacking)} labels are lacking")
        self.lacking = lacking
        self.is_passing = set(lacking.values()) == {AWAY}


class TooMany(Exception):
    """More pages than one file holds."""


class ComeAgain(Exception):
    """Not now: more is to be fetched than can be at once, or others print."""

    def __init__(self, after_s: int, why: str) -> None:
        super().__init__(why)
        self.after_s = after_s


@dataclass(frozen=True)
class Wanted:
    """Shipments in pick order, and how their labels are printed; `start`: the first place on the first A4 sheet."""

    shipment_ids: Sequence[str]
    kind: Format
    on_a4: bool
    start: int


@dataclass(frozen=True)
class Printed:
    """One file, and what it lacks."""

    label: Label
    lacking: Mapping[str, Refusal]


@dataclass
class Pile:
    """What was found of one shop, by the shipments parcels are booked for; `leading` has those of the ones named.

    `kept`: those whose label we have. It is read once the press is free: what waits for that holds no file.
    """

    tenant_id: TenantId
    leading: dict[str, str] = field(default_factory=dict[str, str])
    bookings: dict[str, Booking] = field(default_factory=dict[str, Booking])
    kept: set[str] = field(default_factory=set[str])
    lacking: dict[str, Refusal] = field(default_factory=dict[str, Refusal])


def run(rig: Rig, tenants: frozenset[TenantId], wanted: Wanted, *, by: str, partial: bool) -> Printed:
    """Return one file with the labels of these shipments; raise Incomplete, TooMany or ComeAgain.

    `partial`: print what there is. `by`: the account that asks.
    """
    until = rig.now() + FETCHING
    of_shop: dict[TenantId, list[str]] = defaultdict(list)
    lacking: dict[str, Refusal] = {}
    for shipment_id in wanted.shipment_ids:
        tenant_id = shipments.tenant_of(shipment_id)
        if tenant_id in tenants:
            of_shop[tenant_id].append(shipment_id)
        else:
            lacking[shipment_id] = UNKNOWN
    piles = [kept(rig, tenant_id, ids, wanted.kind) for tenant_id, ids in sorted(of_shop.items())]
    if sum(each.boxes for pile in piles for each in pile.bookings.values()) > PAGES_MOST:
        raise TooMany
    for pile in piles:
        fetch(rig, pile, wanted.kind, until=until)
        lacking |= {each: pile.lacking[one] for each, one in pile.leading.items() if one in pile.lacking}
    judge(wanted, lacking, partial=partial)
    with at_the_press():
        label = made_of(rig, piles, wanted, lacking, partial=partial)
    for pile in piles:
        note(rig, pile, wanted, by=by)
    return Printed(label, lacking)


@contextmanager
def at_the_press() -> Generator[None, None, None]:
    """Let one print at a time; raise ComeAgain while others do."""
    if not PRESS.acquire(timeout=PRESS_WITHIN_S):
        raise ComeAgain(SOON_S, "Others print at the moment.")
    try:
        yield
    finally:
        PRESS.release()


def made_of(rig: Rig, piles: Sequence[Pile], wanted: Wanted, lacking: dict[str, Refusal], *, partial: bool) -> Label:
    """Return the file, each parcel once; add to `lacking` what is kept and cannot be printed."""
    sheets = {shipment_id: sheet for pile in piles for shipment_id, sheet in read(rig, pile, wanted.kind).items()}
    leading = {each: one for pile in piles for each, one in pile.leading.items()}
    in_order = dict.fromkeys(leading[each] for each in wanted.shipment_ids if each not in lacking)
    if any(each not in sheets for each in in_order):
        raise ComeAgain(SOON_S, "A label was just thrown away for its age; ask again for it.")
    try:
        return pressed([sheets[each] for each in in_order], wanted)
    except Unprintable:
        broken = {each for each in in_order if not is_printable(sheets[each], wanted)}
    lacking |= {each: BROKEN for each, one in leading.items() if one in broken}
    judge(wanted, lacking, partial=partial)
    for pile in piles:
        pile.kept -= broken
    return pressed([sheets[each] for each in in_order if each not in broken], wanted)


def read(rig: Rig, pile: Pile, kind: Format) -> dict[str, Sheet]:
    """Return the labels of a shop that are kept."""
    shipment_of = {pile.bookings[each].booking_id: each for each in pile.kept}
    if not shipment_of:
        return {}
    with rig.db.tx(pile.tenant_id) as conn:
        found = bookings.sheets(conn, pile.tenant_id, [*shipment_of], format=kind.value)
    return {shipment_of[booking_id]: sheet for booking_id, sheet in found.items()}


def judge(wanted: Wanted, lacking: Mapping[str, Refusal], *, partial: bool) -> None:
    """Raise unless what there is may be printed."""
    if lacking and (not partial or len(lacking) == len(wanted.shipment_ids)):
        raise Incomplete(lacking)


def kept(rig: Rig, tenant_id: TenantId, shipment_ids: Sequence[str], kind: Format) -> Pile:
    """Return what is kept of these in a format, and what there is no label of."""
    pile = Pile(tenant_id)
    with rig.db.tx(tenant_id) as conn:
        there = shipments.leading(conn, tenant_id, shipment_ids)
        pile.leading = {each: there.get(each, each) for each in shipment_ids}
        booked = bookings.of_shipments(conn, tenant_id, [*there.values()])
        stopped = stopping.refusals(conn, tenant_id, [*booked.values()])
        for shipment_id in dict.fromkeys(pile.leading.values()):
            each = booked.get(shipment_id)
            refusal = without_label(each, is_there=shipment_id in there.values())
            if refusal := refusal or (stopped.get(each.booking_id) if each else None):
                pile.lacking[shipment_id] = refusal
            else:
                pile.bookings[shipment_id] = booked[shipment_id]
        ids = [each.booking_id for each in pile.bookings.values()]
        found = bookings.on_paper(conn, tenant_id, ids, format=kind.value) if ids else set[str]()
    pile.kept = {shipment_id for shipment_id, each in pile.bookings.items() if each.booking_id in found}
    return pile


def without_label(each: Booking | None, *, is_there: bool) -> Refusal | None:
    """Return why a shipment has no label to print; None when it has one."""
    if each is None:
        return NOT_OURS if is_there else UNKNOWN
    if each.cancelled_at or each.cancel_asked_at:
        return CANCELLED
    if not each.label_at:
        return NOT_YET[0], NOT_YET[1].format(each.state)
    return None


def fetch(rig: Rig, pile: Pile, kind: Format, *, until: datetime) -> None:
    """Ask the carriers for what is not kept, login by login."""
    missing: dict[str, list[Booking]] = defaultdict(list)
    for shipment_id, each in pile.bookings.items():
        if shipment_id not in pile.kept:
            missing[each.contract_id].append(each)
    for contract_id, some in missing.items():
        if refusal := fetch_under(rig, pile, contract_id, some, kind, until=until):
            lack(pile, some, refusal)


def lack(pile: Pile, some: Sequence[Booking], refusal: Refusal) -> None:
    """Note why there is no label of these, but of those it came for."""
    for each in some:
        if each.shipment_id not in pile.kept:
            pile.lacking.setdefault(each.shipment_id, refusal)


def fetch_under(  # whose, with which login, and how long at most
    rig: Rig, pile: Pile, contract_id: str, some: Sequence[Booking], kind: Format, *, until: datetime
) -> Refusal | None:
    """Ask one carrier for labels; return why it could not be asked for what is lacking then."""
    with rig.db.tx(pile.tenant_id) as conn:
        contract = contracts.one(conn, contract_id)
    if contract and kind not in (able := carriage.able_of(contract)).formats:
        has = ", ".join(sorted(each.value for each in able.formats))
        return FORMAT[0], FORMAT[1].format(carriage.called(contract.carrier), has)
    try:
        at = desk.opened(rig, pile.tenant_id, LANE, contract_id)
    except desk.NoContract:
        return NO_CONTRACT
    if at is None:
        return resting(rig, pile.tenant_id, contract_id)
    for batch in batches(some, min(at.carrier.able.label_batch, FETCHED_AT_ONCE)):
        if rig.now() > until:
            desk.left(at)
            raise ComeAgain(SOON_S, "The labels are fetched from their carriers; ask again for the rest.")
        try:
            ask(at, pile, batch, kind)
        except CarrierError as error:
            desk.failed(at, error)
            return SHUT_OUT if isinstance(error, CarrierRefused) else AWAY
    desk.left(at)
    return None


def resting(rig: Rig, tenant_id: TenantId, contract_id: str) -> Refusal:
    """Return why a carrier is not asked now: its login is refused until somebody corrects it, or it is away."""
    with rig.db.tx(tenant_id) as conn:
        breaker = contracts.standing(conn, [contract_id], LANE).get(contract_id)
    return SHUT_OUT if breaker and breaker.shut_out else AWAY


def batches(some: Sequence[Booking], most: int) -> Generator[list[Booking], None, None]:
    """Yield them in lists of at most so many boxes; one with more boxes is alone."""
    batch: list[Booking] = []
    for each in some:
        if batch and sum(one.boxes for one in batch) + each.boxes > most:
            yield batch
            batch = []
        batch.append(each)
    if batch:
        yield batch


def ask(at: Desk, pile: Pile, batch: Sequence[Booking], kind: Format) -> None:
    """Fetch the labels of these and keep them; where one spoils the others, each alone. Raise what concerns all."""
    with at.rig.db.tx(at.tenant_id) as conn:
        boxes = bookings.boxes(conn, at.tenant_id, [each.booking_id for each in batch])
    refusal: Refusal | None = None
    parts: list[Label] | None = None
    try:
        parts = papers.asked_for(at, [boxes[each.booking_id] for each in batch], kind)
    except CarrierRefused as refused:
        if not desk.is_of_parcels(refused):
            raise
        refusal = ("format" if refused.kind is Kind.UNSUPPORTED else "refused"), str(refused)
    except Unprintable as broken:
        error = papers.no_label(at, str(broken))
        if not desk.is_own(at, error):
            raise error from None
        refusal = "refused", str(broken)
    if parts is not None:
        keep(at, pile, dict(zip((each.shipment_id for each in batch), map(carriage.sheet_of, parts), strict=True)))
    elif len(batch) > 1:
        for each in batch:
            ask(at, pile, [each], kind)
    else:
        lack(pile, batch, refusal or NOT_YET)


def keep(at: Desk, pile: Pile, sheets: Mapping[str, Sheet]) -> None:
    """Keep what was fetched; what was taken back meanwhile is printed no more."""
    with at.rig.db.tx(at.tenant_id) as conn:
        now_booked = bookings.of_shipments(conn, at.tenant_id, [*sheets])
        for shipment_id, sheet in sheets.items():
            booking_id = pile.bookings[shipment_id].booking_id
            each = now_booked.get(shipment_id)
            if each is None or each.booking_id != booking_id or without_label(each, is_there=True):
                pile.lacking[shipment_id] = CANCELLED
                continue
            bookings.keep(conn, at.tenant_id, booking_id, sheet, now=at.rig.now())
            pile.kept.add(shipment_id)


def pressed(sheets: Sequence[Sheet], wanted: Wanted) -> Label:
    """Return one file, in this order."""
    label = printing.merged([carriage.label_of(sheet) for sheet in sheets])
    return printing.on_a4(label, start=wanted.start) if wanted.on_a4 else label


def is_printable(sheet: Sheet, wanted: Wanted) -> bool:
    """Say whether a label that is kept can be printed by itself."""
    try:
        pressed([sheet], wanted)
    except Unprintable:
        return False
    return True


def note(rig: Rig, pile: Pile, wanted: Wanted, *, by: str) -> None:
    """Write down who printed what."""
    page = {"page": "a4" if wanted.on_a4 else "a6"} if wanted.kind is Format.PDF else {}
    told = {"format": wanted.kind.value, **page, "account": by}
    entries = [
        Entry(
            rig.now(),
            journal.Kind.LABEL_PRINTED,
            each.order_number,
            {"booking": each.booking_id, "shipment": shipment_id, **told},
        )
        for shipment_id, each in pile.bookings.items()
        if shipment_id in pile.kept
    ]
    with rig.db.tx(pile.tenant_id) as conn:
        journal.write(conn, pile.tenant_id, entries)
