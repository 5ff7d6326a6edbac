"""The control API: what it does to a shop, and how it refuses what it cannot do."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from simulator import control
from tests.simulator.neighbours import Addon, Simulation, an_addon, simulation
from tests.simulator.until import until

ALFA = "/shops/alfa"


@pytest.fixture(scope="module")
def addon() -> Iterator[Addon]:
    with an_addon() as it:
        yield it


@pytest.fixture(scope="module")
def sim(addon: Addon) -> Iterator[Simulation]:
    with simulation(addon, orders=40, products=20) as it:
        it.do(ALFA, "PATCH", verified=True)
        yield it


@pytest.fixture
def told(sim: Simulation) -> Iterator[list[tuple[str, int]]]:
    """What the shop tells its listeners from here on: events and numbers of records."""
    events: list[tuple[str, int]] = []

    def hear(_shop: object, event: str, records: list, _caused_by: str | None) -> None:
        events.append((event, len(records)))

    sim.stage.world.on_event.append(hear)
    yield events
    sim.stage.world.on_event.remove(hear)


def api(sim: Simulation, path: str, method: str = "GET", **how: Any) -> httpx.Response:
    """Call the shop's API as its ready-made user."""
    shop = next(shop for shop in sim.do("", "GET")["shops"] if shop["slug"] == "alfa")
    auth = (shop["login"], shop["key"])
    return httpx.request(method, shop["api_url"] + path, auth=auth, trust_env=False, timeout=5, **how)


def dump(sim: Simulation, **query: str) -> list[dict[str, Any]]:
    answer = sim.client.get(f"/_control{ALFA}/dump", params=query)
    return [json.loads(line) for line in answer.text.splitlines()]


def numbers(answer: dict[str, Any]) -> list[str]:
    return [order["order_number"] for order in answer["orders"]]


def test_every_route_of_the_table_exists_and_no_other() -> None:
    text = control.__doc__.replace("{login | addon}", "{login}")
    rows = [line.split() for line in text.splitlines() if line[:4] == "    "]
    written = {(row[0], row[1].partition("?")[0]) for row in rows if row[0] in ("GET", "POST", "PATCH", "DELETE")}
    world = {(method, f"/_control{path}") for method, path, _, _ in control.WORLD}

    assert written == world | {(method, f"S{path}") for method, path, _, _ in control.SHOP}


def test_new_orders_are_told_one_by_one(sim: Simulation, told: list) -> None:
    made = sim.do(f"{ALFA}/orders/create", count=3)

    assert made["count"] == 3
    assert [event for event in told if event[0].startswith("Orders")] == [("Orders.create", 1)] * 3


def test_new_orders_may_come_as_one_bulk(sim: Simulation, told: list) -> None:
    sim.do(f"{ALFA}/orders/create", count=3, bulk=True)

    assert ("Orders.create", 3) in told


def test_customers_of_one_language_pay_in_its_currency(sim: Simulation) -> None:
    made = numbers(sim.do(f"{ALFA}/orders/create", count=12, language="sk"))

    records = [line["record"] for line in dump(sim, what="order", numbers=";".join(made))]
    assert {(record["language_id"], record["currency_id"]) for record in records} == {("sk", "EUR")}


def test_a_courier_behind_packeta_goes_with_its_shipment(sim: Simulation) -> None:
    fields = {"shipment": {"code": "ZASILKOVNA", "name": "Zásilkovna", "price": 79, "vat": 21, "affiliate_id": "18542"}}
    made = numbers(sim.do(f"{ALFA}/orders/create", count=12, fields=fields))

    chosen = [line["record"]["shipment"] for line in dump(sim, what="order", numbers=";".join(made))]
    assert {(each["affiliate_id"], each["packeta_carrier_id"]) for each in chosen} == {("18542", None)}


def test_changes_are_spread_over_the_orders_named(sim: Simulation, told: list) -> None:
    some = numbers(sim.do(f"{ALFA}/orders/create", count=2))
    told.clear()
    changed = numbers(sim.do(f"{ALFA}/orders/change", numbers=some, count=10))

    assert len(changed) == 10
    assert set(changed) == set(some)
    assert told.count(("Orders.update", 1)) == 10


def test_a_change_with_fields_is_that_change(sim: Simulation) -> None:
    [number] = numbers(sim.do(f"{ALFA}/orders/change", count=1, of="newest", fields={"internal_note": "Zavolat"}))

    assert sim.shop().orders[number].record["internal_note"] == "Zavolat"


