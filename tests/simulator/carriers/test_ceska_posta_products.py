"""Česká pošta's stand-in: every product, services abroad, the customs, forms for abroad (carriers.md 5.2, 5.3)."""

import re
from typing import Any

import pytest

from simulator.carriers.ceska_posta import numbers
from tests.simulator.carriers.posta_client import GOOD, Posta, home, order, posta, with_
from tests.simulator.carriers.yard import codes

OFFICE = {"street": "Orlí", "houseNumber": "30", "city": "Brno", "zipCode": "60200"}
SENT_GOOD = {**GOOD, "iso": "CZ"}


@pytest.fixture
def it() -> Posta:
    return posta()


def abroad(country: str = "US", prefix: str = "CE", services: tuple[str, ...] = ("43",), **params: Any) -> Any:
    asked = home(prefixParcelCode=prefix, parcelServices=[*services], insuredValue=0, street="Main Street", city="Troy")
    asked["parcelServiceData"]["parcelAddress"]["address"] |= {"zipCode": "12180", "isoCountry": country}
    return with_(asked, **params)


def declared(asked: Any, *goods: Any, **changes: Any) -> Any:
    told = {"category": "91", "customValCur": "EUR", "parcelCustomGoods": [*goods] or [SENT_GOOD], **changes}
    asked["parcelServiceData"]["parcelCustomsDeclaration"] = {n: v for n, v in told.items() if v is not None}
    return asked


@pytest.mark.parametrize("prefix", ["DV", "DE"])
def test_variants_to_the_door_need_their_size(it: Posta, prefix: str) -> None:
    assert it.codes(home(prefixParcelCode=prefix, parcelServices=["7"])) == [261]
    assert it.made(home(prefixParcelCode=prefix))


@pytest.mark.parametrize("prefix", ["NP", "NV", "NA"])
def test_an_office_takes_what_is_addressed_to_it(it: Posta, prefix: str) -> None:
    assert it.yard.world.parcels[it.made(home(prefixParcelCode=prefix, address=OFFICE))].bag["record"].prefix == prefix


@pytest.mark.parametrize("prefix", ["B", "BB", "V", "VV", "EE", "VL"])
def test_what_is_insured_by_its_name_needs_a_value(it: Posta, prefix: str) -> None:
    assert it.codes(home(prefixParcelCode=prefix, parcelServices=[], insuredValue=0)) == [113]
    assert it.made(home(prefixParcelCode=prefix, parcelServices=["7"]))


@pytest.mark.parametrize("prefix", ["BA", "BN", "BE", "BP", "RR", "RT"])
def test_packets_and_letters_need_nothing(it: Posta, prefix: str) -> None:
    assert it.made(home(prefixParcelCode=prefix, parcelServices=[], insuredValue=0))


@pytest.mark.parametrize("prefix", ["CE", "CS", "EM"])
def test_a_parcel_abroad_has_an_international_number(it: Posta, prefix: str) -> None:
    number = it.made(declared(abroad(prefix=prefix)))

    assert numbers.S10.fullmatch(number)
    assert number.startswith(prefix)


def test_an_insured_parcel_abroad_needs_its_value(it: Posta) -> None:
    assert it.codes(declared(abroad(prefix="CV"))) == [113]
    assert it.made(declared(abroad(prefix="CV", services=("43", "7"), insuredValue=500)))


@pytest.mark.parametrize("service", ["42", "43", "44", "4A", "4B", "4C", "4D", "9A", "9B"])
def test_services_for_abroad_are_not_for_home(it: Posta, service: str) -> None:
    assert 112 in it.codes(home(parcelServices=["M", "7", service]))


@pytest.mark.parametrize("services", [("43", "4A", "4D"), ("43", "9A", "9B"), ("43", "44")])
def test_only_one_can_be_done_with_what_comes_back(it: Posta, services: tuple[str, ...]) -> None:
    assert 112 in it.codes(declared(abroad(services=services)))
    assert it.made(declared(abroad(services=("43", "4A", "9B"))))


