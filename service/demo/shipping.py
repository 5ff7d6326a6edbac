"""Chapters: the shops go live, a warehouse with a system of its own is let in, and what it shipped is looked up."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from service.demo import activation, mirror
from service.demo.dispatch import Dispatch, statuses
from service.demo.market import COD, payment_of
from service.demo.merchants import Merchant, told
from service.demo.mirror import Mirror
from service.demo.stage import Stage
from service.demo.warehouse import Key, Warehouse

BY_HAND = 110  # old orders that a person releases
OFFERED_WITHIN_S = 20.0
SHOWN_WITHIN_S = 15.0
WRITTEN_WITHIN_S = 150.0  # a doubt rests for 90 s

# Dice of the faults, shop by shop: they lose an answer and delay a write among the first calls.
DICE = (35, 160)
LOST, LATE = "dropped", "late"

RELEASING, SENT = ("Received", "PaymentSuccessful"), "Sent"  # types of system statuses


def go_live(stage: Stage) -> None:
    """Let both merchants answer, switch their shops live, release old orders by hand, and let the warehouse in."""
    merchants, shops = activation.merchants_of(stage), shops_of(stage)
    for merchant in merchants:
        merchant.tell("/stats/reset")
    stage.notes["live_since"] = datetime.now(UTC).isoformat()
    account_id = stage.command("account-create", "warehouse", "Sklad Demo")
    released = old_orders(merchants)
    with ThreadPoolExecutor(len(merchants)) as crowd:
        asked = [crowd.submit(prepare, stage, *shop, account_id, released[shop[1]]) for shop in shops.items()]
        for each in asked:
            each.result()
    stage.notes["by_hand"] = {merchant.slug: numbers for merchant, numbers in released.items()}
    stage.begin_warehouse(account_id, stage.command("token-create", account_id, "demo"))
    for merchant, dice in zip(merchants, DICE, strict=True):
        puts: dict[str, Any] = {"method": "PUT", "template": "/orders", "calls": None, "seed": dice}
        for fault in ({"kind": LOST, "one_in": 10}, {"kind": LATE, "one_in": 20, "seconds": 2, "seconds_most": 90}):
            told("POST", f"{merchant.control_url}/faults", puts | fault)
    expected, warehouse = sum(map(len, released.values())), warehouse_of(stage)
    mirror.until(
        lambda: len(warehouse.shelf()) == expected,
        within_s=OFFERED_WITHIN_S,
        what=lambda: f"{expected} old orders were released, the warehouse has {len(warehouse.shelf())}",
    )
    print(f"both shops are live; {expected} old orders were released by hand and the warehouse has them")


def prepare(stage: Stage, tenant_id: str, merchant: Merchant, account_id: str, numbers: Sequence[str]) -> None:
    """Do for one shop what its merchant and our operator do."""
    types = statuses(merchant)
    releasing = ",".join(str(types[each]) for each in RELEASING)
    stage.command("account-pair", tenant_id, account_id)
    stage.command("tenants", "set", tenant_id, "--release", releasing, "--shipped", f"{types[SENT]}:mail", "--live")
    stage.command("release", tenant_id, *numbers)


def old_orders(merchants: Sequence[Merchant]) -> dict[Merchant, list[str]]:
    """Return the newest orders that are still to leave, of the smaller shops first all that there are."""
    found: dict[Merchant, list[str]] = {}
    for merchant in sorted(merchants, key=lambda merchant: merchant.orders):
        wanted = BY_HAND - sum(map(len, found.values()))
        found[merchant] = open_orders(merchant)[-wanted:] if wanted else []
    return found


def open_orders(merchant: Merchant) -> list[str]:
    """Return the orders of a shop that are to leave: paid or paid on delivery, in a status that says so."""
    releasing = [status_id for type_, status_id in statuses(merchant).items() if type_ in RELEASING]
    records = [line["record"] for line in merchant.truth("order") if not line["deleted"]]
    return [
        record["order_number"]
        for record in records
        if record["status_id"] in releasing and (record["paid_date"] or payment_of(record) == COD)
    ]


def warehouse_of(stage: Stage) -> Warehouse:
    """Return the warehouse of the story."""
    if stage.warehouse is None:
        raise RuntimeError("no warehouse was let in yet")
    return stage.warehouse


def shops_of(stage: Stage) -> dict[str, Merchant]:
    """Return the merchants by our names of their shops."""
    truth = Mirror(stage.admin_url)
    return {mirror.tenant_of(truth, merchant): merchant for merchant in activation.merchants_of(stage)}


def note_dispatch(stage: Stage, dispatch: Dispatch) -> None:
    """Keep what the warehouse did, and let every PUT be answered from now on."""
    struck = {LOST: 0, LATE: 0}
    for merchant in activation.merchants_of(stage):
        for fault in merchant.tell("/faults", "GET")["faults"]:
            struck[fault["kind"]] += fault["struck"]
        merchant.tell("/faults", "DELETE")
    stage.notes["puts_befallen"] = struck
    stage.notes["stopped"] = [[*key, how] for key, how in dispatch.stopped.items()]
    stage.notes["packed"] = {
        **dispatch.packed,
        **{name: len(getattr(dispatch, name)) for name in ("voided", "corrected", "refused")},
    }


def ship_one(stage: Stage, merchant: Merchant, number: str) -> float:
    """Ship one order; return after how many seconds its shop shows status and code."""
    key, sent = (mirror.tenant_of(Mirror(stage.admin_url), merchant), number), statuses(merchant)[SENT]
    began = monotonic()
    warehouse_of(stage).ship([key])

    def shown() -> bool:
        [line] = merchant.truth("order", [number])
        return line["record"]["status_id"] == sent and bool(line["record"]["tracking_code"])

    mirror.until(shown, within_s=SHOWN_WITHIN_S, what=lambda: f"{merchant.slug} does not show {number} as sent")
    return monotonic() - began


def settle_writing(stage: Stage) -> None:
    """Wait until every doubt is cleared and every write confirmed, then hold what was shipped against the shops."""
    truth = Mirror(stage.admin_url)
    took = mirror.until(
        lambda: truth.number(UNWRITTEN) == 0,
        within_s=WRITTEN_WITHIN_S,
        what=lambda: f"not written or not confirmed: {truth.rows(UNWRITTEN_ROWS)}",
    )
    stage.notes["written_s"] = round(took, 1)
    stage.notes["problems"] = truth.rows(PROBLEMS)
    shops, warehouse = shops_of(stage), warehouse_of(stage)
    stopped = [key for *key, _ in stage.notes["stopped"]]
    judged = warehouse.tell("/judge", stopped=stopped, never=never_right(stage, shops))
    final = last_words(judged["shipments"])
    stage.notes["shipped"] = sorted([shops[tenant_id].slug, number] for tenant_id, number in final)
    stage.notes["shipping"] = {
        **against_shops(shops, final),
        "stops_missed": judged["stops_missed"],
        "released_though_never": judged["released_though_never"],
        "findings": {name: found for name, found in judged["findings"].items() if found},
        "deviations": judged["deviations"],
    }
    stage.notes["warehouse"] = warehouse.tell("/report", "GET")
    print(f"every write is confirmed after another {took:.0f} s")


UNWRITTEN = """
    SELECT count(*) AS rows
    FROM outbox
    WHERE (due_at IS NOT NULL AND parked IS NULL) OR asked_at IS NOT NULL OR confirm_by IS NOT NULL