def test_a_bulk_status_is_one_event_for_distinct_orders(sim: Simulation, told: list) -> None:
    changed = sim.do(f"{ALFA}/orders/bulk-status", count=30, of="oldest", type="Sent")

    assert len(set(numbers(changed))) == 30
    assert {order["status_id"] for order in changed["orders"]} == {
        id_ for id_, status in sim.shop().statuses.items() if status["type"] == "Sent"
    }
    assert ("Orders.update", 30) in told


def test_a_price_import_is_one_event(sim: Simulation, told: list) -> None:
    sim.do(f"{ALFA}/products/price-import", count=15, percent=10)

    assert told == [("Products.update", 15)]


def test_a_deleted_order_can_be_restored(sim: Simulation, told: list) -> None:
    gone = numbers(sim.do(f"{ALFA}/orders/delete", count=2, of="oldest"))
    missing = api(sim, "/orders", params={"order_numbers": ";".join(gone)}).json()["orders"]
    sim.do(f"{ALFA}/orders/restore", numbers=gone)
    back = api(sim, "/orders", params={"order_numbers": ";".join(gone)}).json()["orders"]

    assert missing == []
    assert {order["order_number"] for order in back} == set(gone)
    assert told.count(("Orders.delete", 1)) == 2


def test_a_status_is_created_renamed_and_deleted(sim: Simulation, told: list) -> None:
    made = sim.do(f"{ALFA}/statuses", names={"cs": "Na skladě"})
    renamed = sim.do(f"{ALFA}/statuses/{made['id']}/rename", names={"cs": "Zabaleno"})
    sim.do(f"{ALFA}/statuses/{made['id']}/delete")

    assert renamed["descriptions"][0]["name"] == "Zabaleno"
    assert told == [("OrderStatuses.create", 1), ("OrderStatuses.update", 1), ("OrderStatuses.delete", 1)]


def test_a_system_status_cannot_be_deleted(sim: Simulation) -> None:
    system = next(id_ for id_, status in sim.shop().statuses.items() if status["type"] == "Sent")

    assert sim.client.post(f"/_control{ALFA}/statuses/{system}/delete").status_code == 400


def test_products_are_created_changed_and_deleted(sim: Simulation, told: list) -> None:
    [made] = sim.do(f"{ALFA}/products/create")["products"]
    sim.do(f"{ALFA}/products/{made['product_id']}/change", fields={"stock": 4})
    stock = sim.shop().products[made["product_id"]].record["stock"]
    sim.do(f"{ALFA}/products/{made['product_id']}/delete")

    assert stock == 4
    assert [event for event, _ in told] == ["Products.create", "Products.update", "Products.delete"]


def test_shipments_and_payments_can_be_touched(sim: Simulation, told: list) -> None:
    for kind in ("shipments", "payments"):
        id_ = next(iter(getattr(sim.shop(), kind)))
        sim.do(f"{ALFA}/{kind}/{id_}/touch", fields={"active_yn": True})

    assert told == [("Shipments.update", 1), ("Payments.update", 1)]


def test_stock_moves_by_code(sim: Simulation, told: list) -> None:
    code = next(code for code, product in sim.shop().by_code.items() if product.record["stock"] is not None)
    sim.do(f"{ALFA}/stock", moves=[[code, -1]])

    assert told == [("Products.update", 1)]


@pytest.mark.parametrize(
    ("kind", "how", "seen"),
    [
        ("busy", {"retry_after_s": 60}, lambda answer: answer.status_code == 429 and "retry-after" in answer.headers),
        ("error", {}, lambda answer: answer.status_code == 500),
        ("html", {}, lambda answer: answer.status_code == 200 and answer.text.startswith("<!DOCTYPE html")),
        ("empty", {}, lambda answer: answer.json()["orders"] == []),
        ("short", {"items": 3}, lambda answer: len(answer.json()["orders"]) < answer.json()["number_of_items"]),
        ("doubled", {}, lambda answer: len(answer.json()["orders"]) == 2 * answer.json()["current_page_items"]),
    ],
)
def test_a_fault_befalls_the_next_call_that_fits(sim: Simulation, kind: str, how: dict, seen: Any) -> None:
    sim.do(f"{ALFA}/faults", kind=kind, template="/orders", honest=False, **how)

    assert api(sim, "/owner").status_code == 200
    assert seen(api(sim, "/orders"))
    assert sim.do(f"{ALFA}/faults", "GET")["faults"] == []


