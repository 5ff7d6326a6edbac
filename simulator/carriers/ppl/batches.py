"""Shipments by the batch: taken at once, imported a little later, their labels behind links of their own (2.2, 2.3).

A batch is refused whole where a field is wrong; what is wrong with a shipment otherwise is told when it is imported.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from simulator.carriers import wire
from simulator.carriers.ppl import fields, labels, links, problems, products
from simulator.carriers.ppl.problems import Problem
from simulator.carriers.ppl.products import PRODUCTS, Shipment
from simulator.carriers.ppl.shapes import checked
from simulator.carriers.wire import Request, Response
from simulator.carriers.world import Account, Parcel, World

IMPORT_S = 2.0  # "usually about two seconds"
NEXT_ONE_S = 0.005  # and a shipment later than the one before it: a batch is not ready all at once
READABLE = timedelta(days=30)
MOST_LABELS = 200
FIRST_SERIAL = 12_345
DEPOT = "09"


@dataclass
class Piece:
    """A parcel with its label's link. `relation`: "" for a shipment's own one."""

    number: str
    data: str
    relation: str = ""


@dataclass
class Line:
    """A shipment of a batch. `fault`: the code of what import finds wrong."""

    shipment: Shipment
    ready_at: datetime
    fault: str | None = None
    pieces: list[Piece] = field(default_factory=list)


@dataclass
class Batch:
    """What one call brought. `settings`: how labels are to look; `data`: the link to all of them, None unless asked."""

    id: str
    account: str
    made_at: datetime
    settings: dict[str, Any]
    order_by: str
    data: str | None
    lines: list[Line] = field(default_factory=list)

    def ready(self, now: datetime) -> list[Line]:
        """Return what was imported well by now."""
        return [line for line in self.lines if line.fault is None and line.ready_at <= now]


def create(world: World, request: Request, account: Account) -> Response:
    """Take a batch: 201 with nothing but the place where to ask for it."""
    asked = checked(problems.body(request), fields.SHIPMENTS)
    errors = dict(_wrong(asked["shipments"]))
    if errors:
        raise Problem(400, errors=errors)
    now, settings = world.now(), asked.get("labelSettings") or {}
    batch = Batch(
        id=f"5d3c0f10-0000-4000-8000-{world.serial('batches'):012d}",
        account=account.name,
        made_at=now,
        settings=settings,
        order_by=asked.get("shipmentsOrderBy") or "",
        data=_guid(world) if _complete(settings).get("isCompleteLabelRequested") else None,
    )
    for n, shipment in enumerate(asked["shipments"]):
        line = Line(shipment, now + timedelta(seconds=IMPORT_S + n * NEXT_ONE_S), products.fault(world, shipment))
        if line.fault is None:
            line.pieces = list(_pieces(world, batch, line))
        batch.lines.append(line)
    world.bag["batches"][batch.id] = batch
    _link(world, batch)
    return Response(201, {"location": f"{links.base(world, request)}/shipment/batch/{batch.id}"})


def _wrong(shipments: list[Shipment]) -> Iterator[tuple[str, list[str]]]:
    """Tell what is wrong between fields: a reference twice, a set that is miscounted, a number out of no range."""
    seen: set[str] = set()
    for n, shipment in enumerate(shipments):
        path, reference = f"shipments[{n}]", shipment["referenceId"]
        if reference in seen:
            yield f"{path}.referenceId", ["The ReferenceId must be unique inside the batch."]
        seen.add(reference)
        given: Shipment = shipment.get("shipmentSet") or {}
        items = given.get("shipmentSetItems")
        if items and len(items) != given["numberOfShipments"]:
            yield f"{path}.shipmentSet.numberOfShipments", ["The value differs from the count of ShipmentSetItems."]
        # Accounts of the simulator have no number range of their own.
        if shipment.get("shipmentNumber") or any(item.get("shipmentNumber") for item in items or ()):
            yield f"{path}.shipmentNumber", ["The customer has no number range."]


def _pieces(world: World, batch: Batch, line: Line) -> Iterator[Piece]:
    shipment, items = line.shipment, products.parcels(line.shipment)
    reference = shipment["referenceId"]
    for n, item in enumerate(items):
        # The ledger counts second labels by reference, and the second parcel of a set is none.
        known_as = reference if n == 0 else f"{reference}#{n + 1}"
        parcel = _made(world, batch, line, known_as, item, is_first=n == 0)
        parcel.bag["of"] = (n + 1, len(items))
        yield Piece(parcel.number, _guid(world), "" if n == 0 else "ShipmentSet")
    services = [one["code"] for one in shipment.get("services") or ()]
    attached = {"DocumentBack": products.DOCUMENTS_BACK in services, "Dormant": bool(shipment.get("dormant"))}
    for relation in (relation for relation, is_asked in attached.items() if is_asked):
        parcel = _made(world, batch, line, f"{reference}#{relation}", {}, is_first=False)
        parcel.bag["relation"] = relation
        yield Piece(parcel.number, _guid(world), relation)


def _made(world: World, batch: Batch, line: Line, reference: str, item: Shipment, *, is_first: bool) -> Parcel:
    """Make a parcel. Its COD is that of the shipment, once (that the first parcel bears it is UNCERTAIN)."""
    shipment, cod = line.shipment, line.shipment.get("cashOnDelivery")
    return world.make(
        _number(world, shipment),
        reference=reference,
        account=batch.account,
        point=products.point_of(shipment),
        town=shipment["recipient"].get("city") or "",
        cod=(str(cod["codPrice"]), cod["codCurrency"]) if cod and is_first else None,
        shipment=shipment,
        ready_at=line.ready_at,
        # Items have numbers of their own; that the shipment's are every parcel's, nobody says (UNCERTAIN): they are the
        # first one's, and each has what its item says.
        external=[*((shipment.get("externalNumbers") or ()) if is_first else ()), *(item.get("externalNumbers") or ())],
        relation="",
        of=(1, 1),
    )


def _number(world: World, shipment: Shipment) -> str:
    """Return the next number, built like those of 2.2 (its COD digit 8 for smart, 2.7, is SINGLE and not followed)."""
    product = PRODUCTS[shipment["productType"]]
    depot, cod = shipment.get("depot") or DEPOT, 9 if product.has_cod else 5
    return f"{product.digit}{depot:0>2}{cod}{world.serial('shipments', FIRST_SERIAL):07d}"


def _guid(world: World) -> str:
    return f"8b1f2c7e-0000-4000-8000-{world.serial('data'):012d}"


def _link(world: World, batch: Batch) -> None:
    if batch.data:
        world.bag["data"][batch.data] = (batch, None)
    world.bag["data"] |= {piece.data: (batch, piece) for line in batch.lines for piece in line.pieces}


def _complete(settings: dict[str, Any]) -> dict[str, Any]:
    return settings.get("completeLabelSettings") or {}


def state(world: World, request: Request, account: Account) -> Response:
    """Answer how far a batch is."""
    problems.known(request, ())
    batch, now, base = _batch(world, request, account), world.now(), links.base(world, request)
    is_over = all(line.ready_at <= now for line in batch.lines)
    urls = [f"{base}/data/{batch.data}"] if is_over and batch.data and batch.ready(now) else []
    return wire.as_json(
        {
            "completeLabel": {"labelUrls": urls} if batch.data else None,
            "items": [_item(batch, line, now, base) for line in batch.lines],
        }
    )


def _item(batch: Batch, line: Line, now: datetime, base: str) -> dict[str, Any]:
    told = {
        "referenceId": line.shipment["referenceId"],
        "shipmentNumber": None,
        "importState": _state(batch, line, now),
        "labelUrl": None,
        "insurancePrice": 0,
        "insuranceCurrency": "CZK",
        "errorCode": None,
        "errorMessage": None,
        "relatedItems": [],
    }
    if told["importState"] == "Error":
        return told | {"errorCode": line.fault, "errorMessage": products.MESSAGES[line.fault or ""]}
    if told["importState"] != "Complete":
        return told
    first, *others = line.pieces
    insurance = line.shipment.get("insurance") or {}
    has_label = not (line.shipment.get("labelService") or {}).get("labelless")
    return told | {
        "shipmentNumber": first.number,
        "labelUrl": f"{base}/data/{first.data}" if has_label else None,
        "insurancePrice": _plain(insurance.get("insurancePrice", 0)),
        "insuranceCurrency": insurance.get("insuranceCurrency", "CZK"),
        "relatedItems": [
            {
                "shipmentNumber": piece.number,
                "importState": "Complete",
                "relationType": piece.relation,
                "labelUrl": f"{base}/data/{piece.data}" if has_label else None,
            }
            for piece in others
        ],
    }


def _state(batch: Batch, line: Line, now: datetime) -> str:
    if now >= line.ready_at:
        return "Complete" if line.fault is None else "Error"
    return "InProcess" if now - batch.made_at >= (line.ready_at - batch.made_at) / 2 else "Accepted"


def _plain(price: Any) -> Any:
    return float(price) if isinstance(price, Decimal) else price


def change(world: World, request: Request, account: Account) -> Response:
    """Change how the labels of a batch look; links stay. Its answer is UNCERTAIN: 200 without a body."""
    batch = _batch(world, request, account)
    asked = checked(problems.body(request), fields.NEW_LABELS)
    batch.settings = batch.settings | (asked.get("labelSettings") or {})
    batch.order_by = asked.get("shipmentsOrderBy") or batch.order_by
    if batch.data is None and _complete(batch.settings).get("isCompleteLabelRequested"):
        batch.data = _guid(world)
        _link(world, batch)
    return Response(200)


def label(world: World, request: Request, account: Account) -> Response:
    """Return the labels of a batch as one file, or a part of them; 404 before the first is there (UNCERTAIN)."""
    problems.known(request, ("PageSize", "Position", "Limit", "Offset", "OrderBy"))
    batch = _batch(world, request, account)
    page = problems.chosen(request, "PageSize", fields.PAGE_SIZES, default="Default")
    position = problems.whole(request, "Position", least=1, most=4, default=1)
    limit = problems.whole(request, "Limit", least=1, most=MOST_LABELS, default=MOST_LABELS)
    offset = problems.whole(request, "Offset", least=0, default=0)
    order = request.one("OrderBy") and problems.chosen(request, "OrderBy", fields.ORDERS, default="")
    parcels = _parcels(world, batch, order or batch.order_by)[offset : offset + limit]
    return _printed(batch, parcels, page, position)


def data(world: World, request: Request, account: Account) -> Response:
    """Return the file behind a label's link."""
    problems.known(request, ())
    batch, piece = world.bag["data"].get(request.parts()[1], (None, None))
    if batch is None or not _is_readable(world, batch, account):
        raise Problem(404)
    if piece is None:
        complete = _complete(batch.settings)
        parcels = _parcels(world, batch, batch.order_by)
        return _printed(batch, parcels, complete.get("pageSize") or "Default", complete.get("position") or 1)
    parcels = [one for one in _parcels(world, batch, "") if one.number == piece.number]
    return _printed(batch, parcels, "Default", 1)


