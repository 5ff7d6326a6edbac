"""Two thousand calls by a stranger at every door of `/wms/v1`: nothing of another account's shops comes out."""

import base64
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from starlette.applications import Starlette

from service.flows import hang
from service.shipments import Parcel
from service.web import wms
from service.web.bell import Bell
from tests.asgi import Client
from tests.dock import STORNO, Dock, dock
from tests.web.test_bad_input import TABLES

CALLS = 2_000
NUMBERS = ("O1", "O2", "O3", "O/4", "O%5", "O 6")
CUSTOMER = {
    "email": "eva@{0}.example.com",
    "firstname_invoice": "{0}-eva",
    "street_invoice": "{0} 1",
    "city_invoice": "x",
}
ODD = ["", "x", "t_x", "..", "%00", "null", "-1", "0", "'; DROP TABLE orders --", "ž" * 50, "s_x_y", "1e9", "[]", "{}"]


@dataclass
class Side:
    """An account with two shops of its own, and all that can be known of it."""

    dock: Dock
    name: str
    account: str
    token: str
    shops: list[str]
    client: Client
    shipments: list[str]
    cursors: list[str]
    keys: list[str]

    def ask(self, method: str, path: str, **said: Any) -> Any:
        said["headers"] = {"Authorization": f"Bearer {self.token}", **said.get("headers", {})}
        return self.client.request(method, f"/wms/v1{path}", **said)

    @property
    def secrets(self) -> list[str]:
        """What no other account may ever read."""
        return [*self.shops, *self.shipments, self.account, f"{self.name}-", f"{self.name}.", self.name.upper()]

    def rows(self) -> dict[str, list[str]]:
        """Return every row of these shops."""
        with self.dock.bench.rig.db.tx_all("a test looks at everything") as conn:
            names = [row["name"] for row in conn.execute(TABLES).fetchall()]
            told = {name: conn.execute(f"SELECT t::text AS row FROM {name} AS t").fetchall() for name in names}
        ours = (*self.shops, self.account)
        return {
            name: sorted(row["row"] for row in rows if any(each in row["row"] for each in ours))
            for name, rows in told.items()
        }


def live_in(at: Dock, client: Client, name: str) -> Side:
    """Open an account with two shops, where some orders were shipped, stopped and corrected."""
    shops = [at.shop(f"{name}-{place}") for place in range(2)]
    account = at.warehouse(*shops)
    side = Side(at, name, account, at.token(account), shops, client, [], [], [])
    for shop in shops:
        customer = {field: text.format(name) for field, text in CUSTOMER.items()}
        at.shows(shop, *NUMBERS, customer=customer, internal_note=f"{name}-note")
        at.shows(shop, "O3", status_id=STORNO)
        parcel = {"carrier": "ppl", "tracking_code": f"{name}-CODE".upper()}
        items = [{"tenant": shop, "order": number, "final": True, "parcels": [parcel]} for number in NUMBERS[:2]]
        key = f"key-{len(side.keys)}"  # both accounts use the same
        told = side.ask("POST", "/shipments", headers={"Idempotency-Key": key}, json={"shipments": items}).json()
        side.shipments += [each["shipment"]["id"] for each in told["results"]]
        side.keys.append(key)
        side.cursors.append(side.ask("GET", f"/orders?tenant={shop}&limit=2").json()["cursor"])
    side.cursors.append(side.ask("GET", "/orders").json()["cursor"])
    return side


@pytest.fixture
def sides(database, tmp_path) -> Iterator[tuple[Side, Side]]:
    with dock(database.url, tmp_path) as made:
        client = Client(Starlette(routes=wms.routes(made.bench.rig, Bell(database.url))))
        yield live_in(made, client, "victim"), live_in(made, client, "stranger")


