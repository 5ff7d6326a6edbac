"""What is wrong with a parcel before anybody is paid: the rules all carriers share, and the words for what they add.

Every finding names a field of `Shipment` and a code the doors put into words (cs, sk, en); `limit` says what may be.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping

import phonenumbers

from carriers.base import Able
from carriers.errors import Fault
from carriers.money import Money
from carriers.shipment import Address, Box, Shipment

CODES = {
    "missing": "is missing",
    "too_long": "is longer than allowed",
    "letters": "holds characters the carrier cannot print",
    "bad_zip": "is no post code of that country",
    "bad_phone": "is no telephone number",
    "bad_email": "is no e-mail address",
    "bad_amount": "is no amount the carrier collects",
    "bad_currency": "is not collected in that country or currency",
    "too_much": "is above what the carrier allows",
    "too_heavy": "is heavier than allowed",
    "too_large": "is larger than allowed",
    "too_many": "is more than allowed",
    "not_offered": "is not offered by this carrier",
    "not_both": "does not go together",
    "past": "is over",
    "bad_date": "is no day on which the carrier does that",
    "bad_check": "has a check digit that does not fit",
}

ZIPS = {
    "AT": r"\d{4}", "BE": r"\d{4}", "BG": r"\d{4}", "CH": r"\d{4}", "CZ": r"[1-7]\d{4}", "DE": r"\d{5}",
    "DK": r"\d{4}", "EE": r"\d{5}", "ES": r"\d{5}", "FI": r"\d{5}", "FR": r"\d{5}", "GR": r"\d{5}",
    "HR": r"\d{5}", "HU": r"\d{4}", "IT": r"\d{5}", "LT": r"\d{5}", "LU": r"\d{4}", "LV": r"\d{4}",
    "NL": r"\d{4}[A-Z]{2}", "PL": r"\d{5}", "PT": r"\d{7}", "RO": r"\d{6}", "SE": r"\d{5}", "SI": r"\d{4}",
    "SK": r"[089]\d{4}",
}  # fmt: skip
"""Post codes by country, without spaces, hyphens and a country's letters before them."""

CAR_LETTERS = {"AT": "A", "DE": "D", "HU": "H", "LU": "L", "SI": "S", "SE": "S"}
EURO = "AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK".split()  # noqa: SIM905
CURRENCIES = {"CZ": "CZK", "HU": "HUF", "PL": "PLN", "RO": "RON", "RS": "RSD", **dict.fromkeys(EURO, "EUR")}
"""What is collected where; elsewhere nothing is."""
UNION = frozenset([*EURO, "CZ", "DK", "HU", "PL", "RO", "SE"])
"""The customs union nothing is declared in."""
WORLD = frozenset(phonenumbers.SUPPORTED_REGIONS) - {"AC", "TA"}
"""All countries; the two have numbers of their own and no code in ISO 3166."""
ASKS: Mapping[str, Callable[[Shipment], bool]] = {
    "sender": lambda shipment: shipment.sender is not None,
    "return_to": lambda shipment: shipment.return_to is not None,
    "customs": lambda shipment: shipment.customs is not None,
    "recipient.more": lambda shipment: bool(shipment.recipient.more),
    "cod.card_allowed": lambda shipment: shipment.cod is not None and shipment.cod.card_allowed is not None,
}
"""What asks for something, each with whether a shipment does: refused where it would not reach the carrier."""
SOME = (*ASKS, "boxes.value", "recipient.region", "boxes.content", "ship_on")
"""Fields that some carriers have and others do not (`Able.takes`); the last three only tell more, and are left away."""
DECLARED = {
    "customs_category": "why it is sent, by the carrier's own code, where goods are declared",
    "hs_code": "the tariff's number of the goods, where they are declared and nobody said it of each",
    "origin": "the country the goods were made in, such as CZ, where they are declared and nobody said it of each",
}
"""Options of every carrier that takes `customs`: what stands in a declaration whatever the parcel holds."""
LIVES = frozenset(f"recipient.{name}" for name in ("street", "house_number", "city", "zip", "country"))
EMAIL = re.compile(r"[^@\s\"<>,;]+@[^@\s\"<>,;]+\.[^@\s\"<>,;]{2,}")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\U00010000-\U0010ffff\u2600-\u27bf\ufe0f]")


def fault(field: str, code: str, limit: object = None) -> Fault:
    """Return a finding of ours; raise KeyError for a code no door has words for."""
    return Fault(field, code, CODES[code], None if limit is None else str(limit))


def shared(shipment: Shipment, able: Able, *, options: Collection[str], at_point: bool = False) -> Iterator[Fault]:
    """Yield what no carrier would take: unknown service or option, address, boxes, money that do not fit what it can.

    `options`: the names of those it has. `at_point`: the carrier hears of the point alone and not where the recipient
    lives, so the point's country counts, as far as it is known.
    """
    if shipment.service not in able.services:
        yield fault("service", "not_offered", ", ".join(sorted(able.services)))
    known = {*options, *(DECLARED if "customs" in able.takes else ())}
    for name in sorted(shipment.options.keys() - known):
        yield fault(f"options.{name}", "not_offered", ", ".join(sorted(known)) or None)
    found = address("recipient", shipment.recipient)
    yield from (each for each in found if not at_point or each.field not in LIVES)
    texts = {name: getattr(shipment, name) for name in ("reference", "order_number", "note")}
    texts |= {"point": shipment.point.point_id} if shipment.point else {}
    texts |= {"cod.variable_symbol": shipment.cod.variable_symbol} if shipment.cod else {}
    yield from (fault(name, "letters") for name, given in texts.items() if UNPRINTABLE.search(given))
    country = goes_to(shipment, at_point=at_point)
    if country is not None and country not in able.countries:
        field = "point" if at_point else "recipient.country"
        yield fault(field, "not_offered", ", ".join(sorted(able.countries)))
    if shipment.point and not able.points:
        yield fault("point", "not_offered")
    yield from _beyond(shipment, able)
    if shipment.adults_only and not able.adults_only:
        yield fault("adults_only", "not_offered")
    if not shipment.boxes:
        yield fault("boxes", "missing")
    if len(shipment.boxes) > able.boxes:
        yield fault("boxes", "too_many", able.boxes)
    for place, box in enumerate(shipment.boxes):
        yield from weight(f"boxes[{place}]", box, able.most_weight_g)
    yield from money(shipment, able, country)


