"""An order as a warehouse reads it: every piece once, every value known or null, nothing of a held order."""

from typing import Any

import pytest

from service.offers import Offer, Reason, Shown, State, told
from service.web.wms import render
from tests.shop_items import at, line, raw_order

SHOP = "t_one"
CUSTOMER = raw_order("O1")["customer"]
POSTAL = {
    "postal_yn": True,
    "firstname_postal": "Jan",
    "surname_postal": "Malý",
    "company_postal": "Sklad s.r.o.",
    "street_postal": "Krátká 2",
    "city_postal": "Brno",
    "zip_postal": "60200",
    "country_id_postal": "sk",
}
NOBODY = dict.fromkeys(CUSTOMER)
PACKETA = {"id": 5, "code": "Z", "name": "Zásilkovna", "type": "zasilkovna", "affiliate_id": 4711}


def shown(state: State, reason: Reason | None = None, **fields: Any) -> dict[str, Any]:
    offer = Offer("O1", 9, 3, state, reason, ("phone",) if reason is Reason.CHANGED else (), None, by_hand=False)
    content = raw_order("O1", **fields)
    return render.order(SHOP, Shown(offer, at(60), content))


def of(**fields: Any) -> dict[str, Any]:
    return told.of(raw_order("O1", **fields))


def customer(**fields: Any) -> dict[str, Any]:
    return of(customer={**CUSTOMER, **fields})


def part(name: str, kind: str | None, parent: str | None, **fields: Any) -> dict[str, Any]:
    return {**line(name), "type": kind, "parent_uuid": parent, **fields}


def codes(*lines: Any) -> list[tuple[str, str, str | None]]:
    return [(each["code"], each["kind"], each["parent"]) for each in of(products=list(lines))["lines"]]


def test_a_released_order_is_the_document_of_the_description() -> None:
    assert shown(State.RELEASED, variable_symbol="200001") == {
        "tenant": SHOP,
        "number": "O1",
        "revision": 3,
        "state": "released",
        "reason": None,
        "changed": [],
        "acked_revision": None,
        "created": "2026-03-01T12:01:00Z",
        "recipient": {
            "name": "Eva Nováková",
            "company": None,
            "street": "Dlouhá 1",
            "city": "Praha",
            "zip": "11000",
            "country": "CZ",
        },
        "phone": "+420 601 000 000",
        "email": "eva@example.com",
        "pickup_point": None,
        "shipment": {"id": "3", "code": "PPL", "name": "PPL", "type": "ppl"},
        "payment": {"id": "2", "code": "COD", "name": "Dobírka", "type": "cashOnDelivery"},
        "cod": {"amount": "1299.00", "currency": "CZK", "variable_symbol": "200001"},
        "weight_g": 1250,
        "customer_note": None,
        "adult": False,
        "lines": [
            {
                "id": f"uuid-of-{code}",
                "code": code,
                "ean": "8590000000001",
                "title": f"Product {code} with a name of a usual length",
                "quantity": quantity,
                "unit": "ks",
                "weight_g": 625,
                "stock_position": "A-03-2",
                "image": f"https://shop.example.com/images/{code}.jpg",
                "parent": None,
                "kind": "product",
            }
            for code, quantity in (("A1", "2"), ("B2", "1"))
        ],
    }


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.CHANGED])
def test_of_a_held_order_nobody_learns_whose_it_is(reason: Reason) -> None:
    document = shown(State.HELD, reason)

    assert document.keys() == shown(State.RELEASED).keys()
    assert (document["state"], document["reason"], document["number"]) == ("held", reason.value, "O1")
    assert (document["lines"], document["adult"]) == ([], False)
    assert not any(document[field] for field in told.of({}))


def test_a_stop_names_what_changed_and_shows_the_order() -> None:
    document = shown(State.STOP, Reason.CHANGED)

    assert (document["state"], document["reason"], document["changed"]) == ("stop", "changed", ["phone"])
    assert len(document["lines"]) == 2


def test_the_delivery_address_counts_when_there_is_one() -> None:
    assert customer(**POSTAL)["recipient"] == {
        "name": "Jan Malý",
        "company": "Sklad s.r.o.",
        "street": "Krátká 2",
        "city": "Brno",
        "zip": "60200",
        "country": "SK",
    }


@pytest.mark.parametrize("no", [False, 0, "0", None, "", "false"])
def test_without_one_the_invoice_address_counts(no: object) -> None:
    assert customer(**{**POSTAL, "postal_yn": no})["recipient"]["street"] == "Dlouhá 1"


@pytest.mark.parametrize(
    ("fields", "company"),
    [
        ({"company_yn": True, "company": "Firma a.s."}, "Firma a.s."),
        ({"company_yn": "1", "company": "Firma a.s."}, "Firma a.s."),
        ({"company": "Firma a.s."}, "Firma a.s."),
        ({"company_yn": False, "company": "Firma a.s."}, None),
        ({"company_yn": True, "company": ""}, None),
        ({**POSTAL, "company_yn": True, "company": "Firma a.s.", "company_postal": None}, None),
    ],
)
def test_a_company_is_named_where_it_receives(fields, company: str | None) -> None:
    assert customer(**fields)["recipient"]["company"] == company


