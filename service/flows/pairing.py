"""A person pairs a shipment of the shop with a service, or takes that back.

The carriers are asked for what the shop's own logins can: a service nobody has a login for is not paired.
"""

from collections.abc import Mapping
from dataclasses import replace

from service import affiliates, codebooks, contracts, db, journal, pairings
from service.journal import Entry, Kind
from service.lanes import TenantId
from service.pairings import Pairing
from service.rig import Rig
from service.steps import logins
from service.steps import pairing as pairs
from service.steps.pairing import Ables, Bar

OF_SHIPMENT = frozenset({Bar.GONE, Bar.INACTIVE})


class PairingFaulty(Exception):
    """Something stands in the way; `faults` says of which field: shipment, service, options or second."""

    def __init__(self, faults: Mapping[str, tuple[Bar, ...]]) -> None:
        super().__init__(", ".join(f"{field}: {', '.join(bars)}" for field, bars in faults.items()))
        self.faults = faults


class ChangedMeanwhile(Exception):
    """Somebody else changed the pairing since it was looked at."""


def save(rig: Rig, tenant_id: TenantId, shop_shipment_id: str, wanted: Pairing, *, over: int, by: str) -> None:
    """Pair a shipment; raise PairingFaulty or ChangedMeanwhile. `over`: the revision it is paired over, 0 for none."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        _unchanged(conn, tenant_id, shop_shipment_id, over)
        ables = logins.ables(rig, contracts.usable(conn, tenant_id))
        if pairs.pair(conn, tenant_id, shop_shipment_id, wanted, ables, now=now):
            raise PairingFaulty(faults(conn, tenant_id, shop_shipment_id, wanted, ables))
        detail = {"act": "pairing", "shipment": shop_shipment_id, "carrier": wanted.carrier, "service": wanted.service}
        journal.write(conn, tenant_id, [Entry(now, Kind.PERSON, None, {"by": by, **detail})])


def _unchanged(conn: db.Conn, tenant_id: TenantId, shop_shipment_id: str, over: int) -> None:
    # Two people may both see the same revision and save at once: the later one wins, and the journal names both.
    known = pairings.of(conn, tenant_id).get(shop_shipment_id)
    if (known.revision if known else 0) != over:
        raise ChangedMeanwhile


def faults(
    conn: db.Conn, tenant_id: TenantId, shop_shipment_id: str, wanted: Pairing, ables: Ables
) -> dict[str, tuple[Bar, ...]]:
    """Return what stands in the way of a pairing, by field."""
    entry = codebooks.entry(conn, tenant_id, "shipments", shop_shipment_id)
    if entry is None:
        return {"shipment": (Bar.GONE,)}
    ours = affiliates.shown(conn, tenant_id).get(shop_shipment_id)
    first = pairs.bars(entry, replace(wanted, second=None), ables, ours)
    second = pairs.bars(entry, wanted.instead, ables, ours) if wanted.instead else ()
    found = {
        "shipment": tuple(bar for bar in first if bar in OF_SHIPMENT),
        "options": tuple(bar for bar in first if bar is Bar.BAD_OPTION),
        "service": tuple(bar for bar in first if bar not in OF_SHIPMENT | {Bar.BAD_OPTION}),
        "second": tuple(bar for bar in second if bar not in OF_SHIPMENT),
    }
    return {field: bars for field, bars in found.items() if bars}


def forget(rig: Rig, tenant_id: TenantId, shop_shipment_id: str, *, over: int, by: str) -> None:
    """Take a pairing back; raise ChangedMeanwhile."""
    with rig.db.tx(tenant_id) as conn:
        _unchanged(conn, tenant_id, shop_shipment_id, over)
        if pairings.forget(conn, tenant_id, shop_shipment_id):
            detail = {"by": by, "act": "pairing taken back", "shipment": shop_shipment_id}
            journal.write(conn, tenant_id, [Entry(rig.now(), Kind.PERSON, None, detail)])
