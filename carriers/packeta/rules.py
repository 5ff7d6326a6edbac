"""What Packeta would refuse, said before it is asked, and how one line of ours becomes two fields of its own.

Source: docs/carriers.md 1.2, 1.7. What a courier wants besides (an e-mail, measures, no COD) stands in its feed row and
is told by `packetAttributesValid`.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta

import phonenumbers

from carriers import check
from carriers.base import Able
from carriers.errors import Fault
from carriers.packeta import customs
from carriers.shipment import Address, Shipment

NUMBER = 36
LINE = 32
HOUSE_NUMBER = 16
NOTE = 128
COURIER_NOTE = 32  # a courier prints no more of it
DAYS_AHEAD = 14
FORINTS = 5  # the smallest amount collected in HUF

LETTERS = r"(?:[^\W_]|[ ,.'&()-])*"
UNQUOTED = r'[^"]*'
DIGITS = r"[0-9]{1,19}"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"  # Python reads other ways of writing a day, Packeta does not
BARCODE = r"[A-Za-z0-9-]*"
SERVICES = r"[A-Za-z0-9]+(?:,[A-Za-z0-9]+)*"
PHONES = {
    "+420": r"\d{9}", "+421": r"\d{9}", "+48": r"\d{9}", "+36": r"\d{8,9}", "+40": r"0?[1-9]\d{8}",
    "+49": r"\d{7,13}", "+43": r"\d{8,13}",
}  # fmt: skip
FOR_ADULTS = frozenset({"CZ", "SK", "HU", "RO"})
HOME = {"CZ": "106"}  # the only carrier of home delivery the contract names; others are said by `options`

OPTIONS = {
    "carrier_id": "the courier of a home delivery, by its id in Packeta's list of carriers",
    "carrier_service": "services of that courier, joined by commas (signature,additionalInsurance)",
    "customer_barcode": "a bar code of yours, 1-32 letters, where the contract allows it; one box",
    customs.OPTION: "what is declared besides, key=value joined by |, word for word (switch customs)",
    "deliver_on": "the day it should be delivered, YYYY-MM-DD, at most 14 days ahead",
    "eshop": "another sender's label than the account's, exactly as in the client section",
    "mail_return": "1: Packeta mails the customer a return's label, or its password",
    "province": "the province of an address, where its country has some",
    "without_label": "1: a return is handed over by a password instead of a label",
}


def faults(shipment: Shipment, able: Able, *, today: date, single_name: bool) -> Iterator[Fault]:
    """Yield everything that is wrong; `today` is the day in Prague."""
    yield from check.shared(shipment, able, options=OPTIONS, at_point=shipment.service == "point")
    yield from _reference(shipment)
    yield from _recipient(shipment.recipient, single_name=single_name)
    yield from _destination(shipment)
    yield from _money(shipment, able)
    yield from _note(shipment)
    yield from _options(shipment, today)
    country = check.goes_to(shipment, at_point=shipment.service == "point")
    yield from customs.faults(shipment, country, is_on="customs" in able.takes)


def faults_back(shipment: Shipment) -> Iterator[Fault]:
    """Yield what is wrong with a way back alone."""
    if mail_return(shipment) and not shipment.recipient.email:
        yield check.fault("options.mail_return", "not_offered", "recipient.email")


def mail_return(shipment: Shipment) -> bool:
    """Say whether Packeta is to mail what a return is handed over by."""
    return shipment.options.get("mail_return") == "1"


def clean(text: str) -> str:
    """Return a text with its accents composed and its spaces single, as the pattern of letters wants it."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def names(whole: str) -> tuple[str, str]:
    """Return name and surname: cut at the last space that leaves both short enough; `-` for a surname nobody has."""
    words = clean(whole).split()
    cuts = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(len(words) - 1, 0, -1)]
    if not cuts:
        return "".join(words), "-"
    return next((cut for cut in cuts if max(map(len, cut)) <= LINE), cuts[0])


