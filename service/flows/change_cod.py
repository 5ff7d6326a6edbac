"""Have another amount collected for a parcel that has its label: less, more, or nothing where it was paid meanwhile.

What we expect follows only what the carrier said yes to, and nobody asks it for two amounts at once: an answer that
comes late would else be taken for the last one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from carriers.base import Format
from carriers.errors import CarrierError, CarrierRefused, Kind
from carriers.labels import Unprintable
from carriers.money import Money
from service import bookings, contracts, db, journal, offers, shipments, tracking
from service.bookings import Booking
from service.contracts import Contract
from service.journal import Entry
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.steps import asking, carriage, desk, papers, payouts, shipper, tracing
from service.steps.asking import ComeAgain, Declined
from service.steps.desk import Desk
from service.tracking import Followed, Payment, collecting, payments
from service.tracking.collecting import Turn

UNKNOWN = ("unknown_shipment", "There is no such shipment here.")
NOT_OURS = ("no_label", "We make no label for this shipment.")
NOT_YET = ("no_label_yet", "Its label is not there yet; it is {0}.")
CANCELLED = ("cancelled", "Its label was taken back, or is being taken back.")
NO_COD = ("no_cod", "Nothing is collected for it.")
DELIVERED = ("delivered", "It is delivered: what was collected stays as it is.")
CANNOT = ("cannot_change_cod", "The API of {0} changes no amount once there is a label.")
CODES: Mapping[Kind, tuple[str, str | None]] = {
    Kind.TOO_LATE: ("too_late", None),
    Kind.UNSUPPORTED: (CANNOT[0], None),
    Kind.CONTENT: ("invalid", "/amount"),
}
DOING = "change of COD"
ANOTHER = "Somebody asks its carrier for another amount at this moment, or nobody heard the answer yet."
OVERTAKEN = "It took so long that somebody else may have asked for another amount since."


@dataclass(frozen=True)
class Label:
    """A label whose COD may be changed, and the login its carrier knows it under."""

    booking: Booking
    contract: Contract
    payment: Payment


def run(  # whose, which, how much, and who says so
    rig: Rig, tenants: Collection[TenantId], shipment_id: str, amount: Money, *, account_id: str, by: str
) -> TenantId:
    """Have this amount collected for the parcel a shipment leaves in, 0 for none, and return whose it is.

    Once more is the same as once. Raise Declined, ComeAgain or NotTheShipper.
    """
    tenant_id = shipments.tenant_of(shipment_id)
    if tenant_id is None or tenant_id not in tenants:
        raise Declined(*UNKNOWN)
    with rig.db.tx(tenant_id) as conn:
        label = found(conn, tenant_id, shipment_id, account_id=account_id)
    fits(amount, label.payment.amount[1])
    at = asking.opened(rig, tenant_id, label.contract.contract_id, doing=DOING)
    turn = begun(at, label, amount)
    ask(at, label, turn, amount)
    with rig.db.tx(tenant_id) as conn:
        is_last = written(conn, at, label, turn, amount, by=by)
    if not is_last:
        raise ComeAgain(asking.SOON_S, OVERTAKEN)
    fetch_anew(at, label.booking)
    rig.wake(Lane.WRITEBACK, tenant_id)
    return tenant_id


def found(conn: db.Conn, tenant_id: TenantId, shipment_id: str, *, account_id: str) -> Label:
    """Return the label a shipment leaves with; raise Declined or NotTheShipper."""
    leading = shipments.leading(conn, tenant_id, [shipment_id]).get(shipment_id)
    if leading is None:
        raise Declined(*UNKNOWN)
    shipper.only(conn, tenant_id, account_id)
    each = bookings.of_shipments(conn, tenant_id, [leading]).get(leading)
    if each is None:
        raise Declined(*NOT_OURS)
    label = of_bookings(conn, tenant_id, [each])[each.booking_id]
    if isinstance(label, Declined):
        raise label
    return label


def of_bookings(conn: db.Conn, tenant_id: TenantId, some: Sequence[Booking]) -> dict[str, Label | Declined]:
    """Return labels whose carriers may be asked for another amount, by booking, or why one may not be."""
    ids = [each.booking_id for each in some]
    money, boxes = payments.of_bookings(conn, tenant_id, ids), tracking.of_bookings(conn, tenant_id, ids)
    logins: dict[tuple[str, str], Contract | None] = {}
    found: dict[str, Label | Declined] = {}
    for each in some:
        under = each.made_under or each.contract_id, each.carrier
        if each.booking_id in money and under not in logins:
            logins[under] = contracts.answering(conn, tenant_id, *under)
        try:
            label = changeable(each, money.get(each.booking_id), boxes[each.booking_id], logins.get(under))
        except Declined as why:
            label = why
        found[each.booking_id] = label
    return found


def changeable(each: Booking, payment: Payment | None, boxes: Sequence[Followed], contract: Contract | None) -> Label:
    """Return a label whose carrier may be asked for another amount under this login: pure. Raise Declined."""
    if each.cancelled_at or each.cancel_asked_at:
        raise Declined(*CANCELLED)
    if not each.label_at:
        raise Declined(NOT_YET[0], NOT_YET[1].format(each.state))
    if payment and (payment.paid_on or payment.delivered_on):
        raise Declined(*DELIVERED)
    if payment is None or not payment.is_changeable or tracing.nobody_pays(boxes):
        raise Declined(*NO_COD)
    if contract is None:
        raise Declined(*asking.NO_CONTRACT)
    if not carriage.able_of(contract).changes_cod:
        raise Declined(CANNOT[0], CANNOT[1].format(carriage.called(each.carrier)))
    return Label(each, contract, payment)


def fits(amount: Money, currency: str) -> None:
    """Raise Declined for an amount that nobody collects."""
    if amount.currency != currency:
        raise Declined("invalid", f"It is collected in {currency}.", "/currency")
    if amount.minor < 0 or amount.collected() != amount:
        raise Declined("invalid", f"It is no amount that is collected in {currency}.", "/amount")


def begun(at: Desk, label: Label, amount: Money) -> Turn:
    """Take the turn to ask; raise ComeAgain while somebody else has it."""
    lease_s, now = at.rig.settings.lease_s, at.rig.now()
    with at.rig.db.tx(at.tenant_id) as conn:
        turn = collecting.begin(conn, at.tenant_id, label.booking.booking_id, amount.minor, now=now, lease_s=lease_s)
    if turn is None:
        desk.left(at)
        raise ComeAgain(asking.SOON_S, ANOTHER)
    return turn


def ask(at: Desk, label: Label, turn: Turn, amount: Money) -> None:
    """Ask the carrier; raise Declined or ComeAgain, with the turn given up."""
    with at.rig.db.tx(at.tenant_id) as conn:
        boxes = bookings.boxes(conn, at.tenant_id, [label.booking.booking_id])[label.booking.booking_id]
    try:
        asking.ask(at, lambda carrier: carrier.change_cod(carriage.parcels_of(boxes), amount))
    except ComeAgain as wait:
        leave(at, turn, unclear=wait.unclear)
        raise
    except Declined:
        leave(at, turn)
        raise
    except CarrierRefused as refusal:
        leave(at, turn)
        raise declined(refusal) from None


def leave(at: Desk, turn: Turn, *, unclear: bool = False) -> None:
    """Give the turn up."""
    with at.rig.db.tx(at.tenant_id) as conn:
        collecting.leave(conn, at.tenant_id, turn, unclear=unclear, now=at.rig.now())


def declined(refusal: CarrierRefused) -> Declined:
    """Return a carrier's no in our words, with its own."""
    code, field = CODES.get(refusal.kind, (asking.REFUSED, None))
    return Declined(code, "", field, said=refusal.why)


