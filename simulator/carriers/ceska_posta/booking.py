"""Registering one parcel, or a set of boxes, in one call (carriers.md 5.2)."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from simulator.carriers.ceska_posta import addressee, codes, fields, login, numbers, papers, rules, shapes
from simulator.carriers.ceska_posta.failures import Failure
from simulator.carriers.ceska_posta.rules import Record
from simulator.carriers.wire import Request, Response, as_json
from simulator.carriers.world import Account, Parcel, World

Judged = list[tuple[Record, str, list[int]]]
"""Records with the number each got ("" for none) and what is said of it."""


def create(world: World, request: Request, account: Account) -> Response:
    """Answer `POST /parcelService`: 200 also where the parcel is refused."""
    login.contract(request, account)
    body = shapes.read(request, fields.PARCEL_SERVICE)
    header = body["parcelServiceHeader"]
    wrong = wrong_header(world, request, account, header["parcelServiceHeaderCom"])
    if wrong:
        return as_json({"responseHeader": {"resultHeader": codes.told(wrong), "resultParcelData": []}})
    if "parcelServiceData" not in body:
        return _closed(world, account, header)
    records = boxes(body["parcelServiceData"], body.get("multipartParcelData", []))
    judged = judge(world, account, records)
    if not all(codes.is_good(found) for _, _, found in judged):
        # Good boxes of a refused set come with a number and a 1, and are not registered all the same.
        refused = {"resultHeader": codes.told(codes.BATCH_INVALID), "resultParcelData": results(judged)}
        return as_json({"responseHeader": refused})
    parcels = register(world, account, judged, header)
    answer: dict[str, Any] = {
        "resultHeader": codes.told(codes.OK),
        "resultParcelData": results(judged),
        "resultParcelCustomsGoods": [],
        "resultParcelCustomsDocument": [],
    }
    if "printParams" in header:
        answer["responsePrintParams"] = _print_params(world, header, parcels)
    return as_json({"responseHeader": answer})


def wrong_header(world: World, request: Request, account: Account, common: dict[str, Any]) -> int | None:
    """Return the code a whole call is refused with, None for a good header.

    Customer, posting office and location are insisted on together: accounts in production needed all three.
    """
    if code := wrong_customer(world, account, common):
        return code
    if common.get("locationNumber") not in account.given["locations"]:
        return codes.LOCATION
    if common.get("postCode") != account.login["post_code"]:
        return codes.POST_CODE
    try:
        day = date.fromisoformat(common["transmissionDate"])
    except ValueError as wrong:
        raise Failure(400, "transmissionDate: is not valid") from wrong
    return codes.IN_THE_PAST if day < world.today(request.at) else None


def wrong_customer(world: World, account: Account, header: dict[str, Any]) -> int | None:
    """Return 3 for somebody else's technological number or contract, 10 for nobody's."""
    customer, contract = header.get("customerID", ""), header.get("contractNumber", "")
    if customer not in {one.login["customer_id"] for one in world.accounts.values()}:
        return codes.CUSTOMER
    is_own = customer == account.login["customer_id"] and contract in ("", account.login["id_contract"])
    return None if is_own else codes.UNAUTHORIZED


def judge(world: World, account: Account, records: Iterable[Record]) -> Judged:
    """Return records with the number each of the good ones gets and the codes of each."""
    taken: set[str] = set()
    judged: Judged = []
    for record in records:
        found, number = rules.codes(world, account, record, taken=taken), ""
        if codes.is_good(found):
            number = record.params.get("parcelCode") or numbers.drawn(world, account, record.prefix) or ""
            found = found if number else [102]
        judged.append((record, number, found))
    return judged


def results(judged: Judged) -> list[dict[str, Any]]:
    """Return `resultParcelData`."""
    return [
        {"recordNumber": record.params["recordID"], "parcelCode": number, "parcelStateResponse": codes.states(found)}
        for record, number, found in judged
    ]


def register(world: World, account: Account, judged: Judged, header: dict[str, Any]) -> list[Parcel]:
    """Make parcels and close the posting, now or with a later call: `transmissionEnd` of this header says which."""
    first = judged[0][0]
    parcels = [
        _made(world, account, record, number, first if record.box > 1 else record) for record, number, _ in judged
    ]
    ends = header.get("transmissionEnd")
    for parcel in parcels:
        parcel.bag["is_open"] = ends is False
    if ends is False:
        world.bag["open"].setdefault(account.name, []).extend(parcels)
    elif ends:
        _close(world, account)
    return parcels


def _closed(world: World, account: Account, header: dict[str, Any]) -> Response:
    """Answer a request without a parcel; guess: it may only close, and finds the posting closed (15) when none is."""
    if not header.get("transmissionEnd"):
        raise Failure(400, "parcelServiceData: is required")
    code = codes.OK if world.bag["open"].get(account.name) else codes.CLOSED
    _close(world, account)
    return as_json({"responseHeader": {"resultHeader": codes.told(code), "resultParcelData": []}})


def _close(world: World, account: Account) -> None:
    for parcel in world.bag["open"].pop(account.name, []):
        parcel.bag["is_open"] = False


def _made(world: World, account: Account, record: Record, number: str, first: Record) -> Parcel:
    to, own = first.address.get("address", {}), record.params["recordID"]
    point = (
        addressee.balikovna(world, to.get("zipCode", "")) if record.prefix in (*rules.POINT, *rules.OFFICE) else None
    )
    is_named_after_first = record.box > 1 and own == first.params["recordID"]
    return world.make(
        number,
        reference=f"{own}#{record.box}" if is_named_after_first else own,  # not a second label of the same order
        account=account.name,
        point=point.id if point else "",
        town=to.get("city", "") or (point.city if point else ""),
        cod=record.cod if record.box == 1 else None,
        record=record,
        first=first,
    )


def facts(parcel: Parcel) -> dict[str, Any]:
    """Return what was told of a parcel; whom it goes to stands at the first box of a set."""
    record: Record = parcel.bag["record"]
    whom: dict[str, Any] = parcel.bag["first"].address
    name = whom.get("company") or " ".join(filter(None, (whom.get("firstName"), whom.get("surname"))))
    return {
        "customs": record.customs,
        "insured": record.params.get("insuredValue") if "7" in record.services else None,
        "services": record.services,
        "contact": {"name": name, "phone": whom.get("mobilNumber", ""), "email": whom.get("emailAddress", "")},
    }


def boxes(asked: dict[str, Any], further: list[dict[str, Any]]) -> list[Record]:
    """Return the boxes of a set, each told which of how many it is; 400 where they say otherwise themselves."""
    count, params = len(further) + 1, asked["parcelParams"]
    master = params.get("parcelCode", "")
    first = Record(
        params,
        asked.get("parcelServices", []),
        asked.get("parcelAddress", {}),
        asked.get("parcelCustomsDeclaration"),
        boxes=count,
        master=master,
    )
    more = [
        Record(box["addParcelData"], box.get("addParcelDataServices", []), box=n, boxes=count, master=master)
        for n, box in enumerate(further, 2)
    ]
    records = [first, *more]
    if wrong := [message for record in records for message in _miscounted(record)]:
        raise Failure(400, *wrong)  # guess: how it is refused
    return records


def _miscounted(record: Record) -> Iterator[str]:
    for name, right in (("sequenceParcel", record.box), ("quantityParcel", record.boxes)):
        if record.params.get(name, 1 if record.boxes == 1 else None) != right:
            yield f"{name}: must be {right} at box {record.box}"


def _print_params(world: World, header: dict[str, Any], parcels: list[Parcel]) -> dict[str, Any]:
    """Return the label; guess: one whose form does not fit leaves the parcel registered and the file empty."""
    params = header["printParams"]
    code, file = papers.printed(world, parcels, params["idForm"], header.get("position", 1))
    return {"file": file, "printParamsResponse": [codes.told(code)]}