@pytest.mark.parametrize("nobody", [None, [], "x", {}, NOBODY, dict.fromkeys(CUSTOMER, "")], ids=str)
def test_an_order_of_nobody_has_no_recipient(nobody: object) -> None:
    document = of(customer=nobody)

    assert (document["recipient"], document["phone"], document["email"]) == (None, None, None)


@pytest.mark.parametrize(
    ("kind", "network"),
    [
        ("zasilkovna", "packeta"),
        ("ppl", "ppl"),
        ("ceskaPosta", "ceska_posta"),
        ("balikovna", "ceska_posta"),
        ("slovenskaPosta", "slovenska_posta"),
        ("custom", "own"),
        ("wedo", "wedo"),
        ("somethingNew", "somethingNew"),
        (None, None),
    ],
)
def test_a_pickup_point_names_its_network(kind: str | None, network: str | None) -> None:
    point = of(shipment={**PACKETA, "type": kind, "affiliate_name": "Trafika"})["pickup_point"]

    assert point == {"network": network, "id": "4711", "name": "Trafika"}


@pytest.mark.parametrize("fields", [{"affiliate_id": None}, {"affiliate_id": ""}, {"affiliate_id": " "}])
def test_a_delivery_to_the_door_has_no_point(fields) -> None:
    assert of(shipment={**PACKETA, **fields})["pickup_point"] is None


def test_a_point_does_not_replace_the_address() -> None:
    assert of(shipment=PACKETA)["recipient"]["street"] == "Dlouhá 1"


@pytest.mark.parametrize("chosen", [None, [], {}, "PPL"], ids=str)
def test_a_shop_may_know_neither_shipment_nor_payment(chosen: object) -> None:
    document = of(shipment=chosen, payment=chosen)

    assert (document["shipment"], document["payment"], document["cod"]) == (None, None, None)
    assert of(shipment={"name": "Dohodou", "id": None})["shipment"] == {
        "id": None,
        "code": None,
        "name": "Dohodou",
        "type": None,
    }


@pytest.mark.parametrize(
    ("fields", "amount"),
    [
        ({}, "1299.00"),
        ({"order_total": "1299.5"}, "1299.50"),
        ({"order_total": 0.1 + 0.2}, "0.30"),
        ({"order_total": 12.345}, "12.35"),
        ({"order_total": 1e6}, "1000000.00"),
        ({"order_total": None}, None),
        ({"order_total": "about 5"}, None),
        ({"order_total": "1e999999"}, None),
        ({"order_total": True}, None),
    ],
    ids=str,
)
def test_cash_on_delivery_is_a_decimal_string(fields, amount: str | None) -> None:
    cod = of(**fields)["cod"]

    assert cod == {"amount": amount, "currency": "CZK", "variable_symbol": None}


@pytest.mark.parametrize(
    "fields",
    [
        {"payment": {"type": "command"}},
        {"payment": {"type": None}},
        {"paid_date": "2026-03-01T08:00:00+01:00"},
        {"paid_date": {"date": "2026-03-01 08:00:00", "timezone": "Europe/Prague"}},
        {"order_total": 0},
        {"order_total": -10},
    ],
    ids=str,
)
def test_what_is_paid_or_costs_nothing_is_not_collected(fields) -> None:
    assert of(**fields)["cod"] is None


@pytest.mark.parametrize("unpaid", [None, "", {"date": None}, "0000-00-00 00:00:00"], ids=str)
def test_an_empty_date_is_no_payment(unpaid: object) -> None:
    assert of(paid_date=unpaid)["cod"] is not None


def test_of_a_set_its_parts_are_packed_and_not_its_header() -> None:
    assert codes(
        part("SET", "set", None),
        part("P1", "set_part", "uuid-of-SET"),
        part("P2", "set_part", "uuid-of-SET"),
        line("A"),
    ) == [("P1", "set_part", "uuid-of-SET"), ("P2", "set_part", "uuid-of-SET"), ("A", "product", None)]


def test_a_set_whose_parts_are_not_listed_is_packed_as_it_is() -> None:
    assert codes(part("SET", "set", None), part("OTHER", "set", None), part("P1", "set_part", "uuid-of-OTHER")) == [
        ("SET", "product", None),
        ("P1", "set_part", "uuid-of-OTHER"),
    ]


def test_parts_of_an_unnamed_set_are_not_counted_twice() -> None:
    header = {**part("SET", "set", None), "uuid": None}

    assert codes(header, part("P1", "set_part", None)) == [("P1", "set_part", None)]


def test_a_gift_is_packed_and_a_discount_is_not() -> None:
    assert codes(line("A"), part("G", "gift", "uuid-of-A"), part("D", "discount", "uuid-of-A", price=-60.0)) == [
        ("A", "product", None),
        ("G", "gift", "uuid-of-A"),
    ]


