"""Which carrier and service each of the shop's shipments is booked with, as its merchant paired them.

A pairing is known by the shop's id of the shipment (docs/upgates.md 4.9), text here as there. Whether a pair makes
sense is asked before it is saved (`service.steps.pairing`); here it is kept as it was answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from service import db
from service.lanes import TenantId

OWNS = ("pairings",)


@dataclass(frozen=True)
class Second:
    """Who carries it instead when the first carrier has been down for `after_min` minutes."""

    carrier: str
    service: str
    after_min: int


@dataclass(frozen=True)
class Pairing:
    """How a shipment is booked: codes of a carrier and of a service of its, `options` by the carrier's own names.

    `parcel_weight_g`: what a box weighs where the order does not say; None: nobody said. `revision` counts the changes;
    0 is a pairing that was never saved.
    """

    carrier: str
    service: str
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    second: Second | None = None
    parcel_weight_g: int | None = None
    revision: int = 0

    @property
    def instead(self) -> "Pairing | None":
        """How it is booked with the second carrier, who has no options of its own."""
        second = self.second
        return second and replace(self, carrier=second.carrier, service=second.service, options={}, second=None)


OF = """
    SELECT shop_shipment_id, carrier, service, options, second_carrier, second_service, second_after_min,
        parcel_weight_g, revision
    FROM pairings
    WHERE tenant_id = %(tenant_id)s
    ORDER BY shop_shipment_id
"""


def of(conn: db.Conn, tenant_id: TenantId) -> dict[str, Pairing]:
    """Return the pairings of a shop by the shop's id of the shipment."""
    return {row["shop_shipment_id"]: _read(row) for row in db.rows(conn, OF, tenant_id=tenant_id)}


def _read(row: Mapping[str, Any]) -> Pairing:
    has_second = row["second_carrier"] is not None
    return Pairing(
        carrier=row["carrier"],
        service=row["service"],
        options=row["options"],
        second=Second(row["second_carrier"], row["second_service"], row["second_after_min"]) if has_second else None,
        parcel_weight_g=row["parcel_weight_g"],
        revision=row["revision"],
    )


SAVE = """
    INSERT INTO pairings (
        tenant_id, shop_shipment_id, carrier, service, options, second_carrier, second_service, second_after_min,
        parcel_weight_g, revision, changed_at
    )
    VALUES (
        %(tenant_id)s, %(shop_shipment_id)s, %(carrier)s, %(service)s, %(options)s, %(second_carrier)s,
        %(second_service)s, %(second_after_min)s, %(parcel_weight_g)s, 1, %(now)s
    )
    ON CONFLICT (tenant_id, shop_shipment_id) DO UPDATE SET
        carrier = excluded.carrier,
        service = excluded.service,
        options = excluded.options,
        second_carrier = excluded.second_carrier,
        second_service = excluded.second_service,
        second_after_min = excluded.second_after_min,
        parcel_weight_g = excluded.parcel_weight_g,
        revision = pairings.revision + 1,
        changed_at = excluded.changed_at
    RETURNING revision
"""


def save(conn: db.Conn, tenant_id: TenantId, shop_shipment_id: str, pairing: Pairing, *, now: datetime) -> int:
    """Replace the pairing of one shipment, whole, and return its revision now."""
    second = pairing.second
    [row] = db.rows(
        conn,
        SAVE,
        tenant_id=tenant_id,
        shop_shipment_id=shop_shipment_id,
        carrier=pairing.carrier,
        service=pairing.service,
        options=Jsonb(dict(pairing.options)),
        second_carrier=second and second.carrier,
        second_service=second and second.service,
        second_after_min=second and second.after_min,
        parcel_weight_g=pairing.parcel_weight_g,
        now=now,
    )
    return row["revision"]


FORGET = """
    DELETE FROM pairings
    WHERE tenant_id = %(tenant_id)s
      AND shop_shipment_id = %(shop_shipment_id)s
"""


def forget(conn: db.Conn, tenant_id: TenantId, shop_shipment_id: str) -> bool:
    """Take a pairing back; False when there was none."""
    return db.run(conn, FORGET, tenant_id=tenant_id, shop_shipment_id=shop_shipment_id) == 1
