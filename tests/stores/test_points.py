"""Points of carriers: taken over by difference, found again, and never closed by a list that cannot be believed."""

from collections.abc import Sequence
from datetime import datetime
from math import asin, cos, radians, sin, sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import points
from service.db import Conn
from service.points import Difference, Overtaken, Standing
from service.points.decide import DAY, LONGEST, SMALL, SPREAD, STALE
from service.points.looking import EARTH_M, box
from tests.shop_items import at

SAYS = {
    "kind": "shop", "name": "Trafika", "street": "Lipová 1", "city": "Brno", "zip": "602 00", "country": "CZ",
    "latitude": 49.195, "longitude": 16.608, "is_open": True, "takes_cod": None, "most_weight_g": 15_000,
    "opening": "", "raw": {"id": 1},
}  # fmt: skip


def take(
    conn: Conn, shown: dict[str, dict[str, Any]], *, second: int, network: str = "net", feed: str = "CZ"
) -> points.End:
    """Take over a whole list of one network."""
    reading = points.begin(conn, "packeta", feed, now=at(second))
    assert reading
    difference = Difference(points.known(conn, reading, after=("", "")))
    news = [difference.news(network, point_id, {**SAYS, **says}) for point_id, says in shown.items()]
    points.write(conn, reading, [row for row in news if row])
    return points.end(conn, reading, difference, now=at(second))


def stands(
    conn: Conn, point_id: str, network: str = "net", country: str = "CZ", now: datetime | None = None
) -> Standing:
    return points.standing(conn, "packeta", network, point_id, country=country, now=at(1) if now is None else now)


def test_a_point_stands_as_its_list_says(conn) -> None:
    assert stands(conn, "1") is Standing.UNKNOWN
    take(conn, {"1": {}, "2": {"is_open": False}, "3": {}}, second=0)
    take(conn, {"1": {}, "2": {"is_open": False}}, second=1)

    assert [stands(conn, point_id) for point_id in "1234"] == ["open", "closed", "gone", "absent"]
    assert stands(conn, "4", network="other") is Standing.UNKNOWN
    assert stands(conn, "4", country="SK") is Standing.UNKNOWN


def test_a_network_the_last_list_did_not_show_says_nothing_of_what_it_never_showed(conn) -> None:
    take(conn, {"1": {}}, second=0, network="offices")
    assert stands(conn, "2", network="offices") is Standing.ABSENT
    take(conn, {"1": {}}, second=1)

    assert stands(conn, "1", network="offices") is Standing.OPEN
    assert stands(conn, "2", network="offices") is Standing.UNKNOWN
    assert stands(conn, "2") is Standing.ABSENT


def test_a_list_that_is_old_or_not_believed_says_nothing_of_what_it_never_showed(conn) -> None:
    take(conn, {str(number): {} for number in range(10)}, second=0)
    assert stands(conn, "99") is Standing.ABSENT
    assert stands(conn, "99", now=at(0) + STALE) is Standing.UNKNOWN

    take(conn, {"0": {}}, second=1)

    assert stands(conn, "99") is Standing.UNKNOWN


def test_a_point_that_comes_back_is_open_again(conn) -> None:
    for second, shown in enumerate(["12", "1", "12"]):
        take(conn, {point_id: {} for point_id in shown}, second=second)

    assert stands(conn, "2") is Standing.OPEN


def test_a_row_is_read_back_as_it_was_told(conn) -> None:
    take(
        conn, {"1": {"raw": {"a": [1, None, {"b": "ž"}]}, "name": "U \0 nuly \ud800", "most_weight_g": 2**40}}, second=0
    )

    point = points.find(conn, "packeta", "net", "1")

    assert point
    assert (point.name, point.zip, point.most_weight_g) == ("U \ufffd nuly ?", "60200", None)
    assert (point.latitude, point.longitude, point.takes_cod, point.changed_at) == (49.195, 16.608, None, at(0))
    assert points.find(conn, "packeta", "net", "2") is None


@pytest.mark.parametrize("point_id", ["", "x" * 300])
def test_a_point_nobody_could_keep_is_left_out(point_id: str) -> None:
    assert Difference({}).news("net", point_id, SAYS) is None


def test_a_row_nested_without_end_is_left_out() -> None:
    deep: Any = []
    for _ in range(3_000):
        deep = [deep]

    assert Difference({}).news("net", "1", {**SAYS, "raw": deep}) is None


def test_a_list_that_shrank_beyond_belief_closes_nothing_and_tells_why(conn) -> None:
    take(conn, {str(number): {} for number in range(10)}, second=0)

    ended = take(conn, {str(number): {} for number in range(4)}, second=1)

    assert (ended.gone, ended.why) == (0, "the list lacks 6 of 10 points")
    assert stands(conn, "9") is Standing.OPEN
    [feed] = points.feeds(conn)
    assert (feed.why, feed.tries, feed.rows, feed.synced_at) == (ended.why, 1, 10, at(0))


def test_a_list_that_stays_small_for_two_days_is_believed(conn) -> None:
    days = 86_400
    take(conn, {str(number): {} for number in range(10)}, second=0)
    few = {"1": {}}

    assert [take(conn, few, second=second).gone for second in (1, days, 2 * days + 1)] == [0, 0, 9]
    assert points.feeds(conn)[0].shrunk_since is None


def test_a_list_that_shows_no_point_is_never_believed(conn) -> None:
    days = 86_400
    take(conn, {"1": {}}, second=0)

    assert [take(conn, {}, second=second).gone for second in (1, days, 9 * days)] == [0, 0, 0]
    assert points.feeds(conn)[0].why == "the list shows no point"


