"""Look hand-overs up: by id, the newest, and the carrier's paper."""

from service import db
from service.handovers.rows import COLUMNS, Handover, handover
from service.lanes import TenantId

ONE = f"""
    SELECT {COLUMNS}
    FROM handovers
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
"""  # noqa: S608  # a constant


def one(conn: db.Conn, tenant_id: TenantId, handover_id: str) -> Handover | None:
    """Return a hand-over."""
    row = db.one(conn, ONE, tenant_id=tenant_id, handover_id=handover_id)
    return handover(row) if row else None


NEWEST = f"""
    SELECT {COLUMNS}
    FROM handovers
    WHERE tenant_id = %(tenant_id)s
    ORDER BY created_at DESC, handover_id
    LIMIT %(most)s
"""  # noqa: S608  # a constant


def newest(conn: db.Conn, tenant_id: TenantId, *, most: int) -> list[Handover]:
    """Return the newest first."""
    return [handover(row) for row in db.rows(conn, NEWEST, tenant_id=tenant_id, most=most)]


DOCUMENT = """
    SELECT document
    FROM handovers
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
      AND document IS NOT NULL
"""


def document(conn: db.Conn, tenant_id: TenantId, handover_id: str) -> bytes | None:
    """Return the carrier's own paper, a PDF; None: it made none."""
    found = db.binary(conn, DOCUMENT, tenant_id=tenant_id, handover_id=handover_id)
    return found[0]["document"] if found else None
