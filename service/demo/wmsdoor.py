"""The WMS door as a warehouse's own program speaks to it, by token: labels asked for, printed, handed over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from service.demo.stage import ChapterFailed

WITHIN_S = 30.0
LACKING = "Labels-Lacking"

Document = Mapping[str, Any]


@dataclass
class WmsDoor:
    """`bookings`: each label as it stood last in the feed, by its shipment."""

    base_url: str
    token: str = field(repr=False)
    bookings: dict[str, Document] = field(default_factory=dict[str, Document])
    cursor: str = ""

    def book(self, key: str, shipments: Sequence[Document]) -> list[Document]:
        """Have parcels booked and return the result of each, in this order."""
        return self._ask("POST", "/shipments", json={"shipments": shipments}, key=key).json()["results"]

    def follow(self) -> Mapping[str, Document]:
        """Read what is new in the feed of labels; return all of them."""
        more = True
        while more:
            page = self._ask("GET", "/bookings", params={"limit": "500", **self._after()}).json()
            self.bookings |= {each["shipment"]: each for each in page["bookings"]}
            self.cursor, more = page["cursor"], page["more"]
        return self.bookings

    def labels(self, shipments: Sequence[str], *, partial: bool = False) -> tuple[bytes, int]:
        """Return a PDF of labels in this order, and how many shipments it lacks."""
        asked = {"ids": ",".join(shipments), "partial": "true" if partial else "false"}
        answer = self._ask("GET", "/labels", params=asked)
        return answer.content, len([each for each in answer.headers.get(LACKING, "").split(", ") if each])

    def hand_over(self, key: str, tenant_id: str, carrier: str) -> str:
        """Hand over all that a carrier is to get and return the id of that."""
        said = {"tenant": tenant_id, "carrier": carrier, "manifest": False}
        return self._ask("POST", "/handover", json=said, key=key).json()["id"]

    def handover(self, handover_id: str) -> Document:
        """Return a hand-over as it stands."""
        return self._ask("GET", f"/handover/{handover_id}").json()

    def _after(self) -> dict[str, str]:
        return {"after": self.cursor} if self.cursor else {}

    def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: object = None,
        key: str | None = None,
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Idempotency-Key": key} if key else {})
        url = f"{self.base_url}/wms/v1{path}"
        answer = httpx.request(
            method, url, params=params, json=json, headers=headers, timeout=WITHIN_S, trust_env=False
        )
        if answer.is_error:
            raise ChapterFailed(f"{method} {path} was answered with {answer.status_code}: {answer.text[:500]}")
        return answer
