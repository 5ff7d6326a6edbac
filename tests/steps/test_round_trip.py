"""An order of the shop goes to the carrier's stand-in and is read back from what that understood: nothing is lost.

What a carrier cannot print is left out and said, or refused by its field; its number leads back to the parcel. A
thousand orders in `make prove`, fifty in `make test`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carriers.shipment import Box
from service.codebooks import Entry
from service.pairings import Pairing
from service.steps import carriage, drafting, pairing
from service.steps.drafting import PointStanding, Standing
from simulator.carriers.points import Point
from simulator.carriers.world import Parcel as Thing
from tests.carriers.kit import Kit, kit
from tests.carriers.many import MANY
from tests.shop_items import NOON, line, raw_order

FIFTY = settings(MANY, max_examples=max(50, settings.default.max_examples))
TOWNS = {
    "CZ": ("Lipová 12", "Brno", "602 00", "+420 601 234 567"),
    "SK": ("Dlhá 5/12", "Bratislava", "81101", "0905 123 456"),
    "HU": ("Fő utca 7", "Budapest", "1011", "+36 30 123 4567"),
    "PL": ("Długa 3", "Kraków", "30-001", "+48 601 234 567"),
}
CURRENCIES = {"CZ": "CZK", "SK": "EUR", "HU": "HUF", "PL": "PLN"}
MOST = {"CZK": 9_000, "EUR": 400, "HUF": 90_000, "PLN": 900}
LETTERS = "abcdefghijklmnoprstuvyzáčďéěíňóřšťúůýž ABCDEFGHIJKLMNOPRSTUVZ 0123456789 ,.-\n"
EMOJI, MARKS = "😀👍🏽❤★", ';"'
# Letters first, so that most is taken whole; a mark in some, what nobody prints in fewer.
SAID = st.text(LETTERS, max_size=50) | st.text(LETTERS + MARKS, max_size=50) | st.text(LETTERS + EMOJI, max_size=50)
SURNAMES = [
    "Dvořáková",
    "Dvořáková; ml.",
    'Nová "Eva"',
    "O'Neil-Dvořáková",
    "Dvořáková 😀",
    "❤ Nováková",
    "van der Bergh, 2.",
]
SERIALS = count(1)


@dataclass(frozen=True)
class Way:
    """A shipment of the shop and how it is paired; `courier`: chosen behind Packeta, `at`: which points there are."""

    code: str
    service: str
    shop_type: str
    country: str = "CZ"
    kinds: tuple[str, ...] = ()
    courier: str | None = None
    at: str = ""
    adults: bool = False
    notes: bool = True
    shop_id: str = "1"


@dataclass(frozen=True)
class Read:
    """What a carrier understood, in the shop's words."""

    point: str | None
    courier: str | None
    adult: bool
    name: str
    note: str
    cod: tuple[Decimal, str] | None


ZASILKOVNA = ("packeta", "point", "zasilkovna")
WAYS = [
    Way(*ZASILKOVNA, kinds=("zasilkovna",), at="own", adults=True),
    Way(*ZASILKOVNA, "SK", ("zasilkovna",), at="own", adults=True),
    Way(*ZASILKOVNA, "HU", ("zasilkovna",), at="own", adults=True),
    Way(*ZASILKOVNA, "PL", ("zasilkovna",), courier="3060", at="courier"),
    Way(*ZASILKOVNA, "HU", ("zasilkovna",), courier="4539", at="courier"),
    Way(*ZASILKOVNA, kinds=("zasilkovna",), courier="106"),
    Way(*ZASILKOVNA, "SK", ("zasilkovna",), courier="131"),
    Way("packeta", "home", "zasilkovna", "SK", courier="131"),
    Way("ppl", "PRIV", "ppl", adults=True),
    Way("ppl", "SMAR", "ppl", kinds=("parcelShop", "parcelBox"), at="shop", adults=True),
    Way("gls", "parcel", "gls"),
    Way("gls", "PSD", "gls", kinds=("parcelShop",), at="shop"),
    Way("dpd_cz", "327", "dpd", notes=False),  # GeoAPI has no field for a note
    Way("dpd_cz", "337", "dpd", kinds=("dpdBox", "pickupPoint"), at="shop", notes=False),
    Way("ceska_posta", "DR", "ceskaPosta"),
    Way("ceska_posta", "NB", "balikovna", kinds=("balikovna",), at="shop"),
    Way("balikobot", "cp/DR", "ceskaPosta", adults=True),
    Way("balikobot", "cp/NB", "ceskaPosta", kinds=("balikovna",), at="cp/", adults=True),
    Way("balikobot", "zasilkovna/VMCZ", "zasilkovna", kinds=("zasilkovna",), at="zasilkovna/", adults=True),
    Way("balikobot", "zasilkovna/106", "zasilkovna", "SK", courier="131", adults=True),
    Way("balikobot", "sp/BZB", "slovenskaPosta", "SK", ("balikobox",), at="sp/", adults=True),
]
WAYS = [replace(way, shop_id=str(n)) for n, way in enumerate(WAYS, 1)]
OPTIONS = {"ceska_posta": {"size": "M"}}
SWITCHES = {"ppl": frozenset({"adults_only"})}


