from typing import Any

import pytest

from carriers.balikobot import answers, fields, said
from carriers.base import Booked, Cancelled
from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, CarrierUnreachable, Kind
from carriers.shipment import Box, Customs
from tests.carriers.balikobot.made_up import answer, home, packages, row, shipment

ADDED = {
    "status": 200,
    "labels_url": "https://pdf.balikobot.cz/zasilkovna/eNorMTIwt9A1.",
    "packages": [
        {
            "status": "200", "eid": "OBJ-2026-00417-1", "order_number": 1, "package_id": "42719",
            "carrier_id": "Z4154090123", "track_url": "https://tracking.packeta.com/cs/?id=4154090123",
            "label_url": "https://pdf.balikobot.cz/zasilkovna/eNorMTIwt9A2.",
        }
    ],
}  # fmt: skip
WRONG = {
    "status": 400,
    "packages": [{"status": 413, "eid": "OBJ-2026-00417-1", "rec_zip": 413, "rec_phone": 406}],
}
ONE, TWO, THREE = home("first-0001"), home("second-002"), home("third-0003")


def taken(body: Any, *given: Any, **more: Any) -> list[Any]:
    return answers.read_added(answer(body, makes=True, **more), "ppl", given)


def is_unclear(one: Any) -> bool:
    return isinstance(one, CarrierUnreachable) and one.unclear


def numbers(one: Any) -> list[str]:
    assert isinstance(one, Booked)
    return [parcel.number for parcel in one.parcels]


def test_the_example_is_booked() -> None:
    (booked,) = answers.read_added(answer(ADDED, makes=True), "zasilkovna", [shipment()])

    assert isinstance(booked, Booked)
    assert (booked.reference, booked.again, booked.notes) == ("OBJ-2026-00417", False, ())
    (parcel,) = booked.parcels
    assert (parcel.number, parcel.barcode) == ("Z4154090123", "Z4154090123")
    assert parcel.tracking_url == "https://tracking.packeta.com/cs/?id=4154090123"
    assert parcel.handle.ids == {
        "shipper": "zasilkovna",
        "package_id": "42719",
        "carrier_id": "Z4154090123",
        "label": "https://pdf.balikobot.cz/zasilkovna/eNorMTIwt9A2.",
    }


def test_the_example_of_a_refusal_names_our_fields() -> None:
    (refused,) = taken(WRONG, shipment())

    assert isinstance(refused, CarrierRefused)
    assert (refused.kind, refused.code) == (Kind.CONTENT, "413")
    assert {(fault.field, fault.code) for fault in refused.faults} == {
        ("recipient.zip", "413"),
        ("recipient.phone", "406"),
    }


@pytest.mark.parametrize("status", ["208", 208])
def test_what_was_made_before_comes_back_as_made_again(status: object) -> None:
    (booked,) = taken(packages(row("first-0001-1", 1, status)), ONE)

    assert isinstance(booked, Booked)
    assert booked.again
    assert booked.notes == (answers.FIRST_TRY,)


def test_rows_are_paired_by_eid_whatever_their_order() -> None:
    first, second = taken(packages(row("second-002-1", 2), row("first-0001-1", 1)), ONE, TWO)

    assert numbers(first) == ["Z4154000001"]
    assert numbers(second) == ["Z4154000002"]


def test_one_bad_shipment_leaves_the_others_booked() -> None:
    bad = {"status": 406, "eid": "second-002-1", "rec_city": 406}
    first, second, third = taken(
        packages(row("first-0001-1", 1), bad, row("third-0003-1", 3), status=400), ONE, TWO, THREE
    )

    assert numbers(first) == ["Z4154000001"]
    assert second.faults[0].field == "recipient.city"
    assert numbers(third) == ["Z4154000003"]


@pytest.mark.parametrize(
    "rows",
    [
        [row("first-0001-1", 1)],
        [row("first-0001-1", 1), row("second-002-1", 2), row("second-002-1", 3)],
        [row("first-0001-1", 1), row("strange-01-1", 2)],
        [row("first-0001-1", 1), {**row("second-002-1", 2), "package_id": None}],
        [row("first-0001-1", 1), {**row("second-002-1", 2), "carrier_id": 1.5}],
        [row("first-0001-1", 1), {**row("second-002-1", 2), "status": None}],
        [row("first-0001-1", 1), {**row("second-002-1", 2), "status": 500}],
        [row("first-0001-1", 1), {**row("second-002-1", 2), "eid": ""}],
        [row("first-0001-1", 1), None],
    ],
)
def test_what_an_answer_does_not_tell_stays_unclear_and_the_rest_is_booked(rows: list[Any]) -> None:
    first, second = taken(packages(*rows), ONE, TWO)

    assert numbers(first) == ["Z4154000001"]
    assert is_unclear(second)


