"""The control API of the WMS stand-in as the story uses it: what people in a warehouse do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from service.demo.merchants import told

Key: TypeAlias = tuple[str, str]  # tenant and order number


@dataclass(frozen=True)
class Warehouse:
    """A warehouse with a system of its own, which knows our API description and nothing else of us."""

    control_url: str
    account_id: str
    token: str = field(repr=False)

    def tell(self, path: str, method: str = "POST", **body: Any) -> dict[str, Any]:  # JSON values
        """Let the warehouse do something and return what came of it."""
        return told(method, self.control_url + path, body)

    def shelf(self) -> list[Key]:
        """Return the orders that may be packed now, the oldest first."""
        return [(tenant_id, number) for tenant_id, number in self.tell("/shelf", "GET")["orders"]]

    def ship(self, orders: Sequence[Key], **how: Any) -> dict[Key, str | None]:
        """Ship these orders; return the shipment of each, None when it was refused."""
        results = self.tell("/ship", orders=list(orders), **how)["results"]
        return {(result["tenant"], result["number"]): result["shipment"] for result in results}
