import json
from dataclasses import replace
from datetime import date, time
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from carriers.balikobot import Balikobot
from carriers.base import Able, Account, Booked, Cancelled, Close, Collection, Format, Tracked
from carriers.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, Kind
from carriers.labels import pages_of
from carriers.shipment import Box
from carriers.states import State
from tests.carriers.balikobot.made_up import (
    BASE,
    NOW,
    RECIPIENT,
    Wire,
    account,
    balikobot,
    home,
    packages,
    parcel,
    pdf,
    row,
    said_pdf,
    shipment,
)

LINK = "https://pdf.balikobot.cz/1"
COLLECTION = Collection(date(2026, 3, 5), time(12), time(16), 14, 40_000)


def post(reference: str) -> Any:
    return home(reference, service="cp/DR")


def test_a_login_is_proven_by_whoami() -> None:
    wire = Wire([{"status": 200}])
    balikobot(wire).test()

    assert wire.paths() == ["/info/whoami"]


def test_a_wrong_login_is_said() -> None:
    with pytest.raises(CarrierRefused) as caught:
        balikobot(Wire([(401, b"")])).test()

    assert caught.value.kind is Kind.LOGIN


def test_a_mixed_list_is_one_call_for_each_shipper_and_comes_back_in_order() -> None:
    wire = Wire([
        packages(row("parcel-001-1", 1), row("parcel-003-1", 3)),
        packages(row("parcel-002-1", 2)),
    ])  # fmt: skip
    taken = balikobot(wire).book([home("parcel-001"), post("parcel-002"), home("parcel-003")])

    assert wire.paths() == ["/ppl/add", "/cp/add"]
    assert [one.reference for one in taken if isinstance(one, Booked)] == ["parcel-001", "parcel-002", "parcel-003"]
    assert [one.parcels[0].handle.ids["shipper"] for one in taken if isinstance(one, Booked)] == ["ppl", "cp", "ppl"]


def test_a_shipper_that_fails_leaves_the_others_booked() -> None:
    wire = Wire([(502, b"<html>"), packages(row("parcel-002-1", 2))])
    lost, booked = balikobot(wire).book([home("parcel-001"), post("parcel-002")])

    assert isinstance(lost, CarrierUnreachable)
    assert lost.unclear
    assert isinstance(booked, Booked)


def test_what_befalls_the_only_call_is_raised() -> None:
    with pytest.raises(CarrierBusy):
        balikobot(Wire([(429, b"")])).book([home("parcel-001"), home("parcel-002")])


def test_a_service_nobody_offers_is_refused_without_a_call() -> None:
    wire = Wire([packages(row("parcel-002-1", 2))])
    refused, booked = balikobot(wire).book([home("parcel-001", service="ppl/45"), home("parcel-002")])

    assert isinstance(refused, CarrierRefused)
    assert refused.faults[0].field == "service"
    assert isinstance(booked, Booked)
    assert len(wire.calls) == 1


def test_a_lost_answer_is_asked_again_under_the_same_eid_and_comes_back_as_made_again() -> None:
    wire = Wire([(504, b""), packages(row("parcel-001-1", 1, 208))])
    adapter = balikobot(wire)
    with pytest.raises(CarrierUnreachable):
        adapter.book([home("parcel-001")])
    (booked,) = adapter.book([home("parcel-001")])

    assert isinstance(booked, Booked)
    assert booked.again
    assert wire.bodies()[0] == wire.bodies()[1]


def test_the_boxes_made_of_a_refused_shipment_are_dropped() -> None:
    bad = {"status": 413, "eid": "parcel-001-2", "weight": 413}
    wire = Wire([packages(row("parcel-001-1", 1), bad, status=400), {"status": 200}])
    (refused,) = balikobot(wire).book([home("parcel-001", boxes=(Box(1), Box(2)))])

    assert isinstance(refused, CarrierRefused)
    assert wire.paths() == ["/ppl/add", "/ppl/drop"]
    assert wire.bodies()[1] == {"package_ids": ["42001"]}


