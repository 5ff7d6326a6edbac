"""The carriers behind Balíkobot, their services, and how they answer (carriers.md 6.1, 6.2, 6.6)."""

import re
from dataclasses import dataclass

from simulator.carriers import union

# Guess: where Balíkobot's carriers go, and what is paid there; euros where nothing better is known.
CURRENCIES = {
    "CZ": "CZK",
    "HU": "HUF",
    "PL": "PLN",
    "RO": "RON",
    "CH": "CHF",
    "GB": "GBP",
    "US": "USD",
} | dict.fromkeys((country for country in union.COUNTRIES if country not in ("CZ", "HU", "PL", "RO")), "EUR")
EVERYWHERE = tuple(CURRENCIES)
ABROAD = tuple(country for country in union.COUNTRIES if country != "CZ")
SMART = ("SK", "PL", "HU", "RO", "DE", "AT")
CODES = {
    *("cp", "ppl", "dpd", "gls", "zasilkovna", "sp", "sps", "toptrans", "geis", "ups", "tnt", "dhl", "dhlde"),
    *("dhlparcel", "fedex", "inpost", "sameday", "magyarposta", "onebyallegro", "liftago", "raben", "dachser", "dsv"),
    *("dbschenker", "messenger", "gw", "gwcz", "pbh", "spring", "fofr", "airway", "japo", "dhlfreightec"),
    "fan",  # guess: the contract's list is open-ended and does not have FAN Courier's code
}
ALIASES = {"ceskaposta": "cp", "balikovna": "cp"}
SHOP, BOX, OFFICE, PARTNER = "shop", "box", "office", "partner"
FREE = re.compile(r"[A-Za-z0-9_-]{1,20}")


@dataclass(frozen=True, slots=True)
class Service:
    """What `service_type` names. `kinds`: the kinds of point it delivers to, none for an address."""

    code: str
    name: str
    countries: tuple[str, ...] = ("CZ",)
    kinds: tuple[str, ...] = ()
    cod: bool = True
    most_kg: int = 30
    final: bool = False
    """Whether another carrier delivers in the end, under a number of its own."""


@dataclass(frozen=True, slots=True)
class Inner:
    """A carrier. `full`: has `fullbranches`; `zips`: `branch_id` is the point's zip; `plain`: `gzip=1` is ignored.

    `texts`: statuses and ids in answers are text, not numbers; `older`: answers with numeric keys; `multi`: packages
    can be grouped into one shipment; `free`: takes services of any name, to an address.
    """

    code: str
    name: str
    services: tuple[Service, ...] = ()
    country: str = "CZ"
    full: bool = True
    zips: bool = False
    plain: bool = False
    texts: bool = False
    older: bool = False
    multi: bool = True
    free: bool = False

    def service(self, code: object) -> Service | None:
        """Return a service by its code."""
        found = next((one for one in self.services if one.code == code), None)
        if found is None and self.free and isinstance(code, str) and FREE.fullmatch(code):
            return Service(code, code, EVERYWHERE, most_kg=1_000)
        return found


