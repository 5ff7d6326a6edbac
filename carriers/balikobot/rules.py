"""What goes through Balíkobot, as far as the contract lists it, and what each of its carriers would refuse.

A service is `<shipper>/<service_type>`, both as Balíkobot writes them. One nobody lists is refused, not guessed; an
account may name more of its own (`given["services"]`), and those are held to the rules of all.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from carriers import check
from carriers.base import Able, Account, Close
from carriers.errors import Fault
from carriers.money import digits
from carriers.shipment import Shipment


@dataclass(frozen=True)
class Product:
    """A service of a shipper; `to_point` None: the contract does not say; `country`: the only one it goes to."""

    name: str
    to_point: bool | None = None
    country: str | None = None


# Returns (ppl/45) are left out: nobody says whose address goes where.
SERVICES: Mapping[str, Product] = {
    "cp/DR": Product("Česká pošta: Balík Do ruky", to_point=False),
    "cp/NP": Product("Česká pošta: Balík Na poštu", to_point=True, country="CZ"),
    "cp/NB": Product("Česká pošta: Balík Do balíkovny", to_point=True, country="CZ"),
    "cp/RR": Product("Česká pošta: RR"),
    "cp/VL": Product("Česká pošta: VL"),
    "cp/BA": Product("Česká pošta: BA"),
    "cp/BB": Product("Česká pošta: BB"),
    "cp/BN": Product("Česká pošta: BN"),
    "ppl/1": Product("PPL: business", to_point=False),
    "ppl/2": Product("PPL: Connect"),
    "ppl/4": Product("PPL: private", to_point=False),
    "ppl/46": Product("PPL: Smart CZ", to_point=True, country="CZ"),
    "ppl/48": Product("PPL: Smart EU", to_point=True),
    "ppl/52": Product("PPL: Smart to box", to_point=True),
    "dpd/1": Product("DPD: classic", to_point=False),
    "dpd/2": Product("DPD: private", to_point=False),
    "dpd/3": Product("DPD: pickup", to_point=True),
    "dpd/11": Product("DPD: shop2shop", to_point=True),
    "dpd/12": Product("DPD: shop2home", to_point=False),
    "gls/1": Product("GLS: business", to_point=False),
    "gls/2": Product("GLS: shop", to_point=True),
    "gls/3": Product("GLS: express", to_point=False),
    "zasilkovna/VMCZ": Product("Zásilkovna: point", to_point=True, country="CZ"),
    "zasilkovna/VMSK": Product("Zásilkovna: point", to_point=True, country="SK"),
    "zasilkovna/VMHU": Product("Zásilkovna: point", to_point=True, country="HU"),
    "zasilkovna/VMPL": Product("Zásilkovna: point", to_point=True, country="PL"),
    "zasilkovna/VMRO": Product("Zásilkovna: point", to_point=True, country="RO"),
    "zasilkovna/106": Product("Zásilkovna: home", to_point=False, country="CZ"),
    "zasilkovna/131": Product("Zásilkovna: carrier 131"),
    "sp/BZA": Product("Slovenská pošta: contract parcel to address", to_point=False),
    "sp/BZP": Product("Slovenská pošta: contract parcel to post office", to_point=True, country="SK"),
    "sp/BZB": Product("Slovenská pošta: contract parcel to BalíkoBOX", to_point=True, country="SK"),
    "sp/EXA": Product("Slovenská pošta: express to address", to_point=False),
    "sp/EXP": Product("Slovenská pošta: express to post office", to_point=True, country="SK"),
    "sp/EXB": Product("Slovenská pošta: express to BalíkoBOX", to_point=True, country="SK"),
    "sp/BNA": Product("Slovenská pošta: BNA", to_point=False),
    "sp/BNP": Product("Slovenská pošta: BNP", to_point=True, country="SK"),
    "sp/BNB": Product("Slovenská pošta: BNB", to_point=True, country="SK"),
    "sp/RRA": Product("Slovenská pošta: RRA"),
}

# UNCERTAIN: the contract has neither a shipper's code of FAN Courier nor its services, so an account names those (or a
# carrier's id at Zásilkovna, which needs no switch). No list has its points, and the shop cannot set them up (R44).
FAN_SHIPPER, FAN_COURIER = "fan", "fan_courier"
FAN = Product("FAN Courier", to_point=False, country="RO")

BATCH = 50  # nobody writes a limit down; a list of this size is answered long before our patience ends
MOST_BOXES = {"cp": 5, "ppl": 20, "zasilkovna": 1}  # of one shipment, where a chapter of the shipper's own says it
COD = {"sp": frozenset({"EUR"})}  # a domestic carrier

EID = r"[A-Za-z0-9-]{8,40}"
NOTE_MOST, CONTENT_MOST, ORDER_MOST, SYMBOL = 350, 90, 10, r"\d{1,10}"
FLAGS = {
    "sat_delivery": "1: delivered on Saturday",
    "sms_notification": "1: the recipient is told by SMS",
    "email_notification": "1: the recipient is told by e-mail",
    "phone_notification": "1: the recipient is called",
    "swap": "1: another parcel is taken back in exchange",
    "credit_card": "1: COD may be paid by card",
    "del_evening": "1: delivered in the evening",
    "del_insurance": "1: insured for its value",
    "open_before_payment": "1: may be opened before it is paid",
}
TEXTS = {
    "content": "what is inside, at most 90 letters",
    "services": "codes of further services, a comma between them",
    "rec_region": "the region of the address, where its country has some",
}
OPTIONS = FLAGS | TEXTS

ABLE = Able(
    services={code: product.name for code, product in SERVICES.items()},
    to_point=frozenset(code for code, product in SERVICES.items() if product.to_point),
    countries=frozenset(check.ZIPS),  # of all its carriers together; where one goes, `check` is asked
    cod=frozenset({"CZK", "EUR", "HUF", "PLN", "RON"}),
    points=True,
    boxes=99,
    batch=BATCH,
    label_batch=BATCH,
    track_batch=BATCH,
    tells_paid=True,
    cancel_batch=1,  # `drop` answers once for all its packages, so that one gone would hide the others
    close=Close.REQUIRED,
    closes_again=True,  # 208 (6.5)
    adults_only=True,
    finds=True,
    is_idempotent=True,
    asks_first=True,
    takes=frozenset({"sender"}),
    unproven={
        "cod_first_box": "COD of several boxes is told with the first one; the contract is silent, so it is refused",
        "cod_currency_always": "cod_currency also without COD, which some carriers are said to want",
        "full_errors": "errors as texts (return_full_errors), whose shape one client alone has seen",
        "ppl_collection": "PPL's own shape of orderpickup, which one client alone has seen",
        FAN_COURIER: "that FAN Courier is the shipper fan, by the services an account names and to addresses alone",
    },
)


def shipper_of(service: str) -> str:
    """Return whose service this is: `ppl` of `ppl/46`."""
    return service.partition("/")[0]


def listed(text: str) -> tuple[str, ...]:
    """Return the words of a list with commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def product_of(service: str) -> Product | None:
    """Return what is known of a service; None of one that only an account names."""
    return FAN if shipper_of(service) == FAN_SHIPPER else SERVICES.get(service)


