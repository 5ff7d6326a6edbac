"""Hand-overs as people see them: what may be handed to whom, the latest ones, and how one of them stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from service import bookings, db, handovers
from service.flows import call_off
from service.flows import handover as flow
from service.handovers import Handover, Parked, State
from service.kit import ids
from service.lanes import TenantId
from service.rig import Rig
from service.steps import stopping, stranded, untold
from service.steps.asking import Declined
from service.web import pack_view
from service.web.words import Language, Words
from service.words import day, moment

AT_ONCE = 300  # parcels
LATEST = 5
YOUNG_S, LOOKS_FOR_S = 60, 600  # the page looks again often at first, and not for ever
READABLE = 40  # letters of a car's number; some name many orders in one text


@dataclass(frozen=True)
class Parcel:
    """A label that may be handed over, since when there is one."""

    shipment_id: str
    number: str
    since: str


@dataclass(frozen=True)
class Heap:
    """What one carrier may be handed; `must`: before that it knows of no parcel. `all`: some may not be shown.

    `has_login`: there is one to tell it with.
    """

    carrier: str
    name: str
    must: bool
    has_login: bool
    all: int
    parcels: Sequence[Parcel]
    key: str


@dataclass(frozen=True)
class Row:
    """One hand-over."""

    handover_id: str
    name: str
    count: int
    since: str
    state: str
    parked: bool


@dataclass(frozen=True)
class Handing:
    """The card; `untold` are labels whose carrier knows nothing of them."""

    heaps: Sequence[Heap]
    rows: Sequence[Row]
    untold: frozenset[str]


@dataclass(frozen=True)
class One:
    """One hand-over and what can be done with it; `again` are the shipments that may go with another.

    `car`: its parcels are handed over, and only the car is open. `car_line`: when a car comes, empty: none was wanted.
    `calls_off`: it can be called off here.
    """

    row: Row
    carrier: str
    numbers: Sequence[str]
    refused: Sequence[tuple[str, str]]
    manifest: str
    paper: bool
    reason: str
    to_do: str
    why: str
    again: Sequence[str]
    looks_first: bool
    car: bool
    car_line: str
    calls_off: bool
    let_be: bool
    waits: bool
    again_s: int | None  # the page looks again after so many seconds
    key: str


def look(conn: db.Conn, rig: Rig, tenant_id: TenantId, language: Language, words: Words) -> Handing:
    """Return what may be handed over, and the latest hand-overs, before them those that wait for a person."""
    found = untold.heaps(conn, tenant_id, now=rig.now())
    waiting = [each.handover for each in stranded.those(conn, tenant_id)]
    named = {each.handover_id for each in waiting}
    others = [each for each in handovers.newest(conn, tenant_id, most=LATEST) if each.handover_id not in named]
    return Handing(
        [heap(each, language, words) for each in found],
        [row(each, language, words) for each in (*waiting, *others)],
        frozenset(label.booking_id for each in found if each.must for label in each.labels),
    )


def heap(each: untold.Heap, language: Language, words: Words) -> Heap:
    """Return what one carrier may be handed, the oldest labels first."""
    parcels = [
        Parcel(label.shipment_id, label.order_number, moment(label.label_at, language))
        for label in each.labels[:AT_ONCE]
    ]
    name, key = named(each.carrier, words), ids.fresh("f")
    return Heap(each.carrier, name, each.must, each.has_login, len(each.labels), parcels, key)


def row(each: Handover, language: Language, words: Words) -> Row:
    """Return one hand-over in a line."""
    state = words[f"handing_is_{each.state}"]
    since = moment(each.created_at, language)
    parked = each.state is State.PARKED
    return Row(each.handover_id, named(each.carrier, words), len(each.booking_ids), since, state, parked)


def named(carrier: str, words: Words) -> str:
    """Return what a carrier is called."""
    return words.get(f"carrier_{carrier}", carrier)


def one(  # whose, which, and in which words
    conn: db.Conn, rig: Rig, tenant_id: TenantId, handover_id: str, language: Language, words: Words
) -> One | None:
    """Return one, None when there is none by this id."""
    is_ours = handovers.tenant_of(handover_id) == tenant_id
    each = handovers.one(conn, tenant_id, handover_id) if is_ours else None
    if each is None:
        return None
    now = rig.now()
    numbers = orders_of(conn, tenant_id, [*each.shipment_ids, *(str(told["id"]) for told in each.refused)])
    again = left_over(conn, tenant_id, each, now=now)
    is_car = each.handed_at is not None and each.parked is not None
    what = f"handing_car_{each.parked}" if is_car else f"handing_parked_{each.parked}"
    to_do = "handing_do_car" if is_car else f"handing_do_{each.parked}"
    return One(
        row=row(each, language, words),
        carrier=each.carrier,
        numbers=sorted(numbers[shipment_id] for shipment_id in each.shipment_ids),
        refused=not_handed(each.refused, numbers, words),
        manifest=each.manifest or "",
        paper=each.has_document,
        reason=words[what] if each.parked else "",
        to_do=words[to_do] if each.state is State.PARKED else "",
        why=each.why or "",
        again=again,
        looks_first=each.parked is Parked.UNCLEAR,
        car=is_car,
        car_line=car_line(each, language, words),
        calls_off=calls_off(conn, tenant_id, each),
        let_be=each.state is State.PARKED,
        waits=each.state is State.WAITING,
        again_s=pause_s(each, now=now),
        key=ids.fresh("f"),
    )


def car_line(each: Handover, language: Language, words: Words) -> str:
    """Return when the car comes, by which number where that is one a person can read, and how it stands with it."""
    if not each.collection:
        return ""
    said, on = each.collection, day(date.fromisoformat(each.collection["on"]), language)
    number = each.car if each.car and len(each.car) <= READABLE else ""
    parts = [f"{on}, {said['from']}–{said['to']}", number, words[how_car_stands(each)]]
    return ", ".join(filter(None, parts))


def how_car_stands(each: Handover) -> str:
    """Return the word for how it stands with a car that was wanted."""
    if each.car_cancelled_at:
        return "handing_car_off"
    if each.car_refused_at:
        return "handing_car_is_refused"
    if each.car_at:
        return "handing_car_is_ordered"
    if each.waits_for_car:
        return "handing_car_is_due"
    return "handing_car_is_unclear" if each.handed_at and each.parked is Parked.UNCLEAR else "handing_car_is_none"


def calls_off(conn: db.Conn, tenant_id: TenantId, each: Handover) -> bool:
    """Say whether the shop may call off a car: its carrier takes the order back, or it is only to be ordered."""
    if each.car_cancelled_at or not pack_view.ships_itself(conn, tenant_id):
        return False
    try:
        return each.waits_for_car or bool(call_off.callable_off(conn, tenant_id, each))
    except Declined:
        return False


def orders_of(conn: db.Conn, tenant_id: TenantId, shipment_ids: Sequence[str]) -> Mapping[str, str]:
    """Return the order of each shipment; of what is none of ours what it was called."""
    booked = bookings.of_shipments(conn, tenant_id, shipment_ids)
    return {each: booked[each].order_number if each in booked else each for each in shipment_ids}


def not_handed(
    refused: Sequence[Mapping[str, str]], numbers: Mapping[str, str], words: Words
) -> list[tuple[str, str]]:  # fmt: skip
    """Return what was not handed over, order by order, each with why."""
    return [(numbers[each["id"]], words.get(f"handing_not_{each['code']}", each["detail"])) for each in refused]


def left_over(conn: db.Conn, tenant_id: TenantId, each: Handover, *, now: datetime) -> list[str]:
    """Return the shipments of one that came to nothing which no other has, and which may leave still."""
    is_open = not each.handed_at and each.state in (State.PARKED, State.CANCELLED)
    if not is_open or each.created_at < now - flow.LATELY:
        return []
    booked = bookings.of_shipments(conn, tenant_id, each.shipment_ids)
    held = handovers.held(conn, tenant_id, each.booking_ids)
    ours = {one for one in each.booking_ids if held.get(one, each.handover_id) == each.handover_id}
    mine = [
        booking
        for booking in booked.values()
        if booking.booking_id in ours and flow.held(booking, each.carrier) is None
    ]
    stopped = stopping.in_parcels(conn, tenant_id, mine)
    return [booking.shipment_id for booking in mine if booking.booking_id not in stopped][:AT_ONCE]


def pause_s(each: Handover, *, now: datetime) -> int | None:
    """Return when the page looks again; None: nothing is waited for, or it lasts so long that a person asks."""
    if each.state is not State.WAITING or (now - each.created_at).total_seconds() > LOOKS_FOR_S:
        return None
    return 2 if is_young(each, now=now) else 10


def is_young(each: Handover, *, now: datetime) -> bool:
    """Say whether its carrier is just being told, and may answer any moment."""
    return each.state is State.WAITING and (now - each.created_at).total_seconds() < YOUNG_S
