"""Parcels stored, given their numbers, and printed (carriers.md 4.2, 4.3, 4.7)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from simulator.carriers.gls import asking, dates, papers, rules
from simulator.carriers.gls.asking import INT32, Asked, Done, Error, Method
from simulator.carriers.world import Parcel, World

FIRST_ID, FIRST_NUMBER = 90_210_001, 3_117_700_796  # as printed; numbers are beyond 32 bits
MOST_PRINTED = 99


@dataclass(slots=True)
class Stored:
    """What was sent of one shipment. `ids`: its own, then one for each further box; `numbers`: none before print."""

    ids: list[int]
    account: str
    told: dict[str, Any]
    pickup_at: datetime
    numbers: list[str] = field(default_factory=list)
    is_deleted: bool = False

    @property
    def reference(self) -> str:
        """Return the sender's own, "" for none."""
        return str(self.told.get("ClientReference") or "")


def check_digit(digits: str) -> int:
    """Return the check digit of ten digits: from the right times 3, 1, 3, 1 …, one more (4.7)."""
    total = 1 + sum(int(digit) * (3, 1)[n % 2] for n, digit in enumerate(reversed(digits)))
    return -total % 10


def prepare(asked: Asked) -> Done:
    """Store parcels and return their ids; nothing has a number yet."""
    stored, errors = _taken(asked)
    return {"ParcelInfoList": [{"ClientReference": one.reference, "ParcelId": one.ids[0]} for one in stored]}, errors


def print_labels(asked: Asked) -> Done:
    """Store and print in one step; what is wrong with one parcel does not touch the others."""
    wish = papers.wish(asked)
    stored, errors = _taken(asked)
    made = [parcel for one in stored for parcel in number(asked.world, one)]
    rows = [row for one in stored for row in _told(asked.world, one)]
    return {"Labels": papers.drawn(made, wish), "PrintLabelsInfoList": rows}, errors


def printed_labels(asked: Asked) -> Done:
    """Give stored parcels their numbers and print them; those that have them are printed again."""
    ids, wish = asked.integers("ParcelIdList", most=MOST_PRINTED, beyond=INT32), papers.wish(asked)
    parcels, errors = _found(asked, ids, _numbered)
    return {"Labels": papers.drawn(parcels, wish), "PrintDataInfoList": [*map(shown, parcels)]}, errors


def print_data(asked: Asked) -> Done:
    """Return the data of own labels.

    Guess: that this gives no numbers, so that only what was printed has data; who prints first is safe.
    """
    ids = asked.integers("ParcelIdList", most=MOST_PRINTED, beyond=INT32)
    parcels, errors = _found(asked, ids, _printed)
    return {"PrintDataInfoList": [*map(shown, parcels)]}, errors


def number(world: World, stored: Stored) -> list[Parcel]:
    """Give a shipment its numbers, one a box, once."""
    if not stored.numbers:
        count = stored.told.get("Count", 1)
        stored.ids += [_next_id(world, stored) for _ in range(count - 1)]
        stored.numbers = [_made(world, stored, n).number for n in range(count)]
    return [world.parcels[one] for one in stored.numbers]


def known(asked: Asked, id_: int) -> Stored | Error:
    """Return what has this id, a further box's one too, or the error."""
    stored: Stored | None = asked.world.bag.setdefault("stored", {}).get(id_)
    if stored is None:
        return Error(asking.ID_UNKNOWN, f"Parcel id {id_} does not exist.", ids=(id_,))
    if stored.account != asked.account.name:
        return Error(asking.ID_FOREIGN, f"Parcel id {id_} is not yours.", ids=(id_,))
    return stored


def boxes(world: World, stored: Stored, id_: int) -> list[Parcel]:
    """Return the boxes an id stands for: all for the shipment's own, one for a further box's."""
    numbers = stored.numbers if id_ == stored.ids[0] else [stored.numbers[stored.ids.index(id_)]]
    return [world.parcels[one] for one in numbers]


def not_printed(stored: Stored, id_: int) -> Error:
    """Return the error for what is not waiting with its label on."""
    references = (stored.reference,) if stored.reference else ()
    return Error(asking.NOT_PRINTED, f"Parcel {id_} is not in PRINTED state.", references, (id_,))


def is_waiting(world: World, parcel: Parcel) -> bool:
    """Say whether a box is in PRINTED state: it has its label and was not scanned."""
    return not world.is_handed(parcel) and not world.is_cancelled(parcel)


def shown(parcel: Parcel) -> dict[str, Any]:
    """Return a row of PrintDataInfo, whose `ParcelNumber` lacks the check digit.

    Guess: all but the two numbers and `ClientReference`, which is how a lost answer is looked up (4.2).
    """
    stored: Stored = parcel.bag["stored"]
    zip_ = stored.told["DeliveryAddress"]["ZipCode"]
    return {
        "B2CChar": "",
        "ClientReference": stored.reference,
        "Depot": parcel.town,
        "DepotNumber": zip_[:2],
        "Driver": "01",
        "Parcel": asking.plain(stored.told),
        "ParcelId": parcel.bag["id"],
        "ParcelNumber": int(parcel.number[:-1]),
        "ParcelNumberWithCheckdigit": int(parcel.number),
        "Sort": zip_[:3],
    }


