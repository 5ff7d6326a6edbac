"""GLS: labels of every printer, read back, and what happens to parcels."""

import re
from typing import Any

import pytest

from simulator.carriers.lives import End
from tests.simulator.carriers.gls_client import HOME, PARCEL, SHOP, Bench, codes_of, other, pages, texts, with_

FIRST = 31177007966


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize(
    ("printer", "size"),
    [
        ("A4_2x2", (210, 297)),
        ("A4_4x1", (210, 297)),
        ("Connect", (105, 148)),
        ("Thermo", (105, 148)),
        ("ShipItThermoPdf", (105, 148)),
    ],
)
def test_labels_are_read_back_as_their_numbers(bench: Bench, printer: str, size: tuple[int, int]) -> None:
    answer = bench.print(PARCEL, HOME | {"Count": 2}, TypeOfPrinter=printer)
    numbers = [str(row["ParcelNumber"]) for row in answer["PrintLabelsInfoList"]]

    assert {one for one, _ in pages(answer["Labels"])} == {size}
    assert sorted(texts(answer["Labels"])) == sorted(numbers)
    assert {kind for _, codes in pages(answer["Labels"]) for kind, _ in codes} == {"Code128"}


@pytest.mark.parametrize(("position", "on_pages"), [(1, [4, 1]), (2, [3, 2]), (4, [1, 4])])
@pytest.mark.parametrize("printer", ["A4_2x2", "A4_4x1"])
def test_a_sheet_begins_at_the_place_asked(bench: Bench, printer: str, position: int, on_pages: list[int]) -> None:
    answer = bench.print(HOME | {"Count": 5}, TypeOfPrinter=printer, PrintPosition=position)

    assert [len(codes) for _, codes in pages(answer["Labels"])] == on_pages


def test_a_position_is_for_sheets_alone(bench: Bench) -> None:
    answer = bench.print(HOME, TypeOfPrinter="Thermo", PrintPosition=9)

    assert texts(answer["Labels"]) == [str(FIRST)]


@pytest.mark.parametrize(
    ("printer", "width"), [("ThermoZPL", 839), ("ThermoZPL_300DPI", 1240), ("ShipItThermoZpl", 839)]
)
def test_zpl_is_a_list_of_bytes_too(bench: Bench, printer: str, width: int) -> None:
    text = bytes(bench.print(PARCEL, HOME, TypeOfPrinter=printer)["Labels"]).decode()

    assert re.findall(r"\^BCN.*\^FD(\d+)\^FS", text) == ["31177007966", "31177007973"]
    assert text.count("^XA") == text.count("^XZ") == 2
    assert f"^PW{width}" in text
    assert "Jana Dvořáková" in text


def test_the_tracking_is_answered_as_printed(bench: Bench) -> None:
    bench.printed(PARCEL)
    bench.world.end([str(FIRST)], End.HOME)
    bench.world.hand_over()
    bench.go(hours=25)
    told = bench.track(FIRST)
    rows = told.pop("ParcelStatusList")

    assert told == {
        "ClientReference": "OBJ-2026-00417",
        "DeliveryCountryCode": "CZ",
        "DeliveryZipCode": "60200",
        "ParcelNumber": 31177007966,
        "POD": None,
        "Weight": 1.35,
        "GetParcelStatusErrors": [],
    }
    printed = ("05", "Doručeno"), ("04", "Na doručení"), ("51", "Data přijata")
    assert [(row["StatusCode"], row["StatusDescription"]) for row in rows if row["StatusCode"] in "05 04 51"] == [
        *printed
    ]
    assert rows[0] == {
        "StatusCode": "05",
        "StatusDate": "/Date(1772524800000+0100)/",
        "StatusDescription": "Doručeno",
        "StatusInfo": "",
        "DepotCity": "Brno",
        "DepotNumber": "60",
    }
    assert rows[-1] == {
        "StatusCode": "51",
        "StatusDate": "/Date(1772438400000+0100)/",
        "StatusDescription": "Data přijata",
        "StatusInfo": "",
        "DepotCity": "",
        "DepotNumber": "",
    }


LOCKER = "CZ60200-PARCELLOCK10"


