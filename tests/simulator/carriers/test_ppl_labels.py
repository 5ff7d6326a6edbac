"""PPL: labels, in every format and order."""

import io
import re
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from tests.simulator.carriers.ppl_client import EXAMPLE, SET, SMAD, Bench, pages, with_


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_labels_are_read_back_as_their_numbers(bench: Bench) -> None:
    _, told = bench.batch(SMAD, SET, labelSettings=EXAMPLE["labelSettings"])
    first, second = told["items"]
    related = second["relatedItems"][0]

    for item in (first, second, related):
        answer = bench.get(item["labelUrl"])
        assert answer.headers["content-type"] == "application/pdf"
        ((size, codes),) = pages(answer.content)
        assert size == (127, 110)
        assert ("Code128", item["shipmentNumber"]) in codes
        assert ("ITF", f"0{item['shipmentNumber']}") in codes


def test_a_label_needs_the_token(bench: Bench) -> None:
    _, told = bench.batch(SMAD)

    assert bench.client.get(told["items"][0]["labelUrl"]).status_code == 401


def test_the_complete_label_is_a_sheet_with_four_places(bench: Bench) -> None:
    settings = with_(EXAMPLE["labelSettings"], "completeLabelSettings.position", 3)
    _, told = bench.batch(SMAD, SET, labelSettings=settings)
    (link,) = told["completeLabel"]["labelUrls"]

    (first, on_first), (second, on_second) = pages(bench.get(link).content)
    assert first == second == (210, 297)
    assert {text for kind, text in on_first if kind == "Code128"} >= {"70990012345", "40950012346"}
    assert "40950012347" in {text for _, text in on_second}
    assert "40950012347" not in {text for _, text in on_first}


def test_labels_of_a_batch_come_in_parts_and_in_order(bench: Bench) -> None:
    place, told = bench.batch(with_(SET, "referenceId", "B"), with_(SMAD, "referenceId", "A"))
    main, smart = (item["shipmentNumber"] for item in told["items"])
    other = told["items"][0]["relatedItems"][0]["shipmentNumber"]

    def order(**query: Any) -> list[str]:
        content = bench.get(place + "/label", **query).content
        return [text for _, codes in pages(content) for kind, text in codes if kind == "Code128" and len(text) == 11]

    assert order() == [main, other, smart]
    assert order(OrderBy="ReferenceId", Limit=200, Offset=0) == [smart, main, other]
    assert order(OrderBy="ShipmentNumber", Limit=2, Offset=1) == [other, smart]
    assert len(list(pages(bench.get(place + "/label", PageSize="A4", Position=2).content))) == 1


@pytest.mark.parametrize(
    "query", [{"PageSize": "A6"}, {"Position": 5}, {"Limit": 201}, {"Offset": -1}, {"OrderBy": "Name"}, {"Page": "A4"}]
)
def test_a_wrong_wish_for_labels_is_refused(bench: Bench, query: dict[str, Any]) -> None:
    place, _ = bench.batch(SMAD)

    answer = bench.get(place + "/label", **query)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, list(query))


def test_there_are_no_labels_before_the_import(bench: Bench) -> None:
    place = bench.create(SMAD).headers["location"]

    assert bench.get(place + "/label").status_code == 404


def test_zpl_has_the_number_in_its_bars(bench: Bench) -> None:
    _, told = bench.batch(SMAD, labelSettings={"format": "Zpl", "dpi": 203})
    text = bench.get(told["items"][0]["labelUrl"]).text

    assert text.startswith("^XA")
    assert text.rstrip().endswith("^XZ")
    assert re.search(r"\^BCN.*\^FD70990012345\^FS", text)
    assert re.search(r"\^B2N.*\^FD070990012345\^FS", text)


@pytest.mark.parametrize("kind", ["Png", "Jpeg"])
def test_pictures_are_read_back_too(bench: Bench, kind: str) -> None:
    _, told = bench.batch(SMAD, labelSettings={"format": kind})
    answer = bench.get(told["items"][0]["labelUrl"])

    assert answer.headers["content-type"] == f"image/{kind.lower()}"
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(answer.content)))
    assert code.text == "70990012345"


def test_the_format_is_changed_afterwards(bench: Bench) -> None:
    place, told = bench.batch(SMAD)
    link = told["items"][0]["labelUrl"]
    assert bench.get(link).content.startswith(b"%PDF")

    assert bench.client.put(place, json={"labelSettings": {"format": "Zpl"}}, headers=bench.headers).is_success
    assert bench.get(link).text.startswith("^XA")
    body = {"labelSettings": {"format": "Svg", "completeLabelSettings": {"isCompleteLabelRequested": True}}}
    assert bench.client.put(place, json=body, headers=bench.headers).is_success
    assert bench.get(bench.get(place).json()["completeLabel"]["labelUrls"][0]).text.startswith("<svg")
    wrong = {"labelSettings": {"format": "Doc"}}
    assert bench.client.put(place, json=wrong, headers=bench.headers).status_code == 400


def test_a_parcel_without_label_has_no_link(bench: Bench) -> None:
    place, told = bench.batch(SMAD | {"labelService": {"labelless": True}})

    assert told["items"][0]["labelUrl"] is None
    assert bench.get(place + "/label").status_code == 404
