"""Which pairing an order has, what may be paired, and what fits a shipment of the shop."""

from dataclasses import replace
from typing import Any

import pytest

from carriers import check
from service import codebooks, pairings
from service.affiliates import Source
from service.codebooks import Entry
from service.db import Database
from service.pairings import Pairing, Second
from service.platform.shapes import CodebookEntry
from service.steps import pairing, suggesting
from service.steps.pairing import Bar, Unpaired
from service.steps.suggesting import Reason
from tests.shop_items import NOON

ABLES = pairing.every()
HOME, POINT = Pairing("ppl", "PRIV"), Pairing("ppl", "SMAR")


def entry(entry_id: str = "1", name: str = "", *, gone: bool = False, **content: Any) -> Entry:
    listed = {"id": entry_id, "type": "custom", "active_yn": True, "affiliates": None, **content}
    return Entry(
        entry_id, listed | {"descriptions": [{"language_id": "cs", "name": name}]}, NOON, NOON if gone else None
    )


def order(**shipment: Any) -> dict[str, Any]:
    return {"shipment": {"id": None, "code": None, "name": "x", "type": None, "affiliate_id": None, **shipment}}


LISTED = {
    "1": entry("1", code="PPL", type="ppl"),
    "2": entry("2", code="PPL-PS", type="ppl", affiliates=["parcelShop"]),
    "3": entry("3", code="OWN", type="custom"),
    "4": entry("4", code="GONE", type="gls", gone=True),
    "5": entry("5", code="PPL-XL", type="ppl"),
}
PAIRED = {"1": HOME, "2": POINT, "3": Pairing("gls", "parcel"), "4": Pairing("gls", "PSD")}


@pytest.mark.parametrize(
    ("shipment", "found"),
    [
        ({"id": 1}, HOME),  # an int here, a string there (T30)
        ({"id": "2", "code": "PPL"}, POINT),
        ({"id": 9, "code": "PPL-PS"}, POINT),
        ({"code": "GONE"}, PAIRED["4"]),  # an order bears what is no longer on the list
        ({"id": 4, "type": "gls"}, PAIRED["4"]),
        ({"id": 9, "type": "ppl"}, HOME),
        ({"type": "ppl", "affiliate_id": "KM1"}, POINT),
        ({"type": "gls"}, Unpaired.NOT_PAIRED),  # what is paired there ends at a point
        ({"id": 5, "type": "ppl"}, Unpaired.NOT_PAIRED),  # left out on purpose
        ({"id": 9, "type": "custom"}, Unpaired.NOT_PAIRED),  # says nothing about who carries it
        ({"type": "wedo"}, Unpaired.NOT_PAIRED),
        ({}, Unpaired.BY_HAND),
    ],
)
def test_a_pairing_is_found_by_id_then_code_then_type(shipment: dict[str, Any], found: Pairing | Unpaired) -> None:
    assert pairing.chosen(order(**shipment), PAIRED, LISTED) == found


def test_an_order_without_a_shipment_has_no_pairing() -> None:
    assert pairing.chosen({"shipment": None}, PAIRED, LISTED) is Unpaired.NO_SHIPMENT


def test_of_two_pairings_that_fit_none_is_guessed() -> None:
    paired = {**PAIRED, "5": Pairing("ppl", "BUSS")}

    assert pairing.chosen(order(type="ppl"), paired, LISTED) is Unpaired.SEVERAL
    assert pairing.chosen(order(type="ppl"), {**paired, "5": replace(HOME, revision=7)}, LISTED) == HOME


def test_a_courier_alone_leads_to_what_goes_through_packeta() -> None:
    paired = {**PAIRED, "8": Pairing("packeta", "point")}

    assert pairing.chosen(order(packeta_carrier_id=106), paired, LISTED) == paired["8"]
    assert pairing.chosen(order(packeta_carrier_id=106), PAIRED, LISTED) is Unpaired.NOT_PAIRED


