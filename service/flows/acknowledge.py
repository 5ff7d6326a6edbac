"""A warehouse says that it has a revision of an order; after a stop that decides what comes next."""

from collections.abc import Mapping

from service import journal, offers
from service.journal import Entry, Kind
from service.lanes import TenantId
from service.offers import Shown
from service.rig import Rig
from service.steps import offering, shipper


def run(rig: Rig, tenant_id: TenantId, number: str, *, revision: int, account_id: str) -> Shown | None:
    """Return the order as it is offered now; None when there is none, another revision when the word came too late.

    Raise NotTheShipper when a warehouse ships for the shop and this account is not its.
    """
    with rig.db.tx(tenant_id) as conn:
        shipper.only(conn, tenant_id, account_id)
        return offering.acknowledged(conn, tenant_id, number, revision=revision, now=rig.now())


def off_the_line(
    rig: Rig, tenant_id: TenantId, seen: Mapping[str, int], *, account_id: str, by: str
) -> list[str]:  # fmt: skip
    """Note that stopped orders were taken off the line, each at the revision that was seen; twice is the same as once.

    Return those that have moved since and stay as they are. Raise NotTheShipper as above.
    """
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        shipper.only(conn, tenant_id, account_id)
        offers.hold(conn, tenant_id)
        known = offers.known(conn, tenant_id, [*seen])
        stopped = {number for number, each in known.items() if each.unheard and each.revision == seen[number]}
        for number in sorted(stopped):
            offering.acknowledged(conn, tenant_id, number, revision=seen[number], now=now)
        detail = {"by": by, "act": "taken off the line"}
        journal.write(conn, tenant_id, [Entry(now, Kind.PERSON, number, detail) for number in sorted(stopped)])
    heard = stopped | {number for number, each in known.items() if each.acked_revision == seen[number]}
    return [number for number in seen if number not in heard]
