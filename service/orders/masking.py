"""Take what names a person out of orders that ended: what is left counts money, goods and statuses, and nobody.

A list of what stays, not of what goes: a field the platform adds tomorrow is personal until somebody says otherwise.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from service import db
from service.kit import canon
from service.lanes import TenantId


def _names(text: str) -> Sequence[str]:
    return tuple(text.split())


# docs/upgates.md 4.1. A pick-up point is left out (it is next to somebody's home), and so is what a customer may have
# typed into a line (parameters, configurations).
ORDER = _names("""
    order_number order_id language_id currency_id prices_with_vat_yn oss_yn status_id paid_date tracking_code
    resolved_yn creation_time last_update_time total_weight order_total
""")
PARTS = {
    "shipment": _names("id code name type price price_with_vat"),
    "payment": _names("id code name type price price_with_vat"),
}
LINE = _names("""
    type uuid parent_uuid product_id option_set_id code code_supplier ean title unit quantity price_per_unit price
    price_with_vat price_without_vat vat weight
""")

Json = Mapping[str, Any]


def masked(raw: Json) -> dict[str, Any]:
    """Return the content of an order without anything that names, locates or quotes a person."""
    kept = _pick(raw, ORDER)
    for part, fields in PARTS.items():
        if isinstance(inner := raw.get(part), dict):
            kept[part] = _pick(cast("Json", inner), fields)
    lines = raw.get("products")
    many = cast("list[Any]", lines) if isinstance(lines, list) else []
    return kept | {"products": [_pick(cast("Json", line), LINE) for line in many if isinstance(line, dict)]}


def _pick(raw: Json, fields: Sequence[str]) -> dict[str, Any]:
    return {field: raw[field] for field in fields if not isinstance(raw.get(field, {}), dict | list)}


CONTENTS = """
    SELECT order_number, content
    FROM orders
    WHERE tenant_id = %(tenant_id)s
      AND order_number = ANY (%(numbers)s)
      AND masked_at IS NULL
    ORDER BY order_number
"""

MASK = """
    UPDATE orders
    SET content = page.content::jsonb, masked_at = %(now)s
    FROM unnest(%(numbers)b::text[], %(contents)b::text[]) AS page (order_number, content)
    WHERE tenant_id = %(tenant_id)s
      AND orders.order_number = page.order_number
"""


def mask(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str], *, now: datetime) -> int:
    """Mask these orders; return how many. The caller holds the shop's mirror (`hold`).

    The next read of one shows it whole again: then it is masked anew when its time has come.
    """
    found = db.rows(conn, CONTENTS, tenant_id=tenant_id, numbers=list(numbers))
    if not found:
        return 0
    contents = [canon.stored(masked(row["content"])) for row in found]
    return db.run(
        conn,
        MASK,
        tenant_id=tenant_id,
        numbers=[row["order_number"] for row in found],
        contents=contents,
        now=now,
    )
