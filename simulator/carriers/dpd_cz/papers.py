"""Labels, which commit their parcels, and codes for those who hand parcels in without one (carriers.md 3A)."""

import base64
import io
from collections.abc import Iterator, Sequence
from typing import Any

from pypdf import PdfWriter

from simulator.carriers import paper
from simulator.carriers.dpd_cz import aztec, book, numbers, subjects
from simulator.carriers.dpd_cz.asking import Asked, Problem, wrong
from simulator.carriers.dpd_cz.book import Shipment
from simulator.carriers.dpd_cz.shapes import Rule, among, each, shape, text, whole
from simulator.carriers.paper import A4, A6, Code, Label
from simulator.carriers.wire import Response, as_file, as_json
from simulator.carriers.world import Parcel

PDF = "application/pdf"
ON_A4 = 4
TYPE: dict[str, Rule] = {"printType": among(("PDF", "ZPL", "EPL"))}
PAGE: dict[str, Rule] = {
    "printProperties": shape({"pageSize": among(("A6", "A4")), "labelsPerPage": whole(1, ON_A4)}),
}
ONE = shape(TYPE, PAGE)
SEVERAL = shape({**TYPE, "parcels": each(shape({"parcelNumber": text()}))}, PAGE)
A_LABEL = {"pageSize": "A6", "labelsPerPage": 1}
DROP_OFF = shape({"aztec": shape({"format": among(("PNG",))})})


def several(asked: Asked) -> Response:
    """Print parcels in the order asked; an unknown number refuses them all."""
    told = asked.body()
    SEVERAL(told, "")
    return _printed(asked, told, [asked.parcel(one["parcelNumber"]) for one in told["parcels"]])


def one(asked: Asked) -> Response:
    """Print the parcel of a number, `no-` and a number, or `id-` and the id of the parcel (not of its shipment)."""
    told, ident = asked.body(), asked.ident
    ONE(told, "")
    if ident.startswith("id-"):
        known = (parcel.number for parcel in asked.world.parcels.values() if f"id-{parcel.bag['id']}" == ident)
        return _printed(asked, told, [asked.parcel(next(known, ident))])
    return _printed(asked, told, [asked.parcel(ident.removeprefix("no-"))])


def drop_off(asked: Asked) -> Response:
    """Answer the PIN and the Aztec code of a parcel that gets no label, each time the same."""
    DROP_OFF(asked.body(), "")
    parcel = asked.parcel(asked.ident)
    book.commit([_shipment(asked, parcel)], book.LABEL_LESS)
    pin = parcel.bag.setdefault("pin", f"{asked.world.serial('pins', 40_213_377)}")
    # guess: that the code holds the number, and that the picture is in base64
    picture = base64.b64encode(aztec.png(parcel.number)).decode()
    return as_json({"pin": {"value": pin}, "aztec": {"value": picture}})


def _printed(asked: Asked, told: dict[str, Any], parcels: Sequence[Parcel]) -> Response:
    kind = told["printType"]
    # guess: that ZPL and EPL, for which the contract shows no properties, may have them and may lack them
    if kind == "PDF" and "printProperties" not in told:
        raise wrong("printProperties", "is required")
    properties = told.get("printProperties", A_LABEL)
    a_page = properties["labelsPerPage"]
    if properties["pageSize"] == "A6" and a_page != 1:
        raise wrong("printProperties.labelsPerPage", "A6 holds one")
    if kind != "PDF" and properties["pageSize"] != "A6":
        raise wrong("printProperties.pageSize", f"{kind} has A6 alone")  # guess
    is_binary = _is_binary(asked, kind)
    shipments = [_shipment(asked, parcel) for parcel in parcels]
    book.commit(shipments, book.LABELLED)
    labels = [_label(asked, shipment, parcel) for shipment, parcel in zip(shipments, parcels, strict=True)]
    pages = list(_pages(kind, properties["pageSize"], [labels[n : n + a_page] for n in range(0, len(labels), a_page)]))
    if is_binary:
        return as_file(_joined(pages))
    # guess: one entry a page, and that it says no number
    return as_json({"labels": [{"content": base64.b64encode(page).decode()} for page in pages]})


def _is_binary(asked: Asked, kind: str) -> bool:
    """Say whether a PDF is wanted as it is. guess: whoever names neither kind is refused, so that clients name one."""
    wanted = [one.partition(";")[0].strip().lower() for one in asked.request.headers.get("accept", "").split(",")]
    if kind == "PDF" and PDF in wanted:
        return True
    if "application/json" in wanted:
        return False
    raise Problem(406, "NOT_ACCEPTABLE", "Accept must be application/json, or application/pdf for PDF", str(wanted))


def _pages(kind: str, size: str, sheets: Sequence[Sequence[Label]]) -> Iterator[bytes]:
    for labels in sheets:
        if kind == "PDF":
            yield paper.pdf(labels, size=A6, page=A4 if size == "A4" else None)
        elif kind == "ZPL":
            yield paper.zpl(labels).encode()
        else:
            yield "".join(_epl(label) for label in labels).encode("ascii")


def _joined(pages: Sequence[bytes]) -> bytes:
    if len(pages) == 1:
        return pages[0]
    writer, made = PdfWriter(), io.BytesIO()
    for page in pages:
        writer.append(io.BytesIO(page))
    writer.write(made)
    return made.getvalue()


def _label(asked: Asked, shipment: Shipment, parcel: Parcel) -> Label:
    told, box = shipment.told, shipment.told["parcels"][parcel.bag["n"]]
    whom = subjects.receiver(asked, told)
    info, to = whom["info"], whom["address"]
    point = asked.world.points.get(parcel.point)
    cod = f"COD {parcel.cod[0]} {parcel.cod[1]}" if parcel.cod else ""
    lines = (
        info["name1"],
        info.get("name2", ""),
        f"{point.id} {point.name}" if point else f"{to['street']} {to.get('houseNumber', '')}".strip(),
        f"{point.zip} {point.city}" if point else f"{to['postalCode']} {to['city']}",
        to["country"]["isoAlpha2"],
        info.get("contact", {}).get("phone", ""),
        f"{parcel.bag['n'] + 1}/{len(shipment.parcels)}  {box['weightGrams'] / 1_000:.2f} kg",
        *told.get("references", {}).values(),
        *box.get("references", {}).values(),
    )
    code, service = parcel.barcode, parcel.barcode[-6:-3]
    return Label(
        (Code(code, shown=numbers.shown(code)),), tuple(line for line in lines if line), f"DPD {service} {cod}".strip()
    )


def _epl(label: Label) -> str:
    """Return a label in EPL2, which has ASCII alone."""
    rows = ["N", "q839", "Q1182,24"]
    y = 40
    for code in label.codes:
        rows.append(f'B40,{y},0,1,2,4,160,N,"{_held(code.drawn)}"')
        rows.append(f'A40,{y + 170},0,3,1,1,N,"{_held(code.shown or code.text)}"')
        y += 220
    for line in (label.mark, *label.lines):
        rows.append(f'A40,{y},0,3,1,1,N,"{_held(line)}"')
        y += 30
    return "\n".join([*rows, "P1\n"])


def _held(line: str) -> str:
    return " ".join(paper.plain(line).split()).replace("\\", "\\\\").replace('"', '\\"')


def _shipment(asked: Asked, parcel: Parcel) -> Shipment:
    return asked.world.bag["shipments"][parcel.bag["shipment"]]
