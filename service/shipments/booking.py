"""Enter shipments, correct them, take them back, and look them up.

The id of a shipment names its tenant, so that whoever looks for one sees no other tenant's rows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service import db
from service.kit import ids
from service.lanes import TenantId


@dataclass(frozen=True)
class Parcel:
    """One box; `carrier` is one of carriers.CARRIERS, a tracking code that is not known yet is None."""

    carrier: str
    tracking_code: str | None
    weight_g: int | None


@dataclass(frozen=True)
class Draft:
    """A shipment as it is told to us; `final`: the last one of its order; `label_due`: we are to make its label.

    `booked_with`: the shipment of another order in whose parcel it leaves.
    """

    order_number: str
    parcels: tuple[Parcel, ...]
    final: bool
    label_due: bool = False
    booked_with: str | None = None


@dataclass(frozen=True)
class Shipment:
    """What left, or was to leave before it was voided.

    `final_since`: when it became the last one of its order. `written_before`: the shop had been told of it when it was
    last corrected or voided. `label_due`: its label is still to be made, so it has not left yet.
    """

    shipment_id: str
    order_number: str
    account_id: str
    parcels: tuple[Parcel, ...]
    final_since: datetime | None
    revision: int
    created_at: datetime
    changed_at: datetime
    voided_at: datetime | None
    written_before: bool
    label_due: bool = False
    booked_with: str | None = None

    @property
    def leaves_in(self) -> str:
        """Return the shipment in whose parcel it leaves: its own, or that of another order."""
        return self.booked_with or self.shipment_id

    @property
    def final(self) -> bool:
        """Whether it is the last one of its order."""
        return self.final_since is not None

    @property
    def voided(self) -> bool:
        """Whether it was taken back."""
        return self.voided_at is not None

    @property
    def closes(self) -> bool:
        """Whether the order has left with it, whole."""
        return self.final and not self.voided


def tenant_of(shipment_id: str) -> TenantId | None:
    """Return whose shipment this claims to be; None when it is none of ours."""
    return ids.tenant_in("s", shipment_id)


SHIPPED = """
    SELECT DISTINCT order_number
    FROM shipments
    WHERE tenant_id = %(tenant_id)s
      AND order_number = ANY (%(numbers)s)
      AND final_since IS NOT NULL
      AND voided_at IS NULL
"""


def shipped(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str]) -> set[str]:
    """Return which of these orders left the house whole: they have a final shipment that stands."""
    return {row["order_number"] for row in db.rows(conn, SHIPPED, tenant_id=tenant_id, numbers=list(numbers))}


ADD = """
    INSERT INTO shipments (tenant_id, shipment_id, order_number, account_id, final_since, created_at, changed_at,
        label_due, booked_with)
    SELECT %(tenant_id)s, shipment_id, order_number, %(account_id)s, CASE WHEN final THEN %(now)s::timestamptz END,
        %(now)s, %(now)s, label_due, booked_with
    FROM unnest(
        %(shipment_ids)b::text[], %(numbers)b::text[], %(finals)b::boolean[], %(labels_due)b::boolean[],
        %(booked_with)b::text[]
    ) WITH ORDINALITY AS told (shipment_id, order_number, final, label_due, booked_with, place)
    ORDER BY place
"""


def add(
    conn: db.Conn, tenant_id: TenantId, drafts: Sequence[Draft], *, account_id: str, now: datetime
) -> list[Shipment]:
    """Enter shipments and return them in the same order; they count as later than all that were there."""
    made = [
        Shipment(
            ids.fresh_of("s", tenant_id),
            draft.order_number,
            account_id,
            draft.parcels,
            final_since=now if draft.final else None,
            revision=1,
            created_at=now,
            changed_at=now,
            voided_at=None,
            written_before=False,
            label_due=draft.label_due,
            booked_with=draft.booked_with,
        )
        for draft in drafts
    ]
    db.run(
        conn,
        ADD,
        tenant_id=tenant_id,
        account_id=account_id,
        now=now,
        shipment_ids=[shipment.shipment_id for shipment in made],
        numbers=[shipment.order_number for shipment in made],
        finals=[shipment.final for shipment in made],
        labels_due=[shipment.label_due for shipment in made],
        booked_with=[shipment.booked_with for shipment in made],
    )
    _pack(conn, tenant_id, made)
    return made


PACK = """
    INSERT INTO parcels (tenant_id, shipment_id, place, carrier, tracking_code, weight_g)
    SELECT %(tenant_id)s, shipment_id, place, carrier, tracking_code, weight_g
    FROM unnest(
        %(shipment_ids)b::text[], %(places)b::smallint[], %(carriers)b::text[], %(codes)b::text[],
        %(weights)b::integer[]
    ) AS packed (shipment_id, place, carrier, tracking_code, weight_g)