@pytest.mark.parametrize(
    ("point", "end", "codes"),
    [
        ("", End.HOME, [51, 1, 3, 2, 4, 5]),
        ("", End.SECOND_TRY, [51, 1, 3, 2, 4, 12, 4, 5]),
        ("", End.REFUSED, [51, 1, 3, 2, 4, 17, 23, 5]),
        ("", End.LOST, [51, 1, 3, 2]),
        (SHOP, End.POINT, [51, 1, 3, 2, 55, 5]),
        (LOCKER, End.POINT, [51, 1, 3, 2, 54, 5]),
        (SHOP, End.UNCOLLECTED, [51, 1, 3, 2, 55, 57, 23, 5]),
    ],
)
def test_scans_are_told_newest_first(bench: Bench, point: str, end: End, codes: list[int]) -> None:
    services = [{"Code": "PSD", "PSDParameter": {"StringValue": point}}] if point else []
    bench.printed(other("T", ServiceList=services))
    bench.world.end([str(FIRST)], end)
    bench.world.hand_over()
    bench.go(days=12)

    rows = bench.track(FIRST)["ParcelStatusList"]
    assert [int(row["StatusCode"]) for row in rows] == codes[::-1]
    times = [int(row["StatusDate"][6:19]) for row in rows]
    assert times == sorted(times, reverse=True)


def test_scans_come_with_the_clock(bench: Bench) -> None:
    bench.printed(PARCEL)
    assert bench.codes(FIRST) == ["51"]

    bench.world.end([str(FIRST)], End.POINT)
    bench.world.hand_over()
    for hours, newest in ((1, "01"), (5, "03"), (4, "02"), (17, "55"), (24, "05")):
        bench.go(hours=hours)
        assert bench.codes(FIRST)[0] == newest


def test_codes_are_zero_padded_in_some_answers_and_the_way_back_has_two(bench: Bench) -> None:
    _, second = bench.printed(HOME, other("B"))
    bench.world.end([str(second["ParcelNumber"])], End.REFUSED)
    bench.world.move_on([str(second["ParcelNumber"])], steps=None)

    assert bench.codes(second["ParcelNumber"]) == ["5", "40", "17", "4", "2", "3", "1", "51"]


@pytest.mark.parametrize(
    ("language", "text"), [("SK", "Dáta prijaté"), ("EN", "The parcel data was received."), ("HU", None)]
)
def test_texts_are_in_the_language_asked(bench: Bench, language: str, text: str | None) -> None:
    bench.printed(PARCEL)
    (row,) = bench.track(FIRST, LanguageIsoCode=language)["ParcelStatusList"]

    assert row["StatusDescription"] == (text or "The parcel data was received.")


def test_the_number_without_its_check_digit_is_unknown(bench: Bench) -> None:
    bench.printed(PARCEL)

    told = bench.track(FIRST // 10)
    assert (told["ParcelStatusList"], codes_of(told, "GetParcelStatusErrors")) == ([], [5])


def test_a_proof_is_there_once_it_is_delivered(bench: Bench) -> None:
    bench.printed(PARCEL)
    bench.world.end([str(FIRST)], End.POINT)
    assert bench.track(FIRST, ReturnPOD=True)["POD"] is None

    bench.world.move_on([str(FIRST)], steps=None)
    assert bytes(bench.track(FIRST, ReturnPOD=True)["POD"]).startswith(b"%PDF")
    assert bench.track(FIRST)["POD"] is None


def test_several_are_tracked_at_once_only_where_that_is_switched_on(bench: Bench) -> None:
    numbers = [row["ParcelNumber"] for row in bench.printed(PARCEL, HOME)]
    assert bench.post("GetParcelListStatuses", ParcelNumberList=numbers).status_code == 404

    bench.world.bag["single"] = True
    told = bench.ask("GetParcelListStatuses", ParcelNumberList=[*numbers, 4711])
    assert [row["ParcelNumber"] for row in told["ParcelList"]] == numbers
    assert codes_of(told, "GetParcelListStatusesErrors") == [5]
    many: list[Any] = [*range(101)]
    assert codes_of(bench.ask("GetParcelListStatuses", ParcelNumberList=many), "GetParcelListStatusesErrors") == [13]


def test_each_box_has_its_own_weight(bench: Bench) -> None:
    boxes = [{"Weight": 1.5}, {"Weight": 2}]
    rows = bench.printed(HOME | {"Count": 3, "ParcelPropertyList": boxes})

    assert [bench.track(row["ParcelNumber"])["Weight"] for row in rows] == [1.5, 2, 0]


def test_names_are_printed_whatever_they_hold(bench: Bench) -> None:
    answer = bench.print(with_(HOME, "DeliveryAddress.Name", "Jana 🎁; ^XA~ " + "Ž" * 200))

    assert texts(answer["Labels"]) == [str(FIRST)]
