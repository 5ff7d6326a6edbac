"""Where the Post says a parcel is: days without a time, and notices that come after the end (docs/carriers.md 5.4)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from carriers import states
from carriers.base import Tracked
from carriers.ceska_posta import answers
from carriers.money import Money
from carriers.states import Reason, Scan, State
from carriers.wire import Answer, Json

PRAGUE = ZoneInfo("Europe/Prague")
SENT_BACK = "odeslání zásilky zpět"  # has been seen under 43, which is a notice

STATES: dict[str, tuple[State, Reason | None]] = {
    "-M": (State.CREATED, None),
    "-L": (State.CREATED, None),
    "21": (State.ACCEPTED, None),
    "75": (State.IN_TRANSIT, None),
    "51": (State.IN_TRANSIT, None),
    "8D": (State.IN_TRANSIT, None),
    "8T": (State.IN_TRANSIT, None),
    "8Z": (State.IN_TRANSIT, None),
    "8U": (State.IN_TRANSIT, None),
    "-F": (State.IN_TRANSIT, None),
    "-I": (State.IN_TRANSIT, None),
    "-B": (State.IN_TRANSIT, None),
    "-K": (State.IN_TRANSIT, None),
    "5K": (State.IN_TRANSIT, None),
    "53": (State.OUT_FOR_DELIVERY, None),
    "82": (State.AT_PICKUP_POINT, None),
    "P2": (State.AT_PICKUP_POINT, None),
    "91": (State.DELIVERED, None),
    "95": (State.RETURNING, Reason.REFUSED),
    "96": (State.RETURNING, Reason.ADDRESS),
    "97": (State.RETURNING, Reason.NOT_COLLECTED),
    "98": (State.RETURNING, Reason.OTHER),
    "9B": (State.RETURNING, Reason.ADDRESS),
    "9E": (State.RETURNING, Reason.ADDRESS),
    "9V": (State.RETURNED, None),
    "8E": (State.EXCEPTION, Reason.DAMAGED),
    # Notices, records of a point, numbers not found or forgotten: they say nothing of where a parcel is.
    "42": (State.UNKNOWN, None),
    "43": (State.UNKNOWN, None),
    "BG1": (State.UNKNOWN, None),
    "BG4": (State.UNKNOWN, None),
    "BG5": (State.UNKNOWN, None),
    "-3": (State.UNKNOWN, None),
    "-4": (State.UNKNOWN, None),
    "88": (State.UNKNOWN, None),
}
NOT_FOUND = frozenset({"-3", "-4", "88"})


def read_tracked(answer: Answer, codes: Sequence[str]) -> list[Tracked]:
    """Read what is known of parcels, in this order; one the answer does not tell of is UNKNOWN."""
    details = _details(answer)
    return [_tracked(code, [one for one in details if one.get("idParcel") == code]) for code in codes]


def is_known(tracked: Tracked) -> bool:
    """Say whether the Post has a parcel of this code: it tells more of it than that there is none."""
    return any(scan.code not in NOT_FOUND for scan in tracked.scans)


def with_cod(answer: Answer) -> frozenset[str]:
    """Return the codes of parcels something was collected for."""
    return frozenset(one["idParcel"] for one in _details(answer) if _collects(one.get("amount")))


def read_paid(answer: Answer) -> date | None:
    """Read when COD was sent on to the sender: the day of the transfer, else that of the payment; None: not yet."""
    history = _dict(_dict(answers.said(answer)).get("parcelDataHistory"))
    credited = _dict(history.get("creditedData"))
    return _day(credited.get("transactionDate")) or _day(credited.get("paymentDate"))


def _details(answer: Answer) -> list[dict[str, Any]]:
    details = _dict(answers.said(answer)).get("detail")
    if not isinstance(details, list):
        raise answer.unreadable("the answer has no list of parcels")
    listed: list[Json] = details  # pyright: ignore[reportUnknownVariableType]
    return [one for one in map(_dict, listed) if isinstance(one.get("idParcel"), str)]


def _tracked(code: str, details: Sequence[dict[str, Any]]) -> Tracked:
    listed = [one.get("parcelStatuses") for one in details]
    told = [_dict(one) for statuses in listed if isinstance(statuses, list) for one in statuses]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    coded = [(_moment(one.get("date")), one) for one in told if _code(one)]
    scans = states.settled(_scan(at, one) for at, one in states.in_time(coded))
    until = next((day for one in details if (day := _day(one.get("depositTo")))), None)
    return Tracked(code, states.standing(scans), scans, states.reason_of(scans), until)


def _code(said: dict[str, Any]) -> str:
    """Return the code of a status, empty where it has none."""
    code = said.get("id")
    return str(code) if isinstance(code, int) and not isinstance(code, bool) else _text(code).strip()


def _scan(at: datetime, said: dict[str, Any]) -> Scan:
    code, text = _code(said), _text(said.get("text"))
    state, reason = STATES.get(code, (State.UNKNOWN, None))
    if SENT_BACK in text.casefold() and state not in states.FINAL:
        state = State.RETURNING
    place = f"{_text(said.get('postCode'))} {_text(said.get('name'))}".strip()
    return Scan(at, state, code, text, place, reason)


def _moment(said: Json) -> datetime | None:
    """Read a day, or a time, as aware; the Post's days begin at midnight in Prague."""
    if not isinstance(said, str):
        return None
    try:
        at = datetime.fromisoformat(said.strip())
    except ValueError:
        return None
    if not 2000 <= at.year <= 2100:
        return None
    return at if at.tzinfo else at.replace(tzinfo=PRAGUE)


def _day(said: Json) -> date | None:
    at = _moment(said)
    return at.astimezone(PRAGUE).date() if at else None


def _collects(said: Json) -> bool:
    try:
        return Money.read(said, "CZK").minor > 0
    except (ValueError, ArithmeticError):
        return False


def _text(said: Json) -> str:
    return said if isinstance(said, str) else ""


def _dict(said: Json) -> dict[str, Any]:
    return said if isinstance(said, dict) else {}  # pyright: ignore[reportUnknownVariableType]