def offered(account: Account) -> Able:
    """Return what can be done for this account: with the services it names besides those everybody has, and a car."""
    named = (code for code in listed(account.given.get("services", "")) if re.fullmatch(r"[a-z0-9]+/[\w-]+", code))
    own = (code for code in named if shipper_of(code) != FAN_SHIPPER or FAN_COURIER in account.switches)
    whose = account.given.get("collects", "").strip()
    return replace(
        ABLE,
        services={**dict.fromkeys(own, "named by the account"), **ABLE.services},
        collects=bool(whose) and (whose != "ppl" or "ppl_collection" in account.switches),
    )


def faults(shipment: Shipment, account: Account) -> Iterator[Fault]:
    """Yield what is wrong with a shipment; source: docs/carriers.md 6.2, and 0 for the rounding of COD."""
    shipper = shipper_of(shipment.service)
    yield from check.shared(shipment, offered(account), options=OPTIONS)
    yield from _recipient(shipment)
    if shipment.sender:
        yield from check.address("sender", shipment.sender)
    yield from _point(shipment, shipper, product_of(shipment.service))
    yield from _boxes(shipment, shipper)
    yield from _cod(shipment, shipper, account)
    yield from _options(shipment)


def _recipient(shipment: Shipment) -> Iterator[Fault]:
    product = product_of(shipment.service)
    if product and product.country not in (None, shipment.recipient.country):
        yield check.fault("recipient.country", "not_offered", product.country)
    if not shipment.recipient.phone and not shipment.recipient.email:
        yield check.fault("recipient.phone", "missing")  # carriers usually want both, and none does without


