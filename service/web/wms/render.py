"""An order as the document of docs/wms.md shows it."""

from datetime import datetime
from typing import Any

from service.lanes import TenantId
from service.offers import Shown, State, told

# Of a held order nobody learns whose it is or what is in it.
NOTHING: dict[str, Any] = {**dict.fromkeys(told.of({})), "adult": False, "lines": []}


def order(tenant_id: TenantId, shown: Shown) -> dict[str, Any]:
    """Return the document of one order."""
    offer = shown.offer
    veiled = offer.state is State.HELD or shown.content is None
    return {
        "tenant": tenant_id,
        "number": offer.order_number,
        "revision": offer.revision,
        "state": offer.state.value,
        "reason": offer.reason.value if offer.reason else None,
        "changed": list(offer.changed),
        "acked_revision": offer.acked_revision,
        "created": stamp(shown.created),
        **(NOTHING if veiled or shown.content is None else told.of(shown.content)),
    }


def stamp(moment: datetime) -> str:
    """Return a time in UTC."""
    return moment.isoformat().replace("+00:00", "Z")