def house(given: Address) -> tuple[str, str]:
    """Return street and house number; a number is cut off the street only where it is its last word and its only one.

    `28. října 15` is cut, `Hlavní 5, byt 3` and `náměstí 28. října` stay whole.
    """
    street, number = clean(given.street), clean(given.house_number)
    if number:
        return street, number
    rest, _, last = street.rpartition(" ")
    others = [word for word in rest.split() if re.search(r"\d", word) and not re.fullmatch(r"\d+\.", word)]
    is_number = re.fullmatch(r"\d[\w/-]*", last) and len(last) <= HOUSE_NUMBER
    return (rest, last) if rest and is_number and not others else (street, "")


def courier_of(shipment: Shipment) -> str:
    """Return the id of the courier that carries it for Packeta; empty for Packeta's own points."""
    if shipment.service == "home":
        return shipment.options.get("carrier_id", "") or HOME.get(shipment.recipient.country, "")
    return network_of(shipment)


def network_of(shipment: Shipment) -> str:
    """Return the network of a pick-up point; empty for Packeta's own, which may also be named `packeta`."""
    network = (shipment.point.network if shipment.point else None) or ""
    return "" if network == "packeta" else network


def province(shipment: Shipment) -> str:
    """Return the province of the recipient, as an option says it; else as the address has it, where that is one.

    A shop asks for it in any words, and most countries need none: what Packeta could not print keeps no parcel back.
    """
    region = clean(shipment.recipient.region)
    fits = len(region) <= LINE and re.fullmatch(UNQUOTED, region) and not check.UNPRINTABLE.search(region)
    return clean(shipment.options.get("province", "")) or (region if fits else "")


def printed(shipment: Shipment) -> str:
    """Return the note as it will be printed: couriers cut it at 32 letters, so we do, and can say so."""
    whole = clean(shipment.note)
    return whole[:COURIER_NOTE].rstrip() if courier_of(shipment) else whole


def order_number(shipment: Shipment) -> str:
    """Return the order number as far as it fits beside our reference: its last letters, which tell orders apart."""
    whole, room = clean(shipment.order_number), NUMBER - _suffix(shipment) - len(shipment.reference) - len("-")
    return whole if len(whole) <= room else whole[-room:].lstrip(" -/+") if room > 0 else ""


def cuts(shipment: Shipment) -> tuple[str, ...]:
    """Return what was cut or left away, in words."""
    order = order_number(shipment)
    notes = (
        (f"the note was cut at {COURIER_NOTE} letters", printed(shipment) != clean(shipment.note)),
        (f"of the order number the last {len(order)} letters were sent", order != clean(shipment.order_number)),
    )
    return (*(note for note, is_cut in notes if is_cut), *customs.notes(shipment))


def _suffix(shipment: Shipment) -> int:
    boxes = len(shipment.boxes)
    return len(f"-{boxes}") if boxes > 1 else 0


def _reference(shipment: Shipment) -> Iterator[Fault]:
    if not shipment.reference.strip():
        yield check.fault("reference", "missing")
    yield from check.text("reference", shipment.reference, NUMBER - _suffix(shipment))


def _recipient(given: Address, *, single_name: bool) -> Iterator[Fault]:
    parts = (clean(given.name), "") if single_name else names(given.name)
    if max(map(len, parts)) > LINE:
        yield check.fault("recipient.name", "too_long", LINE)
    yield from check.text("recipient.name", clean(given.name), 10**6, LETTERS)
    yield from check.text("recipient.company", clean(given.company), LINE, UNQUOTED)
    if not given.phone and not given.email:
        yield check.fault("recipient.phone", "missing")
    phone = check.phone_of(given) if given.phone else None
    if phone and not _takes_phone(phone, given.country):
        yield check.fault("recipient.phone", "bad_phone", ", ".join(PHONES))


def _takes_phone(phone: str, country: str) -> bool:
    """Say whether a telephone fits a pattern of 1.7; a country that has none there takes its own numbers."""
    for prefix, rest in PHONES.items():
        if phone.startswith(prefix):
            return re.fullmatch(rest, phone.removeprefix(prefix)) is not None
    return phone.startswith(f"+{phonenumbers.country_code_for_region(country)}")


