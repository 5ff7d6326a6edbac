import gzip
import json
import tracemalloc
from typing import Any

import pytest

from carriers.balikobot import feed
from carriers.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, Kind
from tests.carriers.balikobot.made_up import answer

BRANCH = {
    "id": "18542", "type": "branch", "name": "Brno, Lipová 12", "city": "Brno", "street": "Lipová 12", "zip": "602 00",
    "country": "CZ", "currency": "CZK", "latitude": 49.1951, "longitude": "16.6068", "max_weight": 15,
    "opening_monday": "08:00–18:00", "opening_sunday": "", "wheelchair_accessible": "yes", "photo_small": None,
}  # fmt: skip


def points(body: Any, shipper: str = "zasilkovna", **more: Any) -> list[Any]:
    return list(feed.read_points(answer(body, **more), shipper, "CZ"))


def branches(*rows: Any) -> bytes:
    return json.dumps({"status": 200, "branches": list(rows)}).encode()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_point_is_read_from_plain_and_from_packed_bytes(pack: Any) -> None:
    (point,) = points(pack(branches(BRANCH)))

    assert (point.network, point.point_id, point.kind) == ("zasilkovna", "18542", "branch")
    assert (point.name, point.street, point.city) == ("Brno, Lipová 12", "Lipová 12", "Brno")
    assert (point.zip, point.country) == ("60200", "CZ")
    assert (point.latitude, point.longitude, point.most_weight_g) == (49.1951, 16.6068, 15_000)
    assert point.opening == "monday 08:00–18:00"
    assert point.raw["wheelchair_accessible"] == "yes"


@pytest.mark.parametrize(
    ("shipper", "point_id"),
    [("cp", "60200"), ("sp", "60200"), ("ppl", "18542"), ("intime", "Brno, Lipová 12"), ("dpd", "KM18542")],
)
def test_a_points_id_is_what_its_shipper_takes(shipper: str, point_id: str) -> None:
    (point,) = points(branches({**BRANCH, "id": "KM18542"}), shipper)

    assert point.point_id == point_id


def test_a_street_is_put_together_where_it_comes_in_parts() -> None:
    parts = {**BRANCH, "street": "Lipová", "house_number": 12, "orientation_number": "3a"}

    assert points(branches(parts))[0].street == "Lipová 12/3a"
    assert points(branches({**BRANCH, "street": None, "address": "Lipová 7"}))[0].street == "Lipová 7"


@pytest.mark.parametrize(
    "bad", [None, 7, [], "x", {}, {"id": None, "name": "x"}, {"id": 1.5, "name": "x"}, {"id": "1"}]
)
def test_a_bad_row_is_left_out_and_the_feed_goes_on(bad: Any) -> None:
    assert [point.point_id for point in points(branches(BRANCH, bad, {**BRANCH, "id": 7}))] == ["18542", "7"]


@pytest.mark.parametrize("bad", [None, "north", True, "91", 1e40, [], "NaN", "1" * 50])
def test_a_bad_place_or_weight_leaves_the_point_without_it(bad: Any) -> None:
    (point,) = points(branches({**BRANCH, "latitude": bad, "longitude": None, "max_weight": [bad]}))

    assert (point.latitude, point.longitude, point.most_weight_g) == (None, None, None)


def test_a_large_feed_streams() -> None:
    whole = gzip.compress(branches(*({**BRANCH, "id": number, "note": "n" * 500} for number in range(4_000))))
    told = answer(whole)
    tracemalloc.start()
    count = sum(1 for _ in feed.read_points(told, "zasilkovna", "CZ"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 4_000
    assert peak < 3 * 2**20  # the text alone is larger, and its rows six times that


@pytest.mark.parametrize("cut", [20, 300, 5_000, -2])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_feed_that_breaks_off_raises_and_never_ends_quietly(cut: int, pack: Any) -> None:
    whole = pack(branches(*({**BRANCH, "id": number, "note": str(number**9)} for number in range(500))))

    with pytest.raises(CarrierUnreachable):
        points(whole[:cut])


@pytest.mark.parametrize("body", [b"<html>ok</html>", b"", b'{"status": 200}', b"[]", b"\x1f\x8bbroken", b"\xff\xfe"])
def test_what_is_no_list_raises(body: bytes) -> None:
    with pytest.raises(CarrierUnreachable):
        points(body)


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"status": 403}, 200, Kind.ACCOUNT),
        ({"status": 501}, 200, Kind.UNSUPPORTED),
        ({"status": 404, "branches": []}, 200, Kind.UNKNOWN),
        (b"<html>no</html>", 401, Kind.LOGIN),
    ],
)
def test_a_refusal_is_a_refusal(body: Any, status: int, kind: Kind) -> None:
    with pytest.raises(CarrierRefused) as caught:
        points(body, status=status)

    assert caught.value.kind is kind


@pytest.mark.parametrize("status", [403, 404, 400])
def test_a_page_of_a_gateway_is_no_word_of_theirs_that_there_are_no_points(status: int) -> None:
    with pytest.raises(CarrierUnreachable):
        points(b"<html>no</html>", status=status)


@pytest.mark.parametrize(("said", "means"), [("sk", "SK"), ("Slovensko", "CZ"), (None, "CZ"), ("S", "CZ")])
def test_a_country_is_two_letters_or_the_one_asked_for(said: Any, means: str) -> None:
    assert points(branches({**BRANCH, "country": said}))[0].country == means


def test_a_carrier_that_is_away_is_busy() -> None:
    with pytest.raises(CarrierBusy):
        points({"status": "503"})


def test_an_empty_list_is_a_list() -> None:
    assert points(branches()) == []
