"""Cars: asked for by the parcels they come for, looked at, and called off again (docs/carriers.md 3A).

An order names one parcel. So a car for several is as many orders, made in one call, and its number is all of theirs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from carriers.base import Account, Cancelled, Collection
from carriers.cars import Car, Left, Ordered
from carriers.dpd_cz import calls, reading
from carriers.wire import Answer, Call

BETWEEN = ","
NAMED = 10  # orders a sentence names
RECALLING_S = 15.0  # somebody waits for it, and one call more may take its time


def order_call(account: Account, collection: Collection) -> Call:
    """Return the call for a car to where these parcels are sent from; hours have no field, so the note says them."""
    told = {"date": collection.on.isoformat(), "note": _note(collection.note, _hours(collection))}
    orders = [{"parcel": {"parcelNumber": parcel.number}, **told} for parcel in collection.parcels]
    return calls.post(account, "/pickup-orders", orders, makes=True)


def address_call(account: Account, collection: Collection) -> Call:
    """Return the call for a car to our address; hours, count and weight have no field, so the note says them.

    The contract does not name the field of the address; a client made from DPD's own schema calls it `customerAddress`,
    which is why a switch decides (`collect_address`).
    """
    size = f"{collection.count} ks", f"{-(-collection.weight_g // 1000)} kg"
    order = {
        "customerAddress": calls.registered(account),
        "date": collection.on.isoformat(),
        "note": _note(collection.note, _hours(collection), *size),
    }
    return calls.post(account, "/pickup-orders", [order], makes=True)


def show_call(account: Account, number: str) -> Call:
    """Return the call for one of a car's orders: the last, for they are called off in their order."""
    return calls.read(account, _path(orders_in(number)[-1]))


def recall_call(account: Account, order: str) -> Call:
    """Return the call that takes one of a car's orders back."""
    # Nothing is done twice by it, but whoever lost the answer must know: DPD says the same of what it deleted and of
    # what it never had.
    return replace(calls.delete(account, _path(order)), makes=True)


def orders_in(number: str) -> Sequence[str]:
    """Return the ids of the orders a car's number is made of."""
    return [order for part in number.split(BETWEEN) if (order := part.strip())]


def read_ordered(answer: Answer, count: int) -> str:
    """Return the number of a car of so many orders; raise where the answer does not name each of them once."""
    rows = reading.listed(answer)
    if rows and all(reading.is_error(row) for row in rows):
        raise reading.refused(answer, rows[0])
    ids = [order for row in rows if (order := reading.word(row, "id")) and BETWEEN not in order]
    if len(rows) != count or len({*ids}) != count:
        raise answer.unreadable(f"the answer does not name {count} orders")
    return BETWEEN.join(ids)


def read_car(answer: Answer, number: str) -> Ordered:
    """Return that a car is ordered, as long as its order is there; what else the answer says is in no source."""
    said = reading.read(answer)
    if not reading.is_object(said) or reading.word(said, "id") not in (None, orders_in(number)[-1]):
        raise answer.unreadable("the answer is no order of that id")
    return Ordered(Car.ORDERED)


def together(orders: Sequence[str], ended: Mapping[str, Cancelled]) -> Cancelled | Left:
    """Return what came of a car whose orders were taken back as far as they are in `ended`.

    As long as one of them stands, it comes; the others come to nothing. Where not one of those that were tried could be
    taken back, the rest is not tried.
    """
    late = [order for order in orders if ended.get(order) is Cancelled.TOO_LATE]
    left = [order for order in orders if order not in ended]
    gone = len(orders) - len(late) - len(left)
    if not gone:
        return Cancelled.TOO_LATE
    if left:
        return Left(BETWEEN.join([*left, *late]))
    if late:
        return Left(BETWEEN.join(late), why=f"{gone} of {len(orders)} orders of the car are off, {_named(late)} stand")
    return Cancelled.DONE if Cancelled.DONE in ended.values() else Cancelled.UNKNOWN


def _named(orders: Sequence[str]) -> str:
    more = len(orders) - NAMED
    return ", ".join(orders[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _path(order: str) -> str:
    return f"/pickup-orders/{quote(order, safe='')}"


def _hours(collection: Collection) -> str:
    return f"{collection.since:%H:%M}-{collection.until:%H:%M}"


def _note(*told: str) -> str:
    return ", ".join(part for part in told if part)
