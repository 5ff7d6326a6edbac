"""An operator lets a shop's own shipment show a carrier's points, or takes that back; off for everybody else."""

from carriers import registry
from service import affiliates, journal, points
from service.affiliates import Source
from service.journal import Entry, Kind
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.steps import filling


class OfferFaulty(Exception):
    """A shipment cannot show these points; the message is for whoever asked."""


def offer(rig: Rig, tenant_id: TenantId, shop_shipment_id: str, source: Source, *, by: str) -> int:
    """Let a shipment show these points from now on; return how many those are today. Raise OfferFaulty."""
    adapter, now = registry.ADAPTERS.get(source.carrier), rig.now()
    if adapter is None or not adapter.able.points:
        raise OfferFaulty(f"there is no list of points of {source.carrier}")
    with rig.db.tx(tenant_id) as conn:
        if unfit := filling.why_unfit(conn, tenant_id, shop_shipment_id):
            raise OfferFaulty(unfit)
        points.want(conn, source.carrier, source.country, now=now)
        affiliates.offer(conn, tenant_id, shop_shipment_id, source, now=now)
        filling.settle(conn, tenant_id, now=now)
        said = {"act": "points offered", "shipment": shop_shipment_id, "network": f"{source.carrier}/{source.network}"}
        journal.write(conn, tenant_id, [Entry(now, Kind.PERSON, None, {"by": by, **said})])
        count = len(filling.wanted(conn, source))
    rig.wake(Lane.AFFILIATES, tenant_id)
    return count


def withdraw(rig: Rig, tenant_id: TenantId, shop_shipment_id: str, *, by: str) -> None:
    """Take our points out of a shipment again, and put no more in. Raise OfferFaulty."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        if not affiliates.withdraw(conn, tenant_id, shop_shipment_id, now=now):
            raise OfferFaulty(f"no points were ever offered in shipment {shop_shipment_id}")
        filling.settle(conn, tenant_id, now=now)
        detail = {"by": by, "act": "points withdrawn", "shipment": shop_shipment_id}
        journal.write(conn, tenant_id, [Entry(now, Kind.PERSON, None, detail)])
    rig.wake(Lane.AFFILIATES, tenant_id)
