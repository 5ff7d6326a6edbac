"""Products: take over what reads show, weigh what they lack, look them up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from service import db
from service.kit import canon, mirroring
from service.kit.mirroring import Counts, Gone, Presence, Read, State
from service.lanes import TenantId
from service.platform.shapes import Product


@dataclass(frozen=True)
class Taken:
    """What a read meant for one product; `fields` are the top-level names of what differs.

    `settle_again`: the read began within two seconds of the change it shows, or shows what stays held nevertheless, so
    look once more with the next batch (service/orders/decide.py).
    """

    product_id: int
    what: Literal["new", "changed", "same", "stale", "revived"]
    fields: Sequence[str]
    settle_again: bool


@dataclass(frozen=True)
class Mirrored:
    """One product as we know it."""

    product_id: int
    code: str | None
    content: Mapping[str, Any]
    read: Read
    presence: Presence


LOCK = """
    SELECT pg_advisory_xact_lock(hashtextextended('catalog/' || %(tenant_id)s, 0))
"""

UPSERT = """
    INSERT INTO products (
        tenant_id, product_id, code, content, last_update_time, variant_ids, read_at, state, seen_at, missing_since,
        missing_last_at, delete_told_at
    )
    SELECT
        %(tenant_id)s, product_id, code, content::jsonb, last_update_time, variant_ids::bigint[], %(read_at)s, state,
        seen_at, missing_since, missing_last_at, delete_told_at
    FROM unnest(
        %(product_ids)b::bigint[], %(codes)b::text[], %(contents)b::text[], %(last_update_times)b::timestamptz[],
        %(variant_ids)b::text[], %(states)b::text[], %(seen)b::timestamptz[], %(missing_since)b::timestamptz[],
        %(missing_last)b::timestamptz[], %(told)b::timestamptz[]
    ) AS page (
        product_id, code, content, last_update_time, variant_ids, state, seen_at, missing_since, missing_last_at,
        delete_told_at
    )
    ON CONFLICT (tenant_id, product_id) DO UPDATE SET
        code = excluded.code,
        content = excluded.content,
        last_update_time = excluded.last_update_time,
        variant_ids = excluded.variant_ids,
        read_at = excluded.read_at,
        state = excluded.state,
        seen_at = excluded.seen_at,
        missing_since = excluded.missing_since,
        missing_last_at = excluded.missing_last_at,
        delete_told_at = excluded.delete_told_at
"""


def mirror(conn: db.Conn, tenant_id: TenantId, page: Sequence[Product], *, read_at: datetime) -> list[Taken]:
    """Take over what is newer than the mirror; say what each product of the page meant, by id.

    The rules are those of orders (service/kit/mirroring.py); without a stamp the read that began last wins.
    """
    products = {product.product_id: product for product in page}
    db.rows(conn, LOCK, tenant_id=tenant_id)
    mirrored = known(conn, tenant_id, list(products))
    taken: list[Taken] = []
    whole: list[tuple[Product, Presence]] = []
    seen_only: dict[int, Presence] = {}
    for product_id, product in sorted(products.items()):
        before = mirrored.get(product_id)
        read = Read(read_at, product.last_update_time)
        presence = mirroring.shown(before.presence, read_at) if before else Presence(read_at)
        takes_over = mirroring.takes_over(before.read if before else None, read)
        if takes_over:
            whole.append((product, presence))
        elif before and before.presence != presence:
            seen_only[product_id] = presence
        taken.append(_taken(product, before, presence, takes_over=takes_over, read=read))
    if whole:
        db.run(conn, UPSERT, tenant_id=tenant_id, read_at=read_at, **_columns(whole))
    _mark(conn, tenant_id, seen_only)
    return taken


def _taken(product: Product, before: Mirrored | None, after: Presence, *, takes_over: bool, read: Read) -> Taken:
    fields = _differing(before.content, product.raw) if takes_over and before else []
    settle_again = (takes_over and not mirroring.settles(read)) or after.state is not State.LIVE
    if before is None:
        return Taken(product.product_id, "new", fields, settle_again)
    if before.presence.state is not State.LIVE and after.state is State.LIVE:
        return Taken(product.product_id, "revived", fields, settle_again)
    what = "changed" if fields else "same" if takes_over else "stale"
    return Taken(product.product_id, what, fields, settle_again)


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    names = sorted(before.keys() | after.keys())
    return [name for name in names if name != "last_update_time" and before.get(name) != after.get(name)]


def _columns(whole: Sequence[tuple[Product, Presence]]) -> dict[str, list[Any]]:
    products = [product for product, _ in whole]
    return {
        "product_ids": [product.product_id for product in products],
        "codes": [product.code and canon.storable(product.code) for product in products],
        "contents": [canon.stored(product.raw) for product in products],
        "last_update_times": [product.last_update_time for product in products],
        "variant_ids": ["{" + ",".join(map(str, variant_ids(product.raw))) + "}" for product in products],
        **mirroring.columns(presence for _, presence in whole),
    }


def variant_ids(raw: Mapping[str, Any]) -> list[int]:
    """Return the ids of a product's variants; ids come as numbers or as text (docs/upgates.md 4.7.2, 1.6)."""
    variants = raw.get("variants")
    found = cast("list[Any]", variants) if isinstance(variants, list) else []
    ids = (cast("Mapping[str, Any]", each).get("variant_id") for each in found if isinstance(each, Mapping))
    texts = (str(each) for each in ids)
    return sorted({int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19})


KNOWN = """
    SELECT product_id, code, content, last_update_time, read_at, seen_at, missing_since, missing_last_at, delete_told_at
    FROM products
    WHERE tenant_id = %(tenant_id)s
      AND product_id = ANY (%(product_ids)s::bigint[])
"""