@pytest.mark.parametrize("shared", ["carrier_id", "package_id"])
def test_one_number_for_two_shipments_is_believed_of_neither(shared: str) -> None:
    rows = [row("first-0001-1", 1), row("second-002-1", 2), row("third-0003-1", 3)]
    rows[1][shared] = rows[0][shared]
    first, second, third = taken(packages(*rows), ONE, TWO, THREE)

    assert is_unclear(first)
    assert is_unclear(second)
    assert numbers(third) == ["Z4154000003"]


def test_a_shipment_asked_for_twice_in_one_call_is_unclear() -> None:
    first, second = taken(packages(row("first-0001-1", 1)), ONE, ONE)

    assert is_unclear(first)
    assert is_unclear(second)


def test_older_carriers_number_their_packages() -> None:
    body = {"status": 400, "0": {"rec_email": "406"}, "1": {"service_type": "413"}}
    first, second = taken(body, ONE, TWO)

    assert [fault.field for fault in first.faults] == ["recipient.email"]
    assert [fault.field for fault in second.faults] == ["service"]


def test_a_single_row_without_eid_is_that_of_the_single_package() -> None:
    (booked,) = taken({"status": 200, "0": {**row("", 1), "eid": None}}, ONE)

    assert numbers(booked) == ["Z4154000001"]


def test_an_eid_that_is_refused_is_a_fault_of_the_reference() -> None:
    (refused,) = taken(packages({"status": 413, "eid": 413}, status=400), ONE)

    assert [(fault.field, fault.code) for fault in refused.faults] == [("reference", "413")]


@pytest.mark.parametrize("code", [406, 413])
def test_a_number_range_used_up_is_the_accounts_trouble(code: int) -> None:
    (refused,) = taken(packages({"status": code, "eid": "first-0001-1", "service_range": code}, status=400), ONE)

    assert refused.kind is Kind.ACCOUNT


def test_a_field_that_is_none_of_ours_keeps_its_name() -> None:
    bad = {"status": 413, "eid": "first-0001-1", "mu_type": 406, "bank_code": "413", "rec_region": 406}
    (refused,) = taken(packages(bad, status=400), ONE)

    assert [(fault.field, fault.theirs, fault.code) for fault in refused.faults] == [
        (None, "mu_type", "406"),
        (None, "bank_code", "413"),
        ("recipient.region", "", "406"),
    ]
    assert "mu_type: is missing" in refused.why


def test_a_field_named_in_words_keeps_its_name_too() -> None:
    errors = [{"type": 406, "attribute": "mu_type\x00", "message": "Povinný údaj chybí."}]
    (refused,) = taken(packages({"status": 406, "eid": "first-0001-1", "errors": errors}, status=400), ONE)

    assert [(fault.field, fault.theirs) for fault in refused.faults] == [(None, "mu_type")]


def test_errors_in_words_are_read_too() -> None:
    errors = [{"type": "413", "attribute": "rec_zip", "message": "Nepovolené PSČ příjemce."}, None, {"message": 7}]
    (refused,) = taken(packages({"status": 413, "eid": "first-0001-1", "errors": errors}, status=400), ONE)

    assert refused.faults[0].field == "recipient.zip"
    assert "Nepovolené PSČ" in str(refused)


def test_a_fault_of_a_box_names_the_box() -> None:
    two = home("first-0001", boxes=(Box(1), Box(2)))
    bad = {"status": 413, "eid": "first-0001-2", "weight": 413}
    (torn,) = taken(packages(row("first-0001-1", 1), bad, status=400), two)

    assert isinstance(torn, answers.Torn)
    assert [fault.field for fault in torn.faults] == ["boxes[1].weight_g"]
    assert torn.left == ("42001",)


def test_a_box_that_was_made_without_a_number_leaves_unclear_what_was_refused_of_it() -> None:
    two = home("first-0001", boxes=(Box(1), Box(2)))
    bad = {"status": 413, "eid": "first-0001-2", "weight": 413}
    (one,) = taken(packages({**row("first-0001-1", 1), "package_id": None}, bad, status=400), two)

    assert is_unclear(one)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "//example.com", 7, None])