"""


def _pack(conn: db.Conn, tenant_id: TenantId, many: Iterable[Shipment]) -> None:
    packed = [
        (shipment.shipment_id, place, parcel)
        for shipment in many
        for place, parcel in enumerate(shipment.parcels, start=1)
    ]
    db.run(
        conn,
        PACK,
        tenant_id=tenant_id,
        shipment_ids=[shipment_id for shipment_id, _, _ in packed],
        places=[place for _, place, _ in packed],
        carriers=[parcel.carrier for _, _, parcel in packed],
        codes=[parcel.tracking_code for _, _, parcel in packed],
        weights=[parcel.weight_g for _, _, parcel in packed],
    )


UPDATE = """
    UPDATE shipments
    SET final_since = %(final_since)s,
        revision = %(revision)s,
        changed_at = %(changed_at)s,
        voided_at = %(voided_at)s,
        written_before = %(written_before)s,
        label_due = %(label_due)s
    WHERE tenant_id = %(tenant_id)s
      AND shipment_id = %(shipment_id)s
"""

UNPACK = """
    DELETE FROM parcels
    WHERE tenant_id = %(tenant_id)s
      AND shipment_id = %(shipment_id)s
"""


def change(
    conn: db.Conn,
    tenant_id: TenantId,
    known: Shipment,
    *,
    parcels: tuple[Parcel, ...],
    final: bool,
    written: bool,
    now: datetime,
) -> Shipment:
    """Correct a shipment that `one` holds and return it; `written`: the shop has been told of it.

    What is known of its parcels now it has: whether its label was to be made is over.
    """
    since = None if known.label_due else known.final_since  # it leaves now that it has its label
    final_since = since or now if final else None
    later = _later(known, written=written, now=now)
    changed = replace(later, parcels=parcels, final_since=final_since, label_due=False)
    _update(conn, tenant_id, changed)
    db.run(conn, UNPACK, tenant_id=tenant_id, shipment_id=known.shipment_id)
    _pack(conn, tenant_id, [changed])
    return changed


def repack(conn: db.Conn, tenant_id: TenantId, known: Shipment, *, parcels: tuple[Parcel, ...], now: datetime) -> None:
    """Replace the boxes of a shipment that `one` holds and that still waits for its label."""
    changed = replace(known, revision=known.revision + 1, changed_at=now, parcels=parcels)
    _update(conn, tenant_id, changed)
    db.run(conn, UNPACK, tenant_id=tenant_id, shipment_id=known.shipment_id)
    _pack(conn, tenant_id, [changed])


def void(conn: db.Conn, tenant_id: TenantId, known: Shipment, *, written: bool, now: datetime) -> Shipment:
    """Take a shipment that `one` holds back and return it; `written`: the shop has been told of it."""
    voided = replace(_later(known, written=written, now=now), voided_at=now)
    _update(conn, tenant_id, voided)
    return voided


def _later(known: Shipment, *, written: bool, now: datetime) -> Shipment:
    return replace(known, revision=known.revision + 1, changed_at=now, written_before=known.written_before or written)


def _update(conn: db.Conn, tenant_id: TenantId, shipment: Shipment) -> None:
    db.run(
        conn,
        UPDATE,
        tenant_id=tenant_id,
        shipment_id=shipment.shipment_id,
        final_since=shipment.final_since,
        revision=shipment.revision,
        changed_at=shipment.changed_at,
        voided_at=shipment.voided_at,
        written_before=shipment.written_before,
        label_due=shipment.label_due,
    )


ONE = """
    SELECT shipment_id, order_number, account_id, final_since, revision, created_at, changed_at, voided_at,
        written_before, label_due, booked_with
    FROM shipments
    WHERE tenant_id = %(tenant_id)s
      AND shipment_id = %(shipment_id)s