@cache
def bench(code: str) -> Kit:
    made = kit(code)
    made.carrier = made.opened(switches=made.sort.switches | SWITCHES.get(code, frozenset()))
    return made


def entry(way: Way) -> Entry:
    content = {"id": way.shop_id, "type": way.shop_type, "active_yn": True, "affiliates": [*way.kinds] or None}
    return Entry(way.shop_id, content, NOON, None)


def paired(way: Way) -> Pairing:
    return Pairing(way.code, way.service, OPTIONS.get(way.code, {}))


LISTED = {way.shop_id: entry(way) for way in WAYS}
PAIRED = {way.shop_id: paired(way) for way in WAYS}


def places(way: Way) -> Iterator[tuple[str, Point]]:
    world = bench(way.code).world
    if way.at == "courier":
        yield from world.bag["external"][way.courier].items()
    for place, point in world.points.items() if way.at != "courier" else ():
        is_kind = place.startswith(way.at) if way.at.endswith("/") else way.at in ("own", point.kind)
        is_right = point.kind == "box" if way.at == "sp/" else point.kind != "office"
        if is_kind and is_right:
            yield place.removeprefix(way.at if way.at.endswith("/") else ""), point


def chosen_point(way: Way, nth: int, *, takes_cod: bool) -> str | None:
    fitting = [
        place
        for place, point in (places(way) if way.at else ())
        if point.is_open and point.country == way.country and (point.takes_cod or not takes_cod)
    ]
    return fitting[nth % len(fitting)] if fitting else None


@st.composite
def orders(draw: st.DrawFn) -> tuple[Way, dict[str, Any]]:
    """Draw a way and an order that goes it, as the shop tells of it (docs/upgates.md 4.1)."""
    way = draw(st.sampled_from(WAYS))
    street, city, zip_code, phone = TOWNS[way.country]
    is_cod, is_postal = draw(st.booleans()), draw(st.booleans())
    currency = CURRENCIES[way.country]
    kind = "postal" if is_postal else "invoice"
    number = next(SERIALS)
    made = raw_order(
        f"O{number:05d}",
        order_total=float(draw(st.decimals(min_value=10, max_value=MOST[currency], places=2))),
        currency_id=draw(st.sampled_from([currency, currency.lower()])),
        variable_symbol=f"26{number:06d}",
        payment={"type": "cashOnDelivery" if is_cod else "command", "name": "x"},
        products=[
            line("A", quantity=draw(st.sampled_from([1, 2.0, 0.5]))) | {"adult_yn": way.adults and draw(st.booleans())},
            line("B"),
        ],
        shipment={
            "id": int(way.shop_id),
            "code": None,
            "name": "Doprava",
            "type": way.shop_type,
            "affiliate_id": chosen_point(way, draw(st.integers(0, 500)), takes_cod=is_cod),
            "packeta_carrier_id": way.courier and int(way.courier),
        },
    )
    made["customer"] |= {
        "postal_yn": is_postal,
        "phone": phone,
        "customer_note": draw(st.none() | SAID),
        **{f"{field}_{kind}": said for field, said in zip(
            ("firstname", "surname", "street", "city", "zip", "country_id"),
            ("Jana", draw(st.sampled_from(SURNAMES)), street, city, zip_code, way.country.lower()), strict=True,
        )},
    }  # fmt: skip
    return way, made


def of_packeta(thing: Thing) -> Read:
    told, courier = thing.bag["told"], thing.bag["external"]
    point = told.get("carrierPickupPoint") or (None if courier else told["addressId"])
    name, is_adult = f"{told['name']} {told['surname']}", told.get("adultContent") == "1"
    return Read(point, courier or None, is_adult, name, told.get("note", ""), collected(thing))


def of_balikobot(thing: Thing) -> Read:
    told, point = thing.bag["told"], thing.point.partition("/")[2] or None
    courier = told["service_type"] if told["service_type"].isdecimal() else None
    is_adult = bool(told.get("require_full_age"))
    return Read(point, courier, is_adult, told["rec_name"], told.get("note", ""), collected(thing))


def of_ppl(thing: Thing) -> Read:
    told = thing.bag["shipment"]
    name, is_adult = told["recipient"]["name"], told.get("ageCheck") == "A18"
    return Read(thing.point or None, None, is_adult, name, told.get("note") or "", collected(thing))


