"""DPD's stand-in: labels in every format, drop-off codes, and the bar code with its check character (3.0, 3A)."""

import base64
import io
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from simulator.carriers.dpd_cz import aztec, numbers
from tests.simulator.carriers.dpd_client import A4, FIRST, HOME, ONE_BOX, PDF, PICKUP, Bench, pages, with_

ZPL = PDF | {"printType": "ZPL"}
EPL = PDF | {"printType": "EPL"}


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize(
    ("bare", "check"),
    [
        ("000393206219912345678101040", "9"),
        ("007110601782532948375101276", "X"),
        ("008182709980000020028101276", "B"),
        ("007110601632532948375179276", "A"),
    ],
)
def test_the_check_character_is_that_of_the_vectors(bare: str, check: str) -> None:
    assert numbers.check(bare) == check


def test_a_bar_code_is_built_of_postcode_number_service_and_country() -> None:
    code = numbers.content(postcode="3932", number="06219912345678", service="101", country="AT")

    assert code == "%000393206219912345678101040"
    assert numbers.shown(code).replace(" ", "") == "0003932062199123456781010409"


def test_the_contracts_labels_are_read_back_in_the_order_asked(bench: Bench) -> None:
    bench.made(PICKUP, ONE_BOX)

    answer = bench.label("13845600012346", FIRST)

    assert answer.headers["content-type"] == "application/pdf"
    assert list(pages(answer.content)) == [
        ((105, 148), ["%006020013845600012346327203"]),
        ((105, 148), [f"%0011000{FIRST}337203"]),
    ]


@pytest.mark.parametrize(
    ("services", "service"),
    [
        ({}, "101"),
        ({"notification": True}, "327"),
        ({"cashOnDelivery": PICKUP["services"]["cashOnDelivery"]}, "329"),
        ({"notification": True, "pickupPoint": "CZ21570"}, "337"),
    ],
)
def test_a_label_bears_its_service(bench: Bench, services: dict[str, Any], service: str) -> None:
    bench.made(with_(ONE_BOX, "services", services))

    ((_, (code,)),) = pages(bench.label(FIRST).content)

    assert code[22:25] == service
    assert code[8:22] == FIRST


@pytest.mark.parametrize(("a_page", "counts"), [(4, [4, 1]), (2, [2, 2, 1]), (1, [1, 1, 1, 1, 1])])
def test_a4_holds_up_to_four(bench: Bench, a_page: int, counts: list[int]) -> None:
    numbers_ = bench.made(*[ONE_BOX] * 5)

    read = list(pages(bench.label(*numbers_, how=with_(A4, "printProperties.labelsPerPage", a_page)).content))

    assert [size for size, _ in read] == [(210, 297)] * len(counts)
    assert [len(codes) for _, codes in read] == counts
    assert sorted(code[8:22] for _, codes in read for code in codes) == numbers_


def test_with_json_there_is_an_entry_for_each_page(bench: Bench) -> None:
    numbers_ = bench.made(HOME)

    told = bench.label(*numbers_, accept="application/json").json()["labels"]

    read = [codes for one in told for _, codes in pages(base64.b64decode(one["content"], validate=True))]
    assert [code[8:22] for (code,) in read] == numbers_


def test_zpl_and_epl_hold_the_same_code(bench: Bench) -> None:
    bench.made(ONE_BOX)

    for how, beginning, field in ((ZPL, "^XA", "^FD{}^FS"), (EPL, "N\n", '"{}"')):
        ((entry),) = bench.label(FIRST, how=how, accept="application/json").json()["labels"]
        text = base64.b64decode(entry["content"]).decode()
        assert text.startswith(beginning)
        assert field.format(f"%0060200{FIRST}327203") in text


@pytest.mark.parametrize("kind", ["ZPL", "EPL"])
def test_only_pdf_must_be_told_its_page(bench: Bench, kind: str) -> None:
    bench.made(ONE_BOX)
    bare = {"printType": kind}

    assert (
        bench.label(FIRST, how=bare, accept="application/json").json()
        == bench.label(FIRST, how=PDF | bare, accept="application/json").json()
    )
    assert bench.label(FIRST, how={"printType": "PDF"}).status_code == 400


