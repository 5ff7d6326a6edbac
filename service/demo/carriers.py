"""Chapter: 300 parcels get labels of four carriers by the WMS door, travel, come back, and are printed as one file."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any

from service.demo import activation, live, mirror, page, paper, parcels, shipping
from service.demo.couriers import CODES, known_as
from service.demo.customers import Customers
from service.demo.depot import Depot
from service.demo.dispatch import statuses
from service.demo.merchants import Merchant
from service.demo.mirror import Mirror
from service.demo.stage import ChapterFailed, Stage
from service.demo.wmsdoor import WmsDoor

HANDS = 2  # of operators
AT_ONCE = 100  # shipments of one request
LOSES, BOOKS = "gls", "PrintLabels"  # whose answers get lost: what it made is looked for a minute later
LOST = 2
WORDS = {"packeta": "packeta", "ppl": "ppl", "gls": "gls", "dpd_cz": "dpd"}  # as the door calls carriers
KNOWN_WITHIN_S, OFFERED_WITHIN_S, LABELLED_WITHIN_S, FOUND_WITHIN_S, HANDED_WITHIN_S = 20.0, 40.0, 60.0, 120.0, 20.0
QUIET_WITHIN_S, POLLED_WITHIN_S = 40.0, 40.0
POLLS = 100  # questions to carriers in which the shop must not be called

MILESTONES = {
    "pickup_point": "Na výdejním místě",
    "delivered": "U zákazníka",
    "returning": "Vrací se",
    "returned": "Vrácená",
}
MAILING = ("pickup_point", "returned")  # and `shipped`, as the shop was set before


def carry(stage: Stage) -> None:
    """Book 300 parcels through the WMS door while two answers get lost, follow some, and print all as one file."""
    began = monotonic()
    depot = opened(stage)
    before = calls_of(depot.merchant)
    book(depot)
    print_what_is_there(depot)
    with ThreadPoolExecutor(1) as merchant:
        printed = merchant.submit(page.book_and_print, depot)
        stage.notes["on_the_way"] = parcels.follow(depot)
        text = printed.result()
    found(depot)
    stage.notes["by_page"] = bool(depot.by_page.codes) and depot.by_page.codes[0] in text
    others = beside_writes(calls_of(depot.merchant) - before)
    stage.notes["calm"] = {**calm(depot), "others": others}
    stage.notes["mailed_on_the_way"] = parcels.mails(depot)
    stage.notes["carriers_s"] = round(monotonic() - began, 1)
    print(f"300 parcels of four carriers took {stage.notes['carriers_s']:.0f} s; their labels are in {paper.FILE}")


def opened(stage: Stage) -> Depot:
    """Enter the logins and what the shop shows on the way, while customers order; wait for the warehouse's feed."""
    merchant = min(activation.merchants_of(stage), key=lambda merchant: merchant.orders)
    truth, couriers = Mirror(stage.admin_url), stage.begin_carriers()
    door = WmsDoor(stage.web_url, shipping.warehouse_of(stage).token)
    depot = Depot(stage, truth, merchant, mirror.tenant_of(truth, merchant), couriers, door)
    points = {code: couriers.points(code) for code in CODES}
    with ThreadPoolExecutor(HANDS) as crowd:
        asked = [crowd.submit(log_in, depot, code) for code in CODES]
        asked.append(crowd.submit(give_statuses, depot))
        customers = Customers(merchant, points)
        depot.packed, depot.by_page = customers.order(), customers.one_more()
        for each in asked:
            each.result()
    wanted = {(depot.tenant_id, number) for number in depot.numbers}
    warehouse = shipping.warehouse_of(stage)
    mirror.until(
        lambda: wanted <= {*warehouse.shelf()},
        within_s=OFFERED_WITHIN_S,
        what=lambda: f"the warehouse lacks {len(wanted.difference(warehouse.shelf()))} of {len(wanted)} new orders",
    )
    print(f"customers placed {len(wanted)} orders for {len(depot.packed)} parcels, and the warehouse has them")
    quiet(depot)
    return depot


def log_in(depot: Depot, code: str) -> None:
    """Enter the shop's login with one carrier as its operators do."""
    file = depot.stage.folder / f"login-{code}.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(depot.couriers.login(code)))
    depot.stage.command("carrier-login", depot.tenant_id, code, str(file))


def give_statuses(depot: Depot) -> None:
    """Let the shop have a status for each milestone, and map them."""
    for milestone, name in MILESTONES.items():
        made = depot.merchant.tell("/statuses", names={"cs": name, "sk": name})
        depot.status[milestone] = made["id"]
    depot.status["shipped"] = statuses(depot.merchant)[shipping.SENT]
    ids = [str(depot.status[milestone]) for milestone in MILESTONES]
    mirror.until(
        lambda: depot.truth.number(KNOWN, tenant_id=depot.tenant_id, ids=ids) == len(ids),
        within_s=KNOWN_WITHIN_S,
        what=lambda: "the new statuses are not mirrored",
    )
    mails = {milestone: ":mail" if milestone in MAILING else "" for milestone in MILESTONES}
    chosen = [(f"--{name.replace('_', '-')}", f"{depot.status[name]}{mails[name]}") for name in MILESTONES]
    depot.stage.command("tenants", "set", depot.tenant_id, *(word for pair in chosen for word in pair))


KNOWN = """
    SELECT count(*) AS known
    FROM codebook_entries
    WHERE tenant_id = %(tenant_id)s AND kind = 'order_statuses' AND entry_id = ANY (%(ids)s)
"""


