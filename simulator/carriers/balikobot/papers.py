"""Documents behind links that need no login: labels, the protocol of a hand-over, its file, proof of delivery (6.3).

A link holds what it is of, packed, as `eNor…` and the point at its end; that is how they look in the contract.
"""

import base64
import binascii
import zlib
from itertools import islice
from typing import Any

from simulator.carriers import paper
from simulator.carriers.balikobot import inners
from simulator.carriers.balikobot.asking import Asked, Method
from simulator.carriers.lives import Step
from simulator.carriers.paper import A4, A6, Code, Label, Symbology
from simulator.carriers.wire import Request, Response, as_file, as_text
from simulator.carriers.world import Parcel, World

KINDS = ("labels", "handover", "file", "pod")
ON_A_PAGE = 60
LONGEST = 1_000_000


def labels_url(world: World, inner: str, package_ids: list[str]) -> str:
    """Return where the labels of packages are, in this order."""
    return url(world, inner, "labels", package_ids)


def url(world: World, inner: str, kind: str, ids: list[str]) -> str:
    """Return a link to a document."""
    packed = base64.urlsafe_b64encode(zlib.compress(f"{kind} {' '.join(ids)}".encode(), 9)).decode()
    return f"{world.base_url}/pdf/{inner}/{packed.rstrip('=')}."


def answer(world: World, request: Request) -> Response:
    """Answer a link. Guess: one who shows credentials where none are needed is refused, for they would leak."""
    if request.method != "GET":
        return as_text("only GET\n", 405)
    if "authorization" in request.headers:
        return as_text("documents are downloaded without a login\n", 400)
    parts = request.parts()
    kind, *ids = _unpacked(parts[2]) if len(parts) == 3 else [""]
    if kind not in KINDS:
        return as_text("not found\n", 404)
    if kind in ("handover", "file"):
        made = world.bag["orders"].get(ids[0] if ids else "")
        packages = [] if made is None else [world.bag["ids"].get(id_) for id_ in made["package_ids"]]
    else:
        packages = [world.bag["ids"].get(id_) for id_ in ids]
    found = [world.parcels[number] for number in packages if number is not None]
    if not found or len(found) < len(packages) or {one.bag["inner"] for one in found} != {parts[1]}:
        return as_text("not found\n", 404)
    return _document(world, kind, ids[0], found)


def pod(asked: Asked) -> dict[str, Any]:
    """Return where the proofs of delivery are. Guess: all but that there is such a method, on the v1 host."""
    return {"status": 200, "packages": [_proof(asked, number) for number in asked.listed("carrier_ids")]}


def _document(world: World, kind: str, first: str, packages: list[Parcel]) -> Response:
    if kind == "labels":
        return as_file(_labels(world, packages))
    if kind == "handover":
        return as_file(paper.pdf(_protocol(first, packages), size=A4))
    if kind == "pod":
        return as_file(paper.pdf([Label((Code(one.number),), ("Doručeno",)) for one in packages], size=A4))
    rows = ["eid;carrier_id", *(f"{one.reference};{one.number}" for one in packages)]
    return as_text("\n".join(rows) + "\n", kind="text/csv; charset=utf-8")


def _labels(world: World, packages: list[Parcel]) -> bytes:
    """Return labels as the client zone has it, not the call: A6 one by one, or on A4 from a position on."""
    given = world.accounts[packages[0].account].given
    sheet = A4 if given["layout"] == "A4" else None
    labels = [label for package in packages for label in _of(world, package)]
    return paper.pdf(labels, size=A6, page=sheet, skip=given["position"] - 1 if sheet else 0)


def _of(world: World, package: Parcel) -> list[Label]:
    """Return a label for every box of a package."""
    told, point = package.bag["told"], world.points.get(package.point)
    lines = (
        told.get("rec_name", ""),
        told.get("rec_firm", ""),
        point.name if point else f"{told.get('rec_street', '')} {told.get('rec_house_number', '')}".strip(),
        f"{told.get('rec_zip', '')} {told.get('rec_city', '')} {told.get('rec_country', 'CZ')}".strip(),
        told.get("rec_phone", ""),
        f"Dobírka {package.cod[0]} {package.cod[1]}, VS {told['vs']}" if package.cod else "",
        f"{package.reference} {told.get('real_order_id', '')}".strip(),
        told.get("note", ""),
    )
    mark = f"{inners.INNERS[package.bag['inner']].name} {told['service_type']}"
    shown = tuple(line for line in lines if line)
    texts = [package.barcode, *(package.barcode.replace(package.number, piece) for piece in package.bag["pieces"])]
    return [Label(_codes(package.bag["inner"], text), shown, mark) for text in texts]


def _codes(inner: str, text: str) -> tuple[Code, ...]:
    """Return the bars of a label; Packeta's have the number as a square too (carriers.md 1.3)."""
    return (Code(text), Code(text, Symbology.QR)) if inner == "zasilkovna" else (Code(text),)


def _protocol(order_id: str, packages: list[Parcel]) -> list[Label]:
    left, pages = iter(packages), list[Label]()
    while some := list(islice(left, ON_A_PAGE)):
        lines = tuple(f"{one.number}  {one.reference}" for one in some)
        pages.append(Label((Code(order_id),), lines, f"Predavaci protokol {order_id}, {len(packages)} ks"))
    return pages


def _proof(asked: Asked, number: str) -> dict[str, Any]:
    package = asked.numbered(number)
    if package is None or "order" not in package.bag or asked.world.step(package) is not Step.DELIVERED:
        return {"carrier_id": number, "status": 404}
    link = url(asked.world, asked.inner.code, "pod", [package.bag["package_id"]])
    return {"carrier_id": number, "status": 200, "file_url": link}


def _unpacked(token: str) -> list[str]:
    try:
        packed = base64.urlsafe_b64decode(token.removesuffix(".") + "==")
        return zlib.decompressobj().decompress(packed, LONGEST).decode().split(" ")
    except (ValueError, binascii.Error, zlib.error):
        return [""]


METHODS: dict[str, Method] = {"pod": pod}