@pytest.mark.parametrize(
    ("country", "service", "is_taken"),
    [("US", "43", False), ("CH", "44", False), ("DE", "44", False), ("DE", "43", True), ("US", "42", True)],
)
def test_goods_out_of_the_union_are_declared(it: Posta, country: str, service: str, is_taken: bool) -> None:
    asked = abroad(country, services=(service,))

    assert bool(it.made(asked)) if is_taken else it.codes(asked) == [206]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"category": None}, 207),
        ({"category": ""}, 207),
        ({"customValCur": None}, 208),
        ({"parcelCustomGoods": [SENT_GOOD | {"weight": "0.01"}] * 21}, 227),
    ],
)
def test_a_wrong_declaration_has_its_code(it: Posta, changes: dict[str, Any], code: int) -> None:
    assert it.codes(declared(abroad(), **changes)) == [code]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"quantity": 1.5}, 209),
        ({"quantity": "kus"}, 209),
        ({"weight": "0.0001"}, 211),
        ({"weight": "-1"}, 211),
        ({"customVal": 0.001}, 226),
        ({"hsCode": ""}, 215),
    ],
)
def test_a_wrong_row_of_goods_has_its_code(it: Posta, change: dict[str, Any], code: int) -> None:
    assert it.codes(declared(abroad(), SENT_GOOD | change)) == [code]


def test_twenty_rows_of_goods_are_taken(it: Posta) -> None:
    assert it.made(declared(abroad(), *[SENT_GOOD | {"weight": "0.05"}] * 20))


@pytest.mark.parametrize("id_form", [57, 58, 63, 72, 73])
def test_forms_for_abroad_are_printed(it: Posta, id_form: int) -> None:
    number = it.made(declared(abroad()))

    code, file = it.label(number, id_form=id_form)

    assert (code, codes(file)) == (1, [[("Code128", number)]])


@pytest.mark.parametrize("id_form", [72, 73])
def test_two_forms_are_for_one_product_alone(it: Posta, id_form: int) -> None:
    assert it.label(it.made(declared(abroad(prefix="CS"))), id_form=id_form) == (378, b"")


@pytest.mark.parametrize(
    ("field", "value"),
    [("specSym", "12345678901"), ("returnNumDays", "365"), ("pallets", 100), ("mrn", "x" * 19), ("note2", "x" * 51),
     ("referenceNumber", "x" * 31), ("width", 1_000)],
)  # fmt: skip
def test_a_field_that_is_too_long_is_named_in_a_400(it: Posta, field: str, value: Any) -> None:
    answer = it.post("/parcelService", order(**{field: value}))

    assert answer.status_code == 400
    assert f"{field}:" in answer.json()[0]["message"]


def test_the_control_tells_what_was_declared(it: Posta) -> None:
    it.made(declared(abroad()))

    facts = it.yard.told("/parcels")["parcels"][0]["facts"]
    assert facts["customs"]["parcelCustomGoods"] == [SENT_GOOD]
    assert facts["services"] == ["43"]
    assert facts["contact"]["phone"] == "+420601234567"


@pytest.mark.parametrize("code", ["8E", "9B", "P2", "BG1"])
def test_a_code_is_said_when_told(it: Posta, code: str) -> None:
    number = it.made()
    it.yard.world.say([number], code)
    it.yard.world.hand_over([number])

    assert [row["id"] for row in it.rows(number)] == ["-M", code, "21"]


@pytest.mark.parametrize(("shift", "status"), [(-5, 200), (999, 200), (1_000, 400), (1.5, 400)])
def test_a_shift_is_whole_millimetres(it: Posta, shift: float, status: int) -> None:
    asked = order(printParams={"idForm": 101, "shiftHorizontal": shift, "shiftVertical": 0})

    assert it.post("/parcelService", asked).status_code == status


def test_the_list_of_offices_has_offices_alone(it: Posta) -> None:
    text = it.yard.client.get("/vystupy/napostu.xml").text

    assert set(re.findall(r"<TYP>(.*?)</TYP>", text)) == {"pošta"}
    assert "<PSC>60200</PSC>" in text
