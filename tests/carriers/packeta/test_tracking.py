"""Where a packet is, by what Packeta says of it."""

import hashlib
import hmac
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from carriers.base import Tracked
from carriers.errors import CarrierRefused, CarrierUnreachable, Kind
from carriers.states import Reason, State
from tests.carriers.packeta.packing import Says, fault, history, ok, packeta, parcel, record

READY = """<response><status>ok</status><result><dateTime>2026-03-04T09:12:44</dateTime><statusCode>5</statusCode>
<codeText>ready for pickup</codeText><statusText>Zásilka byla přijata na cílovém výdejním místě.</statusText>
<branchId>18542</branchId><destinationBranchId>0</destinationBranchId><externalTrackingCode></externalTrackingCode>
<isReturning>false</isReturning><storedUntil>2026-03-11</storedUntil><carrierId></carrierId><carrierName></carrierName>
</result></response>"""
MORE = frozenset({"more_codes"})


def tracked(*said: str, switches: frozenset[str] = frozenset()) -> Tracked:
    (one,) = packeta(Says(*said), switches=switches).track([parcel()])
    return one


def only(code: str, switches: frozenset[str] = frozenset()) -> Tracked:
    return tracked(history(record(code)), ok(record(code)), switches=switches)


def test_a_packet_that_waits_tells_where_and_how_long() -> None:
    one = tracked(history(record("1", "2026-03-01T10:00:00"), record("5")), READY)

    assert (one.number, one.state, one.stored_until) == ("Z4154090123", State.AT_PICKUP_POINT, date(2026, 3, 11))
    last = one.scans[-1]
    assert last.at == datetime(2026, 3, 4, 8, 12, 44, tzinfo=UTC)
    assert (last.code, last.place) == ("5", "18542")
    assert last.text == "Zásilka byla přijata na cílovém výdejním místě."
    assert len(one.scans) == 2


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("1", State.CREATED),
        ("2", State.ACCEPTED),
        ("3", State.IN_TRANSIT),
        ("4", State.IN_TRANSIT),
        ("5", State.AT_PICKUP_POINT),
        ("6", State.IN_TRANSIT),
        ("7", State.DELIVERED),
        ("9", State.RETURNING),
        ("10", State.RETURNED),
        ("11", State.CANCELLED),
        ("12", State.ACCEPTED),
        ("14", State.IN_TRANSIT),
        ("15", State.IN_TRANSIT),
        ("16", State.EXCEPTION),
        ("17", State.RETURNING),
        ("999", State.UNKNOWN),
        ("8", State.UNKNOWN),
        ("13", State.UNKNOWN),
        ("18", State.UNKNOWN),
        ("31", State.UNKNOWN),
        ("7.0", State.UNKNOWN),
        ("delivered", State.UNKNOWN),
    ],
)
def test_every_code_has_its_state(code: str, state: State) -> None:
    one = only(code)

    assert one.state is state
    assert one.scans[0].code == code


@pytest.mark.parametrize(
    ("codes", "state"),
    [
        (range(18, 23), State.RETURNING),
        (range(23, 27), State.EXCEPTION),
        (range(27, 32), State.IN_TRANSIT),
        (range(32, 34), State.UNKNOWN),
    ],
)
def test_codes_seen_in_one_place_are_read_only_where_switched_on(codes: range, state: State) -> None:
    assert {only(str(code), MORE).state for code in codes} == {state}
    assert {only(str(code)).state for code in codes} == {State.UNKNOWN}


def test_it_arrives_first_at_packeta_and_then_from_depot_to_depot() -> None:
    one = tracked(history(record("2", "2026-03-02T10:00:00"), record("2", "2026-03-03T10:00:00")))

    assert [scan.state for scan in one.scans] == [State.ACCEPTED, State.IN_TRANSIT]


def test_a_packet_is_held_by_the_customs_until_it_moves_on() -> None:
    held, gone = tracked(history(record("14"))), tracked(history(record("14"), record("9", "2026-03-09T09:00:00")))

    assert (held.state, held.reason) == (State.IN_TRANSIT, Reason.CUSTOMS)
    assert (gone.state, gone.reason) == (State.RETURNING, None)


def test_records_are_put_in_the_order_of_their_times() -> None:
    one = tracked(history(record("3", "2026-03-03T10:00:00"), record("2", "2026-03-02T10:00:00")))

    assert [scan.code for scan in one.scans] == ["2", "3"]


def test_a_packet_ready_on_its_way_back_is_returning() -> None:
    one = tracked(history(record("5")), READY.replace("false", "true"))

    assert one.state is State.RETURNING


def test_a_packet_handed_over_on_its_way_back_was_handed_to_its_sender() -> None:
    one = tracked(history(record("5", "2026-03-03T10:00:00"), record("7")), ok(record("7", isReturning="true")))

    assert one.state is State.RETURNED


def test_delivered_after_a_return_began_is_returned() -> None:
    rejected = history(record("17", "2026-03-03T10:00:00"), record("7"))
    one = tracked(rejected, ok(record("7", isReturning="false")))

    assert (one.state, one.reason) == (State.RETURNED, Reason.REFUSED)


def test_a_packet_that_moved_between_two_calls_is_where_the_second_says() -> None:
    one = tracked(history(record("5")), ok(record("7", "2026-03-05T10:00:00")))

    assert one.state is State.DELIVERED
    assert [scan.code for scan in one.scans] == ["5", "7"]


def test_a_courier_that_carries_it_on_is_told() -> None:
    one = tracked(history(record("6")), ok(record("6", externalTrackingCode="CZ123", carrierName="PPL")))

    assert one.partner == ("CZ123", "PPL")


