"""The door where a warehouse says what it packed: a merchant's own client at a counter."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.applications import Starlette

from service import accounts, bookings, journal, offers, pairings
from service import shipments as store
from service.journal import Entry, Kind
from service.offers import told
from service.pairings import Pairing
from service.shipments import Shipment
from service.steps import offering
from service.web import wms
from service.web.bell import Bell
from simulator import changes
from tests.asgi import Client
from tests.flows.counter import Counter, counter
from tests.flows.town import Town

TO_THE_DOOR, TO_A_SHOP = 10, 11  # the shop's own shipments by PPL


@dataclass
class Gate:
    """A merchant's own warehouse at the door, of a shop that ships with PPL and Packeta."""

    at: Counter
    client: Client
    token: str
    keys: int = 0

    def ask(self, method: str, path: str, **said: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", **said.pop("headers", {})}
        return self.client.request(method, f"/wms/v1{path}", headers=headers, **said)

    def told(self, *items: Any, key: str | None = None) -> list[dict[str, Any]]:
        self.keys += 1
        headers = {"Idempotency-Key": key or f"k{self.keys}"}
        answer = self.ask("POST", "/shipments", headers=headers, json={"shipments": items})
        assert answer.status_code == 200, answer.text
        return answer.json()["results"]

    def item(self, number: str, **said: Any) -> dict[str, Any]:
        wish = {"carrier": "ppl", "service": "PRIV"} if "service" not in said else {}
        common = {"tenant": self.at.tenant, "order": number, "book": True, "parcels": [{"weight_g": 1_200}]}
        return {**common, **wish, **said}

    def left(self, number: str) -> list[Shipment]:
        with self.at.town.rig.db.tx(self.at.tenant) as conn:
            return store.of_orders(conn, self.at.tenant, [number])[number]

    def booked(self, number: str) -> list[bookings.Booking]:
        with self.at.town.rig.db.tx(self.at.tenant) as conn:
            return bookings.of_orders(conn, self.at.tenant, [number])


@contextmanager
def open_gate(town: Town, *codes: str) -> Iterator[Gate]:
    at = counter(town, *(codes or ("ppl", "packeta")), count=40)
    with town.rig.db.tx_all("a test makes a token") as conn:
        secret = accounts.add_token(conn, at.account_id, label="wms", now=town.watch()).secret
    assert secret
    bell = Bell(town.rig.settings.database_url)
    yield Gate(at, Client(Starlette(routes=wms.routes(town.rig, bell))), secret)


def of(gate: Gate, *shipment_ids: int) -> list[str]:
    """Return the released orders that go by these shipments of the shop to Czech addresses."""
    with gate.at.town.rig.db.tx(gate.at.tenant) as conn:
        known = offers.known(conn, gate.at.tenant, gate.at.shop.numbers)
    records = {number: gate.at.shop.shop.orders[number].record for number in gate.at.shop.numbers}
    return [
        number
        for number, record in records.items()
        if (record["shipment"] or {}).get("id") in shipment_ids
        and record["customer"]["country_id_invoice"] == "cz"
        and not record["customer"]["postal_yn"]
        and known[number].state is offers.State.RELEASED
    ]


def show(gate: Gate, number: str, **fields: Any) -> None:
    """Let the shop show an order otherwise, and be read; the lanes that are due have their turn."""
    gate.at.town.watch.move(1)
    changes.change_order(gate.at.town.world, gate.at.shop.shop, number, **fields)
    gate.at.shop.read()


def change(gate: Gate, number: str, **fields: Any) -> None:
    """Let the shop show an order otherwise, and the warehouse have heard of it."""
    show(gate, number, **fields)
    with gate.at.town.rig.db.tx(gate.at.tenant) as conn:
        offer = offers.known(conn, gate.at.tenant, [number])[number]
        offering.acknowledged(conn, gate.at.tenant, number, revision=offer.revision, now=gate.at.town.watch())


def storno(gate: Gate, number: str) -> None:
    """Let the shop cancel an order, and be read."""
    shop = gate.at.shop.shop
    cancelled = next(key for key, row in shop.statuses.items() if row["type"] == "Canceled")
    changes.bulk_status(gate.at.town.world, shop, [number], cancelled)
    gate.at.shop.read()


def pair(gate: Gate, shipment_id: int, pairing: Pairing) -> None:
    now = gate.at.town.watch()
    with gate.at.town.rig.db.tx(gate.at.tenant) as conn:
        pairings.save(conn, gate.at.tenant, str(shipment_id), pairing, now=now)


def merge(gate: Gate, *, skip: int = 0) -> list[str]:
    """Return two released orders of one recipient."""
    first, second, *_ = of(gate, TO_THE_DOOR)[skip:]
    record = gate.at.shop.shop.orders[first].record
    change(gate, second, customer=record["customer"], paid_date=record["paid_date"], payment=record["payment"])
    return [first, second]


def owing(gate: Gate) -> str:
    """Return a released order that is paid on delivery."""
    records = gate.at.shop.shop.orders
    return next(
        number
        for number in of(gate, TO_THE_DOOR)
        if records[number].record["payment"]["type"] == told.CASH_ON_DELIVERY
        and not records[number].record["paid_date"]
    )


def story(gate: Gate, number: str) -> list[Entry]:
    """Return what the journal says of an order's shipments."""
    with gate.at.town.rig.db.tx(gate.at.tenant) as conn:
        found = journal.timeline(conn, gate.at.tenant, number)
    return [entry for entry in found if entry.kind is Kind.SHIPMENT]
