"""Labels: Code 128 of the number and of the route, interleaved 2 of 5 of the number (2.3), in five formats.

How number and route share their Code 128 is UNCERTAIN: here they are two codes, so that one says the number alone.
"""

import io
from base64 import b64encode
from collections.abc import Sequence

from PIL import Image

from simulator.carriers import paper, wire
from simulator.carriers.paper import Code, Label, Millimetres, Symbology
from simulator.carriers.ppl import products
from simulator.carriers.ppl.products import PRODUCTS
from simulator.carriers.wire import Response
from simulator.carriers.world import Parcel

DOMESTIC: Millimetres = (127.0, 110.0)
ABROAD: Millimetres = (150.0, 100.0)


def printed(parcels: Sequence[Parcel], *, kind: str, dpi: int, on_a4: bool, position: int) -> Response:
    """Return the labels of parcels as one file.

    Four labels of 127×110 mm do not fit on an A4 sheet: there they are A6 (UNCERTAIN), places from left to right, then
    down. Only PDF knows sheets.
    """
    drawn = [_label(parcel) for parcel in parcels]
    sizes = {_size(parcel) for parcel in parcels}
    size = (max(width for width, _ in sizes), max(height for _, height in sizes))
    if kind == "Zpl":
        return wire.as_file(paper.zpl(drawn, size=size, dpi=dpi).encode(), "application/zpl")
    if kind != "Pdf":
        return _picture(parcels, kind)
    if on_a4:
        return wire.as_file(paper.pdf(drawn, size=paper.A6, page=paper.A4, skip=position - 1))
    return wire.as_file(paper.pdf(drawn, size=size))


def _size(parcel: Parcel) -> Millimetres:
    return ABROAD if products.is_abroad(parcel.bag["shipment"]) else DOMESTIC


def _label(parcel: Parcel) -> Label:
    shipment, (n, count) = parcel.bag["shipment"], parcel.bag["of"]
    to, number = shipment["recipient"], parcel.number
    route = f"{to['country']}{to['zipCode']}".replace(" ", "")
    lines = (
        to.get("name"),
        to.get("name2"),
        to.get("street"),
        f"{to['zipCode']} {to.get('city') or ''} {to['country']}",
        to.get("contact"),
        to.get("phone"),
        f"Výdejní místo {parcel.point}" if parcel.point else None,
        f"Dobírka {parcel.cod[0]} {parcel.cod[1]}" if parcel.cod else None,
        f"Ref. {shipment['referenceId']}",
        shipment.get("note"),
    )
    return Label(
        (Code(number), Code(route), Code(number, Symbology.I2OF5)),
        tuple(line for line in lines if line),
        mark=f"{parcel.bag['relation'] or PRODUCTS[shipment['productType']].name} {n}/{count}",
    )


def _picture(parcels: Sequence[Parcel], kind: str) -> Response:
    """Return pictures of the numbers' bars alone, one below the other (how several come at all is UNCERTAIN)."""
    bars = [Image.open(io.BytesIO(paper.png(Code(parcel.number)))).convert("L") for parcel in parcels]
    sheet = Image.new("L", (max(one.width for one in bars), sum(one.height + 20 for one in bars)), 255)
    top = 10
    for one in bars:
        sheet.paste(one, (0, top))
        top += one.height + 20
    made = io.BytesIO()
    sheet.save(made, "JPEG" if kind == "Jpeg" else "PNG")
    if kind == "Svg":
        return wire.as_file(_svg(made.getvalue(), sheet.size).encode(), "image/svg+xml")
    return wire.as_file(made.getvalue(), f"image/{kind.lower()}")


def _svg(png: bytes, size: tuple[int, int]) -> str:
    """Return a picture inside an SVG."""
    shape = f'width="{size[0]}" height="{size[1]}"'
    image = f'<image {shape} href="data:image/png;base64,{b64encode(png).decode()}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {shape}>{image}</svg>'
