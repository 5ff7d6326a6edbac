"""From an order to what a carrier is asked, and what is wrong with it before anybody is paid."""

from typing import Any

import httpx
import pytest

from carriers import registry
from carriers.base import Account, Carrier
from carriers.money import Money
from carriers.shipment import Address, Box, Cod, PointRef
from service.affiliates import Key
from service.pairings import Pairing
from service.steps import drafting
from service.steps.drafting import Draft, PointStanding, Standing
from tests.shop_items import NOON, line, raw_order

HOME = Pairing("ppl", "PRIV")
POINT = Pairing("packeta", "point")


def order(number: str = "O1", *, ship: dict[str, Any] | None = None, who: dict[str, Any] | None = None, **fields: Any):
    made = raw_order(number, **{"variable_symbol": "26001", **fields})
    return made | {"shipment": made["shipment"] | (ship or {}), "customer": made["customer"] | (who or {})}


def drafted(*orders: dict[str, Any], pairing: Pairing = HOME, **given: Any) -> Draft:
    return drafting.draft(orders or (order(),), pairing, reference="r1", **given)


def found(draft: Draft) -> set[tuple[str | None, str]]:
    return {(fault.field, fault.code) for fault in draft.faults}


def adapter(code: str) -> Carrier:
    def unasked(_: httpx.Request) -> httpx.Response:
        raise AssertionError("a check asks nobody")

    needs = registry.ADAPTERS[code].needs
    account = Account("http://carriers.test", dict.fromkeys(needs, "1"), dict.fromkeys(needs, "1"))
    return registry.opened(code, account, client=httpx.Client(transport=httpx.MockTransport(unasked)), now=lambda: NOON)


def test_an_order_becomes_what_a_carrier_is_asked() -> None:
    shipment = drafted(order(who={"phone": "601 234 567"})).shipment

    assert shipment.recipient == Address(
        "Eva Nováková", "Dlouhá 1", "Praha", "11000", "CZ", phone="+420601234567", email="eva@example.com"
    )
    assert (shipment.reference, shipment.order_number, shipment.service) == ("r1", "O1", "PRIV")
    assert shipment.boxes == (Box(1_875),)  # by its lines: 2 and 1 of 625 g
    assert shipment.value == Money(129_900, "CZK")
    assert shipment.cod == Cod(Money(129_900, "CZK"), "26001")
    assert drafting.check(shipment, adapter("ppl")) == []


def test_a_company_without_a_person_is_whom_it_goes_to() -> None:
    who = {"firstname_invoice": None, "surname_invoice": "", "company": "Dílna s.r.o."}

    assert drafted(order(who=who)).shipment.recipient.name == "Dílna s.r.o."
    assert drafted(order(who=who)).shipment.recipient.company == ""


def test_a_telephone_that_is_none_stays_for_the_check_to_name() -> None:
    shipment = drafted(order(who={"phone": "12"})).shipment

    assert ("recipient.phone", "bad_phone") in {(f.field, f.code) for f in drafting.check(shipment, adapter("ppl"))}


def test_a_note_and_an_address_are_one_line_each() -> None:
    shipment = drafted(order(who={"customer_note": "Zvoňte\r\n dvakrát", "street_invoice": "Dlouhá\t1"})).shipment

    assert (shipment.note, shipment.recipient.street) == ("Zvoňte dvakrát", "Dlouhá 1")


@pytest.mark.parametrize(
    ("fields", "pairing", "collected"),
    [
        ({"order_total": 1299.49}, HOME, Money(129_900, "CZK")),
        ({"order_total": 1299.5}, HOME, Money(130_000, "CZK")),
        ({"order_total": "49.905", "currency_id": "eur"}, HOME, Money(4_991, "EUR")),
        ({"order_total": 12_993, "currency_id": "HUF"}, HOME, Money(12_993, "HUF")),
        ({"order_total": 12_993, "currency_id": "HUF"}, POINT, Money(12_995, "HUF")),
        ({"order_total": 12_993, "currency_id": "HUF"}, Pairing("balikobot", "zasilkovna/VMHU"), Money(12_995, "HUF")),
    ],
)
def test_what_is_collected_is_an_amount_the_carrier_collects(fields, pairing: Pairing, collected: Money) -> None:
    cod = drafted(order(**fields), pairing=pairing).shipment.cod

    assert cod is not None
    assert cod.amount == collected


@pytest.mark.parametrize(
    "fields", [{"paid_date": "2026-03-01"}, {"payment": {"type": "gopay"}}, {"payment": None}, {"order_total": 0}]
)
def test_what_is_paid_is_not_collected(fields: dict[str, Any]) -> None:
    assert drafted(order(**fields)).shipment.cod is None


