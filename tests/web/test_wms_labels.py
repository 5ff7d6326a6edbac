"""Labels are printed in pick order, all or with what lacks named, and every print is written down."""

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from carriers.base import Format, Label
from carriers.shipment import Box
from service import bookings, journal
from service.flows import labels
from service.journal import Entry, Kind
from service.web.wms.labels import LACKING
from tests.carriers.kit import SORTS, codes, numbers_in
from tests.web.hatch import Hatch, fault, hatch

MINUTE_S = 60


def pages(content: bytes) -> int:
    return len(PdfReader(BytesIO(content)).pages)


def printed(door: Hatch, ids: list[str], **params: Any) -> Any:
    return door.ask("GET", "/labels", params={"ids": ",".join(ids), **params})


def lines(door: Hatch) -> list[Entry]:
    with door.at.town.rig.db.tx(door.at.tenant) as conn:
        found = [entry for number in door.at.shop.numbers for entry in journal.timeline(conn, door.at.tenant, number)]
    return [entry for entry in found if entry.kind is Kind.LABEL_PRINTED]


def test_labels_are_one_file_in_the_order_the_shipments_were_named(town) -> None:
    with hatch(town, "packeta", "gls") as door:
        ids = [*door.ready("packeta", 2), *door.ready("gls")]
        ids = [ids[2], ids[1], ids[0]]

        answer = printed(door, ids)

        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"] == 'attachment; filename="labels.pdf"'
        assert answer.headers["cache-control"] == "no-store"
        assert LACKING not in answer.headers
        numbers = [door.booking(each)["parcels"][0]["tracking_code"] for each in ids]
        read = codes(Label(Format.PDF, answer.content))
        assert len(read) == 3
        for number, page in zip(numbers[1:], read[1:], strict=True):
            assert number in page
        assert [entry.detail for entry in lines(door)] == [
            {
                "account": door.at.account_id,
                "booking": each["id"],
                "format": "pdf",
                "page": "a6",
                "shipment": each["shipment"],
            }
            for each in sorted((door.booking(each) for each in ids), key=lambda told: told["order"])
        ]


def test_all_boxes_of_a_shipment_are_printed_and_laid_on_a_used_sheet(town) -> None:
    with hatch(town, "gls") as door:
        ids = [*door.ready("gls", boxes=(Box(1_200), Box(900), Box(800))), *door.ready("gls")]

        assert pages(printed(door, ids).content) == 4
        assert pages(printed(door, ids, page="a4").content) == 1
        assert pages(printed(door, ids, **{"page": "a4", "from": "2"}).content) == 2
        assert {entry.detail["page"] for entry in lines(door)} == {"a4", "a6"}


@pytest.mark.parametrize("code", [*SORTS])
def test_the_bar_codes_of_every_carrier_are_read_from_a_used_sheet(town, code: str) -> None:
    with hatch(town, code) as door:
        ids = door.ready(code, 2)

        answer = printed(door, ids, **{"page": "a4", "from": "3"})

        with town.rig.db.tx(door.at.tenant) as conn:
            booked = [each.booking_id for each in bookings.of_shipments(conn, door.at.tenant, ids).values()]
            boxes = [box.barcode for some in bookings.boxes(conn, door.at.tenant, booked).values() for box in some]
        [sheet] = codes(Label(Format.PDF, answer.content))
        assert {*boxes} <= numbers_in(code, sheet)


def test_a_format_that_is_not_kept_is_fetched_once_from_its_carrier(town) -> None:
    with hatch(town, "packeta", "ppl") as door:
        world, sort = door.at.worlds["ppl"], SORTS["ppl"]
        door.at.log_in("ppl", sort.secrets(world), given={**sort.given(world), "label_format": "zpl"})
        ids = [*door.ready("packeta", 2), *door.ready("ppl")]
        before = len(door.at.worlds["packeta"].ledger)

        first = printed(door, ids, format="zpl")
        calls = len(door.at.worlds["packeta"].ledger) - before
        second = printed(door, ids, format="zpl")
        as_pdf = printed(door, ids[2:])

        assert first.status_code == 200, first.text
        assert first.headers["content-type"].startswith("text/plain")
        assert first.content.count(b"^XA") == 3
        assert second.content == first.content
        assert calls > 0
        assert len(door.at.worlds["packeta"].ledger) - before == calls
        assert {entry.detail["format"] for entry in lines(door)} == {"zpl"}
        assert [each["code"] for each in as_pdf.json()["items"]] == ["format"]


