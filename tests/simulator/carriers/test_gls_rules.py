"""GLS: what a parcel is held against, field by field and service by service."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator.carriers.gls_client import HOME, PARCEL, Bench, other, with_


@pytest.fixture
def bench() -> Bench:
    return Bench()


def service(code: str, **parameter: Any) -> dict[str, Any]:
    return {"Code": code, f"{code}Parameter": parameter} if parameter else {"Code": code}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("ClientNumber", None),
        ("ClientNumber", "50001234"),
        ("ClientNumber", 2**31),
        ("ClientReference", 417),
        ("Count", "1"),
        ("Count", 1.0),
        ("CODAmount", "1290"),
        ("CODAmount", 1290.5),
        ("CODAmount", 1e300),
        ("CODReference", 202600417),
        ("Content", ["Obj."]),
        ("PickupDate", "2026-03-05"),
        ("PickupDate", 1772700000000),
        ("PickupAddress", None),
        ("DeliveryAddress", "Brno"),
        ("DeliveryAddress.Name", ""),
        ("DeliveryAddress.Street", None),
        ("DeliveryAddress.City", "  "),
        ("DeliveryAddress.ZipCode", "602 00"),
        ("DeliveryAddress.ZipCode", 60200),
        ("DeliveryAddress.ContactPhone", "601234567"),
        ("DeliveryAddress.ContactPhone", "+420 601 234 567"),
        ("DeliveryAddress.ContactEmail", "jana"),
        ("DeliveryAddress.HouseNumber", "12/3"),
        ("DeliveryAddress.HouseNumber", "12a"),
        ("DeliveryAddress.HouseNumber", 12),
        ("DeliveryAddress.CountryIsoCode", "cz"),
        ("DeliveryAddress.Phone", "+420601234567"),
        ("PickupAddress.ZipCode", "1900"),
        ("ParcelPropertyList", {}),
        ("ParcelPropertyList.0.PackageType", 8),
        ("ParcelPropertyList.0.PackageType", 0),
        ("ParcelPropertyList.0.Height", 15.5),
        ("ParcelPropertyList.0.Length", "30"),
        ("ParcelPropertyList.0.Width", 0),
        ("ParcelPropertyList.0.Weight", "1.35"),
        ("ParcelPropertyList.0.Weight", 0),
        ("ParcelPropertyList.0.Depth", 1),
        ("ServiceList", {}),
        ("PickupType", 2),
        ("Reference", "x"),
    ],
)
def test_a_field_that_breaks_its_rule_is_named_by_its_path(bench: Bench, path: str, value: Any) -> None:
    told = {text for code, text in bench.wrong(with_(PARCEL, path, value)) if code == 13}

    assert f"Parcel validation issue: {path.replace('.0.', '[0].')}" in told
    assert bench.world.parcels == {}


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("CODAmount", -1, 8),
        ("ClientNumber", 50001235, 14),
        ("DeliveryAddress.HouseNumber", "0", 23),
        ("DeliveryAddress.HouseNumber", "000", 23),
        ("PickupAddress.HouseNumber", "0", 23),
        ("Count", 0, 29),
        ("Count", 100, 29),
        ("ServiceList", [service("FSS", Value="+420601234567")], 30),
        ("SenderIdentityCardNumber", "123456789", 44),
        ("CODCurrency", "EUR", 48),
        ("CODCurrency", None, 48),
    ],
)
def test_some_rules_have_codes_of_their_own(bench: Bench, path: str, value: Any, code: int) -> None:
    assert [one for one, _ in bench.wrong(with_(PARCEL, path, value))] == [code]


def test_insured_is_one_box(bench: Bench) -> None:
    insured = other("INS", ServiceList=[service("INS", Value=50000)])

    assert [code for code, _ in bench.wrong(insured | {"Count": 2})] == [28]
    assert bench.printed(insured)


def test_some_accounts_need_a_reference_and_a_content(bench: Bench) -> None:
    bare = {name: value for name, value in HOME.items() if name not in ("ClientReference", "Content")}
    assert bench.printed(bare) == [{"ClientReference": "", "ParcelId": 90210001, "ParcelNumber": 31177007966}]

    bench.world.accounts["shop"].given["needs"] = ("ClientReference", "Content")
    answer = bench.print(bare)
    assert [(one["ErrorCode"], one["ClientReferenceList"]) for one in answer["PrintLabelsErrorList"]] == [
        (32, []),
        (33, []),
    ]


def test_serbia_needs_the_senders_card(bench: Bench) -> None:
    bench.world.accounts["shop"].given["country"] = "RS"
    bench.base = "https://api.mygls.rs"
    assert [code for code, _ in bench.wrong(HOME)] == [43]

    assert bench.printed(HOME | {"SenderIdentityCardNumber": "123456789"})


def test_a_locker_return_is_for_hungary(bench: Bench) -> None:
    locker = other("LRS", ServiceList=[service("LRS")], PickupType=2)
    assert bench.wrong(locker) == [(13, "Parcel validation issue: PickupType")]

    bench.world.accounts["shop"].given["country"] = "HU"
    bench.base = "https://api.mygls.hu"
    assert bench.printed(locker)
    assert bench.wrong(locker | {"PickupType": 1}) == [(13, "Parcel validation issue: PickupType")]


TODAY = "/Date(1772438400000)/"
LATER = "/Date(1772442000000+0100)/"
FDS = service("FDS", Value="jana@example.cz")


@pytest.mark.parametrize(
    "services",
    [
        None,
        [],
        *([service(code)] for code in ("24H", "SAT", "T09", "T10", "T12", "TGS", "XS", "SRS", "PSS", "PRS")),
        [FDS, service("FSS", Value="+420601234567")],
        [service("SM1", Value="+420601234567|Balík #ParcelNr# od #From_Name#, #COD# Kč")],
        [service("SM2", Value="+420601234567"), service("CS1", Value="+420601234567")],
        [service("INS", Value=50000.5)],
        [service("DPV", StringValue="Knihy", DecimalValue=1290)],
        [service("AOS", Value="Jana Dvořáková")],
        [service("DDS", Value=LATER)],
        [service("SDS", TimeFrom=TODAY, TimeTo=LATER)],
        [service("SZL", Value="x" * 15)],
        [service("ADR", AdrItemType=1, AmountUnit=2, InnerCount=3, PackSize=4.5, UnNumber=1263)],
        [service("PSD", IntegerValue=1_000_001)],
    ],
)
def test_services_are_taken_as_listed(bench: Bench, services: Any) -> None:
    assert bench.printed(other("S", ServiceList=services))


@pytest.mark.parametrize(
    "bad",
    [
        service("XXX"),
        service("psd", StringValue="CZ60200-PARCELSHOP01"),
        {},
        service("PSD"),
        service("PSD", Value="CZ60200-PARCELSHOP01"),
        service("PSD", StringValue="CZ60200-PARCELSHOP99"),
        service("PSD", StringValue="CZ60200-PARCELSHOP01", IntegerValue=1_000_001),
        service("PSD", IntegerValue="1000001"),
        service("PSD", IntegerValue=1),
        service("FDS", Value="jana"),
        service("FDS", StringValue="jana@example.cz"),
        service("SM1", Value="+420601234567"),
        service("SM1", Value="+420601234567|#Name#"),
        service("SM2", Value="601234567"),
        service("INS", Value="50000"),
        service("DPV", StringValue="Knihy"),
        service("AOS", Value=""),
        service("DDS", Value="2026-03-05"),
        service("SDS", TimeFrom=LATER, TimeTo=TODAY),
        service("SDS", TimeFrom=TODAY),
        service("SZL", Value="x" * 16),
        service("ADR", UnNumber=1263),
        service("SAT") | {"SATParameter": {"Value": "x"}},
        service("AOS", Value="Jana") | {"FDSParameter": {"Value": "jana@example.cz"}},
        {"Code": "AOS", "AOSParameter": "Jana"},
    ],
)
def test_a_service_without_its_own_parameter_is_refused(bench: Bench, bad: dict[str, Any]) -> None:
    assert bench.wrong(other("S", ServiceList=[bad])) == [
        (13, f"Parcel validation issue: ServiceList.{bad.get('Code')}")
    ]


def test_a_service_is_asked_for_once(bench: Bench) -> None:
    assert bench.wrong(other("S", ServiceList=[service("SAT"), service("SAT")])) == [
        (13, "Parcel validation issue: ServiceList")
    ]


@pytest.mark.parametrize("name", ["ContactName", "ContactPhone", "ContactEmail"])
def test_a_point_needs_to_know_whom_to_call(bench: Bench, name: str) -> None:
    path = f"DeliveryAddress.{name}"

    assert bench.wrong(with_(PARCEL, path, "")) == [(13, f"Parcel validation issue: {path}")]
    assert bench.printed(with_(HOME, path, ""))


def test_a_point_without_money_gets_no_cod(bench: Bench) -> None:
    bench.world.points["CZ60200-PARCELSHOP01"].takes_cod = False

    assert bench.wrong(PARCEL) == [(13, "Parcel validation issue: CODAmount")]


def test_the_service_cod_needs_an_amount(bench: Bench) -> None:
    assert bench.wrong(other("S", ServiceList=[service("COD")])) == [(13, "Parcel validation issue: CODAmount")]
    assert bench.printed(other("S", ServiceList=[service("COD")], CODAmount=1290, CODCurrency="CZK"))


@pytest.mark.parametrize(
    ("country", "zip_", "currency", "amount", "is_good"),
    [
        ("CZ", "60200", "CZK", 1290, True),
        ("CZ", "60200", "CZK", 1290.0, True),
        ("SK", "01001", "EUR", 12.34, True),
        ("SK", "01001", "EUR", 12.345, False),
        ("SK", "01001", "CZK", 300, False),
        ("HU", "1011", "HUF", 4995, True),
        ("HU", "1011", "HUF", 4995.5, False),
        ("RO", "010011", "RON", 99.9, True),
        ("DE", "10115", "EUR", 10, False),
    ],
)
def test_cod_is_in_the_money_of_where_it_is_collected(
    bench: Bench, country: str, zip_: str, currency: str, amount: float, *, is_good: bool
) -> None:
    address = PARCEL["DeliveryAddress"] | {"CountryIsoCode": country, "ZipCode": zip_}
    wrong = bench.wrong(other("COD", DeliveryAddress=address, CODAmount=amount, CODCurrency=currency))

    assert (wrong == []) is is_good


def test_all_that_is_wrong_is_told(bench: Bench) -> None:
    bad = with_(with_(PARCEL, "DeliveryAddress.City", ""), "Count", 0)

    assert [code for code, _ in bench.wrong(bad)] == [13, 29]


def places(value: Any, path: str = "") -> list[str]:
    """Return the path of every field of a parcel."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    below = [one for name, held in inner for one in places(held, f"{path}.{name}".strip("."))]
    return [path, *below] if path else below


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
BENCH = Bench()


@settings(max_examples=150, deadline=None)
@given(path=st.sampled_from(places(PARCEL)), value=JSON)
def test_whatever_a_field_holds_is_taken_or_refused(path: str, value: Any) -> None:
    BENCH.go(minutes=6)
    answer = BENCH.print(with_(PARCEL, path, value), TypeOfPrinter="ThermoZPL")

    assert bool(answer["PrintLabelsErrorList"]) is not bool(answer["PrintLabelsInfoList"])
    assert (answer["Labels"] is None) is not bool(answer["PrintLabelsInfoList"])