def _beyond(shipment: Shipment, able: Able) -> Iterator[Fault]:
    """Yield what was asked for and would not reach the carrier; what only tells it more is left away by its adapter."""
    for name, is_asked in ASKS.items():
        if name not in able.takes and is_asked(shipment):
            yield fault(name, "not_offered")
    for place, box in enumerate(shipment.boxes):
        if box.value is not None and "boxes.value" not in able.takes:
            yield fault(f"boxes[{place}].value", "not_offered")


def goes_to(shipment: Shipment, *, at_point: bool) -> str | None:
    """Return the country a parcel goes to; None where its point says that, and nobody knows it."""
    if not at_point:
        return shipment.recipient.country
    return (shipment.point.country if shipment.point else "") or None


def address(field: str, given: Address) -> Iterator[Fault]:
    """Yield what is wrong with an address wherever it lies."""
    for name in ("name", "street", "city", "zip", "country"):
        if not getattr(given, name).strip():
            yield fault(f"{field}.{name}", "missing")
    if given.zip.strip() and zip_of(given) is None:
        yield fault(f"{field}.zip", "bad_zip", given.country)
    if given.phone and phone_of(given) is None:
        yield fault(f"{field}.phone", "bad_phone", given.country)
    if given.email and not EMAIL.fullmatch(given.email):
        yield fault(f"{field}.email", "bad_email")
    for name in ("name", "company", "street", "house_number", "more", "city", "zip", "phone", "email"):
        if UNPRINTABLE.search(getattr(given, name)):
            yield fault(f"{field}.{name}", "letters")


def zip_of(given: Address) -> str | None:
    """Return the post code without spaces, hyphens and its country's letters; None when it is none of its country."""
    plain = re.sub(r"[\s-]", "", given.zip).upper()
    form = ZIPS.get(given.country)
    for letters in (given.country, CAR_LETTERS.get(given.country, "")):
        plain = plain.removeprefix(letters) if letters else plain
    return plain if plain and (form is None or re.fullmatch(form, plain)) else None


def phone_of(given: Address) -> str | None:
    """Return the telephone number as E.164; one without a prefix is of the address's country. None: it is none."""
    try:
        number = phonenumbers.parse(given.phone, given.country or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def weight(field: str, box: Box, most_g: int | None) -> Iterator[Fault]:
    """Yield what is wrong with a box's weight; 0 means that nobody weighed it."""
    if box.weight_g <= 0:
        yield fault(f"{field}.weight_g", "missing")
    elif most_g is not None and box.weight_g > most_g:
        yield fault(f"{field}.weight_g", "too_heavy", most_g)


def size(field: str, box: Box, most_mm: tuple[int, int, int]) -> Iterator[Fault]:
    """Yield `too_large` for a box that fits its limits in no direction; one that was not measured is let through."""
    sides = [side for side in (box.length_mm, box.width_mm, box.height_mm) if side]
    if any(side > most for side, most in zip(sorted(sides, reverse=True), sorted(most_mm, reverse=True), strict=False)):
        yield fault(field, "too_large", " × ".join(map(str, most_mm)))


def text(field: str, given: str, most: int, allowed: str | None = None) -> Iterator[Fault]:
    """Yield what is wrong with a text a carrier limits; `allowed` is the pattern of all of it."""
    if len(given) > most:
        yield fault(field, "too_long", most)
    if allowed is not None and given and not re.fullmatch(allowed, given):
        yield fault(field, "letters", allowed)


def money(shipment: Shipment, able: Able, country: str | None) -> Iterator[Fault]:
    """Yield what is wrong with COD and value: below nothing, in another currency than the country's (None: unknown)."""
    if shipment.value.minor < 0:
        yield fault("value", "bad_amount")
    if shipment.cod is None:
        return
    amount = shipment.cod.amount
    if amount.minor <= 0:
        yield fault("cod.amount", "bad_amount")
    due = amount.currency if country is None else CURRENCIES.get(country)
    if amount.currency not in able.cod or amount.currency != due:
        yield fault("cod.amount", "bad_currency", due if due in able.cod else None)
    elif not shipment.cod.variable_symbol:
        yield fault("cod.variable_symbol", "missing")


def rounded(shipment: Shipment, *, step_minor: int | None = None) -> Iterator[Fault]:
    """Yield `bad_amount` where what is to be collected is no multiple of what the carrier takes."""
    if shipment.cod and (whole := shipment.cod.amount.collected(step_minor=step_minor)) != shipment.cod.amount:
        yield fault("cod.amount", "bad_amount", f"{Money.plain(whole)} {whole.currency}")
