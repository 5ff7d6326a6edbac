"""A label once more after the hand-over: `labels` knows only what waits, so what is stored of a package is asked."""

from typing import Any

import pytest

from carriers.base import Format
from carriers.errors import CarrierBusy, CarrierRefused, Kind
from tests.carriers.balikobot.made_up import Wire, balikobot, parcel, pdf

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