def test_a_box_that_could_not_be_dropped_is_named() -> None:
    bad = {"status": 413, "eid": "parcel-001-2", "weight": 413}
    wire = Wire([packages(row("parcel-001-1", 1), bad, status=400), (502, b"")])
    (refused,) = balikobot(wire).book([home("parcel-001", boxes=(Box(1), Box(2)))])

    assert isinstance(refused, CarrierRefused)
    assert "package 42001 of it was made" in str(refused)


def test_a_box_that_is_ordered_already_is_named() -> None:
    bad = {"status": 413, "eid": "parcel-001-2", "weight": 413}
    wire = Wire([packages(row("parcel-001-1", 1, 208), bad, status=400), {"status": 405}])
    (refused,) = balikobot(wire).book([home("parcel-001", boxes=(Box(1), Box(2)))])

    assert isinstance(refused, CarrierRefused)
    assert "package 42001 of it was made and ordered" in str(refused)


def test_check_makes_nothing() -> None:
    wire = Wire([packages({"status": 200, "eid": "parcel-001-1"})])

    assert balikobot(wire).ask_valid(home("parcel-001")) == ()
    assert wire.paths() == ["/ppl/check"]


def test_find_looks_at_the_overview() -> None:
    wire = Wire([packages(row("OBJ-2026-00417-1", 1)), packages()])
    adapter = balikobot(wire)

    assert adapter.find(shipment(), since=NOW) is not None
    assert adapter.find(shipment(), since=NOW) is None
    assert wire.paths() == ["/zasilkovna/overview"] * 2


def test_labels_come_in_the_order_asked_with_shippers_mixed() -> None:
    link = {"status": 200, "labels_url": LINK}
    wire = Wire([link, said_pdf("Z2", "Z1"), link, pdf(1), link, pdf(1)])
    asked = [parcel("Z1", "ppl", "1"), parcel("Z2", "ppl", "2"), parcel("C", "cp", "3"), parcel("D", "ppl", "4")]
    label = balikobot(wire).labels(asked, Format.PDF)

    assert label.covers == ("Z1", "Z2", "C", "D")
    assert [page.extract_text().strip() for page in PdfReader(BytesIO(label.content)).pages] == ["Z1", "Z2", "", ""]
    assert wire.bodies()[0] == {"package_ids": ["1", "2"]}
    assert wire.calls[1].url == LINK
    assert not wire.calls[1].headers


def test_labels_that_do_not_say_whose_they_are_are_fetched_one_by_one() -> None:
    link = {"status": 200, "labels_url": LINK}
    wire = Wire([link, pdf(2), link, pdf(1), link, pdf(1)])
    label = balikobot(wire).labels([parcel("A", "ppl", "1"), parcel("B", "ppl", "2")], Format.PDF)

    assert (label.covers, pages_of(label)) == (("A", "B"), 2)
    assert wire.bodies()[::2] == [{"package_ids": ids} for ids in (["1", "2"], ["1"], ["2"])]


def test_of_no_parcels_there_are_no_labels() -> None:
    assert balikobot(Wire([])).labels([], Format.PDF).content == b""


def test_several_labels_on_a_page_are_refused_with_what_to_change() -> None:
    wire = Wire([{"status": 200, "labels_url": LINK}, pdf(1)])

    with pytest.raises(CarrierRefused, match="client zone"):
        balikobot(wire).labels([parcel("A"), parcel("B")], Format.PDF)


@pytest.mark.parametrize("body", [b"", b"<html>gone</html>", b"%PDF-1.7 broken", pdf(0)])
def test_a_label_that_is_none_is_no_label(body: bytes) -> None:
    with pytest.raises(CarrierUnreachable):
        balikobot(Wire([{"status": 200, "labels_url": LINK}, body])).labels([parcel()], Format.PDF)


def test_a_label_that_leads_to_a_stranger_is_not_fetched() -> None:
    wire = Wire([{"status": 200, "labels_url": "http://10.0.0.1/1"}])

    with pytest.raises(CarrierRefused):
        balikobot(wire).labels([parcel()], Format.PDF)
    assert len(wire.calls) == 1