def _point(shipment: Shipment, shipper: str, product: Product | None) -> Iterator[Fault]:
    point = shipment.point
    if point is None:
        if product and product.to_point:
            yield check.fault("point", "missing")
        return
    if product and product.to_point is False:
        yield check.fault("point", "not_both")
    if not point.point_id.strip():
        yield check.fault("point", "missing")
    if point.network not in (None, shipper):
        yield check.fault("point", "not_offered", shipper)


def _boxes(shipment: Shipment, shipper: str) -> Iterator[Fault]:
    if len(shipment.boxes) < 2:
        return
    # Only DPD and Packeta say that a point takes one box; nobody says that another's takes more.
    most = 1 if shipment.point else MOST_BOXES.get(shipper, ABLE.boxes)
    if most < len(shipment.boxes) <= ABLE.boxes:
        yield check.fault("boxes", "too_many", most)


def _cod(shipment: Shipment, shipper: str, account: Account) -> Iterator[Fault]:
    if shipment.cod is None:
        return
    amount = shipment.cod.amount
    if amount.currency in ABLE.cod and amount.currency not in COD.get(shipper, ABLE.cod):
        yield check.fault("cod.amount", "bad_currency", ", ".join(sorted(COD[shipper])))
    is_by_five = shipper == "zasilkovna" and amount.currency == "HUF"
    yield from check.rounded(shipment, step_minor=5 * 10 ** digits("HUF") if is_by_five else None)
    if shipment.cod.variable_symbol and not re.fullmatch(SYMBOL, shipment.cod.variable_symbol, re.ASCII):
        yield check.fault("cod.variable_symbol", "letters", SYMBOL)
    if len(shipment.boxes) > 1 and "cod_first_box" not in account.switches:
        yield check.fault("cod", "not_both", "boxes")
    if is_set(shipment, "swap"):
        yield check.fault("cod", "not_both", "options.swap")


def _options(shipment: Shipment) -> Iterator[Fault]:
    for name, text in shipment.options.items():
        if check.UNPRINTABLE.search(text):
            yield check.fault(f"options.{name}", "letters")
    yield from check.text("options.content", shipment.options.get("content", ""), CONTENT_MOST)


def is_set(shipment: Shipment, flag: str) -> bool:
    """Say whether a flag is among the options and not switched off."""
    return shipment.options.get(flag, "").strip().lower() not in ("", "0", "false", "no")


def notes(shipment: Shipment) -> tuple[str, ...]:
    """Return what was cut or left away of a shipment, for a person to read."""
    told: list[str] = []
    if len(shipment.note) > NOTE_MOST:
        told.append(f"the note was cut to {NOTE_MOST} letters")
    if len(shipment.boxes) > 1:
        told.append("the order's number was left away, the boxes are held together by a number of ours")
    elif len(shipment.order_number) > ORDER_MOST:
        told.append(f"the order's number was left away, it is longer than {ORDER_MOST} letters")
    return tuple(told)