def test_only_what_nothing_bars_is_paired(database) -> None:
    db = Database(database.url, size=1)
    db.open()
    with db.tx("t_one") as conn:
        listed = [CodebookEntry("shipments", "1", {"type": "ppl", "active_yn": True, "affiliates": None})]
        codebooks.replace(conn, "t_one", "shipments", listed, read_at=NOON)

        assert pairing.pair(conn, "t_one", "1", POINT, ABLES, now=NOON) == (Bar.NO_POINTS,)
        assert pairing.pair(conn, "t_one", "2", HOME, ABLES, now=NOON) == (Bar.GONE,)
        assert pairings.of(conn, "t_one") == {}
        assert pairing.pair(conn, "t_one", "1", HOME, ABLES, now=NOON) == ()
        assert pairings.of(conn, "t_one") == {"1": replace(HOME, revision=1)}
    db.close()


SHOPS = entry("2", type="ppl", affiliates=["parcelShop", "parcelBox"])


@pytest.mark.parametrize(
    ("listed", "paired", "bars"),
    [
        (SHOPS, POINT, ()),
        (entry(type="ppl"), HOME, ()),
        (entry(type="custom"), Pairing("dpd_cz", "327"), ()),
        (entry(type="wedo"), HOME, ()),  # to a door anybody may carry it
        (entry(type="ppl", gone=True), HOME, (Bar.GONE,)),
        (entry(type="ppl", active_yn=False), HOME, (Bar.INACTIVE,)),
        (entry(type="ppl", active_yn="0"), HOME, (Bar.INACTIVE,)),
        (entry(), Pairing("fan", "standard"), (Bar.NO_ADAPTER,)),
        (entry(), Pairing("ppl", "moon"), (Bar.NOT_OFFERED,)),
        (entry(), Pairing("ppl", "PRIV", {"moon": "1"}), (Bar.BAD_OPTION,)),
        (entry(type="ppl"), POINT, (Bar.NO_POINTS,)),
        (SHOPS, HOME, (Bar.POINTS_UNUSED,)),
        (SHOPS, Pairing("gls", "PSD"), (Bar.OTHER_NETWORK,)),  # the same kinds, but of somebody else
        (entry(affiliates=["custom"]), POINT, (Bar.OTHER_NETWORK,)),
        (entry(type="ceskaPosta", affiliates=["naPostu"]), Pairing("ceska_posta", "NB"), (Bar.OTHER_NETWORK,)),
        (entry(type="ceskaPosta", affiliates=None, affiliates_types=["balikovna"]), Pairing("ceska_posta", "NB"), ()),
        (SHOPS, replace(POINT, second=Second("balikobot", "ppl/46", 30)), ()),
        (SHOPS, replace(POINT, second=Second("gls", "PSD", 30)), (Bar.OTHER_NETWORK,)),
    ],
)
def test_what_may_not_be_paired_says_why(listed: Entry, paired: Pairing, bars: tuple[Bar, ...]) -> None:
    assert pairing.bars(listed, paired, ABLES) == bars


@pytest.mark.parametrize(
    "paired",
    [
        Pairing("packeta", "home", {"customer_barcode": "AB-1"}),
        Pairing("packeta", "home", {"hs_code": "4901"}),
        Pairing("ceska_posta", "DR", {"serial": "1"}),
    ],
)
def test_what_is_of_one_parcel_or_the_login_cannot_send_stands_in_no_pairing(paired: Pairing) -> None:
    assert pairing.bars(entry(), paired, ABLES) == (Bar.BAD_OPTION,)


def test_what_goods_are_declared_by_is_offered_where_the_login_declares_them() -> None:
    packeta = ABLES["packeta"]
    abroad = replace(packeta, takes=packeta.takes | {"customs"})

    added = pairing.options_of("packeta", abroad) - pairing.options_of("packeta", packeta)

    assert added == check.DECLARED.keys()
    assert pairing.bars(entry(), Pairing("packeta", "home", {"hs_code": "4901"}), {"packeta": abroad}) == ()


def test_points_upgates_does_not_know_are_not_offered() -> None:
    fan = replace(ABLES["balikobot"], services={"fan/point": "FAN Courier: point"}, to_point=frozenset({"fan/point"}))
    listed = entry(affiliates=["custom"])

    assert pairing.bars(listed, Pairing("balikobot", "fan/point"), {"balikobot": fan}) == (Bar.POINTS_UNKNOWN,)