def test_a_dropped_answer_did_the_work(sim: Simulation) -> None:
    number = next(sim.shop().live_orders()).number
    body = {"send_emails_yn": False, "send_sms_yn": False, "orders": [{"order_number": number, "internal_note": "ano"}]}
    sim.do(f"{ALFA}/faults", kind="dropped", method="PUT")

    with pytest.raises(httpx.RemoteProtocolError):
        api(sim, "/orders", "PUT", json=body)
    assert sim.shop().orders[number].record["internal_note"] == "ano"


def test_a_late_write_lands_later(sim: Simulation) -> None:
    order = next(sim.shop().live_orders())
    body = {"send_emails_yn": False, "orders": [{"order_number": order.number, "internal_note": "později"}]}
    sim.do(f"{ALFA}/faults", kind="late", method="PUT", seconds=0.5)

    with pytest.raises(httpx.RemoteProtocolError):
        api(sim, "/orders", "PUT", json=body)
    assert order.record["internal_note"] != "později"
    until(lambda: order.record["internal_note"] == "později")


def test_faults_can_be_cleared(sim: Simulation) -> None:
    sim.do(f"{ALFA}/faults", kind="error", calls=None)
    sim.do(f"{ALFA}/faults", "DELETE")

    assert api(sim, "/owner").status_code == 200


def test_latency_is_waited_for(sim: Simulation) -> None:
    sim.do(ALFA, "PATCH", latency_s=0.2)
    answer = api(sim, "/owner")
    sim.do(ALFA, "PATCH", latency_s=0)

    assert answer.elapsed.total_seconds() >= 0.2


def test_four_calls_at_once_are_one_too_many(sim: Simulation) -> None:
    sim.do(ALFA, "PATCH", latency_s=0.3)
    shop = sim.do(ALFA, "GET")
    with httpx.Client(auth=(shop["login"], shop["key"]), trust_env=False) as client, ThreadPoolExecutor(4) as four:
        codes = list(four.map(lambda _: client.get(f"{shop['api_url']}/owner").status_code, range(4)))
    sim.do(ALFA, "PATCH", latency_s=0)

    assert sorted(codes) == [200, 200, 200, 429]


@pytest.mark.parametrize(("change", "back", "status"), [
    ({"revoked": True}, {"revoked": False}, 401),
    ({"active": False}, {"active": True}, 403),
    ({"rights": {"owner": "deny"}}, {"rights": {"owner": "all"}}, 403),
])  # fmt: skip
def test_an_api_user_can_be_shut_out_and_let_in(sim: Simulation, change: dict, back: dict, status: int) -> None:
    login = sim.do(ALFA, "GET")["login"]
    sim.do(f"{ALFA}/users/{login}", "PATCH", **change)
    refused = api(sim, "/owner").status_code
    sim.do(f"{ALFA}/users/{login}", "PATCH", **back)
    sim.do("/lockout/clear")

    assert refused == status
    assert api(sim, "/owner").status_code == 200


def test_a_webhook_whose_right_is_gone_is_switched_off(sim: Simulation) -> None:
    user = sim.do(f"{ALFA}/users", rights={})
    orders, products = (
        sim.hook(event, "http://127.0.0.1:9", login=user["login"]) for event in ("Orders.update", "Products.update")
    )
    sim.do(f"{ALFA}/users/{user['login']}", "PATCH", rights={"orders": "deny"})

    assert (orders.active, products.active) == (False, True)
    sim.shop().webhooks.clear()


@pytest.mark.parametrize("how", ["body", "location"])
def test_a_moved_shop_answers_301_at_its_old_address(sim: Simulation, how: str) -> None:
    old = sim.do(ALFA, "GET")
    moved = sim.do(f"{ALFA}/move", to="alfa2", how=how)
    auth = (old["login"], old["key"])
    answer = httpx.get(f"{old['api_url']}/owner", auth=auth, trust_env=False)
    there = httpx.get(f"{moved['api_url']}/owner", auth=auth, trust_env=False)
    sim.do("/shops/alfa2/move", to="alfa")

    assert (answer.status_code, there.status_code) == (301, 200)
    assert moved["api_url"] in (answer.json()["api_url"] if how == "body" else answer.headers["location"])


