"""The simulator's control API as the story uses it: what merchants, customers and the platform do."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

WITHIN_S = 30.0


@dataclass(frozen=True)
class Merchant:
    """One shop of the simulator, driven from outside by its own control API."""

    slug: str
    token: str
    orders: int
    control_url: str

    @classmethod
    def of(cls, shop: dict[str, Any]) -> "Merchant":
        """Return the merchant of a shop of the simulator's first line."""
        return cls(shop["slug"], shop["token"], shop["orders"], shop["control_url"])

    def tell(self, path: str, method: str = "POST", **body: Any) -> dict[str, Any]:  # JSON values
        """Let something happen in the shop and return what the simulator says of it."""
        answer = httpx.request(method, self.control_url + path, json=body, timeout=WITHIN_S)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    def stats(self) -> dict[str, Any]:
        """Return the simulator's own count of calls, broken rules and webhooks."""
        return self.tell("/stats", "GET")

    def truth(self, what: str) -> Iterator[dict[str, Any]]:
        """Return the shop's records as they are now, one `{kind, id, deleted, record}` each."""
        with httpx.stream("GET", f"{self.control_url}/dump", params={"what": what}, timeout=WITHIN_S) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines():
                if line:
                    yield json.loads(line)
