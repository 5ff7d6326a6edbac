"""A carrier tells by itself, and the shop hears of it without a question."""

import json

import httpx
import pytest

from service.flows import hear
from service.flows.hear import Heard
from service.tracking import State
from simulator.carriers import pushes
from simulator.carriers.lives import End
from simulator.carriers.packeta.hooks import signed
from tests.flows.road import HOUR, Road, road


@pytest.fixture
def way(town) -> Road:
    made = road(town, "packeta")
    world = made.at.worlds["packeta"]
    world.webhook = ("http://ours.test", "a" * 32)
    return made


def pushed(way: Road, *, key: str | None = None) -> list[Heard]:
    """Bring what the stand-in sends; return what came of it."""
    world = way.at.worlds["packeta"]
    came: list[Heard] = []
    contract_id = way.at.contracts["packeta"].contract_id

    def take(request: httpx.Request) -> httpx.Response:
        headers = dict(request.headers) | ({"x-webhook-signature": key} if key else {})
        came.append(hear.run(way.town.rig, contract_id, headers, request.content))
        return httpx.Response(200 if came[-1] is Heard.TAKEN else 404)

    world.tick()
    with httpx.Client(transport=httpx.MockTransport(take)) as client:
        pushes.deliver(world, client)
    return came


def test_what_is_pushed_is_written_down_and_shown_without_a_question(way: Road) -> None:
    [one] = way.sent("packeta", end=End.POINT)
    calls = way.calls("packeta")
    pushed(way)
    way.town.watch.move(10 * HOUR)

    assert set(pushed(way)) == {Heard.TAKEN}

    assert way.box(one).state is State.IN_TRANSIT
    assert way.calls("packeta") == calls


def test_a_parcel_that_is_only_named_is_asked_about_at_once(way: Road) -> None:
    [one] = way.sent("packeta", end=End.POINT)
    way.town.watch.move(3 * HOUR)
    assert not way.is_due()
    body = json.dumps({"status": {"barcode": way.at.numbers(one)[0]}}).encode()
    stamp = str(int(way.town.watch().timestamp()))
    headers = {"X-Webhook-Timestamp": stamp, "X-Webhook-Signature": signed("a" * 32, stamp, body)}

    assert hear.run(way.town.rig, way.at.contracts["packeta"].contract_id, headers, body) is Heard.TAKEN
    way.work()

    assert way.box(one).state is State.ACCEPTED


def test_a_message_nobody_signed_changes_nothing(way: Road) -> None:
    [one] = way.sent("packeta", end=End.POINT)
    way.town.watch.move(10 * HOUR)

    assert set(pushed(way, key="0" * 64)) == {Heard.NOT_OURS}

    assert way.box(one).state is State.CREATED
    assert hear.run(way.town.rig, "k_nobody", {}, b"{}") is Heard.NOT_OURS
