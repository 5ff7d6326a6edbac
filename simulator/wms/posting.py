"""Posts shipments: one Idempotency-Key for one body, repeated until an answer is heard.

Each result is held against what was sent; where the results stand in another order, their `index` counts.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any

from simulator.wms import shapes
from simulator.wms.codes import as_kept
from simulator.wms.door import Door, Refused, Unheard, as_json
from simulator.wms.ledger import Ledger, Line
from simulator.wms.shapes import Result, Shipment

POST = "POST /shipments"
MOST = 100
TURNED_AWAY = {(400, "malformed"), (422, "invalid"), (422, "idempotency_key")}
WITHOUT_CODE = (401, 413)


class Poster:
    """Sends what was packed."""

    def __init__(self, door: Door, ledger: Ledger, pause: Callable[[int, float | None], bool]) -> None:
        """`pause` waits before the next try (its number, what the door asked for) and says whether there is one."""
        self.lose_every = 0
        """Every n-th answer is thrown away, as a line does that breaks in the wrong moment."""
        self.under_way: set[str] = set()
        """Keys that somebody is sending at the moment."""
        self._door = door
        self._ledger = ledger
        self._pause = pause
        self._heard = 0

    def post(self, items: Sequence[dict[str, Any]]) -> list[Line]:
        """Post up to a hundred items: order, parcels, `final`, `left_already`, what the feed said; see `send`."""
        key = f"wms-{secrets.token_hex(12)}"
        with self._ledger.lock:
            self.under_way.add(key)
            post = self._ledger.note("post", key=key, items=list(items))
        return self.send(post)

    def left_open(self) -> list[Line]:
        """Take the posts nobody is sending into our hands; `send` each."""
        with self._ledger.lock:
            posts = [post for key, post in self._ledger.open.items() if key not in self.under_way]
            self.under_way.update(post["key"] for post in posts)
            return posts

    def send(self, post: Line) -> list[Line]:
        """Send a post until its answer is heard; return a result per item, none when it was not heard in the end."""
        try:
            return self._send(post)
        finally:
            self.under_way.discard(post["key"])

    def _send(self, post: Line) -> list[Line]:
        body, begun, lost, tries = (
            as_json({"shipments": [_wire(item) for item in post["items"]]}),
            time.monotonic(),
            None,
            0,
        )
        while True:
            tries += 1
            try:
                results = self._door.post(body, post["key"])
            except Unheard as unheard:
                self._ledger.note("unheard", call="post", why=str(unheard), key=post["key"])
                if not self._pause(tries, unheard.after_s):
                    return []
                continue
            except Refused as refused:
                return self._turned_away(post, refused)
            if lost is None and self._loses():
                lost = results
                self._ledger.note("lost", key=post["key"])
                continue
            if lost is not None and lost != results:
                self._deviate("the same key and body are answered otherwise")
            return self._keep(post, results, tries, time.monotonic() - begun)

    def _loses(self) -> bool:
        self._heard += 1
        return self.lose_every > 0 and self._heard % self.lose_every == 0

    def _turned_away(self, post: Line, refused: Refused) -> list[Line]:
        if refused.status not in WITHOUT_CODE and (refused.status, refused.code) not in TURNED_AWAY:
            self._deviate(f"refused with {refused.status} and another code than described")
        self._ledger.note("turned_away", key=post["key"], status=refused.status, code=refused.code, field=refused.field)
        told = {"shipment": None, "status": refused.status, "code": refused.code, "field": refused.field}
        return [{"tenant": item["tenant"], "number": item["number"], **told} for item in post["items"]]

    def _keep(self, post: Line, raw: list[dict[str, Any]], tries: int, took_s: float) -> list[Line]:
        if len(raw) != len(post["items"]):
            self._deviate(f"{len(post['items'])} items, {len(raw)} results")
        if [one.get("index") for one in raw] != list(range(len(raw))):
            self._deviate("the results are not in the order asked")
        placed = {at if type(one.get("index")) is not int else one["index"]: one for at, one in enumerate(raw)}
        told = [self._one(item, placed.get(at)) for at, item in enumerate(post["items"])]
        self._ledger.note("results", key=post["key"], results=told, tries=tries, took_s=round(took_s, 4))
        return [{**one, "tries": tries, "took_s": round(took_s, 4), "posted_at": post["at"]} for one in told]

    def _one(self, item: Line, raw: dict[str, Any] | None) -> Line:
        """Return what became of an item; a result that cannot be read counts as a refusal without a code."""
        result, faults = shapes.read(Result, raw) if raw is not None else (None, [])
        for fault in faults:
            self._deviate(f"Result {fault}")
        told = {"tenant": item["tenant"], "number": item["number"], "shipment": None, "status": None, "code": None}
        if result is None:
            return told | {"field": None}
        for sentence in result.wrong():
            self._deviate(sentence)
        told |= {"status": result.status, "code": result.code, "field": result.field}
        if result.status != 201 or result.shipment is None:
            return told
        for sentence in unlike(item, result.shipment):
            self._deviate(sentence)
        shipment = result.shipment
        return told | {
            "shipment": shipment.id,
            "revision": shipment.revision,
            "write_back": shipment.write_back.state,
        }

    def _deviate(self, fault: str) -> None:
        self._ledger.note("deviation", call=POST, fault=fault)


def unlike(item: Line, shipment: Shipment) -> list[str]:
    """Return where a shipment is not what was sent; codes are compared clean."""
    asked = as_kept(item["parcels"])
    kept = [{name: getattr(parcel, name) for name in asked[0]} for parcel in shipment.parcels]
    told = {
        "the shipment is of another order": (shipment.tenant, shipment.order) != (item["tenant"], item["number"]),
        "the shipment's parcels are not those sent": kept != asked,
        "the shipment is not as final as sent": shipment.final is not item["final"],
        "a shipment just sent is voided": shipment.voided,
    }
    return [sentence for sentence, broken in told.items() if broken]


def _wire(item: Line) -> dict[str, Any]:
    named = {name: item[name] for name in ("tenant", "final", "left_already", "parcels")}
    return {**named, "order": item["number"]}