def test_a_packet_nobody_knows_is_unknown_and_no_error() -> None:
    assert tracked(fault("PacketIdFault")) == Tracked("Z4154090123", State.UNKNOWN)


def test_a_wrong_password_is_no_unknown_packet() -> None:
    with pytest.raises(CarrierRefused):
        tracked(fault("IncorrectApiPasswordFault"))


def test_a_record_without_a_code_is_left_out() -> None:
    assert [scan.code for scan in tracked(history(record(""), record("3"))).scans] == ["3"]


UNREADABLE = ("yesterday", "", "0001-01-01T00:00:00", "9999-12-31T23:59:59+00:00")


@pytest.mark.parametrize("when", UNREADABLE)
def test_a_record_whose_time_cannot_be_read_has_that_of_the_one_before(when: str) -> None:
    one = tracked(history(record("1", "2026-03-01T10:00:00"), record("3", when), record("4", "2026-03-03T10:00:00")))

    assert [scan.code for scan in one.scans] == ["1", "3", "4"]
    assert one.scans[1].at == one.scans[0].at


@pytest.mark.parametrize("when", UNREADABLE)
@pytest.mark.parametrize("before", [(), (record("3", "2026-03-01T10:00:00"),)])
def test_a_return_counts_whose_time_cannot_be_read(when: str, before: tuple[str, ...]) -> None:
    one = tracked(history(*before, record("17", when), record("7")), ok(record("7")))

    assert one.state is State.RETURNED


def test_records_of_which_none_can_be_read_are_no_answer() -> None:
    with pytest.raises(CarrierUnreachable):
        tracked(history(record("7", "yesterday")))


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("2026-03-04T09:12:44", datetime(2026, 3, 4, 8, 12, 44, tzinfo=UTC)),
        ("2026-07-04 09:12:44", datetime(2026, 7, 4, 7, 12, 44, tzinfo=UTC)),
        ("2026-03-04T09:12:44Z", datetime(2026, 3, 4, 9, 12, 44, tzinfo=UTC)),
        ("2026-03-04T09:12:44.123+02:00", datetime(2026, 3, 4, 7, 12, 44, 123000, tzinfo=UTC)),
    ],
)
def test_a_time_without_a_zone_is_pragues(said: str, at: datetime) -> None:
    assert tracked(history(record("3", said))).scans[0].at == at


def signed(message: Any, key: str = "SIGNING", stamp: str = "1772611964") -> tuple[dict[str, str], bytes]:
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    signature = hmac.new(key.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"X-Webhook-Timestamp": stamp, "X-Webhook-Signature": signature, "X-Webhook-Event-Id": "1"}, body


PUSHED = {"status": {"id": 4154090123, "barcode": "Z4154090123"}}
SCANNED = {"id": "4154090123", "statusCode": 5, "dateTime": "2026-03-04T09:12:44", "isReturning": True}


@pytest.mark.parametrize(
    ("message", "number", "states"),
    [
        (PUSHED, "Z4154090123", []),
        ({"status": {"id": "4154090123"}}, "Z4154090123", []),
        ({"externalStatus": {"id": 4154090123, "statusCode": "7", "dateTime": "2026-03-04"}}, "Z4154090123", []),
        ({"status": SCANNED}, "Z4154090123", [State.RETURNING]),
        ({"status": SCANNED | {"isReturning": False}}, "Z4154090123", [State.AT_PICKUP_POINT]),
        ({"status": SCANNED | {"isReturning": "false", "statusCode": "7"}}, "Z4154090123", [State.DELIVERED]),
        ({"status": SCANNED | {"isReturning": None, "statusCode": "7"}}, "Z4154090123", []),
        ({"status": SCANNED | {"isReturning": "perhaps", "statusCode": "7"}}, "Z4154090123", []),
        ({"status": SCANNED | {"isReturning": None}}, "Z4154090123", []),
        ({"status": SCANNED | {"isReturning": None, "statusCode": "4"}}, "Z4154090123", [State.IN_TRANSIT]),
        ({"status": SCANNED | {"dateTime": "soon"}}, "Z4154090123", []),
    ],
)
def test_a_signed_message_tells_of_its_packet(message: Any, number: str, states: list[State]) -> None:
    headers, body = signed(message)
    (one,) = packeta(Says(), switches=frozenset({"push"})).hear(headers, body)

    assert one.number == number
    assert [scan.state for scan in one.scans] == states


@pytest.mark.parametrize("change", ["body", "stamp", "key", "case", "none", "word"])
def test_a_message_somebody_else_signed_is_refused(change: str) -> None:
    headers, body = signed(PUSHED, key="OTHER" if change == "key" else "SIGNING")
    headers = {
        "stamp": {**headers, "X-Webhook-Timestamp": "1772611965"},
        "case": {**headers, "X-Webhook-Signature": headers["X-Webhook-Signature"].upper()},
        "none": {},
        "word": {**headers, "X-Webhook-Signature": "č"},
    }.get(change, headers)
    body = body + b" " if change == "body" else body

    with pytest.raises(CarrierRefused) as caught:
        packeta(Says(), switches=frozenset({"push"})).hear(headers, body)

    assert caught.value.kind is Kind.LOGIN


def test_nothing_is_heard_while_the_switch_is_off() -> None:
    with pytest.raises(CarrierRefused) as caught:
        packeta(Says()).hear(*signed(PUSHED))

    assert caught.value.kind is Kind.UNSUPPORTED


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"status": null}', b'{"status": {"id": 1.5}}', b"<a/>", b"\xff"])
def test_a_message_that_names_no_packet_is_no_message(body: bytes) -> None:
    with pytest.raises(CarrierUnreachable):
        packeta(Says(), switches=frozenset({"push"})).hear(*signed(body))
