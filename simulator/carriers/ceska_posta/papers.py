"""Labels by form: PDF on A6, A4 and stranger sheets, ZPL for Zebra (carriers.md 5.3)."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.carriers import paper
from simulator.carriers.ceska_posta import booking, codes, fields, login, rules, shapes
from simulator.carriers.paper import A4, A6, A6_LANDSCAPE, Code, Label, Millimetres
from simulator.carriers.wire import Request, Response, as_json
from simulator.carriers.world import Account, Parcel, World

A4_LANDSCAPE: Millimetres = (297.0, 210.0)
A5: Millimetres = (148.0, 210.0)
STICKER: Millimetres = (70.0, 37.0)  # 3×8 on A4
DOES_NOT_FIT = 378
UNKNOWN_PARCEL = 100

DOMESTIC = frozenset(rules.PRODUCTS) - {*rules.LETTERS, *rules.ABROAD}
PARCELS = frozenset(rules.PRODUCTS) - {*rules.LETTERS}
ALL = frozenset(rules.PRODUCTS)
LETTERS = frozenset(rules.LETTERS)
ABROAD = frozenset(rules.ABROAD)


@dataclass(frozen=True)
class Form:
    """A layout; `page`: the sheet several lie on. Guess: most of `products`, and sizes the contract does not give."""

    size: Millimetres
    page: Millimetres | None = None
    products: frozenset[str] = PARCELS
    is_zpl: bool = False

    @property
    def places(self) -> int:
        """Return how many labels a sheet holds."""
        across, down = (int(whole // part) for whole, part in zip(self.page or self.size, self.size, strict=True))
        return across * down


FORMS: dict[int, Form] = {
    101: Form(A6),
    100: Form(A6, A4),
    102: Form(A6_LANDSCAPE),
    103: Form(A6, A4, ALL),
    20: Form(A6_LANDSCAPE, A4_LANDSCAPE, ALL),
    21: Form(A6, products=ALL),
    39: Form(A6_LANDSCAPE, products=ALL),
    200: Form(A6, is_zpl=True),
    201: Form((100.0, 150.0), is_zpl=True),
    202: Form((100.0, 125.0), is_zpl=True),
    **dict.fromkeys((7, 8, 10, 11, 12), Form(A6, products=DOMESTIC)),
    22: Form((162.0, 114.0), products=LETTERS),
    23: Form((229.0, 162.0), products=LETTERS),
    24: Form((353.0, 250.0), products=LETTERS),
    25: Form((220.0, 110.0), products=LETTERS),
    26: Form(STICKER, A4, frozenset({"RR"})),
    40: Form(STICKER, A4, ALL),
    41: Form(A6, products=ALL),
    **dict.fromkeys((56, 58, 59, 60, 61, 62, 63), Form(A6, products=ABROAD)),
    57: Form(A5, products=ABROAD),
    **dict.fromkeys((72, 73), Form(A6, products=frozenset({"CE"}))),
}


def print_again(world: World, request: Request, account: Account) -> Response:
    """Answer `POST /parcelPrinting`: all labels in the order asked, or none."""
    login.contract(request, account)
    body = shapes.read(request, fields.PARCEL_PRINTING)
    header = body["printingHeader"]
    code, file = booking.wrong_customer(world, account, header) or codes.OK, ""
    if code == codes.OK:
        found = [world.parcels.get(number) for number in body["printingData"]]
        parcels = [one for one in found if one is not None and one.account == account.name]
        code = UNKNOWN_PARCEL  # guess: the code, and that one unknown number spoils the whole
        if len(parcels) == len(found):
            code, file = printed(world, parcels, header["idForm"], header.get("position", 1))
    told = {"printingStatusResponse": codes.told(code)}
    return as_json({"printingHeaderResult": told, "printingDataResult": file})


def printed(world: World, parcels: Sequence[Parcel], id_form: int, position: int) -> tuple[int, str]:
    """Return 1 and a document in Base64, or the code of a form that does not fit and nothing.

    Shifts are taken and not drawn: they are for printers that feed paper askew.
    """
    form = FORMS.get(id_form)
    if form is None or any(parcel.bag["record"].prefix not in form.products for parcel in parcels):
        return DOES_NOT_FIT, ""
    if form.page and position > form.places:
        return DOES_NOT_FIT, ""  # guess: the code
    labels = [_label(world, parcel) for parcel in parcels]
    if form.is_zpl:
        content = paper.zpl(labels, size=form.size).encode()
    else:
        content = paper.pdf(labels, size=form.size, page=form.page, skip=position - 1 if form.page else 0)
    return codes.OK, base64.b64encode(content).decode()


def _label(world: World, parcel: Parcel) -> Label:
    record: rules.Record = parcel.bag["record"]
    whom = parcel.bag["first"].address
    to = whom.get("address", {})
    point = world.points.get(parcel.point)
    lines = [
        " ".join(filter(None, (whom.get("firstName"), whom.get("surname")))),
        whom.get("company", ""),
        f"Balíkovna {point.name}" if point else f"{to.get('street', '')} {to.get('houseNumber', '')}".strip(),
        f"{to.get('zipCode', '')} {to.get('city', '')}".strip(),
        f"Dobírka {parcel.cod[0]} {parcel.cod[1]}, VS {record.params['vsVoucher']}" if parcel.cod else "",
        f"{record.box}/{record.boxes}" if record.boxes > 1 else "",
        record.params.get("notePrint", ""),
    ]
    return Label((Code(parcel.number),), tuple(line for line in lines if line), mark=record.prefix)