"""


def one(conn: db.Conn, tenant_id: TenantId, shipment_id: str, *, hold: bool = False) -> Shipment | None:
    """Return a shipment, voided or not; `hold`: nobody else changes it until the transaction ends."""
    found = db.rows(conn, ONE + (" FOR UPDATE" if hold else ""), tenant_id=tenant_id, shipment_id=shipment_id)
    return next(iter(_with_parcels(conn, tenant_id, found)), None)


OF_ORDERS = """
    SELECT shipment_id, order_number, account_id, final_since, revision, created_at, changed_at, voided_at,
        written_before, label_due, booked_with
    FROM shipments
    WHERE tenant_id = %(tenant_id)s
      AND order_number = ANY (%(numbers)s)
    ORDER BY entered
"""


def of_orders(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str]) -> dict[str, list[Shipment]]:
    """Return the shipments of each of these orders in the order they were told, voided ones too; [] of most."""
    found = db.rows(conn, OF_ORDERS, tenant_id=tenant_id, numbers=list(numbers))
    told: dict[str, list[Shipment]] = {number: [] for number in numbers}
    for shipment in _with_parcels(conn, tenant_id, found):
        told[shipment.order_number].append(shipment)
    return told


COMPANIONS = """
    SELECT shipment_id, order_number, account_id, final_since, revision, created_at, changed_at, voided_at,
        written_before, label_due, booked_with
    FROM shipments
    WHERE tenant_id = %(tenant_id)s
      AND (shipment_id = %(shipment_id)s OR booked_with = %(shipment_id)s)
    ORDER BY entered
    FOR UPDATE
"""


def in_parcel(conn: db.Conn, tenant_id: TenantId, shipment_id: str) -> list[Shipment]:
    """Return a shipment and those of other orders that leave in its parcel, voided ones too, and hold them."""
    found = db.rows(conn, COMPANIONS, tenant_id=tenant_id, shipment_id=shipment_id)
    return _with_parcels(conn, tenant_id, found)


ORDERS_IN = """
    SELECT coalesce(booked_with, shipment_id) AS leaves_in, order_number
    FROM shipments
    WHERE tenant_id = %(tenant_id)s
      AND (shipment_id = ANY (%(shipment_ids)s) OR booked_with = ANY (%(shipment_ids)s))
      AND (%(voided)s OR voided_at IS NULL)
    ORDER BY entered
"""


def orders_in(
    conn: db.Conn, tenant_id: TenantId, shipment_ids: Sequence[str], *, voided: bool = True
) -> dict[str, list[str]]:
    """Return whose goods are in the parcels of these shipments, by shipment: several orders may leave in one.

    `voided`: those too whose shipment was taken back.
    """
    found: dict[str, list[str]] = {shipment_id: [] for shipment_id in shipment_ids}
    for row in db.rows(conn, ORDERS_IN, tenant_id=tenant_id, shipment_ids=list(shipment_ids), voided=voided):
        found[row["leaves_in"]].append(row["order_number"])
    return found


PARCELS = """
    SELECT shipment_id, carrier, tracking_code, weight_g
    FROM parcels
    WHERE tenant_id = %(tenant_id)s
      AND shipment_id = ANY (%(shipment_ids)s)
    ORDER BY shipment_id, place
"""


def _with_parcels(conn: db.Conn, tenant_id: TenantId, found: Sequence[db.Row]) -> list[Shipment]:
    packed: dict[str, tuple[Parcel, ...]] = {row["shipment_id"]: () for row in found}
    if packed:
        for row in db.rows(conn, PARCELS, tenant_id=tenant_id, shipment_ids=list(packed)):
            packed[row["shipment_id"]] += (Parcel(row["carrier"], row["tracking_code"], row["weight_g"]),)
    return [Shipment(parcels=packed[row["shipment_id"]], **row) for row in found]


AWAITED = """
    SELECT min(orders.last_update_time) AS since
    FROM offers
    JOIN orders USING (tenant_id, order_number)
    WHERE offers.tenant_id = %(tenant_id)s
      AND offers.state = 'released'
      AND orders.state = 'live'
      AND NOT EXISTS (
          SELECT
          FROM shipments
          WHERE shipments.tenant_id = offers.tenant_id
            AND shipments.order_number = offers.order_number
            AND shipments.voided_at IS NULL
      )
"""


def awaited_since(conn: db.Conn, tenant_id: TenantId) -> datetime | None:
    """Return the oldest last change of the orders a warehouse may pack now; None when it may pack none."""
    found = db.one(conn, AWAITED, tenant_id=tenant_id)
    return found["since"] if found else None
