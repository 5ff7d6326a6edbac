"""The code lists of each shop: order statuses, shipments, payments, owner, languages.

A list is read whole and replaced whole. An entry that is no longer on it is marked, not deleted: orders still bear it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from service import db
from service.kit import canon
from service.lanes import TenantId
from service.platform.shapes import CodebookEntry

OWNS = ("codebook_entries",)


@dataclass(frozen=True)
class Entry:
    """An entry as it was last read; `gone_at` is when the list was first read without it."""

    entry_id: str
    content: Mapping[str, Any]
    read_at: datetime
    gone_at: datetime | None


@dataclass(frozen=True)
class Change:
    """What happened to an entry; `fields` are the names of what differs, never their values."""

    entry_id: str
    what: Literal["new", "changed", "back", "gone"]
    fields: Sequence[str] = ()


LOCK = """
    SELECT pg_advisory_xact_lock(hashtextextended('codebooks/' || %(tenant_id)s || '/' || %(kind)s, 0))
"""

UPSERT = """
    INSERT INTO codebook_entries (tenant_id, kind, entry_id, content, read_at)
    SELECT %(tenant_id)s, %(kind)s, entry_id, content::jsonb, %(read_at)s
    FROM unnest(%(entry_ids)b::text[], %(contents)b::text[]) AS list (entry_id, content)
    ON CONFLICT (tenant_id, kind, entry_id) DO UPDATE
    SET content = excluded.content, read_at = excluded.read_at, gone_at = NULL
"""

GONE = """
    UPDATE codebook_entries
    SET gone_at = %(read_at)s
    WHERE tenant_id = %(tenant_id)s
      AND kind = %(kind)s
      AND entry_id = ANY (%(entry_ids)s)
"""


def replace(
    conn: db.Conn,
    tenant_id: TenantId,
    kind: str,
    items: Sequence[CodebookEntry],
    *,
    read_at: datetime,
    unread: Collection[str] = (),
) -> list[Change]:
    """Make the mirror of a whole list what was read; return what changed.

    An empty list proves nothing and changes nothing: no shop is without statuses, shipments or an owner. `unread` are
    entries that are on the list but could not be read; they stay as they are. A read begun earlier than the one we
    have is too late. Source: docs/upgates.md 4.6, 4.9-4.12.
    """
    if not items:
        return []
    db.rows(conn, LOCK, tenant_id=tenant_id, kind=kind)
    known = ever(conn, tenant_id, kind)
    if any(max(each.read_at, each.gone_at or each.read_at) > read_at for each in known.values()):
        return []
    read = {item.id: item.raw for item in items}
    gone = [
        entry_id for entry_id, each in known.items() if not (each.gone_at or entry_id in read or entry_id in unread)
    ]
    db.run(
        conn,
        UPSERT,
        tenant_id=tenant_id,
        kind=kind,
        read_at=read_at,
        entry_ids=list(read),
        contents=[canon.stored(content) for content in read.values()],
    )
    if gone:
        db.run(conn, GONE, tenant_id=tenant_id, kind=kind, read_at=read_at, entry_ids=gone)
    changes = [_change(entry_id, known.get(entry_id), content) for entry_id, content in read.items()]
    return [*(change for change in changes if change), *(Change(entry_id, "gone") for entry_id in gone)]


def _change(entry_id: str, known: Entry | None, content: Mapping[str, Any]) -> Change | None:
    if known is None:
        return Change(entry_id, "new")
    fields = [
        name for name in sorted(known.content.keys() | content.keys()) if known.content.get(name) != content.get(name)
    ]
    if known.gone_at:
        return Change(entry_id, "back", fields)
    return Change(entry_id, "changed", fields) if fields else None


ENTRIES = """
    SELECT entry_id, content, read_at, gone_at
    FROM codebook_entries
    WHERE tenant_id = %(tenant_id)s
      AND kind = %(kind)s
    ORDER BY entry_id
"""


def ever(conn: db.Conn, tenant_id: TenantId, kind: str) -> dict[str, Entry]:
    """Return the entries that ever were on the list, by id: orders may bear one that is gone."""
    return {row["entry_id"]: Entry(**row) for row in db.rows(conn, ENTRIES, tenant_id=tenant_id, kind=kind)}


def entries(conn: db.Conn, tenant_id: TenantId, kind: str) -> dict[str, Entry]:
    """Return the entries that are on the list now, by id."""
    return {entry_id: each for entry_id, each in ever(conn, tenant_id, kind).items() if each.gone_at is None}


ENTRY = """
    SELECT entry_id, content, read_at, gone_at
    FROM codebook_entries
    WHERE tenant_id = %(tenant_id)s
      AND kind = %(kind)s
      AND entry_id = %(entry_id)s
"""


def entry(conn: db.Conn, tenant_id: TenantId, kind: str, entry_id: str) -> Entry | None:
    """Return one entry, also when it is gone from the list; ids are text everywhere (docs/upgates.md T30)."""
    row = db.one(conn, ENTRY, tenant_id=tenant_id, kind=kind, entry_id=entry_id)
    return Entry(**row) if row else None


def owner(conn: db.Conn, tenant_id: TenantId) -> Mapping[str, Any]:
    """Return the owner in the shop's main language, else in any; empty when it was never read (4.11)."""
    owners = entries(conn, tenant_id, "owner")
    main = _main_language(conn, tenant_id).get("language_id")
    found = owners.get(str(main)) or next(iter(owners.values()), None)
    return found.content if found else {}


def shop_name(conn: db.Conn, tenant_id: TenantId) -> str | None:
    """Return how to call the shop: the domain of its main language, else its owner's company (4.11, 4.12)."""
    return _main_language(conn, tenant_id).get("domain") or owner(conn, tenant_id).get("company") or None


def _main_language(conn: db.Conn, tenant_id: TenantId) -> Mapping[str, Any]:
    languages = [each.content for each in entries(conn, tenant_id, "languages").values()]
    main = (each for each in languages if str(each.get("default_yn")).lower() in {"true", "1"})
    return next(main, languages[0] if languages else {})
