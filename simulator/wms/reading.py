"""Follows the feed and acknowledges: what is released goes on the shelf, what is stopped comes off it.

The cursor is written after the orders before it. An order may come again in a newer revision only.
"""

import hashlib
import time
from typing import Any

from simulator.wms import packing
from simulator.wms.door import Door, Refused, as_json
from simulator.wms.ledger import Key, Ledger, Line, key_of
from simulator.wms.shapes import Order, State

FEED = "GET /orders"


class Reader:
    """One reader of the feed; `read` and `ack` may run in threads of their own, `read` in one alone."""

    def __init__(self, door: Door, ledger: Ledger, *, tenant: str | None, limit: int) -> None:
        self.door = door
        self.ledger = ledger
        self.tenant = tenant
        self.limit = limit
        self.acking: set[str] = {State.RELEASED, State.STOP}
        """States that are acknowledged; take one out and its acks wait."""
        self.shown: dict[Key, dict[str, Any]] = {}
        """Every order as the door showed it last, for whoever compares it with the shop; kept in memory only."""
        self.empty = 0

    def read(self, *, wait_s: int = 0) -> tuple[int, bool]:
        """Ask once; return how many orders came, and whether there are more."""
        fed = self.door.feed(after=self.ledger.cursor, tenant=self.tenant, limit=self.limit, wait_s=wait_s)
        keys = [(order.tenant, order.number) for order, _ in fed.orders]
        for key in {key for key in keys if keys.count(key) > 1}:
            self._deviate(key, "an order stands twice in one answer")
        for order, raw in fed.orders:
            self._take(order, raw)
        self.empty += not fed.orders
        if fed.cursor != self.ledger.cursor:
            self.ledger.note("page", cursor=fed.cursor, orders=len(fed.orders))
        return len(fed.orders), fed.more

    def owed(self) -> list[tuple[Key, int]]:
        """Return what is to be acknowledged, the stops first."""
        with self.ledger.lock:
            lines = [line for line in self.ledger.standing(*self.acking) if self._owes(line)]
        lines.sort(key=lambda line: line["state"] != State.STOP)
        return [(key_of(line), line["revision"]) for line in lines]

    def ack(self, key: Key, revision: int) -> None:
        """Acknowledge one revision; what is refused is left to the feed. Unheard when no answer was."""
        of = {"tenant": key[0], "number": key[1], "revision": revision}
        self.ledger.note("acking", **of)
        begun = time.monotonic()
        try:
            self.door.ack(*key, revision)
        except Refused as refused:
            outcome = "superseded" if refused.code == "revision" else "refused"
            if outcome == "superseded" and (refused.revision or 0) <= revision:
                self._deviate(key, "an ack is refused for an older revision")
            self.ledger.note("ack", outcome=outcome, status=refused.status, code=refused.code, **of)
            return
        self.ledger.note("ack", outcome="acked", took_s=round(time.monotonic() - begun, 4), **of)

    def _owes(self, line: Line) -> bool:
        """Say whether an offer waits for its ack; one that was refused waits for the feed instead."""
        return max(self.ledger.answered.get(key_of(line), 0), line["acked_revision"] or 0) < line["revision"]

    def _take(self, order: Order, raw: dict[str, Any]) -> None:
        key, ledger = (order.tenant, order.number), self.ledger
        with ledger.lock:
            known, digest = ledger.last(key), _digest(raw)
            if known is not None and known["revision"] == order.revision:
                self._again(key, order, known, digest)
                return
            if known is not None and known["revision"] > order.revision:
                self._deviate(key, "a revision went back", revision=order.revision, known=known["revision"])
            elif known is not None and self._left_unacked(key, known, order):
                self._deviate(key, "a stop is gone before it was acknowledged")
            if known is None or known["revision"] < order.revision:
                self.shown[key] = raw
            need = packing.need(order)
            ledger.note(
                "offer",
                tenant=order.tenant,
                number=order.number,
                revision=order.revision,
                state=order.state,
                reason=order.reason,
                changed=order.changed,
                acked_revision=order.acked_revision,
                created=order.created,
                carrier=need.carrier,
                weight_g=need.weight_g,
                digest=digest,
            )

    def _again(self, key: Key, order: Order, known: Line, digest: str) -> None:
        """Judge a revision that comes once more: another ack may be the reason, nothing else."""
        if known["digest"] != digest:
            self._deviate(key, "an order changed without a new revision")
        elif known["acked_revision"] == order.acked_revision and not self._acked_meanwhile(key, order.revision):
            self._deviate(key, "an order came again unchanged")

    def _acked_meanwhile(self, key: Key, revision: int) -> bool:
        return self.ledger.acked.get(key, 0) >= revision

    def _left_unacked(self, key: Key, known: Line, order: Order) -> bool:
        """Say whether a stop made room for something else although nobody had begun to acknowledge it.

        What left already is shipped and no longer stopped.
        """
        if known["state"] != State.STOP or order.state == State.STOP:
            return False
        begun = max(self.ledger.acking.get(key, 0), order.acked_revision or 0) >= known["revision"]
        return not begun and not any(one.left_already for one in self.ledger.live(key))

    def _deviate(self, key: Key, fault: str, **of: int) -> None:
        self.ledger.note("deviation", call=FEED, fault=fault, tenant=key[0], number=key[1], **of)


def _digest(raw: dict[str, Any]) -> str:
    """Return what tells two shapes of an order apart, its acknowledgement aside."""
    plain = {name: value for name, value in raw.items() if name != "acked_revision"}
    return hashlib.sha256(as_json(plain)).hexdigest()[:16]