@pytest.mark.parametrize("kind", [None, "", "product", "somethingNew"])
def test_a_line_of_no_known_type_is_a_product(kind: str | None) -> None:
    assert codes(part("A", kind, None)) == [("A", "product", None)]


def test_lines_of_an_older_shop_have_a_place_for_an_id() -> None:
    old = {key: value for key, value in line("A").items() if key not in ("uuid", "parent_uuid", "type")}

    assert [each["id"] for each in of(products=[old, {**old, "code": "B"}])["lines"]] == ["1", "2"]


@pytest.mark.parametrize(
    ("quantity", "told_as"),
    [(1, "1"), (2.0, "2"), (1.5, "1.5"), ("0.250", "0.25"), (20, "20"), (1e-05, "0.00001"), (None, None), ("x", None)],
)
def test_a_quantity_is_a_decimal_string(quantity: object, told_as: str | None) -> None:
    assert of(products=[{**line("A"), "quantity": quantity}])["lines"][0]["quantity"] == told_as


@pytest.mark.parametrize(
    ("weight", "grams"), [(300, 300), ("300", 300), (300.5, 301), (0, None), (None, None), ("", None), (-5, None)]
)
def test_a_weight_is_whole_grams_or_unknown(weight: object, grams: int | None) -> None:
    document = of(total_weight=weight, products=[{**line("A"), "weight": weight}])

    assert (document["weight_g"], document["lines"][0]["weight_g"]) == (grams, grams)


@pytest.mark.parametrize("yes", [True, 1, "1", "true"])
def test_one_line_for_adults_makes_the_parcel_one(yes: object) -> None:
    assert of(products=[line("A"), {**line("B"), "adult_yn": yes}])["adult"]
    assert not of(products=[line("A"), {**line("B"), "adult_yn": False}])["adult"]


@pytest.mark.parametrize("products", [None, {}, "x", [None, 7, "x"]], ids=str)
def test_an_order_without_lines_has_none(products: object) -> None:
    assert of(products=products)["lines"] == []


def test_a_line_may_lack_everything() -> None:
    (bare,) = of(products=[{}])["lines"]

    assert bare == {
        **dict.fromkeys(
            ("code", "ean", "title", "quantity", "unit", "weight_g", "stock_position", "image", "parent"), None
        ),
        "id": "1",
        "kind": "product",
    }


def test_only_what_a_parcel_is_made_of_is_a_difference() -> None:
    before = raw_order("O1")

    assert told.differences(before, raw_order("O1", status_id=7, tracking_code="Z", internal_note="x")) == ()
    assert (
        told.differences(before, raw_order("O1", products=[{**each, "image_url": "x"} for each in before["products"]]))
        == ()
    )
    assert told.differences(before, raw_order("O1", products=[])) == ("lines",)
    assert told.differences(before, raw_order("O1", paid_date="2026-03-01")) == ("cod",)


# what books a parcel


def weighing(*lines: dict[str, object], total: object = 0) -> int | None:
    return told.weight_g({"products": list(lines), "total_weight": total})


A_SET = {"type": "set", "uuid": "s", "quantity": 2, "weight": 900}
A_PART = {"type": "set_part", "parent_uuid": "s", "quantity": 4, "weight": 250}


@pytest.mark.parametrize(
    ("lines", "total", "grams"),
    [
        ([{"quantity": 2.5, "weight": 400}], 0, 1_000),
        ([{"quantity": "0.5", "weight": "333"}], 9_999, 167),
        ([{"quantity": 1, "weight": 400}, {"quantity": 1, "weight": 0}], 0, 400),
        ([{"quantity": 1, "weight": 400}, {"quantity": 1, "weight": None}], 700, 700),
        ([{"quantity": 1, "weight": 400}, {"quantity": 1, "weight": None}], 300, 400),
        ([{"quantity": 3, "weight": None}], 1_250, 1_250),
        ([{"quantity": 3, "weight": 0}], "0", None),
        ([], None, None),
        ([A_SET, A_PART], 0, 1_000),
        ([A_SET, {**A_PART, "weight": None}], 0, 1_800),
        ([A_SET], 0, 1_800),
        ([A_PART], 0, 1_000),
        ([{**A_SET, "weight": None}, A_PART, {**A_PART, "weight": 0}], 2_000, 2_000),
        ([{"type": "discount", "quantity": 1, "weight": 5_000}], 0, None),
        ([{"quantity": -1, "weight": 400}], 0, None),
    ],
)
def test_goods_are_weighed_once_and_what_nobody_weighed_weighs_nothing(lines, total, grams) -> None:
    assert weighing(*lines, total=total) == grams


@pytest.mark.parametrize(("said", "courier"), [(106, "106"), ("131", "131"), (0, None), (None, None), ("", None)])
def test_the_courier_behind_packeta_is_an_id_or_nothing(said: object, courier: str | None) -> None:
    assert told.courier({"shipment": {"packeta_carrier_id": said}}) == courier
