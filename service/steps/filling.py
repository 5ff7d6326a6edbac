"""What a shipment of a shop is to show of a carrier's points, and whether UPgates takes any there."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b

from service import affiliates, codebooks, db, points, problems
from service.affiliates import Key, Source
from service.lanes import TenantId
from service.offers import told
from service.offers.told import Json
from service.platform.shapes import NewAffiliate
from service.points import Point
from service.problems import Cause
from service.steps import drafting
from service.steps.drafting import Meant

CUSTOM = "custom"
OWN = told.NETWORKS[CUSTOM]


def why_unfit(conn: db.Conn, tenant_id: TenantId, shop_shipment_id: str) -> str:
    """Return why UPgates takes no points for a shipment; empty: it does (docs/upgates.md 4.9)."""
    entry = codebooks.entry(conn, tenant_id, "shipments", shop_shipment_id)
    if entry is None or entry.gone_at:
        return f"there is no shipment {shop_shipment_id} on the shop's list"
    kind = entry.content.get("type")
    return "" if kind == CUSTOM else f"shipment {shop_shipment_id} is of type {kind}; it takes points of `custom` only"


def wanted(conn: db.Conn, source: Source) -> dict[Key, NewAffiliate]:
    """Return the points a shipment is to show, without their ids; what lacks a field the shop requires is left out."""
    found = points.open_ones(conn, source.carrier, source.country, network=source.network, kind=source.kind)
    told = {Key(each.carrier, each.network, each.point_id): _told(each, source) for each in found}
    return {key: each for key, each in told.items() if each.name and each.street and each.city and each.zip}


def _told(point: Point, source: Source) -> NewAffiliate:
    name, street, city = (" ".join(text.split()) for text in (point.name, point.street, point.city))
    country = (point.country or source.country).lower()  # as it was seen (docs/upgates.md 1.6)
    return NewAffiliate("", name, street or city, city, point.zip, country)  # a village may have no streets


def meant(conn: db.Conn, tenant_id: TenantId, contents: Iterable[Json]) -> Meant:
    """Return which of a carrier's points the ids of these orders mean, as far as they are ours: looked up, not read."""
    documents = [told.ends_at(content) for content in contents]
    points_of = [each for each in documents if each["pickup_point"] and each["pickup_point"]["network"] in (None, OWN)]
    return affiliates.find(conn, tenant_id, [drafting.ids_of(each) for each in points_of]) if points_of else {}


def digest(each: NewAffiliate) -> bytes:
    """Return what tells a point from the same one otherwise told."""
    text = f"{each.name}\n{each.street}\n{each.city}\n{each.zip}\n{each.country}"
    return blake2b(text.encode(), digest_size=16).digest()


def settle(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> None:
    """Close the problem once no shipment of the shop waits for a person."""
    if not any(each.parked_at for each in affiliates.offers(conn, tenant_id)):
        problems.settle(conn, tenant_id, Cause.POINTS_REFUSED, now=now)
