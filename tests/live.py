"""A shop that went live at noon: two statuses release, one says that the order left, one is the system Storno."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from service import codebooks, mappings
from service.mappings import Answers, Milestone, Target, Tracking
from service.platform.shapes import CodebookEntry
from tests.shop_items import NOON, at

RECEIVED, CANCELED, PAID, SENT, WAITING = 1, 2, 7, 12, 20
STATUSES = {
    RECEIVED: ("Received", "Přijatá"),
    CANCELED: ("Canceled", "Storno"),
    PAID: ("PaymentSuccessful", "Zaplacená"),
    SENT: ("Sent", "Odeslaná"),
    WAITING: ("Custom", "Čeká na zboží"),
}
NAMES = {status_id: name for status_id, (_, name) in STATUSES.items()}


def entry(status_id: int) -> CodebookEntry:
    kind, name = STATUSES[status_id]
    raw: dict[str, Any] = {"id": status_id, "type": kind, "descriptions": [{"language_id": "cs", "name": name}]}
    return CodebookEntry("order_statuses", str(status_id), raw)


def answer(
    conn, tenant: str, *, release: Collection[int] = (RECEIVED, PAID), release_from: datetime | None = None
) -> None:
    """Give the mapping; whatever was created until noon is history."""
    codebooks.replace(conn, tenant, "order_statuses", [entry(each) for each in STATUSES], read_at=NOON)
    mappings.note_history(conn, tenant, until=NOON)
    targets = {Milestone.SHIPPED: Target(SENT, mail=True)}
    mappings.save(conn, tenant, Answers(release, targets, release_from, None, Tracking.FIRST, NAMES), now=at(1))


def go_live(conn, tenant: str, **answers: Any) -> None:
    """Give the mapping and switch the shop live."""
    answer(conn, tenant, **answers)
    mappings.switch(conn, tenant, live_since=at(2))