def test_what_cannot_be_printed_is_told_item_by_item_and_nothing_is(town) -> None:
    with hatch(town, "packeta", "balikobot") as door:
        [good] = door.ready("packeta")
        [other] = door.ready("balikobot")
        gone = door.ready("packeta")[0]
        [waits] = door.shipments(door.at.wants("packeta"))
        door.ask("DELETE", f"/shipments/{gone}")
        strange = f"s_{door.at.tenant.removeprefix('t_')}_0"
        ids = [strange, good, waits, gone, "x\r\nSet-Cookie: a=b", "s_foreign_1"]

        answer = printed(door, ids)
        without = printed(door, [good, other], format="zpl")

        assert fault(answer) == (409, "labels", None)
        assert [(each["index"], each["id"], each["status"], each["code"]) for each in answer.json()["items"]] == [
            (0, strange, 404, "unknown_shipment"),
            (2, waits, 409, "no_label_yet"),
            (3, gone, 409, "cancelled"),
            (4, ids[4], 404, "unknown_shipment"),
            (5, ids[5], 404, "unknown_shipment"),
        ]
        assert [each["code"] for each in without.json()["items"]] == ["format"]
        assert "pdf" in without.json()["items"][0]["detail"]
        assert lines(door) == []


def test_the_good_ones_are_printed_when_they_are_asked_for_and_the_others_named(town) -> None:
    with hatch(town, "packeta") as door:
        [good] = door.ready("packeta")
        [waits] = door.shipments(door.at.wants("packeta"))

        answer = printed(door, [waits, good, "x\r\ny"], partial="true")
        nothing = printed(door, [waits], partial="true")

        assert answer.status_code == 200
        assert pages(answer.content) == 1
        assert answer.headers[LACKING] == f"{waits}=no_label_yet, #2=unknown_shipment"
        assert fault(nothing)[:2] == (409, "labels")
        assert len(lines(door)) == 1


def test_labels_of_another_account_do_not_exist(town) -> None:
    with hatch(town, "packeta") as door:
        ids = door.ready("packeta")

        foreign = door.ask("GET", "/labels", params={"ids": ids[0]}, token=door.stranger)

        assert [each["code"] for each in foreign.json()["items"]] == ["unknown_shipment"]
        assert fault(door.ask("GET", "/labels", params={"ids": ids[0]}, token="wrong"))[:2] == (401, "token")


def test_a_carrier_that_is_away_is_asked_again_later_and_the_kept_ones_go_on(town) -> None:
    with hatch(town, "packeta", "gls") as door:
        [away] = door.ready("packeta")
        [there] = door.ready("gls")
        assert printed(door, [there], format="zpl").status_code == 200
        door.at.worlds["packeta"].faults.add("down", calls=None)

        both = printed(door, [away, there], format="zpl")
        some = printed(door, [away, there], format="zpl", partial="true")

        assert fault(both)[:2] == (503, "come_again")
        assert int(both.headers["retry-after"]) > 0
        assert some.status_code == 200
        assert some.headers[LACKING] == f"{away}=carrier_away"
        assert printed(door, [away], format="pdf").status_code == 200


def test_a_carrier_that_prints_and_makes_nothing_rests_on_for_those_that_wait(town) -> None:
    with hatch(town, "packeta") as door:
        ids = door.ready("packeta")
        [login] = [each.contract_id for each in door.at.contracts.values()]
        door.at.strikes("packeta", "error", status=500, calls=None)
        waits = door.at.wants("packeta", 4)
        door.at.work(20)
        failed = door.tries(login)
        town.watch.move(MINUTE_S)  # the rest is over, and the lane has not asked yet

        assert printed(door, ids, format="zpl").status_code == 200

        assert door.tries(login) == failed > 0
        door.at.worlds["packeta"].faults.clear()
        door.at.work(10 * MINUTE_S)
        assert "ready" in door.at.states(waits)
        assert door.tries(login) == 0


