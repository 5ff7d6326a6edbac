"""A thousand spoiled requests at every door, twelve thousand when searching: none is a bug, and no neighbour is lost.

Each example judges every answer and what was logged of it. What stands beside nonsense, in one body or in one batch,
is a hint, a shipment or an answer like any other.
"""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lifecycle import API_URL, SECRET, START, signed
from tests.web import spoiled, street
from tests.web.street import ORDERS, PERSON, Street

pytestmark = [
    # The process we ask runs beside us in threads, and its pools draw from `random` while hypothesis draws an example.
    pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies"),
    pytest.mark.filterwarnings("ignore:Generating overly large repr"),  # a body is what it is, and is to be shown
]

SEARCHING = 12 if settings.default and settings.default.max_examples >= 1_000 else 1
STAMP = "2026-03-01T12:00:00+01:00"
NOON = START.isoformat()
ORDER = {"order_number": "O1", "status_id": 3, "status": "Přijatá", "last_update_time": STAMP, "customer": PERSON}
DOCUMENTS: dict[str, dict[str, Any]] = {
    "Orders": {"project_name": "Žižkův obchůdek", "orders": [ORDER, ORDER]},
    "OrderStatuses": {"project_name": "x", "statuses": [{"order_status_id": "12", "last_update_time": STAMP}]},
    "Products": {"project_name": "x", "products": [{"product_id": 41, "code": None, "last_update_time": STAMP}]},
    "Shipments": {"project_name": "x", "shipments": [{"id": 5, "last_update_time": STAMP}]},
    "Payments": {"project_name": "x", "payments": [{"id": 5, "last_update_time": STAMP}]},
    "Labels": {"project_name": "x", "labels": [PERSON]},
}
GONE = {"products": [{"product_id": 41, "deletion_time": STAMP}], "variants": [{"variant_id": 77}]}
EVENTS = [f"{entity}.{action}" for entity in DOCUMENTS for action in ("create", "update", "delete")]
DOORS = {
    "install": ("token", "apiUser", "apiKey", "apiUrl", "time"),
    "open": ("token", "time"),
    "uninstall": ("token", "time"),
    "version": ("token", "version", "time"),
}
PARCEL = {"carrier": "ppl", "tracking_code": "40170000001", "weight_g": 1250}
FORMS = {
    "/panel/account": {"choice": "fresh", "company_number": "1", **PERSON},
    "/panel/leave": {},
    "/panel/shipping": {"release": "1", "shipped": "12", "shipped_mail": "yes", "tracking": "first", "pull_from": ""},
    "/panel/shipping/mode": {"mode": "observe", "confirm": "yes"},
    "/panel/shipping/release": {"confirm": "yes"},
    "/panel/carriers/login": {"carrier": "packeta", "for": "all", "over_all": "0", "f_eshop": "x", "f_api_key": "k"},
    "/panel/carriers/test": {"carrier": "packeta", "login": "k_1"},
    "/panel/carriers/remove": {"carrier": "packeta", "login": "k_1", "confirm": "yes"},
    "/panel/money/read": {"carrier": "gls", "list": "number;amount;currency;date\n1;1,00;CZK;2026-03-01"},
    "/panel/pairing/save": {"shipment": "1", "over": "0", "service": "ppl PRIV", "options": "a=b", "weight": "1"},
    "/panel/pairing/forget": {"shipment": "1", "over": "0"},
    "/panel/pack/book": {"key": "f_aaaaaaaaaaaa", "act": "all", "shown0": "1.O1", "boxes0": "1200", "way0": "ppl PRIV"},
    "/panel/pack/refresh": {"key": "f_aaaaaaaaaaaa", "page": "a4", "start": "2"},
    "/panel/pack/print": {"shipment": "s_x_y", "page": "a4", "start": "2"},
    "/panel/pack/again": {"booking": "b_1", "over": "1", "how": "same", "boxes": "1200"},
    "/panel/pack/elsewhere": {"booking": "b_1", "over": "1", "code": "ABCD", "carrier": "ppl"},
    "/panel/pack/let-be": {"booking": "b_1", "over": "1", "confirm": "yes"},
    "/panel/pack/collect": {"booking": "b_1", "shipment": "s_x_y", "amount": "1", "currency": "CZK"},
    "/panel/pack/hand-over/call-off": {"handover": "h_x_y", "confirm": "yes"},
    "/panel/pack/returns/ask": {"key": "f_aaaaaaaaaaaa", "order": "O1", "shipment": "s_x_y", "boxes": "1200"},
    "/panel/pack/returns/print": {"return": "r_x_y"},
    "/panel/pack/returns/again": {"return": "r_x_y", "looks": "yes", "looked": "yes"},
    "/panel/pack/returns/let-be": {"return": "r_x_y", "confirm": "yes"},
    "/panel/pack/cancel": {"booking": "b_1", "over": "1", "confirm": "yes"},
}
METHODS = ("GET", "POST", "PUT", "HEAD")
PAGES = [
    "/panel", "/panel/progress", "/panel/shipping", "/panel/static/panel.css", "/panel/carriers", "/panel/pairing",
    "/panel/pack", "/panel/pack/batch/f_aaaaaaaaaaaa", "/panel/pack/returns", "/panel/pack/returns/r_x_y",
    "/panel/money", *FORMS,
]  # fmt: skip


