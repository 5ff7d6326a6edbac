"""Read what became of packages: made, checked, dropped, handed over (docs/carriers.md 6.2, 6.5).

What an answer tells is believed of a package only where it names it once; everything else stays unclear.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, cast

from carriers.balikobot import calls, rules, said
from carriers.balikobot.said import Row
from carriers.base import Booked, Cancelled, Handle, Parcel, Taken
from carriers.errors import CarrierError, CarrierRefused, CarrierUnreachable, Kind
from carriers.shipment import Shipment
from carriers.wire import Answer

LONGEST_LINK = 2_000
FIRST_TRY = "it was made before, and its label says what was told then"
DROPPED = {
    said.MADE: Cancelled.DONE,
    said.MADE_BEFORE: Cancelled.BEFORE,
    said.NO_SUCH: Cancelled.BEFORE,
    said.ORDERED: Cancelled.TOO_LATE,
}


class Torn(CarrierRefused):
    """A shipment of several boxes of which some were refused: `left` are the packages that were made all the same.

    They must be dropped. A second try with other content would be answered (208) with what they say now.
    """

    left: tuple[str, ...] = ()


def read_added(answer: Answer, shipper: str, shipments: Sequence[Shipment]) -> list[Taken]:
    """Return what became of each shipment of an `add`, in order; raise what concerns them all.

    A shipment is booked when each of its boxes was made. Source: docs/carriers.md 6.2.
    """
    status, rows = _paired(answer, shipments)
    rows = _without_shared_numbers(rows, shipments)
    return [_taken(answer, shipper, shipment, _of(shipment, rows), status) for shipment in shipments]


def read_checked(answer: Answer, shipments: Sequence[Shipment]) -> list[CarrierError | None]:
    """Return what `check` finds wrong with each shipment, in order; None: it would be taken.

    Nothing is made, so that a row without `eid` is believed to be that of the package in its place.
    """
    status, rows = _paired(answer, shipments, by_place=True)
    return [_wrong(answer, shipment, _of(shipment, rows), status) for shipment in shipments]


def read_overview(answer: Answer, shipper: str, shipment: Shipment) -> Booked | None:
    """Return a booking among the packages not yet ordered; None when not each of its boxes is there."""
    status, body = said.said(answer)
    if status == said.NO_SUCH:
        return None
    if status not in (said.MADE, said.MADE_BEFORE):
        raise said.trouble(answer, status)
    eids = _eids(shipment)
    found = [(eid, row) for row in said.rows_of(body) if (eid := said.identity(row.get("eid"))) in eids]
    rows = dict(found)
    if len(found) != len(rows):
        raise answer.unreadable("the overview holds a package twice")
    if len(rows) != len(eids):
        return None
    parcels = tuple(parcel for eid in eids if (parcel := _parcel(shipper, rows[eid])))
    if len(parcels) != len(eids):
        raise answer.unreadable("the overview holds the package without its number")
    notes = rules.notes(shipment) + _beside([rows[eid] for eid in eids])
    return Booked(shipment.reference, parcels, again=True, notes=notes)


def read_waiting(answer: Answer) -> frozenset[str]:
    """Return the numbers in an overview, which are those of packages made and not yet ordered."""
    status, body = said.said(answer)
    if status == said.NO_SUCH:
        return frozenset()
    if status not in (said.MADE, said.MADE_BEFORE):
        raise said.trouble(answer, status)
    return frozenset(number for row in said.rows_of(body) if (number := said.identity(row.get("carrier_id"))))


def read_dropped(answer: Answer) -> Cancelled:
    """Return what came of a `drop` of one package; raise what concerns the account."""
    status, _ = said.said(answer)
    if status not in DROPPED:
        raise said.trouble(answer, status)
    return DROPPED[status]


def read_keys(answer: Answer) -> bool | None:
    """Return whether these keys are live ones; None where the answer does not say, or not in words we know."""
    told = said.done(answer).get("live_account")
    return {"1": True, "true": True, "0": False, "false": False}.get(str(told).strip().lower())


def read_stored(answer: Answer) -> str:
    """Return the link to a package's own label, as it is stored; empty where there is none."""
    body = said.done(answer)
    return said.text(next(iter(said.rows_of(body)), body).get("label_url"), LONGEST_LINK)


