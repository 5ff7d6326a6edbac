"""Labels in every kind of `TypeOfPrinter`, as a list of bytes (carriers.md 4.3)."""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.carriers import paper
from simulator.carriers.gls.asking import INVALID, Asked, Error, Refused
from simulator.carriers.paper import A4, A6, Code, Label, Millimetres
from simulator.carriers.world import Parcel

PRINTER = 34
PLACES = 4


@dataclass(frozen=True, slots=True)
class Printer:
    """A kind of label: `page` where several lie on a sheet, `dpi` where it is ZPL."""

    size: Millimetres = A6
    page: Millimetres | None = None
    dpi: int | None = None


# Sizes but that of A4_2x2 are UNCERTAIN: A6 here, and a quarter of a sheet across its whole width for A4_4x1.
PRINTERS = {
    "A4_2x2": Printer(page=A4),
    "A4_4x1": Printer((210.0, 74.25), A4),
    "Connect": Printer(),
    "Thermo": Printer(),
    "ThermoZPL": Printer(dpi=203),
    "ThermoZPL_300DPI": Printer(dpi=300),
    "ShipItThermoPdf": Printer(),
    "ShipItThermoZpl": Printer(dpi=203),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """How labels are to be drawn; `skip`: places left free on the first sheet."""

    printer: Printer
    skip: int


def wish(asked: Asked) -> Wish:
    """Return how a call wants its labels; a printer that is not told is refused like an unknown one (guess)."""
    printer = PRINTERS.get(str(asked.body.get("TypeOfPrinter")))
    if printer is None:
        raise Refused(Error(PRINTER, "TypeOfPrinter is not valid."))
    asked.boolean("ShowPrintDialog")
    position = asked.body.get("PrintPosition", 1)
    if printer.page is None:
        return Wish(printer, 0)
    if type(position) is not int or not 1 <= position <= PLACES:
        raise Refused(Error(INVALID, "Request validation issue: PrintPosition"))
    return Wish(printer, position - 1)


def drawn(parcels: Sequence[Parcel], how: Wish) -> list[int] | None:
    """Return one document of labels as bytes, None for no label."""
    if not parcels:
        return None
    labels, printer = [_label(parcel) for parcel in parcels], how.printer
    if printer.dpi is not None:
        return list(paper.zpl(labels, size=printer.size, dpi=printer.dpi).encode())
    return list(paper.pdf(labels, size=printer.size, page=printer.page, skip=how.skip))


def _label(parcel: Parcel) -> Label:
    """Draw a label: the number with its check digit as Code 128; which code GLS prints is not in the contract."""
    stored = parcel.bag["stored"]
    to = stored.told["DeliveryAddress"]
    services = " ".join(str(one["Code"]) for one in stored.told.get("ServiceList") or ())
    lines = (
        to["Name"],
        f"{to['Street']} {to.get('HouseNumber') or ''}{to.get('HouseNumberInfo') or ''}".strip(),
        f"{to['ZipCode']} {to['City']} {to['CountryIsoCode']}",
        to.get("ContactName"),
        to.get("ContactPhone"),
        f"ParcelShop {parcel.point}" if parcel.point else None,
        f"Dobírka {parcel.cod[0]} {parcel.cod[1]}" if parcel.cod else None,
        f"Ref. {stored.reference}" if stored.reference else None,
        stored.told.get("Content"),
        f"{parcel.bag['n'] + 1}/{len(stored.ids)}",
    )
    return Label((Code(parcel.number),), tuple(line for line in lines if line), f"GLS {services}".strip())
