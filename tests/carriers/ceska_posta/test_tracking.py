"""Where the Post says a parcel is."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from carriers.ceska_posta import tracking
from carriers.errors import CarrierUnreachable
from carriers.states import Reason, State
from tests.carriers.ceska_posta.sample import answer

CODE, OTHER = "NB5847769990L", "NB0600004030U"
EXAMPLE = {
    "detail": [
        {
            "idParcel": CODE, "parcelType": "NB", "weight": "1.350", "amount": 1290.0, "currency": "CZK",
            "depositTo": "2026-03-13", "timeDeposit": 7,
            "parcelStatuses": [
                {"id": "-M", "date": "2026-03-05", "text": "Obdrženy údaje k zásilce."},
                {"id": "21", "date": "2026-03-05", "text": "Zásilka převzata do přepravy.", "postCode": "19000",
                 "name": "Praha 90"},
                {"id": "82", "date": "2026-03-06", "text": "Zásilka uložena v Balíkovně.", "postCode": "60200",
                 "name": "Brno 2"},
            ],
        }
    ]
}  # fmt: skip


def tracked(*statuses, **more):
    said = {"detail": [{"idParcel": CODE, "parcelStatuses": list(statuses), **more}]}
    (one,) = tracking.read_tracked(answer(said, makes=False, operation="track"), [CODE])
    return one


def status(code, day=5, text=""):
    return {"id": code, "date": f"2026-03-{day:02}", "text": text}


def test_the_example_of_the_contract_waits_at_its_point() -> None:
    (one,) = tracking.read_tracked(answer(EXAMPLE, makes=False), [CODE])

    assert (one.number, one.state, one.stored_until) == (CODE, State.AT_PICKUP_POINT, date(2026, 3, 13))
    assert [scan.state for scan in one.scans] == [State.CREATED, State.ACCEPTED, State.AT_PICKUP_POINT]
    assert one.scans[1].at == datetime(2026, 3, 5, tzinfo=ZoneInfo("Europe/Prague"))
    assert one.scans[1].place == "19000 Praha 90"


CONTRACT = {
    State.CREATED: "-M -L",
    State.ACCEPTED: "21",
    State.IN_TRANSIT: "75 51 8D 8T 8Z 8U -F -I -B -K 5K",
    State.OUT_FOR_DELIVERY: "53",
    State.AT_PICKUP_POINT: "82 P2",
    State.DELIVERED: "91",
    State.RETURNING: "95 96 97 98 9B 9E",
    State.RETURNED: "9V",
    State.EXCEPTION: "8E",
    State.UNKNOWN: "42 43 BG1 BG4 BG5 -3 -4 88",
}


def test_every_code_of_the_contract_is_in_the_table() -> None:
    table = {code: state for state, listed in CONTRACT.items() for code in listed.split()}

    assert {code: state for code, (state, _) in tracking.STATES.items()} == table


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("95", Reason.REFUSED), ("96", Reason.ADDRESS), ("97", Reason.NOT_COLLECTED), ("98", Reason.OTHER),
        ("9B", Reason.ADDRESS), ("9E", Reason.ADDRESS), ("8E", Reason.DAMAGED),
    ],
)  # fmt: skip
def test_a_parcel_that_comes_back_has_a_reason(code, reason) -> None:
    assert tracked(status(code)).reason is reason


def test_notices_after_the_end_change_nothing() -> None:
    one = tracked(status("21"), status("91", 6), status("43", 7), status("BG1", 8))

    assert one.state is State.DELIVERED
    assert [scan.code for scan in one.scans] == ["21", "91", "43", "BG1"]


def test_delivered_after_a_return_began_is_returned() -> None:
    one = tracked(status("82"), status("97", 13), status("91", 15))

    assert (one.state, one.reason) == (State.RETURNED, Reason.NOT_COLLECTED)


def test_a_notice_that_speaks_of_sending_back_is_a_return() -> None:
    assert tracked(status("82"), status("43", 9, "Odeslání zásilky zpět odesílateli.")).state is State.RETURNING


@pytest.mark.parametrize("code", ["-3", "-4", "88", "ZZ", "delivered"])
def test_what_no_code_says_is_unknown(code) -> None:
    one = tracked(status(code, text="Zásilka doručena"))

    assert (one.state, one.scans[0].code) == (State.UNKNOWN, code)


def test_a_code_written_as_a_number_is_the_same_code() -> None:
    assert tracked(status(91)).state is State.DELIVERED


@pytest.mark.parametrize("day", [None, "", "yesterday", 5, "0001-01-01", "2026-13-40", "9999-12-31T23:59:59"])
def test_a_scan_without_a_day_happened_on_that_of_the_one_before_it(day) -> None:
    one = tracked(status("82"), {"id": "97", "date": day, "text": ""}, status("91", 9))

    assert one.state is State.RETURNED
    assert [(scan.code, scan.at.day) for scan in one.scans] == [("97", 5), ("82", 5), ("91", 9)]


def test_scans_without_any_day_tell_nothing() -> None:
    assert tracked({"id": "91", "date": "yesterday", "text": ""}).scans == []


def test_a_status_without_a_code_is_left_out_and_the_others_stay() -> None:
    assert [scan.code for scan in tracked({"date": "2026-03-06"}, status("21")).scans] == ["21"]


def test_parcels_are_told_in_the_order_asked_and_strangers_left_out() -> None:
    said = {
        "detail": [
            {"idParcel": "DR4362230958U", "parcelStatuses": [status("91")]},
            {"idParcel": CODE, "parcelStatuses": [status("21")]},
            {"idParcel": CODE, "parcelStatuses": [status("53", 6)]},
            {"idParcel": 5, "parcelStatuses": None},
            None,
        ]
    }

    both = tracking.read_tracked(answer(said, makes=False), [OTHER, CODE])

    assert [(one.number, one.state) for one in both] == [(OTHER, State.UNKNOWN), (CODE, State.OUT_FOR_DELIVERY)]


@pytest.mark.parametrize("said", [{}, [], None, {"detail": None}, {"detail": {"idParcel": CODE}}])
def test_an_answer_without_a_list_cannot_be_read(said) -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        tracking.read_tracked(answer(said, makes=False), [CODE])

    assert not lost.value.unclear


@pytest.mark.parametrize(
    ("amount", "collects"),
    [(b"1290.0", True), (b"1", True), (b'"12.50"', True), (b"0.0", False), (b"null", False), (b"true", False)],
)
def test_cod_is_an_amount_above_nothing(amount, collects) -> None:
    said = b'{"detail":[{"idParcel":"NB5847769990L","amount":' + amount + b"}]}"

    assert tracking.with_cod(answer(said, makes=False)) == (frozenset({CODE}) if collects else frozenset())


@pytest.mark.parametrize(
    ("credited", "paid"),
    [
        ({"paymentDate": "2026-03-09", "transactionDate": "2026-03-11"}, date(2026, 3, 11)),
        ({"paymentDate": "2026-03-09"}, date(2026, 3, 9)),
        ({"paymentDate": "2026-03-09", "transactionDate": "soon"}, date(2026, 3, 9)),
        ({"transactionDate": "2026-03-11T23:30:00Z"}, date(2026, 3, 12)),
        ({}, None),
        (None, None),
    ],
)
def test_cod_is_paid_on_the_day_of_its_transfer(credited, paid) -> None:
    assert tracking.read_paid(answer({"parcelDataHistory": {"creditedData": credited}}, makes=False)) == paid
