"""What a carrier is asked for an order, and what is wrong with that before anybody is paid. Pure.

The order is read where the warehouse's document reads it (`told`), so that both say the same. Nothing is cut here: an
adapter cuts what its carrier documents to be cut, and says so.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from carriers import check as rules
from carriers.base import Carrier
from carriers.errors import Fault
from carriers.money import Money
from carriers.shipment import Address, Box, Cod, Customs, PointRef, Shipment
from service.affiliates import Key
from service.offers import told
from service.offers.told import Json
from service.pairings import Pairing
from service.points import Standing
from service.steps import declaring
from service.steps import pairing as pairs

CODES = {
    "differs": "is not the same in all orders of the parcel",
    "closed": "is closed",
    "absent": "is not on the carrier's list",
    "gone": "is no longer on the carrier's list",
    "no_cod": "is not collected at this pick-up point",
}
"""What we find besides `carriers.check.CODES`; the doors have words for both."""

FIVE_FORINTS = 5  # Packeta collects HUF by fives (docs/carriers.md 0)
NO_OPTIONS: Mapping[str, str] = {}

Meant = Mapping[tuple[str, str], Key]
"""Which of a carrier's points an id of ours means, by the shop's ids of shipment and point."""

NOTHING_OF_OURS: Meant = {}


@dataclass(frozen=True)
class Draft:
    """A shipment as far as the orders say it, and what they do not say or say twice; with faults it is not booked.

    `owing`: the places of the orders whose COD it collects.
    """

    shipment: Shipment
    faults: tuple[Fault, ...] = ()
    owing: tuple[int, ...] = ()


@dataclass(frozen=True)
class PointStanding:
    """A point by the list of its network; None is what that list does not say, and `UNKNOWN` proves nothing.

    `country`: where it lies, empty where the list never showed it. `near`: where the parcel could go in its place.
    """

    standing: Standing
    takes_cod: bool | None = None
    most_weight_g: int | None = None
    country: str = ""
    near: str | None = None

    @property
    def is_shut(self) -> bool:
        """Say whether nothing can be sent there."""
        return self.standing in (Standing.CLOSED, Standing.GONE, Standing.ABSENT)


def draft(  # noqa: PLR0913  # of which orders, with whom, and what is known besides
    contents: Sequence[Json],
    pairing: Pairing,
    *,
    reference: str,
    boxes: Sequence[Box] = (),
    ship_on: date | None = None,
    options: Mapping[str, str] = NO_OPTIONS,
    customs: Customs | None = None,
    meant: Meant = NOTHING_OF_OURS,
) -> Draft:
    """Return the shipment of one order, or of several that go to one recipient in one parcel.

    `boxes` are those somebody packed; none: one. A box that was not weighed gets its share of what the orders weigh,
    else what a box of this pairing does, else 0, which `check` tells. `options` go before those of the pairing.
    `customs`: what somebody declared of it, which the orders fill up where it goes out of the union. No point lies out
    of the union, so a parcel to one needs no declaration.
    `meant`: the points that we have put into shipments of the shop's own.
    """
    documents = [told.of(content) for content in contents]
    service, chosen = _service(contents[0], pairing)
    point, point_faults = _point(contents, documents, pairing, meant)
    value, value_faults = _value(contents)
    cod, cod_faults = _cod(contents, documents, pairing)
    whom = replace(recipient(documents), region=told.region(contents[0]))
    every = {**pairing.options, **chosen, **options}
    shipment = Shipment(
        reference=reference,
        order_number=_number(contents),
        service=service,
        recipient=whom,
        boxes=_boxes(boxes, contents, pairing),
        value=value,
        point=point,
        cod=cod,
        note=", ".join(dict.fromkeys(_text(each["customer_note"]) for each in documents if each["customer_note"])),
        adults_only=any(each["adult"] for each in documents),
        ship_on=ship_on,
        customs=declaring.of(contents, "" if point else whom.country, every, customs),
        options=every,
    )
    owing = tuple(place for place, each in enumerate(documents) if each["cod"])
    return Draft(shipment, (*_apart(documents), *point_faults, *value_faults, *cod_faults), owing)


def check(shipment: Shipment, carrier: Carrier, at_point: PointStanding | None = None) -> list[Fault]:
    """Return what this carrier, with this account, would refuse, and what its point would; asks nobody."""
    if shipment.point is None or at_point is None:
        return list(carrier.validate(shipment))
    found = list(carrier.validate(replace(shipment, point=replace(shipment.point, country=at_point.country))))
    if at_point.is_shut:
        found.append(replace(_fault("point", at_point.standing.value), limit=at_point.near))
    if shipment.cod and at_point.takes_cod is False:
        found.append(_fault("cod", "no_cod"))
    for place, box in enumerate(shipment.boxes):
        if at_point.most_weight_g and box.weight_g > at_point.most_weight_g:
            found.append(rules.fault(f"boxes[{place}].weight_g", "too_heavy", at_point.most_weight_g))
    return found


def without_note(shipment: Shipment, faults: Sequence[Fault]) -> tuple[Shipment, list[Fault], list[str]]:
    """Leave out a note the carrier would not take: what a customer typed stops no parcel. Say so.

    No carrier wants one (docs/carriers.md 1.2, 2.2, 3A, 4.2, 5.2, 6.2), and one that is cut could say the opposite.
    """
    wrong = [fault for fault in faults if fault.field == "note"]
    if not wrong:
        return shipment, [*faults], []
    return (
        replace(shipment, note=""),
        [fault for fault in faults if fault.field != "note"],
        [f"the customer's note was left out: it {wrong[0].says}"],
    )


def recipient(documents: Sequence[Mapping[str, Any]]) -> Address:
    """Return who gets it: the first order's address, telephone and e-mail of the first order that has one.

    The house number stays in the street, where a customer wrote it: each adapter cuts it as its carrier wants it.
    """
    given = _part(documents[0], "recipient")
    name, company = (_text(given.get(field)) for field in ("name", "company"))
    said = Address(
        name=name or company,
        street=_text(given.get("street")),
        city=_text(given.get("city")),
        zip=_text(given.get("zip")),
        country=_text(given.get("country")),
        company=company if name else "",
        phone=_first(documents, "phone"),
        email=_first(documents, "email"),
    )
    return replace(said, phone=rules.phone_of(said) or said.phone) if said.phone else said


def _service(content: Json, pairing: Pairing) -> tuple[str, Mapping[str, str]]:
    """Return the service and the options that follow from the courier the customer chose behind Packeta.

    With a point the courier is the point's network, without one it is who goes to the door (docs/carriers.md 1.2).
    """
    courier = told.courier(content)
    if courier is None or pairs.network_of(pairing.carrier, pairing.service) != "packeta":
        return pairing.service, {}
    if pairing.carrier != "packeta":
        return f"zasilkovna/{courier}", {}
    is_to_point = told.of(content)["pickup_point"] is not None
    return (pairing.service, {}) if is_to_point else ("home", {"carrier_id": courier})


def _point(
    contents: Sequence[Json], documents: Sequence[Mapping[str, Any]], pairing: Pairing, meant: Meant
) -> tuple[PointRef | None, list[Fault]]:
    ids = [_part(each, "pickup_point").get("id") for each in documents]
    known = [meant.get(ids_of(each)) for each in documents]
    theirs_or_ours = [key or id_ for key, id_ in zip(known, ids, strict=True)]  # a point that changed has two ids
    if len({*zip(theirs_or_ours, map(told.courier, contents), strict=True)}) > 1:
        return None, [_fault("point", "differs")]
    if ids[0] is None:
        return None, []
    ours = pairs.network_of(pairing.carrier, pairing.service)
    if key := known[0]:
        lists = pairs.lists_of(pairing.carrier, pairing.service)
        is_there = key.carrier == pairing.carrier and key.network in lists
        network = None if key.network == key.carrier else key.network
        return PointRef(key.point_id, network), [] if is_there else [rules.fault("point.network", "not_offered", ours)]
    theirs = _part(documents[0], "pickup_point").get("network")
    faults = [rules.fault("point.network", "not_offered", ours)] if theirs not in (None, ours) else []
    return PointRef(ids[0], told.courier(contents[0]) if pairing.carrier == "packeta" else None), faults


def ids_of(document: Mapping[str, Any]) -> tuple[str, str]:
    """Return the shop's ids of an order's shipment and of its pick-up point; empty where it has none."""
    return _part(document, "shipment").get("id") or "", _part(document, "pickup_point").get("id") or ""


def _value(contents: Sequence[Json]) -> tuple[Money, list[Fault]]:
    """Return what the orders cost: what the parcel is insured for."""
    totals = [told.total(content) for content in contents]
    currencies = {currency for _, currency in totals}
    currency = totals[0][1] or ""
    if len(currencies) > 1:
        return Money(0, currency), [_fault("value", "differs")]
    if not currency or any(total is None for total, _ in totals):
        return Money(0, currency), [rules.fault("value", "missing")]
    return Money.rounded(sum((total for total, _ in totals if total), Decimal()), currency), []


def _cod(
    contents: Sequence[Json], documents: Sequence[Mapping[str, Any]], pairing: Pairing
) -> tuple[Cod | None, list[Fault]]:
    """Return what is collected for all orders that are not paid, as it is collected: whole crowns, forints by fives."""
    owed = [each["cod"] for each in documents if each["cod"]]
    if not owed:
        return None, []
    currency = owed[0]["currency"] or ""
    symbol = next(
        _symbol(content, each["cod"]) for content, each in zip(contents, documents, strict=True) if each["cod"]
    )
    if len({each["currency"] for each in owed}) > 1:
        return Cod(Money(0, currency), symbol), [_fault("cod.amount", "differs")]
    if any(each["amount"] is None for each in owed):
        return Cod(Money(0, currency), symbol), [rules.fault("cod.amount", "missing")]
    whole = Money.rounded(sum((Decimal(each["amount"]) for each in owed), Decimal()), currency)
    is_by_five = currency == "HUF" and pairs.network_of(pairing.carrier, pairing.service) == "packeta"
    return Cod(whole.collected(step_minor=FIVE_FORINTS if is_by_five else None), symbol), []


def _symbol(content: Json, cod: Mapping[str, str | None]) -> str:
    """Return what the payment is found by: the order's variable symbol, else its number where that is one."""
    number = _number([content])
    return cod["variable_symbol"] or (number if re.fullmatch(r"\d{1,10}", number, re.ASCII) else "")