@pytest.mark.parametrize(
    ("number", "said", "symbol"), [("1042", None, "1042"), ("1042", "77", "77"), ("O-1042", None, ""), ("O1", "", "")]
)
def test_a_payment_is_found_by_its_symbol_else_by_a_number_that_can_be_one(number, said, symbol: str) -> None:
    cod = drafted(order(number, variable_symbol=said)).shipment.cod

    assert cod is not None
    assert cod.variable_symbol == symbol


def test_an_order_that_does_not_say_what_it_costs_is_named() -> None:
    assert found(drafted(order(order_total=None))) == {("value", "missing"), ("cod.amount", "missing")}
    assert found(drafted(order(currency_id=None, payment=None))) == {("value", "missing")}


@pytest.mark.parametrize(
    ("lines", "total", "default", "packed", "weights"),
    [
        ([line("A", quantity=0.5)], 0, None, (), [313]),
        ([{**line("A"), "weight": 0}], 900, 5_000, (), [900]),
        ([{**line("A"), "weight": 0}], 0, 1_500, (), [1_500]),
        ([{**line("A"), "weight": 0}], 0, None, (), [0]),
        ([line("A", quantity=4)], 0, None, (Box(0), Box(0, 300, 200, 100)), [1_250, 1_250]),
        ([line("A", quantity=4)], 0, None, (Box(2_000), Box(0)), [2_000, 500]),
        ([line("A", quantity=4)], 0, 700, (Box(4_000), Box(0)), [4_000, 700]),
        ([line("A", quantity=4)], 0, 700, (Box(3_000),), [3_000]),
    ],
)
def test_a_box_weighs_what_was_weighed_and_else_its_share(lines, total, default, packed, weights: list[int]) -> None:
    pairing = Pairing("ppl", "PRIV", parcel_weight_g=default)

    shipment = drafted(order(products=lines, total_weight=total), pairing=pairing, boxes=packed).shipment

    assert [box.weight_g for box in shipment.boxes] == weights


@pytest.mark.parametrize(
    ("ship", "pairing", "service", "point", "options"),
    [
        ({"affiliate_id": 18542}, POINT, "point", PointRef("18542"), {}),
        ({"affiliate_id": "PL001M", "packeta_carrier_id": 3060}, POINT, "point", PointRef("PL001M", "3060"), {}),
        ({"packeta_carrier_id": 131}, POINT, "home", None, {"carrier_id": "131"}),
        (
            {"packeta_carrier_id": 131},
            Pairing("packeta", "home", {"carrier_id": "106"}),
            "home",
            None,
            {"carrier_id": "131"},
        ),
        ({}, Pairing("packeta", "home", {"carrier_id": "106"}), "home", None, {"carrier_id": "106"}),
        ({"affiliate_id": "4711"}, Pairing("balikobot", "zasilkovna/VMCZ"), "zasilkovna/VMCZ", PointRef("4711"), {}),
        ({"packeta_carrier_id": 131}, Pairing("balikobot", "zasilkovna/106"), "zasilkovna/131", None, {}),
    ],
)
def test_behind_packeta_the_courier_of_the_order_says_where_it_goes(ship, pairing, service, point, options) -> None:
    draft = drafted(order(ship={"type": "zasilkovna", **ship}), pairing=pairing)

    assert (draft.shipment.service, draft.shipment.point, draft.shipment.options) == (service, point, options)
    assert draft.faults == ()


def test_a_point_of_another_network_is_named() -> None:
    draft = drafted(order(ship={"type": "zasilkovna", "affiliate_id": "18542"}), pairing=Pairing("ppl", "SMAR"))

    assert found(draft) == {("point.network", "not_offered")}


OURS = {
    ("7", "101x2AB"): Key("balikobot", "sp", "82101"),
    ("8", "9x3CD"): Key("packeta", "packeta", "9"),
    ("9", "602x4EF"): Key("ceska_posta", "na_postu", "60200"),
}
NP, NB = Pairing("ceska_posta", "NP"), Pairing("ceska_posta", "NB")


@pytest.mark.parametrize(
    ("ship", "pairing", "point", "faults"),
    [
        ({"affiliate_id": "101x2AB", "id": 7}, Pairing("balikobot", "sp/BZP"), PointRef("82101", "sp"), set()),
        ({"affiliate_id": "9x3CD", "id": "8"}, POINT, PointRef("9"), set()),
        ({"affiliate_id": "9x3CD", "id": 8}, Pairing("ppl", "SMAR"), PointRef("9"), {("point.network", "not_offered")}),
        ({"affiliate_id": "9x3CD", "id": 7}, POINT, PointRef("9x3CD"), {("point.network", "not_offered")}),
        ({"affiliate_id": "9", "id": 8}, POINT, PointRef("9"), {("point.network", "not_offered")}),
        ({"affiliate_id": "602x4EF", "id": 9}, NP, PointRef("60200", "na_postu"), set()),
        ({"affiliate_id": "602x4EF", "id": 9}, NB, PointRef("60200", "na_postu"), {("point.network", "not_offered")}),
    ],
)
def test_an_id_of_ours_is_the_carriers_point_and_no_other_is_guessed(ship, pairing, point, faults) -> None:
    draft = drafted(order(ship={"type": "custom", **ship}), pairing=pairing, meant=OURS)

    assert draft.shipment.point == point
    assert found(draft) == faults


