"""A door as docs/wms.md describes it, small and in memory; it lies when told to."""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx

TOKEN = "the-token"
TENANT = "t_alfa"
NOW = "2026-03-01T09:12:44Z"
PERSONAL = ("recipient", "phone", "email")

Answer = tuple[int, Any]
Spoil = Callable[[str, Answer], Answer]


def order(number: str, **fields: Any) -> dict[str, Any]:
    """Return a released order as the page prints it."""
    return {
        "tenant": TENANT,
        "number": number,
        "revision": 1,
        "state": "released",
        "reason": None,
        "changed": [],
        "acked_revision": None,
        "created": NOW,
        "recipient": {
            "name": "Jana Nováková",
            "company": None,
            "street": "Dlouhá 1",
            "city": "Brno",
            "zip": "60200",
            "country": "CZ",
        },
        "phone": "+420777123456",
        "email": "jana@example.com",
        "pickup_point": {"network": "packeta", "id": "4711", "name": "Trafika"},
        "shipment": {"id": "5", "code": "ZASILKOVNA", "name": "Zásilkovna", "type": "zasilkovna"},
        "payment": {"id": "2", "code": "COD", "name": "Dobírka", "type": "cashOnDelivery"},
        "cod": {"amount": "1249.00", "currency": "CZK", "variable_symbol": "200001"},
        "weight_g": 1250,
        "customer_note": None,
        "adult": False,
        "lines": [
            {
                "id": "l1",
                "code": "P1",
                "ean": None,
                "title": "Hrnek",
                "quantity": "2",
                "unit": "ks",
                "weight_g": 300,
                "stock_position": "A-12-3",
                "image": None,
                "parent": None,
                "kind": "product",
            }
        ],
        **fields,
    }


@dataclass
class Entry:
    """An order with its place in the feed."""

    order: dict[str, Any]
    position: int
    shipped: bool = False


