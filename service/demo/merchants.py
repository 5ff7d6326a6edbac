"""The simulator's control API as the story uses it: what merchants, customers and the platform do."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx

WITHIN_S = 30.0


@cache
def _client() -> httpx.Client:
    """Return the one client of the story: making one for each call would cost more than the call."""
    return httpx.Client(timeout=WITHIN_S, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


def told(method: str, url: str, body: dict[str, Any]) -> dict[str, Any]:
    """Tell a control API something and return what it says of it."""
    answer = _client().request(method, url, json=body)
    answer.raise_for_status()
    said: dict[str, Any] = answer.json()
    return said


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
        return told(method, self.control_url + path, body)

    def stats(self) -> dict[str, Any]:
        """Return the simulator's own count of calls, broken rules and webhooks."""
        return self.tell("/stats", "GET")

    def truth(self, what: str, numbers: Iterable[str] | None = None) -> Iterator[dict[str, Any]]:
        """Return the shop's records as they are now, or only these orders, one `{kind, id, deleted, record}` each."""
        asked = {"what": what} | ({} if numbers is None else {"numbers": ";".join(numbers)})
        with _client().stream("GET", f"{self.control_url}/dump", params=asked) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines():
                if line:
                    yield json.loads(line)
