"""Who may call, how often, how many at once (contract 1.2-1.8)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import pytest

from simulator import changes
from simulator.answer import answer
from simulator.inprocess import as_request
from simulator.wire import Request
from tests.simulator.inside import Inside, inside


@pytest.fixture
def it() -> Inside:
    return inside(orders=5, products=5)


def request(it: Inside, path: str = "/status") -> Request:
    return as_request(it.client.build_request("GET", path, headers=authorization(it)))


def authorization(it: Inside) -> dict[str, str]:
    signed = next(httpx.BasicAuth(it.user.login, it.user.key).auth_flow(httpx.Request("GET", "http://x")))
    return {"authorization": signed.headers["authorization"]}


def test_wrong_credentials_are_401_and_counted(it: Inside) -> None:
    assert it.as_(it.user.login, "wrong").get("/status").status_code == 401
    assert it.as_("nobody", it.user.key).get("/status").status_code == 401
    assert it.shop.stats.breaches == {"bad_login": 2}


def test_five_bad_logins_lock_the_address_for_an_hour_and_no_other(it: Inside) -> None:
    stranger = it.as_(it.user.login, "wrong")
    for _ in range(5):
        assert stranger.get("/status").status_code == 401

    assert it.client.get("/status").status_code == 403
    assert it.as_(it.user.login, it.user.key, ip="10.0.0.9").get("/status").status_code == 200
    it.watch.go(hours=1, seconds=1)
    assert it.client.get("/status").status_code == 200


def test_the_lock_floats_so_that_old_tries_fall_out_one_by_one(it: Inside) -> None:
    stranger = it.as_(it.user.login, "wrong")
    for _ in range(5):
        stranger.get("/status")
        it.watch.go(minutes=10)

    assert it.client.get("/status").status_code == 403
    it.watch.go(minutes=11)
    assert it.client.get("/status").status_code == 200


def test_a_fourth_request_at_once_is_429_without_headers(it: Inside) -> None:
    flying = [request(it) for _ in range(3)]
    assert [it.world.enter(one) for one in flying] == [None, None, None]

    refused = it.world.enter(request(it))

    assert refused is not None
    assert refused.status == 429
    assert set(refused.headers) == {"content-type"}
    assert it.shop.stats.breaches == {"concurrency": 1}
    it.world.leave(flying[0])
    assert it.world.enter(request(it)) is None


def test_groups_do_not_slow_each_other_down(it: Inside) -> None:
    other = it.world.add_user(it.shop)
    for _ in range(3):
        it.world.enter(request(it))

    assert it.as_(other.login, other.key).get("/status").status_code == 200


@pytest.mark.parametrize(
    ("tariff", "hour", "day"), [("bronze", 10, 100), ("silver", 15, 300), ("gold", 50, 600), ("platinum", 100, 1500)]
)
def test_headers_show_the_tariffs_windows(tariff: str, hour: int, day: int) -> None:
    it = inside(orders=1, products=1, verified=False, tariff=tariff)

    headers = it.client.get("/owner").headers

    assert headers["x-rate-limit-hour"] == str(hour)
    assert headers["x-rate-limit-day"] == str(day)
    assert headers["x-rate-limit-hour-remaining"] == str(hour - 1)
    assert headers["x-rate-limit-day-remaining"] == str(day)


def test_the_hour_is_spent_before_the_day_and_both_come_back_by_the_clock() -> None:
    it = inside(orders=1, products=1, verified=False, tariff="bronze")
    for _ in range(110):
        assert it.client.get("/owner").status_code == 200

    refused = it.client.get("/owner")
    assert refused.status_code == 429
    assert parsedate_to_datetime(refused.headers["retry-after"]) == datetime(2025, 3, 3, 10, 0, tzinfo=UTC)

    it.watch.go(minutes=45)
    after = [it.client.get("/owner").status_code for _ in range(11)]
    assert after == [200] * 10 + [429]

    it.watch.at = datetime(2025, 3, 3, 23, 0, tzinfo=UTC)  # midnight in Prague
    headers = it.client.get("/owner").headers
    assert (headers["x-rate-limit-hour-remaining"], headers["x-rate-limit-day-remaining"]) == ("9", "100")


def test_a_verified_addon_sees_no_windows(it: Inside) -> None:
    headers = [it.client.get("/owner").headers for _ in range(150)][-1]

    assert "x-rate-limit-hour" not in headers
    assert it.shop.stats.broken == 0


def test_a_user_of_a_verified_shop_that_is_no_addon_has_windows(it: Inside) -> None:
    own = it.world.add_user(it.shop)

    assert it.as_(own.login, own.key).get("/owner").headers["x-rate-limit-hour"] == "100"


def test_rights_bound_a_user_and_status_shows_them(it: Inside) -> None:
    it.world.set_rights(it.shop, it.user, {"orders": "readonly", "payments": "deny"})

    shown = {row["service"]: row["privilege"] for row in it.get("/status")["services"]}

    assert (shown["orders"], shown["payments"], shown["owner"]) == ("readonly", "deny", "all")
    assert it.client.get("/orders").status_code == 200
    assert it.client.put("/orders", json={"orders": []}).status_code == 403
    assert it.client.get("/payments").status_code == 403


def test_wrong_paths_and_methods_are_told_apart(it: Inside) -> None:
    assert it.client.get("/nothing").status_code == 404
    assert it.client.delete("/owner").status_code == 405
    assert it.client.request("PATCH", "/orders").status_code == 501
    assert it.client.get("/orders/").status_code == 200
    assert it.shop.stats.breaches == {"wrong_url": 1, "wrong_method": 2}


def test_a_header_overrides_the_method(it: Inside) -> None:
    made = it.client.post("/webhooks", json={"name": "n", "url": "https://x.example.com/h", "event": "Orders.update"})
    id_ = made.json()["webhook"]["id"]

    answered = it.client.post(f"/webhooks/{id_}", headers={"X-HTTP-Method-Override": "DELETE"}).json()

    assert answered["webhooks"] == [{"id": str(id_), "deleted": True, "messages": []}]


def test_an_uninstalled_addon_has_no_login_and_no_webhooks(it: Inside) -> None:
    it.client.post("/webhooks", json={"name": "n", "url": "https://x.example.com/h", "event": "Orders.update"})

    it.world.uninstall(it.shop)

    assert it.shop.webhooks == {}
    assert it.client.get("/status").status_code == 401


def test_a_new_installation_brings_new_credentials(it: Inside) -> None:
    again = it.world.install(it.shop)

    assert (again.login, again.key) != (it.user.login, it.user.key)
    assert it.client.get("/status").status_code == 401
    assert it.as_(again.login, again.key).get("/status").status_code == 200


@pytest.mark.parametrize("status", [401, 403])
def test_a_blocked_addon_comes_back_with_the_same_credentials(it: Inside, status: int) -> None:
    it.world.block_addon(status)
    blocked = it.client.get("/status").status_code

    it.world.unblock_addon()

    assert blocked == status
    assert it.client.get("/status").status_code == 200


def test_revoked_credentials_are_401_and_an_inactive_user_is_403(it: Inside) -> None:
    it.user.revoked = True
    revoked = it.client.get("/status").status_code
    it.user.revoked, it.user.active = False, False

    assert (revoked, it.client.get("/status").status_code) == (401, 403)


@pytest.mark.parametrize("how", ["body", "location"])
def test_a_moved_shop_tells_its_new_address(it: Inside, how: str) -> None:
    it.world.move_shop(it.shop, "alfa-s22", how=how)

    answer = it.client.get("/orders?page=2")

    assert answer.status_code == 301
    new = it.world.api_url(it.shop)
    assert new.endswith("/alfa-s22/api/v2")
    if how == "body":
        assert answer.json() == {"api_url": new}
        assert "location" not in answer.headers
    else:
        assert answer.headers["location"] == f"{new}/orders?page=2"
    assert it.as_(it.user.login, it.user.key).get("/orders").status_code == 200


def test_calls_are_counted_by_method_and_template_with_their_items(it: Inside) -> None:
    numbers = list(it.shop.orders)[:3]

    it.get("/orders", order_numbers=";".join(numbers))
    it.get(f"/orders/{numbers[0]}")
    it.put("/orders", {"orders": [{"order_number": numbers[0], "tracking_code": "T"}]})

    stats = it.shop.stats
    assert stats.calls == {("GET", "/orders"): 1, ("GET", "/orders/{order_number}"): 1, ("PUT", "/orders"): 1}
    assert [entry.items for entry in stats.log] == [3, 1, 1]
    assert stats.gets() == 2
    assert stats.broken == 0


def test_an_unknown_shop_is_404(it: Inside) -> None:
    assert answer(it.world, Request("GET", "/nobody/api/v2/orders")).status == 404


def test_the_log_holds_no_secrets(it: Inside) -> None:
    it.client.post("/webhooks", json={"name": "n", "url": "https://x.example.com/secret", "event": "Orders.update"})
    changes.create_order(it.world, it.shop)

    assert it.user.key not in repr(it.shop.stats.log)
    assert "secret" not in repr(it.shop.stats.log)
