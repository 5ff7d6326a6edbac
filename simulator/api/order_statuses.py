"""/order-statuses: not paged, writes take a single object as root (contract 4.6, T56)."""

from simulator import changes
from simulator.ask import Ask, Page, Refused
from simulator.shop import Record
from simulator.wire import as_bool, as_int, dumps, message


def get(ask: Ask) -> Page:
    """Return the statuses, or the one in the path, or those of a type."""
    id_, type_ = ask.number("id"), ask.first("type")
    rows = [
        row
        for row in ask.shop.statuses.values()
        if (id_ is None or row["id"] == id_) and (type_ is None or row["type"] == type_)
    ]
    return Page("order_statuses", [dumps(row) for row in rows])


def post(ask: Ask) -> Record:
    """Create a status of type `Custom`."""
    body = ask.body()
    names = _names(body)
    if not names:
        return {"order_status": {"id": None, "created_yn": False, "messages": [_missing("descriptions")]}}
    if ask.pretend:
        return {"order_status": {"id": max(ask.shop.statuses) + 1, "created_yn": True, "messages": []}}
    row = changes.create_status(ask.world, ask.shop, names, caused_by=ask.user.login, **_fields(body))
    return {"order_status": {"id": row["id"], "created_yn": True, "messages": []}}


def put(ask: Ask) -> Record:
    """Change a status."""
    body = ask.body()
    id_, names = as_int(body.get("id")), _names(body)
    if id_ not in ask.shop.statuses or not names:
        missing = _missing("id" if id_ not in ask.shop.statuses else "descriptions")
        return {"order_status": {"id": id_, "updated_yn": False, "messages": [missing]}}
    if not ask.pretend:
        changes.rename_status(ask.world, ask.shop, id_, names, caused_by=ask.user.login, **_fields(body))
    return {"order_status": {"id": id_, "updated_yn": True, "messages": []}}


def delete(ask: Ask) -> Record:
    """Delete a status; a system one stays."""
    id_ = ask.number("id")
    row = ask.shop.statuses.get(id_) if id_ is not None else None
    if id_ is None or row is None or row["type"] != "Custom":
        text = "Stav neexistuje" if row is None else "Systémový stav nelze smazat"
        return {"order_status": {"id": id_, "deleted_yn": False, "messages": [message(text, object_="order_status")]}}
    if not ask.pretend:
        changes.delete_status(ask.world, ask.shop, id_, caused_by=ask.user.login)
    return {"order_status": {"id": id_, "deleted_yn": True, "messages": []}}


def _names(body: Record) -> dict[str, str]:
    rows = body.get("descriptions")
    if not isinstance(rows, list):
        raise Refused(400, "descriptions je povinné pole")
    return {str(row["language_id"]): str(row["name"]) for row in rows if isinstance(row, dict) and row.get("name")}


def _fields(body: Record) -> Record:
    flags = {name: as_bool(body[name]) or False for name in ("mark_resolved_yn", "mark_paid_yn") if name in body}
    return flags | ({"color": body["color"]} if body.get("color") else {})


def _missing(name: str) -> Record:
    return message("Povinná hodnota chybí nebo neexistuje", object_="order_status", property_=name)


METHODS = {"GET": get, "POST": post, "PUT": put}
