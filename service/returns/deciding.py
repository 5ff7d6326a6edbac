"""What people say of returns: ask for one, ask again, let it be; and what of them is forgotten."""

from datetime import datetime
from typing import Any

from service import db
from service.kit import canon
from service.lanes import TenantId
from service.returns.rows import COLUMNS, Draft, Return, back

ADD = f"""
    INSERT INTO return_labels (tenant_id, return_id, account_id, shipment_id, order_number, contract_id, carrier,
        service, boxes, content, another, due_at, since, created_at, changed_at)
    VALUES (%(tenant_id)s, %(return_id)s, %(account_id)s, %(shipment_id)s, %(order_number)s, %(contract_id)s,
        %(carrier)s, %(service)s, %(boxes)s, %(content)s::jsonb, %(another)s, %(now)s, %(now)s, %(now)s, %(now)s)
    ON CONFLICT (tenant_id, shipment_id) WHERE NOT another AND cancelled_at IS NULL DO NOTHING
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def add(conn: db.Conn, tenant_id: TenantId, draft: Draft, *, now: datetime) -> Return | None:
    """Enter what is to be asked for, due at once; None: there is one of this shipment already."""
    row = db.one(conn, ADD, tenant_id=tenant_id, now=now, **_drafted(draft))
    return back(row) if row else None


def _drafted(draft: Draft) -> dict[str, Any]:
    return {**vars(draft), "content": canon.stored(draft.content)}


AGAIN = f"""
    UPDATE return_labels
    SET contract_id = %(contract_id)s,
        service = %(service)s,
        boxes = %(boxes)s,
        content = %(content)s::jsonb,
        asked_at = NULL,
        due_at = %(now)s,
        since = %(now)s,
        tries = 0,
        parked = NULL,
        why = NULL,
        faults = '[]',
        changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND return_id = %(return_id)s
      AND parked IS NOT NULL
      AND made_at IS NULL
      AND cancelled_at IS NULL
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def again(conn: db.Conn, tenant_id: TenantId, draft: Draft, *, now: datetime) -> Return | None:
    """Ask anew for what a person looked at, as it is now; None: it is not his to decide.

    It keeps its reference: whoever lets it go again has seen that the carrier lacks it.
    """
    row = db.one(conn, AGAIN, tenant_id=tenant_id, now=now, **_drafted(draft))
    return back(row) if row else None


PRINT_AGAIN = f"""
    UPDATE return_labels
    SET due_at = %(now)s, since = %(now)s, tries = 0, parked = NULL, why = NULL, changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND return_id = %(return_id)s
      AND made_at IS NOT NULL
      AND label IS NULL
      AND told IS NULL
      AND due_at IS NULL
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def print_again(conn: db.Conn, tenant_id: TenantId, return_id: str, *, now: datetime) -> Return | None:
    """Have a label fetched that could not be had, or is not kept any more; None: there is nothing to fetch."""
    row = db.one(conn, PRINT_AGAIN, tenant_id=tenant_id, return_id=return_id, now=now)
    return back(row) if row else None


GIVE_UP = f"""
    UPDATE return_labels
    SET cancelled_at = %(now)s, content = NULL, due_at = NULL, since = NULL, claim = NULL, parked = NULL,
        changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND return_id = %(return_id)s
      AND made_at IS NULL
      AND cancelled_at IS NULL
      AND (parked IS NOT NULL OR asked_at IS NULL)
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def give_up(conn: db.Conn, tenant_id: TenantId, return_id: str, *, now: datetime) -> Return | None:
    """Let one be that was never made, or that a person has looked for; None: it is made, or just asked for."""
    row = db.one(conn, GIVE_UP, tenant_id=tenant_id, return_id=return_id, now=now)
    return back(row) if row else None


# What is forgotten in place of a label stays an empty text: no label is fetched for it.
FORGET = """
    UPDATE return_labels
    SET label = NULL, told = CASE WHEN told IS NOT NULL THEN ''::bytea END, content = NULL, why = NULL, faults = '[]'
    WHERE tenant_id = %(tenant_id)s
      AND return_id IN (
          SELECT return_id
          FROM return_labels
          WHERE tenant_id = %(tenant_id)s
            AND changed_at < %(before)s
            AND due_at IS NULL
            AND (label IS NOT NULL OR told <> '' OR content IS NOT NULL OR why IS NOT NULL OR faults <> '[]')
          LIMIT %(most)s
          FOR UPDATE SKIP LOCKED
      )
"""


def forget_labels(conn: db.Conn, tenant_id: TenantId, *, before: datetime, most: int) -> int:
    """Delete labels, what stands in their place and what carriers said, of long ago, some of it: it names people."""
    return db.run(conn, FORGET, tenant_id=tenant_id, before=before, most=most)