SP = Source("balikobot", "sp", "SK")


@pytest.mark.parametrize(
    ("paired", "ours", "bars"),
    [
        (POINT, Source("ppl", "ppl", "CZ"), ()),
        (POINT, None, (Bar.OTHER_NETWORK,)),
        (POINT, Source("gls", "gls", "CZ"), (Bar.OTHER_NETWORK,)),
        (Pairing("balikobot", "ppl/46"), Source("ppl", "ppl", "CZ"), (Bar.OTHER_NETWORK,)),  # another's numbering
        (replace(POINT, second=Second("gls", "PSD", 30)), Source("ppl", "ppl", "CZ"), (Bar.OTHER_NETWORK,)),
        (Pairing("balikobot", "sp/BZB"), SP, (Bar.OTHER_NETWORK,)),  # ends at boxes only
        (Pairing("balikobot", "sp/BZB"), replace(SP, kind="box"), ()),
        (HOME, Source("ppl", "ppl", "CZ"), (Bar.POINTS_UNUSED,)),
    ],
)
def test_a_service_is_paired_with_an_own_shipment_that_shows_its_points_by_us(
    paired: Pairing, ours: Source | None, bars: tuple[Bar, ...]
) -> None:
    assert pairing.bars(entry(affiliates=["custom"]), paired, ABLES, ours) == bars


@pytest.mark.parametrize(
    ("ours", "bars"),
    [
        (Source("ceska_posta", "na_postu", "CZ"), ()),  # a list of nothing but offices
        (Source("ceska_posta", "ceska_posta", "CZ", "post_office"), ()),  # the offices among Balíkovna's
        (Source("ceska_posta", "ceska_posta", "CZ"), (Bar.OTHER_NETWORK,)),
    ],
)
def test_a_parcel_to_a_post_office_is_paired_with_points_that_are_post_offices(
    ours: Source, bars: tuple[Bar, ...]
) -> None:
    able = replace(ABLES["ceska_posta"], services={"NP": "Balík Na poštu"})

    found = pairing.bars(entry(affiliates=["custom"]), Pairing("ceska_posta", "NP"), {"ceska_posta": able}, ours)

    assert found == bars


def test_points_upgates_does_not_know_can_be_offered_once_we_put_them_in() -> None:
    fan = replace(ABLES["balikobot"], services={"fan/point": "FAN Courier: point"}, to_point=frozenset({"fan/point"}))
    listed, ours = entry(affiliates=["custom"]), Source("balikobot", "fan", "RO")

    assert pairing.bars(listed, Pairing("balikobot", "fan/point"), {"balikobot": fan}, ours) == ()


def test_a_carrier_the_merchant_has_no_account_with_is_not_offered() -> None:
    assert pairing.bars(entry(), HOME, {"gls": ABLES["gls"]}) == (Bar.NOT_OFFERED,)


@pytest.mark.parametrize(
    ("name", "content", "first"),
    [
        ("Zásilkovna – výdejní místo", {"type": "zasilkovna", "affiliates": ["zasilkovna"]}, ("packeta", "point")),
        ("Packeta na adresu", {"type": "zasilkovna"}, ("packeta", "home")),
        ("PPL na adresu", {"type": "ppl"}, ("ppl", "PRIV")),
        ("PPL ParcelShop", {"type": "ppl", "affiliates": ["parcelShop", "parcelBox"]}, ("ppl", "SMAR")),
        ("GLS ParcelShop", {"type": "gls", "affiliates": ["parcelShop"]}, ("gls", "PSD")),
        ("GLS kurýr", {"type": "custom"}, ("gls", "parcel")),
        ("DPD výdajný box", {"type": "dpd", "affiliates": ["dpdBox", "pickupPoint"]}, ("dpd_cz", "337")),
        ("DPD courier", {"type": "individual"}, ("dpd_cz", "327")),
        ("Balíkovna", {"type": "balikovna", "affiliates": ["balikovna"]}, ("ceska_posta", "NB")),
        ("Balík Do ruky", {"type": "custom"}, ("ceska_posta", "DR")),
        ("Na poštu", {"type": "ceskaPosta", "affiliates": ["naPostu"]}, ("balikobot", "cp/NP")),
        (
            "Slovenská pošta – BalíkoBOX",
            {"type": "slovenskaPosta", "affiliates": ["balikobox"]},
            ("balikobot", "sp/BZB"),
        ),
        ("Slovenská pošta na adresu", {"type": "slovenskaPosta"}, ("balikobot", "sp/BZA")),
    ],
)
def test_a_shipment_is_suggested_what_fits_it(name: str, content: dict[str, Any], first: tuple[str, str]) -> None:
    found = suggesting.advice(entry("1", name, **content), ABLES, country="CZ").suggestions

    assert (found[0].carrier, found[0].service) == first
    assert not any(pairing.bars(entry("1", name, **content), Pairing(a.carrier, a.service), ABLES) for a in found)