@dataclass
class Stranger:
    """Makes up calls out of what is its own, what is the other's, and nonsense."""

    chance: random.Random
    mine: Side
    theirs: Side
    tokens: list[str]

    def pick(self, mine: list[Any], theirs: list[Any], odd: list[Any] | None = None) -> Any:
        return self.chance.choice(self.chance.choices([mine, theirs, ODD if odd is None else odd], [4, 5, 1])[0])

    def tenant(self) -> str:
        return self.pick(self.mine.shops, self.theirs.shops)

    def number(self) -> str:
        return self.chance.choice([*NUMBERS, "O9", *ODD])

    def shipment(self) -> str:
        some = self.pick(self.mine.shipments, self.theirs.shipments)
        turned = [self.mine.shipments[0][:-12] + some[-12:], self.theirs.shipments[0][:-12] + some[-12:], some[:-1]]
        return self.chance.choice([some, some, some, *turned])

    def cursor(self) -> str:
        forged = [
            base64.urlsafe_b64encode(json.dumps([reads, dict.fromkeys(self.theirs.shops, place)]).encode()).decode()
            for reads in ("", "*")
            for place in (0, -1, 2**70)
        ]
        return self.pick(self.mine.cursors, self.theirs.cursors, [*ODD, *forged])

    def parcels(self) -> Any:
        good = [{"carrier": "dpd", "tracking_code": "MINE-1"}]
        return self.chance.choice([good, good, good, [], None, "x", [{"carrier": "x"}], good * 20])

    def item(self) -> Any:
        said = {
            "tenant": self.tenant(),
            "order": self.number(),
            "final": self.chance.random() < 0.5,
            "left_already": self.chance.random() < 0.5,
            "parcels": self.parcels(),
        }
        return self.chance.choices([said, self.chance.choice(ODD)], [9, 1])[0]

    def call(self) -> tuple[str, str, dict[str, Any]]:
        """Return method, path and the rest of the next call."""
        order = f"/orders/{quote(self.tenant(), safe='')}/{quote(self.number(), safe='')}"
        shipment = f"/shipments/{quote(self.shipment(), safe='')}"
        paths = ["/orders", order, shipment, "/shipments", "", "/"]
        handed = {"tenant": self.tenant(), "carrier": "ppl", "shipments": [self.shipment()]}
        labels = {"ids": f"{self.shipment()},{self.shipment()}", "partial": self.chance.choice(["true", "false", "x"])}
        calls = [
            ("GET", "/orders", {"params": self.params()}),
            ("GET", "/bookings", {"params": self.params()}),
            ("GET", "/carriers", {"params": {"tenant": self.tenant()}}),
            ("GET", "/labels", {"params": labels}),
            ("GET", "/handover", {"params": {"tenant": self.tenant()}}),
            ("GET", "/points", {"params": {"tenant": self.tenant(), "carrier": "ppl", "near": self.number()}}),
            (
                self.chance.choice(["GET", "DELETE"]),
                f"/handover/{quote(self.shipment().replace('s_', 'h_', 1), safe='')}",
                {},
            ),
            ("DELETE", f"/handover/{quote(self.shipment().replace('s_', 'h_', 1), safe='')}/collection", {}),
            ("POST", "/handover", {"headers": {"Idempotency-Key": self.key()}, "json": handed}),
            ("PUT", f"{shipment}/cod", {"json": {"amount": self.number(), "currency": "CZK"}}),
            ("POST", f"{shipment}/return", {"headers": {"Idempotency-Key": self.key()}, "json": {}}),
            (
                self.chance.choice(["GET", "DELETE"]),
                f"/returns/{quote(self.shipment().replace('s_', 'r_', 1), safe='')}",
                {},
            ),
            ("GET", order, {}),
            ("POST", f"{order}/ack", {"json": {"revision": self.chance.choice([0, 1, 2, 3, None, "1"])}}),
            ("POST", "/shipments", {"headers": {"Idempotency-Key": self.key()}, "json": {"shipments": self.items()}}),
            ("POST", "/shipments", {"headers": {"Idempotency-Key": self.key()}, "json": {"shipments": self.items()}}),
            ("GET", shipment, {}),
            ("PUT", shipment, {"json": {"parcels": self.parcels(), "final": self.chance.random() < 0.5}}),
            ("DELETE", shipment, {}),
            (self.chance.choice(["PATCH", "OPTIONS", "HEAD", "POST", "PUT"]), self.chance.choice(paths), {}),
        ]
        return self.chance.choice(calls)

    def params(self) -> dict[str, Any]:
        limit = self.pick([1, 500], [100], [0, 501])
        asked = {"after": self.cursor(), "tenant": self.tenant(), "limit": limit, "wait": 0}
        return {name: value for name, value in asked.items() if self.chance.random() < 0.6}

    def key(self) -> str:
        return self.pick([f"fresh-{self.chance.random()}"], self.theirs.keys, self.mine.keys)

    def items(self) -> list[Any]:
        return [self.item() for _ in range(self.chance.randint(0, 5))]

    def token(self) -> str:
        return self.chance.choices([self.mine.token, self.chance.choice(self.tokens)], [9, 1])[0]


