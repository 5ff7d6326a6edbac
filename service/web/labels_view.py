"""Labels as people see them: what needs somebody and what he can do, what is under way, what can be printed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service import accounts, bookings, contracts, db, journal, shipments
from service.bookings import Booking, Box, Parked, State
from service.contracts import Breaker
from service.flows import rebook
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.steps import carriage, labelling, stopping
from service.steps.packing import Packer, Unfit
from service.web import services
from service.web.shipping_form import BY
from service.web.words import Language, Words
from service.words import moment

SHOWN = 50  # of what a person must decide
UNDER_WAY = 200
LABELS = 300


@dataclass(frozen=True)
class Anew:
    """How a label would be asked for once more, and what stands in the way of that."""

    what: str
    against: Sequence[str]


@dataclass(frozen=True)
class Label:
    """One label; `position` names it as it was shown, `printed` says who printed it and when."""

    booking_id: str
    shipment_id: str
    position: int
    number: str
    what: str
    since: str
    state: str
    stopped: str  # the orders of its parcel that must not leave, empty where all may
    codes: Sequence[tuple[str, str]] = ()  # with the address of the page that follows it
    printed: Sequence[str] = ()
    why: str | None = None


@dataclass(frozen=True)
class Decision:
    """A label that needs a person: why, what is wrong by field, and what he can do."""

    label: Label
    reason: str
    to_do: str
    faults: Sequence[str]
    reference: str
    boxes: str
    paired: Anew | None  # None: it cannot be asked for again
    same: Anew | None  # where it was booked otherwise than it is paired now
    resumes: bool
    looks_first: bool
    over: str  # why nothing leaves with it any more, if so
    carrier: str  # as warehouses call it


@dataclass(frozen=True)
class Labels:
    """All that is neither packed nor handed over."""

    decisions: Sequence[Decision]
    under_way: Sequence[Label]
    ready: Sequence[Label]


def look(conn: db.Conn, rig: Rig, tenant_id: TenantId, language: Language, words: Words) -> Labels:
    """Return how the shop's labels stand."""
    parked = bookings.parked(conn, tenant_id, most=SHOWN)
    under_way = bookings.under_way(conn, tenant_id, most=UNDER_WAY)
    ready = bookings.printable(conn, tenant_id, most=LABELS)
    shown = {each.booking_id: each for each in labels(conn, tenant_id, [*parked, *under_way, *ready], language, words)}
    packer = Packer(rig, conn, tenant_id)
    return Labels(
        [decision(conn, packer, each, shown[each.booking_id], words) for each in parked],
        [shown[each.booking_id] for each in under_way],
        [shown[each.booking_id] for each in ready],
    )


def labels(
    conn: db.Conn, tenant_id: TenantId, found: Sequence[Booking], language: Language, words: Words
) -> list[Label]:
    """Return bookings in words, in the same order."""
    numbers = [each.order_number for each in found]
    stopped = stopping.in_parcels(conn, tenant_id, found)
    boxes = bookings.boxes(conn, tenant_id, [each.booking_id for each in found])
    log = printed(conn, tenant_id, numbers, language, words)
    resting = contracts.standing(conn, list({each.contract_id for each in found}), Lane.BOOK)
    return [
        Label(
            booking_id=each.booking_id,
            shipment_id=each.shipment_id,
            position=each.position,
            number=each.order_number,
            what=services.carried(words, each.carrier, each.service),
            since=moment(each.label_at or each.created_at, language),
            state=words[f"label_{each.state}"],
            stopped=", ".join(stopped.get(each.booking_id, ())),
            codes=codes(boxes[each.booking_id]),
            printed=log.get(each.booking_id, []),
            why=each.why or (_breakers_why(each, resting) if not each.label_at else None),
        )
        for each in found
    ]


def _breakers_why(each: Booking, resting: Mapping[str, Breaker]) -> str | None:
    breaker = resting.get(each.contract_id)
    return breaker.why if breaker else None


def codes(boxes: Sequence[Box]) -> list[tuple[str, str]]:
    """Return the numbers of a label's boxes, each with its page at the carrier's."""
    return [(box.number, box.tracking_url if box.tracking_url.startswith("https://") else "") for box in boxes]


def printed(  # of which orders, and what names a label in the journal
    conn: db.Conn,
    tenant_id: TenantId,
    numbers: Sequence[str],
    language: Language,
    words: Words,
    *,
    by_its: str = "booking",
) -> Mapping[str, list[str]]:
    """Return who printed each label and when, by booking or by return."""
    found: dict[str, list[str]] = defaultdict(list)
    names: dict[str, str] = {BY: words["printed_here"]}
    for entry in journal.printed(conn, tenant_id, numbers):
        by = str(entry.detail.get("account"))
        if by not in names:
            account = accounts.of(conn, by)
            names[by] = account.person.name if account else by
        found[str(entry.detail.get(by_its))].append(f"{moment(entry.at, language)}, {names[by]}")
    return found


