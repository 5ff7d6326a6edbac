"""Hold the shop's order statuses against what the merchant decided about them.

A new, renamed or deleted status is a problem for a person and never a silent default: the mapping goes by ids
(docs/upgates.md 4.6), and an id says nothing about what the merchant means by it today.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from service import codebooks, db, mappings, problems
from service.lanes import TenantId
from service.problems import Cause

RETURNS_STOCK = "Canceled"  # the system Storno: writing it would put the goods back on stock (4.7.6)
LEFT = "Sent"


def named(conn: db.Conn, tenant_id: TenantId) -> dict[int, str]:
    """Return the statuses the shop has now, by id, each with its name in the first language it tells."""
    return {status_id: name_of(content) for status_id, content in listed(conn, tenant_id).items()}


def listed(conn: db.Conn, tenant_id: TenantId) -> dict[int, Mapping[str, Any]]:
    """Return the statuses the shop has now; an id that is no number cannot be chosen."""
    found = codebooks.entries(conn, tenant_id, "order_statuses")
    return {int(entry_id): entry.content for entry_id, entry in found.items() if entry_id.isdecimal()}


def types(conn: db.Conn, tenant_id: TenantId) -> dict[int, str | None]:
    """Return what kind of a status each is or was, by id: an order that bears a deleted Storno is cancelled still."""
    found = codebooks.ever(conn, tenant_id, "order_statuses")
    return {int(entry_id): entry.content.get("type") for entry_id, entry in found.items() if entry_id.isdecimal()}


def name_of(content: Mapping[str, Any]) -> str:
    """Return the name of a status."""
    names = [
        str(each["name"])
        for each in cast("list[Mapping[str, Any]]", content.get("descriptions") or [])
        if each.get("name")
    ]
    return names[0] if names else f"#{content.get('id')}"


def writable(content: Mapping[str, Any]) -> bool:
    """Say whether a status may be written back."""
    return content.get("type") != RETURNS_STOCK


def suggested(found: Mapping[int, Mapping[str, Any]]) -> int | None:
    """Return the status that means shipped when the shop has the system one."""
    return next((status_id for status_id, content in sorted(found.items()) if content.get("type") == LEFT), None)


def check(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> None:
    """Open a problem for each status that is not what was decided about, and close those that are over."""
    given = mappings.of(conn, tenant_id)
    if not given.revision:
        return
    now_named = named(conn, tenant_id)
    unlike = {
        Cause.STATUS_NEW: sorted(now_named.keys() - given.seen),
        Cause.STATUS_GONE: sorted(given.names.keys() - now_named.keys()),
        Cause.STATUS_RENAMED: sorted(
            status_id for status_id, name in given.names.items() if now_named.get(status_id, name) != name
        ),
    }
    for cause, status_ids in unlike.items():
        if not status_ids:
            problems.settle(conn, tenant_id, cause, now=now)
            continue
        told = [{"status_id": each, "name": now_named.get(each, given.names.get(each, ""))} for each in status_ids]
        problems.note(conn, tenant_id, cause, now=now, detail={"statuses": told})