def test_zpl_is_refused() -> None:
    with pytest.raises(CarrierRefused) as caught:
        balikobot(Wire([])).labels([parcel()], Format.ZPL)

    assert caught.value.kind is Kind.UNSUPPORTED


def test_tracking_asks_each_shipper_and_comes_back_in_order() -> None:
    def told(call: Any) -> Any:
        if call.url.endswith("/overview"):
            return packages()
        number = json.loads(call.body)["carrier_ids"][0]
        states = [{"date": "2026-03-02 10:00:00", "status_id_v2": 2.2 if "/ppl/" in call.url else 1.1}]
        return packages({"carrier_id": number, "status": 200, "states": states})

    wire = Wire(told)
    tracked = balikobot(wire).track([parcel("A", "ppl"), parcel("B", "cp"), parcel("C", "ppl")])

    assert sorted(wire.paths()) == ["/ppl/overview", "/v2/cp/track", "/v2/ppl/track"]
    assert [one.number for one in tracked] == ["A", "B", "C"]
    assert [one.state for one in tracked] == [State.IN_TRANSIT, State.DELIVERED, State.UNKNOWN]


def test_a_shipper_that_is_away_costs_the_parcels_of_the_others_nothing() -> None:
    def told(call: Any) -> Any:
        if "/ppl/" in call.url:
            return {"status": 426}
        states = [{"date": "2026-03-02 10:00:00", "status_id_v2": 1.1}]
        return packages({"carrier_id": "B", "status": 200, "states": states})

    tracked = balikobot(Wire(told)).track([parcel("A", "ppl"), parcel("B", "cp")])
    with pytest.raises(CarrierBusy):
        balikobot(Wire(told)).track([parcel("A", "ppl")])

    assert [(one.number, one.state) for one in tracked] == [("B", State.DELIVERED)]


TOO_OFTEN = (429, b"", {"retry-after": "600"})


@pytest.mark.parametrize("at", ["/v2/ppl/track", "/ppl/overview"])
def test_too_many_calls_end_the_question_and_what_is_known_by_then_is_told(at: str) -> None:
    def told(call: Any) -> Any:
        number = json.loads(call.body)["carrier_ids"][0] if call.body else ""
        return TOO_OFTEN if call.url.endswith(at) else packages({"carrier_id": number, "states": STATES[number]})

    wire = Wire(told)
    *known, busy = balikobot(wire).track([parcel("C", "zasilkovna"), parcel("A", "cp"), parcel("B", "ppl")])

    assert [one.number for one in known if isinstance(one, Tracked)] == ["A", "B"][: len(known)]
    assert isinstance(busy, CarrierBusy)
    assert busy.wait_s == 600
    assert wire.paths()[-1] == at


STATES = {"A": [{"date": "2026-03-02 10:00:00", "status_id_v2": 1.1}], "B": []}


def test_too_many_calls_of_the_first_shipper_are_the_login_s() -> None:
    wire = Wire(lambda _: TOO_OFTEN)

    with pytest.raises(CarrierBusy):
        balikobot(wire).track([parcel("A", "cp"), parcel("B", "ppl")])
    with pytest.raises(CarrierBusy):
        balikobot(wire).close([parcel("A", "cp"), parcel("B", "ppl")], date(2026, 3, 2))
    assert wire.paths() == ["/v2/cp/track", "/cp/order"]


@pytest.mark.parametrize(
    ("overview", "state"),
    [
        (packages(row("OBJ-2026-00417-1", 1)), State.CREATED),
        (packages(row("OBJ-2026-00418-1", 2)), State.UNKNOWN),
        ({"status": 404}, State.UNKNOWN),
        ((500, b""), State.UNKNOWN),
        (b"<html>", State.UNKNOWN),
    ],
)
def test_what_waits_to_be_ordered_is_created_though_its_carrier_has_not_heard_of_it(
    overview: Any, state: State
) -> None:
    number = row("OBJ-2026-00417-1", 1)["carrier_id"]
    wire = Wire([packages({"carrier_id": number, "status": 404}), overview])

    assert [one.state for one in balikobot(wire).track([parcel(number)])] == [state]


