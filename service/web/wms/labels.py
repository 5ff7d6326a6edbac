"""The labels of `/wms/v1` as one file to print, in the order the shipments were named (docs/wms.md)."""

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from carriers.base import Format
from service import shipments
from service.flows import labels
from service.flows.labels import ComeAgain, Incomplete, Refusal, TooMany, Wanted
from service.rig import Rig
from service.web import problem
from service.web.wms import cursors, door
from service.web.wms.door import Caller, Refused, answering

MOST = 100
ID_MOST = 100  # letters
LACKING = "Labels-Lacking"
MEDIA = {Format.PDF: "application/pdf", Format.ZPL: "text/plain; charset=utf-8"}
STATUS_OF = {"unknown_shipment": 404, "carrier_away": 503}  # of an item; 409 is any other's


def routes(rig: Rig) -> list[Route]:
    """Return the route of labels."""

    def printed(request: Request, caller: Caller) -> Response:
        wanted, partial = wanted_of(request), chosen(request, "partial", ("false", "true")) == "true"
        try:
            found = labels.run(rig, caller.tenants, wanted, by=caller.account_id, partial=partial)
        except Incomplete as fault:
            if fault.is_passing:
                raise Refused(503, "come_again", labels.AWAY[1], retry_after_s=labels.LATER_S) from None
            detail = "Not all of these labels can be printed; partial=true prints those that can."
            raise Refused(409, "labels", detail, more={"items": items(wanted.shipment_ids, fault.lacking)}) from None
        except TooMany:
            detail = f"A file holds {labels.PAGES_MOST} labels at most; these are more."
            raise Refused(422, "invalid", detail, field="ids") from None
        except ComeAgain as wait:
            raise Refused(503, "come_again", str(wait), retry_after_s=wait.after_s) from None
        headers = {
            "Content-Disposition": f'attachment; filename="labels.{wanted.kind}"',
            "Cache-Control": "no-store",
            **({LACKING: lacking(wanted.shipment_ids, found.lacking)} if found.lacking else {}),
        }
        return Response(found.label.content, headers=headers, media_type=MEDIA[wanted.kind])

    return [Route("/wms/v1/labels", answering(rig, printed), methods=["GET"])]


def wanted_of(request: Request) -> Wanted:
    """Return what is to be printed; raise Refused that names the parameter at fault."""
    kind = Format(chosen(request, "format", ("pdf", "zpl")))
    on_a4 = chosen(request, "page", ("a6", "a4")) == "a4"
    start = cursors.number(request.query_params.get("from"), "from", least=1, most=4, default=1)
    if on_a4 and kind is Format.ZPL:
        raise Refused(422, "invalid", "ZPL is for rolls: page=a4 goes with format=pdf.", field="page")
    if start > 1 and not on_a4:
        raise Refused(422, "invalid", "from is the first place on a sheet of four: it goes with page=a4.", field="from")
    return Wanted(ids_of(request), kind, on_a4, start)


def ids_of(request: Request) -> Sequence[str]:
    """Return the shipments in the order named, each once; raise Refused."""
    ids = request.query_params.get("ids", "").split(",")
    if any(not 0 < len(each) <= ID_MOST for each in ids):
        raise door.malformed("ids", f"ids are those of 1 to {MOST} shipments, a comma between them.")
    if len(ids) > MOST:
        raise Refused(422, "invalid", f"At most {MOST} labels at once; these are {len(ids)}.", field="ids")
    if len({*ids}) < len(ids):
        raise Refused(422, "invalid", "A shipment stands twice in ids: two parcels would get one label.", field="ids")
    return ids


def chosen(request: Request, name: str, allowed: Sequence[str]) -> str:
    """Return which of these a parameter is, the first one without it; raise Refused."""
    said = request.query_params.get(name, allowed[0])
    if said not in allowed:
        raise door.malformed(name, f"{name} is {' or '.join(allowed)}.")
    return said


def items(ids: Sequence[str], lacking: Mapping[str, Refusal]) -> list[dict[str, object]]:
    """Return what is wrong with each, in the order asked."""
    return [
        {"index": index, "id": each, "status": status, "title": problem.phrase(status), "code": code, "detail": detail}
        for index, each in enumerate(ids)
        if each in lacking
        for code, detail in [lacking[each]]
        for status in [STATUS_OF.get(code, 409)]
    ]


def lacking(ids: Sequence[str], refused: Mapping[str, Refusal]) -> str:
    """Return what a file lacks as a header; what is no id of ours is named by its place alone."""
    return ", ".join(
        f"{each if shipments.tenant_of(each) else f'#{index}'}={refused[each][0]}"
        for index, each in enumerate(ids)
        if each in refused
    )
