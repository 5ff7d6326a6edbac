"""/shipments, their pick-up points and groups (contract 4.9). Ids are strings here, ints in orders (T30)."""

import re

from simulator import changes
from simulator.api import listed
from simulator.ask import Ask, Page, Refused
from simulator.shop import Record
from simulator.wire import as_bool, dumps, message

PER_PAGE = 50  # guess: paged, size not stated, B14
OWN_ID = re.compile(r"[0-9A-Za-z]+")  # letters and digits, no spaces, no diacritics
REQUIRED = ("name", "street", "city", "zip", "country")


def get(ask: Ask) -> Page:
    """Return the shipments that pass every filter."""
    return ask.paged("shipments", listed.found(ask, ask.shop.shipments), dumps, PER_PAGE)


def groups(ask: Ask) -> Page:
    """Return the shipment groups."""
    return ask.paged("groups", [{"id": 1, "name": "Nadrozměrné", "position": 1}], dumps, PER_PAGE)


def points(ask: Ask) -> Page:
    """Return the pick-up points of a shipment."""
    id_, _ = _shipment(ask)
    return ask.paged("affiliates", ask.shop.affiliates.get(id_, []), dumps, 100)


def add_points(ask: Ask) -> Record:
    """Add pick-up points to a shipment of type `custom`; 403 for any other."""
    id_ = _own(ask)
    answers = []
    for row in ask.batch(ask.body(), "affiliates"):
        missing = [name for name in REQUIRED if not row.get(name)]
        messages = [message("Povinná hodnota chybí", object_="affiliate", property_=name) for name in missing]
        if row.get("affiliate_id") and not OWN_ID.fullmatch(str(row["affiliate_id"])):
            messages.append(message("Neplatné ID pobočky", object_="affiliate", property_="affiliate_id"))
        if not messages and not ask.pretend:
            known = ask.shop.affiliates.setdefault(id_, [])
            own_id = str(row.get("affiliate_id") or len(known) + 1)
            # Guess: an id that is there already makes a second point; the contract does not say.
            known.append({"affiliate_id": own_id, **{name: row[name] for name in REQUIRED}, "note": row.get("note")})
        answers.append({"created_yn": not messages, "messages": messages})
    if not ask.pretend:
        changes.touch_shipment(ask.world, ask.shop, id_)
    return {"affiliates": answers, "messages": []}


def remove_points(ask: Ask) -> Record:
    """Remove pick-up points by id, or all, from a shipment of type `custom`; 403 for any other."""
    id_ = _own(ask)
    known = ask.shop.affiliates.get(id_, [])
    body = ask.body() if ask.request.body else {}
    everything = ask.flag("delete_all_yn") or as_bool(body.get("delete_all_yn", False))
    wanted = [row["affiliate_id"] for row in known] if everything else ask.many("affiliate_ids")
    wanted = wanted or [str(value) for value in body.get("affiliate_ids") or []]
    present = {row["affiliate_id"] for row in known}
    if not ask.pretend:
        ask.shop.affiliates[id_] = [row for row in known if row["affiliate_id"] not in wanted]
    answers = [{"affiliate_id": name, "deleted_yn": name in present, "messages": []} for name in wanted]
    return {"affiliates": answers, "messages": []}


def _shipment(ask: Ask) -> tuple[int, Record]:
    id_ = ask.number("id")
    row = ask.shop.shipments.get(id_) if id_ is not None else None
    if id_ is None or row is None:
        raise Refused(404, "Doprava neexistuje")
    return id_, row


def _own(ask: Ask) -> int:
    id_, row = _shipment(ask)
    if row["type"] != "custom":
        raise Refused(403, "Pobočky lze měnit pouze u vlastní dopravy")
    return id_


AFFILIATES = {"GET": points, "POST": add_points, "DELETE": remove_points}
