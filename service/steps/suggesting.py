"""Which carrier and service fit a shipment of the shop, and why: from its type, its points and its names. Pure.

A suggestion is for a person to accept: names are read here and nowhere else, and never choose anything by themselves.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from service.affiliates import Source
from service.codebooks import Entry
from service.offers import told
from service.offers.told import Json
from service.pairings import Pairing
from service.steps import pairing
from service.steps.pairing import Ables, Bar

NAMES: Mapping[str, str] = {
    "packeta": r"zasilkovn|packet|\bz-?box|\bz-?point",
    "ppl": r"\bppl\b",
    "gls": r"\bgls\b",
    "dpd": r"\bdpd\b",
    "ceska_posta": r"cesk\w* post|czech post|balikovn|balik do ruky|balik na postu",
    "slovenska_posta": r"slovensk\w* post|slovak post|balik-?o?box|balik na adresu",
}
"""What names of shipments say in Czech, Slovak and English, without accents, in small letters."""

AT_POINT = r"vydejn|vydajn|odbern|pick-?up|\bpoint|box|parcel-?shop|balikovn|smart\b|na postu|na poste"
AT_DOOR = r"adres|\bdomu\b|domov|do ruky|\bhome\b|\bdoor\b|kuryr|kurier|courier"

FITTING: Mapping[tuple[str, bool], Sequence[tuple[str, str]]] = {
    ("packeta", False): [("packeta", "home"), ("balikobot", "zasilkovna/{courier}")],
    ("packeta", True): [("packeta", "point"), ("balikobot", "zasilkovna/VM{country}")],
    ("ppl", False): [("ppl", "PRIV"), ("balikobot", "ppl/4")],
    ("ppl", True): [("ppl", "SMAR"), ("ppl", "SBOX"), ("balikobot", "ppl/46"), ("balikobot", "ppl/52")],
    ("gls", False): [("gls", "parcel"), ("balikobot", "gls/1")],
    ("gls", True): [("gls", "PSD"), ("balikobot", "gls/2")],
    ("dpd", False): [("dpd_cz", "327"), ("balikobot", "dpd/2")],
    ("dpd", True): [("dpd_cz", "337"), ("balikobot", "dpd/3")],
    ("ceska_posta", False): [("ceska_posta", "DR"), ("balikobot", "cp/DR")],
    ("ceska_posta", True): [
        *(("ceska_posta", "NB"), ("ceska_posta", "NP"), ("balikobot", "cp/NB"), ("balikobot", "cp/NP")),
    ],
    ("slovenska_posta", False): [("balikobot", "sp/BZA"), ("balikobot", "sp/EXA")],
    ("slovenska_posta", True): [
        *(("balikobot", "sp/BZB"), ("balikobot", "sp/BZP"), ("balikobot", "sp/EXB"), ("balikobot", "sp/EXP")),
    ],
}
"""What carries for a network to a door (False) or to a point: its own adapter first, the umbrella after."""

CZECH_HOME = "106"  # the courier of home delivery behind Packeta that the contract names (docs/carriers.md 1.2)


class Reason(StrEnum):
    """What a suggestion is made of."""

    TYPE = "type"  # the shop's own word for the carrier
    COURIER = "courier"  # a courier behind Packeta
    NAME = "name"
    POINTS = "points"  # it offers points of these kinds
    DOOR = "door"  # it offers none


@dataclass(frozen=True)
class Suggestion:
    """A pairing that would fit, with what speaks for it: reasons, each with the shop's words."""

    carrier: str
    service: str
    because: tuple[tuple[Reason, str], ...]
    options: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Advice:
    """What a person is told of one shipment: what fits, best first; else what stands in the way."""

    suggestions: tuple[Suggestion, ...] = ()
    bars: tuple[Bar, ...] = ()


def advice(  # of which shipment, among what, and what is known besides
    entry: Entry, ables: Ables, *, country: str, couriers: Collection[str] = (), ours: Source | None = None
) -> Advice:
    """Return what fits a shipment of the code list among what these carriers can.

    `country`: the shop's own. `couriers`: the ids of couriers behind Packeta that orders with this shipment bore.
    `ours`: whose points we have put into it.
    """
    if bars := pairing.hindered(entry):
        return Advice(bars=bars)
    kinds = pairing.points_of(entry)
    courier = _courier(entry.content, couriers)
    networks = _networks(entry.content, courier)
    if not networks:
        return Advice(bars=(Bar.NO_ADAPTER,) if _is_strangers(entry.content) else ())
    if not kinds and not courier and _says_point(entry.content):
        return Advice(bars=(Bar.NO_POINTS,))
    where = (Reason.POINTS, ", ".join(sorted(kinds))) if kinds else (Reason.DOOR, "")
    found: list[Suggestion] = []
    barred: list[Bar] = []
    for network, because in networks.items():
        for carrier, service in FITTING.get((network, bool(kinds)), ()):
            named = service.format(courier=courier or CZECH_HOME, country=country)
            against = pairing.bars(entry, Pairing(carrier, named), ables, ours)
            options = {"carrier_id": courier} if courier and (carrier, named) == ("packeta", "home") else {}
            if not against:
                found.append(Suggestion(carrier, named, (*because, where), options))
            elif carrier in ables:
                barred += against
    return Advice(tuple(found), () if found else tuple(dict.fromkeys(barred or [Bar.NOT_OFFERED])))


def names_of(content: Json) -> list[str]:
    """Return what a shipment is called, in every language, and its code."""
    said = [*(row.get("name") for row in told.objects(content.get("descriptions"))), content.get("code")]
    return [name for name in said if isinstance(name, str) and name.strip()]


def _networks(content: Json, courier: str | None) -> dict[str, tuple[tuple[Reason, str], ...]]:
    """Return whose it may be, with what says so: the type alone where it names a carrier, else every name that does."""
    shop_type = str(content.get("type") or "")
    named = dict(_named(content))
    found: dict[str, list[tuple[Reason, str]]]
    if by_type := pairing.TYPES.get(shop_type):
        found = {by_type: [(Reason.TYPE, shop_type)]}
    elif shop_type and shop_type not in pairing.OWN:
        return {}
    else:
        found = {network: [] for network in named}
    if courier and not found.keys() - {"packeta"}:
        found.setdefault("packeta", []).append((Reason.COURIER, courier))
    return {
        network: (*because, *(((Reason.NAME, named[network]),) if network in named else ()))
        for network, because in found.items()
    }


def _named(content: Json) -> Iterator[tuple[str, str]]:
    for name in reversed(names_of(content)):  # of several that say it, the first is shown
        for network, pattern in NAMES.items():
            if re.search(pattern, _plain(name)):
                yield network, name


def _says_point(content: Json) -> bool:
    said = " ".join(map(_plain, names_of(content)))
    return bool(re.search(AT_POINT, said)) and not re.search(AT_DOOR, said)


def _is_strangers(content: Json) -> bool:
    shop_type = str(content.get("type") or "")
    return bool(shop_type) and shop_type not in pairing.TYPES and shop_type not in pairing.OWN


def _courier(content: Json, couriers: Collection[str]) -> str | None:
    """Return the one courier there is; several are the order's to say."""
    own = content.get("packeta_carrier_id")
    found = {str(own)} if own and not isinstance(own, bool | float) else set(couriers)
    return found.pop() if len(found) == 1 else None


def _plain(name: str) -> str:
    """Return a name in small letters without accents."""
    apart = unicodedata.normalize("NFD", name.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
