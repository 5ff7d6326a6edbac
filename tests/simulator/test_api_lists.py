"""Code lists, webhooks, customers, invoices (contract 3.1, 4.6, 4.9-4.14, 4.17)."""

import pytest

from simulator import changes
from tests.simulator.inside import Inside, inside

HOOK = {"name": "orders", "url": "https://user:pass@hooks.example.com/h", "event": "orders.UPDATE"}


@pytest.fixture
def it() -> Inside:
    return inside(orders=150, products=20)


def test_statuses_have_system_types_and_names_in_both_languages(it: Inside) -> None:
    rows = it.get("/order-statuses")["order_statuses"]

    assert {"Received", "Canceled", "Sent", "Custom"} <= {row["type"] for row in rows}
    assert {text["language_id"] for row in rows for text in row["descriptions"]} == {"cs", "sk"}
    assert len([row for row in rows if row["descriptions"][0]["name"] == "Storno"]) == 2
    assert it.get("/order-statuses", type="Sent")["order_statuses"][0]["id"] == it.status("Sent")
    assert it.get(f"/order-statuses/{it.status('Sent')}")["order_statuses"][0]["type"] == "Sent"


def test_an_older_shop_has_no_sent_status_and_orders_without_newer_fields() -> None:
    old = inside("stary", orders=60, older=True)

    assert old.get("/order-statuses", type="Sent")["order_statuses"] == []
    first = old.get("/orders", order_dir="asc")["orders"][0]
    assert {"uuid", "order_id"}.isdisjoint(first)
    assert {"type", "uuid"}.isdisjoint(first["products"][0])


def test_a_status_lives_through_the_api_and_its_name_shows_in_orders(it: Inside) -> None:
    texts = [{"language_id": "cs", "name": "Na cestě"}]
    made = it.client.post("/order-statuses", json={"descriptions": texts}).json()["order_status"]
    number = it.order().number
    it.put_order(number, status_id=made["id"])

    texts[0]["name"] = "Už jede"
    it.put("/order-statuses", {"id": made["id"], "descriptions": texts})
    renamed = it.get(f"/orders/{number}")["orders"][0]["status"]
    gone = it.client.delete(f"/order-statuses/{made['id']}").json()["order_status"]
    kept = it.client.delete(f"/order-statuses/{it.status('Sent')}").json()["order_status"]

    assert (renamed, gone["deleted_yn"], kept["deleted_yn"]) == ("Už jede", True, False)
    assert it.get(f"/orders/{number}")["orders"][0]["status_id"] is None
    assert [next(iter(record)) for (record,) in it.events("OrderStatuses.create")] == ["order_status_id"]
    assert isinstance(it.events("OrderStatuses.delete")[0][0]["order_status_id"], str)


def test_shipment_and_payment_ids_are_strings_here_and_ints_in_orders(it: Inside) -> None:
    shipments, payments = it.get("/shipments")["shipments"], it.get("/payments")["payments"]

    assert all(isinstance(row["id"], str) for row in shipments + payments)
    record = next(o.record for o in it.shop.live_orders() if o.record["shipment"] and o.record["shipment"]["id"])
    assert str(record["shipment"]["id"]) in {row["id"] for row in shipments}


@pytest.mark.parametrize("path", ["shipments", "payments"])
def test_lists_of_shipping_are_filtered_by_id_code_and_type(it: Inside, path: str) -> None:
    rows = it.get(f"/{path}")[path]
    one = rows[0]

    assert it.get(f"/{path}", ids=f"{one['id']};{rows[1]['id']}")[path] == rows[:2]
    assert it.get(f"/{path}", code=one["code"])[path] == [one]
    assert it.get(f"/{path}", type=one["type"])[path] == [row for row in rows if row["type"] == one["type"]]
    assert it.get(f"/{path}/{one['id']}")[path] == [one]


def test_only_own_shipments_take_pickup_points(it: Inside) -> None:
    own = next(id_ for id_, row in it.shop.shipments.items() if row["code"] == "OSOBNE")
    packeta = next(id_ for id_, row in it.shop.shipments.items() if row["code"] == "ZASILKOVNA")
    point = {
        "affiliate_id": "sklad1",
        "name": "Sklad",
        "street": "U Dráhy 1",
        "city": "Brno",
        "zip": "60200",
        "country": "cz",
    }

    refused = it.client.post(f"/shipments/{packeta}/affiliates", json={"affiliates": [point]})
    made = it.client.post(
        f"/shipments/{own}/affiliates",
        json={"affiliates": [point, {"name": "half"}, {**point, "affiliate_id": "sklad 2"}]},
    ).json()
    there = {row["affiliate_id"] for row in it.get(f"/shipments/{own}/affiliates")["affiliates"]}
    gone = it.client.delete(f"/shipments/{own}/affiliates?affiliate_ids=sklad1").json()

    assert refused.status_code == 403
    assert [row["created_yn"] for row in made["affiliates"]] == [True, False, False]
    assert "sklad1" in there
    assert gone["affiliates"][0]["deleted_yn"] is True
    assert len(it.get(f"/shipments/{packeta}/affiliates")["affiliates"]) == 24