@pytest.mark.parametrize(
    ("name", "content", "bars"),
    [
        ("Osobní odběr na prodejně", {"affiliates": ["custom"]}, ()),
        ("Náš řidič", {}, ()),
        ("WE|DO Box", {"type": "wedo", "affiliates": ["wedoBox"]}, (Bar.NO_ADAPTER,)),
        ("PPL ParcelShop", {"type": "ppl"}, (Bar.NO_POINTS,)),
        ("PPL", {"type": "ppl", "active_yn": False}, (Bar.INACTIVE,)),
        ("PPL výdejní místo", {"type": "custom", "affiliates": ["custom"]}, (Bar.OTHER_NETWORK,)),
    ],
)
def test_where_nothing_fits_it_says_why(name: str, content: dict[str, Any], bars: tuple[Bar, ...]) -> None:
    assert suggesting.advice(entry("1", name, **content), ABLES, country="CZ") == suggesting.Advice(bars=bars)


def test_a_suggestion_says_what_speaks_for_it() -> None:
    listed = entry("1", "Balíkovna", code="BAL", type="ceskaPosta", affiliates=["balikovna"])

    [own, umbrella] = suggesting.advice(listed, ABLES, country="CZ").suggestions

    assert own.because == ((Reason.TYPE, "ceskaPosta"), (Reason.NAME, "Balíkovna"), (Reason.POINTS, "balikovna"))
    assert umbrella.carrier == "balikobot"


def test_the_only_courier_of_a_shipments_orders_is_suggested_with_it() -> None:
    listed = entry("1", "Zásielkovňa domov", type="zasilkovna")

    [own, umbrella] = suggesting.advice(listed, ABLES, country="SK", couriers={"131"}).suggestions

    assert own.options == {"carrier_id": "131"}
    assert (Reason.COURIER, "131") in own.because
    assert umbrella.service == "zasilkovna/131"
    assert suggesting.advice(listed, ABLES, country="SK", couriers={"131", "106"}).suggestions[0].options == {}


def test_only_carriers_that_are_there_are_suggested() -> None:
    ppl = entry("1", "PPL", type="ppl")

    assert suggesting.advice(ppl, {"gls": ABLES["gls"]}, country="CZ").bars == (Bar.NOT_OFFERED,)


def test_whatever_may_be_suggested_is_a_service_of_its_carrier() -> None:
    named = {"zasilkovna/{courier}": "zasilkovna/106", "zasilkovna/VM{country}": "zasilkovna/VMCZ"}
    offered = {(code, service) for code, able in ABLES.items() for service in [*able.services, *able.to_point]}

    assert {
        (carrier, named.get(service, service)) for fits in suggesting.FITTING.values() for carrier, service in fits
    } <= offered
    assert all(
        (service in ABLES[carrier].to_point) is to_point
        for (_, to_point), fits in suggesting.FITTING.items()
        for carrier, service in fits
        if "{" not in service
    )


def test_what_ends_at_some_points_only_is_a_service_that_ends_at_points() -> None:
    assert pairing.NARROWER.keys() <= {service for able in ABLES.values() for service in able.to_point}
