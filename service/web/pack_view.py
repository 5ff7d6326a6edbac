"""What may be packed, order by order: to whom, how, how heavy, and what a carrier would refuse before it is asked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service import codebooks, db, offers, orders, tenants
from service.lanes import TenantId
from service.offers import Offer, Reason, State, told
from service.pairings import Pairing
from service.rig import Rig
from service.steps import logins, shipper
from service.steps import pairing as pairs
from service.steps.packing import Packed, Packer, Unfit, Wish
from service.steps.pairing import Unpaired
from service.web import boxes, services
from service.web.words import Words

AT_ONCE = 100
STOPPED_MOST = 50
A_BOX = "boxes["  # where a fault is one of what somebody packed, he may say it here
BY_CHOICE = ("no_pairing", "no_contract")  # what another carrier would mend

Choices = Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class Way:
    """With whom a parcel goes where somebody chose so: `ppl PRIV`, as on the form; empty where nobody did."""

    text: str = ""

    @property
    def carrier(self) -> str | None:
        """Return the carrier's code."""
        return self.text.partition(" ")[0] or None

    @property
    def service(self) -> str | None:
        """Return its service; what names none names no service of anybody's."""
        return self.text.partition(" ")[2] or self.text or None


@dataclass(frozen=True)
class Row:
    """One order; `token` names it as it was shown. `ready`: nothing stands in its way; `open`: its form may help.

    `choosing`: its carrier is chosen here, `way` and `way_name` what was.
    """

    place: int
    token: str
    number: str
    town: str
    how: str
    weight: str
    cod: str
    boxes: str
    against: Sequence[str]
    ready: bool
    open: bool
    ticked: bool
    choosing: bool
    way: str
    way_name: str


@dataclass(frozen=True)
class Held:
    """Orders that must not leave now, and why."""

    why: str
    count: int
    numbers: Sequence[str] = ()


@dataclass(frozen=True)
class Stop:
    """An order to be taken off the line; `token` names it as it was shown, `changed` says what is new about it."""

    token: str
    number: str
    changed: str


@dataclass(frozen=True)
class Stopped:
    """Orders that were released and must not leave as they were, and why; `orders` are the first of them."""

    why: str
    count: int
    orders: Sequence[Stop]


@dataclass(frozen=True)
class ToPack:
    """One page of what is released, beside what is not.

    `choices`: services by carrier, where a row chooses. `ships`: no warehouse does, so a stop is heard on the page.
    """

    rows: Sequence[Row]
    all: int
    page: int
    pages: int
    stopped: Sequence[Stopped]
    ships: bool
    held: Sequence[Held]
    paired: bool
    choices: Choices

    @property
    def ready(self) -> int:
        """Return how many of the page may be booked as they are."""
        return sum(row.ready for row in self.rows)


@dataclass(frozen=True)
class Typed:
    """What was chosen and typed, by order."""

    boxes: Mapping[str, str] = field(default_factory=dict[str, str])
    faults: Mapping[str, str] = field(default_factory=dict[str, str])  # sentences
    ticked: Collection[str] = ()
    ways: Mapping[str, Way] = field(default_factory=dict[str, Way])
    choose: bool = False  # the carrier of every order


def token(offer: Offer) -> str:
    """Return what a form carries of an order: its number, and the revision that was shown."""
    return f"{offer.revision}.{offer.order_number}"


