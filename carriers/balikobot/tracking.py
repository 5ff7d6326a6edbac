"""Read where parcels are, and when COD money was paid out (docs/carriers.md 6.4)."""

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from carriers.balikobot import said
from carriers.balikobot.said import Row
from carriers.base import Tracked
from carriers.states import Reason, Scan, State, in_time, reason_of, settled, standing
from carriers.wire import Answer

PRAGUE = ZoneInfo("Europe/Prague")
STATES = {
    "-1": State.CREATED,
    "2.1": State.ACCEPTED,
    "2.2": State.IN_TRANSIT,
    "2.5": State.IN_TRANSIT,  # handed to the carrier that carries it on
    "2.3": State.AT_PICKUP_POINT,
    "2.4": State.RETURNING,
    "1.1": State.DELIVERED,
    "1.2": State.DELIVERED,
    "3.1": State.CANCELLED,
    "3.2": State.CANCELLED,
    "3.3": State.CANCELLED,
    "4": State.RETURNED,
    "0.1": State.EXCEPTION,
    "0.2": State.EXCEPTION,
    "0.3": State.EXCEPTION,
}
COARSE = {
    "1": State.DELIVERED,
    "2": State.IN_TRANSIT,
    "0": State.EXCEPTION,
    "3": State.CANCELLED,
    "4": State.RETURNED,
}
COD_PAID = "5"
REASONS = {"3.2": Reason.REFUSED, "3.3": Reason.RECALLED}  # by the recipient, by the sender; of errors none is said


def read_tracked(answer: Answer, numbers: Sequence[str]) -> list[Tracked]:
    """Return what is known of each number, in order; matched by `carrier_id`, never by place."""
    status, body = said.said(answer)
    rows = said.rows_of(body)
    # Here 404 means "nothing yet", and nobody says of which: what rows tell counts whatever stands above them.
    if status not in (said.MADE, said.MADE_BEFORE, said.NO_SUCH) and not rows:
        raise said.trouble(answer, status)
    events: dict[str, list[Row]] = {}
    for row in rows:
        events.setdefault(said.identity(row.get("carrier_id")), []).extend(said.rows_in(row.get("states")))
    return [_tracked(number, events.get(number, [])) for number in numbers]


def state_of(event: Row) -> tuple[str, State]:
    """Return the code of an event and what it means; a fine code that is unknown never falls back to the coarse one."""
    fine = event.get("status_id_v2")
    table, value = (STATES, fine) if fine is not None else (COARSE, event.get("status_id"))
    code = _code(value)
    return code, table.get(code, State.UNKNOWN)


def time_of(value: Any) -> datetime | None:
    """Return a time of theirs, which is Prague's where it has no zone; None for one that cannot be meant."""
    try:
        at = datetime.fromisoformat(said.text(value, 40))
    except ValueError:
        return None
    if not 2000 <= at.year < 2200:
        return None
    return at if at.tzinfo else at.replace(tzinfo=PRAGUE)


def _tracked(number: str, events: Sequence[Row]) -> Tracked:
    scans: list[Scan] = []
    paid: list[datetime] = []
    for at, event in in_time([(time_of(event.get("date")), event) for event in events]):
        code, state = state_of(event)
        if code == COD_PAID:  # money is no scan, and its day goes into books: a neighbour's is no day of it
            paid += [at] if time_of(event.get("date")) else []
        else:
            words = said.text(event.get("name")) or said.text(event.get("name_balikobot"))
            scans.append(Scan(at, state, code, words, reason=REASONS.get(code)))
    told = settled(scans)
    paid_on = min(paid).astimezone(PRAGUE).date() if paid else None
    return Tracked(number, standing(told), told, reason_of(told), cod_paid_on=paid_on)


def _code(value: Any) -> str:
    plain = str(value) if isinstance(value, Decimal) else said.identity(value)
    if re.fullmatch(r"-?\d{1,3}\.\d{1,3}", plain, re.ASCII):
        return plain.rstrip("0").rstrip(".")  # 4.0 is 4
    return plain[: said.LONGEST_ID]
