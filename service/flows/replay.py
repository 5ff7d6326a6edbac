"""Make the webhooks of a period into hints once more: they cause reads and nothing else, so nobody is mailed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service import inbox, journal, tenants
from service.inbox import Cause, Delivery
from service.lanes import LOOKED_AT, Lane, TenantId
from service.platform import hooks
from service.platform.client import ORDERS_AT_ONCE, PRODUCTS_AT_ONCE, SEPARATOR
from service.rig import Rig
from service.tenants import State

ORDERS_A_CALL, PRODUCTS_A_CALL = ORDERS_AT_ONCE - 2, PRODUCTS_AT_ONCE - 1  # the other seats are the witnesses'
CALLS_A_LIST = {Lane.REFRESH_STATUSES: 1, Lane.REFRESH_SHIPPING: 2}
FULFILLMENT_CALLS = 3  # products, their parameters, their relations (4.7.4)
AT_ONCE = 2_000  # hints of one transaction


@dataclass(frozen=True)
class Effects:
    """What a replay would do: the deliveries read, and for each lane the keys that become hints.

    `calls` are the most it can cost while the shop answers; each of the `looks` costs a call for every page that
    changed since its watermark on top.
    """

    deliveries: int
    keys: Mapping[Lane, Sequence[str]]
    calls: int

    def count(self, lane: Lane) -> int:
        """Return how many things of a lane would be read by their key."""
        return sum(key != inbox.LOOK for key in self.keys.get(lane, ()))

    @property
    def looks(self) -> list[Lane]:
        """The lanes whose changes would be looked at as a whole, because a webhook named nothing that can be read."""
        return [lane for lane in (Lane.REFRESH_ORDERS, Lane.REFRESH_PRODUCTS) if inbox.LOOK in self.keys.get(lane, ())]


def weigh(rig: Rig, tenant_id: TenantId, *, since: datetime, until: datetime) -> Effects:
    """Return what a replay of the deliveries received from `since` until before `until` would do; change nothing.

    Raise LookupError, with words for the operator, for a shop that is not with us.
    """
    named: dict[Lane, set[str]] = {}
    deliveries = 0
    with rig.db.tx(tenant_id) as conn:
        tenant = tenants.of(conn, tenant_id)
        if tenant is None or tenant.state is State.DISMISSED:
            raise LookupError(f"{tenant_id} is not with us any more: nothing of it can be read")
        told = inbox.received(conn, tenant_id, generation=tenant.generation, since=since, until=until)
        for delivery in told:
            deliveries += 1
            if delivery.lane:
                named.setdefault(delivery.lane, set()).update(keys_of(delivery))
    keys = {lane: sorted(found) for lane, found in named.items()}
    return Effects(deliveries, keys, cost(keys, addon=rig.settings.addon))


def keys_of(delivery: Delivery) -> set[str]:
    """Return what a delivery named; the look where it named nothing that can be read, or a list."""
    if delivery.lane not in (Lane.REFRESH_ORDERS, Lane.REFRESH_PRODUCTS):
        return {inbox.LOOK}
    if delivery.size > len(delivery.body):  # only a sample was kept
        return {inbox.LOOK}
    try:
        reading = hooks.read(delivery.event, delivery.body)
    except hooks.Unreadable:
        return {inbox.LOOK}
    lost = bool(reading.set_aside) or any(record.kind == "variant" for record in reading.records)
    return {record.key for record in reading.records if record.kind != "variant"} | ({inbox.LOOK} if lost else set())


def cost(keys: Mapping[Lane, Sequence[str]], *, addon: str) -> int:
    """Return how many calls the hints cost at most while the shop answers; a look counts as one."""
    numbers = [key for key in keys.get(Lane.REFRESH_ORDERS, ()) if key != inbox.LOOK]
    alone = sum(SEPARATOR in number for number in numbers)
    products = [key for key in keys.get(Lane.REFRESH_PRODUCTS, ()) if key != inbox.LOOK]
    a_batch = FULFILLMENT_CALLS if addon == "fulfillment" else 1
    looks = sum(inbox.LOOK in keys.get(lane, ()) for lane in (Lane.REFRESH_ORDERS, Lane.REFRESH_PRODUCTS))
    lists = sum(calls for lane, calls in CALLS_A_LIST.items() if lane in keys)
    return (
        alone
        + batches(len(numbers) - alone, ORDERS_A_CALL)
        + a_batch * batches(len(products), PRODUCTS_A_CALL)
        + (looks + lists)
    )


def batches(count: int, most: int) -> int:
    """Return how many calls so many things need."""
    return -(-count // most)


def run(rig: Rig, tenant_id: TenantId, effects: Effects, *, since: datetime, until: datetime) -> int:
    """Make the hints that were weighed, none of them urgent: fresh events go first; return how many."""
    hints = 0
    for lane, keys in effects.keys.items():
        for place in range(0, len(keys), AT_ONCE):
            now = rig.now()
            told = [inbox.Hint(key, urgent=False, due_at=now) for key in keys[place : place + AT_ONCE]]
            with rig.db.tx(tenant_id) as conn:
                if lane in LOOKED_AT and inbox.LOOK in keys[place : place + AT_ONCE]:
                    inbox.note_cause(conn, tenant_id, lane, Cause.PERSON, now=now, doubted_from=since)
                hints += inbox.hint(conn, tenant_id, lane, told, now=now)
    detail = {"by": "operator", "replayed": effects.deliveries, "hints": hints}
    detail |= {"from": since.isoformat(), "until": until.isoformat()}
    with rig.db.tx(tenant_id) as conn:
        journal.write(conn, tenant_id, [journal.Entry(rig.now(), journal.Kind.PERSON, None, detail)])
    for lane in effects.keys:
        rig.wake(lane, tenant_id)
    return hints
