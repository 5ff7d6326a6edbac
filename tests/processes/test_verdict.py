"""The verdict: a claim stands only when it was measured and holds."""

import json
from pathlib import Path

import pytest

from service.demo import verdict

GOOD = {"up_s": 6.5, "died": [], "unwilling": [], "left_processes": [], "left_files": []}
SEEN = {"orders": 5_600, "expected": 5_600, "calls": 56, "faults": []}


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({}, True),
        ({"up_s": 20.1}, False),
        ({"died": ["worker-2"]}, False),
        ({"unwilling": ["web"]}, False),
        ({"left_processes": ["postgres"]}, False),
        ({"left_files": ["dump.rdb"]}, False),
    ],
)
def test_the_house_stands_when_it_starts_in_time_and_leaves_nothing(change, holds) -> None:
    assert verdict.everything_starts(GOOD | change).ok is holds


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({}, True),
        ({"orders": 5_599}, False),
        ({"orders": 1_599, "expected": 1_599}, False),
        ({"faults": ["order.status is no string (1 times)"]}, False),
    ],
)
def test_the_world_stands_when_an_outsider_reads_all_of_it(change, holds) -> None:
    assert verdict.outsider_reads({"outsider": SEEN | change}).ok is holds


def test_what_was_not_measured_is_broken() -> None:
    [(_, finding), *_] = verdict.judge({}, verdict.CLAIMS)

    assert not finding.ok
    assert "not measured" in finding.measured


def test_the_summary_says_what_the_screen_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    summary = tmp_path / "demo" / "summary.json"

    assert verdict.give(GOOD, verdict.CLAIMS[:1], summary)

    written = json.loads(summary.read_text())
    assert written["ok"]
    assert written["measured"]["up_s"] == GOOD["up_s"]
    assert written["claims"][0]["measured"] in capsys.readouterr().out
    assert [path.name for path in summary.parent.iterdir()] == ["summary.json"]


LIVE = {"created": 256, "paid": 130, "changed": 1_000, "noted": 1_000, "stopped": 10}
MAILS = {"one": 317, "none": [], "several": [], "no_address": 3, "others": [], "sms": 0}
SHIPPING = {
    "orders": 320,
    "other_status": [],
    "other_code": [],
    "mails": MAILS,
    "stops_missed": [],
    "released_though_never": [],
    "findings": {},
    "deviations": {},
}
LAGS = [round(0.1 * place, 1) for place in range(1, 21)]
SHIPPED = {
    "shipping": SHIPPING,
    "packed": {"new": 200, "old": 100, "voided": 1, "corrected": 1, "refused": 0},
    "puts_befallen": {"dropped": 3, "late": 1},
    "problems": [],
    "stopped": [["t_a", f"O{place}", "changed"] for place in range(10)],
    "warehouse": {"offers": 700},
    "probe_lag_s": LAGS,
    "shipment_lag_s": LAGS,
    "live": LIVE,
    "live_orders": 460,
    "bulk_reads": 54,
    "calls": {
        "orders_events": {"calls": 160},
        "orders_update": {"calls": 50},
        "orders_before_resend": {"calls": 2},
        "order_history": {"calls": 25},
    },
}


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({}, True),
        ({"shipping": SHIPPING | {"other_status": ["O1"]}}, False),
        ({"shipping": SHIPPING | {"other_code": ["O1"]}}, False),
        ({"shipping": SHIPPING | {"orders": 299}}, False),
        ({"packed": SHIPPED["packed"] | {"new": 250, "old": 50}}, False),
        ({"packed": SHIPPED["packed"] | {"voided": 0}}, False),
        ({"packed": SHIPPED["packed"] | {"corrected": 0}}, False),
        ({"packed": SHIPPED["packed"] | {"refused": 1}}, False),
        ({"puts_befallen": {"dropped": 3, "late": 0}}, False),
        ({"problems": [{"cause": "silent_drop", "rows": 1}]}, False),
    ],
)
def test_what_was_shipped_stands_in_the_shops_although_answers_got_lost(change, holds) -> None:
    assert verdict.everything_is_shipped(SHIPPED | change).ok is holds


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({}, True),
        ({"one": 316}, False),
        ({"one": 316, "none": ["O1"]}, False),
        ({"one": 316, "several": ["O1"]}, False),
        ({"others": ["O1"]}, False),
        ({"sms": 1}, False),
    ],
)
def test_every_customer_is_mailed_once_and_nobody_else(change, holds) -> None:
    assert verdict.each_is_mailed_once(SHIPPED | {"shipping": SHIPPING | {"mails": MAILS | change}}).ok is holds


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({}, True),
        ({"stops_missed": [["t_a", "O1"]]}, False),
        ({"released_though_never": [["t_a", "O1"]]}, False),
        ({"findings": {"shipped_twice": [["t_a", "O1"]]}}, False),
        ({"deviations": {"GET /orders: an order came again unchanged": 1}}, False),
    ],
)
def test_a_warehouse_is_told_right(change, holds) -> None:
    assert verdict.the_warehouse_is_told_right(SHIPPED | {"shipping": SHIPPING | change}).ok is holds


