"""Return labels as people see them: which of an order can be had, and how those stand that were asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from carriers import registry
from service import bookings, contracts, db, returns, shipments, tracking
from service.bookings import Booking
from service.contracts import Contract
from service.flows import bring_back
from service.flows.bring_back import NoReturn
from service.kit import ids
from service.lanes import TenantId
from service.returns import Parked, Return, State
from service.rig import Rig
from service.steps import bringing, carriage
from service.web import labels_view, services
from service.web.words import Language, Words
from service.words import moment

NEWEST = 50
YOUNG = timedelta(minutes=1)
AGAIN_S = 1
UNSETTLED = (State.WAITING, State.MADE)
WITHOUT_LABEL = "without_label"  # the option of a carrier whose customer tells a password instead of printing


@dataclass(frozen=True)
class Offer:
    """A label an order went with, by its shipment; `against`: why no return can be had. `key`: of the form."""

    shipment_id: str
    what: str
    codes: Sequence[tuple[str, str]]
    against: str
    has_one: bool
    by_password: bool
    key: str


@dataclass(frozen=True)
class Row:
    """One return; `ready`: its label can be printed, `where`: its boxes are, once their carrier has had them."""

    return_id: str
    number: str
    what: str
    since: str
    state: str
    ready: bool
    codes: Sequence[tuple[str, str]]
    where: Sequence[str]
    printed: Sequence[str]


@dataclass(frozen=True)
class Seen:
    """The page: what an order went with (None: nobody asked for one), and the newest returns."""

    number: str
    offers: Sequence[Offer] | None
    rows: Sequence[Row]


@dataclass(frozen=True)
class One:
    """One return and what can be done with it; `told`: what the customer says in place of a label."""

    row: Row
    notes: Sequence[str]
    told: Sequence[str]
    reason: str
    to_do: str
    faults: Sequence[str]
    why: str
    reference: str
    again: bool
    looks_first: bool
    let_be: bool
    waits: bool
    again_s: int | None  # the page looks again after so many seconds


def look(conn: db.Conn, tenant_id: TenantId, number: str, language: Language, words: Words) -> Seen:
    """Return what an order went with, and the shop's newest returns."""
    found = offers(conn, tenant_id, number, words) if number else None
    return Seen(number, found, rows(conn, tenant_id, returns.newest(conn, tenant_id, most=NEWEST), language, words))


def offers(conn: db.Conn, tenant_id: TenantId, number: str, words: Words) -> list[Offer]:
    """Return the labels an order went with, each shipment's that stands."""
    told = [one for one in shipments.of_orders(conn, tenant_id, [number])[number] if not one.voided]
    booked = bookings.of_shipments(conn, tenant_id, [one.leaves_in for one in told])
    boxes = bookings.boxes(conn, tenant_id, [each.booking_id for each in booked.values()])
    asked = returns.of_shipments(conn, tenant_id, [one.shipment_id for one in told])
    has = {each.shipment_id for each in asked if not each.cancelled_at}
    usable = contracts.usable(conn, tenant_id)
    found: list[Offer] = []
    for one in told:
        if each := booked.get(one.leaves_in):
            adapter = registry.ADAPTERS.get(each.carrier)
            found.append(
                Offer(
                    shipment_id=one.shipment_id,
                    what=services.carried(words, each.carrier, each.service),
                    codes=labels_view.codes(boxes[each.booking_id]),
                    against=against(each, usable, words),
                    has_one=one.shipment_id in has,
                    by_password=adapter is not None and WITHOUT_LABEL in adapter.options,
                    key=ids.fresh("f"),
                )
            )
    return found


def against(each: Booking, usable: Mapping[str, Contract], words: Words) -> str:
    """Return why a carrier makes no return of a parcel; nothing where it may."""
    contract = usable.get(each.carrier)
    try:
        bring_back.left(each)
        if contract is None:
            return words["return_no_contract"]
        bring_back.makes_returns(carriage.able_of(contract), contract)
    except NoReturn as refusal:
        return words[f"return_{refusal.code}"]
    return ""


def rows(
    conn: db.Conn, tenant_id: TenantId, found: Sequence[Return], language: Language, words: Words
) -> Sequence[Row]:
    """Return returns in words, in the same order."""
    numbers = sorted({each.order_number for each in found})
    boxes = tracking.of_bookings(conn, tenant_id, [each.return_id for each in found])
    log = labels_view.printed(conn, tenant_id, numbers, language, words, by_its="return")
    return [
        Row(
            return_id=each.return_id,
            number=each.order_number,
            what=services.carried(words, each.carrier, each.service),
            since=moment(each.created_at, language),
            state=words[f"return_is_{each.state}"],
            ready=each.has_label,
            codes=labels_view.codes(bringing.boxes_of(each)),
            where=[
                f"{words[f'parcel_{box.state}']} ({moment(box.state_since, language)})"
                for box in boxes[each.return_id]
                if box.state in tracking.HELD
            ],
            printed=log.get(each.return_id, []),
        )
        for each in found
    ]


def one(  # whose, which, who asks, and in which words
    conn: db.Conn, rig: Rig, tenant_id: TenantId, return_id: str, account_id: str, language: Language, words: Words
) -> One | None:
    """Return one, None when there is none by this id; a password only to the account that asked for it."""
    is_ours = returns.tenant_of(return_id) == tenant_id
    each = returns.one(conn, tenant_id, return_id) if is_ours else None
    if each is None:
        return None
    [row] = rows(conn, tenant_id, [each], language, words)
    is_gone = bool(each.label_at) and not each.has_label and each.told is None
    waits = each.state in UNSETTLED
    return One(
        row=row,
        notes=each.notes,
        told=bring_back.told(rig, each, by=account_id),
        reason=words[f"return_parked_{each.parked}"] if each.parked else words["return_label_gone"] if is_gone else "",
        to_do=words[f"return_do_{each.parked}"] if each.parked else "",
        faults=services.told(words, each.faults),
        why=each.why or "",
        reference=returns.reference(return_id) if each.parked is Parked.UNCLEAR else "",
        again=each.parked is not None or (is_gone and each.due_at is None),
        looks_first=each.parked is Parked.UNCLEAR,
        let_be=each.made_at is None and each.cancelled_at is None and (bool(each.parked) or each.asked_at is None),
        waits=waits,
        again_s=AGAIN_S if waits and is_young(each, rig) else None,
    )


def is_young(each: Return, rig: Rig) -> bool:
    """Say whether it may be there any moment."""
    return rig.now() - each.created_at < YOUNG
