"""Between bookings and the carriers' library: parcels, numbers and faults as each of them keeps them."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from carriers import check, labels, registry
from carriers.base import Able, Account, Format, Handle, Label, Parcel
from carriers.errors import CarrierRefused, Fault
from carriers.shipment import Customs, Shipment
from service.bookings import Box, Sheet
from service.contracts import Contract

SHIPMENT = TypeAdapter(Shipment)
SURE = 6  # letters; fewer may stand in another's number by chance
DRAFTED = "drafted"  # beside the parcel's own fields

UNSAID = frozenset({"serial"})  # an option that we fill in
UNREACHED = {"gls": frozenset({"PSS"})}  # it needs a sender of the parcel's own, which nobody can name to us

# What a warehouse calls the carrier of a parcel (docs/wms.md); an adapter that is not here has its own code.
CALLED = {"dpd_cz": "dpd"}
CODES = {called: code for code, called in CALLED.items()}


def called(code: str) -> str:
    """Return what a warehouse calls the carrier of an adapter."""
    return CALLED.get(code, code)


def options_of(code: str, able: Able | None = None) -> dict[str, str]:
    """Return the options of an adapter that a warehouse or merchant may say, each with what it is.

    `able`: what the login can; None: whatever some login can.
    """
    without = UNSAID | UNREACHED.get(code, frozenset())
    if able is not None and "customs" not in able.takes:
        without |= check.DECLARED.keys()
    return {name: what for name, what in registry.ADAPTERS[code].options.items() if name not in without}


def code_of(number: str) -> str:
    """Return a number as the shop and the warehouse know it: capital letters, no spaces."""
    return "".join(number.split()).upper()


def names(box: Box, code: str) -> bool:
    """Say whether a code is one of this box: its number or bar code, whole or in part, as a reader may read it."""
    known = [code_of(each) for each in (box.number, box.barcode, *box.handle.values())]
    said = code_of(code)
    return any(each in said or said in each for each in known if min(len(each), len(said)) >= SURE)


def able_of(contract: Contract) -> Able:
    """Return what a carrier can do under a login, without opening its secrets."""
    account = Account(contract.base_url, {}, contract.given, contract.switches)
    return registry.unasked(contract.carrier, account, lambda: contract.changed_at).able


def content_of(shipment: Shipment) -> dict[str, Any]:
    """Return a parcel as it is kept until it is settled."""
    return SHIPMENT.dump_python(shipment, mode="json")


def drafted(
    content: Mapping[str, Any], orders: Sequence[str], owing: Sequence[str], *, final: bool, declared: bool = False
) -> dict[str, Any]:
    """Return a kept parcel with the orders it was drafted from, leading one first; `final`: it collects for them.

    `owing`: those of them whose COD it collects. `declared`: the warehouse said what is declared of it.
    """
    beside = {"orders": list(orders), "owing": list(owing), "final": final, "declared": declared}
    return {**content, DRAFTED: beside}


def drafted_from(content: Mapping[str, Any] | None) -> Sequence[str]:
    """Return the orders a kept parcel was drafted from, the leading one first; none where nobody said so."""
    return (content or {}).get(DRAFTED, {}).get("orders", ())


def owing(content: Mapping[str, Any]) -> Sequence[str]:
    """Return the orders whose COD a kept parcel collects; none where nobody said so."""
    return content.get(DRAFTED, {}).get("owing", ())


def declared(content: Mapping[str, Any] | None) -> Customs | None:
    """Return what a warehouse itself declared of a kept parcel; None: nothing, what stands there is of its orders."""
    known = kept(content)
    return known.customs if known and (content or {}).get(DRAFTED, {}).get("declared") else None


def collects(content: Mapping[str, Any]) -> bool:
    """Say whether a kept parcel collects what its orders owe."""
    return content.get(DRAFTED, {}).get("final", True)


def shipment_of(content: Mapping[str, Any]) -> Shipment:
    """Return the parcel that was kept; raise ValueError, which quotes nobody's name, for what cannot be read."""
    try:
        return SHIPMENT.validate_python(content)
    except ValidationError as broken:
        raise ValueError(f"a parcel that was kept cannot be read: {broken.error_count()} faults") from None


def kept(content: Mapping[str, Any] | None) -> Shipment | None:
    """Return the parcel that was kept; None where there is none, or none that can be read."""
    try:
        return shipment_of(content) if content else None
    except ValueError:
        return None


def boxes_of(parcels: Sequence[Parcel]) -> list[Box]:
    """Return numbered boxes as they are kept, the first one at place 1."""
    return [
        Box(place, each.handle.carrier, each.number, each.barcode, each.tracking_url, dict(each.handle.ids))
        for place, each in enumerate(parcels, 1)
    ]


def parcels_of(boxes: Sequence[Box]) -> list[Parcel]:
    """Return boxes as their carrier wants to hear of them."""
    return [
        Parcel(each.number, each.barcode, each.tracking_url, Handle(each.carrier, each.handle)) for each in boxes
    ]  # fmt: skip


def job_of(handle: Handle) -> dict[str, Any]:
    """Return what a carrier is still at as it is kept."""
    return {"carrier": handle.carrier, "ids": dict(handle.ids)}


def handle_of(job: Mapping[str, Any]) -> Handle:
    """Return what to ask the carrier with."""
    return Handle(job["carrier"], job["ids"])


def sheet_of(label: Label) -> Sheet:
    """Return a label as it is kept."""
    return Sheet(label.format.value, label.content, tuple(label.covers))


def label_of(sheet: Sheet) -> Label:
    """Return the label that was kept."""
    return Label(Format(sheet.format), sheet.content, tuple(sheet.covers))


def fault_of(fault: Fault) -> dict[str, Any]:
    """Return what is wrong with a field as doors tell it: `code` for programs, `detail` for people."""
    told = {"field": fault.field, "code": fault.code, "detail": fault.says, "limit": fault.limit}
    return {name: value for name, value in told.items() if value is not None}


def faults_of(refusal: CarrierRefused) -> list[dict[str, Any]]:
    """Return which fields a carrier refused."""
    return [fault_of(fault) for fault in refusal.faults]


def parted(label: Label, counts: Sequence[int]) -> list[Label] | None:
    """Return one label of several parcels as a label for each booking of so many boxes; None: the pages do not tell.

    Raise Unprintable for what is no label.
    """
    pages = labels.pages_of(label)
    if len(counts) == 1:
        return [label]
    if pages != sum(counts):
        return None
    files, parts, first = labels.split(label), list[Label](), 0
    for count in counts:
        some = [Label(label.format, each) for each in files[first : first + count]]
        whole = labels.merged(some) if count > 1 else some[0]
        parts.append(Label(label.format, whole.content, tuple(label.covers[first : first + count])))
        first += count
    return parts
