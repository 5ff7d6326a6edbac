"""A warehouse with a system of its own: takes what is released, packs when told, tells what it shipped.

Steps (`read`, `settle`, `ship`) for whoever counts them; `running` follows the feed and acknowledges in threads.
"""

import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, TypeVar

import httpx

from simulator.wms.codes import as_kept
from simulator.wms.door import PATIENCE_S, Door, Refused, Unheard
from simulator.wms.ledger import Key, Ledger, Line, Shipped, key_of
from simulator.wms.packing import Need, Packing
from simulator.wms.posting import MOST, Poster, unlike
from simulator.wms.reading import Reader
from simulator.wms.shapes import Shipment, State

T = TypeVar("T")

ACKS_AT_ONCE = 4
TURNED_DOWN = {(404, "unknown_shipment"), (409, "voided"), (409, "already_shipped"), (422, "invalid")}
LONGEST_PAUSE_S = 5.0
Which = Literal["oldest", "newest", "any"]


class NotHere(Exception):
    """We cannot do that; the message says why."""


def client(base_url: str, *, wait_s: int) -> httpx.Client:
    """Return a client of a door: no proxy, no redirects, patient enough for the long poll."""
    return httpx.Client(base_url=base_url, timeout=wait_s + PATIENCE_S, trust_env=False)