def of_gls(thing: Thing) -> Read:
    told = thing.bag["stored"].told
    return Read(thing.point or None, None, False, told["DeliveryAddress"]["Name"], told["Content"], collected(thing))


def of_dpd(thing: Thing) -> Read:
    told = bench("dpd_cz").world.bag["shipments"][thing.bag["shipment"]].told
    name = told["receiver"]["info"]["name1"]
    return Read(thing.point or None, None, False, name, "", collected(thing))


def of_posta(thing: Thing) -> Read:
    record = thing.bag["record"]
    name = f"{record.address['firstName']} {record.address['surname']}"
    return Read(thing.point or None, None, False, name, record.params.get("note", ""), collected(thing))


def collected(thing: Thing) -> tuple[Decimal, str] | None:
    return (Decimal(thing.cod[0]), thing.cod[1]) if thing.cod else None


READERS: dict[str, Callable[[Thing], Read]] = {
    "packeta": of_packeta, "ppl": of_ppl, "gls": of_gls, "dpd_cz": of_dpd, "ceska_posta": of_posta,
    "balikobot": of_balikobot,
}  # fmt: skip


def told_by_the_shop(way: Way, content: dict[str, Any]) -> Read:
    """Return what must arrive, made of the order by other means than ours."""
    shipment, total = content["shipment"], Decimal(str(content["order_total"]))
    currency = content["currency_id"].upper()
    step = {"CZK": Decimal(1), "HUF": Decimal(5)}.get(currency, Decimal("0.01"))
    owed = (total / step).quantize(Decimal(1), ROUND_HALF_UP) * step
    note = " ".join((content["customer"]["customer_note"] or "").split()) if way.notes else ""
    if unprintable(way, printed(way, note), also=note):
        note = ""
    if way.code == "gls":
        note = ", ".join(filter(None, (content["order_number"], note)))  # as its label says it (docs/carriers.md 4.2)
    if way.code == "packeta" and way.courier:
        note = printed(way, note)
    is_cod = content["payment"]["type"] == "cashOnDelivery"
    return Read(
        point=shipment["affiliate_id"],
        courier=str(shipment["packeta_carrier_id"]) if shipment["packeta_carrier_id"] else None,
        adult=any(each["adult_yn"] for each in content["products"] if "adult_yn" in each),
        name=name_of(content),
        note=note,
        cod=(owed, currency) if is_cod else None,
    )


def name_of(content: dict[str, Any]) -> str:
    customer = content["customer"]
    kind = "postal" if customer["postal_yn"] else "invoice"
    return f"{customer[f'firstname_{kind}']} {customer[f'surname_{kind}']}"


def printed(way: Way, note: str) -> str:
    """Return what is printed of a note: couriers cut it (docs/carriers.md 1.2)."""
    return note[:32].rstrip() if way.code == "packeta" and way.courier else note


def unprintable(way: Way, said: str, *, also: str = "") -> bool:
    """Say whether a carrier would not print a text: Packeta no `;` and no `"` (docs/carriers.md 1.2), nobody emoji."""
    return any(each in said + also for each in EMOJI) or (way.code == "packeta" and any(each in said for each in MARKS))


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.code} {way.service} {way.country}")
def test_what_is_tried_here_may_be_paired(way: Way) -> None:
    assert pairing.bars(entry(way), paired(way), pairing.every()) == ()


@FIFTY
@given(orders())
def test_what_the_shop_said_the_carrier_understood(made: tuple[Way, dict[str, Any]]) -> None:
    way, content = made
    at = bench(way.code)
    found = pairing.chosen(content, PAIRED, LISTED)
    assert isinstance(found, Pairing)
    drafted = drafting.draft([content], found, reference=f"r{next(SERIALS):09d}", boxes=[Box(0, 300, 200, 100)])
    assert drafted.faults == ()
    told, expected = drafted.shipment, told_by_the_shop(way, content)
    faults = drafting.check(told, at.carrier, PointStanding(Standing.OPEN))
    shipment, faults, without = drafting.without_note(told, faults)
    assert bool(without) == unprintable(way, printed(way, told.note), also=told.note)
    if unprintable(way, expected.name):  # nobody's name is changed: a person corrects it
        assert {(fault.field, fault.code) for fault in faults} == {("recipient.name", "letters")}
        return
    assert faults == []

    [booked] = at.booked(shipment)

    [parcel] = booked.parcels
    thing = at.there(parcel)
    assert READERS[way.code](thing) == expected
    is_whole = not shipment.note or (way.notes and printed(way, shipment.note) == shipment.note)
    assert any("note was" in said for said in booked.notes) != is_whole  # cut, or not sent
    assert carriage.code_of(parcel.number) in {carriage.code_of(each) for each in (thing.number, thing.barcode)}
    assert shipment.reference in thing.reference.split("-")