def _printed(batch: Batch, parcels: list[Parcel], page: str, position: int) -> Response:
    if not parcels:
        raise Problem(404)
    kind, dpi = batch.settings.get("format") or "Pdf", batch.settings.get("dpi") or 300
    return labels.printed(parcels, kind=kind, dpi=dpi, on_a4=page == "A4", position=position)


def _parcels(world: World, batch: Batch, order_by: str) -> list[Parcel]:
    """Return what of a batch has a label by now."""
    lines = batch.ready(world.now())
    if order_by == "ReferenceId":
        lines.sort(key=lambda line: line.shipment["referenceId"])
    numbers = [
        piece.number
        for line in lines
        for piece in line.pieces
        if not (line.shipment.get("labelService") or {}).get("labelless")
    ]
    return [world.parcels[number] for number in (sorted(numbers) if order_by == "ShipmentNumber" else numbers)]


def _batch(world: World, request: Request, account: Account) -> Batch:
    """Return the batch a path names, 404 for one that is unknown, another's, or older than 30 days."""
    batch: Batch | None = world.bag["batches"].get(request.parts()[2])
    if batch is None or not _is_readable(world, batch, account):
        raise Problem(404)
    return batch


def _is_readable(world: World, batch: Batch, account: Account) -> bool:
    return batch.account == account.name and world.now() - batch.made_at <= READABLE
