"""A hand-over of `/wms/v1`: parcels to their carrier, with its paper and a car where it sends one (docs/wms.md)."""

import csv
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from io import StringIO
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from carriers import registry
from service import handovers, shipments
from service.flows import call_off
from service.flows import handover as flow
from service.flows.handover import MOST, Nothing, Wanted
from service.handovers import Handover
from service.kit.clock import PRAGUE
from service.lanes import TenantId
from service.rig import Rig
from service.shipments import OtherBody
from service.steps import carriage, handing, reporting
from service.web import problem
from service.web.app import posts
from service.web.wms import door
from service.web.wms.asked import asking
from service.web.wms.door import Caller, Refused, answering
from service.web.wms.shipments import HEADER, Fault, Said, digest_of, key_of, read

NEWEST = 50
AHEAD = timedelta(days=30)  # no car is ordered for later
HEADS = ("order", "shipment", "carrier", "service", "box", "tracking_code")
STATUS_OF = {"unknown_shipment": 404}  # of an item; 409 is any other's
FORMULA = re.compile(r"^[=+\-@\t\r]")  # what a table would reckon with


def _day(said: object) -> object:
    return date.fromisoformat(said) if isinstance(said, str) and len(said) == 10 else said


def _hour(said: object) -> object:
    return time.fromisoformat(said) if isinstance(said, str) and len(said) == 5 else said


def _code(carrier: str) -> str:
    code = carriage.CODES.get(carrier, carrier)
    if code not in registry.ADAPTERS or carrier in carriage.CALLED:
        raise ValueError(f"is none of {', '.join(carriage.called(each) for each in registry.ADAPTERS)}")
    return code


Text = Annotated[str, Field(max_length=60)]
Needed = Annotated[str, Field(min_length=1, max_length=60)]


class Place(Said):
    """Where the car comes to."""

    name: Needed
    street: Needed
    house_number: Text = ""
    city: Needed
    zip: Needed
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    company: Text = ""
    phone: Text = ""
    email: Text = ""


class Car(Said):
    """When the car comes."""

    on: Annotated[date, BeforeValidator(_day)]
    since: Annotated[time, BeforeValidator(_hour), Field(alias="from")]
    until: Annotated[time, BeforeValidator(_hour), Field(alias="to")]
    note: Annotated[str, Field(max_length=300)] = ""
    address: Place | None = None


class HandoverSaid(Said):
    """What is handed over."""

    tenant: str
    carrier: Annotated[str, AfterValidator(_code)]
    shipments: Annotated[list[Annotated[str, Field(max_length=100)]], Field(min_length=1, max_length=MOST)] | None = (
        None
    )
    manifest: bool = False
    collection: Car | None = None


def routes(rig: Rig) -> list[Route]:
    """Return the doors of hand-overs."""
    doors = Doors(rig)
    path = "/wms/v1/handover"
    return [
        posts(path, answering(rig, doors.record)),
        Route(path, answering(rig, doors.newest), methods=["GET"]),
        Route(f"{path}/{{id}}", answering(rig, doors.one), methods=["GET"]),
        Route(f"{path}/{{id}}", answering(rig, doors.give_up), methods=["DELETE"]),
        Route(f"{path}/{{id}}/collection", answering(rig, asking(doors.call_off)), methods=["DELETE"]),
        Route(f"{path}/{{id}}/document", answering(rig, doors.document), methods=["GET"]),
    ]


class Doors:
    """What the doors do once it is known who calls."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig

    def record(self, request: Request, caller: Caller, body: bytes) -> Response:
        """Take a hand-over in; what comes of it is asked for by its id."""
        key, json = key_of(request), door.json_of(body)
        said = read(HandoverSaid, json, at="")
        if isinstance(said, Fault):
            raise Refused(422, "invalid", said.detail, field=said.field)
        wanted = wanted_of(said, caller, now=self._rig.now())
        digest = digest_of({"handover": json})
        try:
            made = flow.run(self._rig, caller.account_id, caller.tenants, wanted, key=key, digest=digest)
        except OtherBody:
            detail = "This key came before with another body; a new request needs a new key."
            raise Refused(422, "idempotency_key", detail, field=HEADER) from None
        except flow.NoSuchShop:
            raise door.unknown() from None
        except flow.NoContract:
            detail = "The shop has no login with this carrier."
            raise Refused(409, "no_contract", detail, field="/carrier") from None
        except flow.NoCollection:
            detail = "This carrier sends no car by its API, or the login does not say whose."
            raise Refused(409, "no_collection", detail, field="/collection") from None
        except Nothing as nothing:
            detail = "Nothing of it can be handed over."
            raise Refused(409, "nothing_to_hand_over", detail, more={"items": faults(nothing.refused)}) from None
        return JSONResponse(self._shown(wanted.tenant_id, [made])[0], 202)

    def newest(self, request: Request, caller: Caller) -> Response:
        """Show a shop's newest ones."""
        tenant_id = caller.shop(request.query_params.get("tenant", ""))
        with self._rig.db.tx(tenant_id) as conn:
            found = handovers.newest(conn, tenant_id, most=NEWEST)
        return JSONResponse({"handovers": self._shown(tenant_id, found)})

    def one(self, request: Request, caller: Caller) -> Response:
        """Show one."""
        tenant_id, found = self._found(request, caller)
        return JSONResponse(self._shown(tenant_id, [found])[0])

    def give_up(self, request: Request, caller: Caller) -> Response:
        """Let one be that somebody has seen to."""
        try:
            flow.give_up(self._rig, caller.tenants, request.path_params["id"], by=caller.account_id)
        except flow.NoHandover:
            raise unknown() from None
        except flow.NotParked as stands:
            raise Refused(409, "not_parked", f"There is nothing to decide: it is {stands.state}.") from None
        return self.one(request, caller)

    def call_off(self, request: Request, caller: Caller) -> Response:
        """Call its car off."""
        account_id = caller.account_id
        call_off.run(self._rig, caller.tenants, request.path_params["id"], account_id=account_id, by=account_id)
        return self.one(request, caller)

    def document(self, request: Request, caller: Caller) -> Response:
        """Hand out the carrier's paper, or our own list where it makes none."""
        tenant_id, found = self._found(request, caller)
        if not found.handed_at:
            raise Refused(409, "not_handed_over", "It is not handed over yet, so there is no paper of it.")
        with self._rig.db.tx(tenant_id) as conn:
            paper = handovers.document(conn, tenant_id, found.handover_id)
            lines = () if paper else handing.lines(conn, tenant_id, found)
        if paper:
            return Response(paper, headers=_as("handover.pdf"), media_type="application/pdf")
        return Response(listed(lines), headers=_as("handover.csv"), media_type="text/csv")

    def _shown(self, tenant_id: TenantId, found: Sequence[Handover]) -> list[dict[str, Any]]:
        """Return documents, with the shipments of all orders that go in the parcels."""
        said = {one for each in found for one in (*each.shipment_ids, *(item["id"] for item in each.refused))}
        with self._rig.db.tx(tenant_id) as conn:
            along = shipments.along(conn, tenant_id, [one for one in said if shipments.tenant_of(one) == tenant_id])
        return [document(each, along) for each in found]

    def _found(self, request: Request, caller: Caller) -> tuple[TenantId, Handover]:
        handover_id = request.path_params["id"]
        tenant_id = handovers.tenant_of(handover_id)
        if tenant_id is not None and tenant_id in caller.tenants:
            with self._rig.db.tx(tenant_id) as conn:
                if found := handovers.one(conn, tenant_id, handover_id):
                    return tenant_id, found
        raise unknown()