def test_a_page_to_follow_a_parcel_is_one_of_the_web(link: Any) -> None:
    (booked,) = taken(packages(row("first-0001-1", 1, track_url=link)), ONE)

    assert booked.parcels[0].tracking_url == ""


def test_who_carries_it_on_is_kept_and_told_with_what_comes_back_in_exchange() -> None:
    more = {"carrier_id_final": 70_100_200, "track_url_final": "https://example.com/7", "carrier_id_swap": "S1"}
    (booked,) = taken(packages(row("first-0001-1", 1, **more)), ONE)

    assert booked.parcels[0].handle.ids["final"] == "70100200"
    assert booked.parcels[0].handle.ids["final_url"] == "https://example.com/7"
    assert booked.notes == (
        "the parcel taken back in exchange is S1",
        "another carrier carries it on: 70100200 https://example.com/7",
    )


@pytest.mark.parametrize("bad", [None, "", 1.5, [], {}, True, "x" * 101])
def test_what_names_nobody_who_carries_it_on_is_not_kept(bad: Any) -> None:
    more = {"carrier_id_final": bad, "track_url_final": "javascript:x", "carrier_id_swap": bad}
    (booked,) = taken(packages(row("first-0001-1", 1, **more)), ONE)

    assert booked.parcels[0].handle.ids.keys() == {"shipper", "package_id", "carrier_id"}
    assert booked.notes == ()


def test_boxes_come_back_in_their_order() -> None:
    two = home("first-0001", boxes=(Box(1), Box(2)))
    (booked,) = taken(packages(row("first-0001-2", 2), row("first-0001-1", 1)), two)

    assert numbers(booked) == ["Z4154000001", "Z4154000002"]


@pytest.mark.parametrize("status", [426, 503])
def test_a_carrier_that_is_away_leaves_its_package_to_be_asked_again(status: int) -> None:
    first, second = taken(packages(row("first-0001-1", 1), {"status": status, "eid": "second-002-1"}), ONE, TWO)

    assert numbers(first) == ["Z4154000001"]
    assert isinstance(second, CarrierBusy)


def test_a_cut_note_is_said_with_the_booking() -> None:
    (booked,) = taken(packages(row("first-0001-1", 1)), home("first-0001", note="n" * 351))

    assert booked.notes == ("the note was cut to 350 letters",)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Kind.CONTENT),
        (401, Kind.LOGIN),
        (403, Kind.ACCOUNT),
        (404, Kind.UNKNOWN),
        (405, Kind.TOO_LATE),
        (406, Kind.CONTENT),
        (409, Kind.ACCOUNT),
        (413, Kind.CONTENT),
        (416, Kind.CONTENT),
        (423, Kind.ACCOUNT),
        (501, Kind.UNSUPPORTED),
    ],
)
@pytest.mark.parametrize("http", [200, None])
def test_each_status_of_theirs_is_of_a_kind_with_http_200_too(status: int, kind: Kind, http: int | None) -> None:
    with pytest.raises(CarrierRefused) as caught:
        said.done(answer({"status": status}, status=http or (status if status < 500 else 200)))

    assert (caught.value.kind, caught.value.code) == (kind, str(status))


def test_every_status_of_the_contract_has_a_meaning() -> None:
    told = {200, 208, 400, 401, 403, 404, 405, 406, 409, 413, 416, 423, 426, 429, 501, 503}

    assert said.MEANINGS.keys() | said.BUSY | {said.MADE, said.MADE_BEFORE} == told


@pytest.mark.parametrize("status", [426, 503])
def test_a_carrier_behind_that_is_away_is_busy(status: int) -> None:
    with pytest.raises(CarrierBusy):
        said.done(answer({"status": status}, makes=True))


def test_too_many_calls_wait_as_long_as_they_say() -> None:
    with pytest.raises(CarrierBusy) as caught:
        said.done(answer(b"slow down", status=429, headers={"retry-after": "17"}))

    assert caught.value.wait_s == 17


@pytest.mark.parametrize("http", [502, 503, 500])
def test_a_gateways_error_leaves_a_making_call_unclear(http: int) -> None:
    with pytest.raises(CarrierUnreachable) as caught:
        said.said(answer(b"<html>Bad Gateway</html>", status=http, makes=True))

    assert caught.value.unclear


