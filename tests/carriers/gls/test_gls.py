"""The whole adapter on a line that answers by list."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from carriers.base import Booked, Cancelled, Format
from carriers.check import CODES
from carriers.digits import gls as digit
from carriers.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, Kind
from carriers.gls import Gls
from carriers.labels import pages_of
from carriers.money import Money
from carriers.shipment import Box, PointRef, Shipment
from carriers.states import State
from tests.carriers.gls import bench
from tests.carriers.gls.bench import Line, carrier


def asked(line: Line) -> list[str]:
    return [call.url.rsplit("/", 1)[1] for call in line.calls]


def test_the_check_digit_is_that_of_the_contract() -> None:
    assert digit("3117700796") == "6"


def test_a_batch_is_one_call() -> None:
    line = Line(bench.created(50))

    taken = carrier(line).book(bench.shipments(50))

    assert asked(line) == ["PrintLabels"]
    assert all(isinstance(one, Booked) for one in taken)


BAD_REQUEST = (400, b"<html>cannot be read</html>")
MISSING = {"PrintLabelsInfoList": [], "PrintLabelsErrorList": [bench.refusal(12, says="request part")]}


@pytest.mark.parametrize("refused", [BAD_REQUEST, MISSING])
def test_a_batch_that_is_refused_for_its_content_is_asked_one_by_one(refused: Any) -> None:
    good = [bench.created(0) | {"PrintLabelsInfoList": [bench.row(f"R-{place}", place)]} for place in range(3)]
    line = Line(refused, good[0], refused, good[2])

    first, second, third = carrier(line).book(bench.shipments(3))

    assert isinstance(first, Booked)
    assert isinstance(second, CarrierRefused)
    assert isinstance(third, Booked)
    assert [len(body["ParcelList"]) for body in line.bodies()] == [3, 1, 1, 1]


def test_a_batch_asked_one_by_one_stops_at_a_lost_answer_and_knows_what_was_not_asked_for() -> None:
    lost = CarrierUnreachable("gls", "book", "lost", unclear=True)
    good = bench.created(1)
    line = Line(BAD_REQUEST, good, lost)

    booked, unclear, not_asked = carrier(line).book(bench.shipments(3))

    assert isinstance(booked, Booked)
    assert unclear is lost
    assert isinstance(not_asked, CarrierUnreachable)
    assert not not_asked.unclear
    assert len(line.calls) == 3


@pytest.mark.parametrize(("day", "sent"), [(4, False), (5, True), (6, True)])
def test_a_parcel_that_waited_past_its_day_is_picked_up_today(day: int, sent: bool) -> None:
    line = Line(bench.CREATED)

    carrier(line).book([replace(bench.HOME, ship_on=date(2026, 3, day))])

    assert ("PickupDate" in line.bodies()[0]["ParcelList"][0]) is sent


def test_labels_come_as_zpl_where_the_account_prints_zpl() -> None:
    line = Line(bench.created(1, bench.zpl("a")))

    (one,) = carrier(line, printer="ThermoZPL_300DPI").book(bench.shipments(1))

    assert isinstance(one, Booked)
    assert one.label
    assert (one.label.format, line.bodies()[0]["TypeOfPrinter"]) == (Format.ZPL, "ThermoZPL_300DPI")


@pytest.mark.parametrize(("status", "kind"), [(401, Kind.LOGIN), (403, Kind.ACCOUNT), (404, Kind.UNKNOWN)])
def test_a_refused_request_is_refused_whatever_its_body(status: int, kind: Kind) -> None:
    with pytest.raises(CarrierRefused) as refused:
        carrier(Line((status, b"<html>"))).book([bench.HOME])
    assert refused.value.kind is kind


def test_a_server_that_fails_may_have_made_the_parcel() -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        carrier(Line((500, b"oops"))).book([bench.HOME])
    assert lost.value.unclear


def test_the_login_is_proven_by_a_list() -> None:
    line = Line({"PrintDataInfoList": None, "GetParcelListErrors": []})

    carrier(line).test()

    assert asked(line) == ["GetParcelList"]


def test_a_wrong_login_is_told_though_the_answer_is_good() -> None:
    line = Line({"PrintDataInfoList": [], "GetParcelListErrors": [bench.refusal(-1, says="Unauthorized")]})

    with pytest.raises(CarrierRefused, match="Unauthorized") as refused:
        carrier(line).test()
    assert refused.value.kind is Kind.LOGIN


def test_an_answer_that_is_of_no_list_proves_no_login() -> None:
    with pytest.raises(CarrierUnreachable):
        carrier(Line({"message": "welcome to the proxy"})).test()


def test_a_lost_booking_is_found_on_the_days_it_may_have_been_printed() -> None:
    line = Line({"PrintDataInfoList": [bench.row("OBJ-2026-00417", 0)]})

    found = carrier(line).find(bench.HOME, since=bench.NOW)

    assert found
    assert found.parcels[0].number == bench.number(0)
    assert asked(line) == ["GetParcelList"]


def test_labels_come_in_the_order_asked_in_one_call_where_pages_say_whose_they_are() -> None:
    line = Line({"Labels": list(bench.zpl(bench.number(1), bench.number(0)))})

    label = carrier(line).labels([bench.parcel(0), bench.parcel(1)], Format.ZPL)

    assert label.covers == (bench.number(0), bench.number(1))
    assert label.content.index(bench.number(0).encode()) < label.content.index(bench.number(1).encode())
    assert len(line.calls) == 1


def test_labels_are_asked_for_one_by_one_where_pages_are_silent() -> None:
    def reply(call: Any) -> dict[str, Any]:
        ids = line.bodies()[-1]["ParcelIdList"]
        return {"Labels": list(bench.pdf(*(["no number"] * len(ids))))}

    line = Line(reply)

    label = carrier(line).labels([bench.parcel(0), bench.parcel(1)], Format.PDF)

    assert [body["ParcelIdList"] for body in line.bodies()] == [[1000, 1001], [1000], [1001]]
    assert (pages_of(label), label.covers) == (2, (bench.number(0), bench.number(1)))


def test_boxes_under_one_id_are_asked_for_once() -> None:
    line = Line({"Labels": list(bench.pdf("a", "b"))})

    label = carrier(line).labels([bench.parcel(0, 7), bench.parcel(1, 7)], Format.PDF)

    assert line.bodies()[0]["ParcelIdList"] == [7]
    assert label.covers == (bench.number(0), bench.number(1))


def test_boxes_under_one_id_whose_pages_say_their_number_are_put_in_order() -> None:
    line = Line({"Labels": list(bench.zpl(bench.number(1), bench.number(0)))})

    label = carrier(line).labels([bench.parcel(0, 7), bench.parcel(1, 7)], Format.ZPL)

    assert label.content.index(bench.number(0).encode()) < label.content.index(bench.number(1).encode())


def test_labels_that_are_fewer_than_asked_for_are_none() -> None:
    line = Line({"Labels": list(bench.pdf("a"))})

    with pytest.raises(CarrierUnreachable) as lost:
        carrier(line).labels([bench.parcel(0, 7), bench.parcel(1, 8)], Format.PDF)
    assert not lost.value.unclear


def test_a_second_page_of_one_parcel_is_its_own() -> None:
    line = Line({"Labels": list(bench.pdf("label", "the document that comes back"))})

    assert pages_of(carrier(line).labels([bench.parcel(0)], Format.PDF)) == 2


def test_a_parcel_without_an_id_of_gls_cannot_be_printed() -> None:
    strange = replace(bench.parcel(0), handle=replace(bench.parcel(0).handle, ids={}))

    with pytest.raises(CarrierRefused) as refused:
        carrier(Line({})).labels([strange], Format.PDF)
    assert refused.value.kind is Kind.UNKNOWN


def test_every_parcel_is_followed_by_a_call_of_its_own() -> None:
    line = Line(bench.STATUSES | {"ParcelNumber": None})

    tracked = carrier(line).track([bench.parcel(0), bench.parcel(1)])

    assert [one.number for one in tracked] == [bench.number(0), bench.number(1)]
    assert [body["ParcelNumber"] for body in line.bodies()] == [int(bench.number(0)), int(bench.number(1))]


@pytest.mark.parametrize("unknown", [{"GetParcelStatusErrors": [bench.refusal(26)]}, {"ParcelStatusList": []}])
def test_a_number_nobody_knows_with_its_check_digit_is_asked_for_without(unknown: dict[str, Any]) -> None:
    line = Line(unknown, bench.STATUSES | {"ParcelNumber": int(bench.number(0)[:10])})

    (tracked,) = carrier(line).track([bench.parcel(0)])

    assert (tracked.number, tracked.state) == (bench.number(0), State.DELIVERED)
    assert [body["ParcelNumber"] for body in line.bodies()] == [int(bench.number(0)), int(bench.number(0)[:10])]


def test_a_number_nobody_knows_in_either_form_is_unknown() -> None:
    line = Line({"GetParcelStatusErrors": [bench.refusal(5)]})

    (tracked,) = carrier(line).track([bench.parcel(0)])

    assert (tracked.number, tracked.state) == (bench.number(0), State.UNKNOWN)
    assert len(line.calls) == 2


def test_a_number_that_is_none_of_theirs_is_not_asked_for() -> None:
    line = Line({})

    (tracked,) = carrier(line).track([replace(bench.parcel(0), number="Z1234567890")])

    assert (tracked.state, line.calls) == (State.UNKNOWN, [])


def test_parcels_are_taken_back_in_one_call() -> None:
    line = Line({"SuccessfullyDeletedList": [{"ParcelId": 1000}, {"ParcelId": 1001}], "DeleteLabelsErrorList": []})

    assert carrier(line).cancel([bench.parcel(0), bench.parcel(1)]) == [Cancelled.DONE, Cancelled.DONE]
    assert asked(line) == ["DeleteLabels"]


def test_what_gls_does_not_take_back_is_for_a_person_who_is_not_told_that_gls_has_it() -> None:
    line = Line(
        {"SuccessfullyDeletedList": [{"ParcelId": 1000}], "DeleteLabelsErrorList": [bench.refusal(6, ids=[1001])]}
    )

    done, open_ = carrier(line).cancel([bench.parcel(0), bench.parcel(1)])

    assert (done, open_.kind, "or its label was deleted" in str(open_)) == (Cancelled.DONE, Kind.TOO_LATE, True)
    assert asked(line) == ["DeleteLabels"]


def test_with_its_switch_a_label_that_the_list_of_printed_ones_lacks_was_deleted_before() -> None:
    refused = {"DeleteLabelsErrorList": [bench.refusal(6, ids=[1000, 1001])]}
    line = Line(bench.created(2), refused, {"PrintDataInfoList": [bench.row("R-1", 1)]}, refused, (503, b"down"))
    gls = carrier(line, "unlisted")
    parcels = [one.parcels[0] for one in gls.book(bench.shipments(2))]

    assert gls.cancel(parcels) == [Cancelled.BEFORE, Cancelled.TOO_LATE]
    assert asked(line)[1:] == ["DeleteLabels", "GetParcelList"]
    assert all(isinstance(one, CarrierBusy | CarrierUnreachable) for one in gls.cancel(parcels))


def test_with_its_switch_a_list_proves_nothing_of_a_label_nobody_knows_the_day_of() -> None:
    line = Line({"DeleteLabelsErrorList": [bench.refusal(6, ids=[1000])]})

    (open_,) = carrier(line, "unlisted").cancel([bench.parcel(0)])

    assert open_.kind is Kind.TOO_LATE
    assert asked(line) == ["DeleteLabels"]


def test_points_are_read_from_the_open_list() -> None:
    line = Line(bench.POINTS)

    assert len(list(carrier(line).points("CZ"))) == 2
    assert line.calls[0].url == "https://map.gls-czech.com/data/deliveryPoints/cz.json"


def test_a_country_without_a_list_is_not_asked_for() -> None:
    with pytest.raises(CarrierRefused):
        list(carrier(Line({})).points("FR"))


def test_a_way_back_needs_its_switch() -> None:
    with pytest.raises(CarrierRefused) as refused:
        carrier(Line({})).return_label(bench.HOME)
    assert refused.value.kind is Kind.UNSUPPORTED


def test_a_way_back_goes_from_the_recipient_to_us_and_collects_nothing() -> None:
    line = Line(bench.CREATED)

    booked = carrier(line, "returns").return_label(bench.POINT)

    parcel = line.bodies()[0]["ParcelList"][0]
    assert booked.parcels[0].number == "31177007966"
    assert (parcel["PickupAddress"]["Name"], parcel["DeliveryAddress"]["Name"]) == (
        "Jana Dvořáková",
        "Můj e-shop s.r.o.",
    )
    assert parcel["ServiceList"] == [{"Code": "SRS"}]
    assert "CODAmount" not in parcel


@pytest.mark.parametrize(("given", "home"), [("PRS", "CZ"), ("LRS", "HU"), ("SRS", "CZ")])
def test_a_way_back_goes_by_the_service_the_account_names(given: str, home: str) -> None:
    line = Line(bench.CREATED)

    carrier(line, "returns", return_service=given, sender_country=home).return_label(bench.HOME)

    parcel = line.bodies()[0]["ParcelList"][0]
    assert parcel["ServiceList"] == [{"Code": given}]
    assert parcel.get("PickupType") == (2 if given == "LRS" else None)


@pytest.mark.parametrize("given", ["LRS", "24H"])
def test_a_way_back_the_account_cannot_have_is_told_when_its_login_is_tried(given: str) -> None:
    line = Line(bench.CREATED)

    with pytest.raises(CarrierRefused, match="return_service") as refused:
        carrier(line, return_service=given).test_all()
    assert (refused.value.kind, line.calls) == (Kind.ACCOUNT, [])


@pytest.mark.parametrize("printer", ["A4_2x2", "A4_4x1", "Zebra"])
def test_a_printer_gls_has_not_or_of_sheets_is_told_to_who_enters_a_login_and_stops_no_parcel(printer: str) -> None:
    line = Line({"PrintDataInfoList": []}, bench.CREATED)
    gls = carrier(line, printer=printer)

    with pytest.raises(CarrierRefused, match="printer is none with one label a page") as refused:
        gls.test_all()
    assert (refused.value.kind, line.calls) == (Kind.ACCOUNT, [])

    gls.test()  # as is asked of a carrier that failed
    (taken,) = gls.book([bench.HOME])
    assert isinstance(taken, Booked)


def test_a_login_is_tried_as_a_whole() -> None:
    line = Line({"PrintDataInfoList": []})

    carrier(line, printer="Connect", return_service="PRS").test_all()

    assert asked(line) == ["GetParcelList"]


CHANGED = {"Successful": True, "ModifyCODErrorList": []}


def booked(line: Line, shipment: Shipment) -> tuple[Gls, list[Any]]:
    gls = carrier(line)
    (one,) = gls.book([shipment])
    assert isinstance(one, Booked)
    return gls, list(one.parcels)


def test_another_amount_is_asked_for_on_the_first_box_and_again_without_harm() -> None:
    rows = [bench.row(bench.HOME.reference, place) for place in (1, 0)]
    line = Line({"PrintLabelsInfoList": rows}, CHANGED)
    gls, parcels = booked(line, replace(bench.HOME, boxes=(Box(1), Box(1)), cod=bench.COD))

    gls.change_cod(parcels, Money(99_000, "CZK"))
    gls.change_cod(parcels[::-1], Money(99_000, "CZK"))

    assert asked(line) == ["PrintLabels", "ModifyCOD", "ModifyCOD"]
    assert [(each["ParcelId"], each["CODAmount"]) for each in line.bodies()[1:]] == [(1000, 990), (1000, 990)]


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (Money(990, "EUR"), "bad_currency"),
        (Money(99_050, "CZK"), "bad_amount"),
        (Money(-100, "CZK"), "bad_amount"),
    ],
)
def test_an_amount_that_is_not_collected_there_is_refused_before_gls_is_asked(amount: Money, code: str) -> None:
    line = Line(bench.CREATED, CHANGED)
    gls, parcels = booked(line, bench.POINT)

    with pytest.raises(CarrierRefused) as refused:
        gls.change_cod(parcels, amount)
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("cod.amount", code)]
    assert asked(line) == ["PrintLabels"]


LOST = CarrierUnreachable("gls", "change_cod", "lost", unclear=True)
NEVER_SENT = CarrierUnreachable("gls", "change_cod", "no connection", unclear=False)


@pytest.mark.parametrize(
    ("reply", "unclear"),
    [
        (LOST, True),
        (NEVER_SENT, False),
        ((500, b"<html>"), True),
        (b"<html>", True),
        ({}, True),
        *(({"ModifyCODErrorList": [bench.refusal(code)]}, True) for code in (16, 17, 19, 20, 21, 1000, 1001)),
    ],
)
def test_an_amount_whose_answer_is_lost_may_be_the_new_one(reply: Any, *, unclear: bool) -> None:
    gls, parcels = booked(Line(bench.CREATED, reply), bench.POINT)

    with pytest.raises(CarrierUnreachable) as lost:
        gls.change_cod(parcels, Money(99_000, "CZK"))
    assert lost.value.unclear is unclear


def test_a_code_nobody_told_us_of_is_a_no_to_another_amount_and_not_asked_for_for_ever() -> None:
    gls, parcels = booked(Line(bench.CREATED, {"ModifyCODErrorList": [bench.refusal(999)]}), bench.POINT)

    with pytest.raises(CarrierRefused, match="999"):
        gls.change_cod(parcels, Money(99_000, "CZK"))


def test_nothing_at_all_may_be_collected_from_now_on() -> None:
    line = Line(bench.CREATED, CHANGED)
    gls, parcels = booked(line, bench.POINT)

    gls.change_cod(parcels, Money(0, "CZK"))

    assert line.bodies()[1]["CODAmount"] == 0


def test_of_a_parcel_that_was_booked_before_the_country_was_kept_its_statuses_say_it() -> None:
    unknown = {"GetParcelStatusErrors": [bench.refusal(5)]}
    line = Line(unknown, bench.STATUSES | {"DeliveryCountryCode": "SK"}, CHANGED)

    carrier(line).change_cod([bench.parcel(0)], Money(1_250, "EUR"))

    assert asked(line) == ["GetParcelStatuses", "GetParcelStatuses", "ModifyCOD"]
    assert line.bodies()[2]["CODAmount"] == 12.5


def test_of_a_parcel_whose_country_nobody_knows_the_amount_is_not_changed() -> None:
    line = Line(bench.STATUSES | {"DeliveryCountryCode": None})

    with pytest.raises(CarrierUnreachable) as lost:
        carrier(line).change_cod([bench.parcel(0)], Money(1_250, "EUR"))
    assert not lost.value.unclear
    with pytest.raises(CarrierRefused, match="no number of GLS"):
        carrier(line).change_cod([replace(bench.parcel(0), number="Z1")], Money(1_250, "EUR"))


def test_with_its_switch_many_are_followed_in_one_call_and_one_nobody_knows_harms_no_neighbour() -> None:
    told = bench.STATUSES | {"ParcelNumber": int(bench.number(1)[:10])}
    line = Line({"ParcelList": [told], "GetParcelListStatusesErrors": [bench.refusal(5)]})
    strange = replace(bench.parcel(2), number="Z1234567890")

    tracked = carrier(line, "track_list").track([bench.parcel(0), strange, bench.parcel(1)])

    assert asked(line) == ["GetParcelListStatuses"]
    assert line.bodies()[0]["ParcelNumberList"] == [int(bench.number(0)), int(bench.number(1))]
    assert [(one.number, one.state) for one in tracked] == [
        (bench.number(0), State.UNKNOWN),
        ("Z1234567890", State.UNKNOWN),
        (bench.number(1), State.DELIVERED),
    ]


def test_with_its_switch_numbers_of_which_none_is_gls_s_are_not_asked_for() -> None:
    line = Line({})

    (tracked,) = carrier(line, "track_list").track([replace(bench.parcel(0), number="Z1234567890")])

    assert (tracked.state, line.calls) == (State.UNKNOWN, [])


def test_a_refused_way_back_is_raised_as_one() -> None:
    with pytest.raises(CarrierRefused, match="ZipCode") as refused:
        carrier(Line(bench.REFUSED), "returns").return_label(bench.HOME)
    assert refused.value.operation == "return_label"


def test_the_page_of_a_parcel_is_named_only_where_it_is_believed() -> None:
    def url(*switches: str) -> str:
        (one,) = carrier(Line(bench.CREATED), *switches).book([bench.HOME])
        assert isinstance(one, Booked)
        return one.parcels[0].tracking_url

    assert url() == ""
    assert url("tracking_page") == "https://gls-group.eu/CZ/cs/sledovani-zasilek?match=31177007966"


@pytest.mark.parametrize("operation", ["poll", "hear", "collect", "close"])
def test_what_gls_lacks_is_refused(operation: str) -> None:
    arguments = {"poll": (None, []), "hear": ({}, b""), "collect": (None,), "close": ([], None)}[operation]

    with pytest.raises(CarrierRefused) as refused:
        getattr(carrier(Line({})), operation)(*arguments)
    assert refused.value.kind is Kind.UNSUPPORTED


@pytest.mark.parametrize("shipment", [bench.HOME, bench.POINT, replace(bench.HOME, cod=bench.COD)])
def test_a_good_shipment_is_good(shipment: Shipment) -> None:
    assert carrier(Line({})).validate(shipment) == []


EUR = replace(bench.COD, amount=Money(1_250, "EUR"))


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"service": "BP"}, "service", "not_offered"),
        ({"service": "PSD"}, "point", "missing"),
        ({"service": "PSD", "point": PointRef(" ")}, "point", "missing"),
        ({"service": "PSD", "point": PointRef("X", "zasilkovna")}, "point.network", "not_offered"),
        ({"point": PointRef("X")}, "point", "not_both"),
        ({"service": "PSD", "recipient": replace(bench.JANA, phone="")}, "recipient.phone", "missing"),
        ({"service": "PSD", "recipient": replace(bench.JANA, email="")}, "recipient.email", "missing"),
        ({"recipient": replace(bench.JANA, house_number="0")}, "recipient.house_number", "missing"),
        ({"recipient": replace(bench.JANA, zip="811 01")}, "recipient.zip", "bad_zip"),
        ({"recipient": replace(bench.JANA, country="FR", zip="75001")}, "recipient.country", "not_offered"),
        ({"recipient": replace(bench.JANA, name="Jana 😀")}, "recipient.name", "letters"),
        ({"recipient": replace(bench.JANA, country="HR", zip="10000"), "cod": bench.COD}, "cod.amount", "bad_currency"),
        ({"cod": EUR}, "cod.amount", "bad_currency"),
        ({"cod": replace(bench.COD, amount=Money(129_050, "CZK"))}, "cod.amount", "bad_amount"),
        ({"cod": replace(bench.COD, variable_symbol="")}, "cod.variable_symbol", "missing"),
        ({"adults_only": True}, "adults_only", "not_offered"),
        ({"boxes": ()}, "boxes", "missing"),
        ({"boxes": (Box(1),) * 100}, "boxes", "too_many"),
        ({"boxes": (Box(0),)}, "boxes[0].weight_g", "missing"),
        ({"options": {"FSS": ""}}, "options.FSS", "not_both"),
        ({"options": {"INS": ""}, "boxes": (Box(1), Box(1))}, "options.INS", "not_both"),
        ({"options": {"INS": ""}, "value": Money(0, "CZK")}, "value", "missing"),
        ({"options": {"SZL": "x" * 16}}, "options.SZL", "too_long"),
        ({"options": {"SZL": ""}}, "options.SZL", "missing"),
        ({"options": {"DDS": "2026-02-30"}}, "options.DDS", "letters"),
        ({"options": {"SM2": ""}, "recipient": replace(bench.JANA, phone="")}, "recipient.phone", "missing"),
        ({"options": {"FDS": ""}, "recipient": replace(bench.JANA, email="")}, "recipient.email", "missing"),
        ({"options": {"LRS": "1"}}, "options.LRS", "not_offered"),
        ({"options": {"ADR": "x"}}, "options.ADR", "letters"),
        ({"options": {"ADR": '[1,"L",2,0.5]'}}, "options.ADR", "letters"),
        ({"options": {"ADR": '[1,"L",2,0.5,null]'}}, "options.ADR", "letters"),
        ({"options": {"ADR": '[1,"",2,0.5,1950]'}}, "options.ADR", "letters"),
        ({"options": {"ADR": '[true,"L",2,0.5,1950]'}}, "options.ADR", "letters"),
        ({"options": {"ADR": '[1,"L",2,1e99,1950]'}}, "options.ADR", "letters"),
        ({"options": {"ADR": '[1,"L",2,1e999999999999999999999,1950]'}}, "options.ADR", "letters"),
        ({"options": {"DPV": ""}}, "options.DPV", "missing"),
        ({"options": {"DPV": "x"}, "value": Money(0, "CZK")}, "value", "missing"),
        ({"options": {"DPV": "x"}, "value": Money(100, "EUR")}, "value", "bad_currency"),
        ({"options": {"SDS": "10:00-12:00"}}, "options.SDS", "letters"),
        ({"options": {"SDS": "2026-03-05 25:00-26:00"}}, "options.SDS", "letters"),
        ({"options": {"SDS": "2026-03-05 12:00-12:00"}}, "options.SDS", "letters"),
        ({"options": {"SDS": "2026-03-05 08:00-09:59"}}, "options.SDS", "past"),
        ({"options": {"PackageType": "8"}}, "options.PackageType", "letters"),
        ({"options": {"SAT": "0"}}, "options.SAT", "letters"),
        ({"options": {"INS": "0"}}, "options.INS", "letters"),
        ({"options": {"PSS": "1"}}, "options.PSS", "not_both"),
        ({"options": {"PSS": "1"}, "sender": bench.JANA, "boxes": (Box(1), Box(1))}, "options.PSS", "not_both"),
        ({"options": {"FDS": "1"}, "recipient": replace(bench.JANA, email="")}, "recipient.email", "missing"),
        ({"options": {"CS1": "1"}, "recipient": replace(bench.JANA, phone="")}, "recipient.phone", "missing"),
        ({"sender": replace(bench.JANA, zip="1")}, "sender.zip", "bad_zip"),
        ({"sender": replace(bench.JANA, house_number="0")}, "sender.house_number", "missing"),
        ({"boxes": (Box(1, content="Dárek 🎁"),)}, "boxes[0].content", "letters"),
        ({"options": {"SM1": ""}}, "options.SM1", "missing"),
        ({"options": {"SM1": "Hi"}, "recipient": replace(bench.JANA, phone="")}, "recipient.phone", "missing"),
        ({"options": {"CS1": "call me"}}, "options.CS1", "bad_phone"),
        ({"options": {"FDS": "", "FSS": "12"}}, "options.FSS", "bad_phone"),
        ({"options": {"FDS": "jana"}}, "options.FDS", "bad_email"),
        ({"options": {"AOS": "Jana\ud83d"}}, "options.AOS", "letters"),
        ({"options": {"DDS": "2026-03-04"}}, "options.DDS", "past"),
        ({"options": {"INS": ""}, "value": Money(12_900, "EUR")}, "value", "bad_currency"),
        ({"cod": replace(bench.COD, variable_symbol="1\x00")}, "cod.variable_symbol", "letters"),
        ({"service": "PSD", "point": PointRef("X\ud83d")}, "point", "letters"),
        ({"order_number": ""}, "order_number", "missing"),
    ],
)
def test_what_gls_would_refuse_is_known_before(changes: dict[str, Any], field: str, code: str) -> None:
    found = carrier(Line({})).validate(replace(bench.HOME, **changes))

    assert (field, code) in [(fault.field, fault.code) for fault in found]
    assert {fault.code for fault in found} <= CODES.keys()


@pytest.mark.parametrize(
    "options",
    [
        *({"CS1": "+420 777 888 999"}, {"FDS": "a@b.cz", "FSS": "777888999"}, {"INS": ""}, {"DDS": "2026-03-05"}),
        *({"SDS": "2026-03-05 10:00-12:00"}, {"ADR": '["a","L",2,0.5,1950]'}, {"DPV": "x"}, {"PackageType": "7"}),
        *(dict.fromkeys(["24H", "SAT", "T09", "T10", "T12", "TGS", "XS", "INS"], "1"), {"TGS": "ano"}),
    ],
)
def test_an_option_that_says_itself_whom_needs_nothing_of_the_recipient(options: dict[str, str]) -> None:
    nobody = replace(bench.JANA, phone="", email="")

    assert carrier(Line({})).validate(replace(bench.HOME, recipient=nobody, options=options)) == []


def test_an_account_may_give_all_that_is_read() -> None:
    sender = {f"sender_{name}" for name in ("house_number", "company", "phone", "email", "identity_card")}

    assert Gls.may_give.keys() == {"printer", "points_url", "return_service", *sender}
    assert not Gls.needs.keys() & Gls.may_give.keys()


def test_what_an_account_can_is_a_matter_of_its_switches() -> None:
    assert not carrier(Line({})).able.returns
    assert carrier(Line({}), "returns").able.returns
    assert [carrier(Line({}), *on).able.track_batch for on in ([], ["track_list"])] == [1, 100]
    assert ["FR" in carrier(Line({}), *on).able.countries for on in ([], ["abroad"])] == [False, True]


def test_a_value_is_insured_in_the_money_of_the_contract() -> None:
    assert carrier(Line({})).able.insures == {"CZK"}
    assert carrier(Line({}), sender_country="SI").able.insures == {"EUR"}
    assert carrier(Line({}), sender_country="").able.insures == Gls.able.insures


ABROAD = replace(bench.HOME, recipient=replace(bench.JANA, country="FR", zip="75001", phone=""))


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({}, []),
        ({"cod": EUR}, [("cod.amount", "bad_currency")]),
        ({"recipient": replace(ABROAD.recipient, zip="7500")}, [("recipient.zip", "bad_zip")]),
        ({"recipient": replace(ABROAD.recipient, country="GB", zip="N1")}, [("recipient.country", "not_offered")]),
        ({"recipient": replace(ABROAD.recipient, country="SK", zip="81101"), "cod": EUR}, []),
    ],
)
def test_with_its_switch_it_goes_to_all_of_the_union_and_collects_where_it_did(
    changes: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    found = carrier(Line({}), "abroad").validate(replace(ABROAD, **changes))

    assert [(fault.field, fault.code) for fault in found] == faults


@pytest.mark.parametrize(
    ("number", "can"),
    [
        ("31177007966", True),
        ("31177007965", False),
        ("3117700796", False),
        ("Z1234567890", False),
        ("", False),
        ("٣١١٧٧٠٠٧٩٦٦", False),
    ],
)
def test_a_number_is_known_by_its_check_digit(number: str, can: bool) -> None:
    assert carrier(Line({})).is_number(number) is can


def test_an_account_is_told_what_it_must_give() -> None:
    given = {**bench.ACCOUNT.given, **bench.ACCOUNT.secrets}

    assert Gls.secret <= Gls.needs.keys() <= given.keys()