def unknown() -> Refused:
    """Return the answer to a hand-over that is not there or not the caller's."""
    return Refused(404, "unknown_handover", "There is no such hand-over here.")


def wanted_of(said: HandoverSaid, caller: Caller, *, now: datetime) -> Wanted:
    """Return what was said; raise Refused for a foreign shop, a shipment named twice, or a car that cannot come."""
    if said.shipments is not None and len({*said.shipments}) < len(said.shipments):
        raise Refused(422, "invalid", "A shipment stands twice in the list.", field="/shipments")
    tenant_id, car = caller.shop(said.tenant), said.collection
    if car is None:
        return Wanted(tenant_id, said.carrier, said.shipments, said.manifest, None)
    here = now.astimezone(PRAGUE)
    if not here.date() <= car.on <= here.date() + AHEAD:
        raise Refused(422, "invalid", "A car comes today or within 30 days.", field="/collection/on")
    if car.until <= car.since or (car.on == here.date() and car.until <= here.time()):
        raise Refused(422, "invalid", "to is later than from, and than now.", field="/collection/to")
    collection = {
        "on": car.on.isoformat(),
        "from": f"{car.since:%H:%M}",
        "to": f"{car.until:%H:%M}",
        "note": car.note,
        "address": car.address.model_dump() if car.address else None,
    }
    return Wanted(tenant_id, said.carrier, said.shipments, said.manifest, collection)


def document(each: Handover, along: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the document of one; `along`: the shipments that go in the parcels of others.

    What fell out later is noted by the shipment a parcel is booked for, and concerns those that go along, too.
    """
    car = each.collection
    refused = [
        {**item, "id": one}
        for item in each.refused
        for one in (item["id"], *(() if "index" in item else along.get(item["id"], ())))
    ]
    return {
        "id": each.handover_id,
        "tenant": handovers.tenant_of(each.handover_id),
        "carrier": carriage.called(each.carrier),
        "state": each.state.value,
        "reason": each.parked.value if each.parked else None,
        "why": each.why,
        "handed_over": reporting.stamp(each.handed_at) if each.handed_at else None,
        "manifest": {"number": each.manifest, "document": each.has_document} if each.handed_at else None,
        "collection": {**car, **how_it_stands(each)} if car else None,
        "shipments": [one for leading in each.shipment_ids for one in (leading, *along.get(leading, ()))],
        "refused": faults(refused),
        "created": reporting.stamp(each.created_at),
        "changed": reporting.stamp(each.changed_at),
    }


def how_it_stands(each: Handover) -> dict[str, Any]:
    """Return what became of the car that was asked for."""
    return {
        "ordered": each.car_at is not None,
        "number": each.car or None,
        "refused": reporting.stamp(each.car_refused_at) if each.car_refused_at else None,
        "cancelled": reporting.stamp(each.car_cancelled_at) if each.car_cancelled_at else None,
    }


def faults(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what is not handed over, each as a problem of its own."""
    return [
        {**item, "status": status, "title": problem.phrase(status)}
        for item in items
        for status in [STATUS_OF.get(item["code"], 409)]
    ]


def listed(lines: Sequence[Sequence[str]]) -> str:
    """Return a table; what a spreadsheet would take for a formula is text in it."""
    out = StringIO()
    table = csv.writer(out)
    table.writerow(HEADS)
    table.writerows([FORMULA.sub(r"'\g<0>", cell) for cell in line] for line in lines)
    return out.getvalue()


def _as(name: str) -> Mapping[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
