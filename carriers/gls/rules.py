"""What GLS would refuse, known before it is asked (docs/carriers.md 4.2)."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from carriers import check
from carriers.base import Able
from carriers.errors import Fault
from carriers.gls import services
from carriers.gls.contract import CODE, ZONES
from carriers.gls.parcel import label_text
from carriers.money import Money
from carriers.shipment import Address, Shipment

CALLED = ("FSS", "SM2", "CS1")  # each says a number of its own, or means the recipient's
SAID = ("SM1", "SZL", "DPV")  # each is nothing without its text
SZL_MOST = 15
KINDS = "[1-7]"
ALONE = ("INS", services.FETCHED)  # of one box: GLS insures no more, and names no more of those it fetches


def faults(shipment: Shipment, able: Able, *, home: str, now: datetime) -> Iterator[Fault]:
    """Yield everything that is wrong, the shared rules first; `home`: the contract's country, `now`: by its clock."""
    yield from check.shared(shipment, able, options=services.OPTIONS)
    yield from check.rounded(shipment)
    yield from _collected(shipment)
    yield from _places(shipment)
    yield from _point(shipment)
    yield from _forms(shipment)
    yield from _told(shipment)
    yield from _alone(shipment)
    yield from _times(shipment, now)
    yield from _valued(shipment, check.CURRENCIES.get(home))
    yield from _words(shipment)


def amount_faults(given: Money, country: str) -> Iterator[Fault]:
    """Yield what is wrong with what a parcel to a country is to collect from now on; nothing at all is an amount."""
    due = check.CURRENCIES.get(country) if country in ZONES else None
    if given.currency != due:
        yield check.fault("cod.amount", "bad_currency", due)
    elif given.minor < 0 or given.collected() != given:
        yield check.fault("cod.amount", "bad_amount", f"{Money.plain(given.collected())} {due}")


def _collected(shipment: Shipment) -> Iterator[Fault]:
    country = shipment.recipient.country
    if shipment.cod and country not in ZONES and check.CURRENCIES.get(country) == shipment.cod.amount.currency:
        yield check.fault("cod.amount", "bad_currency")  # that GLS collects there, nobody says


def _places(shipment: Shipment) -> Iterator[Fault]:
    if shipment.sender:
        yield from check.address("sender", shipment.sender)
        yield from _house("sender", shipment.sender)
    yield from _house("recipient", shipment.recipient)


def _house(field: str, at: Address) -> Iterator[Fault]:
    if re.fullmatch(r"\s*0+\s*", at.house_number):
        yield check.fault(f"{field}.house_number", "missing")


def _point(shipment: Shipment) -> Iterator[Fault]:
    if shipment.service != services.POINT:
        if shipment.point:
            yield check.fault("point", "not_both", services.POINT)
        return
    if shipment.point is None or not shipment.point.point_id.strip():
        yield check.fault("point", "missing")
    elif shipment.point.network not in (None, CODE):
        yield check.fault("point.network", "not_offered", CODE)
    for name in ("phone", "email"):  # the point writes to whoever comes for it
        if not getattr(shipment.recipient, name).strip():
            yield check.fault(f"recipient.{name}", "missing")


def _forms(shipment: Shipment) -> Iterator[Fault]:
    options = shipment.options
    if "FSS" in options and "FDS" not in options:
        yield check.fault("options.FSS", "not_both", "FDS")
    yield from check.text("options.SZL", options.get("SZL", ""), SZL_MOST)
    if "ADR" in options and services.dangerous_of(options["ADR"]) is None:
        yield check.fault("options.ADR", "letters", services.OPTIONS["ADR"])
    if services.PACKAGE in options and not re.fullmatch(KINDS, options[services.PACKAGE]):
        yield check.fault(f"options.{services.PACKAGE}", "letters", KINDS)
    for name in SAID:
        if name in options and not options[name].strip():
            yield check.fault(f"options.{name}", "missing")
    for name in (*services.BARE, "INS"):
        if options.get(name) == "0":  # what stands there is asked for, whatever it says
            yield check.fault(f"options.{name}", "letters", "1")


def _told(shipment: Shipment) -> Iterator[Fault]:
    """Yield what is wrong with whom a service calls or writes to."""
    options, recipient = shipment.options, shipment.recipient
    if ("SM1" in options or any(options.get(name) in services.OWN for name in CALLED)) and not recipient.phone:
        yield check.fault("recipient.phone", "missing")
    for name in CALLED:
        said = services.own(options.get(name, ""), "")
        if said and check.phone_of(replace(recipient, phone=said)) is None:
            yield check.fault(f"options.{name}", "bad_phone", recipient.country)
    if options.get("FDS") in services.OWN and not recipient.email:
        yield check.fault("recipient.email", "missing")
    mail = services.own(options.get("FDS", ""), "")
    if mail and not check.EMAIL.fullmatch(mail):
        yield check.fault("options.FDS", "bad_email")


def _alone(shipment: Shipment) -> Iterator[Fault]:
    for name in ALONE:
        if name in shipment.options and len(shipment.boxes) != 1:
            yield check.fault(f"options.{name}", "not_both", "boxes: 1")
    if services.FETCHED in shipment.options and shipment.sender is None:
        yield check.fault(f"options.{services.FETCHED}", "not_both", "sender")


def _times(shipment: Shipment, now: datetime) -> Iterator[Fault]:
    options, zone = shipment.options, now.tzinfo
    day, window = services.day_of(options.get("DDS", "")), zone and services.window_of(options.get("SDS", ""), zone)
    if "DDS" in options and day is None:
        yield check.fault("options.DDS", "letters", services.DAY)
    if "SDS" in options and window is None:
        yield check.fault("options.SDS", "letters", services.WINDOW)
    if day and day < now.date():
        yield check.fault("options.DDS", "past")
    if window and window[1] < now:
        yield check.fault("options.SDS", "past")


def _valued(shipment: Shipment, due: str | None) -> Iterator[Fault]:
    """Yield what is wrong with a value that is insured or declared: it names no currency, so it is the contract's."""
    if not {"INS", "DPV"} & shipment.options.keys():
        return
    if shipment.value.minor <= 0:
        yield check.fault("value", "missing")
    if shipment.value.currency != due:
        yield check.fault("value", "bad_currency", due)


def _words(shipment: Shipment) -> Iterator[Fault]:
    """Yield what of the texts cannot be printed, and that there is none, for some accounts demand one on the label."""
    said = {f"options.{name}": text for name, text in shipment.options.items()}
    said |= {f"boxes[{place}].content": box.content for place, box in enumerate(shipment.boxes)}
    yield from (check.fault(name, "letters") for name, text in said.items() if check.UNPRINTABLE.search(text))
    if not label_text(shipment):
        yield check.fault("order_number", "missing")
