"""The form of what is to be packed: which orders were chosen, as they were shown, and their boxes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from carriers.shipment import Box
from service.steps.packing import Wish
from service.web import boxes
from service.web.acts import number
from service.web.pack_view import AT_ONCE, Typed, Way

KEY = re.compile(r"f_[a-z0-9]{12}")
TOGETHER = "together"
ALONG = "-"  # typed for boxes: what the order holds lies in the boxes of the others
TOGETHER_MOST = 21  # as at the door of warehouses
FIELDS_MOST = 5 * AT_ONCE + 20


@dataclass(frozen=True)
class Chosen:
    """An order as it was shown; `boxes` None: what was typed is none. `way`: with whom, where somebody chose."""

    revision: int
    number: str
    typed: str
    boxes: tuple[Box, ...] | None
    way: Way

    @property
    def goes_along(self) -> bool:
        """Say whether it has no box of its own."""
        return self.typed == ALONG

    @property
    def wish(self) -> Wish:
        """Return how it is to be booked."""
        return Wish(self.boxes or (), carrier=self.way.carrier, service=self.way.service)

    @property
    def said(self) -> list[object]:
        """Return what was asked for, to know it again by."""
        return [self.number, self.revision, self.typed, *([self.way.text] if self.way.text else [])]


def chosen(form: Mapping[str, str]) -> list[Chosen]:
    """Return the orders of an act: the one whose button was pressed, all that were ready, or those that were ticked."""
    places = [place for place in range(AT_ONCE) if f"shown{place}" in form]
    if "only" in form:
        wanted = [place for place in places if str(place) == form["only"]]
    elif form.get("act") == "all":
        wanted = [place for place in places if {f"ready{place}", f"boxes{place}", f"way{place}"} & form.keys()]
    else:
        wanted = [place for place in places if f"tick{place}" in form]
    return [_read(form, place) for place in wanted]


def wishes(found: Sequence[Chosen], *, is_one: bool) -> list[tuple[str, Wish]]:
    """Return how orders are to be booked; `is_one`: in one parcel, with all their boxes, under the first one's name."""
    if not is_one:
        return [(each.number, each.wish) for each in found]
    first, *others = found
    way = next((each.way for each in found if each.way.text), first.way)
    packed = tuple(box for each in found for box in each.boxes or ())
    also = tuple(each.number for each in others)
    return [(first.number, Wish(packed, also=also, carrier=way.carrier, service=way.service))]


def faults(found: Sequence[Chosen], *, is_one: bool) -> dict[str, str]:
    """Return what is wrong with orders as they are packed, a word each by order; `is_one`: in one parcel."""
    odd = [each.number for each in found if each.boxes is None and not (is_one and each.goes_along)]
    return dict.fromkeys(odd, "pack_fault_boxes") or (_apart(found) if is_one else {})


def _apart(found: Sequence[Chosen]) -> dict[str, str]:
    """Return what keeps orders from one parcel: nothing that was typed is left out unseen.

    Each has boxes or says that it goes along in those of the others, or none has any; no two go different ways.
    """
    is_packed = any(each.boxes for each in found)
    way = next((each.way.text for each in found if each.way.text), "")
    boxless = {each.number: "pack_fault_along" for each in found if bool(each.typed) != is_packed}
    return boxless | {each.number: "pack_fault_ways" for each in found if each.way.text not in ("", way)}


def are_too_many(found: Sequence[Chosen]) -> bool:
    """Say whether they are more than go in one parcel."""
    return len(found) > TOGETHER_MOST or sum(len(each.boxes or ()) for each in found) > boxes.MOST


def typed(form: Mapping[str, str], found: Sequence[Chosen]) -> Typed:
    """Return the form as it was filled in, with these orders chosen."""
    every = [_read(form, place) for place in range(AT_ONCE) if f"shown{place}" in form]
    return Typed(
        {each.number: each.typed for each in every if each.typed},
        ticked=[each.number for each in found],
        ways={each.number: each.way for each in every if each.way.text},
    )


def _read(form: Mapping[str, str], place: int) -> Chosen:
    revision, _, name = form[f"shown{place}"].partition(".")
    text = form.get(f"boxes{place}", "").strip()
    found = boxes.of(text) if text else ()
    return Chosen(number(revision), name, text[: boxes.LETTERS_MOST], found, Way(form.get(f"way{place}", "")))


@dataclass(frozen=True)
class Sheet:
    """How labels are printed; `start`: the first place on the first sheet of A4."""

    on_a4: bool
    start: int


def sheet(form: Mapping[str, str]) -> Sheet | None:
    """Return how labels are to be printed; None for what there is not."""
    start = number(form.get("start", "1"))
    if form.get("page") not in ("a6", "a4") or not 1 <= start <= 4:
        return None
    return Sheet(form["page"] == "a4", start if form["page"] == "a4" else 1)


def ids(fields: Sequence[tuple[str, str]], name: str) -> list[str]:
    """Return the values of a field that may stand several times, each once."""
    return list(dict.fromkeys(value for field, value in fields if field == name))


def named(key: str) -> str:
    """Return the idempotency key of a form of ours, which no warehouse's key can be taken for."""
    return f"panel {key}"
