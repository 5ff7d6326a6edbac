"""Webhooks: what the calls say, and how the sender goes on after each kind of answer (contract 3)."""

from collections.abc import Iterator

import pytest

from simulator import bodies
from simulator.bodies import Quirks
from simulator.hooks import TIMEOUT_S
from tests.simulator.neighbours import Addon, Simulation, an_addon, simulation
from tests.simulator.until import until

QUICK = 6_000  # five minutes become 50 ms, twelve hours 7.2 s
PATIENT_S = 20.0  # a receiver on a busy machine is no silent one
QUICKER = 60_000  # five minutes become 5 ms, twelve hours 0.72 s


@pytest.fixture(scope="module")
def addon() -> Iterator[Addon]:
    with an_addon() as it:
        yield it


@pytest.fixture(scope="module")
def running(addon: Addon) -> Iterator[Simulation]:
    with simulation(addon, timers=QUICK) as it:
        yield it


@pytest.fixture
def sim(running: Simulation, addon: Addon) -> Simulation:
    shop = running.shop()
    shop.webhooks.clear()
    running.stage.sender._handling.clear()
    running.stage.sender.patience_s = PATIENT_S
    running.do("/shops/alfa/stats/reset")
    addon.heard.clear()
    addon.answers.clear()
    addon.silent.clear()
    addon.status = 204
    return running


def change(sim: Simulation, count: int = 1) -> list[str]:
    return [order["order_number"] for order in sim.do("/shops/alfa/orders/change", count=count)["orders"]]


def changed(addon: Addon) -> list[str]:
    return [order["order_number"] for body in addon.bodies() for order in body["orders"]]


def test_a_change_is_told_by_number_time_and_status_only(sim: Simulation, addon: Addon) -> None:
    hook = sim.hook("Orders.update", f"{addon.url}/hook")
    [number] = change(sim)
    until(lambda: hook.last_success_at)

    [body] = addon.bodies()
    record = sim.shop().orders[number].record
    names = ("order_number", "last_update_time", "status_id", "status")
    assert body == {"project_name": sim.shop().name, "orders": [{name: record[name] for name in names}]}


def test_a_right_answer_is_kept_on_the_webhook(sim: Simulation, addon: Addon) -> None:
    hook = sim.hook("Orders.update", f"{addon.url}/hook")
    change(sim)
    until(lambda: hook.last_success_at)

    assert hook.record()["last_success_call_status"] == 204
    assert hook.record()["last_error_call"] is None


def test_a_bulk_is_one_call(sim: Simulation, addon: Addon) -> None:
    hook = sim.hook("Orders.update", f"{addon.url}/hook")
    sim.do("/shops/alfa/orders/bulk-status", count=10, of="oldest", type="Received")
    until(lambda: hook.last_success_at)

    assert [len(body["orders"]) for body in addon.bodies()] == [10]


def test_single_changes_are_single_calls(sim: Simulation, addon: Addon) -> None:
    sim.hook("Orders.update", f"{addon.url}/hook")
    change(sim, 5)

    until(lambda: len(addon.bodies()) == 5)


def test_at_most_5000_records_go_into_one_call() -> None:
    records = [{"order_number": f"{n}"} for n in range(12_001)]
    made = list(bodies.made("Orders.update", "shop", records, Quirks()))

    assert [count for _, count in made] == [5_000, 5_000, 2_001]


@pytest.mark.parametrize(
    ("event", "root"),
    [("Orders.delete", "orders"), ("OrderStatuses.update", "statuses"), ("Payments.update", "payments")],
)
def test_the_root_is_named_after_the_entity_except_for_statuses(event: str, root: str) -> None:
    [(body, _)] = bodies.made(event, "shop", [{"id": 1}], Quirks())

    assert body == f'{{"project_name":"shop","{root}":[{{"id":1}}]}}'.encode()


def test_a_deleted_product_and_its_variants_come_in_two_arrays() -> None:
    records = [{"product_id": 41, "code": "P41"}, {"variant_id": 77, "code": "P41-XL"}]
    [(body, _)] = bodies.made("Products.delete", "shop", records, Quirks())

    assert body == (
        b'{"project_name":"shop","products":[{"product_id":41,"code":"P41"}],'
        b'"variants":[{"variant_id":77,"code":"P41-XL"}]}'
    )