def test_two_ids_of_ours_that_mean_one_point_are_one_point() -> None:
    was_named = {("8", "9x5EF"): OURS["8", "9x3CD"]}
    orders = [
        order(number, ship={"type": "custom", "id": 8, "affiliate_id": id_})
        for number, id_ in (("O1", "9x5EF"), ("O2", "9x3CD"))
    ]

    draft = drafted(*orders, pairing=POINT, meant=OURS | was_named)

    assert draft.shipment.point == PointRef("9")
    assert ("point", "differs") not in found(draft)


def test_points_of_two_own_shipments_are_two_points() -> None:
    orders = [
        order(number, ship={"type": "custom", "id": id_, "affiliate_id": "9x3CD"})
        for number, id_ in (("O1", 8), ("O2", 7))
    ]

    assert ("point", "differs") in found(drafted(*orders, pairing=POINT, meant=OURS))


@pytest.mark.parametrize(
    ("standing", "codes"),
    [
        (None, set()),
        (PointStanding(Standing.UNKNOWN), set()),
        (PointStanding(Standing.ABSENT), {("point", "absent")}),
        (PointStanding(Standing.OPEN, takes_cod=True, most_weight_g=5_000), set()),
        (PointStanding(Standing.OPEN, takes_cod=False), {("cod", "no_cod")}),
        (PointStanding(Standing.CLOSED), {("point", "closed")}),
        (PointStanding(Standing.GONE), {("point", "gone")}),
        (PointStanding(Standing.OPEN, most_weight_g=1_000), {("boxes[0].weight_g", "too_heavy")}),
        (PointStanding(Standing.OPEN, country="SK"), {("cod.amount", "bad_currency")}),  # the recipient lives in CZ
    ],
)
def test_a_point_that_will_not_take_it_is_found_before_the_label(standing: PointStanding | None, codes) -> None:
    shipment = drafted(order(ship={"type": "zasilkovna", "affiliate_id": "18542"}), pairing=POINT).shipment

    assert {(f.field, f.code) for f in drafting.check(shipment, adapter("packeta"), standing)} == codes


# several orders, one parcel


def test_orders_of_one_recipient_are_one_parcel() -> None:
    second = order(
        "O2", order_total=500.4, who={"customer_note": "Zvoňte", "zip_invoice": "110 00"}, variable_symbol="2"
    )
    paid = order("O3", order_total=100, paid_date="2026-03-01", products=[{**line("A"), "adult_yn": True}])

    draft = drafted(order(), second, paid)

    assert draft.faults == ()
    assert draft.shipment.order_number == "O1+2"
    assert draft.shipment.cod == Cod(Money(179_900, "CZK"), "26001")
    assert draft.shipment.value == Money(189_940, "CZK")
    assert draft.shipment.boxes == (Box(3 * 625 + 3 * 625 + 625),)
    assert (draft.shipment.note, draft.shipment.adults_only) == ("Zvoňte", True)


@pytest.mark.parametrize(
    ("other", "faults"),
    [
        ({"who": {"street_invoice": "Krátká 2"}}, {("recipient.street", "differs")}),
        ({"who": {"street_invoice": "DLOUHÁ 1"}}, set()),
        ({"who": {"surname_invoice": "Malá"}}, {("recipient.name", "differs")}),
        ({"ship": {"affiliate_id": "KM1"}}, {("point", "differs")}),
        ({"currency_id": "EUR"}, {("value", "differs"), ("cod.amount", "differs")}),
    ],
)
def test_orders_that_do_not_go_together_say_what_differs(other: dict[str, Any], faults: set[tuple[str, str]]) -> None:
    assert found(drafted(order(), order("O2", **other))) == faults


def test_a_merged_parcel_of_which_one_order_was_not_weighed_weighs_what_its_pairing_says() -> None:
    unweighed = order("O2", products=[], total_weight=0)
    pairing = Pairing("ppl", "PRIV", parcel_weight_g=4_000)

    assert drafted(order(), unweighed, pairing=pairing).shipment.boxes == (Box(4_000),)
    assert drafted(order(), unweighed).shipment.boxes == (Box(0),)