def known(conn: db.Conn, tenant_id: TenantId, product_ids: Sequence[int]) -> dict[int, Mirrored]:
    """Return the products we have a row of, whatever their state."""
    found = db.rows(conn, KNOWN, tenant_id=tenant_id, product_ids=list(product_ids))
    return {
        row["product_id"]: Mirrored(
            row["product_id"],
            row["code"],
            row["content"],
            Read(row["read_at"], row["last_update_time"]),
            mirroring.presence_of(row),
        )
        for row in found
    }


MARK = """
    UPDATE products
    SET state = page.state, seen_at = page.seen_at, missing_since = page.missing_since,
        missing_last_at = page.missing_last_at, delete_told_at = page.delete_told_at
    FROM unnest(
        %(product_ids)b::bigint[], %(states)b::text[], %(seen)b::timestamptz[], %(missing_since)b::timestamptz[],
        %(missing_last)b::timestamptz[], %(told)b::timestamptz[]
    ) AS page (product_id, state, seen_at, missing_since, missing_last_at, delete_told_at)
    WHERE products.tenant_id = %(tenant_id)s
      AND products.product_id = page.product_id
"""


def _mark(conn: db.Conn, tenant_id: TenantId, marks: Mapping[int, Presence]) -> None:
    if marks:
        columns = mirroring.columns(marks.values())
        db.run(conn, MARK, tenant_id=tenant_id, product_ids=list(marks), **columns)


def delete_told(conn: db.Conn, tenant_id: TenantId, told: Mapping[int, datetime]) -> list[int]:
    """Hold products whose deletion a webhook told, by when it came; return those that this was news for (3.4.3)."""
    weighed = _weigh(conn, tenant_id, list(told), lambda product_id, each: mirroring.told(each, told[product_id]))
    return sorted(product_id for product_id, (before, after) in weighed.items() if before != after)


def missing(
    conn: db.Conn, tenant_id: TenantId, product_ids: Sequence[int], *, read_at: datetime, now: datetime
) -> list[Gone[int]]:
    """Weigh that a valid answer lacks products it was asked for; say what became of each."""
    weighed = _weigh(conn, tenant_id, product_ids, lambda _id, presence: mirroring.gone(presence, read_at))
    return [mirroring.became(each, weighed.get(each), read_at=read_at, now=now) for each in sorted(set(product_ids))]


def doubted(
    conn: db.Conn, tenant_id: TenantId, product_ids: Sequence[int], *, read_at: datetime
) -> dict[int, datetime]:
    """Note that an answer lacks too many products at once to be believed; return since when answers lack each."""
    weighed = _weigh(conn, tenant_id, product_ids, lambda _id, presence: mirroring.doubted(presence, read_at))
    return {product_id: after.missing_since or read_at for product_id, (_, after) in weighed.items()}


def _weigh(
    conn: db.Conn, tenant_id: TenantId, product_ids: Sequence[int], rule: Callable[[int, Presence], Presence]
) -> dict[int, tuple[Presence, Presence]]:
    db.rows(conn, LOCK, tenant_id=tenant_id)
    mirrored = known(conn, tenant_id, product_ids)
    weighed = {product_id: (each.presence, rule(product_id, each.presence)) for product_id, each in mirrored.items()}
    _mark(conn, tenant_id, {each: after for each, (before, after) in weighed.items() if before != after})
    return weighed


def one(conn: db.Conn, tenant_id: TenantId, product_id: int) -> Mirrored | None:
    """Return one product, whatever its state."""
    return known(conn, tenant_id, [product_id]).get(product_id)


def live(conn: db.Conn, tenant_id: TenantId, product_ids: Sequence[int]) -> set[int]:
    """Return which of these we know to live; the others are unknown, held or deleted."""
    found = known(conn, tenant_id, product_ids)
    return {product_id for product_id, each in found.items() if each.presence.state is State.LIVE}


# The overlap is not leakproof, so no index could serve it under row-level security; the tenant's rows are few enough.
OF_VARIANTS = """
    SELECT product_id, variant_ids
    FROM products
    WHERE tenant_id = %(tenant_id)s
      AND variant_ids && %(variant_ids)s::bigint[]
    ORDER BY product_id
"""


def of_variants(conn: db.Conn, tenant_id: TenantId, variant_ids: Sequence[int]) -> dict[int, set[int]]:
    """Return the products that have these variants, each with those it has.

    When a variant is deleted, its product is read again (docs/upgates.md 3.4.3).
    """
    found = db.rows(conn, OF_VARIANTS, tenant_id=tenant_id, variant_ids=list(variant_ids))
    return {row["product_id"]: {*row["variant_ids"]} & {*variant_ids} for row in found}


WITNESSES = """
    SELECT product_id
    FROM products
    WHERE tenant_id = %(tenant_id)s
      AND state = 'live'
      AND product_id <> ALL (%(besides)s::bigint[])
    ORDER BY product_id DESC
    LIMIT %(most)s
"""


def witnesses(conn: db.Conn, tenant_id: TenantId, *, besides: Sequence[int], most: int) -> list[int]:
    """Return live products: asked for too, they vouch for an answer that lacks the others."""
    found = db.rows(conn, WITNESSES, tenant_id=tenant_id, besides=list(besides), most=most)
    return [row["product_id"] for row in found]


COUNTS = """
    SELECT state, count(*) AS products
    FROM products
    WHERE tenant_id = %(tenant_id)s
    GROUP BY state
"""


def counts(conn: db.Conn, tenant_id: TenantId) -> Counts:
    """Return how many products the mirror holds, for the panel."""
    return Counts(**{row["state"]: row["products"] for row in db.rows(conn, COUNTS, tenant_id=tenant_id)})
