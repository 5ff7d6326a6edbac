"""Points page by page, and a car that is ordered."""

import pytest

from carriers.errors import CarrierUnreachable
from carriers.ppl import MOST_PAGES, points
from tests.carriers.ppl.world import Reply, Wire, ppl, told

SHOP = {
    "accessPointCode": "KM10004321", "accessPointType": "ParcelShop", "name": "Papírnictví U Lípy", "name2": None,
    "street": "Lipová 3", "city": "Brno", "country": "CZ", "zipCode": "60200", "activeCardPayment": True,
    "activeCashPayment": False, "pickupEnabled": True,
    "workHours": [
        {"weekDay": 1, "dayPart": 1, "openFrom": "08:00", "openTo": "12:00"},
        {"weekDay": 1, "dayPart": 2, "openFrom": "13:00", "openTo": "17:00"},
        {"weekDay": 7, "dayPart": 1, "openFrom": None, "openTo": None},
    ],
    "gps": {"latitude": 49.195, "longitude": 16.608},
}  # fmt: skip


def shop(code: str, **more):
    return {**SHOP, "accessPointCode": code, **more}


def listed(*replies: Reply):
    return list(ppl(Wire(*replies)).points("CZ"))


def test_a_point_is_read_whole() -> None:
    (point,) = listed(told([SHOP]), told([SHOP]))

    assert (point.network, point.point_id, point.kind) == ("ppl", "KM10004321", "ParcelShop")
    assert (point.street, point.city, point.zip, point.country) == ("Lipová 3", "Brno", "60200", "CZ")
    assert (point.latitude, point.longitude) == (49.195, 16.608)
    assert point.opening == "1 08:00-12:00, 1 13:00-17:00"
    assert point.is_open
    assert point.takes_cod
    assert point.raw["accessPointCode"] == "KM10004321"


@pytest.mark.parametrize(
    ("card", "cash", "takes"),
    [(True, None, True), (False, True, True), (False, False, False), (None, False, False), (None, "x", None)],
)
def test_money_is_taken_only_where_a_flag_says_so(card, cash, *, takes: bool | None) -> None:
    (point,) = points.read_points([shop("1", activeCardPayment=card, activeCashPayment=cash)], "CZ")

    assert point.takes_cod is takes


def test_a_point_that_hands_out_nothing_is_closed() -> None:
    assert not points.read_points([shop("1", pickupEnabled=False)], "CZ")[0].is_open


@pytest.mark.parametrize(
    "bad",
    [None, [], "x", 1, {}, shop(""), shop("1", name=None), shop("1", zipCode=60200), shop("1", country="SK")],
)
def test_a_bad_row_is_left_out_alone(bad) -> None:
    assert [point.point_id for point in listed(told([bad, shop("2")]), told([shop("2")]))] == ["2"]


@pytest.mark.parametrize(
    "gps", [None, [], {}, {"latitude": "x", "longitude": 1}, {"latitude": 91, "longitude": 1}, {"latitude": "NaN"}]
)
def test_a_place_that_cannot_be_read_is_nowhere(gps) -> None:
    (point,) = points.read_points([shop("1", gps=gps)], "CZ")

    assert (point.latitude, point.longitude) == (None, None)


def test_each_page_begins_with_the_end_of_the_one_before_until_there_is_nothing_new() -> None:
    wire = Wire(told([shop("1"), shop("2")]), told([shop("2"), shop("3")]), told([shop("3")]))

    found = [point.point_id for point in ppl(wire).points("CZ")]

    assert found == ["1", "2", "3"]
    assert [dict(call.query)["Offset"] for _, call in wire.calls] == ["0", "1", "2"]


def test_a_page_that_comes_again_is_the_end() -> None:
    assert len(listed(told([shop("1"), shop("2")]), told([shop("1"), shop("2")]))) == 2


def test_a_point_that_comes_twice_is_told_once() -> None:
    assert len(listed(told([shop("1"), shop("1")]), told([shop("1"), shop("2")]), told([shop("2")]))) == 2


# An empty page, one cut short, and one of a list of which more than is read twice closed meanwhile.
MOVED = [told([]), told([shop("1")]), told([shop("3"), shop("4")])]


@pytest.mark.parametrize("reply", [Reply(500), Reply(200, b"<html>"), told({"items": []}), *MOVED])
def test_a_list_that_breaks_off_is_not_taken_for_whole(reply: Reply) -> None:
    with pytest.raises(CarrierUnreachable):
        listed(told([shop("1"), shop("2")]), reply, reply)


@pytest.mark.parametrize("odd", MOVED)
def test_a_page_that_does_not_follow_is_asked_for_once_more(odd: Reply) -> None:
    wire = Wire(told([shop("1"), shop("2")]), odd, told([shop("2"), shop("3")]), told([shop("3")]))

    assert [point.point_id for point in ppl(wire).points("CZ")] == ["1", "2", "3"]
    assert [dict(call.query)["Offset"] for _, call in wire.calls] == ["0", "1", "1", "2"]


def test_a_list_without_end_is_not_taken_for_whole() -> None:
    endless = [told([shop(str(number)), shop(str(number + 1))]) for number in range(MOST_PAGES)]

    with pytest.raises(CarrierUnreachable):
        listed(*endless)
