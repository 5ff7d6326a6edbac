"""GET /orders: filters, order, paging, single orders (contract 4.1, 1.9)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from simulator import changes
from simulator.wire import stamp
from tests.simulator.inside import Inside, inside


@pytest.fixture(scope="module")
def shop() -> Inside:
    return inside(orders=230)


@pytest.fixture
def live() -> Iterator[Inside]:
    return inside(orders=30)


def everything(it: Inside, **query: object) -> list[str]:
    found, page = [], 1
    while True:
        answer = it.get("/orders", page=page, **query)
        found += [order["order_number"] for order in answer["orders"]]
        if page >= answer["number_of_pages"]:
            return found
        page += 1


def test_pages_of_a_hundred_bring_every_order_once(shop: Inside) -> None:
    first, last = shop.get("/orders"), shop.get("/orders", page=3)

    assert (first["current_page_items"], last["current_page_items"]) == (100, 30)
    assert (first["number_of_pages"], first["number_of_items"]) == (3, 230)
    assert sorted(everything(shop)) == sorted(shop.shop.orders)


def test_a_page_beyond_the_last_is_empty(shop: Inside) -> None:
    assert shop.get("/orders", page=9)["orders"] == []


@pytest.mark.parametrize("by", ["creation_time", "last_update_time"])
def test_orders_come_in_the_order_asked_for(shop: Inside, by: str) -> None:
    up = [order[by] for order in shop.get("/orders", order_by=by, order_dir="asc")["orders"]]
    down = [order[by] for order in shop.get("/orders", order_by=by, order_dir="desc")["orders"]]

    assert up == sorted(up)
    assert down == sorted(down, reverse=True)


def test_the_window_of_creation_times_is_inclusive_at_both_ends(shop: Inside) -> None:
    stamps = sorted(order.record["creation_time"] for order in shop.shop.orders.values())
    low, high = stamps[10], stamps[40]

    found = shop.get("/orders", creation_time_from=low, creation_time_to=high)["orders"]

    assert sorted(order["creation_time"] for order in found) == [at for at in stamps if low <= at <= high]


def test_a_date_without_encoded_plus_is_refused(shop: Inside) -> None:
    answer = shop.client.get("/orders?creation_time_from=2025-01-01T00:00:00+01:00")

    assert answer.status_code == 400


@pytest.mark.parametrize("text", ["2025-2-1", "2025-02-01", "2025-02-01T00:00:00+01:00", "2025-01-31T23:00:00Z"])
def test_a_date_is_read_in_every_accepted_form(shop: Inside, text: str) -> None:
    since = shop.get("/orders", last_update_time_from="2025-02-01T00:00:00+01:00")["number_of_items"]

    assert since > 0
    assert shop.get("/orders", last_update_time_from=text)["number_of_items"] == since


def test_several_numbers_are_one_call(shop: Inside) -> None:
    wanted = list(shop.shop.orders)[5:9]

    assert sorted(shop.numbers(order_numbers=";".join([*wanted, "UNKNOWN"]))) == wanted


@pytest.mark.parametrize(
    "query",
    [
        {"paid_yn": "1"},
        {"paid_yn": "false"},
        {"language": "sk"},
        {"payment_type": "cashOnDelivery"},
        {"shipment_type": "zasilkovna"},
        {"status": ""},
        {"external_order_number": "EXT-42"},
    ],
    ids=str,
)
def test_a_filter_keeps_just_what_it_says(shop: Inside, query: dict[str, str]) -> None:
    def fits(record: dict[str, object]) -> bool:
        known = {
            "paid_yn": record["paid_date"] is not None,
            "language": record["language_id"],
            "payment_type": (record["payment"] or {}).get("type"),
            "shipment_type": (record["shipment"] or {}).get("type"),
            "status": record["status"] or "",
            "external_order_number": record["external_order_number"],
        }
        return all(known[name] == {"1": True, "false": False}.get(value, value) for name, value in query.items())

    assert sorted(everything(shop, **query)) == sorted(
        number for number, order in shop.shop.orders.items() if fits(order.record)
    )


def test_statuses_are_filtered_by_one_id_or_several(shop: Inside) -> None:
    sent, received = shop.status("Sent"), shop.status("Received")

    one = everything(shop, status_id=sent)
    both = everything(shop, status_ids=f"{sent};{received}")

    assert one
    assert set(one) < set(both)
    assert {shop.shop.orders[number].record["status_id"] for number in both} == {sent, received}


def test_a_phone_is_found_by_its_msisdn_however_it_was_typed(live: Inside) -> None:
    number = live.order(currency_id="CZK").number
    for typed in ("777 123 456", "+420 777 123 456", "00420777123456"):
        customer = {"phone": typed, "country_id_invoice": "cz"}
        changes.change_order(live.world, live.shop, number, customer=customer)

        assert live.numbers(phone="420777123456") == [number]


def test_one_order_comes_in_the_usual_envelope(shop: Inside) -> None:
    number = next(iter(shop.shop.orders))

    answer = shop.get(f"/orders/{number}")

    assert answer["number_of_items"] == 1
    assert answer["orders"][0]["order_number"] == number


def test_a_number_with_a_slash_is_reached_by_its_encoded_path() -> None:
    it = inside(orders=5, number_format="{yyyy}/{n:06d}")
    number = next(iter(it.shop.orders))

    assert it.get(f"/orders/{number.replace('/', '%2F')}")["orders"][0]["order_number"] == number
    assert it.client.get(f"/orders/{number}").status_code == 404


def test_a_deleted_order_is_not_returned_and_comes_back_when_restored(live: Inside) -> None:
    number = live.order().number

    changes.delete_order(live.world, live.shop, number)
    assert live.numbers(order_numbers=number) == []
    live.watch.go(minutes=1)
    changes.restore_order(live.world, live.shop, number)

    assert live.numbers(order_numbers=number) == [number]
    assert live.get(f"/orders/{number}")["orders"][0]["last_update_time"] == stamp(live.watch())
    assert live.events("Orders.delete") == [
        [{"order_number": number, "deletion_time": stamp(live.watch() - timedelta(minutes=1))}]
    ]


def test_a_new_order_is_on_the_last_page_of_the_creation_order(live: Inside) -> None:
    order = changes.create_order(live.world, live.shop)

    found = live.numbers(order_by="creation_time", order_dir="asc", page=1)

    assert found[-1] == order.number
    assert live.events("Orders.create")[0][0]["creation_time"] == stamp(live.watch())


def test_the_history_tells_who_changed_what(live: Inside) -> None:
    number = live.order(status_id=live.status("Received")).number
    live.put_order(number, tracking_code="DR1")

    live.client.post(f"/orders/{number}/history", json={"data": [{"name": "N" * 60, "value": "<b>Zabaleno</b>"}]})
    rows = live.get(f"/orders/{number}/history")["history"]

    assert [row["origin"] for row in rows] == ["frontend", "api", "api"]
    assert rows[1]["changes"][0]["after"] == "DR1"
    assert rows[2]["data"] == [{"name": "N" * 50, "value": "Zabaleno"}]


def test_the_pdf_of_an_order_is_a_pdf(shop: Inside) -> None:
    answer = shop.client.get(f"/orders/{next(iter(shop.shop.orders))}/pdf")

    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-1.4")
    assert answer.content.endswith(b"%%EOF\n")
