"""What an account can do through Balíkobot, and what it and its shippers would refuse (docs/carriers.md 6.2)."""

import re
from collections.abc import Iterator
from dataclasses import replace

from carriers import check
from carriers.balikobot import declared, fields, returns, services
from carriers.balikobot.services import Product, shipper_of
from carriers.base import Able, Account, Close
from carriers.errors import Fault
from carriers.money import digits
from carriers.shipment import Box, Shipment

BATCH = 50  # nobody writes a limit down; a list of this size is answered long before our patience ends
MOST_BOXES = {"cp": 5, "ppl": 20, "zasilkovna": 1}  # of one shipment, where a chapter of the shipper's own says it
COD = {"sp": frozenset({"EUR"})}  # a domestic carrier

EID = r"[A-Za-z0-9-]{8,40}"
NOTE_MOST, CONTENT_MOST, ORDER_MOST, SYMBOL = 350, 90, 10, r"\d{1,10}"
CURRENCIES = frozenset({"CZK", "EUR", "HUF", "PLN", "RON"})

ABLE = Able(
    services={code: product.name for code, product in services.SERVICES.items()},
    to_point=frozenset(code for code, product in services.SERVICES.items() if product.to_point),
    countries=check.WORLD,  # of all its carriers together; where one goes, `add` says
    cod=CURRENCIES,
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
    takes=frozenset(
        {
            *("sender", "customs", "recipient.more", "recipient.region", "boxes.content", "boxes.value"),
            "cod.card_allowed",
        }
    ),
    insures=CURRENCIES,
    unproven={
        "cod_first_box": "COD of several boxes is told with the first one; the contract is silent; else it is refused",
        "cod_currency_always": "cod_currency also without COD, which some carriers are said to want",
        "full_errors": "errors as texts (return_full_errors), whose shape one client alone has seen",
        "ppl_collection": "PPL's own shape of orderpickup, which one client alone has seen",
        declared.ROWS: "names and meaning of the rows of content_data, which the contract does not print: name, tariff"
        " code, country, pieces, and of a piece its weight and price",
        returns.SWITCH: "that a way back is booked by PPL's 45 or a service the account names, from recipient to shop",
        services.FAN_COURIER: "that FAN Courier is the shipper fan, by the services an account names, each to addresses"
        " unless the account says that it ends at points",
    },
)


def offered(account: Account) -> Able:
    """Return what can be done for this account: with the services it names besides those everybody has, and a car."""
    known = services.of(account)
    return replace(
        ABLE,
        services={code: product.name for code, product in known.items()},
        to_point=frozenset(code for code, product in known.items() if product.to_point),
        collects=bool(services.cars(account)),
        returns=returns.SWITCH in account.switches and returns.has_shop(account),
    )


def faults(shipment: Shipment, account: Account) -> Iterator[Fault]:
    """Yield what is wrong with a shipment; source: docs/carriers.md 6.2, and 0 for the rounding of COD."""
    shipper = shipper_of(shipment.service)
    yield from check.shared(shipment, offered(account), options=fields.OPTIONS)
    yield from _recipient(shipment, services.countries(account, shipment.service))
    if shipment.sender:
        yield from check.address("sender", shipment.sender)
    yield from _point(shipment, shipper, services.of(account).get(shipment.service))
    yield from _boxes(shipment, shipper)
    yield from _insured(shipment)
    yield from _cod(shipment, shipper, account)
    yield from _texts(shipment)
    yield from declared.faults(shipment, account)


def _recipient(shipment: Shipment, there: frozenset[str]) -> Iterator[Fault]:
    country = shipment.recipient.country
    if country not in there and country in ABLE.countries:
        yield check.fault("recipient.country", "not_offered", ", ".join(sorted(there)))
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
    for place, box in enumerate(shipment.boxes):
        yield from _box(f"boxes[{place}]", box, is_one_of_all=is_by_box(shipment))
    if len(shipment.boxes) < 2:
        return
    # Only DPD and Packeta say that a point takes one box; nobody says that another's takes more.
    most = 1 if shipment.point else MOST_BOXES.get(shipper, ABLE.boxes)
    if most < len(shipment.boxes) <= ABLE.boxes:
        yield check.fault("boxes", "too_many", most)


def _box(field: str, box: Box, *, is_one_of_all: bool) -> Iterator[Fault]:
    yield from check.text(f"{field}.content", box.content, CONTENT_MOST)
    if check.UNPRINTABLE.search(box.content):
        yield check.fault(f"{field}.content", "letters")
    if box.value is not None and box.value.minor < 0:
        yield check.fault(f"{field}.value", "bad_amount")
    elif box.value is None and is_one_of_all:
        yield check.fault(f"{field}.value", "missing")


def _insured(shipment: Shipment) -> Iterator[Fault]:
    """Yield what would be insured in a currency nobody insures in; a value that is only told goes as it is."""
    asked = {"value": shipment.value} if is_set(shipment, "del_insurance") and not is_by_box(shipment) else {}
    asked |= {f"boxes[{place}].value": box.value for place, box in enumerate(shipment.boxes) if box.value is not None}
    for field, value in asked.items():
        if value.currency not in ABLE.insures:
            yield check.fault(field, "bad_currency", ", ".join(sorted(ABLE.insures)))


def is_by_box(shipment: Shipment) -> bool:
    """Say whether each box is insured for a value of its own."""
    return any(box.value is not None for box in shipment.boxes)


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


def _texts(shipment: Shipment) -> Iterator[Fault]:
    said = {f"options.{name}": text for name, text in shipment.options.items()}
    said |= {"recipient.region": shipment.recipient.region}
    said |= {"sender.region": shipment.sender.region} if shipment.sender else {}
    if shipment.customs:
        said |= {"customs.invoice_number": shipment.customs.invoice_number, "customs.eori": shipment.customs.eori}
    yield from (check.fault(name, "letters") for name, text in said.items() if check.UNPRINTABLE.search(text))
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
