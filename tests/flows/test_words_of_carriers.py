"""A carrier's words about a parcel may name somebody: they stay with the parcel, whatever they came as."""

import json
import logging
from dataclasses import replace

import httpx
import pytest

from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, CarrierUnreachable, Kind
from service import contracts
from service.lanes import Lane
from service.steps import desk
from tests.flows.counter import Counter, counter
from tests.flows.road import Road

SAID = "Jana Dvořáková, Lipová 12, is unknown there"


def fault(name: str) -> bytes:
    return f"<response><status>fault</status><fault>{name}</fault><string>{SAID}</string></response>".encode()


def gls(code: int) -> bytes:
    return json.dumps({"PrintLabelsErrorList": [{"ErrorCode": code, "ErrorDescription": SAID}]}).encode()


def posta(code: int) -> bytes:
    return json.dumps({"responseHeader": {"resultHeader": {"responseCode": code, "responseText": SAID}}}).encode()


def answers(at: Counter, body: bytes) -> None:
    """Let every call be answered with this."""
    said = httpx.MockTransport(lambda _: httpx.Response(200, content=body))
    at.town.rig = replace(at.town.rig, carriers=said)


def told(at: Counter, code: str, lane: Lane) -> str:
    """Return what all who share the login are told of it."""
    contract_id = at.contracts[code].contract_id
    with at.town.rig.db.tx(at.tenant) as conn:
        return contracts.standing(conn, [contract_id], lane)[contract_id].why or ""


@pytest.mark.parametrize(
    ("code", "body", "ours"),
    [
        ("packeta", fault("ExternalGatewayFault"), "packeta, book: the external carrier's system failed"),
        ("packeta", fault("NewFault"), "packeta, book: a fault nobody knows (NewFault)"),
        ("packeta", fault(SAID), "packeta, book: a fault nobody knows"),
        ("gls", gls(9_999), "gls, book: GLS failed at it (9999)"),
        ("gls", gls(1_000), "gls, book: "),
        ("ceska_posta", posta(2), "ceska_posta, book: the Post is not done with it (2)"),
    ],
)
def test_what_a_carrier_says_of_a_parcel_stands_with_the_parcel_alone(town, caplog, code, body, ours) -> None:
    at = counter(town, code, count=2)
    [asked] = at.wants(code)
    answers(at, body)

    with caplog.at_level(logging.DEBUG):
        at.turn()

    assert SAID in (at.stands(asked).why or "")
    assert told(at, code, Lane.BOOK).startswith(ours)
    assert "Dvořáková" not in told(at, code, Lane.BOOK) + caplog.text


def test_what_it_says_while_a_parcel_is_followed_is_nobody_elses(town, caplog) -> None:
    road = Road(counter(town, "packeta", count=2))
    road.sent("packeta")
    answers(road.at, fault("ExternalGatewayFault"))
    town.watch.move(86_400)

    with caplog.at_level(logging.DEBUG):
        road.turn()

    assert told(road.at, "packeta", Lane.TRACK).startswith("packeta, track: the external carrier's system failed")
    assert "Dvořáková" not in told(road.at, "packeta", Lane.TRACK) + caplog.text


@pytest.mark.parametrize("operation", ["book", "find", "labels", "cancel", "track", "close", "return", "collect"])
@pytest.mark.parametrize(
    "error",
    [
        lambda what: CarrierBusy("gls", what, "asked too often", wait_s=None, said=SAID, code="55"),
        lambda what: CarrierUnreachable("gls", what, "it failed", unclear=True, said=SAID, code="601234567"),
        *(lambda what, kind=kind: CarrierRefused("gls", what, SAID, kind=kind, code=SAID) for kind in Kind),
    ],
)
def test_no_error_about_a_parcel_shows_more_than_our_own_words(operation: str, error) -> None:
    made: CarrierError = error(operation)

    assert "Jana" in str(made)
    assert desk.unnamed(made).startswith(f"gls, {operation}: ")
    assert not {"Jana", "Lipová", "601234567"} & {*desk.unnamed(made).replace(",", " ").split()}