def test_two_owners_differ_by_language(it: Inside) -> None:
    owners = it.get("/owner")["owner"]

    assert [owner["language_id"] for owner in owners] == ["cs", "sk"]
    assert owners[0]["company_number"] != owners[1]["company_number"]


def test_a_language_may_be_an_alias_of_another(it: Inside) -> None:
    rows = it.get("/languages")["languages"]

    assert [row["language_id"] for row in rows if row["default_yn"]] == ["cs"]
    assert any(row["language_id"] != row["actual_language_id"] for row in rows)
    assert set(it.get("/config")["config"]) == {"prices_with_vat_yn", "vat_payer_yn", "oss_yn", "limit_orders"}


def test_customers_are_filtered_and_keep_their_odd_types(it: Inside) -> None:
    rows = it.get("/customers")["customers"]
    someone = rows[4]

    assert all(isinstance(row["turnover"], str) and isinstance(row["groups"], dict) for row in rows)
    assert it.get("/customers", email=someone["login"]["email"])["customers"] == [someone]
    assert it.get("/customers", ids="2;3")["number_of_items"] == 2
    assert it.get("/customers", active_yn="0", language="cs")["number_of_items"] > 0


def test_invoices_are_drawn_from_their_orders(it: Inside) -> None:
    row = it.get("/invoices")["invoices"][0]
    order = it.get(f"/orders/{row['order_number']}")["orders"][0]

    assert order["invoice_number"] == row["invoice_number"]
    assert row["total_with_vat"] == order["order_total"]
    assert isinstance(row["recapitulation_vats"], dict)
    assert "var_payer_yn" in row["supplier"]
    assert it.get("/invoices", invoice_numbers=row["invoice_number"])["number_of_items"] == 1
    assert it.client.get(f"/invoices/{row['invoice_number']}/pdf").content.startswith(b"%PDF")


def test_events_carry_the_rights_and_odd_spelling(it: Inside) -> None:
    it.world.set_rights(it.shop, it.user, {"products": "deny"})

    events = {row["name"]: row["allowed_yn"] for row in it.get("/webhooks/events")["events"]}

    assert events["Orders.update"] is True
    assert events["Products.update"] is False
    assert "Availabilities.Update" in events


def test_a_webhook_is_registered_shown_changed_and_deleted(it: Inside) -> None:
    made = it.client.post("/webhooks", json=HOOK).json()["webhook"]
    shown = it.get("/webhooks")["webhooks"]
    it.put("/webhooks", {"id": made["id"], "active_yn": False})
    changed = it.get(f"/webhooks/{made['id']}")["webhooks"][0]
    gone = it.client.delete(f"/webhooks?ids={made['id']};77").json()["webhooks"]

    assert made == {"id": made["id"], "active_yn": True, **HOOK, "event": "Orders.update"}
    assert [row["last_success_call"] for row in shown] == [None]
    assert (changed["active_yn"], changed["url"]) == (False, HOOK["url"])
    assert [(row["id"], row["deleted"]) for row in gone] == [(str(made["id"]), True), ("77", False)]


def test_the_same_webhook_without_a_look_is_a_breach(it: Inside) -> None:
    it.client.post("/webhooks", json=HOOK)
    it.get("/webhooks")
    it.client.post("/webhooks", json=HOOK)
    looked = it.shop.stats.broken

    it.client.post("/webhooks", json=HOOK)

    assert (looked, it.shop.stats.breaches["webhook_unasked"]) == (0, 1)


@pytest.mark.parametrize("odd", [{"url": "hooks"}, {"event": "Stocks.update"}, {"name": ""}, {"url": None}])
def test_an_odd_webhook_is_refused(it: Inside, odd: dict[str, object]) -> None:
    assert it.client.post("/webhooks", json={**HOOK, **odd}).status_code == 400


def test_webhooks_of_another_user_are_out_of_reach(it: Inside) -> None:
    id_ = it.client.post("/webhooks", json=HOOK).json()["webhook"]["id"]
    other = it.world.add_user(it.shop)
    stranger = it.as_(other.login, other.key)

    assert stranger.get("/webhooks").json()["webhooks"] == []
    assert stranger.delete(f"/webhooks/{id_}").json()["webhooks"][0]["deleted"] is False


def test_a_lost_right_switches_its_webhooks_off(it: Inside) -> None:
    id_ = it.client.post("/webhooks", json=HOOK).json()["webhook"]["id"]

    it.world.set_rights(it.shop, it.user, {"orders": "deny"})

    assert it.shop.webhooks[id_].active is False


def test_a_changed_shipment_or_payment_is_told_by_its_id(it: Inside) -> None:
    shipment, payment = next(iter(it.shop.shipments)), next(iter(it.shop.payments))

    changes.touch_shipment(it.world, it.shop, shipment, active_yn=False)
    changes.touch_payment(it.world, it.shop, payment, code="NOVÝ")

    assert it.events("Shipments.update")[0][0]["shipment_id"] == shipment
    assert it.events("Payments.update")[0][0]["code"] == "NOVÝ"
    assert it.get(f"/shipments/{shipment}")["shipments"][0]["active_yn"] is False