def test_samples_of_status_events_show_the_wrong_time_field() -> None:
    records = [{"order_status_id": "12", "last_update_time": "t"}]
    [(body, _)] = bodies.made("OrderStatuses.update", "shop", records, Quirks(statuses_as_printed=True))

    assert body == b'{"project_name":"shop","statuses":[{"order_status_id":"12","creation_time":"t"}]}'


@pytest.mark.parametrize("status", [200, 204])
def test_200_and_204_are_right(sim: Simulation, addon: Addon, status: int) -> None:
    sim.hook("Orders.update", f"{addon.url}/hook")
    addon.status = status
    change(sim)

    until(lambda: sim.figures()["acked"] == 1)


@pytest.mark.parametrize("status", [202, 301, 404, 503])
def test_any_other_answer_is_sent_again_until_it_is_right(sim: Simulation, addon: Addon, status: int) -> None:
    hook = sim.hook("Orders.update", f"{addon.url}/hook")
    addon.status = status
    change(sim)
    until(lambda: len(addon.bodies()) >= 2)
    assert hook.record()["last_error_call_status"] == status
    addon.status = 204
    until(lambda: sim.figures()["acked"] == 1)

    assert all(body == addon.bodies()[0] for body in addon.bodies())
    assert sim.figures()["resent"] == sim.figures()["wrong"]


def test_what_was_answered_right_is_known_by_its_body(sim: Simulation, addon: Addon) -> None:
    sim.hook("Orders.update", f"{addon.url}/hook")
    sim.do("/shops/alfa/hooks", "PATCH", double_every=1)
    change(sim)
    until(lambda: sim.figures()["acked"] == 2)

    assert [*sim.do("/shops/alfa/hooks/acked", "GET")["bodies"].values()] == [2]


def test_a_timeout_counts_as_delivered(sim: Simulation, addon: Addon) -> None:
    hook = sim.hook("Orders.update", f"{addon.url}/hook")
    sim.stage.sender.patience_s = TIMEOUT_S
    addon.silent.set()
    change(sim)
    until(lambda: sim.figures()["timeouts"] == 1)

    assert sim.figures()["waiting"] == {"due": 0, "later": 0, "held": 0, "under_way": 0}
    assert hook.last_success_at is None


def test_by_the_older_rule_a_timeout_is_sent_again(sim: Simulation, addon: Addon) -> None:
    sim.hook("Orders.update", f"{addon.url}/hook")
    sim.do("/shops/alfa/hooks", "PATCH", timeout_delivered=False)
    sim.stage.sender.patience_s = TIMEOUT_S
    addon.silent.set()
    change(sim)
    until(lambda: sim.figures()["timeouts"] == 1)
    addon.silent.clear()

    until(lambda: sim.figures()["acked"] == 1)


def test_a_dead_receiver_is_tried_again(sim: Simulation) -> None:
    hook = sim.hook("Orders.update", "http://127.0.0.1:9/hook")
    change(sim)
    until(lambda: sim.figures()["unreachable"] >= 2)

    assert hook.record()["last_error_call_status"] is None
    hook.active = False


def test_twelve_hours_without_success_switch_the_webhook_off() -> None:
    with an_addon() as addon, simulation(addon, timers=QUICKER) as sim:
        hook = sim.hook("Orders.update", f"{addon.url}/hook")
        addon.status = 500
        change(sim)
        until(lambda: not hook.active)

        assert sim.figures()["deactivated"] == 1
        assert sim.figures()["waiting"]["later"] == 0


def test_a_webhook_that_is_off_hears_nothing(sim: Simulation, addon: Addon) -> None:
    sim.hook("Orders.update", f"{addon.url}/hook").active = False
    change(sim)

    assert sim.figures()["made"] == 0


def test_the_webhooks_of_one_event_can_be_switched_off(sim: Simulation, addon: Addon) -> None:
    hooks = [sim.hook(event, f"{addon.url}/hook") for event in ("Orders.update", "Orders.create")]
    sim.do("/shops/alfa/hooks", "PATCH", off="Orders.update")

    assert [hook.active for hook in hooks] == [False, True]


