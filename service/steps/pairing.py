"""Which pairing an order has, and what stands in the way of one: from the shop's code list and what carriers can.

A carrier's points are worth something only where UPgates knows them, or where we put them into a shipment of the shop's
own: then the shop's checkout can offer them (R44).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import cast

from carriers import registry
from carriers.base import Able
from service import affiliates, codebooks, db, pairings
from service.affiliates import Source
from service.codebooks import Entry
from service.lanes import TenantId
from service.offers import told
from service.offers.told import Json
from service.pairings import Pairing
from service.steps import carriage

Ables = Mapping[str, Able]
"""What carriers can, by their codes: of every adapter, or of the merchant's own accounts."""

OWN = frozenset({"custom", "individual"})  # types that name no carrier (docs/upgates.md Appendix C)

TYPES: Mapping[str, str] = {
    shop_type: told.NETWORKS.get(shop_type, shop_type)
    for shop_type in ("zasilkovna", "ppl", "gls", "dpd", "ceskaPosta", "balikovna", "slovenskaPosta")
}
"""The network of a shop's type of shipment; the other types (`wedo`, `sps` …) are those of nobody we speak to."""

SHIPPERS = {"cp": "ceska_posta", "sp": "slovenska_posta", "zasilkovna": "packeta"}  # the rest are called as here

KINDS: Mapping[str, frozenset[str]] = {
    "packeta": frozenset({"zasilkovna"}),
    "ppl": frozenset({"parcelShop", "parcelBox"}),
    "gls": frozenset({"parcelShop", "parcelBox"}),
    "dpd": frozenset({"dpdBox", "pickupPoint"}),
    "ceska_posta": frozenset({"balikovna", "naPostu"}),
    "slovenska_posta": frozenset({"balikobox", "postaPoint", "naPostu"}),
}
"""The kinds of points UPgates knows, by network (docs/upgates.md 4.9, Appendix C); no other network can be offered."""

BOXES, POSTS = frozenset({"balikobox"}), frozenset({"postaPoint", "naPostu"})
NARROWER: Mapping[str, frozenset[str]] = {
    "SBOX": frozenset({"parcelBox"}),
    "ppl/52": frozenset({"parcelBox"}),
    "NB": frozenset({"balikovna"}),
    "cp/NB": frozenset({"balikovna"}),
    **dict.fromkeys(("NP", "NV", "NA"), frozenset({"naPostu"})),
    "cp/NP": frozenset({"naPostu"}),
    **dict.fromkeys(("sp/BZB", "sp/EXB", "sp/BNB"), BOXES),
    **dict.fromkeys(("sp/BZP", "sp/EXP", "sp/BNP"), POSTS),
}
"""Services that end at some of their network's points only."""

OF_ONE = frozenset({"customer_barcode"})  # options of one parcel: a pairing would give them to every one
OFFICES = "na_postu"
APART: Mapping[str, str] = dict.fromkeys(("NP", "NV", "NA"), OFFICES)
"""Services whose points their carrier lists as a network of its own, which holds no others (docs/carriers.md 5.6)."""


class Unpaired(StrEnum):
    """Why an order has no pairing."""

    NO_SHIPMENT = "no_shipment"
    BY_HAND = "by_hand"  # typed in, with nothing but a name (T30)
    NOT_PAIRED = "not_paired"
    SEVERAL = "several"  # more than one pairing would do


class Bar(StrEnum):
    """Why a shipment of the shop may not be paired with a service."""

    GONE = "gone"  # it is no longer on the shop's list
    INACTIVE = "inactive"
    NO_ADAPTER = "no_adapter"
    NOT_PROVEN = "not_proven"  # the adapter breaks a truth of the suite
    NOT_OFFERED = "not_offered"  # the carrier, or this account with it, has no such service
    BAD_OPTION = "bad_option"
    POINTS_UNKNOWN = "points_unknown"  # UPgates does not know the network's points, as FAN Courier's (R44)
    NO_POINTS = "no_points"  # the service ends at a point, and the shipment offers none
    POINTS_UNUSED = "points_unused"  # the shipment offers points, and the service goes to the door
    OTHER_NETWORK = "other_network"  # the shipment offers the points of somebody else