def test_each_package_is_dropped_by_itself() -> None:
    wire = Wire([{"status": 200}, {"status": 404}, (405, {"status": 405})])
    outcome = balikobot(wire).cancel([parcel("A", "ppl", "1"), parcel("B", "cp", "2"), parcel("C", "ppl", "3")])

    assert outcome == [Cancelled.DONE, Cancelled.BEFORE, Cancelled.TOO_LATE]
    assert wire.paths() == ["/ppl/drop", "/cp/drop", "/ppl/drop"]


def test_a_hand_over_orders_each_shipper_and_brings_both_protocols() -> None:
    def said(call: Any) -> Any:
        return {
            f"{BASE}/cp/order": {"status": 200, "order_id": 12, "package_ids": ["3"], "handover_url": LINK},
            f"{BASE}/ppl/order": {"status": 208, "order_id": "7", "package_ids": ["1"], "handover_url": LINK},
        }.get(call.url, pdf(1))

    asked = [parcel("A", "ppl", "1"), parcel("B", "ppl", "2"), parcel("C", "cp", "3")]
    manifest = balikobot(Wire(said)).close(asked, date(2026, 3, 2))

    assert manifest.number == "cp 12, ppl 7"
    assert manifest.covers == ("A", "C")
    assert manifest.document is not None
    assert pages_of(manifest.document) == 2


@pytest.mark.parametrize(("bad", "doubted"), [((502, b""), ("A",)), ({"status": 405}, ()), ({"status": 426}, ("A",))])
def test_a_shipper_that_cannot_be_ordered_leaves_the_others_handed_over(bad: Any, doubted: tuple[str, ...]) -> None:
    wire = Wire(lambda call: bad if "/ppl/" in call.url else {"status": 200, "order_id": 12, "package_ids": ["3"]})
    manifest = balikobot(wire).close([parcel("A", "ppl", "1"), parcel("C", "cp", "3")], date(2026, 3, 2))

    assert (manifest.number, manifest.covers, manifest.doubted) == ("cp 12", ("C",), doubted)


def test_after_too_many_calls_no_more_is_ordered_and_what_is_left_is_told_again() -> None:
    wire = Wire([{"status": 200, "order_id": 12, "package_ids": ["3"]}, TOO_OFTEN])
    asked = [parcel("A", "ppl", "1"), parcel("B", "zasilkovna", "2"), parcel("C", "cp", "3")]
    manifest = balikobot(wire).close(asked, date(2026, 3, 2))

    assert (manifest.covers, manifest.doubted) == (("C",), ("A", "B"))
    assert wire.paths() == ["/cp/order", "/ppl/order"]


def test_of_shippers_that_all_fail_the_unclear_one_is_raised() -> None:
    bad = {"cp": {"status": 405}, "dpd": {"status": 426}, "ppl": (502, b"")}
    wire = Wire(lambda call: next(said for shipper, said in bad.items() if f"/{shipper}/" in call.url))

    with pytest.raises(CarrierUnreachable) as caught:
        balikobot(wire).close([parcel(shipper, shipper) for shipper in bad], date(2026, 3, 2))

    assert caught.value.unclear


def test_an_order_told_again_may_come_back_without_its_number() -> None:
    manifest = balikobot(Wire([{"status": 208}])).close([parcel("A", "cp", "3")], date(2026, 3, 2))

    assert (manifest.number, manifest.covers) == ("cp", ("A",))


def test_a_protocol_that_cannot_be_had_does_not_undo_the_hand_over() -> None:
    wire = Wire([{"status": 200, "order_id": 12, "handover_url": LINK}, (500, b"")])
    manifest = balikobot(wire).close([parcel("A", "cp", "3")], date(2026, 3, 2))

    assert (manifest.number, manifest.covers, manifest.document) == ("cp 12", ("A",), None)


