"""Česká pošta's stand-in: numbers, sets of boxes, batches and labels (carriers.md 5.2, 5.3, 5.7)."""

import base64
from typing import Any

import httpx
import pytest

from simulator.carriers.ceska_posta import numbers
from tests.simulator.carriers.posta_client import Posta, boxes, home, order, posta, with_
from tests.simulator.carriers.yard import codes

OK = {"responseCode": 1, "responseText": "OK"}
LOST = (httpx.ReadTimeout, httpx.RemoteProtocolError, httpx.ConnectError)
ROW = "{http://www.cpost.cz/schema/aict/zv_2}row"
FEED = "http://napostu.ceskaposta.cz/vystupy/balikovny.xml"


@pytest.fixture
def it() -> Posta:
    return posta()


@pytest.fixture
def ranged() -> Posta:
    found = posta()
    found.account = "ranged"
    return found


def own(serial: int, *, check: int | None = None, **changes: Any) -> dict[str, Any]:
    """Return an order of the account with numbers of its own."""
    number = numbers.national("NB", f"777{serial:06d}", "T")
    number = number if check is None else f"{number[:11]}{(int(number[11]) + check) % 10}{number[12]}"
    return order(**{"customerID": "L00124", "parcelCode": number, **changes})


def batch(*asked: dict[str, Any], **header: Any) -> dict[str, Any]:
    common = asked[0]["parcelServiceHeader"]["parcelServiceHeaderCom"]
    sets = [
        one["parcelServiceData"] | {name: one[name] for name in ("multipartParcelData",) if name in one}
        for one in asked
    ]
    return {"parcelHeader": {**common, **header}, "parcelDataList": sets}


@pytest.mark.parametrize(
    "number", ["DR4362230958U", "NB5847769990L", "NB0600004030U", "RR950819194CZ", "VL800017039CZ"]
)
def test_the_contracts_numbers_have_their_check_digits(number: str) -> None:
    read = numbers.NATIONAL.fullmatch(number) or numbers.S10.fullmatch(number)

    assert read
    digits = read.groupdict().get("nine") or read.groupdict()["eight"]
    assert int(read["check"]) == numbers.check_digit(digits)


def test_numbers_follow_each_other_by_product(it: Posta) -> None:
    assert [it.made(), it.made(home()), it.made(), it.made(home())] == [
        "NB5847769990L",
        "DR4362230958U",
        numbers.national("NB", "584777000", "L"),
        numbers.national("DR", "436223096", "U"),
    ]


def test_a_row_of_numbers_ends(it: Posta) -> None:
    it.yard.world.accounts["shop"].given["ranges"] = {"NB": [("58477", "L", 9_999)]}
    it.made()

    assert it.codes(order()) == [102]


def test_the_same_order_again_makes_a_second_parcel(it: Posta) -> None:
    made = [it.made(), it.made()]

    assert it.yard.world.made() == {"OBJ202600417": made}


def test_a_number_of_ones_own_is_taken_once(ranged: Posta) -> None:
    number = ranged.made(own(1))

    assert number == own(1)["parcelServiceData"]["parcelParams"]["parcelCode"]
    assert ranged.codes(own(1)) == [101]
    assert len(ranged.yard.world.parcels) == 1


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (own(1, check=1), 145),
        (own(1, parcelCode="NB123"), 100),
        (own(1, parcelCode=numbers.national("NB", "778000001", "T")), 100),
        (own(1, parcelCode=numbers.national("NB", "777000001", "U")), 100),
        (own(1, parcelCode=numbers.national("DR", "777000001", "T")), 100),
    ],
)
def test_a_wrong_number_of_ones_own_is_refused(ranged: Posta, asked: dict[str, Any], code: int) -> None:
    assert ranged.codes(asked) == [code]


def test_boxes_of_a_set_get_a_number_each(it: Posta) -> None:
    told = it.book(boxes(3))

    found = [(one["recordNumber"], one["parcelCode"]) for one in told["resultParcelData"]]
    assert [name for name, _ in found] == ["OBJ418", "OBJ418-2", "OBJ418-3"]
    assert it.yard.world.made() == {name: [number] for name, number in found}
    assert codes(base64.b64decode(told["responsePrintParams"]["file"])) == [
        [("Code128", number)] for _, number in found
    ]