def facts(parcel: Parcel) -> dict[str, Any]:
    """Return what was told of a box; `collected_from`: where it is fetched with PSS or PRS."""
    stored: Stored = parcel.bag["stored"]
    given, to = rules.services(stored.told), stored.told["DeliveryAddress"]
    listed = stored.told.get("ParcelPropertyList") or []
    insured = given.get("INS", {}).get("INSParameter") or given.get("DPV", {}).get("DPVParameter")
    return {
        "insured": insured,
        "services": given,
        "contact": {"name": to["Name"], "phone": to.get("ContactPhone"), "email": to.get("ContactEmail")},
        "box": listed[parcel.bag["n"]] if parcel.bag["n"] < len(listed) else None,
        "collected_from": stored.told["PickupAddress"] if given.keys() & {"PSS", "PRS"} else None,
    }


def _taken(asked: Asked) -> tuple[list[Stored], list[Error]]:
    """Store what is good of a request and say what is wrong with the rest."""
    stored: list[Stored] = []
    errors: list[Error] = []
    for told in asked.objects("ParcelList"):
        reference = told.get("ClientReference")
        references = (reference,) if isinstance(reference, str) and reference else ()
        wrong = [Error(code, text, references) for code, text in rules.wrong(asked.world, asked.account, told)]
        errors += wrong
        if not wrong:
            stored.append(_store(asked, rules.given(told)))
    return stored, errors


def _store(asked: Asked, told: dict[str, Any]) -> Stored:
    stored = Stored([], asked.account.name, told, dates.read(told.get("PickupDate")) or asked.request.at)
    stored.ids.append(_next_id(asked.world, stored))
    return stored


def _next_id(world: World, stored: Stored) -> int:
    id_ = world.serial("ids", FIRST_ID)
    world.bag.setdefault("stored", {})[id_] = stored
    return id_


def _made(world: World, stored: Stored, n: int) -> Parcel:
    """Make a box. Guess: the money is on the first one alone."""
    told, digits = stored.told, str(world.serial("numbers", FIRST_NUMBER))
    properties = told.get("ParcelPropertyList") or []
    amount = told.get("CODAmount") or 0
    known_as = stored.reference or f"(parcel {stored.ids[0]})"
    return world.make(
        f"{digits}{check_digit(digits)}",
        # The ledger counts second labels by reference, and a further box of a shipment is none.
        reference=known_as if n == 0 else f"{known_as}#{n + 1}",
        account=stored.account,
        point=rules.point_of(world, told),
        town=told["DeliveryAddress"]["City"],
        cod=(f"{Decimal(amount):f}", told["CODCurrency"]) if amount and n == 0 else None,
        stored=stored,
        id=stored.ids[n],
        n=n,
        weight=(properties[n].get("Weight") or 0) if n < len(properties) else 0,
        printed_at=world.now(),
    )


def _told(world: World, stored: Stored) -> Iterator[dict[str, Any]]:
    """Yield a row for each box; with PSS only the first (4.2)."""
    parcels = number(world, stored)
    for parcel in parcels[:1] if "PSS" in rules.services(stored.told) else parcels:
        yield {
            "ClientReference": stored.reference,
            "ParcelId": parcel.bag["id"],
            "ParcelNumber": int(parcel.number),
        }


def _found(
    asked: Asked, ids: list[int], act: Callable[[Asked, Stored, int], list[Parcel] | Error]
) -> tuple[list[Parcel], list[Error]]:
    parcels: list[Parcel] = []
    errors: list[Error] = []
    for id_ in ids:
        found = known(asked, id_)
        done = found if isinstance(found, Error) else act(asked, found, id_)
        if isinstance(done, Error):
            errors.append(done)
        else:
            parcels += done
    return parcels, errors


def _numbered(asked: Asked, stored: Stored, id_: int) -> list[Parcel] | Error:
    if stored.is_deleted:
        return not_printed(stored, id_)
    if not stored.numbers:
        number(asked.world, stored)
    found = boxes(asked.world, stored, id_)
    # Reprinting after the first scan is UNCERTAIN (chapter 9 asks "while PRINTED?"): it is refused here.
    return found if all(is_waiting(asked.world, one) for one in found) else not_printed(stored, id_)


def _printed(asked: Asked, stored: Stored, id_: int) -> list[Parcel] | Error:
    if not stored.numbers:
        return Error(asking.NOT_ASSIGNED, f"Parcel id {id_} has no number yet.", ids=(id_,))
    found = boxes(asked.world, stored, id_)
    return not_printed(stored, id_) if any(map(asked.world.is_cancelled, found)) else found


HOW = ("PrintPosition", "ShowPrintDialog", "TypeOfPrinter")
_method = partial(Method, needs_engine=True)
_prepare = _method(prepare, "PrepareLabelsError", {"ParcelInfoList": []}, frozenset({"ParcelList"}))
METHODS: dict[str, Method] = {  # guess: the lists' names of all but PrintLabels
    "PrepareLabels": _prepare,
    "PrepareLabelsV2": _prepare,
    "PrintLabels": _method(
        print_labels,
        "PrintLabelsErrorList",
        {"Labels": None, "PrintLabelsInfoList": []},
        frozenset({"ParcelList", *HOW}),
    ),
    "GetPrintedLabels": _method(
        printed_labels,
        "GetPrintedLabelsErrorList",
        {"Labels": None, "PrintDataInfoList": []},
        frozenset({"ParcelIdList", *HOW}),
    ),
    "GetPrintData": _method(
        print_data, "GetPrintDataErrorList", {"PrintDataInfoList": []}, frozenset({"ParcelIdList"})
    ),
}