def test_a_label_says_who_what_and_how_much(bench: Bench) -> None:
    bench.made(PICKUP)

    text = PdfReader(io.BytesIO(bench.label(FIRST).content)).pages[0].extract_text()

    for said in ("Jana", "CZ21570", "OBJ-2026-00417", "COD 1290 CZK", "1.35 kg", "0011000 1384 5600 0123 45 337 203"):
        assert said in text


@pytest.mark.parametrize("ident", [FIRST, f"no-{FIRST}", "id-550000001"])
def test_one_label_is_asked_for_by_number_or_id(bench: Bench, ident: str) -> None:
    bench.made(ONE_BOX)

    ((_, (code,)),) = pages(bench.post(f"/parcels/{ident}/labels", PDF, "application/pdf").content)

    assert code[8:22] == FIRST


@pytest.mark.parametrize("ident", ["1", f"id-{FIRST}", "id-1", "no-1", f"xx-{FIRST}"])
def test_an_unknown_one_is_refused(bench: Bench, ident: str) -> None:
    bench.made(ONE_BOX)

    assert bench.post(f"/parcels/{ident}/labels", PDF, "application/pdf").status_code == 404


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("printType", "pdf"),
        ("printProperties.pageSize", "A5"),
        ("printProperties.labelsPerPage", 4),
        ("printProperties.labelsPerPage", "1"),
        ("printProperties.position", 1),
        ("parcels", []),
        ("parcels", [FIRST]),
        ("parcels", [{"parcelNumber": int(FIRST)}]),
    ],
)
def test_a_wrong_wish_is_refused(bench: Bench, path: str, value: Any) -> None:
    bench.made(ONE_BOX)
    wish = {**PDF, "parcels": [{"parcelNumber": FIRST}]}

    assert bench.post("/parcels/labels", with_(wish, path, value), "application/pdf").status_code == 400


@pytest.mark.parametrize(("how", "accept"), [(PDF, "*/*"), (PDF, "text/html"), (ZPL, "application/pdf")])
def test_what_is_wanted_must_be_said(bench: Bench, how: dict[str, Any], accept: str) -> None:
    bench.made(ONE_BOX)

    assert bench.label(FIRST, how=how, accept=accept).status_code == 406


def test_an_unknown_number_among_others_commits_nothing(bench: Bench) -> None:
    (shipment,) = bench.create(ONE_BOX).json()

    answer = bench.label(FIRST, "13845600099999")

    assert (answer.status_code, answer.json()["description"]) == (404, "13845600099999")
    assert bench.delete(f"/shipments/{shipment['id']}").status_code == 204


def test_labels_can_be_printed_again(bench: Bench) -> None:
    bench.made(ONE_BOX)

    assert bench.label(FIRST).content == bench.label(FIRST).content


def test_a_drop_off_code_is_read_back_and_stays(bench: Bench) -> None:
    bench.made(ONE_BOX)

    first, second = (
        bench.post(f"/parcels/{FIRST}/drop-off-codes", {"aztec": {"format": "PNG"}}).json() for _ in range(2)
    )

    assert first == second
    assert first["pin"]["value"].isdigit()
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(base64.b64decode(first["aztec"]["value"]))))
    assert (code.format, code.text) == (zxingcpp.BarcodeFormat.Aztec, FIRST)


@pytest.mark.parametrize("digits", ["0", "7" * 15, "010101010101010", "999999999999999", "000000000000000"])
def test_aztec_codes_of_all_lengths_are_read_back(digits: str) -> None:
    read = zxingcpp.read_barcodes(Image.open(io.BytesIO(aztec.png(digits))))

    assert [code.text for code in read] == [digits]


def test_a_shipment_is_labelled_or_label_less_for_its_whole_life(bench: Bench) -> None:
    labelled, _, coded = bench.made(HOME, ONE_BOX)
    wish = {"aztec": {"format": "PNG"}}
    bench.label(labelled)
    bench.post(f"/parcels/{coded}/drop-off-codes", wish)

    assert bench.post(f"/parcels/{labelled}/drop-off-codes", wish).status_code == 409
    assert bench.label(labelled, coded).status_code == 409


@pytest.mark.parametrize("body", [{}, {"aztec": {}}, {"aztec": {"format": "SVG"}}, {"qr": {"format": "PNG"}}])
def test_a_wrong_wish_for_a_code_is_refused(bench: Bench, body: Any) -> None:
    bench.made(ONE_BOX)

    assert bench.post(f"/parcels/{FIRST}/drop-off-codes", body).status_code == 400
