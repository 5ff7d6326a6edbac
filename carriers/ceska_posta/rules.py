"""What the Post would refuse, found before it is asked (docs/carriers.md 5.2)."""

import re
from collections.abc import Iterator, Mapping

from carriers import check
from carriers.base import Able, Account
from carriers.ceska_posta import customs, numbers, products, records
from carriers.ceska_posta.products import Value
from carriers.errors import Fault
from carriers.shipment import Shipment

# The services a parcel may have besides those its own fields ask for.
EXTRAS = {
    "1": "addressee only", "8": "strictly in person", "3": "proof of delivery", "76": "proof of delivery by SMS",
    "77": "proof of delivery by e-mail", "78": "proof of delivery by SMS and e-mail", "10": "bulky", "11": "fragile",
    "1N": "non-standard", "20": "not stored", "21": "stored 3 days", "22": "stored 10 days", "12": "stored 7 days",
    "30": "stored longer", "24": "complex delivery", "25": "old appliance", "1A": "8-14 h", "1B": "13-19 h",
    "18": "Saturday", "19": "Sunday", "27": "pick-up by another person", "31": "poste restante",
    "34": "notice by SMS", "45": "notice by SMS and e-mail", "46": "notice by e-mail", "7": "declared value",
    "41": "COD without voucher", "4": "COD with voucher A", "5": "COD with voucher C",
}  # fmt: skip
NEWER_COD = {"Du": "COD, newer", "Dh": "COD, newer"}
OF_ABROAD = {
    "42": "document", "43": "goods", "44": "goods with a declaration", "4A": "undeliverable", "4B": "undeliverable",
    "4C": "undeliverable", "4D": "undeliverable", "9A": "back by air", "9B": "back, economy",
}  # fmt: skip
OPTIONS = {
    "serial": "First of the own serials of this shipment, one for each box; only with a number range",
    "size": "Size class S, M, L or XL where the boxes are not measured",
    "services": "Codes of further services, separated by commas; 4 or 5 stand for the usual COD, 41",
    "notice": "How the recipient hears of it: 34 SMS, 46 e-mail, 45 both, none",
    "point_city": "Town of the Balíkovna point, for the fuller style of its address",
    "note2": "Second note",
    "note_print": "Note on the label instead of the order's number",
    "specific_symbol": "Specific symbol of the COD payment, up to ten digits",
    "return_days": "Days after which it goes back, one or two digits (returnNumDays)",
    "reference_number": "Reference number",
    "pallets": "Number of pallets, 1 to 99",
    "mrn": "MRN of the export declaration",
    "ic": "Recipient's company number (IČ)",
    "dic": "Recipient's tax number (DIČ)",
    "specification": "Specification of the recipient, as the Post has it",
    "city_part": "Part of the town",
    "address_code": "Code of the address in RUIAN",
}
TEXTS: Mapping[str, tuple[int, str | None]] = {
    "note2": (50, None), "note_print": (50, None), "mrn": (18, None), "reference_number": (30, None),
    "specific_symbol": (10, r"\d+"), "return_days": (2, r"\d+"), "pallets": (2, r"[1-9]\d?"),
    "address_code": (20, r"\d+"),
}  # fmt: skip
"""How long a text may be and of what: the length of `address_code` is ours, the others are the contract's."""
NETWORKS = frozenset({None, "ceska_posta"})
POST_OFFICES = "na_postu"  # the network of the second list; a Balíkovna at a post office has that office's number
LONGEST_RECORD, LONGEST_NOTE = 50, 50
BY_SMS, BY_EMAIL = frozenset({"34", "45", "76", "78"}), frozenset({"45", "46", "77", "78"})


def faults(account: Account, able: Able, shipment: Shipment) -> Iterator[Fault]:
    """Yield all that is wrong with a shipment, as far as it can be known without asking."""
    yield from check.shared(shipment, able, options=OPTIONS)
    yield from check.rounded(shipment)
    yield from _country(able, shipment)
    yield from _delivery(shipment)
    yield from _money(shipment)
    yield from _size(account, shipment)
    yield from _texts(shipment)
    yield from _options(shipment)
    yield from _services(account, shipment)
    yield from _notice(shipment)
    yield from customs.faults(shipment)
    yield from numbers.faults(account, shipment)


def _country(able: Able, shipment: Shipment) -> Iterator[Fault]:
    is_abroad, country = products.of(shipment.service).is_abroad, shipment.recipient.country
    if is_abroad and country == "CZ":
        yield check.fault("recipient.country", "not_both", shipment.service)
    elif not is_abroad and country != "CZ" and country in able.countries:
        yield check.fault("recipient.country", "not_offered", "CZ")
    if is_abroad and len(shipment.boxes) > 1:  # that several belong together is written of parcels at home
        yield check.fault("boxes", "too_many", 1)


