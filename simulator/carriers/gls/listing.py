"""Labels deleted, COD changed, what was printed looked up, the address returns go to (carriers.md 4.5)."""

from decimal import Decimal
from typing import Any

from simulator.carriers.gls import asking, booking, rules
from simulator.carriers.gls.asking import INT32, INT64, Asked, Done, Error, Method, Refused
from simulator.carriers.gls.booking import Stored
from simulator.carriers.lives import OVER
from simulator.carriers.wire import Unreadable
from simulator.carriers.world import Parcel

MOST_DELETED = 50
INTERVALS = {"Pickup": asking.PICKUP_INTERVAL, "Print": asking.PRINT_INTERVAL}


def delete(asked: Asked) -> Done:
    """Delete labels that are printed and were not scanned; a shipment's own id takes its further boxes along."""
    deleted: list[dict[str, Any]] = []
    errors: list[Error] = []
    for id_ in asked.integers("ParcelIdList", most=MOST_DELETED, beyond=INT32):
        stored = booking.known(asked, id_)
        gone = stored if isinstance(stored, Error) else _gone(asked, stored, id_)
        if isinstance(gone, Error):
            errors.append(gone)
        else:
            deleted.append({"ParcelId": id_, "SubParcelIdList": [sub for sub in gone if sub != id_]})
    return {"SuccessfullyDeletedList": deleted}, errors


def _gone(asked: Asked, stored: Stored, id_: int) -> list[int] | Error:
    """Delete what an id stands for and return the ids, or nothing of it and the error.

    Guess: what is stored without a number is not in PRINTED state either, and a second time neither is what is gone.
    """
    found = booking.boxes(asked.world, stored, id_) if stored.numbers else []
    waiting = [one for one in found if not asked.world.is_cancelled(one)]
    if not waiting or not all(booking.is_waiting(asked.world, one) for one in waiting):
        return booking.not_printed(stored, id_)
    for one in waiting:
        asked.world.cancel(one)
    stored.is_deleted = stored.is_deleted or id_ == stored.ids[0]
    return [one.bag["id"] for one in waiting]


def modify_cod(asked: Asked) -> Done:
    """Change what is to be collected, until the parcel is at its end (guess: until when)."""
    amount = asked.body.get("CODAmount")
    if amount is None:
        raise Refused(Error(asking.NO_PART, "CODAmount is missing."))
    if type(amount) not in (int, Decimal):
        raise Unreadable("CODAmount is not a number")
    if amount < 0:
        raise Refused(Error(rules.COD_NEGATIVE, "CODAmount cannot be negative."))
    parcel = _meant(asked)
    stored: Stored = parcel.bag["stored"]
    currency = rules.CURRENCIES.get(rules.destination(stored.told))
    if currency is None:
        raise Refused(Error(rules.CURRENCY, "There is no COD in this country."))
    if not rules.amount_is_whole(amount, currency):
        raise Refused(Error(asking.INVALID, rules.issue("CODAmount")))
    if asked.world.step(parcel) in OVER:
        raise Refused(booking.not_printed(stored, parcel.bag["id"]))
    parcel.cod = (f"{Decimal(amount):f}", currency) if amount else None
    return {"Successful": True}, ()


def _meant(asked: Asked) -> Parcel:
    """Return the parcel named by its id or its number, by one of them."""
    told = [name for name in ("ParcelId", "ParcelNumber") if name in asked.body]
    if len(told) != 1:
        raise Refused(Error(asking.NO_PARCEL, "ParcelId or ParcelNumber is needed, one of them."))
    if told == ["ParcelNumber"]:
        found = asked.numbered(asking.integer(asked.body["ParcelNumber"], "ParcelNumber", INT64))
        if isinstance(found, Error):
            raise Refused(found)
        return found
    id_ = asking.integer(asked.body["ParcelId"], "ParcelId", INT32)
    stored = booking.known(asked, id_)
    if isinstance(stored, Error):
        raise Refused(stored)
    if not stored.numbers:
        raise Refused(Error(asking.NOT_ASSIGNED, f"Parcel id {id_} has no number yet.", ids=(id_,)))
    return booking.boxes(asked.world, stored, id_)[0]


def listed(asked: Asked) -> Done:
    """Return what was printed, or is picked up, in an interval, both ends included; both where both are told.

    Guess: times are times, not days: from a midnight to the same midnight there is nothing. What was deleted, or has
    no number yet, is not told.
    """
    within = {name: _interval(asked, name) for name in INTERVALS}
    if not any(within.values()):
        raise Refused(Error(asking.NO_PART, "An interval of pickup or print dates is needed."))
    rows = []
    for parcel in asked.world.parcels.values():
        at = {"Pickup": parcel.bag["stored"].pickup_at, "Print": parcel.bag["printed_at"]}
        is_within = all(told is None or told[0] <= at[name] <= told[1] for name, told in within.items())
        if parcel.account == asked.account.name and is_within and not asked.world.is_cancelled(parcel):
            rows.append(booking.shown(parcel))
    return {"PrintDataInfoList": rows}, ()


def _interval(asked: Asked, name: str) -> tuple[Any, Any] | None:
    since, until = asked.date(f"{name}DateFrom"), asked.date(f"{name}DateTo")
    if since is None and until is None:
        return None
    if since is None or until is None or since > until:
        raise Refused(Error(INTERVALS[name], f"The interval of {name.lower()} dates is wrong."))
    return since, until


def return_address(asked: Asked) -> Done:
    """Return where returns go. Guess: all of the answer; the contract only names the method."""
    country = asked.account.given["country"]
    address = {"Name": "Můj e-shop s.r.o.", "Street": "Skladová", "HouseNumber": "1", "HouseNumberInfo": ""}
    town = {"City": "Praha", "ZipCode": "19000", "CountryIsoCode": country}
    return {"ReturnAddress": {**address, **town}}, ()


METHODS: dict[str, Method] = {  # guess: the error lists' names of all but DeleteLabels
    "DeleteLabels": Method(
        delete, "DeleteLabelsErrorList", {"SuccessfullyDeletedList": []}, frozenset({"ParcelIdList"})
    ),
    "ModifyCOD": Method(
        modify_cod, "ModifyCODError", {"Successful": False}, frozenset({"ParcelId", "ParcelNumber", "CODAmount"})
    ),
    "GetParcelList": Method(
        listed,
        "GetParcelListErrors",
        {"PrintDataInfoList": []},
        frozenset({"PickupDateFrom", "PickupDateTo", "PrintDateFrom", "PrintDateTo"}),
    ),
    "GetClientReturnAddress": Method(
        return_address, "GetClientReturnAddressErrors", {"ReturnAddress": None}, takes=None
    ),
}
