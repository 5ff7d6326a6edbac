"""What the customs are told of a parcel, from its orders and from who packed it."""

from carriers.money import Money
from carriers.shipment import Customs, Goods
from service.steps import declaring
from tests.shop_items import line, raw_order

SAID = Goods("Kniha", 1, 400, Money(30_000, "CZK"), "4901", "CZ")


def priced(code: str, price: object, **fields: object) -> dict[str, object]:
    return {**line(code, quantity=2), "price_with_vat": price, "weight": 300, **fields}


def test_inside_the_union_nothing_is_declared_but_what_somebody_says() -> None:
    assert declaring.of([raw_order("O1")], "DE", {}) is None
    assert declaring.of([raw_order("O1")], "", {}) is None
    assert declaring.of([raw_order("O1")], "DE", {}, Customs((SAID,))) == Customs((SAID,))


def test_goods_are_the_lines_as_they_are_invoiced() -> None:
    lines = [
        priced("A1", 600.0, title="Hrnek"),
        priced("SET", "1000.50", type="set", quantity=1),
        priced("PART", 0, type="set_part"),
        priced("GIFT", 0, type="gift", quantity=1.5),
    ]

    found = declaring.of([raw_order("O1", products=lines, order_total=1_729.5)], "CH", {})

    assert found is not None
    assert found.goods == (
        Goods("Hrnek", 2, 600, Money(60_000, "CZK")),
        Goods(lines[1]["title"], 1, 300, Money(100_050, "CZK")),
        Goods(lines[3]["title"], 2, 450, Money(0, "CZK")),
    )


def test_goods_are_declared_at_what_was_paid_for_them() -> None:
    lines = [priced("A1", 1_000), priced("B2", 500), priced("OFF", -500, type="discount", parent_uuid="uuid-of-A1")]

    def values(total: object) -> list[int]:
        found = declaring.of([raw_order("O1", products=lines, order_total=total)], "CH", {})
        return [each.value.minor for each in found.goods] if found else []

    assert values(1_129) == [50_000, 50_000]  # 99 and 30 are for shipment and payment
    assert values(879) == [37_500, 37_500]  # a voucher of 250 stands with no line
    assert values(0) == [0, 0]
    assert values(None) == values(5_000) == [50_000, 50_000]


def test_a_set_weighs_what_its_parts_do() -> None:
    whole = priced("SET", 600, type="set", quantity=1, weight=0)
    parts = [priced(code, 0, type="set_part", parent_uuid="uuid-of-SET", quantity=2, weight=150) for code in "AB"]

    [goods] = (found := declaring.of([raw_order("O1", products=[whole, *parts])], "CH", {})) and found.goods

    assert goods.weight_g == 600


def test_lines_that_are_too_many_end_in_one_of_all_that_are_left() -> None:
    lines = [priced(f"A{number}", 10, title=f"Kniha {number}") for number in range(25)]
    order = raw_order("O1", products=lines, order_total=250 + 129)
    options = {"hs_code": "4901", "origin": "CZ"}

    found = declaring.of([order], "CH", options)

    assert found is not None
    assert len(found.goods) == 20
    assert found.goods[18] == Goods("Kniha 18", 2, 600, Money(1_000, "CZK"), "4901", "CZ")
    assert found.goods[19] == Goods("Kniha 19 +5", 12, 3_600, Money(6_000, "CZK"), "4901", "CZ")


def test_twenty_lines_and_what_a_warehouse_said_stay_as_they_are() -> None:
    lines = [priced(f"A{number}", 10) for number in range(20)]
    found = declaring.of([raw_order("O1", products=lines)], "CH", {})

    assert found is not None
    assert len(found.goods) == 20
    assert "+" not in found.goods[-1].content
    assert declaring.of([raw_order("O1")], "CH", {}, Customs((SAID,) * 21)) == Customs((SAID,) * 21)


def test_of_a_part_of_its_orders_nobody_knows_the_goods() -> None:
    part = declaring.of([raw_order("O1", invoice_number="F1")], "CH", {}, whole=False)

    assert part == Customs((), invoice_number="F1")


def test_what_no_order_says_comes_from_the_pairing_and_the_warehouse_goes_before_it() -> None:
    options = {"customs_category": "11", "hs_code": "6912", "origin": "CZ"}
    order = raw_order("O1", invoice_number="F1", products=[priced("A1", 600)])

    [made] = (paired := declaring.of([raw_order("O0"), order], "CH", options)) and paired.goods[2:]
    told = declaring.of([order], "CH", options, Customs((SAID,), category="31", eori="CZ1"))

    assert (paired.category, paired.invoice_number, made.hs_code, made.origin) == ("11", "F1", "6912", "CZ")
    assert told == Customs((SAID,), "31", "F1", "CZ1")


def test_an_order_that_is_odd_declares_what_can_be_read() -> None:
    odd = raw_order("O1", products=[None, {}, priced("A1", "x"), priced("B2", 5, quantity="?")], currency_id=None)

    assert declaring.of([odd], "CH", {}) == Customs(())
    assert declaring.of([{}], "CH", {}) == Customs(())
