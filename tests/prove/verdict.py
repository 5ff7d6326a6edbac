"""What must be true when a story has ended, however it went; each breach in words."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from service import journal, mappings, offers, problems, shipments, tenants
from service.db import Conn
from service.problems import Cause
from tests.prove.scene import Site
from tests.prove.trial import Trial

if TYPE_CHECKING:
    from tests.prove.story import Ended

LATE = timedelta(minutes=5)
OF_WRONG_LOGINS = {"bad_login"}  # the shops' doing; what follows from too many of them is ours

STORED = """
    SELECT tenant_id, event, body, sum(copies) AS copies, bool_or(expanded_at IS NULL) AS unexpanded
    FROM deliveries
    GROUP BY tenant_id, event, body
"""
PARKED = """
    SELECT lane || ' ' || key || ': ' || parked AS why FROM hints WHERE parked IS NOT NULL
    UNION ALL
    SELECT 'write-back ' || order_number || ': ' || parked FROM outbox WHERE parked IS NOT NULL
    UNION ALL
    SELECT 'delivery ' || delivery_id || ': ' || parked FROM deliveries WHERE parked IS NOT NULL
    UNION ALL
    SELECT 'activation ' || step || ': ' || coalesce(why, '') FROM activation_steps WHERE state = 'failed'
