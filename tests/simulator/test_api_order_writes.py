"""PUT /orders: flags per item, mails, stamps, stock, events (contract 4.2, 4.7.6)."""

import pytest

from simulator import changes
from simulator.wire import stamp
from tests.simulator.inside import Inside, inside


@pytest.fixture
def it() -> Inside:
    return inside(orders=40)


def received(it: Inside) -> str:
    """Return the number of a fresh order with an e-mail, a phone and the status Received."""
    number = changes.create_order(
        it.world, it.shop, customer={"email": "jan@example.com", "phone": "+420777123456"}
    ).number
    it.heard.clear()
    it.watch.go(minutes=5)
    return number


def test_status_and_tracking_in_one_item_are_one_mail_with_the_code(it: Inside) -> None:
    number, sent = received(it), it.status("Sent")

    answer = it.put_order(number, status_id=sent, tracking_code="DR1")
    record = it.get(f"/orders/{number}")["orders"][0]

    assert answer["updated_yn"] is True
    assert (record["status_id"], record["tracking_code"]) == (sent, "DR1")
    assert record["last_update_time"] == stamp(it.watch())
    assert [(mail.kind, mail.to, mail.tracking_code) for mail in it.shop.mails] == [
        ("email", "jan@example.com", "DR1"),
        ("sms", "+420777123456", "DR1"),
    ]


@pytest.mark.parametrize(
    ("flags", "mails"),
    [
        ({}, {"email": 1, "sms": 1}),
        ({"send_emails_yn": False}, {"email": 0, "sms": 1}),
        ({"send_emails_yn": "0", "send_sms_yn": "0"}, {"email": 0, "sms": 0}),
    ],
)
def test_absent_flags_mean_that_the_customer_is_told(
    it: Inside, flags: dict[str, object], mails: dict[str, int]
) -> None:
    it.put_order(received(it), flags, status_id=it.status("Sent"))

    assert it.shop.mail_counts == mails


@pytest.mark.parametrize(("again", "mails"), [(False, 1), (True, 2)])
def test_a_status_sent_twice_mails_twice_only_in_the_other_reading(it: Inside, again: bool, mails: int) -> None:
    it.shop.mails_on_same_status = again
    number, sent = received(it), it.status("Sent")

    for _ in range(2):
        it.put_order(number, status_id=sent)

    assert it.shop.mail_counts["email"] == mails


def test_a_tracking_code_alone_mails_nobody(it: Inside) -> None:
    it.put_order(received(it), tracking_code="DR1")

    assert it.shop.mail_counts == {"email": 0, "sms": 0}


def test_a_status_brings_its_own_flags(it: Inside) -> None:
    number = received(it)
    it.put_order(number, paid_date="", resolved_yn=False)

    it.put_order(number, status_id=it.status("Custom", "Doručená"))
    record = it.shop.orders[number].record

    assert record["resolved_yn"] is True
    assert record["paid_date"] == stamp(it.watch())


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_paid_date_unpays_and_an_absent_one_does_not(it: Inside, empty: str | None) -> None:
    number = received(it)
    it.put_order(number, paid_date="2025-3-1")

    it.put_order(number, internal_note="volal")
    assert it.shop.orders[number].record["paid_date"] == "2025-03-01T00:00:00+01:00"
    it.put_order(number, paid_date=empty)

    assert it.shop.orders[number].record["paid_date"] is None


def test_a_paid_date_alone_mails_nobody_and_is_told_like_any_change(it: Inside) -> None:
    number = received(it)
    it.put_order(number, paid_date="")
    it.heard.clear()
    status_id = it.shop.orders[number].record["status_id"]

    answer = it.put_order(number, paid_date="2026-03-09T00:00:00+01:00")
    record = it.get(f"/orders/{number}")["orders"][0]

    assert answer["updated_yn"] is True
    assert (record["paid_date"], record["status_id"]) == ("2026-03-09T00:00:00+01:00", status_id)
    assert record["last_update_time"] == stamp(it.watch())
    assert it.shop.mail_counts == {"email": 0, "sms": 0}
    assert number in it.numbers(paid_yn="1")
    assert [event for event, *_ in it.heard] == ["Orders.update"]


def test_a_status_that_marks_paid_leaves_the_day_of_its_own_item(it: Inside) -> None:
    number = received(it)
    it.put_order(number, paid_date="")

    it.put_order(number, status_id=it.status("Custom", "Doručená"), paid_date="2026-03-09")

    assert it.shop.orders[number].record["paid_date"] == "2026-03-09T00:00:00+01:00"


