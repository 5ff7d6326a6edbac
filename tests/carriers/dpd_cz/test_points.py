"""The list of points: read as it is, whole or not at all, and each row for itself."""

import json
import tracemalloc

import pytest

from carriers.base import Point
from carriers.dpd_cz import points
from carriers.errors import CarrierRefused, CarrierUnreachable
from tests.carriers.dpd_cz.scene import answer, carrier

ROW = {
    "id": "CZ21570",
    "company": "Trafika U Lípy",
    "street": "Lipová",
    "house_number": "12",
    "city": "Brno",
    "postcode": "602 00",
    "phone": "+420601234567",
    "fax": None,
    "email": "",
    "homepage": "",
    "latitude": 49.19,
    "longitude": "16.61",
    "pickup_network_type": "pickup_point",
    "pickup_allowed": 1,
    "return_allowed": "1",
    "express_allowed": 0,
    "dropoff_allowed": True,
    "cardpayment_allowed": 1,
    "cod_allowed": "0",
    "service": "101",
    "hours": [
        {"day": 1, "dayName": "Po", "openMorning": "08:00", "closeMorning": "12:00",
         "openAfternoon": "13:00", "closeAfternoon": "17:00"},
        {"day": 2, "dayName": "Út", "openMorning": "08:00", "closeMorning": "12:00",
         "openAfternoon": "", "closeAfternoon": None},
        {"day": 7, "dayName": "Ne", "openMorning": "", "closeMorning": ""},
    ],
}  # fmt: skip


def listed(*rows):
    return {"status": "ok", "count": len(rows), "hash": "h", "data": {"items": list(rows)}}


def read(body):
    return list(points.read(answer(body, makes=False), "CZ"))


def test_a_row_is_a_point():
    [point] = read(listed(ROW))

    assert point == Point(
        network="dpd_cz",
        point_id="CZ21570",
        kind="pickup_point",
        name="Trafika U Lípy",
        street="Lipová 12",
        city="Brno",
        zip="60200",
        country="CZ",
        latitude=49.19,
        longitude=16.61,
        is_open=True,
        takes_cod=False,
        most_weight_g=20_000,
        opening="Po 08:00-12:00 13:00-17:00; Út 08:00-12:00",
        raw={
            "phone": "+420601234567",
            "service": "101",
            "return_allowed": "1",
            "express_allowed": 0,
            "dropoff_allowed": True,
            "cardpayment_allowed": 1,
        },
    )


@pytest.mark.parametrize(("said", "is_open"), [(1, True), ("1", True), (True, True), (None, True), (0, False),
                                               ("0", False), (False, False), ("false", False)])  # fmt: skip
def test_a_point_that_takes_no_parcels_is_closed(said, is_open):
    assert read(listed(ROW | {"pickup_allowed": said}))[0].is_open is is_open


@pytest.mark.parametrize("bad", [None, 5, "x", [], {}, {"id": None}, {"id": ""}, {"id": 1.5}, {"id": True}])
def test_a_bad_row_is_left_out_and_the_others_are_read(bad):
    assert [point.point_id for point in read(listed(ROW, bad, ROW | {"id": 21571}))] == ["CZ21570", "21571"]


@pytest.mark.parametrize("bad", [None, "", "x", [], {}, True, "NaN", "91", "-1e400", 1e300, "1e99999999999999999999"])
def test_a_place_that_is_none_is_none(bad):
    [point] = read(listed(ROW | {"latitude": bad}))

    assert (point.latitude, point.longitude) == (None, 16.61)


@pytest.mark.parametrize("bad", [None, "x", 5, [None], [[]], [{"day": {}}], [{"openMorning": 8}], {}])
def test_hours_nobody_can_read_are_none(bad):
    assert read(listed(ROW | {"hours": bad}))[0].opening == ""


def test_numbers_nobody_can_hold_spoil_one_field():
    body = json.dumps(listed(ROW | {"fax": "HUGE", "latitude": "LARGE"}))
    body = body.replace('"HUGE"', "9" * 5000).replace('"LARGE"', "1e99999999999999999999")

    [point] = read(body.encode())
    assert (point.point_id, point.latitude) == ("CZ21570", None)


@pytest.mark.parametrize("cut", [-1, -2, -3, -40, 60, 20, 0])
def test_a_list_that_breaks_off_is_an_error_and_not_a_shorter_list(cut):
    whole = json.dumps(listed(*[ROW] * 200), ensure_ascii=False).encode()
    if cut in (-1, -2):  # the envelope may break off, the list is whole
        assert len(read(whole[:cut])) == 200
        return

    with pytest.raises(CarrierUnreachable):
        read(whole[:cut])


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", {"status": "error", "data": {"items": [ROW]}},
                                  {"status": "ok"}, b'{"items": [\xff]}', b'{"items": [' + b"[" * 100_000])  # fmt: skip
def test_what_is_no_list_is_an_error(body):
    with pytest.raises(CarrierUnreachable):
        read(body)


def test_an_empty_list_is_empty():
    assert read(listed()) == []


def test_rows_cut_by_the_edge_of_a_piece_are_read_whole():
    rows = [ROW | {"id": f"CZ{number}", "company": "ěščřžýáíé" * (number % 50)} for number in range(2_000)]
    body = json.dumps(listed(*rows), ensure_ascii=False).encode()

    assert [point.point_id for point in read(body)] == [row["id"] for row in rows]


def test_a_large_list_is_never_whole_in_memory():
    told = answer(json.dumps(listed(*[ROW] * 3_000), ensure_ascii=False).encode(), makes=False)

    tracemalloc.start()
    count = sum(1 for _ in points.read(told, "CZ"))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 3_000
    assert most < 2**20


def test_points_are_asked_of_their_own_server_without_the_key():
    dpd, wire = carrier(listed(ROW), given={"points_url": "http://points.test/api"})

    assert [point.point_id for point in dpd.points("CZ")] == ["CZ21570"]
    assert wire.calls[0].url == "http://points.test/api/getAll"
    assert wire.calls[0].headers == {}


def test_a_country_without_dpd_has_no_list():
    with pytest.raises(CarrierRefused):
        list(carrier()[0].points("US"))


def test_a_server_that_is_down_is_an_error():
    with pytest.raises(CarrierUnreachable):
        list(carrier((502, {}, b""))[0].points("CZ"))
