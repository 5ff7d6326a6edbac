"""A warehouse tells what left, corrects it, or takes it back.

Whoever ships holds the shop's offers first, so two warehouses that ship one order at once stand in line and the second
is told that it has left. A batch is done shop by shop, one transaction each; a repeat of it with the same key reads
what was done and does the rest.
"""

from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from service import bookings, db, journal, outbox, problems, shipments
from service.journal import Kind
from service.lanes import Lane, TenantId
from service.outbox import Told
from service.problems import Cause
from service.rig import Rig
from service.shipments import Asked, Draft, Parcel, Shipment
from service.steps import following, labelling, leaving, noted, reporting
from service.steps.leaving import Refusal, Stand
from service.steps.packing import Packed, Packer, Unfit, Wish

Result = Mapping[str, Any]  # of one item: its `index`, and the `shipment`, or `code` and `detail` of why there is none
VOIDED = ("voided", "The shipment was voided. Tell what left as a new one.")
LABEL_DUE = (
    "label_due",
    "Its label is being made. Tell the tracking codes of a label made elsewhere, or void the shipment.",
)
NONE_SUCH = ("unknown_shipment", "There is no such shipment here.")


class ShipmentRefused(Exception):
    """A shipment cannot be corrected or taken back; `code` is for programs, `detail` for people."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal[0])
        self.code, self.detail = refusal


@dataclass(frozen=True)
class Asking:
    """Who tells us of shipments: the account, the shops it may speak of, and how to know the request again."""

    account_id: str
    tenants: frozenset[TenantId]
    key: str
    digest: str


@dataclass(frozen=True)
class Item:
    """One shipment of a batch; `left_already`: there is no stopping it any more; `wish`: we are to make its label."""

    index: int
    tenant_id: str
    draft: Draft
    left_already: bool = False
    wish: Wish | None = None

    @property
    def numbers(self) -> tuple[str, ...]:
        """Return the orders that leave in it."""
        return (self.draft.order_number, *(self.wish.also if self.wish else ()))


def record(rig: Rig, asking: Asking, items: Sequence[Item]) -> list[Result]:
    """Take a batch of shipments in and return what came of each; raise OtherBody when its key was used before."""
    named = asking.tenants & {item.tenant_id for item in items}
    with rig.db.tx_all("an idempotency key belongs to an account") as conn:
        asked = shipments.begin_key(
            conn, asking.account_id, asking.key, digest=asking.digest, tenant_ids=named, now=rig.now()
        )
    ours = asked.tenant_ids & named
    results = [_refused(item, leaving.UNKNOWN) for item in items if item.tenant_id not in ours]
    for tenant_id in sorted(ours):
        results += in_one_shop(rig, tenant_id, asked, [item for item in items if item.tenant_id == tenant_id])
    return sorted(results, key=lambda result: result["index"])


def in_one_shop(rig: Rig, tenant_id: TenantId, asked: Asked, items: Sequence[Item]) -> Sequence[Result]:
    """Take the shipments of one shop in, or return what came of them when that was done before."""
    with rig.db.tx(tenant_id) as conn:
        if (before := shipments.answered(conn, tenant_id, asked)) is not None:
            return before
        results = take(rig, conn, tenant_id, asked.account_id, items)
        shipments.keep(conn, tenant_id, asked, results)
    rig.wake(Lane.WRITEBACK, tenant_id)
    if any(item.wish for item in items):
        rig.wake(Lane.BOOK, tenant_id)
    return results


def take(rig: Rig, conn: db.Conn, tenant_id: TenantId, account_id: str, items: Sequence[Item]) -> Sequence[Result]:
    """Take in what may be, item after item: what one of them closes is closed for the next."""
    now = rig.now()
    stand = leaving.stand(conn, tenant_id, sorted({number for item in items for number in item.numbers}))
    packer = Packer(rig, conn, tenant_id)
    taken: list[tuple[Item, Packed | None]] = []
    results: list[Result] = []
    for item in items:
        packed = None
        if held := stand.refuses(item.numbers, left_already=item.left_already):
            results.append(_held(item, *held))
            continue
        if item.wish:
            packed = packer.pack(item.numbers, replace(item.wish, final=item.draft.final))
            if isinstance(packed, Unfit):
                results.append({**_refused(item, (packed.code, packed.detail)), "faults": list(packed.faults)})
                continue
        taken.append((item, packed))
        if item.draft.final:
            stand.closed.update(item.numbers)
    made = enter(conn, tenant_id, account_id, taken, now=now)
    for (item, _), each in zip(taken, made, strict=True):
        leaving.note_taken(conn, tenant_id, each, stand.held(each.order_number) if item.left_already else None, now=now)
    told = reporting.shown(conn, tenant_id, made, now=now)
    told_of = zip(taken, told, strict=True)
    return [
        *results,
        *({"index": item.index, "shipment": each, **_without(packed)} for (item, packed), each in told_of),
    ]


def enter(
    conn: db.Conn,
    tenant_id: TenantId,
    account_id: str,
    taken: Sequence[tuple[Item, Packed | None]],
    *,
    now: datetime,
) -> list[Shipment]:
    """Enter shipments, those of other orders in the same parcel, and what is to be booked; return the first ones."""
    drafts = [
        replace(item.draft, label_due=True, parcels=packed.parcels) if packed else item.draft for item, packed in taken
    ]
    made = shipments.add(conn, tenant_id, drafts, account_id=account_id, now=now)
    along = [
        replace(draft, order_number=number, booked_with=each.shipment_id)
        for (item, _), draft, each in zip(taken, drafts, made, strict=True)
        for number in item.numbers[1:]
    ]
    all_made = [*made, *shipments.add(conn, tenant_id, along, account_id=account_id, now=now)]
    asked = [
        packed.draft(each.shipment_id, each.order_number)
        for (_, packed), each in zip(taken, made, strict=True)
        if packed
    ]
    bookings.add(conn, tenant_id, asked, now=now)
    notes = {each.shipment_id: _without(packed) for (_, packed), each in zip(taken, made, strict=True)}
    entries = [
        noted.entry(Kind.SHIPMENT, each, by=account_id, now=now, notes=notes.get(each.leaves_in, {}))
        for each in all_made
    ]
    journal.write(conn, tenant_id, entries)
    following.follow(conn, tenant_id, sorted({each.order_number for each in all_made}), now=now)
    return made


def correct(
    rig: Rig,
    tenants: Collection[TenantId],
    shipment_id: str,
    *,
    parcels: tuple[Parcel, ...],
    final: bool,
    by: str,
) -> Mapping[str, Any]:
    """Replace what a shipment holds and return it; raise ShipmentRefused. The same once more changes nothing."""
    now = rig.now()
    with held(rig, tenants, shipment_id) as (conn, tenant_id, known, stand):
        if known.voided:
            raise ShipmentRefused(VOIDED)
        if final and not known.final and known.order_number in stand.closed:
            raise ShipmentRefused(leaving.ALREADY)
        changed, told_carrier = known, False
        if (parcels, final) != (known.parcels, known.final):
            otherwise = made_elsewhere if known.label_due else left_otherwise
            told_carrier = otherwise(conn, tenant_id, known, parcels, by=by, now=now)
            changed = put_right(conn, tenant_id, known, stand, parcels=parcels, final=final, by=by, now=now)
        [shown] = reporting.shown(conn, tenant_id, [changed], now=now)
    wake(rig, tenant_id, to_carrier=told_carrier)
    return shown


def made_elsewhere(  # whose, and which parcels instead
    conn: db.Conn, tenant_id: TenantId, known: Shipment, parcels: tuple[Parcel, ...], *, by: str, now: datetime
) -> bool:
    """Give up the label we were to make for codes of another, which every order of the parcel has then.

    Say whether its carrier is to be told.
    """
    if not any(_codes(parcels)):
        raise ShipmentRefused(LABEL_DUE)
    if known.booked_with and is_booked(conn, tenant_id, known):
        raise ShipmentRefused((LABEL_DUE[0], f"It leaves in the parcel of {known.booked_with}: correct that one."))
    going = [each for each in companions(conn, tenant_id, known) if each.label_due]
    return instead(conn, tenant_id, known, going, parcels, by=by, now=now)


def left_otherwise(  # whose, and which parcels instead
    conn: db.Conn, tenant_id: TenantId, known: Shipment, parcels: tuple[Parcel, ...], *, by: str, now: datetime
) -> bool:
    """Have a label taken back that nothing leaves with any more; every order that was to has the other codes then.

    An order that went along and has left in another parcel leaves the label to the others. Say whether its carrier is
    to be told.
    """
    booked = bookings.of_shipments(conn, tenant_id, [known.shipment_id]).get(known.shipment_id)
    if booked is None or booked.cancelled_at or not booked.label_at or not any(_codes(parcels)):
        return False
    boxes = bookings.boxes(conn, tenant_id, [booked.booking_id])[booked.booking_id]
    if labelling.is_used(replace(known, parcels=parcels), boxes):
        labelling.leave_after_all(conn, tenant_id, booked, now=now)
        return False
    going = [each for each in companions(conn, tenant_id, known) if labelling.is_used(each, boxes)]
    return instead(conn, tenant_id, known, going, parcels, by=by, now=now)


def companions(conn: db.Conn, tenant_id: TenantId, known: Shipment) -> list[Shipment]:
    """Return what goes along in the parcel of a shipment; nothing with one that goes along itself."""
    found = [] if known.booked_with else shipments.in_parcel(conn, tenant_id, known.shipment_id)
    return [each for each in found if each.booked_with and not each.voided]


def instead(  # whose label, who else went in the parcel, and which parcels instead
    conn: db.Conn,
    tenant_id: TenantId,
    known: Shipment,
    going: Sequence[Shipment],
    parcels: tuple[Parcel, ...],
    *,
    by: str,
    now: datetime,
) -> bool:
    """Give companions the codes of a label made elsewhere, and have ours taken back."""
    for each in going:
        stand = leaving.stand(conn, tenant_id, [each.order_number])
        put_right(conn, tenant_id, each, stand, parcels=parcels, final=each.final, by=by, now=now)
    return labelling.take_back(conn, tenant_id, known.shipment_id, elsewhere=True, now=now)


def is_booked(conn: db.Conn, tenant_id: TenantId, known: Shipment) -> bool:
    """Say whether a label stands, or is to be made, that the carrier has not got the parcel of yet."""
    each = bookings.of_shipments(conn, tenant_id, [known.leaves_in]).get(known.leaves_in)
    return each is not None and each.cancelled_at is None and each.handed_at is None


def put_right(  # noqa: PLR0913  # whose, what, how its order stands, and what it is from now on
    conn: db.Conn,
    tenant_id: TenantId,
    known: Shipment,
    stand: Stand,
    *,
    parcels: tuple[Parcel, ...],
    final: bool,
    by: str,
    now: datetime,
) -> Shipment:
    """Correct a shipment and let everybody know; return it."""
    told = outbox.told(conn, tenant_id, known.order_number)
    seen = final != known.final or _codes(parcels) != _codes(known.parcels)  # a weight is nothing to the shop
    written = seen and (told.status or told.code)
    changed = shipments.change(conn, tenant_id, known, parcels=parcels, final=final, written=written, now=now)
    journal.write(conn, tenant_id, [noted.changed(known, changed, by=by, now=now)])
    following.follow(conn, tenant_id, [known.order_number], now=now)
    note_change(conn, tenant_id, known, changed, stand, told, now=now)
    return changed


def wake(rig: Rig, tenant_id: TenantId, *, to_carrier: bool) -> None:
    """Let the shop be told, and the carrier where a label is to be taken back."""
    rig.wake(Lane.WRITEBACK, tenant_id)
    if to_carrier:
        rig.wake(Lane.BOOK, tenant_id)


def void(rig: Rig, tenants: Collection[TenantId], shipment_id: str, *, by: str) -> Mapping[str, Any]:
    """Take a shipment back, and its label; return it or raise ShipmentRefused. Voiding twice is the same as once.

    Orders that were to leave in the same parcel are taken back with it. A label whose parcel is handed over stays: the
    carrier has it, and the others are in it.
    """
    now = rig.now()
    with held(rig, tenants, shipment_id) as (conn, tenant_id, known, stand):
        voided, told_carrier = known, False
        if not known.voided:
            voided = take_out(conn, tenant_id, known, stand, by=by, now=now)
            if is_booked(conn, tenant_id, known):
                for other in shipments.in_parcel(conn, tenant_id, known.leaves_in):
                    if not other.voided:
                        its_stand = leaving.stand(conn, tenant_id, [other.order_number])
                        take_out(conn, tenant_id, other, its_stand, by=by, now=now)
                told_carrier = labelling.take_back(conn, tenant_id, known.leaves_in, elsewhere=False, now=now)
        [shown] = reporting.shown(conn, tenant_id, [voided], now=now)
    wake(rig, tenant_id, to_carrier=told_carrier)
    return shown


def take_out(  # whose, what, and how its order stands
    conn: db.Conn, tenant_id: TenantId, known: Shipment, stand: Stand, *, by: str, now: datetime
) -> Shipment:
    """Void a shipment and let everybody know; return it."""
    told = outbox.told(conn, tenant_id, known.order_number)
    voided = shipments.void(conn, tenant_id, known, written=told.status or told.code, now=now)
    journal.write(conn, tenant_id, [noted.entry(Kind.SHIPMENT_VOIDED, voided, by=by, now=now)])
    following.follow(conn, tenant_id, [known.order_number], now=now)
    note_change(conn, tenant_id, known, voided, stand, told, now=now)
    return voided


@contextmanager
def held(
    rig: Rig, tenants: Collection[TenantId], shipment_id: str
) -> Generator[tuple[db.Conn, TenantId, Shipment, Stand], None, None]:
    """Open the transaction of a shipment that is one of these shops', its order held; raise ShipmentRefused.

    Offers are held first, as everywhere, so it is looked up once to know its order and once more to know how it stands.
    """
    tenant_id = shipments.tenant_of(shipment_id)
    if tenant_id is None or tenant_id not in tenants:
        raise ShipmentRefused(NONE_SUCH)
    with rig.db.tx(tenant_id) as conn:
        if (found := shipments.one(conn, tenant_id, shipment_id)) is None:
            raise ShipmentRefused(NONE_SUCH)
        stand = leaving.stand(conn, tenant_id, [found.order_number])
        yield conn, tenant_id, shipments.one(conn, tenant_id, shipment_id, hold=True) or found, stand


def note_change(
    conn: db.Conn,
    tenant_id: TenantId,
    before: Shipment,
    after: Shipment,
    stand: Stand,
    told: Told,
    *,
    now: datetime,
) -> None:
    """Tell a person what the shop was told in vain, or what leaves now although it was held; and what is over."""
    number = after.order_number
    if after.closes and not before.closes:
        leaving.note_taken(conn, tenant_id, after, stand.held(number), now=now)
    elif (before.closes and not after.closes and told.status) or outbox.left_behind(conn, tenant_id, number):
        detail = {"shipment": after.shipment_id}
        problems.note(conn, tenant_id, Cause.VOIDED_AFTER_WRITTEN, now=now, order_number=number, detail=detail)
    if all(each.voided for each in shipments.of_orders(conn, tenant_id, [number])[number]):
        problems.settle(conn, tenant_id, Cause.SHIPPED_THOUGH_HELD, now=now, order_numbers=[number])


def _held(item: Item, place: int, refusal: Refusal) -> Result:
    """Return the refusal of an item for one of its orders; one that goes along is `along`, by its place there."""
    if place == 0:
        return _refused(item, refusal)
    code, detail = refusal
    number = item.numbers[place]
    return {**_refused(item, (code, f"Order {number}: {detail}")), "order": number, "along": place - 1}


def _refused(item: Item, refusal: Refusal) -> Result:
    return {"index": item.index, "order": item.draft.order_number, "code": refusal[0], "detail": refusal[1]}


def _without(packed: Packed | None) -> Mapping[str, Any]:
    return {"notes": list(packed.notes)} if packed and packed.notes else {}


def _codes(parcels: Sequence[Parcel]) -> list[str | None]:
    return [parcel.tracking_code for parcel in parcels]