def test_the_dump_is_what_the_api_says(sim: Simulation) -> None:
    sim.do(f"{ALFA}/orders/delete", count=1, of="newest")
    shown = {order["order_number"]: order for order in api(sim, "/orders").json()["orders"]}
    dumped = {line["id"]: line for line in dump(sim, what="order")}

    assert {number: line["record"] for number, line in dumped.items() if not line["deleted"]} == shown
    assert any(line["deleted"] for line in dumped.values())


def test_the_dump_holds_every_kind(sim: Simulation) -> None:
    shop, lines = sim.shop(), dump(sim)
    kinds = [line["kind"] for line in lines]

    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "order": len(shop.orders),
        "product": len(shop.products),
        "status": len(shop.statuses),
        "shipment": len(shop.shipments),
        "payment": len(shop.payments),
    }


def test_the_dump_can_be_asked_for_single_orders(sim: Simulation) -> None:
    some = list(sim.shop().orders)[:2]

    assert [line["id"] for line in dump(sim, what="order", numbers=";".join(some))] == some


def test_stats_count_calls_by_template_and_broken_rules(sim: Simulation) -> None:
    number = next(sim.shop().live_orders()).number
    sim.do(f"{ALFA}/stats/reset")
    api(sim, f"/orders/{number}")
    api(sim, "/orders", "PUT", json={"orders": [{"order_number": str(n)} for n in range(101)]})
    stats = sim.do(f"{ALFA}/stats", "GET")["api"]

    assert stats["calls"] == {"GET /orders/{order_number}": 1, "PUT /orders": 1}
    assert stats["breaches"] == {"too_many_items": 1}


def test_mails_are_counted_and_listed(sim: Simulation) -> None:
    sim.do(f"{ALFA}/stats/reset")
    sent = next(id_ for id_, status in sim.shop().statuses.items() if status["type"] == "Received")
    number = next(order.number for order in sim.shop().live_orders() if order.record["status_id"] != sent)
    sim.do(f"{ALFA}/orders/change", numbers=[number], fields={"status_id": sent}, send_emails=True)
    mails = sim.do(f"{ALFA}/mails", "GET")

    assert mails["email"] == 1
    assert mails["mails"][0]["order_number"] == number


def test_mails_are_counted_by_order_and_forgotten_with_the_rest(sim: Simulation) -> None:
    sim.do(f"{ALFA}/stats/reset")
    sent = next(id_ for id_, status in sim.shop().statuses.items() if status["type"] == "Sent")
    number = next(order.number for order in sim.shop().live_orders() if order.record["status_id"] != sent)
    api(sim, "/orders", "PUT", json={"send_sms_yn": False, "orders": [{"order_number": number, "status_id": sent}]})
    counted = sim.do(f"{ALFA}/mails/orders", "GET")
    sim.do(f"{ALFA}/stats/reset")

    assert counted == {"email": {number: 1}, "sms": {}}
    assert sim.do(f"{ALFA}/mails/orders", "GET") == {"email": {}, "sms": {}}


def test_the_page_shows_what_a_write_did(sim: Simulation) -> None:
    sim.do(f"{ALFA}/stats/reset")
    sent = next(id_ for id_, status in sim.shop().statuses.items() if status["type"] == "Sent")
    newest_first = reversed(list(sim.shop().live_orders()))
    order = next(order for order in newest_first if order.record["status_id"] != sent)
    item = {"order_number": order.number, "status_id": sent, "tracking_code": "DR0123456789C"}
    api(sim, "/orders", "PUT", json={"send_sms_yn": False, "orders": [item]})

    row = sim.client.get("/shops/alfa").text.partition(f"<td>{order.number}</td>")[2].partition("</tr>")[0]

    assert "DR0123456789C" in row
    assert f'<option value="{sent}" selected>' in row
    assert '<td class="number">1</td>' in row


def test_a_fault_can_be_rare_and_bound_to_orders(sim: Simulation) -> None:
    how = {"kind": "late", "calls": None, "method": "PUT", "one_in": 20, "seed": 3, "seconds": 2, "seconds_most": 90}
    told = sim.do(f"{ALFA}/faults", numbers=["O2", "O1"], **how)["faults"][0]
    sim.do(f"{ALFA}/faults", "DELETE")

    assert how.items() <= told.items()
    assert told["numbers"] == ["O1", "O2"]


