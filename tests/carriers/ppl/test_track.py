"""Where a parcel is: the whole table of phases, and what is no phase."""

from datetime import UTC, date, datetime

import pytest

from carriers.base import Cancelled, Tracked
from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, CarrierUnreachable
from carriers.ppl import tracking
from carriers.states import Reason, State
from tests.carriers.ppl.world import Reply, Wire, answer, parcel, ppl, recorded, told

NUMBER = "70990012345"
TABLE = {
    "Order": "created", "DataShipment": "created", "PickedUpFromSender": "accepted", "InTransport": "in_transit",
    "Active": "in_transit", "Undelivered": "in_transit", "Delivering": "out_for_delivery",
    "OutForDelivery": "out_for_delivery", "PickupPoint": "at_pickup_point",
    "DeliveredToPickupPoint": "at_pickup_point", "Delivered": "delivered", "NotDelivered": "exception",
    "Rejected": "exception", "Returning": "returning", "BackToSender": "returned", "Canceled": "cancelled",
    "Deleted": "cancelled", "Dormant": "created", "None": "created",
}  # fmt: skip


def event(phase, day=1, **more):
    return {"phase": phase, "eventDate": f"2026-03-{day:02}T10:00:00", "name": "text", **more}


def followed(*events, **more) -> Tracked:
    record = {"shipmentNumber": NUMBER, "trackAndTrace": {"events": list(events)}, **more}
    return tracking.read_tracked(answer(told([record])), [NUMBER])[0]


def test_the_contracts_example_waits_at_its_point() -> None:
    (parcel_,) = ppl(Wire(told(recorded("tracked")))).track([parcel(NUMBER)])

    assert parcel_.state is State.AT_PICKUP_POINT
    assert [scan.code for scan in parcel_.scans] == [
        "Order/DataShipment/1",
        "InTransport/Arrival/11",
        "PickupPoint/ParcelShop/450",
    ]
    assert parcel_.scans[0].text == "Zásilka objednána"
    assert parcel_.scans[0].at == datetime(2026, 3, 2, 16, 1, tzinfo=UTC)
    assert parcel_.cod_paid_on is None
    assert parcel_.partner is None


def test_the_table_of_phases_is_whole() -> None:
    assert {phase: state.value for phase, state in tracking.PHASES.items()} == TABLE


@pytest.mark.parametrize(("phase", "state"), TABLE.items())
def test_a_phase_is_its_state(phase: str, state: str) -> None:
    assert followed(event(phase)).scans[0].state.value == state


def test_what_was_rejected_comes_back_as_refused() -> None:
    told_ = followed(event("Rejected", 1), event("Returning", 2), event("BackToSender", 3))

    assert (told_.state.value, told_.reason) == ("returned", Reason.REFUSED)


@pytest.mark.parametrize("phase", ["delivered", "DELIVERED", "Delivered ", "Teleported", "", 7, True, [], {}])
def test_an_unknown_phase_stays_raw(phase: object) -> None:
    told_ = followed(event(phase, code="X1"))

    assert told_.state is State.UNKNOWN
    assert told_.scans[0].code.endswith("X1")


def test_an_event_without_a_phase_is_unknown() -> None:
    assert followed({"eventDate": "2026-03-01T10:00:00", "statusId": 9}).scans[0].state is State.UNKNOWN


def test_a_last_event_without_phase_is_a_cancellation() -> None:
    assert followed(event(None, 2), event("Order", 1)).state is State.CANCELLED
    assert followed(event(None, 1), event("Order", 2)).state is State.CREATED
    assert followed(event("InTransport", 1), event(None, 2)).state is State.IN_TRANSIT


def test_delivered_after_a_return_is_returned() -> None:
    told_ = followed(event("Delivered", 3), event("Returning", 2), event("InTransport", 1))

    assert told_.state is State.RETURNED
    assert [scan.state for scan in told_.scans] == [State.IN_TRANSIT, State.RETURNING, State.RETURNED]


UNREADABLE = [None, "", "soon", "0001-01-01T00:00:00", 7]


@pytest.mark.parametrize("when", UNREADABLE)
@pytest.mark.parametrize("step", [1, -1])
def test_what_happened_later_is_no_less_later_for_a_time_that_cannot_be_read(when: object, step: int) -> None:
    events = [event("Order", 1), event(None, 2), event("InTransport", eventDate=when)]

    told_ = followed(*events[::step])

    assert [scan.state for scan in told_.scans] == [State.CREATED, State.UNKNOWN, State.IN_TRANSIT]
    assert told_.scans[2].at == told_.scans[1].at
    assert told_.state is State.IN_TRANSIT


@pytest.mark.parametrize("when", UNREADABLE)
@pytest.mark.parametrize("step", [1, -1])
def test_a_return_counts_whose_time_cannot_be_read(when: object, step: int) -> None:
    events = [event("Order", 1), event("Returning", eventDate=when), event("Delivered", 3)]

    assert followed(*events[::step]).state is State.RETURNED


def test_a_return_told_first_comes_before_what_follows_it() -> None:
    assert followed(event("Returning", eventDate=None), event("Delivered", 3)).state is State.RETURNED


@pytest.mark.parametrize("step", [1, -1])
def test_a_last_event_without_phase_and_time_is_a_cancellation(step: int) -> None:
    events = [event("Order", 1), event("DataShipment", 2), event(None, eventDate=None)]

    assert followed(*events[::step]).state is State.CANCELLED