def chosen(content: Json, paired: Mapping[str, Pairing], listed: Mapping[str, Entry]) -> Pairing | Unpaired:
    """Return the pairing of an order: by its shipment's id, else its code, its type, its courier behind Packeta.

    `listed` is every shipment that ever was on the shop's list. One that is on it and was not paired was left out on
    purpose: only a code can speak for it, as codes are what a shop pairs by. A type and a courier fit several pairings;
    of those one counts only if it ends where the order does.
    """
    shipment = told.of(content)["shipment"]
    if shipment is None:
        return Unpaired.NO_SHIPMENT
    if shipment["id"] in paired:
        return paired[shipment["id"]]
    if by_code := _alike(shipment["code"], "code", paired, listed):
        return _agreed(by_code)
    is_named = any(shipment[field] for field in ("id", "code", "type")) or told.courier(content)
    if not is_named:
        return Unpaired.BY_HAND
    if shipment["id"] in listed and listed[shipment["id"]].gone_at is None:
        return Unpaired.NOT_PAIRED
    named = None if shipment["type"] in OWN else shipment["type"]
    found = _alike(named, "type", paired, listed) or _by_courier(content, paired)
    return _agreed(_fitting(found, to_point=told.of(content)["pickup_point"] is not None))


def _alike(value: str | None, field: str, paired: Mapping[str, Pairing], listed: Mapping[str, Entry]) -> list[Pairing]:
    if value is None:
        return []
    return [pairing for each, pairing in paired.items() if each in listed and listed[each].content.get(field) == value]


def _by_courier(content: Json, paired: Mapping[str, Pairing]) -> list[Pairing]:
    """Return what goes through Packeta, for an order that says so by its courier alone."""
    if told.courier(content) is None:
        return []
    return [each for each in paired.values() if network_of(each.carrier, each.service) == "packeta"]


def _fitting(found: Sequence[Pairing], *, to_point: bool) -> Sequence[Pairing]:
    # Packeta's own adapter is told by the order whether it goes to a door or to a point (drafting.py).
    fitting = [each for each in found if ends_at_point(each) is to_point]
    return fitting or [each for each in found if each.carrier == "packeta"]


def _agreed(found: Sequence[Pairing]) -> Pairing | Unpaired:
    """Return what all of them say, whichever was changed how often."""
    if not found:
        return Unpaired.NOT_PAIRED
    is_one = all(replace(each, revision=0) == replace(found[0], revision=0) for each in found)
    return found[0] if is_one else Unpaired.SEVERAL


def ends_at_point(pairing: Pairing) -> bool:
    """Say whether what is paired ends at a pick-up point, as far as the carrier's adapter knows."""
    adapter = registry.ADAPTERS.get(pairing.carrier)
    return adapter is not None and pairing.service in adapter.able.to_point


def network_of(carrier: str, service: str) -> str:
    """Return whose points a service ends at, through whomever it is booked: the words of `told.NETWORKS`."""
    if carrier == "balikobot":
        shipper = service.partition("/")[0]
        return SHIPPERS.get(shipper, shipper)
    return {"dpd_cz": "dpd"}.get(carrier, carrier)


def lists_of(carrier: str, service: str) -> frozenset[str]:
    """Return the networks whose points a service ends at, in the words of its carrier's own list."""
    if carrier == "balikobot":
        return frozenset({service.partition("/")[0]})
    return frozenset({carrier, APART.get(service, carrier)})


def kinds_of(carrier: str, service: str) -> frozenset[str]:
    """Return the kinds of points UPgates knows at which a service ends; none: it knows not one of them."""
    return NARROWER.get(service) or KINDS.get(network_of(carrier, service), frozenset())


def every() -> Ables:
    """Return what every adapter can for an account that switched nothing on."""
    return {code: adapter.able for code, adapter in registry.ADAPTERS.items()}