def test_an_order_whose_answer_is_lost_is_unclear() -> None:
    with pytest.raises(CarrierUnreachable) as caught:
        balikobot(Wire([(502, b"")])).close([parcel()], date(2026, 3, 2))

    assert caught.value.unclear


@pytest.mark.parametrize(("given", "shipper"), [("", ""), ("ppl", "ppl")])
def test_a_car_is_not_asked_for_where_nobody_knows_how(given: str, shipper: str) -> None:
    wire = Wire([])

    with pytest.raises(CarrierRefused):
        balikobot(wire, account(collects=given)).collect(COLLECTION)
    assert wire.calls == []


def test_a_car_is_asked_for() -> None:
    dpd, ppl = Wire([{"status": 200}]), Wire([{"status": 200, "pickup_order_id": "9", "confirmed": True}])

    assert balikobot(dpd, account(collects="dpd")).collect(COLLECTION) == ""
    assert balikobot(ppl, account("ppl_collection", collects="ppl")).collect(COLLECTION) == "9"
    assert dpd.paths() == ["/dpd/orderpickup"]


def test_a_car_to_another_address_is_not_asked_for() -> None:
    wire = Wire([])

    with pytest.raises(CarrierRefused):
        balikobot(wire, account(collects="dpd")).collect(replace(COLLECTION, address=RECIPIENT))
    assert wire.calls == []


@pytest.mark.parametrize(
    ("given", "is_able"),
    [
        (account(), False),
        (account(collects="dpd"), True),
        (account(collects="ppl"), False),
        (account("ppl_collection", collects="ppl"), True),
    ],
)
def test_whether_a_car_comes_is_a_matter_of_the_account(given: Account, is_able: bool) -> None:
    assert balikobot(Wire([]), given).able.collects is is_able


def test_points_are_asked_of_the_wanted_carriers_and_yielded_once() -> None:
    wire = Wire(lambda _: {"status": 200, "branches": [{"id": "KM1", "name": "Shop"}, {"id": "2", "name": "Box"}]})
    found = list(balikobot(wire, account(carriers="ppl")).points("CZ"))

    assert [(point.network, point.point_id) for point in found] == [("ppl", "1"), ("ppl", "2")]
    assert wire.paths() == [f"/ppl/fullbranches/service/{service}/country/CZ" for service in (46, 48, 52)]


def test_the_short_list_stands_in_where_there_is_no_full_one() -> None:
    wire = Wire([{"status": 501}, {"status": 200, "branches": [{"id": "2", "name": "Shop"}]}])
    found = list(balikobot(wire, account(carriers="gls")).points("CZ"))

    assert [point.point_id for point in found] == ["2"]
    assert wire.paths()[1] == "/gls/branches/service/2/country/CZ"


def test_a_carrier_that_is_not_activated_has_no_points() -> None:
    assert list(balikobot(Wire(lambda _: {"status": 403})).points("SK")) == []


def test_a_gateway_that_knows_no_such_page_is_no_empty_list_of_points() -> None:
    with pytest.raises(CarrierUnreachable):
        list(balikobot(Wire(lambda _: (404, b"<html>"))).points("SK"))


def test_a_wrong_login_is_no_empty_list_of_points() -> None:
    with pytest.raises(CarrierRefused):
        list(balikobot(Wire(lambda _: (401, b""))).points("SK"))


@pytest.mark.parametrize("operation", ["poll", "hear", "return_label"])
def test_what_balikobot_has_not_is_refused(operation: str) -> None:
    given = {"poll": (parcel().handle, []), "hear": ({}, b""), "return_label": (shipment(),)}[operation]

    with pytest.raises(CarrierRefused) as caught:
        getattr(balikobot(Wire([])), operation)(*given)
    assert caught.value.kind is Kind.UNSUPPORTED


def test_what_it_says_of_itself_is_true() -> None:
    able: Able = Balikobot.able

    assert able.close is Close.REQUIRED
    assert able.is_idempotent
    assert able.finds
    assert Balikobot.secret < Balikobot.needs.keys()
    assert all("/" in service for service in able.services)