def test_calls_are_listed_without_secrets(sim: Simulation) -> None:
    api(sim, "/orders", params={"page": 1})
    call = sim.do(f"{ALFA}/calls", "GET")["calls"][-1]

    assert (call["method"], call["template"], call["status"], call["query"]) == ("GET", "/orders", 200, "page=1")


def test_a_shop_can_be_opened(sim: Simulation) -> None:
    made = sim.do("/shops", slug="nova", orders=3, products=4, tariff="verified")

    assert (made["orders"], made["products"], made["tariff"]) == (3, 4, "verified")
    assert "nova" in [shop["slug"] for shop in sim.do("/shops", "GET")["shops"]]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nowhere", {}, 404),
        ("POST", "/stats", {}, 405),
        ("GET", "/shops/nobody", {}, 404),
        ("POST", "/shops", {"slug": "alfa"}, 409),
        ("POST", "/shops", {"slug": "shops"}, 400),
        ("POST", "/shops", {"slug": "x", "tariff": "wood"}, 400),
        ("PATCH", ALFA, {"latency": 1}, 400),
        ("PATCH", ALFA, {"latency_s": -1}, 400),
        ("POST", f"{ALFA}/faults", {"kind": "weather"}, 400),
        ("POST", f"{ALFA}/orders/create", {"count": "many"}, 400),
        ("POST", f"{ALFA}/orders/create", {"fields": {"world": 1}}, 400),
        ("POST", f"{ALFA}/orders/change", {"numbers": ["nix"]}, 404),
        ("POST", f"{ALFA}/orders/change", {"fields": {"status_id": 9_999}}, 400),
        ("POST", f"{ALFA}/orders/delete", {"count": 99_999}, 409),
        ("POST", f"{ALFA}/orders/bulk-status", {"count": 1}, 400),
        ("POST", f"{ALFA}/orders/bulk-status", {"count": 1, "type": "Nix"}, 404),
        ("POST", f"{ALFA}/products/99999/change", {"fields": {}}, 404),
        ("POST", f"{ALFA}/shipments/x/touch", {}, 400),
        ("POST", f"{ALFA}/stock", {"moves": [["nix", 1]]}, 404),
        ("POST", f"{ALFA}/install", {"again": True}, 409),
        ("POST", f"{ALFA}/replay", {"door": "uninstall", "of": "version"}, 409),
        ("PATCH", f"{ALFA}/users/addon", {"active": False}, 404),
        ("POST", f"{ALFA}/users", {"rights": {"money": "all"}}, 400),
        ("POST", f"{ALFA}/move", {"to": "alfa"}, 409),
        ("PATCH", "/key", {"mode": "gone"}, 400),
        ("GET", f"{ALFA}/dump?what=money", {}, 400),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason(
    sim: Simulation, method: str, path: str, body: dict, status: int
) -> None:
    answer = sim.client.request(method, f"/_control{path}", json=body)

    assert answer.status_code == status
    assert answer.json()["error"]


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(sim: Simulation, content: bytes) -> None:
    assert sim.client.post("/_control/shops", content=content).status_code == 400


def test_a_person_can_play_merchant(sim: Simulation, addon: Addon) -> None:
    addon.answers = {
        "/addon/install": (200, {"error": False}),
        "/addon/open": (200, {"url": "https://example.com/panel", "type": "iframe"}),
        "/addon/uninstall": (200, {}),
    }

    def press(door: str) -> str:
        return sim.client.post("/shops/alfa/addon", data={"door": door}, follow_redirects=True).text

    assert '<b class="good">Active</b>' in press("install")
    assert "https://example.com/panel" in press("open")
    assert "<b>Not active</b>" in press("uninstall")


def test_a_person_can_change_orders(sim: Simulation) -> None:
    number = next(sim.shop().live_orders()).number
    status_id = list(sim.shop().statuses)[-1]
    form = {"order_number": number, "status_id": status_id}
    pressed = [sim.client.post(f"/shops/alfa/{act}", data=form).status_code for act in ("status", "change", "delete")]

    assert pressed == [303, 303, 303]
    assert sim.shop().orders[number].deleted_at is not None
    assert sim.client.post("/shops/alfa/delete", data=form).status_code == 404
    assert sim.client.post("/shops/alfa/restore", data=form).status_code == 303
    assert sim.client.post("/shops/alfa/place").status_code == 303