NONE = Inner("info", "")
# Guess: all but their codes. The contract names no service of theirs, so each takes services of any name; some have
# points of their own, behind the service `2`.
WITH_POINTS = {"inpost": "PL", "sps": "SK", "sameday": "RO", "magyarposta": "HU", "dhlparcel": "DE"}
OTHERS = tuple(
    Inner(
        code,
        code.upper(),
        (
            Service("1", "Standard", EVERYWHERE, most_kg=1_000),
            *((Service("2", "Point", (WITH_POINTS[code],), (SHOP, BOX)),) if code in WITH_POINTS else ()),
        ),
        country=WITH_POINTS.get(code, "CZ"),
        free=True,
    )
    for code in sorted(CODES - {"cp", "ppl", "dpd", "gls", "zasilkovna", "sp", "fan", "geis", "toptrans"})
)
# Codes and names as in carriers.md 6.2; countries, kinds of points and the highest weights are guesses.
INNERS = {
    one.code: one
    for one in (
        Inner(
            "cp",
            "Česká pošta",
            (
                Service("DR", "Balík Do ruky"),
                Service("NP", "Balík Na poštu", kinds=(OFFICE,)),
                Service("NB", "Balík Do balíkovny", kinds=(SHOP, BOX), most_kg=20),
                Service("RR", "Doporučená zásilka", cod=False, most_kg=2),
                Service("VL", "Cenné psaní", most_kg=2),
                Service("BA", "BA"),
                Service("BB", "BB"),
                Service("BN", "BN"),
            ),
            zips=True,
            texts=True,
        ),
        Inner(
            "ppl",
            "PPL",
            (
                Service("1", "Business"),
                Service("2", "Connect", ABROAD),
                Service("4", "Private"),
                Service("46", "Smart CZ", kinds=(SHOP, BOX), most_kg=20),
                Service("48", "Smart EU", SMART, (SHOP, BOX), most_kg=20),
                Service("52", "Smart To Box", kinds=(BOX,), most_kg=20),
                Service("45", "Return", cod=False),
            ),
            plain=True,
        ),
        Inner(
            "dpd",
            "DPD",
            (
                Service("1", "Classic", ("CZ", *ABROAD)),
                Service("2", "Private", ("CZ", *ABROAD)),
                Service("3", "Pickup", ("CZ", "SK"), (SHOP, BOX), most_kg=20),
                Service("11", "Shop2Shop", kinds=(SHOP,), most_kg=20),
                Service("12", "Shop2Home"),
            ),
            plain=True,
        ),
        Inner(
            "gls",
            "GLS",
            (
                Service("1", "Business", ("CZ", *ABROAD)),
                Service("2", "Shop", ("CZ", "SK"), (SHOP, BOX), most_kg=20),
                Service("3", "Express"),
            ),
        ),
        Inner(
            "zasilkovna",
            "Zásilkovna",
            (
                Service("VMCZ", "Výdejní místa CZ", kinds=(SHOP, BOX), most_kg=15),
                Service("VMSK", "Výdejní místa SK", ("SK",), (SHOP, BOX), most_kg=15),
                Service("VMHU", "Výdejní místa HU", ("HU",), (SHOP, BOX), most_kg=15),
                Service("VMPL", "Výdejní místa PL", ("PL",), (SHOP, BOX), most_kg=15),
                Service("VMRO", "Výdejní místa RO", ("RO",), (SHOP, BOX), most_kg=15),
                Service("106", "CZ Zásilkovna domů HD"),
                Service("131", "SK Packeta Home HD", ("SK",)),
                Service("25061", "CZ Kurýr HD", final=True),
                Service("272", "PL Kurier HD", ("PL",), final=True),
                Service("3060", "PL Paczkomaty", ("PL",), (PARTNER,), most_kg=20, final=True),
                Service("4161", "RO Curier HD", ("RO",), final=True),
                Service("13613", "DE Home HD", ("DE",), cod=False, final=True),
            ),
            texts=True,
            multi=False,  # N boxes are N packets (carriers.md 1.2)
        ),
        Inner(
            "sp",
            "Slovenská pošta",
            (
                Service("BZA", "Balík zmluvný na adresu", ("SK",)),
                Service("BZP", "Balík zmluvný na poštu", ("SK",), (OFFICE,)),
                Service("BZB", "Balík zmluvný do BalíkoBOXu", ("SK",), (BOX,), most_kg=15),
                Service("EXA", "Expres na adresu", ("SK",)),
                Service("EXP", "Expres na poštu", ("SK",), (OFFICE,)),
                Service("EXB", "Expres do BalíkoBOXu", ("SK",), (BOX,), most_kg=15),
                Service("BNA", "Balík na adresu", ("SK",)),
                Service("BNP", "Balík na poštu", ("SK",), (OFFICE,)),
                Service("BNB", "Balík do BalíkoBOXu", ("SK",), (BOX,), most_kg=15),
                Service("RRA", "Doporučený list", ("SK",), cod=False, most_kg=2),
            ),
            country="SK",
            full=False,
            zips=True,
            texts=True,
        ),
        # Guess: that Balíkobot names FAN's services as FAN does (carriers.md 8.2).
        Inner(
            "fan",
            "FAN Courier",
            (Service("Standard", "Standard", ("RO",)), Service("FANbox", "FANbox", ("RO",), (BOX,))),
            country="RO",
        ),
        Inner("geis", "Geis", (Service("1", "Geis Parcel", ("CZ", "SK")),), older=True),  # guess: which are older
        Inner("toptrans", "TopTrans", (Service("1", "Standard", ("CZ", "SK"), most_kg=1_000),), older=True),
        *OTHERS,
    )
}
