"""A label once more after the hand-over: `labels` knows only what waits, so what is stored of a package is asked."""

from dataclasses import replace
from typing import Any

import pytest

from carriers.base import Booked, Format, Parcel
from carriers.errors import CarrierBusy, CarrierRefused, Kind
from tests.carriers.balikobot.made_up import Wire, balikobot, home, packages, parcel, pdf, row

LINK = "https://pdf.balikobot.cz/1"
KEPT = {"status": 200, "package_id": "1", "label_url": LINK}


@pytest.mark.parametrize("status", [404, 405])
@pytest.mark.parametrize("kept", [KEPT, {"status": 200, "packages": [KEPT]}])
def test_a_label_is_had_again_after_its_order(status: int, kept: Any) -> None:
    wire = Wire([{"status": status}, kept, pdf(1)])
    label = balikobot(wire).labels([parcel("A", "ppl", "1")], Format.PDF)

    assert label.covers == ("A",)
    assert wire.paths()[:2] == ["/ppl/labels", "/ppl/package/1"]


def test_of_several_only_what_was_ordered_is_asked_for_as_it_is_stored() -> None:
    links = {"status": 200, "labels_url": LINK}
    wire = Wire([{"status": 404}, links, pdf(1), {"status": 404}, KEPT, pdf(1)])
    label = balikobot(wire).labels([parcel("A", "ppl", "1"), parcel("B", "ppl", "2")], Format.PDF)

    assert label.covers == ("A", "B")
    assert [path for path in wire.paths() if path.startswith("/")] == [
        *("/ppl/labels", "/ppl/labels", "/ppl/labels", "/ppl/package/2"),
    ]


def linked(link: str) -> Parcel:
    plain = parcel("A", "ppl", "1")
    return replace(plain, handle=replace(plain.handle, ids={**plain.handle.ids, "label": link}))


def test_the_link_its_booking_brought_is_tried_before_what_is_stored() -> None:
    wire = Wire([{"status": 404}, pdf(1)])
    label = balikobot(wire).labels([linked(LINK)], Format.PDF)

    assert label.covers == ("A",)
    assert [call.url for call in wire.calls][1:] == [LINK]


@pytest.mark.parametrize("gone", [(404, b""), (502, b""), b"<html>"])
def test_where_that_link_is_dead_what_is_stored_is_asked_for(gone: Any) -> None:
    wire = Wire([{"status": 404}, gone, KEPT, pdf(1)])

    assert balikobot(wire).labels([linked(LINK)], Format.PDF).covers == ("A",)
    assert wire.paths()[2] == "/ppl/package/1"


def test_a_link_that_leads_to_a_stranger_is_not_followed() -> None:
    wire = Wire([{"status": 404}, KEPT, pdf(1)])
    balikobot(wire).labels([linked("https://example.com/1")], Format.PDF)

    assert wire.paths()[:2] == ["/ppl/labels", "/ppl/package/1"]


def test_a_booking_keeps_the_link_of_its_label() -> None:
    made = packages(row("OBJ-2026-00418-1", 1, label_url=LINK), row("OBJ-2026-00419-1", 2, label_url=7))
    [booked, other] = balikobot(Wire([made])).book([home(), home("OBJ-2026-00419")])

    assert isinstance(booked, Booked)
    assert isinstance(other, Booked)
    assert booked.parcels[0].handle.ids["label"] == LINK
    assert "label" not in other.parcels[0].handle.ids


@pytest.mark.parametrize("kept", [{"status": 404}, {"status": 501}, {"status": 200}, {"status": 200, "label_url": 7}])
def test_what_is_not_stored_either_stays_refused(kept: Any) -> None:
    with pytest.raises(CarrierRefused) as caught:
        balikobot(Wire([{"status": 404}, kept])).labels([parcel()], Format.PDF)

    assert caught.value.kind is Kind.UNKNOWN


def test_what_was_not_asked_any_more_is_asked_again_later() -> None:
    with pytest.raises(CarrierBusy):
        balikobot(Wire([{"status": 404}, (429, b"")])).labels([parcel()], Format.PDF)


def test_another_refusal_of_labels_is_no_reason_to_look_further() -> None:
    wire = Wire([{"status": 403}])

    with pytest.raises(CarrierRefused):
        balikobot(wire).labels([parcel()], Format.PDF)
    assert len(wire.calls) == 1