def test_boxes_named_alike_are_no_second_labels(it: Posta) -> None:
    it.book(boxes(2, recordID="OBJ418"))

    assert all(len(made) == 1 for made in it.yard.world.made().values())


def test_a_good_box_of_a_refused_set_has_a_number_and_is_not_registered(it: Posta) -> None:
    told = it.book(boxes(2, weight="0"))

    good, bad = told["resultParcelData"]
    assert told["resultHeader"]["responseCode"] == 19
    assert good["parcelCode"]
    assert good["parcelStateResponse"] == [{"responseCode": 1, "responseText": "OK"}]
    assert bad == {
        "recordNumber": "OBJ418-2",
        "parcelCode": "",
        "parcelStateResponse": [{"responseCode": 104, "responseText": "INVALID_WEIGHT"}],
    }
    assert not it.yard.world.parcels
    assert it.rows(good["parcelCode"])[0]["id"] == "-3"


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [(["M", "7"], ["70"], 113), (["M", "7", "69"], ["70"], 113), (["M", "7", "70", "69"], ["70"], 112)],
)
def test_a_set_needs_its_service(it: Posta, first: list[str], second: list[str], code: int) -> None:
    asked = with_(boxes(2), parcelServices=first)
    asked["multipartParcelData"][0]["addParcelDataServices"] = second

    assert code in it.codes(asked)


@pytest.mark.parametrize(("services", "code"), [([], 113), (["70", "46"], 112), (["70", "41"], 112)])
def test_a_further_box_has_the_service_of_sets_alone(it: Posta, services: list[str], code: int) -> None:
    asked = boxes(2)
    asked["multipartParcelData"][0]["addParcelDataServices"] = services

    states = it.book(asked)["resultParcelData"][1]["parcelStateResponse"]
    assert [one["responseCode"] for one in states] == [code]


def test_postings_stay_open_until_one_closes_them(it: Posta) -> None:
    def are_open() -> list[bool]:
        return [parcel.bag["is_open"] for parcel in it.yard.world.parcels.values()]

    it.made(order())
    it.made(order(transmissionEnd=False))
    it.made(order(transmissionEnd=False))
    assert are_open() == [False, True, True]
    it.made(order(transmissionEnd=True))

    assert are_open() == [False] * 4


def test_a_posting_is_closed_by_a_request_without_a_parcel(it: Posta) -> None:
    last = {"parcelServiceHeader": order(transmissionEnd=True)["parcelServiceHeader"]}
    it.made(order(transmissionEnd=False))

    assert [it.book(last)["resultHeader"]["responseCode"] for _ in range(2)] == [1, 15]
    assert [parcel.bag["is_open"] for parcel in it.yard.world.parcels.values()] == [False]
    assert it.post("/parcelService", {"parcelServiceHeader": order()["parcelServiceHeader"]}).status_code == 400


def test_the_end_of_a_posting_stands_beside_the_common_fields_and_not_among_them(it: Posta) -> None:
    asked = order()
    asked["parcelServiceHeader"]["parcelServiceHeaderCom"]["transmissionEnd"] = True

    assert it.post("/parcelService", asked).status_code == 400


def test_a_batch_is_done_a_moment_later(it: Posta) -> None:
    answer = it.post("/sendParcels", batch(order(), home()))
    assert answer.status_code == 202
    path = f"/sendParcels/idTransaction/{answer.json()['idTransaction']}"
    assert it.send("GET", path).status_code == 202
    it.yard.go(seconds=2)

    told = it.send("GET", path)
    assert told.status_code == 200
    assert told.json() == {
        "StatusResponseList": [OK],
        "ResultSendParcelsList": [
            {"recordNumber": name, "parcelCode": number, "parcelStateResponse": [OK]}
            for name, number in (("OBJ202600417", "NB5847769990L"), ("OBJ418", "DR4362230958U"))
        ],
    }
    it.account = "second"
    assert it.send("GET", path).status_code == 404