def test_a_list_closes_nothing_of_a_network_it_does_not_show(conn) -> None:
    take(conn, {"1": {}}, second=0, network="of another contract")
    take(conn, {"2": {}}, second=1)

    assert stands(conn, "1", network="of another contract") is Standing.OPEN


@pytest.mark.parametrize(
    ("before", "lacking", "why"),
    [
        ({"own": 1_000, "other": SMALL}, {"other": 11}, "the list lacks 11 of 20 points of other"),
        ({"own": 1_000, "other": SMALL - 1}, {"other": 18}, ""),
        ({"own": 1_000}, {"own": 500}, ""),
        ({"own": 1_000, "other": 9_000}, {"own": 501}, "the list lacks 501 of 1000 points of own"),
        ({}, {}, ""),
    ],
)
def test_a_network_that_shrinks_is_not_believed_among_many_points(before, lacking, why: str) -> None:
    assert points.shrunk(before, lacking, {"own": 1, "other": 1}) == why


def test_only_the_read_that_began_last_writes(conn) -> None:
    first = points.begin(conn, "packeta", "CZ", now=at(0))
    assert first
    assert points.begin(conn, "packeta", "CZ", now=at(1)) is None
    assert points.begin(conn, "packeta", "CZ", now=at(3_600))

    with pytest.raises(Overtaken):
        points.write(conn, first, [])
    with pytest.raises(Overtaken):
        points.end(conn, first, Difference({}), now=at(3_601))


def test_lists_are_due_once_a_day_and_sooner_after_a_failure(conn) -> None:
    points.want(conn, "packeta", "CZ", now=at(0))
    points.want(conn, "packeta", "CZ", now=at(5))
    assert [feed.since for feed in points.due(conn, now=at(9))] == [at(0)]

    reading = points.begin(conn, "packeta", "CZ", now=at(10))
    assert reading
    assert points.due(conn, now=at(11)) == []
    points.put_off(conn, reading, "it broke off", now=at(12))
    assert [(feed.tries, feed.why, feed.since) for feed in points.due(conn, now=at(700))] == [
        (1, "it broke off", at(0))
    ]
    take(conn, {"1": {}}, second=700)

    assert points.due(conn, now=at(700) + DAY - SPREAD) == []
    [feed] = points.due(conn, now=at(700) + DAY + SPREAD)
    assert (feed.tries, feed.why, feed.rows, feed.since) == (0, None, 1, feed.due_at)


def test_a_failing_list_is_asked_ever_more_seldom() -> None:
    waits = [points.again_at(at(0), tries) - at(0) for tries in (0, 1, 2, 99)]

    assert waits == sorted(waits)
    assert waits[-1] == LONGEST


def test_points_are_found_by_code_in_all_networks_and_by_post_code_in_one_country(conn) -> None:
    take(
        conn,
        {"1": {}, "2": {"zip": "60201"}, "3": {"zip": "602-00", "country": "SK"}, "4": {"is_open": False}},
        second=0,
    )

    assert [point.point_id for point in points.by_code(conn, "packeta", "4", most=9)] == ["4"]
    found = [points.by_zip(conn, "packeta", zip_code, country="CZ", most=9) for zip_code in ("602 00", "602", " ", "%")]
    assert [[point.point_id for point in one] for one in found] == [["1"], ["1", "2"], [], []]


def test_what_is_open_nearby_and_takes_the_parcel_stands_in_for_a_point_that_is_shut(conn) -> None:
    near = {"2": {"latitude": 49.25}, "3": {"takes_cod": False}, "4": {"most_weight_g": 1_000}, "5": {}}
    shown = {"1": {"is_open": False}, **near, "6": {"latitude": 51.0, "zip": "60299"}}
    take(conn, shown, second=0)
    take(conn, {"7": {}}, second=1, network="other")
    take(conn, {"8": {"country": "SK"}}, second=2, feed="SK")

    found = [
        points.instead(conn, "packeta", "net", point, zip_code="602 01", country="CZ", cod=True, weight_g=2_000, most=3)
        for point in (points.find(conn, "packeta", "net", "1"), None)
    ]

    assert [[point.point_id for point in one] for one in found] == [["5", "2"], ["2", "5", "6"]]


PLACES = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def far(one: tuple[float, float], other: tuple[float, float]) -> float:
    (a, b), (c, d) = (tuple(map(radians, place)) for place in (one, other))
    return 2 * EARTH_M * asin(min(1, sqrt(sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2)))


@given(centre=PLACES, other=PLACES, within_m=st.floats(1, 3e7))
def test_whatever_is_near_lies_in_the_box(centre, other, within_m) -> None:
    south, north, west, east = box(*centre, within_m)
    lat, lon = other

    if far(centre, other) <= within_m * 0.999:
        assert south <= lat <= north
        assert west <= lon <= east


@given(
    places=st.lists(st.tuples(st.floats(48.9, 49.5), st.floats(16.3, 16.9)), max_size=12),
    within_m=st.floats(500, 40_000),
)
def test_the_nearest_points_are_found_by_distance(db, places: Sequence[tuple[float, float]], within_m: float) -> None:
    centre = (49.195, 16.608)
    with db.tx_all("a test") as conn:
        conn.execute("DELETE FROM points")
        take(conn, {str(at): {"latitude": lat, "longitude": lon} for at, (lat, lon) in enumerate(places)}, second=0)
        found = points.near(conn, "packeta", centre, within_m=within_m, most=5)

    right = sorted((far(centre, place), str(at)) for at, place in enumerate(places) if far(centre, place) <= within_m)
    assert [point.distance_m for point in found] == pytest.approx([distance for distance, _ in right[:5]])