def test_a_carrier_that_hands_one_label_out_no_more_still_prints_the_others(town) -> None:
    with hatch(town, "packeta") as door:
        ids = door.ready("packeta", 3)
        gone = door.booking(ids[1])["parcels"][0]["tracking_code"]
        number = next(key for key in door.at.worlds["packeta"].parcels if key in gone or gone in key)
        del door.at.worlds["packeta"].parcels[number]

        answer = printed(door, ids, format="zpl", partial="true")

        assert answer.content.count(b"^XA") == 2
        assert answer.headers[LACKING] == f"{ids[1]}=refused"


@pytest.mark.parametrize("how", [{}, {"page": "a4"}])
def test_a_label_that_cannot_be_read_spoils_no_other(town, how: dict[str, str]) -> None:
    with hatch(town, "packeta") as door:
        good, bad = door.ready("packeta", 2)
        booking_id = door.booking(bad)["id"]
        with town.rig.db.tx(door.at.tenant) as conn:
            conn.execute("UPDATE labels SET content = 'no PDF' WHERE booking_id = %s", [booking_id])

        all_or_none = printed(door, [bad, good], **how)
        some = printed(door, [bad, good], partial="true", **how)

        assert [(each["id"], each["code"]) for each in all_or_none.json()["items"]] == [(bad, "refused")]
        assert pages(some.content) == 1
        assert some.headers[LACKING] == f"{bad}=refused"
        assert len(lines(door)) == 1


@pytest.mark.parametrize(
    ("params", "status", "field"),
    [
        ({"ids": ""}, 400, "ids"),
        ({}, 400, "ids"),
        ({"ids": "s_a_1,,s_a_2"}, 400, "ids"),
        ({"ids": "s" * 101}, 400, "ids"),
        ({"ids": ",".join(f"s_a_{each}" for each in range(101))}, 422, "ids"),
        ({"ids": "s_a_1,s_a_1"}, 422, "ids"),
        ({"ids": "s_a_1", "format": "png"}, 400, "format"),
        ({"ids": "s_a_1", "page": "a5"}, 400, "page"),
        ({"ids": "s_a_1", "page": "a4", "from": "9"}, 400, "from"),
        ({"ids": "s_a_1", "page": "a4", "from": "0"}, 400, "from"),
        ({"ids": "s_a_1", "from": "2"}, 422, "from"),
        ({"ids": "s_a_1", "page": "a4", "format": "zpl"}, 422, "page"),
        ({"ids": "s_a_1", "partial": "yes"}, 400, "partial"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_its_name(town, params: dict[str, str], status: int, field: str) -> None:
    with hatch(town, "packeta", count=1) as door:
        answer = door.ask("GET", "/labels", params=params)

        assert fault(answer)[::2] == (status, field)


def test_one_prints_at_a_time_and_the_others_come_again(town) -> None:
    with hatch(town, "packeta") as door, labels.PRESS:
        ids = door.ready("packeta")

        assert fault(printed(door, ids))[:2] == (503, "come_again")


def test_a_right_that_a_label_lacks_is_told_of_that_label(town) -> None:
    with hatch(town, "packeta") as door:
        ids = door.ready("packeta", 2)
        door.at.worlds["packeta"].faults.add("error", operation="packetLabelZpl", status=403, calls=None)

        answer = printed(door, ids, format="zpl")

        assert [each["code"] for each in answer.json()["items"]] == ["refused"] * 2
        assert door.tries(door.at.contracts["packeta"].contract_id) == 0


def test_a_carrier_that_shows_a_notice_instead_of_labels_is_away(town) -> None:
    with hatch(town, "packeta") as door:
        ids = door.ready("packeta", 2)
        door.at.worlds["packeta"].faults.add("html", calls=None)

        answer = printed(door, ids, format="zpl")

        assert fault(answer)[:2] == (503, "come_again")
        assert door.tries(door.at.contracts["packeta"].contract_id) == 1


def test_a_login_that_is_refused_when_a_label_is_fetched_is_told_as_that_and_not_as_away(town) -> None:
    with hatch(town, "packeta") as door:
        ids = door.ready("packeta")
        door.at.worlds["packeta"].faults.add("error", status=401, calls=None)

        first, resting = printed(door, ids, format="zpl"), printed(door, ids, format="zpl")

        for answer in (first, resting):
            assert fault(answer)[:2] == (409, "labels")
            assert [each["code"] for each in answer.json()["items"]] == ["login_refused"]