@pytest.mark.parametrize("body", [b"<html>ok</html>", b"", b"null", b"7", b'{"status": 200', b'{"status": 2e2}', b"{}"])
def test_what_cannot_be_read_leaves_a_making_call_unclear(body: bytes) -> None:
    with pytest.raises(CarrierUnreachable) as caught:
        answers.read_added(answer(body, makes=True), "ppl", [ONE])

    assert caught.value.unclear


def test_http_says_more_than_a_body_that_calls_itself_well() -> None:
    with pytest.raises(CarrierRefused):
        said.done(answer({"status": 200}, status=401))


def test_check_answers_for_each() -> None:
    body = packages({"status": 200, "eid": "first-0001-1"}, {"status": 413, "eid": "second-002-1", "rec_zip": 413})
    first, second = answers.read_checked(answer(body), [ONE, TWO])

    assert first is None
    assert isinstance(second, CarrierRefused)


def test_a_row_of_check_that_names_nobody_is_that_of_the_box_in_its_place() -> None:
    two = home("first-0001", boxes=(Box(1), Box(2)))
    good, bad = {"status": 200}, {"status": 413, "weight": 413}

    assert answers.read_checked(answer(packages(good, good)), [two]) == [None]
    (wrong,) = answers.read_checked(answer(packages(good, bad)), [two])
    assert isinstance(wrong, CarrierRefused)
    assert [fault.field for fault in wrong.faults] == ["boxes[1].weight_g"]
    (unclear,) = answers.read_checked(answer(packages(good)), [two])
    assert isinstance(unclear, CarrierUnreachable)


def test_the_overview_finds_a_booking_by_its_eids() -> None:
    body = packages(row("second-002-1", 2), row("first-0001-1", 1))
    booked = answers.read_overview(answer(body), "ppl", ONE)

    assert booked is not None
    assert booked.again
    assert numbers(booked) == ["Z4154000001"]


@pytest.mark.parametrize("body", [packages(), packages(row("second-002-1", 2)), {"status": 404}, []])
def test_the_overview_finds_nothing_where_there_is_nothing(body: Any) -> None:
    assert answers.read_overview(answer(body), "ppl", ONE) is None


def test_a_package_that_stands_twice_in_the_overview_is_believed_in_neither_place() -> None:
    with pytest.raises(CarrierUnreachable):
        answers.read_overview(answer(packages(row("first-0001-1", 1), row("first-0001-1", 2))), "ppl", ONE)


def test_a_booking_of_which_a_box_is_lacking_is_none() -> None:
    two = home("first-0001", boxes=(Box(1), Box(2)))

    assert answers.read_overview(answer(packages(row("first-0001-1", 1))), "ppl", two) is None


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, Cancelled.DONE), ("200", Cancelled.DONE), (404, Cancelled.BEFORE), (405, Cancelled.TOO_LATE)],
)
def test_a_drop_says_what_came_of_it(status: object, outcome: Cancelled) -> None:
    assert answers.read_dropped(answer({"status": status})) is outcome


@pytest.mark.parametrize("status", [200, 208])
def test_an_order_is_the_hand_over(status: int) -> None:
    body = {"status": status, "order_id": "2757", "package_ids": ["42719", 42720], "handover_url": "https://x/1"}

    assert answers.read_order(answer(body)) == ("2757", {"42719", "42720"}, "https://x/1")


def test_an_order_that_lists_nothing_covers_what_was_asked() -> None:
    assert answers.read_order(answer({"status": 200, "order_id": 2757})) == ("2757", None, "")


def test_a_message_in_a_collections_answer_means_that_none_comes() -> None:
    with pytest.raises(CarrierRefused, match="Svoz nelze objednat"):
        answers.read_pickup(answer({"status": 200, "message": "Svoz nelze objednat"}))


def test_a_collection_has_a_number_where_its_carrier_gives_one() -> None:
    assert answers.read_pickup(answer({"status": 200, "pickup_order_id": 991, "confirmed": True})) == "991"
    assert answers.read_pickup(answer({"status": 200})) == ""


def test_every_field_of_theirs_is_a_field_of_ours() -> None:
    known = shipment(sender=home().recipient, customs=Customs(()), options=dict.fromkeys(fields.OPTIONS, "1"))
    for field in fields.OURS.values():
        place: Any = known
        for name in field.split("."):
            place = place[name] if isinstance(place, dict) else getattr(place, name)


def test_an_error_is_always_a_carriers_error() -> None:
    assert isinstance(said.trouble(answer({}), 777), CarrierError)
