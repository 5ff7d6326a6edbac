from datetime import UTC, date, datetime
from typing import Any

import pytest

from carriers.balikobot import tracking
from carriers.errors import CarrierRefused
from carriers.states import Reason, State
from tests.carriers.balikobot.made_up import answer

TOLD = {
    "status": 200,
    "packages": [
        {
            "carrier_id": "Z4154090123", "status": 200,
            "states": [
                {
                    "date": "2026-03-02 14:15:01", "name": "Zásilka přijata",
                    "name_balikobot": "Zásilka byla převzata.",
                    "status_id": 2, "status_id_v2": 2.1, "type": "event",
                },
                {
                    "date": "2026-03-04 18:00:00", "name": "Vydáno",
                    "name_balikobot": "Zásilka byla doručena příjemci.",
                    "status_id": 1, "status_id_v2": 1.1, "type": "event",
                },
            ],
        }
    ],
}  # fmt: skip


def tracked(*states: Any, number: str = "Z1") -> Any:
    body = {"status": 200, "packages": [{"carrier_id": "Z1", "status": 200, "states": list(states)}]}
    return tracking.read_tracked(answer(body), [number])[0]


def state(code: Any, at: Any = "2026-03-02 10:00:00", **more: Any) -> dict[str, Any]:
    return {"date": at, "name": "Stav", "status_id_v2": code, **more}


def test_the_example_is_delivered() -> None:
    (told,) = tracking.read_tracked(answer(TOLD), ["Z4154090123"])

    assert told.state is State.DELIVERED
    assert [(scan.code, scan.text, scan.state) for scan in told.scans] == [
        ("2.1", "Zásilka přijata", State.ACCEPTED),
        ("1.1", "Vydáno", State.DELIVERED),
    ]
    assert told.scans[0].at == datetime(2026, 3, 2, 13, 15, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "means"),
    [
        (-1, State.CREATED), (2.1, State.ACCEPTED), (2.2, State.IN_TRANSIT), (2.5, State.IN_TRANSIT),
        (2.3, State.AT_PICKUP_POINT), (2.4, State.RETURNING), (1.1, State.DELIVERED), (1.2, State.DELIVERED),
        (3.1, State.CANCELLED), (3.2, State.CANCELLED), (3.3, State.CANCELLED), (4, State.RETURNED),
        (0.1, State.EXCEPTION), (0.2, State.EXCEPTION), (0.3, State.EXCEPTION),
        ("2.3", State.AT_PICKUP_POINT), (4.0, State.RETURNED), (-1.0, State.CREATED), ("4.0", State.RETURNED),
    ],
)  # fmt: skip
def test_each_fine_code_has_its_state(code: Any, means: State) -> None:
    assert tracked(state(code)).scans[0].state is means


@pytest.mark.parametrize(
    ("code", "reason"),
    [(3.1, None), (3.2, Reason.REFUSED), ("3.3", Reason.RECALLED), (0.1, None), (0.2, None), (0.3, None), (2.4, None)],
)
def test_a_reason_is_told_where_the_code_says_one(code: Any, reason: Reason | None) -> None:
    told = tracked(state(code))

    assert (told.reason, told.scans[0].reason) == (reason, reason)


@pytest.mark.parametrize(
    ("code", "means"),
    [
        (1, State.DELIVERED), (2, State.IN_TRANSIT), (0, State.EXCEPTION), (3, State.CANCELLED), (4, State.RETURNED),
        ("1", State.DELIVERED), (9, State.UNKNOWN), (None, State.UNKNOWN), (True, State.UNKNOWN),
    ],
)  # fmt: skip
def test_the_coarse_code_counts_where_there_is_no_fine_one(code: Any, means: State) -> None:
    assert tracked(state(None, status_id=code)).scans[0].state is means


def test_a_status_of_nothing_yet_above_rows_takes_nothing_from_them() -> None:
    known = {"carrier_id": "Z1", "status": 200, "states": [state(1.1)]}
    body = {"status": 404, "packages": [known, {"carrier_id": "Z2", "status": 404}]}

    told = tracking.read_tracked(answer(body), ["Z1", "Z2"])

    assert [one.state for one in told] == [State.DELIVERED, State.UNKNOWN]