@pytest.mark.parametrize("step", [1, -1])
def test_an_event_nobody_can_tell_to_be_the_last_cancels_nothing(step: int) -> None:
    assert followed(*[event("Order", 1), event(None, eventDate=None)][::step]).state is State.CREATED


def test_events_of_which_none_has_a_time_are_no_scans() -> None:
    told_ = followed(event("Delivered", eventDate=None), event(None, eventDate=None))

    assert (told_.state, list(told_.scans)) == (State.UNKNOWN, [])


def test_no_parcels_are_asked_of_nobody() -> None:
    wire = Wire()

    assert list(ppl(wire).track([])) == []
    assert (wire.calls, wire.logins) == ([], [])


def test_money_that_was_paid_is_no_scan() -> None:
    paid = followed(event("Delivered", 3), paymentInfo={"codPaidDate": "2026-03-06T23:30:00"})
    told_by_event = followed(event("Delivered", 3), event("CodPaidDate", 7))

    assert (paid.cod_paid_on, len(paid.scans)) == (date(2026, 3, 6), 1)
    assert (told_by_event.cod_paid_on, len(told_by_event.scans)) == (date(2026, 3, 7), 1)


def test_a_partner_abroad_is_told_with_its_address() -> None:
    track = {"externalShipmentId": "JJD000123", "partnerUrl": "https://dhl.example", "events": []}
    (told_,) = tracking.read_tracked(answer(told([{"shipmentNumber": NUMBER, "trackAndTrace": track}])), [NUMBER])

    assert told_.partner == ("JJD000123", "https://dhl.example")


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2026-07-01T10:00:00", datetime(2026, 7, 1, 8, tzinfo=UTC)),
        ("2026-07-01T10:00:00.1234567", datetime(2026, 7, 1, 8, 0, 0, 123456, UTC)),
        ("2026-07-01T10:00:00Z", datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("2026-07-01T10:00:00+02:00", datetime(2026, 7, 1, 8, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 6, 30, 22, tzinfo=UTC)),
        ("0001-01-01T00:00:00", None),
        ("9999-12-31T23:59:59", None),
        ("1. 7. 2026", None),
        ("", None),
        (None, None),
        (1_772_000_000, None),
    ],
)
def test_a_time_without_a_zone_is_pragues(written: object, at: datetime | None) -> None:
    assert tracking.moment(written) == at


def test_a_number_nobody_knows_is_unknown_and_stays_in_its_place() -> None:
    carrier = ppl(Wire(told(recorded("tracked"))))

    asked = ["11111111111", NUMBER, "22222222222"]

    assert [(one.number, one.state.value) for one in carrier.track([parcel(number) for number in asked])] == [
        ("11111111111", "unknown"),
        (NUMBER, "at_pickup_point"),
        ("22222222222", "unknown"),
    ]


@pytest.mark.parametrize("reply", [Reply(200, b"<html>"), told({}), told(None), Reply(200, b"[{"), Reply(500)])
def test_an_answer_that_cannot_be_read_says_nothing_of_parcels(reply: Reply) -> None:
    with pytest.raises(CarrierUnreachable):
        ppl(Wire(reply)).track([parcel(NUMBER)])


def cancelled(*replies: Reply) -> Cancelled | CarrierError:
    return ppl(Wire(*replies)).cancel([parcel(NUMBER)])[0]


@pytest.mark.parametrize(("status", "became"), [(200, Cancelled.DONE), (204, Cancelled.DONE), (404, Cancelled.UNKNOWN)])
def test_a_cancellation_is_what_its_status_says(status: int, became: Cancelled) -> None:
    assert cancelled(Reply(status)) is became


@pytest.mark.parametrize(("phase", "became"), [("Canceled", Cancelled.BEFORE), ("InTransport", Cancelled.TOO_LATE)])
def test_a_refused_cancellation_is_told_apart_by_where_the_parcel_is(phase: str, became: Cancelled) -> None:
    record = {"shipmentNumber": NUMBER, "trackAndTrace": {"events": [event(phase)]}}

    assert cancelled(Reply(400), told([record])) is became


@pytest.mark.parametrize("events", [[event("Order")], []])
@pytest.mark.parametrize(
    "problem", [{"errors": {"": ["Zásilka je na dobírku."]}}, {"title": "x", "detail": "Zásilka je na dobírku."}]
)
def test_a_cancellation_refused_of_a_parcel_that_is_still_here_is_told_in_ppls_words(events, problem) -> None:
    record = {"shipmentNumber": NUMBER, "trackAndTrace": {"events": events}}

    refusal = cancelled(told(problem, 400), told([record]))

    assert isinstance(refusal, CarrierRefused)
    assert "Zásilka je na dobírku." in str(refusal)


def test_a_cancellation_refused_without_words_is_no_cancellation() -> None:
    assert isinstance(cancelled(Reply(400), told([])), CarrierRefused)


def test_a_cancellation_that_failed_is_no_cancellation() -> None:
    with pytest.raises(CarrierBusy):
        cancelled(Reply(429))
    with pytest.raises(CarrierUnreachable):
        cancelled(Reply(500))
    with pytest.raises(CarrierRefused):
        cancelled(Reply(403))