def written(conn: db.Conn, at: Desk, label: Label, turn: Turn, amount: Money, *, by: str) -> bool:
    """Write down what is collected now; False: the turn was over."""
    tenant_id, now, each = at.tenant_id, at.rig.now(), label.booking
    offers.hold(conn, tenant_id)
    stands = bookings.one(conn, tenant_id, each.booking_id)
    is_gone = stands is None or stands.cancelled_at is not None
    if not payouts.changed(conn, tenant_id, turn, is_gone=is_gone, now=now):
        return False
    told = {"deed": "changed what is collected", "by": by, "booking": each.booking_id, "shipment": each.shipment_id}
    detail = {**told, "before": label.payment.amount[0], "minor": amount.minor, "currency": amount.currency}
    journal.write(conn, tenant_id, [Entry(now, journal.Kind.PERSON, one, detail) for one in label.payment.covers])
    bookings.moved(conn, tenant_id, [each.booking_id], now=now)
    return True


def fetch_anew(at: Desk, each: Booking) -> None:
    """Keep the label with the new amount, where the carrier prints it there and hands it out again; else the old one.

    What is handed over is printed no more.
    """
    if each.handed_at:
        return
    with at.rig.db.tx(at.tenant_id) as conn:
        boxes = bookings.boxes(conn, at.tenant_id, [each.booking_id])[each.booking_id]
        kinds = [kind for kind in Format if bookings.on_paper(conn, at.tenant_id, [each.booking_id], format=kind.value)]
    for kind in kinds:
        try:
            parts = papers.asked_for(at, [boxes], kind)
        except (CarrierError, Unprintable):
            return
        if parts:
            with at.rig.db.tx(at.tenant_id) as conn:
                bookings.keep(conn, at.tenant_id, each.booking_id, carriage.sheet_of(parts[0]), now=at.rig.now())
