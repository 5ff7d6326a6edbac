"""The certificate's door: read for nothing, proven on request, and of one's own shops only."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from service import inbox
from service.inbox import Cause, Walked
from service.lanes import Lane
from tests.shop_items import at
from tests.web import warehouse
from tests.web.warehouse import Place

ORDERS = Lane.REFRESH_ORDERS


@pytest.fixture
def place(database, redis_url, tmp_path) -> Iterator[Place]:
    with warehouse.opened(database.url, redis_url, tmp_path) as opened:
        for tenant in opened.shops.values():
            with opened.rig.db.tx(tenant) as conn:
                inbox.note_read(conn, tenant, ORDERS, at=at(0), watermark=at(0))
                inbox.note_known(conn, tenant, ORDERS, at=at(0))
        yield opened


def asked(place: Place, method: str = "GET", *, shop: str = "alfa", **params: str) -> httpx.Response:
    said = {"from": at(60).isoformat(), "to": at(600).isoformat(), **params}
    return place.ask(method, f"/certificates/{place.shops.get(shop, shop)}", params=said)


def prove(place: Place, *, lost: bool = False) -> None:
    """Let the look that was asked for be made."""
    tenant, now = place.shops["alfa"], place.rig.now()
    with place.rig.db.tx(tenant) as conn:
        inbox.begin_looks(conn, tenant, ORDERS, now=now)
        walked = Walked(at(60) - timedelta(minutes=10), now, 1, int(lost), 1)
        inbox.end_looks(conn, tenant, ORDERS, walked=walked, now=now)


def looks(place: Place) -> list[inbox.Look]:
    tenant = place.shops["alfa"]
    with place.rig.db.tx(tenant) as conn:
        return inbox.looks_of(conn, tenant, ORDERS, most=9)


def test_reading_asks_for_nothing_and_says_what_a_proof_costs(place: Place) -> None:
    answer = asked(place)

    document = answer.json()
    assert answer.status_code == 200
    assert (document["tenant"], document["verdict"]) == (place.shops["alfa"], "unproven")
    assert [gap["why"] for gap in document["gaps"]] == ["not_looked"]
    assert (document["proof"]["calls_at_least"], document["proof"]["calls_at_most"]) == (1, 2)
    assert document["proof"]["asked_at"] is None
    assert looks(place) == []


def test_a_proof_is_asked_for_once_and_the_certificate_is_complete_when_it_ended(place: Place) -> None:
    first, again = asked(place, "POST"), asked(place, "POST")
    prove(place)
    proven, nothing_left = asked(place), asked(place, "POST")

    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json()["proof"]["asked_at"]
    assert [each.cause for each in looks(place)] == [Cause.PERSON]
    assert (proven.json()["verdict"], proven.json()["proof"]) == ("complete", None)
    assert (nothing_left.status_code, nothing_left.json()["verdict"]) == (200, "complete")


def test_who_asks_again_at_once_is_told_when_he_may(place: Place) -> None:
    asked(place, "POST")
    prove(place)

    answer = asked(place, "POST", **{"from": at(-600_000).isoformat(), "to": place.rig.now().isoformat()})

    assert (answer.status_code, answer.json()["code"]) == (429, "too_soon")
    assert 0 < int(answer.headers["retry-after"]) <= 600


def test_a_shop_that_is_not_called_is_not_asked_to_be_proven(place: Place) -> None:
    with place.rig.db.tx_all("a test suspends a shop") as conn:
        conn.execute("UPDATE tenants SET state = 'suspended' WHERE tenant_id = %s", [place.shops["alfa"]])

    answer = asked(place, "POST")

    assert (answer.status_code, answer.json()["code"]) == (409, "not_called")
    assert asked(place).status_code == 200


def test_a_foreign_shop_and_one_that_does_not_exist_are_one_answer(place: Place) -> None:
    answers = [asked(place, method, shop=shop) for method in ("GET", "POST") for shop in ("gama", "t_nobody", "%00")]

    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}
    assert place.site.http.get(f"/wms/v1/certificates/{place.shops['alfa']}").status_code == 401


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"from": ""}, "from"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-03-01T00:00:00 01:00"}, "from"),  # a + that was not escaped
        ({"from": "0001-01-01T00:00:00+14:00"}, "from"),
        ({"from": "1999-01-01"}, "from"),
        ({"to": "9999-12-31T23:59:59-14:00"}, "to"),
        ({"to": "2999-01-01"}, "to"),
        ({"to": "\0"}, "to"),
        ({"whole": "perhaps"}, "whole"),
        ({"from": "2026-03-02", "to": "2026-03-02"}, "from"),
    ],
)
def test_what_is_no_period_is_refused_by_the_parameter_at_fault(
    place: Place, method: str, params: dict[str, str], field: str
) -> None:
    answer = asked(place, method, **params)

    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, "malformed", field)
    assert looks(place) == []


def test_a_time_without_an_offset_is_pragues(place: Place) -> None:
    document = asked(place, **{"from": "2026-02-01", "to": "2026-02-02T12:00"}).json()

    assert (document["from"], document["to"]) == ("2026-01-31T23:00:00Z", "2026-02-02T11:00:00Z")