def test_a_stranger_learns_nothing_and_moves_nothing(sides: tuple[Side, Side]) -> None:
    victim, mine = sides
    rig = mine.dock.bench.rig
    revoked = hang.add_token(rig, victim.account, label="revoked")
    hang.revoke(rig, victim.account, token_id=revoked.token_id)
    bad = ["", "x", victim.account, victim.token[:-1], victim.token.upper(), f"{revoked.secret}", "*", "%"]
    stranger = Stranger(random.Random(7), mine, victim, bad)
    before, answers, leaks = victim.rows(), Counter[int](), list[tuple[Any, str]]()

    for _ in range(CALLS):
        method, path, said = stranger.call()
        said["headers"] = {**said.get("headers", {}), "Authorization": f"Bearer {stranger.token()}"}
        answer = mine.client.request(method, f"/wms/v1{path}", **said)
        answers[answer.status_code] += 1
        text = f"{answer.text} {dict(answer.headers)}"
        echoes = f"{said}" if path in ("/labels", "/handover") else ""  # they name what was asked for
        leaks += [((method, path, said), each) for each in victim.secrets if each in text and each not in echoes]
        if answer.is_success and method == "GET" and path == "/orders":
            mine.cursors.append(answer.json()["cursor"])

    assert leaks == []
    assert victim.rows() == before
    assert answers.keys() <= {200, 307, 400, 401, 404, 405, 409, 422}
    assert min(answers[code] for code in (200, 400, 401, 404, 422)) > 20


def test_the_victims_own_calls_would_have_shown_what_was_looked_for(sides: tuple[Side, Side]) -> None:
    victim, _ = sides

    shown = victim.ask("GET", "/orders?limit=500").text + victim.ask("GET", f"/shipments/{victim.shipments[0]}").text

    assert {each for each in victim.secrets if each not in shown} == {victim.account, *victim.shipments[1:]}
    assert Parcel("ppl", "VICTIM-CODE", None) in victim.dock.shipments(victim.shops[0], "O1")[0].parcels


def test_who_may_not_pass_is_told_the_same_about_what_is_there_and_what_is_not(sides: tuple[Side, Side]) -> None:
    victim, mine = sides
    shop, never = victim.shops[0], "t_abcdefghijkm"
    key = {"Idempotency-Key": "k"}

    def asked(tenant: str, shipment: str) -> list[tuple[int, str]]:
        item = {"tenant": tenant, "order": "O1", "final": True, "parcels": [{"carrier": "ppl"}]}
        handed = {"tenant": tenant, "carrier": "ppl", "shipments": [shipment]}
        answers = [
            mine.ask("GET", f"/orders?tenant={tenant}"),
            mine.ask("GET", f"/orders/{tenant}/O1"),
            mine.ask("POST", f"/orders/{tenant}/O1/ack", json={"revision": 1}),
            mine.ask("POST", "/shipments", headers=key | {"Idempotency-Key": tenant}, json={"shipments": [item]}),
            mine.ask("GET", f"/shipments/{shipment}"),
            mine.ask("PUT", f"/shipments/{shipment}", json={"parcels": [{"carrier": "ppl"}], "final": True}),
            mine.ask("DELETE", f"/shipments/{shipment}"),
            mine.ask("GET", f"/bookings?tenant={tenant}"),
            mine.ask("GET", f"/labels?ids={shipment}"),
            mine.ask("POST", f"/shipments/{shipment}/return", headers={"Idempotency-Key": f"r{tenant}"}, json={}),
            mine.ask("GET", f"/returns/r{shipment[1:]}"),
            mine.ask("DELETE", f"/returns/r{shipment[1:]}"),
            mine.ask("GET", f"/returns/r{shipment[1:]}/label"),
            mine.ask("POST", f"/returns/r{shipment[1:]}/again"),
            mine.ask("GET", f"/handover?tenant={tenant}"),
            mine.ask("GET", f"/handover/h{shipment[1:]}"),
            mine.ask("DELETE", f"/handover/h{shipment[1:]}"),
            mine.ask("DELETE", f"/handover/h{shipment[1:]}/collection"),
            mine.ask("PUT", f"/shipments/{shipment}/cod", json={"amount": "1", "currency": "CZK"}),
            mine.ask("POST", "/handover", headers={"Idempotency-Key": f"h{tenant}"}, json=handed),
        ]
        return [(answer.status_code, answer.text.replace(shipment, "")) for answer in answers]

    assert asked(shop, victim.shipments[0]) == asked(never, "s_abcdefghijkm_abcdefghijkm")
