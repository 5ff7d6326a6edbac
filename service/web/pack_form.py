"""The form of what is to be packed: which orders were chosen, as they were shown, and their boxes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from carriers.base import Box
from service.web.acts import number
from service.web.pack_view import AT_ONCE, boxes_of

FIELDS_MOST = 4 * AT_ONCE + 20


@dataclass(frozen=True)
class Chosen:
    """An order as it was shown; `boxes` None: what was typed is none."""

    revision: int
    number: str
    typed: str
    boxes: tuple[Box, ...] | None


def chosen(form: Mapping[str, str]) -> list[Chosen]:
    """Return the orders of an act: the one whose button was pressed, all that were ready, or those that were ticked."""
    places = [place for place in range(AT_ONCE) if f"shown{place}" in form]
    if "only" in form:
        wanted = [place for place in places if str(place) == form["only"]]
    elif form.get("act") == "all":
        wanted = [place for place in places if f"ready{place}" in form or form.get(f"boxes{place}")]
    else:
        wanted = [place for place in places if f"tick{place}" in form]
    return [_read(form, place) for place in wanted]


def typed(form: Mapping[str, str]) -> dict[str, str]:
    """Return the boxes that were typed in, by order."""
    found = [_read(form, place) for place in range(AT_ONCE) if f"shown{place}" in form]
    return {each.number: each.typed for each in found if each.typed}


def _read(form: Mapping[str, str], place: int) -> Chosen:
    revision, _, name = form[f"shown{place}"].partition(".")
    text = form.get(f"boxes{place}", "").strip()
    return Chosen(number(revision), name, text, boxes_of(text) if text else ())


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