class Warehouse:
    """One warehouse and its token."""

    def __init__(  # noqa: PLR0913 - what a warehouse is like is said by name
        self,
        door: httpx.Client,
        token: str,
        *,
        seed: int = 7,
        tenant: str | None = None,
        limit: int = 100,
        wait_s: int = 25,
        tries: int = 8,
        pause_s: float = 0.2,
        ledger: Ledger | None = None,
    ) -> None:
        """Make a warehouse at a door.

        `tries` and `pause_s`, which doubles, are for what was not heard; `ledger` may know an earlier run.
        """
        self.ledger = ledger or Ledger()
        self.door = Door(door, token, lambda call, fault: self.ledger.note("deviation", call=call, fault=fault))
        self.reader = Reader(self.door, self.ledger, tenant=tenant, limit=limit)
        self.poster = Poster(self.door, self.ledger, self._pause)
        self.packing = Packing(seed)
        self.following = False
        self._wait_s = wait_s
        self._tries = tries
        self._pause_s = pause_s
        self._over = threading.Event()
        self._news = threading.Event()
        self._in_hand: set[Key] = set()
        self._acking: set[Key] = set()
        for shipped in self.ledger.shipped.values():
            for parcel in shipped.parcels:
                self.packing.codes.used(parcel["tracking_code"] or "")

    def settle(self) -> int:
        """Read to the end of the feed and acknowledge until nothing is left; return how many orders came."""
        came = 0
        while True:
            count, more = self._patiently("feed", self.reader.read)
            came += count
            owed = self.reader.owed()
            for key, revision in owed:
                self._patiently("ack", lambda key=key, revision=revision: self.reader.ack(key, revision))
            if not (count or more or owed):
                return came

    def shelf(self, tenant: str | None = None) -> list[Key]:
        """Return the orders that may be packed now, the oldest first."""
        with self.ledger.lock:
            busy = self._in_hand | {key_of(item) for post in self.ledger.open.values() for item in post["items"]}
            released = self.ledger.standing(State.RELEASED)
            ready = [line for line in released if key_of(line) not in busy and self._ready(line)]
        ready.sort(key=lambda line: (line["created"], key_of(line)))
        return [key_of(line) for line in ready if tenant in (None, line["tenant"])]

    def ship(  # noqa: PLR0913 - how to ship is said by name
        self,
        count: int | None = None,
        *,
        orders: Sequence[Key] | None = None,
        tenant: str | None = None,
        of: Which = "oldest",
        final: bool = True,
        left_already: bool = False,
        coded: bool = True,
        parcels: int | None = None,
        anyway: bool = False,
        batch: int = MOST,
    ) -> list[Line]:
        """Ship these orders, or so many from the shelf; return what became of each.

        `final` false: more will follow. `coded` false: the codes come later, by `correct`. `anyway`: ship what the feed
        does not release, for doors that must refuse it. An order that is stopped meanwhile stays here (code `off`).
        NotHere, and nothing is shipped, when one is not on the shelf.
        """
        by_force = anyway or left_already
        taken = self._pick(count, orders, tenant, of, anyway=by_force)
        try:
            how = {"final": final, "left_already": left_already}
            told: list[Line] = []
            for at in range(0, len(taken), batch):
                ready = [key for key in taken[at : at + batch] if by_force or self._released(key)]
                items = [self._packed(key, self._parcels(key, parcels, coded=coded)) | how for key in ready]
                told += self.poster.post(items) if items else []
                told += [_off(key) for key in taken[at : at + batch] if key not in ready]
            return told
        finally:
            with self.ledger.lock:
                self._in_hand.difference_update(taken)

    def repeat(self) -> list[Line]:
        """Send again what was never answered, with its own key; also what an earlier run left behind."""
        return [told for post in self.poster.left_open() for told in self.poster.send(post)]

    def correct(self, shipment: str, parcels: list[dict[str, Any]] | None = None, *, final: bool | None = None) -> Line:
        """Correct a shipment; without `parcels` its codes are drawn anew, or for the first time."""
        known = self._known(shipment)
        given = parcels or [{**one, "tracking_code": self.packing.codes.draw(one["carrier"])} for one in known.parcels]
        last = known.final if final is None else final
        answer = self._asked("correct", shipment, lambda: self.door.correct(shipment, given, final=last))
        kept = as_kept(given)
        if answer is not None:
            item = {"tenant": known.key[0], "number": known.key[1], "final": last, "parcels": given}
            for sentence in unlike(item, answer):
                self._deviate("PUT /shipments/{id}", sentence)
            same = (kept, last) == (known.parcels, known.final)
            if not same and answer.revision <= known.revision:
                self._deviate("PUT /shipments/{id}", "the corrected shipment has no newer revision")
        return self._told("corrected", shipment, answer, parcels=kept, final=last)

    def void(self, shipment: str) -> Line:
        """Void a shipment; its order will be offered again."""
        self._known(shipment)
        answer = self._asked("void", shipment, lambda: self.door.void(shipment))
        if answer is not None and not answer.voided:
            self._deviate("DELETE /shipments/{id}", "the shipment is not voided")
        return self._told("voided", shipment, answer)

    def look(self, shipments: Sequence[str] | None = None) -> list[Line]:
        """Look at these shipments, else at all the shop may not know of yet; return how far each is."""
        with self.ledger.lock:
            waiting = [one.id for one in self.ledger.shipped.values() if one.write_back not in ("none", "confirmed")]
        return [
            self._told("seen", id_, self._asked("look", id_, lambda id_=id_: self.door.shipment(id_)))
            for id_ in (waiting if shipments is None else shipments)
        ]

    @contextmanager
    def running(self) -> Generator[None]:
        """Follow the feed and acknowledge while the block runs; posts an earlier run left unheard are sent first."""
        self.following = True
        runs = (self.repeat, self._follow, *[self._acknowledge] * ACKS_AT_ONCE)
        threads = [threading.Thread(target=run, daemon=True) for run in runs]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            self._news.set()
            ends = time.monotonic() + 0.5
            for thread in threads:  # a call may go on: its answer finds nobody
                thread.join(max(0.0, ends - time.monotonic()))
            self.following = False

    def _follow(self) -> None:
        tries = 0
        while not self._over.is_set():
            begun = time.monotonic()
            try:
                count, more = self.reader.read(wait_s=self._wait_s)
            except Unheard as lost:
                tries += 1
                self.ledger.note("unheard", call="feed", why=str(lost))
                self._over.wait(self._after(tries, lost.after_s))
                continue
            except Refused as refused:
                self._deviate("GET /orders", f"refused with {refused.status}")
                self._over.wait(LONGEST_PAUSE_S)
                continue
            tries = 0
            self._news.set()
            if not count and not more and time.monotonic() - begun < self._pause_s:
                self._over.wait(self._pause_s)  # a door that does not wait is not asked without a breath

    def _acknowledge(self) -> None:
        tries = 0
        while not self._over.is_set():
            self._news.wait(1.0)
            self._news.clear()
            heard = [self._acked(key, revision) for key, revision in self.reader.owed() if self._claimed(key, revision)]
            tries = 0 if all(heard) else tries + 1
            if tries:
                self._over.wait(self._after(tries, None))
                self._news.set()

    def _claimed(self, key: Key, revision: int) -> bool:
        """Take an ack into our hands; False when another thread has it there, or had."""
        with self.ledger.lock:
            if key in self._acking or self.ledger.answered.get(key, 0) >= revision:
                return False
            self._acking.add(key)
            return True

    def _acked(self, key: Key, revision: int) -> bool:
        try:
            self.reader.ack(key, revision)
        except Unheard as lost:
            self.ledger.note("unheard", call="ack", why=str(lost))
            return False
        finally:
            self._acking.discard(key)
        return True

    def _pick(
        self, count: int | None, orders: Sequence[Key] | None, tenant: str | None, of: Which, *, anyway: bool
    ) -> list[Key]:
        """Take orders off the shelf, so that nobody else here packs them."""
        with self.ledger.lock:
            shelf = self.shelf(tenant)
            if orders is None:
                picked = self._some(shelf, count or 1, of)
            else:
                picked = list(orders)
                missing = [] if anyway else sorted({*picked}.difference(shelf))
                if missing:
                    raise NotHere(
                        "not on the shelf: " + ", ".join(f"{tenant} {number}" for tenant, number in missing[:20])
                    )
            self._in_hand.update(picked)
            return picked

    def _some(self, shelf: list[Key], count: int, of: Which) -> list[Key]:
        if count > len(shelf):
            raise NotHere(f"{count} orders wanted, {len(shelf)} are on the shelf")
        if of == "any":
            return self.packing.any_of(shelf, count)
        return shelf[:count] if of == "oldest" else shelf[-count:]

    def _ready(self, line: Line) -> bool:
        """Say whether a released order may be packed: its last parcel not gone, not refused as it is now."""
        key = key_of(line)
        gone = any(one.final for one in self.ledger.live(key))
        return not gone and self.ledger.refused_at.get(key, 0) < line["revision"]

    def _parcels(self, key: Key, count: int | None, *, coded: bool) -> list[dict[str, Any]]:
        line = self.ledger.last(key)
        need = Need(line["carrier"], line["weight_g"]) if line else Need("own", None)
        return self.packing.parcels(need, count=count, coded=coded)

    def _released(self, key: Key) -> bool:
        """Say whether an order on the line is still released: a stop takes it off."""
        line = self.ledger.last(key)
        return line is not None and line["state"] == State.RELEASED

    def _packed(self, key: Key, parcels: list[dict[str, Any]]) -> Line:
        line = self.ledger.last(key) or {"state": None, "revision": 0}
        said = {"state": line["state"], "revision": line["revision"]}
        return {"tenant": key[0], "number": key[1], "parcels": parcels, **said}

    def _known(self, shipment: str) -> Shipped:
        known = self.ledger.shipped.get(shipment)
        if known is None:
            raise NotHere(f"no shipment {shipment} was made here")
        return known

    def _asked(self, what: str, shipment: str, ask: Callable[[], Shipment | None]) -> Shipment | None:
        """Ask about a shipment until an answer is heard; None when it was refused or could not be read."""
        try:
            answer: Shipment | None = self._patiently(what, ask)
        except Refused as refused:
            if (refused.status, refused.code) not in TURNED_DOWN:
                self._deviate(
                    f"{what} /shipments/{{id}}", f"refused with {refused.status} and another code than described"
                )
            self.ledger.note("turned_down", call=what, shipment=shipment, status=refused.status, code=refused.code)
            return None
        if answer is not None and answer.id != shipment:
            self._deviate(f"{what} /shipments/{{id}}", "another shipment than asked for")
            return None
        return answer

    def _told(self, what: str, shipment: str, answer: Shipment | None, **of: Any) -> Line:
        """Write down what became of a shipment, when something did."""
        if answer is None:
            return {"shipment": shipment, "done": False}
        state = {"revision": answer.revision, "write_back": answer.write_back.state}
        line = self.ledger.note(what, shipment=shipment, written_before=answer.write_back.written_before, **state, **of)
        return {**line, "done": True}

    def _patiently(self, call: str, ask: Callable[[], T]) -> T:
        tries = 0
        while True:
            tries += 1
            try:
                return ask()
            except Unheard as lost:
                self.ledger.note("unheard", call=call, why=str(lost))
                if not self._pause(tries, lost.after_s):
                    raise

    def _pause(self, tries: int, after_s: float | None) -> bool:
        return tries < self._tries and not self._over.wait(self._after(tries, after_s))

    def _after(self, tries: int, after_s: float | None) -> float:
        return max(after_s or 0.0, min(LONGEST_PAUSE_S, self._pause_s * 2 ** (tries - 1)))

    def _deviate(self, call: str, fault: str) -> None:
        self.ledger.note("deviation", call=call, fault=fault)


def _off(key: Key) -> Line:
    """Return what became of an order that was taken off the line."""
    return {"tenant": key[0], "number": key[1], "shipment": None, "status": None, "code": "off", "field": None}