@pytest.mark.parametrize(
    "wrong",
    [
        {"status_id": 9999},
        {"status": "Takový stav není"},
        {"paid_date": "včera"},
        {"variable_symbol": "12345678901"},
        {"shipment": {"code": "PPL"}},
        {"products": [{"code": "P00001"}]},
        {"products": [{"uuid": "unknown", "price_per_unit": 1}]},
        {"customer": {"email": "nobody"}},
        {"quantity_discount": {"amount": 5}},
        {"resolved_yn": "maybe"},
        {"customer": "Jan"},
    ],
    ids=str,
)
def test_a_wrong_item_fails_alone_and_changes_nothing(it: Inside, wrong: dict[str, object]) -> None:
    bad, good = received(it), received(it)
    before = it.shop.orders[bad].render()

    body = {
        "orders": [{"order_number": bad, "tracking_code": "X", **wrong}, {"order_number": good, "tracking_code": "Y"}]
    }
    answers = it.put("/orders", body)["orders"]

    assert [answer["updated_yn"] for answer in answers] == [False, True]
    assert answers[0]["messages"][0]["level"] == "error"
    assert it.shop.orders[bad].render() == before
    assert it.shop.orders[good].record["tracking_code"] == "Y"


def test_an_unknown_or_deleted_order_fails_alone(it: Inside) -> None:
    gone = received(it)
    changes.delete_order(it.world, it.shop, gone)

    answers = it.put("/orders", {"orders": [{"order_number": gone}, {"order_number": "NONE"}, {}]})["orders"]

    assert [answer["updated_yn"] for answer in answers] == [False, False, False]


def test_a_hundred_and_one_items_are_refused_whole(it: Inside) -> None:
    number = received(it)
    body = {"orders": [{"order_number": number, "tracking_code": "X"}] * 101}

    answer = it.client.put("/orders", json=body)

    assert answer.status_code == 413
    assert it.shop.orders[number].record["tracking_code"] != "X"
    assert it.shop.stats.breaches == {"too_many_items": 1}


@pytest.mark.parametrize("body", [b"[]", b"{", b'"x"', b'{"orders": {}}', b'{"orders": [1]}', b"\xff"])
def test_a_body_that_is_no_object_with_a_list_is_refused(it: Inside, body: bytes) -> None:
    assert it.client.put("/orders", content=body).status_code == 400


def test_all_changes_of_a_request_are_told_once_and_name_their_cause(it: Inside) -> None:
    numbers = [received(it), received(it)]
    it.heard.clear()

    it.put("/orders", {"orders": [{"order_number": number, "tracking_code": "T"} for number in numbers]})

    assert [[record["order_number"] for record in records] for records in it.events("Orders.update")] == [numbers]
    assert it.heard[0][2] == it.user.login
    assert set(it.heard[0][1][0]) == {"order_number", "last_update_time", "status_id", "status"}


def test_the_tracking_link_follows_from_the_shipments_template(it: Inside) -> None:
    number = received(it)
    with_link = next(row for row in it.shop.shipments.values() if row["code"] == "PPL")
    it.put_order(
        number, shipment={"code": "PPL", "name": "PPL", "price": 99, "vat": 21}, tracking_code="K1", tracking_url="x"
    )

    record = it.get(f"/orders/{number}")["orders"][0]

    assert record["tracking_url"] == with_link["tracking_url"].replace("{tracking_code}", "K1")
    assert record["shipment"]["price"] == 99
    assert isinstance(record["shipment"]["id"], int)


def test_a_line_with_uuid_changes_and_one_without_is_added(it: Inside) -> None:
    number = received(it)
    lines = it.shop.orders[number].record["products"]
    first, count = lines[0]["uuid"], len(lines)

    it.put_order(
        number,
        products=[
            {"uuid": first, "quantity": 4, "price_per_unit": 10},
            {"title": "Navíc", "price_per_unit": "5.50", "quantity": "2"},
        ],
    )
    record = it.shop.orders[number].record

    assert (record["products"][0]["quantity"], len(record["products"])) == (4, count + 1)
    assert record["products"][-1]["price"] == 11.0
    assert record["order_total_before_round"] == pytest.approx(
        sum(line["price_with_vat"] for line in record["products"])
        + sum((record[part] or {}).get("price_with_vat", 0) for part in ("shipment", "payment"))
        + sum(
            off["price_with_vat"]
            for part in ("discount_voucher", "quantity_discount", "loyalty_points")
            if record[part]
            for off in record[part]["discounts"]
        ),
        abs=0.011,
    )


