"""The door's calls, each answer held against docs/wms.md; what does not fit is told as a deviation.

An answer that was not heard (no connection, a timeout, 429, 5xx) is `Unheard`: the work may be done. Any other but 200
is `Refused`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from simulator.wms import shapes
from simulator.wms.shapes import Order, Page, Problem, Results, Shipment

PATIENCE_S = 15.0  # beyond what the feed waits
JSON = "application/json"
PROBLEM = "application/problem+json"
BUSY = 429

Deviate = Callable[[str, str], None]


class Unheard(Exception):
    """No answer was heard; `after_s` is what the door asked to wait."""

    def __init__(self, why: str, after_s: float | None = None) -> None:
        super().__init__(why)
        self.after_s = after_s


class Refused(Exception):
    """The door says no to the whole call."""

    def __init__(self, status: int, problem: Problem | None) -> None:
        super().__init__(f"{status} {problem.code if problem else None}")
        self.status = status
        self.code = problem.code if problem else None
        self.field = problem.field if problem else None
        self.revision = problem.revision if problem else None


@dataclass(frozen=True, slots=True)
class Fed:
    """One answer of the feed: the orders that could be read, each with its raw form."""

    orders: list[tuple[Order, dict[str, Any]]]
    cursor: str
    more: bool


class Door:
    """A client of the door."""

    def __init__(self, client: httpx.Client, token: str, deviate: Deviate) -> None:
        """`client` knows the door's address; `deviate` hears the call and what was wrong with its answer."""
        self._client = client
        self._token = token
        self._deviate = deviate

    def feed(self, *, after: str | None, tenant: str | None, limit: int, wait_s: int) -> Fed:
        """Ask for what is new after a cursor."""
        asked = {"after": after, "tenant": tenant, "limit": limit, "wait": wait_s}
        call = "GET /orders"
        body = self._call(
            call, "GET", "/orders", params={name: what for name, what in asked.items() if what is not None}
        )
        page = self._shape(call, Page, body)
        if page is None:
            raise Unheard("the feed's answer has no orders and no cursor")
        orders = [(order, raw) for raw in page.orders if (order := self._order(call, raw)) is not None]
        if len(page.orders) > limit:
            self._deviate(call, f"{len(page.orders)} orders, {limit} were asked for")
        if page.more and not page.orders:
            self._deviate(call, "no orders, and yet there are more")
        if page.orders and page.cursor == after:
            self._deviate(call, "orders, and yet the cursor is the one we gave")
        if tenant is not None and any(order.tenant != tenant for order, _ in orders):
            self._deviate(call, "an order of another shop than asked for")
        return Fed(orders, page.cursor, page.more)

    def order(self, tenant: str, number: str) -> Order | None:
        """Ask for one order as it is now; None when the answer could not be read."""
        call = "GET /orders/{tenant}/{number}"
        return self._same(call, self._order(call, self._call(call, "GET", _path(tenant, number))), tenant, number)

    def ack(self, tenant: str, number: str, revision: int) -> Order | None:
        """Acknowledge a revision; `Refused` with code `revision` when it is not the present one."""
        call = "POST /orders/{tenant}/{number}/ack"
        try:
            body = self._call(call, "POST", f"{_path(tenant, number)}/ack", json={"revision": revision})
        except Refused as refused:
            if refused.status == 409 and (refused.code != "revision" or refused.revision is None):
                self._deviate(call, "a 409 without the present revision")
            raise
        order = self._same(call, self._order(call, body), tenant, number)
        if order is not None and order.revision == revision and order.acked_revision != revision:
            self._deviate(call, "the order does not show what was acknowledged")
        return order

    def post(self, body: bytes, key: str) -> list[dict[str, Any]]:
        """Post shipments; return the raw results."""
        call = "POST /shipments"
        headers = {"idempotency-key": key, "content-type": JSON}
        answered = self._call(call, "POST", "/shipments", content=body, headers=headers)
        results = self._shape(call, Results, answered)
        if results is None:
            raise Unheard("the answer to a post has no results")
        return results.results

    def shipment(self, id_: str) -> Shipment | None:
        """Ask for one shipment."""
        call = "GET /shipments/{id}"
        return self._shape(call, Shipment, self._call(call, "GET", f"/shipments/{quote(id_, safe='')}"))

    def correct(self, id_: str, parcels: list[dict[str, Any]], *, final: bool) -> Shipment | None:
        """Correct one."""
        call = "PUT /shipments/{id}"
        body = {"parcels": parcels, "final": final}
        return self._shape(call, Shipment, self._call(call, "PUT", f"/shipments/{quote(id_, safe='')}", json=body))

    def void(self, id_: str) -> Shipment | None:
        """Void one."""
        call = "DELETE /shipments/{id}"
        return self._shape(call, Shipment, self._call(call, "DELETE", f"/shipments/{quote(id_, safe='')}"))

    def _call(self, call: str, method: str, path: str, **how: Any) -> Any:
        """Return the JSON of a 200."""
        how["headers"] = {"authorization": f"Bearer {self._token}", **how.get("headers", {})}
        try:
            answer = self._client.request(method, f"/wms/v1{path}", **how)
        except httpx.TransportError as lost:
            raise Unheard(type(lost).__name__) from lost
        if answer.status_code >= 500 or answer.status_code == BUSY:
            raise Unheard(str(answer.status_code), _seconds(answer.headers.get("retry-after")))
        self._kind(call, answer, JSON if answer.status_code == 200 else PROBLEM)
        try:
            body = answer.json()
        except ValueError as no_json:
            self._deviate(call, f"{answer.status_code} without JSON")
            if answer.status_code == 200:
                raise Unheard("no JSON") from no_json
            body = None
        if answer.status_code == 200:
            return body
        raise Refused(answer.status_code, self._problem(call, answer.status_code, body))

    def _kind(self, call: str, answer: httpx.Response, wanted: str) -> None:
        kind = answer.headers.get("content-type", "").partition(";")[0].strip()
        if kind != wanted:
            self._deviate(call, f"{answer.status_code} of type {kind or 'none'} instead of {wanted}")

    def _problem(self, call: str, status: int, body: Any) -> Problem | None:
        if not 400 <= status < 500:
            self._deviate(call, f"an answer {status} is not described")
        problem = self._shape(call, Problem, body)
        if problem is not None and problem.status != status:
            self._deviate(call, "the document's status is not that of the answer")
        return problem

    def _order(self, call: str, raw: Any) -> Order | None:
        order = self._shape(call, Order, raw)
        for sentence in order.wrong() if order else ():
            self._deviate(call, sentence)
        return order

    def _same(self, call: str, order: Order | None, tenant: str, number: str) -> Order | None:
        if order is not None and (order.tenant, order.number) != (tenant, number):
            self._deviate(call, "another order than asked for")
            return None
        return order

    def _shape(self, call: str, model: type[shapes.M], value: Any) -> shapes.M | None:
        shape, faults = shapes.read(model, value)
        for fault in faults:
            self._deviate(call, f"{model.__name__} {fault}")
        return shape


def as_json(value: dict[str, Any]) -> bytes:
    """Return a body as it is sent: the same value is the same bytes, so that a repeat is one."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()


def _path(tenant: str, number: str) -> str:
    return f"/orders/{quote(tenant, safe='')}/{quote(number, safe='')}"


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdecimal() else None
