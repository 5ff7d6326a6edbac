"""The list of points, read piece by piece."""

import json
from typing import Any

import pytest

from carriers.base import Point
from carriers.errors import CarrierUnreachable
from carriers.gls import points
from tests.carriers.gls import bench


def read(said: Any) -> list[Point]:
    return list(points.read_points(bench.answer(said), "CZ"))


def spoiled(**changes: Any) -> dict[str, Any]:
    first, second = bench.POINTS["items"]
    return {"items": [first | changes, second]}


def test_a_locker_is_read_whole() -> None:
    point = read(bench.POINTS)[0]

    assert (point.network, point.point_id, point.kind, point.name) == (
        "gls",
        "CZ10000-PARCELLOCK11",
        "locker",
        "Box u nádraží",
    )
    assert (point.street, point.city, point.zip, point.country) == ("Nádražní 1", "Praha", "10000", "CZ")
    assert (point.latitude, point.longitude, point.takes_cod, point.is_open) == (50.08, 14.48, True, True)
    assert point.opening == "1 00:00-24:00; 2 00:00-24:00"
    assert point.raw["hasWheelchairAccess"] is True


def test_a_shop_that_takes_no_money_says_so() -> None:
    assert (read(bench.POINTS)[1].kind, read(bench.POINTS)[1].takes_cod) == ("shop", False)


@pytest.mark.parametrize("changes", [{"id": None}, {"id": ""}, {"name": None}, {"contact": None}, {"contact": []}])
def test_a_bad_point_is_left_out_and_the_others_stay(changes: dict[str, Any]) -> None:
    assert [point.point_id for point in read(spoiled(**changes))] == ["CZ60200-PARCELSHOP01"]


@pytest.mark.parametrize(
    "changes",
    [
        {"location": None},
        {"location": ["50", "14"]},
        {"location": [1e300, 2]},
        {"location": [50.08]},
        {"hours": None},
        {"hours": [None, [1], [1, None, None]]},
        {"features": None},
        {"features": [None, {}]},
        {"type": None},
        {"contact": {"city": None}},
    ],
)
def test_a_point_with_a_bad_field_is_a_point_without_it(changes: dict[str, Any]) -> None:
    assert len(read(spoiled(**changes))) == 2


def test_a_point_that_stands_there_twice_is_one() -> None:
    assert len(read({"items": bench.POINTS["items"] * 2})) == 2


def test_a_list_that_breaks_off_gives_what_it_has_and_then_says_so() -> None:
    found = points.read_points(bench.answer(bench.wired(bench.POINTS)[:-40]), "CZ")

    assert next(found).point_id == "CZ10000-PARCELLOCK11"
    with pytest.raises(CarrierUnreachable):
        next(found)


@pytest.mark.parametrize("said", [b"<html>", b"", b"[]", b"{}", b'{"items": null}', b'{"items": ['])
def test_a_list_that_is_none_is_no_empty_list(said: bytes) -> None:
    with pytest.raises(CarrierUnreachable):
        read(said)


def test_white_space_between_points_means_nothing() -> None:
    assert len(read(json.dumps(bench.POINTS, indent=3).encode())) == 2
    assert read(b'{"items" : [ ]}') == []
