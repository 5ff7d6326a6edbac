"""The doors to labels over a counter: a merchant's client, and a stranger's."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.applications import Starlette

from service import accounts, contracts
from service.accounts import Kind, Person
from service.lanes import Lane
from service.web import wms
from service.web.bell import Bell
from tests.asgi import Client
from tests.flows.counter import Counter, counter
from tests.flows.town import Town


@dataclass
class Hatch:
    """A client at the doors of labels."""

    at: Counter
    client: Client
    bell: Bell
    token: str
    stranger: str
    keys: int = 0

    def ask(self, method: str, path: str, *, token: str | None = None, **said: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token or self.token}", **said.pop("headers", {})}
        return self.client.request(method, f"/wms/v1{path}", headers=headers, **said)

    def ready(self, code: str, count: int = 1, **changed: Any) -> list[str]:
        """Have labels made and return the ids of their shipments."""
        asked = self.at.wants(code, count, **changed)
        self.at.work(30)
        assert self.at.states(asked) == ["ready"] * count
        return self.shipments(asked)

    def shipments(self, booking_ids: Sequence[str]) -> list[str]:
        return [self.at.stands(each).shipment_id for each in booking_ids]

    def tries(self, contract_id: str) -> int:
        """Return how often in a row booking failed under a login."""
        with self.at.town.rig.db.tx(self.at.tenant) as conn:
            found = contracts.standing(conn, [contract_id], Lane.BOOK)
        return found[contract_id].tries if found else 0

    def feed(self, **params: Any) -> dict[str, Any]:
        answer = self.ask("GET", "/bookings", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def booking(self, shipment_id: str) -> dict[str, Any]:
        return self.ask("GET", f"/shipments/{shipment_id}").json()["booking"]


def fault(answer: httpx.Response) -> tuple[int, str, str | None]:
    """Return the status, code and field of a problem document."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    said = answer.json()
    assert said["status"] == answer.status_code
    assert said["title"]
    assert said["detail"]
    return said["status"], said["code"], said.get("field")


@contextmanager
def hatch(town: Town, *codes: str, count: int = 8) -> Iterator[Hatch]:
    at = counter(town, *codes, count=count)
    with town.rig.db.tx_all("a test makes tokens") as conn:
        now = town.watch()
        other = accounts.create(conn, Kind.MERCHANT, Person("Another"), now=now)
        tokens = [accounts.add_token(conn, each, label="wms", now=now).secret for each in (at.account_id, other)]
    bell = Bell(town.rig.settings.database_url)
    client = Client(Starlette(routes=wms.routes(town.rig, bell)))
    yield Hatch(at, client, bell, *(token or "" for token in tokens))
