"""A short run of `make chaos` by a fixed seed, and its invariants: each finds what was planted for it.

One test, for one world: it takes long to stand up, and what is planted is planted where the run has traded.
"""

from collections.abc import Callable

from service.demo import shipping
from tests.chaos import board, invariants, runs
from tests.chaos.invariants import Counts, Seen
from tests.chaos.world import World, standing

SEED, TRIES = 40, 3
TOGETHER = ("receiver_killed", "redis_emptied", "beat_killed", "shuffled")  # none leaves a write in doubt for 90 s


def a_row_is_lost(world: World) -> None:
    world.run("DELETE FROM deliveries WHERE delivery_id = (SELECT max(delivery_id) FROM deliveries WHERE copies = 1)")


def an_order_is_stale(world: World) -> None:
    world.run(
        'UPDATE orders SET content = content || \'{"internal_note": "planted"}\''
        " WHERE order_number = (SELECT max(order_number) FROM orders WHERE state = 'live')"
    )


def a_customer_is_mailed_again(world: World) -> None:
    merchant, sent = shipped(world)
    merchant.tell("/hooks", "PATCH", hold=True)
    status = shipping.statuses(merchant)
    for status_id in (status["Received"], status[shipping.SENT]):
        merchant.tell("/orders/change", numbers=[sent], fields={"status_id": status_id}, send_emails=True)


def a_code_is_another(world: World) -> None:
    merchant, sent = shipped(world)
    merchant.tell("/orders/change", numbers=[sent], fields={"tracking_code": "PLANTED"})


def a_row_is_parked(world: World) -> None:
    world.run("UPDATE hints SET parked = 'planted' WHERE key = (SELECT max(key) FROM hints)")


def shipped(world: World):
    """Return a shop and an order of it that left and stands in the shop."""
    one = world.judge()["shipments"][-1]
    return world.tenants()[one["key"][0]], one["key"][1]


PLANTED: list[tuple[Callable[[World], None], Callable[[Seen], list[str]]]] = [
    (a_row_is_lost, invariants.every_ack_has_its_row),
    (an_order_is_stale, invariants.mirror_is_the_shop),
    (a_customer_is_mailed_again, invariants.shipped_orders_show_it),
    (a_code_is_another, invariants.shipped_orders_show_it),
    (a_row_is_parked, invariants.nothing_is_stuck),
]


def test_whatever_breaks_together_nothing_is_lost_doubled_or_stuck_and_what_is_planted_is_found() -> None:
    with standing() as world:
        for seed in range(SEED, SEED + TRIES):
            outcome = runs.run(world, seed, [runs.BY_NAME[name] for name in TOGETHER])

            assert outcome.holds, board.told(outcome)
            assert outcome.acked > 0
            if world.judge()["shipments"]:  # on a slow machine trade may end before the first parcel left
                break
        assert [plant.__name__ for plant, invariant in PLANTED if not is_found(world, plant, invariant)] == []


def is_found(world: World, plant: Callable[[World], None], invariant: Callable[[Seen], list[str]]) -> bool:
    def found() -> list[str]:
        counts = Counts.of(world)
        return invariant(Seen(world, counts, counts, world.judge(), frozenset(), 0.0))

    before = found()
    plant(world)
    return len(found()) > len(before)