def test_every_third_call_comes_twice(sim: Simulation, addon: Addon) -> None:
    sim.hook("Orders.update", f"{addon.url}/hook")
    sim.do("/shops/alfa/hooks", "PATCH", double_every=3)
    change(sim, 9)
    until(lambda: len(addon.bodies()) == 12)

    assert sim.figures()["doubled"] == 3


def test_calls_are_shuffled_within_the_time_given(sim: Simulation, addon: Addon) -> None:
    sim.hook("Orders.update", f"{addon.url}/hook")
    sim.do("/shops/alfa/hooks", "PATCH", shuffle_s=0.5)
    numbers = change(sim, 12)
    until(lambda: len(addon.bodies()) == 12)

    assert sorted(changed(addon)) == sorted(numbers)
    assert changed(addon) != numbers


def test_a_lost_call_was_heard_and_comes_again(sim: Simulation, addon: Addon) -> None:
    sim.hook("Orders.update", f"{addon.url}/hook")
    sim.do("/shops/alfa/hooks", "PATCH", lose_next=2)
    change(sim, 3)
    until(lambda: sim.figures()["acked"] == 3)

    assert len(addon.bodies()) == 5
    assert sim.figures()["ignored"] == 2


def test_a_swallowed_call_never_leaves(sim: Simulation, addon: Addon) -> None:
    sim.hook("Orders.update", f"{addon.url}/hook")
    sim.do("/shops/alfa/hooks", "PATCH", swallow_next=1)
    _, told = change(sim, 2)
    until(lambda: sim.figures()["acked"] == 1)

    assert changed(addon) == [told]


def test_held_calls_leave_when_they_are_let_go(sim: Simulation, addon: Addon) -> None:
    sim.hook("Orders.update", f"{addon.url}/hook")
    sim.do("/shops/alfa/hooks", "PATCH", hold=True)
    numbers = change(sim, 3)
    assert sim.figures()["waiting"]["held"] == 3
    sim.do("/shops/alfa/hooks", "PATCH", hold=False)
    until(lambda: sim.figures()["acked"] == 3)

    assert sorted(changed(addon)) == sorted(numbers)


@pytest.mark.parametrize(("echo", "calls"), [(True, 1), (False, 0)])
def test_a_write_through_the_api_tells_its_author_or_not(sim: Simulation, addon: Addon, echo: bool, calls: int) -> None:
    sim.hook("Orders.update", f"{addon.url}/hook", login="author")
    sim.do("/shops/alfa/hooks", "PATCH", echo=echo)
    sim.stage.sender.hear(sim.shop(), "Orders.update", [{"order_number": "1"}], "author")

    assert sim.figures()["made"] == calls


def test_older_shops_tell_an_update_with_each_new_order(sim: Simulation, addon: Addon) -> None:
    sim.hook("Orders.update", f"{addon.url}/hook")
    sim.do("/shops/alfa/hooks", "PATCH", quirks={"update_after_create": True})
    [order] = sim.do("/shops/alfa/orders/create")["orders"]
    until(lambda: len(addon.bodies()) == 1)

    assert addon.bodies()[0]["orders"][0]["order_number"] == order["order_number"]


def test_credentials_in_the_url_become_a_login(sim: Simulation, addon: Addon) -> None:
    sim.hook("Orders.update", addon.url.replace("http://", "http://hook:s3cret@") + "/hook")
    change(sim)

    until(lambda: sim.figures()["acked"] == 1)


def test_every_call_of_a_burst_ends_in_one_figure(sim: Simulation, addon: Addon) -> None:
    sim.hook("Orders.update", f"{addon.url}/hook")
    for _ in range(10):
        change(sim, 10)
    until(lambda: sum(sim.figures()["waiting"].values()) == 0, within_s=10.0)

    figures = sim.figures()
    assert figures["sent"] == 100 == figures["acked"] + figures["timeouts"]
    assert figures["ack_ms"]["p50"] <= figures["ack_ms"]["p99"] <= figures["ack_ms"]["max"]