"""
MASKED = "SELECT order_number FROM orders WHERE tenant_id = %s AND masked_at IS NOT NULL"
ROWS = "SELECT shipment_id FROM shipments WHERE tenant_id = %s"


def wrongs(trial: Trial, *, aged: bool = False) -> list[str]:
    """Return everything that is not as promised; `aged`: old webhooks were dropped, and old orders masked."""
    found = list(_of_the_service(trial, aged=aged))
    for site in trial.sites:
        with trial.rig.db.tx(site.tenant) as conn:
            masked = {row["order_number"] for row in conn.execute(MASKED, [site.tenant]).fetchall()}
            ours = [*_state(conn, site), *_shipments(conn, site), *_feed(conn, site), *_journal(conn, site)]
        differences = trial.town.differences(site.shop, site.tenant).items()
        differing = [f"{number}: {what}" for number, what in differences if number not in masked]
        found += [f"{site.shop.slug}: {each}" for each in [*ours, *differing, *_mails(site), *_rules(site)]]
    return found


def _of_the_service(trial: Trial, *, aged: bool) -> Iterator[str]:
    with trial.rig.db.tx_all("a verdict looks at all shops") as conn:
        stored = {(row["tenant_id"], row["event"], bytes(row["body"])): row for row in conn.execute(STORED).fetchall()}
        parked = [row["why"] for row in conn.execute(PARKED).fetchall()]
    lost = _lost(trial, {key: row["copies"] for key, row in stored.items()})
    if lost and not aged:
        yield f"{lost} acknowledged webhooks are not stored"
    unexpanded = sum(row["unexpanded"] for row in stored.values())
    if unexpanded:
        yield f"{unexpanded} webhooks were never expanded"
    yield from (f"parked: {why}" for why in parked)
    at = trial.next_at()
    if at is not None and at < trial.ours() - LATE:
        yield f"something is due since {at:%F %T}"


def _lost(trial: Trial, copies: dict[tuple[str, str, bytes], int]) -> int:
    return sum(max(0, count - copies.get(key, 0)) for key, count in trial.acked.items())


def _state(conn: Conn, site: Site) -> Iterator[str]:
    state, _ = tenants.fence(conn, site.tenant)
    if state is not tenants.State.ACTIVE:
        yield f"the shop is {state.value}"
    if not mappings.of(conn, site.tenant).live:
        yield "the shop is not live"


def _shipments(conn: Conn, site: Site) -> Iterator[str]:
    """Hold the shop against what the warehouse told last."""
    ids = {row["shipment_id"] for row in conn.execute(ROWS, [site.tenant]).fetchall()}
    if ids != set(site.warehouse.told):
        yield f"{len(ids)} shipments are stored, {len(site.warehouse.told)} were told of"
    numbers = sorted({told.number for told in site.warehouse.told.values()})
    dropped = {each.order_number for each in problems.open_ones(conn, site.tenant) if each.cause is Cause.SILENT_DROP}
    for number, told in shipments.of_orders(conn, site.tenant, numbers).items():
        standing = [each for each in told if not each.voided]
        if sum(each.final for each in standing) > 1:
            yield f"{number} left twice"
        order = site.shop.orders[number]
        if order.deleted_at or number in site.forgotten or number in dropped:  # of the last a person was told
            continue
        codes = [parcel.tracking_code for each in standing for parcel in each.parcels if parcel.tracking_code]
        if codes and order.record["tracking_code"] != codes[0]:
            yield f"{number} shows the code {order.record['tracking_code']} instead of {codes[0]}"
        left = any(each.final for each in standing)
        if left and order.record["status_id"] != site.sent_id and not _statuses(site, number, "admin"):
            yield f"{number} left and shows the status {order.record['status_id']}"


def _statuses(site: Site, number: str, origin: str) -> int:
    """Count the real changes of an order's status by one kind of author, as the shop's own history has them."""
    rows = [row for row in site.shop.orders[number].history if row["origin"] == origin]
    return sum(each["name"] == "Stav" for row in rows for each in row["changes"])


def _feed(conn: Conn, site: Site) -> Iterator[str]:
    yield from site.warehouse.wrong
    stand = {
        shown.offer.order_number: shown.offer.revision for shown in offers.after(conn, site.tenant, 0, most=10_000)
    }
    heard = {number: offer.revision for number, offer in site.warehouse.known.items()}
    if heard != stand:
        gaps = sorted(number for number in stand.keys() | heard.keys() if stand.get(number) != heard.get(number))
        yield f"the warehouse does not know how these stand: {', '.join(gaps)}"


def _journal(conn: Conn, site: Site) -> Iterator[str]:
    held = journal.verify(conn, site.tenant)
    if not held.whole:
        yield f"the journal is broken at seal {held.broken_place}: {held.why}"


def _mails(site: Site) -> Iterator[str]:
    """Hold the mails our writes caused against the changes of status they made: one each, and none for history.

    Where a merchant had set the status himself and we did not know yet, our write mails and changes nothing.
    """
    mailed = _mailed(site)
    shipped = {told.number for told in site.warehouse.told.values()}
    for number, order in site.shop.orders.items():
        changed = _statuses(site, number, "api")
        if changed and number not in shipped:
            yield f"{number} was written and never left"
        least = changed if (order.record["customer"] or {}).get("email") else 0
        if not least <= mailed[number] <= least + _statuses(site, number, "admin"):
            yield f"{number} changed its status {changed} times, its customer has {mailed[number]} mails"


def _mailed(site: Site) -> Counter[str]:
    """Count the mails that our writes caused, by order."""
    return Counter(mail.order_number for mail in site.shop.mails if mail.kind == "email" and mail.caused_by)


def _rules(site: Site) -> Iterator[str]:
    for breach, count in sorted(site.shop.stats.breaches.items()):
        if breach not in OF_WRONG_LOGINS:
            yield f"rule of the platform broken {count} times: {breach}"


def count(trial: Trial, ended: "Ended") -> None:
    """Note the figures of a story."""
    with trial.rig.db.tx_all("a verdict counts") as conn:
        rows = conn.execute(STORED).fetchall()
    copies = {(row["tenant_id"], row["event"], bytes(row["body"])): int(row["copies"]) for row in rows}
    ended.deliveries = trial.acked.total()
    ended.lost = _lost(trial, copies)
    for site in trial.sites:
        mails = _mailed(site)
        for number, sent in mails.items():
            ended.duplicates += max(0, sent - _statuses(site, number, "api") - _statuses(site, number, "admin"))
        ended.duplicates += len(site.warehouse.wrong)
        ended.mails += mails.total()
        ended.shipped += len(site.warehouse.told)
        ended.calls += site.shop.stats.total
    ended.killed, ended.faults, ended.turns = trial.killed, trial.faults, trial.turns
