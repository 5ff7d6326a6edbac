"""Look returns up: by id, by shipment, by number, what waits, and their labels."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from service import db
from service.lanes import TenantId
from service.returns.rows import COLUMNS, Parked, Return, back

ONE = f"""
    SELECT {COLUMNS}
    FROM return_labels
    WHERE tenant_id = %(tenant_id)s
      AND return_id = %(return_id)s
"""  # noqa: S608  # a constant


def one(conn: db.Conn, tenant_id: TenantId, return_id: str) -> Return | None:
    """Return one, however it stands."""
    row = db.one(conn, ONE, tenant_id=tenant_id, return_id=return_id)
    return back(row) if row else None


FIRST = f"""
    SELECT {COLUMNS}
    FROM return_labels
    WHERE tenant_id = %(tenant_id)s
      AND shipment_id = %(shipment_id)s
      AND NOT another
      AND cancelled_at IS NULL
"""  # noqa: S608  # a constant


def first(conn: db.Conn, tenant_id: TenantId, shipment_id: str) -> Return | None:
    """Return the one of a shipment that others are *another* to."""
    row = db.one(conn, FIRST, tenant_id=tenant_id, shipment_id=shipment_id)
    return back(row) if row else None


PARKED_OF = """
    SELECT DISTINCT order_number, parked
    FROM return_labels
    WHERE tenant_id = %(tenant_id)s
      AND order_number = ANY (%(numbers)s)
      AND parked IS NOT NULL
      AND cancelled_at IS NULL
"""


def parked_of(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str]) -> Mapping[str, set[Parked]]:
    """Return why returns of these orders wait for a person, by order."""
    found: dict[str, set[Parked]] = defaultdict(set)
    for row in db.rows(conn, PARKED_OF, tenant_id=tenant_id, numbers=list(numbers)):
        found[row["order_number"]].add(Parked(row["parked"]))
    return found


SOME = f"""
    SELECT {COLUMNS}
    FROM return_labels
    WHERE tenant_id = %(tenant_id)s
      AND return_id = ANY (%(return_ids)s)
"""  # noqa: S608  # a constant


def some(conn: db.Conn, tenant_id: TenantId, return_ids: Sequence[str]) -> dict[str, Return]:
    """Return these, by id."""
    found = db.rows(conn, SOME, tenant_id=tenant_id, return_ids=list(return_ids))
    return {row["return_id"]: back(row) for row in found}


OF_SHIPMENTS = f"""
    SELECT {COLUMNS}
    FROM return_labels
    WHERE tenant_id = %(tenant_id)s
      AND shipment_id = ANY (%(shipment_ids)s)
    ORDER BY created_at, return_id
"""  # noqa: S608  # a constant


def of_shipments(conn: db.Conn, tenant_id: TenantId, shipment_ids: Sequence[str]) -> list[Return]:
    """Return those of shipments, the oldest first, those that were let be too."""
    found = db.rows(conn, OF_SHIPMENTS, tenant_id=tenant_id, shipment_ids=list(shipment_ids))
    return [back(row) for row in found]


NEWEST = f"""
    SELECT {COLUMNS}
    FROM return_labels
    WHERE tenant_id = %(tenant_id)s
    ORDER BY created_at DESC, return_id
    LIMIT %(most)s
"""  # noqa: S608  # a constant


def newest(conn: db.Conn, tenant_id: TenantId, *, most: int) -> list[Return]:
    """Return the newest first."""
    return [back(row) for row in db.rows(conn, NEWEST, tenant_id=tenant_id, most=most)]


HOLDERS = """
    SELECT return_id
    FROM return_labels
    WHERE tenant_id = %(tenant_id)s
      AND numbers && %(numbers)s
      AND carrier = %(carrier)s
"""


def holders(conn: db.Conn, tenant_id: TenantId, carrier: str, numbers: Sequence[str]) -> list[str]:
    """Return which returns have one of these numbers: a carrier that gives one twice is not believed."""
    found = db.rows(conn, HOLDERS, tenant_id=tenant_id, carrier=carrier, numbers=list(numbers))
    return [row["return_id"] for row in found]


LABEL = """
    SELECT label
    FROM return_labels
    WHERE tenant_id = %(tenant_id)s
      AND return_id = %(return_id)s
      AND label IS NOT NULL
"""


def label(conn: db.Conn, tenant_id: TenantId, return_id: str) -> bytes | None:
    """Return the label, a PDF; None: there is none, or none any more."""
    found = db.binary(conn, LABEL, tenant_id=tenant_id, return_id=return_id)
    return found[0]["label"] if found else None


WAITS = """
    SELECT EXISTS (
        SELECT
        FROM return_labels
        WHERE tenant_id = %(tenant_id)s
          AND contract_id = ANY (%(contract_ids)s)
          AND due_at IS NOT NULL
    ) AS waits
"""


def waits(conn: db.Conn, tenant_id: TenantId, contract_ids: Sequence[str]) -> bool:
    """Say whether a return of the shop's is to be asked about under one of these logins, now or later."""
    return db.rows(conn, WAITS, tenant_id=tenant_id, contract_ids=list(contract_ids))[0]["waits"]