@dataclass
class FakeDoor:
    """Orders, shipments, keys, and what was asked."""

    entries: dict[str, Entry] = field(default_factory=dict)
    shipments: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, tuple[bytes, Any]] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    deaf: int = 0
    """So many calls are done and answered by nobody."""
    spoil: Spoil = lambda _call, answer: answer
    hung: threading.Event | None = None
    """The feed is answered once this is set."""
    checks: bool = True
    """False: accepts whatever is posted."""
    position: int = 0

    def transport(self) -> httpx.MockTransport:
        def reply(request: httpx.Request) -> httpx.Response:
            path, _, query = request.url.raw_path.decode().partition("?")
            headers = dict(request.headers)
            status, body = self.answer(request.method, path, query, headers, request.content)
            if self.deaf:
                self.deaf -= 1
                raise httpx.ReadTimeout("nobody hears", request=request)
            kind = "application/json" if status == 200 else "application/problem+json"
            return httpx.Response(status, content=json.dumps(body).encode(), headers={"content-type": kind})

        return httpx.MockTransport(reply)

    def release(self, *numbers: str, **fields: Any) -> None:
        for number in numbers:
            self.put(order(number, **fields))

    def put(self, shown: dict[str, Any], *, shipped: bool = False) -> None:
        """Let an order stand in the feed, at its end."""
        self.position += 1
        self.entries[shown["number"]] = Entry(shown, self.position, shipped)

    def stop(self, number: str, reason: str = "cancelled", changed: tuple[str, ...] = ()) -> None:
        self._move(number, state="stop", reason=reason, changed=list(changed))

    def again(self, number: str) -> None:
        """Release an order that was held."""
        shown = self.entries[number].order
        self.put(order(number, revision=shown["revision"] + 1))

    def hold(self, number: str, reason: str, *, shipped: bool = False) -> None:
        self._move(number, state="held", reason=reason, changed=[], **dict.fromkeys(PERSONAL), lines=[])
        self.entries[number].shipped = shipped

    def answer(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answer a call of the door."""
        parts = [unquote(part) for part in path.split("/")[3:]]
        call = f"{method} {parts[0]}{' ack' if parts[-1] == 'ack' else ''}"
        self.calls.append((call, query))
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return problem(401, "No such token")
        return self.spoil(call, self._served(call, parts, dict(parse_qsl(query)), headers, body))

    def _served(
        self, call: str, parts: list[str], query: dict[str, str], headers: dict[str, str], body: bytes
    ) -> Answer:
        if call == "GET orders" and len(parts) == 1:
            if self.hung is not None:
                self.hung.wait(20)
            return 200, self._feed(query)
        if call == "POST shipments":
            return self._post(headers, body)
        if parts[0] == "shipments":
            return self._shipment(call, parts[1], body)
        entry = self.entries.get(parts[2])
        if entry is None or parts[1] != entry.order["tenant"]:
            return problem(404, "No such order")
        if parts[-1] == "ack":
            return self._ack(entry, json.loads(body)["revision"])
        return 200, entry.order

    def _feed(self, query: dict[str, str]) -> dict[str, Any]:
        after, limit = int(query.get("after", "0")), int(query.get("limit", "100"))
        waiting = sorted((e for e in self.entries.values() if e.position > after), key=lambda e: e.position)
        shown = waiting[:limit]
        cursor = str(shown[-1].position if shown else after)
        return {"orders": [entry.order for entry in shown], "cursor": cursor, "more": len(waiting) > limit}

    def _ack(self, entry: Entry, revision: int) -> Answer:
        if revision != entry.order["revision"]:
            return problem(409, "Not the present revision", code="revision", revision=entry.order["revision"])
        entry.order = {**entry.order, "acked_revision": revision}
        if entry.order["state"] == "stop":
            self.hold(entry.order["number"], entry.order["reason"].replace("changed", "status"))
        return 200, self.entries[entry.order["number"]].order

    def _post(self, headers: dict[str, str], body: bytes) -> Answer:
        key = headers.get("idempotency-key", "")
        known = self.keys.get(key)
        if known is None:
            told = {"results": [self._book(at, item) for at, item in enumerate(json.loads(body)["shipments"])]}
            self.keys[key] = body, told
            return 200, told
        if known[0] != body:
            return problem(422, "Another body", code="idempotency_key", field="Idempotency-Key")
        return 200, known[1]

    def _book(self, at: int, item: dict[str, Any]) -> dict[str, Any]:
        entry = self.entries.get(item["order"])
        refused = {"index": at, "title": "No", "detail": "It cannot be shipped", "field": f"/shipments/{at}/order"}
        if entry is None:
            return {**refused, "status": 404, "code": "unknown_order"}
        if self.checks and entry.shipped:
            return {**refused, "status": 409, "code": "already_shipped"}
        if self.checks and entry.order["state"] != "released" and not item["left_already"]:
            code = {"stop": "stopped", "held": "not_released"}[entry.order["state"]]
            return {**refused, "status": 409, "code": code}
        shipment = {
            "id": f"s_{len(self.shipments) + 1}",
            "tenant": item["tenant"],
            "order": item["order"],
            "revision": 1,
            "final": item["final"],
            "voided": False,
            "created": NOW,
            "changed": NOW,
            "parcels": [clean(parcel) for parcel in item["parcels"]],
            "write_back": {"state": "due", "written_before": False},
        }
        self.shipments[shipment["id"]] = shipment
        if item["final"]:
            self.hold(item["order"], "shipped", shipped=True)
        return {"index": at, "status": 201, "shipment": shipment}

    def _shipment(self, call: str, id_: str, body: bytes) -> Answer:
        known = self.shipments.get(id_)
        if known is None:
            return problem(404, "No such shipment", code="unknown_shipment")
        if call == "PUT shipments":
            given = json.loads(body)
            parcels = [clean(parcel) for parcel in given["parcels"]]
            if (parcels, given["final"]) == (known["parcels"], known["final"]):
                return 200, known
            known = {**known, "parcels": parcels, "final": given["final"], "revision": known["revision"] + 1}
        if call == "DELETE shipments" and not known["voided"]:
            known = {**known, "voided": True, "revision": known["revision"] + 1}
            if self.entries[known["order"]].shipped:
                self.again(known["order"])
        self.shipments[id_] = known
        return 200, known

    def _move(self, number: str, **fields: Any) -> None:
        shown = self.entries[number].order
        self.put({**shown, "revision": shown["revision"] + 1, **fields})


def clean(parcel: dict[str, Any]) -> dict[str, Any]:
    code = parcel["tracking_code"]
    return {**parcel, "tracking_code": None if code is None else re.sub(r"\s", "", code).upper()}


def problem(status: int, title: str, **more: Any) -> Answer:
    return status, {"type": "about:blank", "status": status, "title": title, "detail": f"{title}.", **more}