def book(depot: Depot) -> None:
    """Book in requests of a hundred, and wait for every label but those nobody heard the answer of."""
    depot.couriers.tell(LOSES, "/faults", kind="dropped", calls=LOST, operation=BOOKS)
    began = monotonic()
    refused: list[Mapping[str, Any]] = []
    for first in range(0, len(depot.packed), AT_ONCE):
        some = depot.packed[first : first + AT_ONCE]
        results = depot.door.book(f"demo-{first}", [each.asked(depot.tenant_id) for each in some])
        refused += [result for result in results if "shipment" not in result]
        for each, result in zip(some, results, strict=True):
            each.shipment = result.get("shipment", {}).get("id", "")
    if refused:
        raise ChapterFailed(f"{len(refused)} parcels were refused: {[each.get('detail') for each in refused[:3]]}")
    mirror.until(
        lambda: {*standing(depot)} <= {"ready", "doubtful"},
        within_s=LABELLED_WITHIN_S,
        what=lambda: f"labels stand so: {standing(depot)}",
    )
    stood = standing(depot)
    depot.stage.notes["booked_s"] = round(monotonic() - began, 1)
    depot.stage.notes["doubtful"] = stood["doubtful"]
    print(
        f"  {stood['ready']} labels after {depot.stage.notes['booked_s']:.0f} s, {stood['doubtful']} answers got lost"
    )


def standing(depot: Depot) -> Counter[str]:
    """Return how many labels stand how."""
    known = depot.door.follow()
    for each in depot.every:
        each.codes = [parcel["tracking_code"] for parcel in known.get(each.shipment, {}).get("parcels", ())]
    return Counter(known[each.shipment]["state"] if each.shipment in known else "unseen" for each in depot.packed)


def print_what_is_there(depot: Depot) -> None:
    """Print in pick order what has its label, and hand over what three carriers come for."""
    lacking = sum(depot.door.labels(some, partial=True)[1] for some in paper.by_hundreds(depot.packed))
    hand_over(depot, [code for code in CODES if code != LOSES])
    print(f"  printed all but {lacking}; three carriers have theirs")


def hand_over(depot: Depot, codes: Sequence[str]) -> None:
    """Hand over, carrier by carrier."""
    told = [depot.door.hand_over(f"demo-{code}", depot.tenant_id, WORDS[code]) for code in codes]
    mirror.until(
        lambda: {depot.door.handover(each)["state"] for each in told} == {"done"},
        within_s=HANDED_WITHIN_S,
        what=lambda: f"hand-overs: {[depot.door.handover(each)['state'] for each in told]}",
    )
    depot.stage.notes["handovers"] = depot.stage.notes.get("handovers", 0) + len(told)


def found(depot: Depot) -> None:
    """Wait until what was lost is found at its carrier, hand it over, and hold all against the carriers' books."""
    took = mirror.until(
        lambda: {*standing(depot)} == {"ready"},
        within_s=FOUND_WITHIN_S,
        what=lambda: f"labels stand so: {standing(depot)}",
    )
    hand_over(depot, [LOSES])
    made = {code: depot.couriers.made(code) for code in CODES}
    ours = {(each.way.code, known_as(each.way.code, code)) for each in depot.every for code in each.codes}
    theirs = {(code, number) for code, (numbers, _) in made.items() for number in numbers}
    depot.stage.notes["booked"] = {
        "parcels": len(depot.packed),
        "boxes": sum(len(each.codes) for each in depot.packed),
        "carriers": len({code for code, _ in ours}),
        "labels": standing(depot)["ready"],
        "strange": len(ours ^ theirs),
        "twice": sum(twice for _, twice in made.values()),
    }
    print(f"  what got lost was found after another {took:.0f} s; the carriers made {len(theirs)} parcels")


def calm(depot: Depot) -> dict[str, Any]:
    """Wait for quiet, then print everything while carriers are asked on; return what that cost the shop."""
    quiet(depot)
    calls, asked = calls_of(depot.merchant), depot.couriers.calls()
    depot.ask()
    depot.stage.notes["paper"] = paper.print_all(depot.door, depot.packed)
    mirror.until(
        lambda: depot.couriers.calls() - asked >= POLLS,
        within_s=POLLED_WITHIN_S,
        what=lambda: f"the carriers were asked {depot.couriers.calls() - asked} times",
    )
    return {"polls": depot.couriers.calls() - asked, "calls": calls_of(depot.merchant) - calls}


# What is being read is due once more when that is through, if it was told of meanwhile.
READING = "SELECT count(*) AS rows FROM hints WHERE claim IS NOT NULL AND parked IS NULL"


def quiet(depot: Depot) -> None:
    """Wait until every write is confirmed and nothing is to be read."""
    mirror.until(
        # In this order: what the last write changed is told by a webhook that waits by then.
        lambda: (
            depot.truth.number(shipping.UNWRITTEN) == 0
            and live.waiting(depot.merchant) == 0
            and depot.truth.number(READING) == 0
        ),
        within_s=QUIET_WITHIN_S,
        what=lambda: f"not written or not confirmed: {depot.truth.rows(shipping.UNWRITTEN_ROWS)}",
    )
    live.settle(depot.truth, within_s=QUIET_WITHIN_S)


def calls_of(merchant: Merchant) -> Counter[str]:
    """Return the shop's own count of calls by method and template."""
    return Counter(merchant.stats()["api"]["calls"])


WRITING = {"PUT /orders", "GET /orders", "POST /orders/{order_number}/history"}


def beside_writes(calls: Counter[str]) -> dict[str, int]:
    """Return the calls that no write-back needs."""
    return {call: count for call, count in calls.items() if call not in WRITING}
