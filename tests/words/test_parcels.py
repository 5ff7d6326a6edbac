"""Whatever the library says of a parcel, a merchant reads in his language."""

from dataclasses import fields

import pytest

from carriers import check, registry
from carriers.base import Collection
from carriers.errors import Fault, Kind
from carriers.shipment import Address, Box, Cod, Customs, Goods, PointRef, Shipment
from carriers.states import Reason, State
from service import words
from service.steps import drafting, paylist
from service.steps.pairing import Bar, Unpaired
from service.steps.suggesting import Reason as Fits
from service.words import Language, faults

SHAPES = (Shipment, Address, Box, Cod, PointRef, Customs, Goods, Collection)
NAMED = {field.name for shape in SHAPES for field in fields(shape)}


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("fault", check.CODES.keys() | drafting.CODES.keys()),
        ("field", NAMED),
        ("carrier", registry.ADAPTERS.keys()),
        ("parcel", {*State, *Reason}),
        ("refused", set(Kind)),
        ("bar", set(Bar)),
        ("unpaired", set(Unpaired)),
        ("fits", set(Fits)),
        ("payline", set(paylist.Wrong)),
        ("paylist", set(paylist.Unlisted)),
        ("paycolumn", {*paylist.NEEDED, paylist.EITHER}),
    ],
)
def test_nothing_lacks_words_and_no_word_is_left_over(prefix: str, names: set[str]) -> None:
    own = {"parcel"} if prefix == "field" else set[str]()  # where the carrier named no field of ours

    for said in words.IN.values():
        assert {key.removeprefix(f"{prefix}_") for key in said if key.startswith(f"{prefix}_")} == names | own


def test_no_code_means_two_things() -> None:
    assert not check.CODES.keys() & drafting.CODES.keys()
    assert not {*State} & {*Reason} - {"unknown"}


@pytest.mark.parametrize(
    ("fault", "cs", "en"),
    [
        (check.fault("boxes[1].weight_g", "missing"), "Balík 2, hmotnost: chybí", "Parcel 2, weight: is missing"),
        (
            check.fault("recipient.zip", "bad_zip", "CZ"),
            "Příjemce, PSČ: není PSČ této země (CZ)",
            "Recipient, post code: is no post code of that country (CZ)",
        ),
        (
            check.fault("options.carrier_id", "letters", "[0-9]{1,19}"),
            "Volba, carrier_id: obsahuje znaky, které dopravce neumí vytisknout",
            "Option, carrier_id: holds characters the carrier cannot print",
        ),
        (
            Fault("point", "closed", "is closed", "4711 Trafika, Lipová 1, Brno"),
            "Výdejní místo: je zavřené (otevřená poblíž: 4711 Trafika, Lipová 1, Brno)",
            "Pick-up point: is closed (open nearby: 4711 Trafika, Lipová 1, Brno)",
        ),
        (
            Fault(None, "PacketFault", "Branch is not active."),
            "Zásilka: Branch is not active.",
            "Parcel: Branch is not active.",
        ),
    ],
)
def test_a_fault_is_a_sentence(fault: Fault, cs: str, en: str) -> None:
    assert faults.told(words.IN[Language.CS], fault) == cs
    assert faults.told(words.IN[Language.EN], fault) == en