def _boxes(packed: Sequence[Box], contents: Sequence[Json], pairing: Pairing) -> tuple[Box, ...]:
    boxes = tuple(packed) or (Box(0),)
    unweighed = sum(box.weight_g <= 0 for box in boxes)
    if not unweighed:
        return boxes
    weights = [told.weight_g(content) for content in contents]
    rest = sum(weight or 0 for weight in weights) - sum(max(box.weight_g, 0) for box in boxes)
    share = max(-(-rest // unweighed), 0)
    if None in weights or not share:  # what nobody weighed is not made of what somebody did
        share = max(share, pairing.parcel_weight_g) if pairing.parcel_weight_g else 0
    return tuple(box if box.weight_g > 0 else replace(box, weight_g=share) for box in boxes)


def _apart(documents: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """Return which fields of the recipient differ between the orders, however they are spelt."""

    def seen(field: str, plain: Callable[[str], str]) -> set[str]:
        return {plain(_text(_part(each, "recipient").get(field))) for each in documents}

    same: Mapping[str, Callable[[str], str]] = {
        **dict.fromkeys(("name", "company", "street", "city", "country"), str.casefold),
        "zip": lambda text: text.replace(" ", ""),
    }
    return [_fault(f"recipient.{field}", "differs") for field, plain in same.items() if len(seen(field, plain)) > 1]


def _number(contents: Sequence[Json]) -> str:
    """Return the number of the order, or of the first with the count of the others: `O1001+2`."""
    first = _text(str(contents[0].get("order_number") or ""))
    return first if len(contents) == 1 else f"{first}+{len(contents) - 1}"


def _part(document: Mapping[str, Any], field: str) -> Mapping[str, str | None]:
    return document[field] or {}


def _first(documents: Sequence[Mapping[str, Any]], field: str) -> str:
    return next((_text(each[field]) for each in documents if each[field]), "")


def _text(said: str | None) -> str:
    """Return text in one line, as it is printed."""
    return " ".join((said or "").split())


def _fault(field: str, code: str) -> Fault:
    return Fault(field, code, CODES[code])