def searched(examples: int):
    """Return the settings of so many examples, twelve times as many when searching."""
    return settings(max_examples=examples * SEARCHING)


@pytest.fixture
def doors(database, tmp_path, caplog) -> Iterator[Street]:
    with street.opened(database.url, tmp_path, caplog) as opened:
        yield opened
        told = ", ".join(f"{status}: {count:,}" for status, count in sorted(opened.answers.items()))
        print(f"\n{opened.answers.total():,} requests ({told})")


def content_of(event: str) -> dict[str, Any]:
    return GONE if event == "Products.delete" else DOCUMENTS[event.partition(".")[0]]


@st.composite
def deliveries(draw: st.DrawFn) -> list[tuple[str, bytes]]:
    events = draw(st.lists(st.sampled_from(EVENTS), min_size=1, max_size=4))
    return [(event, draw(spoiled.body(content_of(event)))) for event in events]


@st.composite
def crowds(draw: st.DrawFn) -> tuple[str, str, str, list[Any], int]:
    """Return an entity, the names of its list and key, and spoiled records with the place of a good one among them."""
    entity, root, key = draw(
        st.sampled_from([("Orders", "orders", "order_number"), ("Products", "products", "product_id")])
    )
    records, place = draw(spoiled.beside({}, DOCUMENTS[entity][root][0]))
    return entity, root, key, records, place


@searched(100)
@given(deliveries(), crowds(), st.booleans())
def test_a_webhook_is_acknowledged_and_what_is_good_beside_it_is_a_hint(doors: Street, batch, crowd, is_ascii) -> None:
    entity, root, key, records, place = crowd
    beside, alone = doors.fresh(), doors.fresh()
    records[place] = {key: beside}
    for event, body in batch:
        doors.hook(body, event)
    doors.hook(spoiled.legible({root: records, "project_name": "Žluť"}, is_ascii=is_ascii), f"{entity}.update")
    doors.hook(json.dumps({root: [{key: alone}]}).encode(), f"{entity}.create")
    doors.expand()

    assert doors.hints() >= {str(beside), str(alone)}
    assert doors.unsettled() == 0
    doors.judge_the_log()


@searched(15)
@given(
    spoiled.segment("t_x.1", "%2E%2E", "%00"),
    spoiled.segment(*EVENTS),
    spoiled.segment("A" * 22, "mac"),
    st.binary(max_size=50),
)
def test_an_address_that_is_not_ours_is_acknowledged_and_dropped(doors: Street, shop, event, mac, body) -> None:
    doors.hook(body, path=f"/u/{shop}/{event}/{mac}")

    assert doors.unsettled() == 0
    doors.judge_the_log()


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, bytes]:
    """Return a door and a call of it, most of them signed over what they say."""
    door = draw(st.sampled_from(list(DOORS)))
    call = {"token": "fuzz", "version": 1, "current_admin_language": "cs", "time": NOON, "contact": PERSON}
    call |= {"apiUser": "addon-7", "apiKey": "key-of-the-shop", "apiUrl": API_URL} if door == "install" else {}
    said = draw(spoiled.altered(call))
    said["signature_v2"] = draw(spoiled.mostly(st.just(signature(said, DOORS[door])), spoiled.ODD))
    return door, draw(spoiled.written(said))


@searched(75)
@given(calls())
def test_a_spoiled_lifecycle_call_is_refused_or_understood_and_the_next_one_is_served(doors: Street, call) -> None:
    door, body = call
    doors.ask("POST", f"/addon/{door}", content=body)

    good = {"token": "alfa", "version": 1, "time": NOON, "signature_v2": signed("alfa", NOON, SECRET)}
    assert doors.ask("POST", "/addon/open", json=good).status_code == 200
    doors.judge_the_log()


def signature(said: dict[str, Any], names: tuple[str, ...]) -> str:
    """Sign what is said as the platform would, if it can be signed at all."""
    try:
        return signed(*(str(said[name]) for name in names), SECRET)
    except (KeyError, ValueError):  # a field is missing, half a letter, a number of too many digits
        return "AAAA"