def read_link(answer: Answer, name: str) -> str:
    """Return the link to a document; raise where there is none."""
    link = said.text(said.done(answer).get(name), LONGEST_LINK)
    if not link:
        raise answer.unreadable(f"the answer has no {name}")
    return link


def read_order(answer: Answer) -> tuple[str, frozenset[str] | None, str]:
    """Return a hand-over's number, its packages (None: all that were asked for) and the link to its protocol.

    Of an order told again no number is promised, only that it is one (208): it is empty then.
    """
    body = said.done(answer)
    number, ids = said.identity(body.get("order_id")), body.get("package_ids")
    if not number and said.said(answer)[0] != said.MADE_BEFORE:
        raise answer.unreadable("the answer has no order_id")
    covers = frozenset(map(said.identity, cast("list[Any]", ids))) if isinstance(ids, list) else None
    return number, covers, said.text(body.get("handover_url"), LONGEST_LINK)


def read_pickup(answer: Answer) -> str:
    """Return the number of a collection, empty for carriers that give none; a `message` means that none comes."""
    body = said.done(answer)
    if message := said.text(body.get("message")):
        raise answer.refused(f"the collection was refused: {message}", kind=Kind.CONTENT)
    return said.identity(body.get("pickup_order_id"))


def _paired(answer: Answer, shipments: Sequence[Shipment], *, by_place: bool = False) -> tuple[int, Mapping[str, Row]]:
    status, body = said.said(answer)
    rows = said.rows_of(body)
    if not rows:
        raise said.trouble(answer, status) if status >= 400 else answer.unreadable("the answer holds no packages")
    asked = [eid for shipment in shipments for eid in _eids(shipment)]
    told: dict[str, list[Row]] = {}
    for place, row in enumerate(rows):
        if row and (eid := _eid(row, place, rows, asked, status, by_place=by_place)):
            told.setdefault(eid, []).append(row)
    counts = Counter(asked)
    return status, {eid: found[0] for eid, found in told.items() if len(found) == 1 == counts[eid]}


def _eid(  # of which row, and among what
    row: Row, place: int, rows: Sequence[Row], asked: Sequence[str], status: int, *, by_place: bool
) -> str:
    """Return whose row this is. Its place tells only of a refusal, where there is but one, or where it may."""
    named = said.identity(row.get("eid"))
    if named and named not in said.FIELD_CODES:
        return named
    is_placed = by_place or len(asked) == 1 or (_status(row, status) or 0) >= 400
    return asked[place] if is_placed and len(rows) == len(asked) else ""


def _without_shared_numbers(rows: Mapping[str, Row], shipments: Sequence[Shipment]) -> Mapping[str, Row]:
    """Leave out rows that give one number to two shipments, or one package to two boxes: whose it is, nobody knows."""
    numbers = Counter(
        number
        for shipment in shipments
        for number in {said.identity(row.get("carrier_id")) for row in _of(shipment, rows) if row}
        if number
    )
    ids = Counter(said.identity(row.get("package_id")) for row in rows.values())
    return {
        eid: row
        for eid, row in rows.items()
        if numbers[said.identity(row.get("carrier_id"))] <= 1
        and (ids[said.identity(row.get("package_id"))] == 1 or not said.identity(row.get("package_id")))
    }


