"""The numbers of the carriers behind Balíkobot, their check digits, and their tracking pages."""

from typing import Any

from simulator.carriers.balikobot.inners import Inner, Service
from simulator.carriers.world import World

NUMERIC = {
    "AT": "040", "BE": "056", "BG": "100", "CY": "196", "CZ": "203", "DE": "276", "DK": "208", "EE": "233", "ES": "724",
    "FI": "246", "FR": "250", "GR": "300", "HR": "191", "HU": "348", "IE": "372", "IT": "380", "LT": "440", "LU": "442",
    "LV": "428", "MT": "470", "NL": "528", "PL": "616", "PT": "620", "RO": "642", "SE": "752", "SI": "705", "SK": "703",
}  # fmt: skip
FIRST = {
    "zasilkovna": 4_154_090_123,
    "ppl": 1_000_123,
    "dpd": 1_000_123,
    "gls": 3_117_700_796,
    "cp": 223_095,
    "sp": 12_345_678,
    "fan": 2_332_300_120_218,
}
PPL_DIGITS = {"1": "8", "2": "2", "4": "4", "45": "4"}
POST = (8, 6, 4, 2, 3, 5, 9, 7)
URLS = {
    "ppl": "https://www.ppl.cz/vyhledat-zasilku?shipmentId={}",
    "dpd": "https://tracking.dpdgroup.com/track/{}",
    "gls": "https://gls-group.eu/CZ/cs/sledovani-zasilek?match={}",
    "cp": "https://www.postaonline.cz/trackandtrace/-/zasilka/cislo?parcelNumbers={}",
    "sp": "https://www.posta.sk/sledovanie-zasielok#parcel={}",
    "fan": "https://www.fancourier.ro/awb-tracking/?tracking={}",
}


def drawn(world: World, inner: Inner, service: Service, *, cod: bool) -> str:
    """Return the next number of a carrier, in its own form (carriers.md 1 to 5, 7.2, 8.7)."""
    n = world.serial(f"{inner.code} numbers", FIRST.get(inner.code, 90_000_000_123))
    match inner.code:
        case "zasilkovna":
            number = f"Z{n}"
        case "ppl":
            smart = service.code not in PPL_DIGITS
            mark = ("8" if cod else "0") if smart else ("9" if cod else "5")
            number = f"{PPL_DIGITS.get(service.code, '7')}05{mark}{n:07}"
        case "dpd":
            number = f"1345{n:010}"
        case "gls":
            number = gls(str(n))
        case "cp" if service.code == "RR":
            number = s10("RR", f"{95_000_000 + n}", "CZ")
        case "cp":
            number = posted(service.code, f"436{n:06}", "U")
        case "sp":
            number = s10("RR" if service.code == "RRA" else "EB", f"{n}", "SK")
        case _:
            number = f"{n:012}"
    return number


def barcode(inner: Inner, service: Service, number: str, told: dict[str, Any]) -> str:
    """Return what the bars of a label say: the number, at DPD 28 characters around it (carriers.md 3.0)."""
    if inner.code != "dpd":
        return number
    zip_ = "".join(filter(str.isalnum, told.get("rec_zip", ""))).rjust(7, "0")
    kind = "337" if service.kinds else "101" if service.code == "1" else "329" if told.get("cod_price") else "327"
    return f"%{zip_}{number}{kind}{NUMERIC[told.get('rec_country', 'CZ')]}"


def url(inner: Inner, number: str) -> str:
    """Return the page where a number can be followed."""
    if inner.code == "zasilkovna":
        return f"https://tracking.packeta.com/cs/?id={number.removeprefix('Z')}"
    return URLS.get(inner.code, f"https://tracking.example/{inner.code}/{{}}").format(number)


def gls(digits: str) -> str:
    """Return ten digits with their check digit (carriers.md 4.7)."""
    total = 1 + sum(int(digit) * (1 if n % 2 else 3) for n, digit in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


def s10(prefix: str, digits: str, country: str) -> str:
    """Return an international postal number (carriers.md 5.7)."""
    return f"{prefix}{digits}{_post(digits, POST)}{country}"


def posted(prefix: str, digits: str, letter: str) -> str:
    """Return a Czech postal number (carriers.md 5.7)."""
    return f"{prefix}{digits}{_post(digits, (1, *POST))}{letter}"


def _post(digits: str, weights: tuple[int, ...]) -> int:
    rest = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
    return {0: 5, 1: 0}.get(rest, 11 - rest)
