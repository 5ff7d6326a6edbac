"""Points come row by row, and a bad row is left out, never the feed."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from carriers.base import Point
from carriers.errors import CarrierUnreachable
from tests.carriers.packeta.packing import Says, packeta

BRANCH = {
    "id": "18542", "name": "Praha 1, Dlouhá 5", "special": {}, "place": "Trafika", "street": "Dlouhá 5",
    "city": "Praha", "zip": "110 00", "country": "cz", "currency": "CZK",
    "status": {"statusId": "1", "description": "V provozu"}, "displayFrontend": "1", "latitude": "50.08980",
    "longitude": "14.42420", "maxWeight": "10", "photos": [],
    "openingHours": {"regular": {"monday": "08:00–18:00", "sunday": {}}, "exceptions": {}},
}  # fmt: skip
BOX = BRANCH | {
    "id": "31001",
    "type": "zbox",
    "codAllowed": "0",
    "maxWeight": "15",
    "openingHours": {"regular": "nonstop"},
}
COURIERS = [
    {"id": "106", "name": "CZ home", "country": "cz", "pickupPoints": "no", "apiAllowed": "true"},
    {"id": "3060", "name": "PL InPost", "country": "pl", "pickupPoints": "yes", "apiAllowed": "true"},
    {"id": "4539", "name": "CZ points", "country": "cz", "pickupPoints": "yes", "apiAllowed": "false"},
]
FOREIGN = {
    "code": "P-7", "coordinates": {"latitude": "49.2", "longitude": "16.6"}, "street": "Lipová", "streetNumber": "7",
    "city": "Brno", "zip": "60200", "country": "cz", "payment": "1", "displayFrontend": "1",
}  # fmt: skip


def read(branches: Any, boxes: Any = (BOX,), foreign: Any = (FOREIGN,), country: str = "CZ") -> list[Point]:
    feeds = [branches, boxes, COURIERS, foreign]
    says = Says(*(feed if isinstance(feed, str | bytes) else json.dumps(feed) for feed in feeds))
    return list(packeta(says).points(country))


def branches(rows: Any) -> list[Point]:
    return [point for point in read(rows) if point.kind == "branch"]


def test_points_boxes_and_points_of_couriers_come_in_this_order() -> None:
    own, box, foreign = read([BRANCH])

    assert (own.network, own.point_id, own.kind, own.name) == ("packeta", "18542", "branch", "Praha 1, Dlouhá 5")
    assert (own.latitude, own.longitude, own.is_open, own.most_weight_g) == (50.0898, 14.4242, True, 10_000)
    assert (own.country, own.zip, own.opening, own.takes_cod) == ("CZ", "110 00", "monday 08:00–18:00", None)
    assert (box.kind, box.takes_cod, box.most_weight_g, box.opening) == ("zbox", False, 15_000, "nonstop")
    assert (foreign.network, foreign.point_id, foreign.street) == ("4539", "P-7", "Lipová 7")
    assert (foreign.latitude, foreign.longitude, foreign.is_open) == (49.2, 16.6, True)
    assert foreign.raw["payment"] == "1"


def test_feeds_are_asked_one_after_the_other_and_couriers_of_the_country_alone() -> None:
    says = Says(*(json.dumps(feed) for feed in ([BRANCH], [BOX], COURIERS, [FOREIGN])))
    list(packeta(says).points("CZ"))

    names = [call.url.rsplit("/", 1)[1] for call in says.calls]
    assert names == ["branch.json", "box.json", "carrier.json", "point.json"]
    assert says.calls[3].query == (("ids", "4539"),)


def test_points_of_other_countries_stay_out() -> None:
    assert branches([BRANCH | {"country": "sk"}, BRANCH]) == branches([BRANCH])


@pytest.mark.parametrize(
    "change",
    [
        {"status": {"statusId": "2"}},
        {"status": {"statusId": "3"}},
        {"status": {}},
        {"status": None},
        {"status": "1"},
        {"displayFrontend": "0"},
    ],
)
def test_a_point_that_is_not_in_operation_is_not_offered(change: Mapping[str, Any]) -> None:
    (point,) = branches([BRANCH | change])

    assert not point.is_open


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({}, (True, None, None)),
        ({"available": "true", "disallowsCod": "false", "maxWeight": "25"}, (True, None, 25_000)),
        ({"disallowsCod": "true"}, (True, False, None)),
        ({"available": "false"}, (False, None, None)),
        ({"available": {}, "disallowsCod": None, "maxWeight": "much"}, (True, None, None)),
    ],
)
def test_what_a_courier_does_not_carry_is_told_of_its_points(row: Mapping[str, Any], told: tuple[Any, ...]) -> None:
    couriers = [each | row for each in COURIERS]
    says = Says(*(json.dumps(feed) for feed in ([BRANCH], [BOX], couriers, [FOREIGN])))

    *_, point = packeta(says).points("CZ")

    assert (point.is_open, point.takes_cod, point.most_weight_g) == told


@pytest.mark.parametrize(
    "bad", [None, 7, "x", [], {}, BRANCH | {"id": {}}, BRANCH | {"country": None}, [[[[[[BRANCH]]]]]]]
)
def test_a_row_that_is_no_point_is_left_out(bad: Any) -> None:
    assert [point.point_id for point in branches([bad, BRANCH, bad])] == ["18542"]


@pytest.mark.parametrize("odd", ["", "north", "91", "nan", "inf", None, {}, [], True, 10**400])
def test_an_odd_field_costs_only_itself(odd: Any) -> None:
    (point,) = branches([BRANCH | {"latitude": odd, "maxWeight": {}, "openingHours": odd, "name": {}}])

    assert point.latitude in (None, 1.0)
    assert (point.most_weight_g, point.name) == (None, "Trafika")


@pytest.mark.parametrize(
    ("coordinates", "read_as"),
    [
        ({"lat": 49.5, "lng": 16.5}, (49.5, 16.5)),
        ("49.5, 16.5", (49.5, 16.5)),
        (["49.5", "16.5"], (49.5, 16.5)),
        ("49.5", (None, None)),
        ({}, (None, None)),
    ],
)
def test_coordinates_are_read_however_they_are_kept(coordinates: Any, read_as: tuple[float | None, ...]) -> None:
    point = read([BRANCH], foreign=[FOREIGN | {"coordinates": coordinates}])[-1]

    assert (point.latitude, point.longitude) == read_as


def test_rows_are_found_wherever_a_feed_keeps_them() -> None:
    assert len(branches({"data": {"18542": BRANCH, "18543": BRANCH | {"id": "18543"}}})) == 2
    assert read([BRANCH], foreign={"carriers": [{"id": "4539", "points": [FOREIGN]}]})[-1].point_id == "P-7"


@pytest.mark.parametrize(
    "said",
    [
        "",
        "[]",
        "{}",
        '{"error": "Invalid API key."}',
        "<html>",
        "null",
        b"\xff",
        "[{}",
        '[{"country": "cz"} {}]',
        "[1,",
    ],
)
def test_a_feed_without_a_row_or_an_end_is_an_error_and_no_empty_country(said: str | bytes) -> None:
    with pytest.raises(CarrierUnreachable):
        read(said)


def test_a_feed_that_breaks_off_has_told_what_came_before() -> None:
    says = Says(json.dumps([BRANCH, BRANCH])[:-40])
    stream = packeta(says).points("CZ")

    assert next(stream).point_id == "18542"
    with pytest.raises(CarrierUnreachable):
        next(stream)


@pytest.mark.parametrize("between", [",", " ,\n  "])
def test_a_feed_larger_than_a_piece_loses_and_doubles_nothing(between: str) -> None:
    rows = [json.dumps(BRANCH | {"id": str(number)}, ensure_ascii=False) for number in range(6000)]
    told = branches(f"\ufeff [\n{between.join(rows)} ]\n")

    assert [point.point_id for point in told] == [str(number) for number in range(6000)]
    assert {point.name for point in told} == {BRANCH["name"]}


def test_a_courier_may_have_no_points_but_not_an_error() -> None:
    assert len(read([BRANCH], foreign=[])) == 2
    with pytest.raises(CarrierUnreachable):
        read([BRANCH], foreign={"error": "no such carrier"})