def _taken(answer: Answer, shipper: str, shipment: Shipment, rows: Sequence[Row | None], status: int) -> Taken:
    made = [row for row in rows if row and _status(row, status) in (said.MADE, said.MADE_BEFORE)]
    parcels = [parcel for row in made if (parcel := _parcel(shipper, row))]
    wrong = _wrong(answer, shipment, rows, status)
    if len(parcels) != len(made):  # nobody can drop what has no number, though another box was refused
        return answer.unreadable(f"the answer has no number for {shipment.reference}")
    if wrong:
        if not isinstance(wrong, CarrierRefused) or not parcels:
            return wrong
        torn = Torn(wrong.carrier, wrong.operation, wrong.why, kind=wrong.kind, faults=wrong.faults, code=wrong.code)
        torn.left = tuple(parcel.handle.ids["package_id"] for parcel in parcels)
        return torn
    again = any(_status(row, status) == said.MADE_BEFORE for row in made)
    notes = rules.notes(shipment) + _beside(made) + ((FIRST_TRY,) if again else ())
    return Booked(shipment.reference, tuple(parcels), again=again, notes=notes)


def _wrong(answer: Answer, shipment: Shipment, rows: Sequence[Row | None], status: int) -> CarrierError | None:
    """Return the worst that is said of a shipment's boxes: unclear before refused before busy."""
    found: list[CarrierError] = []
    for place, row in enumerate(rows):
        of_row = _status(row, status) if row else None
        if row is None or of_row is None or (of_row < 400 and of_row not in (said.MADE, said.MADE_BEFORE)):
            return answer.unreadable(f"the answer does not tell what became of {shipment.reference}")
        if of_row >= 400:
            found.append(said.refusal(answer, row, place, of_row))
    if unclear := next((one for one in found if isinstance(one, CarrierUnreachable)), None):
        return unclear
    refused = [one for one in found if isinstance(one, CarrierRefused)]
    return _together(refused) if refused else next(iter(found), None)


def _together(refused: Sequence[CarrierRefused]) -> CarrierRefused:
    first = refused[0]
    faults = [fault for one in refused for fault in one.faults]
    why = "; ".join(dict.fromkeys(one.why for one in refused))
    return CarrierRefused(first.carrier, first.operation, why, kind=first.kind, faults=faults, code=first.code)


def _status(row: Row, status: int) -> int | None:
    """Return a package's own status, or that of the whole where that is no guess; None: nobody knows."""
    if "status" in row:
        return said.status_of(row["status"])
    return status if status < 400 or said.faults_of(row, 0) else None


def _parcel(shipper: str, row: Row) -> Parcel | None:
    number, package_id = said.identity(row.get("carrier_id")), said.identity(row.get("package_id"))
    if not number or not package_id:
        return None
    known = {"shipper": shipper, "package_id": package_id, "carrier_id": number, **_final(row)}
    if link := said.text(row.get("label_url"), LONGEST_LINK):
        known["label"] = link
    barcode = said.identity(row.get("barcode")) or number
    return Parcel(number, barcode, _page(row.get("track_url")), Handle("balikobot", known))


def _final(row: Row) -> dict[str, str]:
    """Return number and page of the carrier that carries it on, where there is another."""
    number = said.identity(row.get("carrier_id_final"))
    page = _page(row.get("track_url_final"))
    return {"final": number, **({"final_url": page} if page else {})} if number else {}


def _page(link: Any) -> str:
    """Return a page to follow a parcel on, which stands in pages and mails; empty for what is none."""
    plain = said.text(link, LONGEST_LINK)
    return plain if plain.startswith(("https://", "http://")) else ""


def _beside(rows: Sequence[Row]) -> tuple[str, ...]:
    """Return what is told besides the numbers, for a person to read."""
    swapped = [number for row in rows if (number := said.identity(row.get("carrier_id_swap")))]
    finals = [" ".join(_final(row).values()) for row in rows if _final(row)]
    return tuple(
        [f"the parcel taken back in exchange is {number}" for number in swapped]
        + [f"another carrier carries it on: {final}" for final in finals]
    )


def _eids(shipment: Shipment) -> list[str]:
    return [calls.eid_of(shipment, place) for place in range(len(shipment.boxes))]


def _of(shipment: Shipment, rows: Mapping[str, Row]) -> list[Row | None]:
    return [rows.get(eid) for eid in _eids(shipment)]