def bars(entry: Entry, pairing: Pairing, ables: Ables, ours: Source | None = None) -> tuple[Bar, ...]:
    """Return everything for which this shipment may not be paired so; nothing: it may. A second carrier counts too.

    `ours`: whose points we have put into this shipment.
    """
    second = pairing.second
    found = [*hindered(entry), *_bars(entry, pairing.carrier, pairing.service, ables, ours)]
    able = ables.get(pairing.carrier)
    if able and pairing.carrier in registry.ADAPTERS and not offers_options(pairing, able):
        found.append(Bar.BAD_OPTION)
    if second:
        found += _bars(entry, second.carrier, second.service, ables, ours)
    return tuple(dict.fromkeys(found))


def pair(
    conn: db.Conn, tenant_id: TenantId, shop_shipment_id: str, wanted: Pairing, ables: Ables, *, now: datetime
) -> tuple[Bar, ...]:
    """Save a pairing, unless something stands in its way; return what does."""
    entry = codebooks.entry(conn, tenant_id, "shipments", shop_shipment_id)
    ours = affiliates.shown(conn, tenant_id).get(shop_shipment_id)
    found = bars(entry, wanted, ables, ours) if entry else (Bar.GONE,)
    if not found:
        pairings.save(conn, tenant_id, shop_shipment_id, wanted, now=now)
    return found


def hindered(entry: Entry) -> tuple[Bar, ...]:
    """Return why a shipment cannot be paired with anything."""
    if entry.gone_at is not None:
        return (Bar.GONE,)
    said = entry.content.get("active_yn")
    return () if said is None or told.is_true(said) else (Bar.INACTIVE,)


def points_of(entry: Entry) -> frozenset[str]:
    """Return the kinds of points a shipment offers, under the old name or the new one (T58)."""
    said = entry.content.get("affiliates") or entry.content.get("affiliates_types")
    kinds = cast("list[object]", said) if isinstance(said, list) else []
    return frozenset(kind for kind in kinds if isinstance(kind, str))


def options_of(carrier: str, able: Able) -> frozenset[str]:
    """Return the options that all parcels of a pairing may have under a login, by their names."""
    return frozenset(carriage.options_of(carrier, able)) - OF_ONE


def offers_options(pairing: Pairing, able: Able) -> bool:
    """Say whether every option is one a pairing may have under a login."""
    return pairing.options.keys() <= options_of(pairing.carrier, able)


def unlisted(carrier: str, service: str, able: Able) -> Bar | None:
    """Return why a service is not to be offered to any shop; None: it is."""
    if carrier not in registry.ADAPTERS:
        return Bar.NO_ADAPTER
    if carrier not in registry.PROVEN:
        return Bar.NOT_PROVEN
    if service not in able.services:
        return Bar.NOT_OFFERED
    return Bar.POINTS_UNKNOWN if service in able.to_point and not kinds_of(carrier, service) else None


def _bars(entry: Entry, carrier: str, service: str, ables: Ables, ours: Source | None) -> tuple[Bar, ...]:
    able = ables.get(carrier)
    if able is None:
        return (Bar.NO_ADAPTER if carrier not in registry.ADAPTERS else Bar.NOT_OFFERED,)
    found = unlisted(carrier, service, able)
    if found in (None, Bar.POINTS_UNKNOWN) and service in able.to_point and _ends_at(ours, carrier, service):
        return ()
    if found:
        return (found,)
    offered = points_of(entry)
    if service not in able.to_point:  # of what only an account names nobody knows where it ends
        return (Bar.POINTS_UNUSED,) if offered and service in registry.ADAPTERS[carrier].able.services else ()
    if not offered:
        return (Bar.NO_POINTS,)
    whose = TYPES.get(str(entry.content.get("type")))
    is_ours = offered & kinds_of(carrier, service) and whose in (None, network_of(carrier, service))
    return () if is_ours else (Bar.OTHER_NETWORK,)


def _ends_at(ours: Source | None, carrier: str, service: str) -> bool:
    """Say whether a service ends at the points we put in; one that ends at some kinds only, where a kind was chosen."""
    if ours is None or ours.carrier != carrier or ours.network not in lists_of(carrier, service):
        return False
    return bool(ours.kind) or service not in NARROWER or ours.network == APART.get(service)