def test_a_warehouse_that_was_never_stopped_proves_nothing() -> None:
    assert not verdict.the_warehouse_is_told_right(SHIPPED | {"stopped": []}).ok


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({}, True),
        ({"live_orders": 310}, False),  # 158 calls for them: more than half a call each
        ({"live": {"created": 256}}, False),  # a trade in which hardly anything happens proves nothing
    ],
)
def test_a_live_order_costs_half_a_call(change, holds) -> None:
    assert verdict.live_orders_are_cheap(SHIPPED | change).ok is holds


def test_the_calls_of_the_bulk_stand_apart_and_those_of_a_resend_count() -> None:
    notes = SHIPPED | {}

    verdict.live_orders_are_cheap(notes)

    assert notes["calls_per_live_order"] == round((160 - 54 + 50 + 2) / 460, 3)


@pytest.mark.parametrize(
    ("lags", "holds"), [(LAGS, True), ([*LAGS[:-2], 4.1, 4.2], False), ([*LAGS[:-1], 9.0], True), (LAGS[:19], False)]
)
def test_a_shipment_shows_within_seconds(lags, holds) -> None:
    assert verdict.shipments_show_soon({"shipment_lag_s": lags}).ok is holds


BOOKED = {"parcels": 300, "boxes": 309, "carriers": 4, "labels": 300, "strange": 0, "twice": 0}
PAPER = {"pages": 309, "right": 309, "kb": 7_220}
CARRIED = {
    "booked": BOOKED,
    "paper": PAPER,
    "doubtful": 26,
    "handovers": 4,
    "by_page": True,
    "on_the_way": {"delivered": 35, "at_point": 18, "returned": 1},
    "mailed_on_the_way": {"orders": 302, "mails": 321, "other_mails": [], "other_codes": []},
    "cod": {"told": 3, "paid": 2, "differs": 1, "problems": 1},
    "calm": {"polls": 106, "calls": {}, "others": {}},
}


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({}, True),
        ({"booked": BOOKED | {"labels": 299}}, False),
        ({"booked": BOOKED | {"twice": 1}}, False),
        ({"booked": BOOKED | {"strange": 1}}, False),
        ({"booked": BOOKED | {"carriers": 3}}, False),
        ({"booked": BOOKED | {"parcels": 299, "labels": 299}}, False),
        ({"paper": PAPER | {"pages": 310}}, False),
        ({"paper": PAPER | {"right": 308}}, False),
        ({"doubtful": 0}, False),  # nothing got lost: nothing was proved
        ({"handovers": 3}, False),
        ({"by_page": False}, False),
    ],
)
def test_all_labels_are_made_once_and_printed(change, holds) -> None:
    assert verdict.all_is_booked(CARRIED | change).ok is holds


@pytest.mark.parametrize(
    ("what", "change", "holds"),
    [
        ("on_the_way", {}, True),
        ("on_the_way", {"delivered": 29}, False),
        ("on_the_way", {"returned": 0}, False),
        ("mailed_on_the_way", {"other_mails": ["O1"]}, False),
        ("mailed_on_the_way", {"other_codes": ["O1"]}, False),
    ],
)
def test_the_shop_shows_where_parcels_are(what, change, holds) -> None:
    assert verdict.parcels_are_followed(CARRIED | {what: CARRIED[what] | change}).ok is holds


@pytest.mark.parametrize(
    ("change", "holds"),
    [({}, True), ({"differs": 0, "paid": 3}, False), ({"problems": 0}, False), ({"paid": 0, "told": 1}, False)],
)
def test_money_that_differs_is_told(change, holds) -> None:
    assert verdict.money_is_matched({"cod": CARRIED["cod"] | change}).ok is holds


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({}, True),
        ({"calls": {"GET /orders": 1}}, False),
        ({"others": {"GET /products": 1}}, False),
        ({"polls": 99}, False),
    ],
)
def test_labels_and_polls_cost_the_shop_no_call(change, holds) -> None:
    assert verdict.the_shop_is_left_calm({"calm": CARRIED["calm"] | change}).ok is holds