"""

UNWRITTEN_ROWS = """
    SELECT order_number, due_at, asked_at, confirm_by
    FROM outbox
    WHERE (due_at IS NOT NULL AND parked IS NULL) OR asked_at IS NOT NULL OR confirm_by IS NOT NULL
    LIMIT 5
"""

PROBLEMS = """
    SELECT cause, count(*) AS rows
    FROM problems
    WHERE closed_at IS NULL
    GROUP BY cause
    ORDER BY cause
"""


def never_right(stage: Stage, shops: dict[str, Merchant]) -> list[Key]:
    """Return the orders no warehouse may ever see released: history nobody released by hand, and what is not paid."""
    never: list[Key] = []
    for tenant_id, merchant in shops.items():
        may = {*stage.notes["by_hand"][merchant.slug], *stage.notes["created"][merchant.slug]}
        may.difference_update(stage.notes["unpaid"][merchant.slug])
        never += [(tenant_id, str(line["id"])) for line in merchant.truth("order") if line["id"] not in may]
    return never


def last_words(shipments: list[dict[str, Any]]) -> dict[Key, dict[str, Any]]:
    """Return the shipment that each order left with."""
    final = [one for one in shipments if one["final"] and one["voided_at"] is None]
    return {(one["key"][0], one["key"][1]): one for one in final}


def against_shops(shops: dict[str, Merchant], final: dict[Key, dict[str, Any]]) -> dict[str, Any]:
    """Hold the last word of the warehouse about each order against what its shop shows, and count the mails."""
    found: dict[str, Any] = {"orders": len(final), "other_status": [], "other_code": []}
    mails: dict[str, Any] = {"one": 0, "none": [], "several": [], "no_address": 0, "others": [], "sms": 0}
    for tenant_id, merchant in shops.items():
        sent, mailed = statuses(merchant)[SENT], merchant.tell("/mails/orders", "GET")
        numbers = [number for tenant, number in final if tenant == tenant_id]
        for line in merchant.truth("order", numbers):
            number, record = str(line["id"]), line["record"]
            if record["status_id"] != sent:
                found["other_status"].append(number)
            if record["tracking_code"] != tidy(final[tenant_id, number]["parcels"][0]["tracking_code"]):
                found["other_code"].append(number)
            _count(mails, number, mailed["email"].pop(number, 0), record["customer"])
        mails["others"] += list(mailed["email"])
        mails["sms"] += sum(mailed["sms"].values())
    return {**found, "mails": mails}


def _count(mails: dict[str, Any], number: str, count: int, customer: dict[str, Any] | None) -> None:
    if not (customer or {}).get("email") and not count:
        mails["no_address"] += 1
    elif count == 1:
        mails["one"] += 1
    else:
        mails["several" if count else "none"].append(number)


def tidy(code: str) -> str:
    """Return a code as the shop is to show it, however it was typed (docs/wms.md)."""
    return "".join(code.split()).upper()