def _destination(shipment: Shipment) -> Iterator[Fault]:
    if shipment.service == "home":
        yield from _home(shipment)
    elif shipment.service == "point":
        yield from _point(shipment)
    is_own = shipment.service == "point" and not network_of(shipment)
    country = (shipment.point.country if shipment.point else "") or shipment.recipient.country
    if shipment.adults_only and not (is_own and country in FOR_ADULTS):
        yield check.fault("adults_only", "not_offered", ", ".join(sorted(FOR_ADULTS)))


def _home(shipment: Shipment) -> Iterator[Fault]:
    if shipment.point:
        yield check.fault("point", "not_both", "home")
    if not courier_of(shipment):
        yield check.fault("options.carrier_id", "missing")
    yield from check.text("options.carrier_id", courier_of(shipment), 19, DIGITS)
    street, number = house(shipment.recipient)
    yield from check.text("recipient.street", street, LINE, UNQUOTED)
    yield from check.text("recipient.house_number", number, HOUSE_NUMBER, UNQUOTED)
    yield from check.text("recipient.city", clean(shipment.recipient.city), LINE, UNQUOTED)
    if street and not number and not re.search(r"\d", street):
        yield check.fault("recipient.house_number", "missing")


def _point(shipment: Shipment) -> Iterator[Fault]:
    if shipment.point is None or not shipment.point.point_id.strip():
        yield check.fault("point", "missing")
        return
    network, point_id = network_of(shipment), shipment.point.point_id
    if not re.fullmatch(DIGITS, network or point_id):
        yield check.fault("point", "letters", DIGITS)


def _money(shipment: Shipment, able: Able) -> Iterator[Fault]:
    # One packet has one `currency`, for what is collected and for what it is worth.
    currency = shipment.value.currency
    if shipment.cod and currency != shipment.cod.amount.currency:
        yield check.fault("value", "bad_currency", shipment.cod.amount.currency)
    elif currency not in able.cod:
        yield check.fault("value", "bad_currency", ", ".join(sorted(able.cod)))
    for place, box in enumerate(shipment.boxes):
        if box.value is not None and box.value.currency != currency:
            yield check.fault(f"boxes[{place}].value", "bad_currency", currency)
        elif box.value is not None and box.value.minor < 0:
            yield check.fault(f"boxes[{place}].value", "bad_amount")
    is_forint = shipment.cod is not None and shipment.cod.amount.currency == "HUF"
    yield from check.rounded(shipment, step_minor=FORINTS if is_forint else None)


def _note(shipment: Shipment) -> Iterator[Fault]:
    yield from check.text("note", printed(shipment), NOTE, r'[^";]*')


def _options(shipment: Shipment, today: date) -> Iterator[Fault]:
    yield from check.text("options.carrier_service", shipment.options.get("carrier_service", ""), 10**3, SERVICES)
    if said := shipment.options.get("deliver_on", ""):
        yield from _deliver_on(said, today)
    yield from check.text("options.province", clean(shipment.options.get("province", "")), LINE, UNQUOTED)
    texts = {name: shipment.options.get(name, "") for name in ("province", "eshop")}
    yield from (check.fault(f"options.{name}", "letters") for name in texts if check.UNPRINTABLE.search(texts[name]))
    barcode = shipment.options.get("customer_barcode", "")
    yield from check.text("options.customer_barcode", barcode, LINE, BARCODE)
    if barcode and len(shipment.boxes) > 1:
        yield check.fault("options.customer_barcode", "not_both", "boxes")


def _deliver_on(said: str, today: date) -> Iterator[Fault]:
    try:
        on = date.fromisoformat(said if re.fullmatch(DAY, said) else "")
    except ValueError:
        yield check.fault("options.deliver_on", "letters", "YYYY-MM-DD")
        return
    last = today + timedelta(days=DAYS_AHEAD)
    if on > last:
        yield check.fault("options.deliver_on", "too_much", last)
    if on < today:
        yield check.fault("options.deliver_on", "past", today)
