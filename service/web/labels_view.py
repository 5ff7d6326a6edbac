"""Labels as people see them: what needs somebody and what he can do, what is under way, what can be printed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from carriers.money import Money
from service import accounts, bookings, contracts, db, journal, problems, shipments
from service.bookings import Booking, Box, Counts, Parked
from service.contracts import Breaker
from service.flows import change_cod, rebook
from service.lanes import Lane, TenantId
from service.problems import Cause
from service.rig import Rig
from service.steps import carriage, labelling, stopping
from service.steps.asking import Declined
from service.steps.packing import Packer, Unfit
from service.web import boxes as typed
from service.web import labels_pages, pack_view, services
from service.web.labels_pages import Pages
from service.web.shipping_form import BY
from service.web.words import Language, Words
from service.words import moment

STRAYS_MOST = 50  # of them that are shown at once


@dataclass(frozen=True)
class Anew:
    """How a label would be asked for once more, and what stands in the way of that."""

    what: str
    against: Sequence[str]


@dataclass(frozen=True)
class Label:
    """One label; `position` names it as it was shown, `printed` says who printed it and when.

    `number`: that of its order, or of all the orders that leave in its parcel. `cod`: what is collected, as amount and
    currency, where its carrier lets that be changed.
    """

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
    cod: tuple[str, str] | None = None


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
class Stray:
    """A parcel at a carrier whose numbers no label has, each with its carrier; `count`: how often it was told of."""

    number: str
    codes: Sequence[tuple[str, str]]
    since: str
    count: int


@dataclass(frozen=True)
class Labels:
    """What is neither packed nor handed over, a page of each list; `all` of them there are on `last` pages."""

    decisions: Sequence[Decision]
    strays: Sequence[Stray]
    under_way: Sequence[Label]
    ready: Sequence[Label]
    all: Counts
    last: Counts
    pages: Pages


def look(  # whose, in which words, and which
    conn: db.Conn, rig: Rig, tenant_id: TenantId, language: Language, words: Words, *, pages: Pages
) -> Labels:
    """Return how the shop's labels stand."""
    listed = labels_pages.look(conn, tenant_id, pages)
    every = [*listed.parked, *listed.under_way, *listed.ready]
    shown = {each.booking_id: each for each in labels(conn, tenant_id, every, language, words)}
    packer = Packer(rig, conn, tenant_id)
    return Labels(
        [decision(conn, packer, each, shown[each.booking_id], words) for each in listed.parked],
        strays(conn, tenant_id, language, words, find=pages.find),
        [shown[each.booking_id] for each in listed.under_way],
        [shown[each.booking_id] for each in listed.ready],
        listed.all,
        listed.last,
        listed.pages,
    )


def strays(conn: db.Conn, tenant_id: TenantId, language: Language, words: Words, *, find: str) -> list[Stray]:
    """Return the parcels that are no label's own, the oldest first; those alone that `find` names."""
    told = problems.open_ones(conn, tenant_id, most=STRAYS_MOST, causes=[Cause.PARCEL_STRAY])
    found = [
        Stray(
            each.order_number or "",
            [(code, words.get(f"carrier_{carrier}", carrier)) for code, carrier in each.detail["numbers"].items()],
            moment(each.first_at, language),
            each.count,
        )
        for each in told
    ]
    return [
        each
        for each in found
        if find in ("", each.number) or carriage.code_of(find) in [code for code, _ in each.codes]
    ]


def labels(
    conn: db.Conn, tenant_id: TenantId, found: Sequence[Booking], language: Language, words: Words
) -> list[Label]:
    """Return bookings in words, in the same order."""
    numbers = [each.order_number for each in found]
    inside = shipments.orders_in(conn, tenant_id, [each.shipment_id for each in found], voided=False)
    stopped = stopping.in_parcels(conn, tenant_id, found)
    boxes = bookings.boxes(conn, tenant_id, [each.booking_id for each in found])
    collected = changeable(conn, tenant_id, found)
    log = printed(conn, tenant_id, numbers, language, words)
    resting = contracts.standing(conn, list({each.contract_id for each in found}), Lane.BOOK)
    return [
        Label(
            booking_id=each.booking_id,
            shipment_id=each.shipment_id,
            position=each.position,
            number=", ".join(inside[each.shipment_id]) or each.order_number,
            what=services.carried(words, each.carrier, each.service),
            since=moment(each.label_at or each.created_at, language),
            state=words[f"label_{each.state}"],
            stopped=", ".join(stopped.get(each.booking_id, ())),
            codes=codes(boxes[each.booking_id]),
            printed=log.get(each.booking_id, []),
            cod=collected.get(each.booking_id),
            why=each.why or (_breakers_why(each, resting) if not each.label_at else None),
        )
        for each in found
    ]


def changeable(conn: db.Conn, tenant_id: TenantId, found: Sequence[Booking]) -> Mapping[str, tuple[str, str]]:
    """Return what is collected for the bookings whose carrier lets the shop change that."""
    if not pack_view.ships_itself(conn, tenant_id):
        return {}
    labels = change_cod.of_bookings(conn, tenant_id, found)
    amounts = {each: Money(*label.payment.amount) for each, label in labels.items() if not isinstance(label, Declined)}
    return {each: (amount.plain(), amount.currency) for each, amount in amounts.items()}


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
        reference=each.reference if each.may_be_there else "",
        boxes=typed.text_of(kept),
        paired=paired,
        same=None if same and paired and same.what == paired.what else same,
        resumes=parked in (Parked.FAILING, Parked.NO_CONTRACT)
        and bool(each.booked_at)
        and not over
        and not label.stopped,
        looks_first=each.may_be_there,
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