@searched(75)
@given(st.data(), st.booleans())
def test_a_good_shipment_among_spoiled_ones_is_made(doors: Street, data, is_ascii) -> None:
    item = {"tenant": doors.tenant, "order": "O1", "final": False, "parcels": [PARCEL], "left_already": False}
    items, place = data.draw(spoiled.beside({}, {**item, **PERSON}))
    items[place] = {**item, "order": ORDERS[doors.fresh() % len(ORDERS)]}
    body = spoiled.legible({"shipments": items, "warehouse": PERSON}, is_ascii=is_ascii)
    answer = posted(doors, body, key=f"k{doors.fresh()}")

    assert answer.status_code in (200, 400)  # NaN, half a letter: no JSON, and nothing is done
    if answer.status_code == 200:
        results = answer.json()["results"]
        assert [each["index"] for each in results] == list(range(len(items)))
        assert results[place]["status"] == 201, results[place]
    doors.judge_the_log()


def posted(doors: Street, body: bytes, *, key: str):
    headers = {"Authorization": f"Bearer {doors.token}", "Idempotency-Key": key}
    return doors.ask("POST", "/wms/v1/shipments", content=body, headers=headers)


@searched(200)
@given(st.data())
def test_a_spoiled_call_of_a_warehouse_is_a_clear_answer(doors: Street, data) -> None:
    item = {"tenant": doors.tenant, "order": "O1", "final": False, "parcels": [PARCEL]}
    order = f"/orders/{data.draw(spoiled.segment(doors.tenant))}/{data.draw(spoiled.segment(*ORDERS[:3], 'O%2F1'))}"
    shipment = f"/shipments/{data.draw(spoiled.segment('s_abcdefghijkm_abcdefghijkm', 's_', 'x'))}"
    method, path, content = data.draw(
        st.sampled_from([
            ("GET", "/orders", None), ("GET", order, None), ("POST", f"{order}/ack", {"revision": 1}),
            ("POST", "/shipments", {"shipments": [item, item]}), ("GET", shipment, None), ("DELETE", shipment, None),
            ("PUT", shipment, {"parcels": [PARCEL], "final": True}), ("PATCH", order, {}), ("HEAD", "/orders", None),
        ])
    )  # fmt: skip
    headers = {
        "Authorization": data.draw(spoiled.text(f"Bearer {doors.token}", "Bearer x", "Basic x")),
        "Idempotency-Key": data.draw(spoiled.text(f"k{doors.fresh()}", "same")),
        "Content-Type": data.draw(spoiled.text("application/json", "text/xml")),
    }
    cursor = base64.urlsafe_b64encode(
        json.dumps(data.draw(spoiled.altered(["x", {doors.tenant: 1}]))).encode()
    ).decode()
    asked = {"after": ["", cursor], "tenant": [doors.tenant], "limit": [1, 500], "wait": [0]}
    query = {**data.draw(spoiled.params(asked)), "wait": data.draw(st.sampled_from([0, -1, "x", "²"]))}
    body = None if content is None else data.draw(spoiled.body(content))
    answer = doors.ask(
        method,
        f"/wms/v1{path}",
        params=query if path == "/orders" else None,
        content=body,
        headers={name: value.strip().encode("latin-1") for name, value in headers.items()},
    )

    assert answer.status_code in (200, 400, 401, 404, 405, 409, 422)
    doors.judge_the_log()


@searched(80)
@given(st.data())
def test_the_panel_takes_no_harm_from_any_form_or_cookie(doors: Street, data) -> None:
    if not doors.cookie:
        doors.enter()
    odd = spoiled.segment("enter/x", "static/x").map(lambda name: f"/panel/{name}")
    path = data.draw(spoiled.mostly(st.sampled_from(PAGES), odd))
    own = data.draw(spoiled.mostly(st.just(True), st.just(False))) and path != "/panel/leave"
    fields = {**FORMS.get(path, {"x": "y"}), "form_token": doors.form_token if own else "x", "shown": "x"}
    cookie = data.draw(spoiled.text(doors.cookie, "", f"{doors.tenant}.guess"))
    method = data.draw(spoiled.mostly(st.just("POST" if path in FORMS else "GET"), st.sampled_from(METHODS)))
    body, query = (
        data.draw(spoiled.form(fields)),
        data.draw(spoiled.params({"said": ["saved", "paired"], "page": [1, 2], "stands": ["paid"]})),
    )
    doors.ask(method, path, content=body, params=query, headers={"Cookie": f"panel={cookie}".strip().encode("latin-1")})

    assert doors.ask("GET", "/panel", headers={"Cookie": f"panel={doors.cookie}"}).status_code == 200
    doors.judge_the_log()


@searched(40)
@given(
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE"]),
    st.lists(spoiled.segment("health", "live", "ready", "receiver", "addon", "wms", "v1", "u"), max_size=4),
    spoiled.params({"x": ["1"]}),
    spoiled.body({"x": PERSON}),
)
def test_a_path_nobody_knows_is_a_problem_document(doors: Street, method, parts, query, body) -> None:
    path = "/" + "/".join(parts)
    if path.startswith("/u/"):
        return
    doors.ask(method, path, params=query, content=body)

    assert doors.ask("GET", "/health/live").status_code == 200
    doors.judge_the_log()