@pytest.mark.parametrize("at", [None, "", "soon"])
def test_money_of_a_day_that_cannot_be_read_is_not_told_to_be_of_another(at: Any) -> None:
    told = tracked(state(1.1), state(5, at))

    assert (told.state, told.cod_paid_on) == (State.DELIVERED, None)


@pytest.mark.parametrize("code", [1.9, "1", "delivered", 6, 1e300, "1.1.1", [], {}, False, "１.1"])
def test_an_unknown_fine_code_is_unknown_whatever_the_coarse_one_says(code: Any) -> None:
    told = tracked(state(code, status_id=1))

    assert told.state is State.UNKNOWN
    assert told.scans[0].state is State.UNKNOWN


@pytest.mark.parametrize("code", [5, "5", 5.0])
def test_money_paid_out_is_no_scan(code: Any) -> None:
    told = tracked(state(1.2), state(code, "2026-03-09 00:10:00"))

    assert told.cod_paid_on == date(2026, 3, 9)
    assert [scan.code for scan in told.scans] == ["1.2"]
    assert told.state is State.DELIVERED


def test_money_paid_out_by_the_coarse_code_is_no_scan() -> None:
    assert tracked(state(None, status_id=5)).cod_paid_on == date(2026, 3, 2)


def test_scans_stand_in_the_order_of_their_times_each_once() -> None:
    late, early = state(2.2, "2026-03-03 10:00:00"), state(2.1, "2026-03-02 10:00:00")

    assert [scan.code for scan in tracked(late, early, late).scans] == ["2.1", "2.2"]


def test_delivered_after_a_return_began_is_returned() -> None:
    assert tracked(state(2.4), state(1.2, "2026-03-09 10:00:00")).state is State.RETURNED


@pytest.mark.parametrize(
    ("at", "means"),
    [
        ("2026-03-02", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("2026-03-02T10:00:00Z", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("2026-03-02T10:00:00+05:30", datetime(2026, 3, 2, 4, 30, tzinfo=UTC)),
    ],
)
def test_a_time_may_have_a_zone_or_be_a_day(at: str, means: datetime) -> None:
    assert tracked(state(2.1, at)).scans[0].at == means


@pytest.mark.parametrize(
    "at",
    [
        *(None, "", "yesterday", "0000-00-00 00:00:00", 1_772_000_000, "0001-01-01 00:00:00"),
        *("9999-12-31 23:59:59", "2026-02-30 10:00:00"),
    ],
)
@pytest.mark.parametrize("is_newest_first", [False, True])
def test_an_event_whose_time_cannot_be_meant_happened_at_that_of_the_one_before_it(
    at: Any, is_newest_first: bool
) -> None:
    events = [state(2.1), state(2.4, at), state(1.2, "2026-03-09 10:00:00")]
    told = tracked(*(reversed(events) if is_newest_first else events))

    assert told.state is State.RETURNED
    assert {scan.code: scan.at.day for scan in told.scans} == {"2.1": 2, "2.4": 2, "1.2": 9}
    assert all(scan.at.tzinfo for scan in told.scans)


def test_money_is_paid_out_on_the_day_it_is_in_prague() -> None:
    assert tracked(state(5, "2026-03-09T23:30:00Z")).cod_paid_on == date(2026, 3, 10)


def test_numbers_are_matched_by_name_not_by_place() -> None:
    body = {
        "status": 200,
        "packages": [
            {"carrier_id": "Z2", "status": 200, "states": [state(1.1)]},
            {"carrier_id": "Z1", "status": 200, "states": [state(2.2)]},
            {"carrier_id": "Z9", "status": 200, "states": [state(1.1)]},
        ],
    }
    told = tracking.read_tracked(answer(body), ["Z1", "Z2", "Z3"])

    assert [(one.number, one.state) for one in told] == [
        ("Z1", State.IN_TRANSIT),
        ("Z2", State.DELIVERED),
        ("Z3", State.UNKNOWN),
    ]


@pytest.mark.parametrize(
    "body", [{"status": 404}, {"status": 200, "packages": [{"carrier_id": "Z1", "status": 404}]}, {"status": 200}]
)
def test_nothing_known_yet_is_unknown_and_no_error(body: Any) -> None:
    assert tracking.read_tracked(answer(body), ["Z1"])[0].state is State.UNKNOWN


def test_a_wrong_login_is_an_error() -> None:
    with pytest.raises(CarrierRefused):
        tracking.read_tracked(answer({"status": 401}), ["Z1"])