def decision(conn: db.Conn, packer: Packer, each: Booking, label: Label, words: Words) -> Decision:
    """Return what a person is to decide about a label."""
    parked = each.parked or Parked.REFUSED
    over = over_because(conn, packer.tenant_id, each, words)
    may_again = not label.stopped and not over and parked is not Parked.NOT_TAKEN_BACK and not each.booked_at
    paired = anew(packer, each, words, as_it_was=False) if may_again else None
    same = anew(packer, each, words, as_it_was=True) if may_again else None
    kept = rebook.wish_of(each, (), as_it_was=False).boxes
    return Decision(
        label=label,
        reason=words[f"parked_{parked}"],
        to_do=words[f"parked_do_{parked}"],
        faults=services.told(words, each.faults),
        reference=each.reference if parked is Parked.UNCLEAR else "",
        boxes=" ".join(str(box.weight_g) for box in kept if box.weight_g > 0),
        paired=paired,
        same=None if same and paired and same.what == paired.what else same,
        resumes=parked in (Parked.FAILING, Parked.NO_CONTRACT)
        and bool(each.booked_at)
        and not over
        and not label.stopped,
        looks_first=parked is Parked.UNCLEAR,
        over=over,
        carrier=carriage.called(each.carrier),
    )


def over_because(conn: db.Conn, tenant_id: TenantId, each: Booking, words: Words) -> str:
    """Return why nothing leaves with a label any more; nothing where something may."""
    told = shipments.of_orders(conn, tenant_id, [each.order_number])[each.order_number]
    standing = [one for one in told if one.shipment_id == each.shipment_id and not one.voided]
    if not standing:
        return words["act_voided"]
    if each.is_unwanted and not each.booked_at:
        return words["act_unwanted"]
    boxes = bookings.boxes(conn, tenant_id, [each.booking_id])[each.booking_id]
    return "" if not boxes or labelling.is_used(standing[0], boxes) else words["left_otherwise"]


def anew(packer: Packer, each: Booking, words: Words, *, as_it_was: bool) -> Anew | None:
    """Return how it would be asked for once more; None where nobody said how."""
    found = packer.look([each.order_number], rebook.wish_of(each, (), as_it_was=as_it_was))
    if not isinstance(found, Unfit):
        return Anew(services.carried(words, found.contract.carrier, found.shipment.service), [])
    if found.code == "no_pairing":
        return None
    what = services.carried(words, each.carrier, each.service) if as_it_was else words["again_paired"]
    return Anew(what, services.told(words, found.faults) or [words[f"pack_{found.code}"]])


@dataclass(frozen=True)
class Refused:
    """An item of a batch nobody was asked about."""

    number: str
    why: Sequence[str]


@dataclass(frozen=True)
class Batch:
    """What became of what was booked together."""

    labels: Sequence[Label]
    ready: Sequence[Label]
    waiting: int
    parked: int
    refused: Sequence[Refused]
    again_s: int | None  # the page looks again after so many seconds


def batch(  # whose, which, in which words
    conn: db.Conn, rig: Rig, tenant_id: TenantId, account_id: str, key: str, language: Language, words: Words
) -> Batch | None:
    """Return what became of a batch; None when there is none by this key."""
    results = shipments.kept(conn, tenant_id, account_id, key)
    if results is None:
        return None
    ids = [each["shipment"]["id"] for each in results if "shipment" in each]
    booked = bookings.of_shipments(conn, tenant_id, ids)
    found = [booked[each] for each in ids if each in booked]
    shown = labels(conn, tenant_id, found, language, words)
    states = {each.booking_id: each.state for each in found}
    ready = [each for each in shown if states[each.booking_id] is State.READY and not each.stopped]
    waiting = [each for each in found if each.state in (State.WAITING, State.DOUBTFUL, State.PENDING, State.BOOKED)]
    young = any((rig.now() - each.created_at).total_seconds() < 60 for each in waiting)
    refused = [
        Refused(
            str(each.get("order", "")), services.told(words, each.get("faults", ())) or [words[f"pack_{each['code']}"]]
        )
        for each in results
        if "shipment" not in each
    ]
    parked = sum(each.state is State.PARKED for each in found)
    return Batch(shown, ready, len(waiting), parked, refused, (2 if young else 10) if waiting else None)