@pytest.mark.parametrize(("is_enough", "code", "made"), [(False, 19, 0), (True, 1, 1)])
def test_one_bad_record_refuses_a_batch_unless_the_good_are_enough(
    it: Posta, is_enough: bool, code: int, made: int
) -> None:
    answer = it.post("/sendParcels", batch(order(), home(weight="0"), goodToAccept=is_enough))
    it.yard.go(seconds=2)

    told = it.send("GET", f"/sendParcels/idTransaction/{answer.json()['idTransaction']}").json()
    assert told["StatusResponseList"][0]["responseCode"] == code
    assert [one["parcelStateResponse"][0]["responseCode"] for one in told["ResultSendParcelsList"]] == [1, 104]
    assert len(it.yard.world.parcels) == made


@pytest.mark.parametrize(("weight", "made"), [("1.000", 3), ("0", 1)])
def test_a_set_in_a_batch_is_taken_whole_or_not_at_all(it: Posta, weight: str, made: int) -> None:
    it.post("/sendParcels", batch(order(), boxes(2, weight=weight), goodToAccept=True))

    assert len(it.yard.world.parcels) == made


@pytest.mark.parametrize(("count", "status"), [(0, 400), (1_000, 202), (1_001, 400)])
def test_a_batch_has_a_thousand_at_most(it: Posta, count: int, status: int) -> None:
    asked = batch(order())
    asked["parcelDataList"] = asked["parcelDataList"] * count

    assert it.post("/sendParcels", asked).status_code == status


def test_without_print_parameters_there_is_no_label(it: Posta) -> None:
    assert "responsePrintParams" not in it.book(order(printParams=None))


def test_a_form_that_does_not_fit_leaves_the_parcel_without_a_label(it: Posta) -> None:
    told = it.book(order(printParams={"idForm": 72}))

    assert told["resultHeader"]["responseCode"] == 1
    assert told["responsePrintParams"]["file"] == ""
    assert told["responsePrintParams"]["printParamsResponse"][0]["responseCode"] == 378
    assert len(it.yard.world.parcels) == 1


@pytest.mark.parametrize("id_form", [7, 8, 20, 21, 39, 40, 41, 100, 101, 102, 103])
def test_a_label_of_every_form_is_readable(it: Posta, id_form: int) -> None:
    code, file = it.label(it.made(), id_form=id_form)

    assert (code, codes(file)) == (1, [[("Code128", "NB5847769990L")]])


def test_labels_come_in_the_order_asked_from_the_place_asked(it: Posta) -> None:
    made = [it.made(), it.made(home()), it.made()]

    assert codes(it.label(*made[::-1])[1]) == [[("Code128", number)] for number in made[::-1]]
    assert [len(page) for page in codes(it.label(*made, id_form=100, position=3)[1])] == [2, 1]


@pytest.mark.parametrize(("id_form", "size"), [(200, "^PW839^LL1183"), (201, "^PW799^LL1199"), (202, "^PW799^LL999")])
def test_zpl_says_the_number(it: Posta, id_form: int, size: str) -> None:
    text = it.label(it.made(), id_form=id_form)[1].decode()

    assert size in text
    assert text.count("^XA") == text.count("^FDNB5847769990L^FS") == 1


@pytest.mark.parametrize(("id_form", "position"), [(26, 1), (22, 1), (57, 1), (72, 1), (999, 1), (100, 5)])
def test_a_form_that_does_not_fit_prints_nothing(it: Posta, id_form: int, position: int) -> None:
    assert it.label(it.made(), id_form=id_form, position=position) == (378, b"")


def test_an_unknown_number_or_anothers_prints_nothing(it: Posta) -> None:
    number = it.made()

    assert it.label(number, "NB5847770000L") == (100, b"")
    it.account = "second"
    assert it.label(number) == (100, b"")


@pytest.mark.parametrize(("count", "status"), [(0, 400), (500, 200), (501, 400)])
def test_five_hundred_labels_are_the_most(it: Posta, count: int, status: int) -> None:
    asked = {"printingHeader": {"customerID": "L00123", "idForm": 999}, "printingData": [it.made()] * count}

    assert it.post("/parcelPrinting", asked).status_code == status


def test_a_late_order_with_a_number_of_its_own_is_known_by_its_second(ranged: Posta) -> None:
    ranged.yard.world.faults.add("late", seconds=90)
    with pytest.raises(LOST):
        ranged.book(own(1))
    ranged.yard.go(seconds=91)

    assert ranged.codes(own(1)) == [101]
