"""By which form a label is printed, and where on its page."""

import json

import pytest

from carriers.base import Format
from carriers.ceska_posta import calls, forms
from carriers.errors import CarrierRefused, Kind
from tests.carriers.ceska_posta.sample import ACCOUNT, HOME, STAMP, TODAY, account, post


@pytest.mark.parametrize(
    ("code", "said", "form"),
    [
        ("DR", "", 101),
        ("V 5847769990L", "", 101),
        ("RR950819194CZ", "", 21),
        ("RR", "RR=39", 39),
        ("RR950819194CZ", "DR=102, RR = 22", 22),
        ("V 5847769990L", "V=102", 102),
        ("RR", "RR=26", 21),  # stickers are a sheet
        ("CE", "", None),
        ("CE", "CE=72", 72),
        ("EM", "EM=72", None),  # business parcels only
        ("EM", "EM=58", 58),
        ("DR", "DR=58", 101),
        ("CE", "CE=57", None),  # a declaration
        ("DR", "DR=many,=,,X", 101),
    ],
)
def test_a_product_has_the_form_the_account_gives_where_it_can_be(code, said, form) -> None:
    assert calls.form_of(account(forms=said), code, Format.PDF) == form


@pytest.mark.parametrize(("said", "form"), [("", None), ("CN=57", 57), ("CE=72, CN=56", 56), ("CN=72", None)])
def test_a_declaration_has_the_form_the_account_gives(said, form) -> None:
    assert forms.declaration(account(forms=said)) == form


@pytest.mark.parametrize(("said", "form"), [("", 200), ("201", 201), (" 202 ", 202), ("101", 200), ("x", 200)])
def test_zpl_has_the_size_the_account_gives(said, form) -> None:
    assert calls.form_of(account(zpl=said), "DR", Format.ZPL) == form


def test_labels_are_moved_on_their_page() -> None:
    given = account(shift_horizontal="3", shift_vertical="-12", forms="DR=102")

    booking = json.loads(calls.create_call(given, HOME, today=TODAY, stamp=STAMP).body)["parcelServiceHeader"]
    again = json.loads(calls.print_call(given, ["DR4362230958U"], Format.PDF, stamp=STAMP).body)["printingHeader"]

    assert booking["printParams"] == {"idForm": 102, "shiftHorizontal": 3, "shiftVertical": -12}
    assert (again["idForm"], again["shiftHorizontal"], again["shiftVertical"]) == (102, 3, -12)


def test_an_account_with_nothing_special_prints_as_it_is() -> None:
    assert forms.shifts(ACCOUNT) == {"shiftHorizontal": 0, "shiftVertical": 0}
    assert list(forms.wrong(ACCOUNT)) == []


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"forms": "RR=39,CE=73,V=102", "zpl": "202", "shift_vertical": "-3"}, []),
        ({"forms": "RR=26"}, ["forms: RR=26"]),
        ({"forms": "RR=39; CE=72"}, ["forms: RR=39; CE=72"]),
        ({"forms": "CV=72"}, ["forms: CV=72"]),
        ({"zpl": "203"}, ["zpl: 203"]),
        ({"shift_horizontal": "1.5"}, ["shift_horizontal: 1.5"]),
    ],
)
def test_what_an_account_says_of_labels_and_cannot_be_is_told(given, wrong) -> None:
    assert list(forms.wrong(account(**given))) == wrong


def test_a_login_that_says_so_does_not_pass_its_test() -> None:
    adapter, wire = post(given=account(forms="RR=999"))

    with pytest.raises(CarrierRefused) as refusal:
        adapter.test()

    assert (refusal.value.kind, wire.calls) == (Kind.ACCOUNT, [])
