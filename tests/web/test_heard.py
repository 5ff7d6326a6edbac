"""The carriers' own door believes an address and a signature, and gives nothing away."""

import json
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette

from service.tracking import State
from service.web import heard
from simulator.carriers.lives import End
from simulator.carriers.packeta.hooks import signed
from tests.asgi import Client
from tests.flows.road import HOUR, Road, road
from tests.flows.town import build

KEY = "a" * 32


@pytest.fixture
def way(tmp_path, database, redis_url) -> Iterator[Road]:
    built = build(tmp_path, database.url, redis_url)
    yield road(built, "packeta", count=2)
    built.rig.close()


@pytest.fixture
def client(way: Road) -> Client:
    return Client(Starlette(routes=heard.routes(way.town.rig)))


def told(way: Road, body: bytes, *, key: str = KEY) -> dict[str, str]:
    stamp = str(int(way.town.watch().timestamp()))
    return {"X-Webhook-Timestamp": stamp, "X-Webhook-Signature": signed(key, stamp, body)}


def path(way: Road, contract_id: str | None = None) -> str:
    return heard.address("", way.town.rig.settings.hook_mac, contract_id or way.at.contracts["packeta"].contract_id)


def test_a_signed_message_is_taken_and_its_parcel_asked_about(way: Road, client: Client) -> None:
    [one] = way.sent("packeta", end=End.POINT)
    way.town.watch.move(3 * HOUR)
    body = json.dumps({"status": {"barcode": way.at.numbers(one)[0]}}).encode()

    assert client.post(path(way), content=body, headers=told(way, body)).status_code == 200
    way.work()

    assert way.box(one).state is State.ACCEPTED


def test_what_cannot_be_right_finds_nothing_there(way: Road, client: Client) -> None:
    body = b'{"status": {"barcode": "Z4154090123"}}'
    good = told(way, body)

    assert client.post(path(way), content=body, headers=told(way, body, key="b" * 32)).status_code == 404
    assert client.post(path(way), content=body).status_code == 404
    assert client.post(path(way, "k_nobody"), content=body, headers=good).status_code == 404
    assert client.post(path(way)[:-1] + "x", content=body, headers=good).status_code == 404
    assert client.get(path(way)).status_code == 405
    assert client.post(path(way), content=b" " * (heard.LARGEST + 1), headers=good).status_code == 413
    assert client.post(path(way), content=b"no message", headers=told(way, b"no message")).status_code == 200
