"""What only fulfillment reads: the parameters of products, and how products belong together."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service import db
from service.kit import canon
from service.lanes import TenantId
from service.platform.shapes import Product

LIST = """
    INSERT INTO product_lists (tenant_id, kind, product_id, content, read_at)
    SELECT %(tenant_id)s, %(kind)s, product_id, content::jsonb, %(read_at)s
    FROM unnest(%(product_ids)b::bigint[], %(contents)b::text[]) AS page (product_id, content)
    ORDER BY product_id
    ON CONFLICT (tenant_id, kind, product_id) DO UPDATE
    SET content = excluded.content, read_at = excluded.read_at
    WHERE product_lists.read_at < excluded.read_at
"""


def mirror_list(conn: db.Conn, tenant_id: TenantId, kind: str, page: Sequence[Product], *, read_at: datetime) -> int:
    """Take over a page of `parameters` or `related`; return how many were newer (docs/upgates.md 4.7.4).

    These lists carry no stamp: the read that began last wins. Entries of products that are gone stay until then.
    """
    items = {product.product_id: canon.stored(product.raw) for product in page}
    return db.run(
        conn,
        LIST,
        tenant_id=tenant_id,
        kind=kind,
        product_ids=list(items),
        contents=list(items.values()),
        read_at=read_at,
    )


LISTED = """
    SELECT content
    FROM product_lists
    WHERE tenant_id = %(tenant_id)s
      AND kind = %(kind)s
      AND product_id = %(product_id)s
"""


def listed(conn: db.Conn, tenant_id: TenantId, kind: str, product_id: int) -> Mapping[str, Any] | None:
    """Return what a list says of a product."""
    row = db.one(conn, LISTED, tenant_id=tenant_id, kind=kind, product_id=product_id)
    return row["content"] if row else None