def test_missing_lines_go_only_when_asked_to(it: Inside) -> None:
    number = received(it)
    changes.change_order(it.world, it.shop, number, products=[{"title": "Druhá", "price_per_unit": 1}])
    first = it.shop.orders[number].record["products"][0]["uuid"]
    item = {"products": [{"uuid": first, "price_per_unit": 10}]}

    it.put_order(number, **item)
    kept = len(it.shop.orders[number].record["products"])
    it.put_order(number, {"delete_missing_products_yn": True}, **item)

    assert kept > 1
    assert len(it.shop.orders[number].record["products"]) == 1


def test_a_delivery_address_needs_its_flag(it: Inside) -> None:
    number = received(it)
    it.put_order(number, customer={"postal_yn": False})

    without = it.put_order(number, customer={"city_postal": "Brno"})
    given = it.put_order(number, customer={"postal_yn": True, "city_postal": "Brno", "country_id_postal": "CZ"})

    assert without["messages"][0]["level"] == "warning"
    assert given["messages"] == []
    assert it.shop.orders[number].record["customer"]["country_id_postal"] == "cz"


def test_custom_fields_are_written_by_key_and_an_unknown_key_is_a_warning(it: Inside) -> None:
    number = next(number for number, order in it.shop.orders.items() if order.record["metas"])

    answer = it.put_order(number, metas=[{"key": "darkove_baleni", "value": "0"}, {"key": "unknown", "value": "1"}])

    assert it.shop.orders[number].record["metas"][0]["value"] == "0"
    assert [row["level"] for row in answer["messages"]] == ["warning"]


def test_an_invoice_is_made_out_once_and_a_credit_note_names_it(it: Inside) -> None:
    number = received(it)

    for part in ("invoice", "invoice", "credit_note"):
        it.put_order(number, **{part: {"generate_yn": True}})
    found = [row for row in it.get("/invoices", page=1)["invoices"] if row["order_number"] == number]

    assert [row["type"] for row in found] == ["invoice", "creditNote"]
    assert found[1]["related_invoice_number"] == found[0]["invoice_number"]
    assert found[1]["total_with_vat"] == -found[0]["total_with_vat"]
    assert it.shop.orders[number].record["invoice_number"] == found[0]["invoice_number"]


def stocked(it: Inside) -> tuple[str, str]:
    """Return an order of two pieces of one tracked product, and the product's code."""
    number = received(it)
    product = next(p for p in it.shop.live_products() if p.code and p.record["stock"] and not p.record["variants"])
    it.put_order(
        number,
        {"delete_missing_products_yn": True},
        products=[{"code": product.code, "title": "T", "price_per_unit": 1, "quantity": 2}],
    )
    return number, product.code or ""


def test_an_order_takes_stock_and_system_storno_brings_it_back(it: Inside) -> None:
    number, code = stocked(it)
    taken = it.shop.by_code[code].record["stock"]

    it.put_order(number, status_id=it.status("Custom", "Storno"))
    named_alike = it.shop.by_code[code].record["stock"]
    it.put_order(number, status_id=it.status("Canceled"))

    assert named_alike == taken
    assert it.shop.by_code[code].record["stock"] == taken + 2


def test_deletion_brings_stock_back_and_restoration_takes_it_again(it: Inside) -> None:
    number, code = stocked(it)
    taken = it.shop.by_code[code].record["stock"]

    changes.delete_order(it.world, it.shop, number)
    deleted = it.shop.by_code[code].record["stock"]
    changes.restore_order(it.world, it.shop, number)

    assert (deleted, it.shop.by_code[code].record["stock"]) == (taken + 2, taken)


def test_a_changed_quantity_moves_stock_by_the_difference_and_tells_it(it: Inside) -> None:
    number, code = stocked(it)
    before = it.shop.by_code[code].record["stock"]
    it.heard.clear()
    line = it.shop.orders[number].record["products"][0]

    it.put_order(number, products=[{"uuid": line["uuid"], "price_per_unit": 1, "quantity": 5}])

    assert it.shop.by_code[code].record["stock"] == before - 3
    assert [record["code"] for record in it.events("Products.update")[0]] == [code]


def test_a_bulk_change_is_told_as_one_event(it: Inside) -> None:
    numbers = list(it.shop.orders)[:30]

    changes.bulk_status(it.world, it.shop, numbers, it.status("Custom", "Zabalená"))

    assert [record["order_number"] for record in it.events("Orders.update")[0]] == numbers
    assert it.shop.mail_counts["email"] == 0