def _delivery(shipment: Shipment) -> Iterator[Fault]:
    point, to_point = shipment.point, products.TO_POINT
    networks = NETWORKS | {POST_OFFICES} if shipment.service in products.TO_POST_OFFICE else NETWORKS
    if point is None:
        if shipment.service in to_point:
            yield check.fault("point", "missing")
    elif shipment.service not in to_point:
        yield check.fault("point", "not_both", shipment.service)
    elif point.network not in networks or not re.fullmatch(r"\d{5}", point.point_id, re.ASCII):
        yield check.fault("point", "not_offered")


def _money(shipment: Shipment) -> Iterator[Fault]:
    value, is_asked = products.of(shipment.service).value, records.VALUE in records.extras_of(shipment)
    if value is Value.NEVER or (value is Value.ASKED and not is_asked):
        pass  # nobody is told
    elif shipment.value.currency != "CZK":
        yield check.fault("value", "bad_currency", "CZK")
    elif shipment.value.minor == 0 and (value is Value.NEEDED or is_asked):
        yield check.fault("value", "missing")
    symbol = shipment.cod.variable_symbol if shipment.cod else ""
    if symbol and not re.fullmatch(r"\d*", symbol, re.ASCII):
        yield check.fault("cod.variable_symbol", "letters", r"\d{1,10}")
    elif len(symbol) > 10:
        yield check.fault("cod.variable_symbol", "too_long", 10)


def _size(account: Account, shipment: Shipment) -> Iterator[Fault]:
    longest = records.SIZES["XL"]
    for place, box in enumerate(shipment.boxes):
        yield from check.size(f"boxes[{place}]", box, (longest, longest, longest))
    size = records.size_of(account, shipment)
    is_measured = any(side for box in shipment.boxes for side in (box.length_mm, box.width_mm, box.height_mm))
    if size is None and not is_measured and products.of(shipment.service).is_sized:
        yield check.fault("options.size", "missing", ", ".join(records.SIZES))
    elif size is not None and size not in records.SIZES:
        yield check.fault("options.size", "not_offered", ", ".join(records.SIZES))


def _texts(shipment: Shipment) -> Iterator[Fault]:
    longest = len(records.number_of(shipment, len(shipment.boxes) - 1)) if shipment.boxes else 0
    if longest > LONGEST_RECORD:
        yield check.fault("reference", "too_long", LONGEST_RECORD - (longest - len(shipment.reference)))
    yield from check.text("note", shipment.note, LONGEST_NOTE)
    if not shipment.options.get("note_print"):
        yield from check.text("order_number", shipment.order_number, LONGEST_NOTE - len(records.ORDER))
    if check.UNPRINTABLE.search(shipment.recipient.region):
        yield check.fault("recipient.region", "letters")


def _options(shipment: Shipment) -> Iterator[Fault]:
    for name, text in shipment.options.items():
        most, allowed = TEXTS.get(name, (len(text), None))
        if check.UNPRINTABLE.search(text):
            yield check.fault(f"options.{name}", "letters")
        elif len(text) > most:
            yield check.fault(f"options.{name}", "too_long", most)
        elif text and allowed and not re.fullmatch(allowed, text, re.ASCII):
            yield check.fault(f"options.{name}", "letters", allowed)
    if shipment.point:
        yield from (
            check.fault(f"options.{name}", "not_both") for name in records.OF_STREET if shipment.options.get(name)
        )


def _services(account: Account, shipment: Shipment) -> Iterator[Fault]:
    extras, product = {*records.extras_of(shipment)}, products.of(shipment.service)
    known = EXTRAS | OF_ABROAD | (NEWER_COD if "newer_cod" in account.switches else {})
    if unknown := sorted(extras - known.keys()):
        yield check.fault("options.services", "not_offered", ", ".join(unknown))
    unfit = (extras & OF_ABROAD.keys() if not product.is_abroad else set[str]()) | (
        extras & {records.VALUE} if product.value is Value.NEVER else set[str]()
    )
    if unfit:
        yield check.fault("options.services", "not_both", ", ".join([shipment.service, *sorted(unfit)]))


def _notice(shipment: Shipment) -> Iterator[Fault]:
    extras, asked = {*records.extras_of(shipment)}, shipment.options.get("notice", "")
    told = extras | {asked}
    if asked and asked not in records.NOTICES | {records.NO_NOTICE}:
        yield check.fault("options.notice", "not_offered", ", ".join([*sorted(records.NOTICES), records.NO_NOTICE]))
    if len(records.NOTICES & extras) > 1:
        yield check.fault("options.services", "not_both", ", ".join(sorted(records.NOTICES)))
    elif asked and records.NOTICES & extras - {asked}:
        yield check.fault("options.notice", "not_both", ", ".join(sorted(records.NOTICES & extras)))
    if BY_SMS & told and not records.is_mobile(shipment.recipient):
        yield check.fault("recipient.phone", "bad_phone" if shipment.recipient.phone else "missing", "CZ")
    if BY_EMAIL & told and not shipment.recipient.email:
        yield check.fault("recipient.email", "missing")