def look(  # whose, in which words, and which
    conn: db.Conn, rig: Rig, tenant_id: TenantId, words: Words, *, page: int, typed: Typed, find: str
) -> ToPack:
    """Return a page of the orders that may be packed, from 1; the one alone that `find` names."""
    known = offers.known(conn, tenant_id, offers.on_the_line(conn, tenant_id))
    released = sorted(
        number for number, offer in known.items() if offer.state is State.RELEASED and find in ("", number)
    )
    pages = max(1, -(-len(released) // AT_ONCE))
    page = min(max(page, 1), pages)
    packer = Packer(rig, conn, tenant_id)
    shown = released[(page - 1) * AT_ONCE : page * AT_ONCE]
    rows = [row(packer, known[number], place, words, typed) for place, number in enumerate(shown)]
    return ToPack(
        rows,
        len(released),
        page,
        pages,
        stopped(known, words),
        ships_itself(conn, tenant_id),
        held(conn, tenant_id, words),
        bool(packer.paired),
        choices(packer, words) if any(row.choosing for row in rows) else {},
    )


def row(packer: Packer, offer: Offer, place: int, words: Words, typed: Typed) -> Row:
    """Return one order, looked at as it would be booked."""
    number = offer.order_number
    order = orders.one(packer.conn, packer.tenant_id, number)
    content: Mapping[str, Any] = order.content if order else {}
    said = told.of(content)
    text, way = typed.boxes.get(number, ""), typed.ways.get(number, Way())
    found = packer.look([number], Wish(boxes.of(text) or (), carrier=way.carrier, service=way.service))
    cod = said["cod"]
    against = why_not(found, content, packer.paired, packer.listed, words) if isinstance(found, Unfit) else []
    faults = found.faults if isinstance(found, Unfit) else ()
    is_stuck = bool(packer.paired) and isinstance(found, Unfit) and found.code in BY_CHOICE
    choosing = bool(packer.contracts) and (typed.choose or bool(way.text) or is_stuck)
    if number in typed.faults:
        against = [typed.faults[number], *against]
    return Row(
        place=place,
        token=token(offer),
        number=number,
        town=(said["recipient"] and said["recipient"]["city"]) or "",
        how=how(found, content, packer, words, way),
        weight=kilograms(found, content, words),
        cod=f"{cod['amount']} {cod['currency']}".replace(".", words["decimal_point"]) if cod else "",
        boxes=text,
        against=against,
        ready=isinstance(found, Packed) and number not in typed.faults,
        open=choosing or isinstance(found, Packed) or (bool(faults) and all(is_of_a_box(fault) for fault in faults)),
        ticked=number in typed.ticked,
        choosing=choosing,
        way=way.text,
        way_name=named(way, words),
    )


def choices(packer: Packer, words: Words) -> Choices:
    """Return the services a parcel may be booked with under the shop's logins, by carrier."""
    found = {
        words[f"carrier_{carrier}"]: [
            (f"{carrier} {code}", services.service(words, carrier, code))
            for code in able.services
            if pairs.unlisted(carrier, code, able) is None
        ]
        for carrier, able in sorted(logins.ables(packer.rig, packer.contracts).items())
    }
    return {carrier: some for carrier, some in found.items() if some}


def named(way: Way, words: Words) -> str:
    """Return a carrier and its service as they were chosen; nothing where nobody chose."""
    return services.carried(words, way.carrier, way.service) if way.carrier and way.service else ""


def is_of_a_box(fault: Mapping[str, Any]) -> bool:
    """Say whether a fault is one of what was packed."""
    return str(fault.get("field") or "").startswith(A_BOX)


def how(found: Packed | Unfit, content: Mapping[str, Any], packer: Packer, words: Words, way: Way) -> str:
    """Return with whom it would go: as it would be booked, else as somebody chose or as it is paired."""
    if isinstance(found, Packed):
        point = f", {words['field_point'].lower()} {found.shipment.point.point_id}" if found.shipment.point else ""
        return services.carried(words, found.contract.carrier, found.shipment.service) + point
    if way.text:
        return named(way, words)
    paired = pairs.chosen(content, packer.paired, packer.listed)
    return services.carried(words, paired.carrier, paired.service) if isinstance(paired, Pairing) else ""


def why_not(
    found: Unfit,
    content: Mapping[str, Any],
    paired: Mapping[str, Pairing],
    listed: Mapping[str, codebooks.Entry],
    words: Words,
) -> list[str]:
    """Return what stands in the way of a label, a sentence each."""
    if found.faults:
        return services.told(words, found.faults)
    if found.code == "no_pairing":
        chosen = pairs.chosen(content, paired, listed)
        return [words[f"unpaired_{chosen if isinstance(chosen, Unpaired) else Unpaired.NOT_PAIRED}"]]
    return [words[f"pack_{found.code}"]]


def kilograms(found: Packed | Unfit, content: Mapping[str, Any], words: Words) -> str:
    """Return what the boxes weigh, or the order says it weighs."""
    if isinstance(found, Packed):
        grams: int | None = sum(box.weight_g for box in found.shipment.boxes)
    else:
        grams = told.weight_g(content)
    return f"{grams / 1000:.2f} kg".replace(".", words["decimal_point"]) if grams else ""


def stopped(known: Mapping[str, Offer], words: Words) -> list[Stopped]:
    """Return what was released and is to be taken off the line, by its reason."""
    by_reason: dict[Reason | None, list[Offer]] = {}
    for _, offer in sorted(known.items()):
        if offer.state is State.STOP:
            by_reason.setdefault(offer.reason, []).append(offer)
    return [
        Stopped(words[f"reason_{reason}"], len(some), [stop(offer, words) for offer in some[:STOPPED_MOST]])
        for reason, some in by_reason.items()
    ]


def stop(offer: Offer, words: Words) -> Stop:
    """Return one order that is to be taken off the line."""
    return Stop(
        token(offer), offer.order_number, ", ".join(words.get(f"changed_{field}", field) for field in offer.changed)
    )


def ships_itself(conn: db.Conn, tenant_id: TenantId) -> bool:
    """Say whether the shop's own account ships, as far as that is known."""
    shop = tenants.of(conn, tenant_id)
    return shipper.is_it(conn, tenant_id, (shop and shop.account_id) or "")


def held(conn: db.Conn, tenant_id: TenantId, words: Words) -> list[Held]:
    """Return how many orders are held and why, but those that have left."""
    counted = offers.counts(conn, tenant_id).items()
    return [
        Held(words[f"reason_{reason}"], count)
        for (state, reason), count in sorted(counted, key=lambda each: -each[1])
        if state is State.HELD and reason not in (None, Reason.SHIPPED)
    ]
