"""What became of a packet: records asked for, and messages Packeta sends by itself (docs/carriers.md 1.4)."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from carriers import states
from carriers.base import Tracked
from carriers.packeta import answers
from carriers.states import Reason, Scan, State
from carriers.wire import Answer

PRAGUE = ZoneInfo("Europe/Prague")
ARRIVED = "2"  # accepted when it comes first, later one depot after the other
TURNING = frozenset({"5", "7"})  # of these only the latest record says whether the packet is on its way back
HANDED_ON = "6"  # to a courier, whose number and name the latest record alone has
CANCELLED = "11"
YES = frozenset({"true", "1"})
NO = frozenset({"false", "0"})

STATES = {
    "1": State.CREATED,
    "2": State.IN_TRANSIT,
    "3": State.IN_TRANSIT,
    "4": State.IN_TRANSIT,
    "5": State.AT_PICKUP_POINT,
    "6": State.IN_TRANSIT,
    "7": State.DELIVERED,
    "9": State.RETURNING,
    "10": State.RETURNED,
    "11": State.CANCELLED,
    "12": State.ACCEPTED,
    "14": State.IN_TRANSIT,
    "15": State.IN_TRANSIT,
    "16": State.EXCEPTION,
    "17": State.RETURNING,
    "999": State.UNKNOWN,
}

# Seen in one implementation only, so they stay unknown unless switched on.
MORE_STATES = {
    **dict.fromkeys(("18", "19", "20", "21", "22"), State.RETURNING),
    **dict.fromkeys(("23", "24", "25", "26"), State.EXCEPTION),
    **dict.fromkeys(("27", "28", "29", "30", "31"), State.IN_TRANSIT),
}
REASONS = {"14": Reason.CUSTOMS, "17": Reason.REFUSED}
MORE_REASONS = {"18": Reason.REFUSED, "20": Reason.NOT_COLLECTED, "21": Reason.RECALLED}
MOVING = frozenset({State.ACCEPTED, State.IN_TRANSIT, State.OUT_FOR_DELIVERY, State.AT_PICKUP_POINT})


@dataclass(frozen=True)
class Record:
    """One record as Packeta tells it; only the latest one knows `is_returning`, `stored_until` and the courier."""

    at: datetime
    code: str
    text: str
    place: str = ""
    is_returning: bool = False
    stored_until: date | None = None
    courier_number: str = ""
    courier: str = ""


def records(answer: Answer) -> Sequence[Record]:
    """Return the records of `packetTracking`, or the one of `packetStatus`, by time.

    One without a code is left out. One whose time cannot be read happened all the same: it gets the time of its
    neighbour in the answer, which tells the oldest first; of the one before it where there is one. Raise
    CarrierUnreachable where no record can be read.
    """
    found = [element for element in answers.result(answer).iter() if element.find("statusCode") is not None]
    times = [at for element in found if (at := _at(answers.text(element, "dateTime")))]
    told: list[Record] = []
    before = times[0] if times else None
    for element in found:
        before = _at(answers.text(element, "dateTime")) or before
        if before and (record := _record(element, before)):
            told.append(record)
    if found and not told:
        raise answer.unreadable("no record of the packet can be read")
    return sorted(told, key=lambda record: record.at)


def wants_latest(history: Sequence[Record]) -> bool:
    """Say whether `packetStatus` knows what its history leaves open: which way a packet goes, or who carries it on."""
    if not history:
        return False
    is_without_courier = not any(record.courier_number for record in history)
    return history[-1].code in TURNING or (history[-1].code == HANDED_ON and is_without_courier)


def with_latest(history: Sequence[Record], latest: Sequence[Record]) -> Sequence[Record]:
    """Return a history whose last record is told by `packetStatus`, which may have moved on since."""
    by_key = {(record.at, record.code): record for record in (*history, *latest)}
    return sorted(by_key.values(), key=lambda record: record.at)


def told(number: str, history: Sequence[Record], *, with_more: bool) -> Tracked:
    """Return where these records leave a packet; `with_more`: the codes seen in one place only are trusted."""
    scans = states.settled(_scans(history, with_more=with_more))
    couriers = [(record.courier_number, record.courier) for record in history if record.courier_number]
    return Tracked(
        number=number,
        state=states.standing(scans),
        scans=scans,
        reason=states.reason_of(scans),
        stored_until=next((record.stored_until for record in reversed(history) if record.stored_until), None),
        partner=couriers[-1] if couriers else None,
    )


def is_signed(key: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Say whether a message is Packeta's: lower-case hex of HMAC-SHA256 over timestamp, a point and the body.

    No window of time is kept: an old message sent again tells the same scans again, and nobody says when a repeated
    one is signed.
    """
    lower = {name.lower(): said for name, said in headers.items()}
    stamp, signature = lower.get("x-webhook-timestamp", ""), lower.get("x-webhook-signature", "")
    due = hmac.new(key.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return bool(key and re.fullmatch(r"[0-9]{1,12}", stamp)) and hmac.compare_digest(due.encode(), signature.encode())


def heard(body: bytes, *, with_more: bool) -> Tracked | None:
    """Return what a message tells; None: it names no packet.

    `{"status": {"id": 4154090123, "barcode": "Z4154090123", …}}`, or the like under `externalStatus`. The contract
    names no field of the scan itself: where `status` has those of a record they are read, else the packet is UNKNOWN
    without scans and is to be asked for. So it is where a code of `TURNING` comes without `isReturning`: delivered to
    whom, nobody said. A courier's own codes are not Packeta's and are not read.
    """
    try:
        message: Any = json.loads(body, parse_float=str)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict):
        return None
    held = cast("dict[str, Any]", message)
    own, foreign = _object(held.get("status")), _object(held.get("externalStatus"))
    number = _number(own) or _number(foreign)
    if not number:
        return None
    element = ET.Element("record")
    for name in ("dateTime", "statusCode", "codeText", "statusText", "isReturning", "storedUntil"):
        ET.SubElement(element, name).text = (
            _said(own.get(name)).lower() if name == "isReturning" else _said(own.get(name))
        )
    at = _at(answers.text(element, "dateTime"))
    record = _record(element, at) if at else None
    is_told = record and (record.code not in TURNING or answers.text(element, "isReturning") in YES | NO)
    return told(number, [record] if record and is_told else [], with_more=with_more)


def _scans(history: Sequence[Record], *, with_more: bool) -> Sequence[Scan]:
    known = STATES | MORE_STATES if with_more else STATES
    reasons = REASONS | MORE_REASONS if with_more else REASONS
    first = next((record for record in history if record.code == ARRIVED), None)
    scans: list[Scan] = []
    for record in history:
        state = State.ACCEPTED if record is first else known.get(record.code, State.UNKNOWN)
        turned = _turned(state) if record.is_returning else state
        scans.append(Scan(record.at, turned, record.code, record.text, record.place, reasons.get(record.code)))
    return scans


def _turned(state: State) -> State:
    # A packet on its way back that is handed over was handed to its sender.
    if state is State.DELIVERED:
        return State.RETURNED
    return State.RETURNING if state in MOVING else state


def _record(element: ET.Element, at: datetime) -> Record | None:
    code = answers.text(element, "statusCode")
    if not code:
        return None
    place = answers.text(element, "branchId")
    return Record(
        at=at,
        code=code[:32],
        text=answers.words(answers.text(element, "statusText") or answers.text(element, "codeText")),
        place="" if place == "0" else answers.words(place),
        is_returning=answers.text(element, "isReturning").lower() in YES,
        stored_until=_day(answers.text(element, "storedUntil")),
        courier_number=answers.words(answers.text(element, "externalTrackingCode")),
        courier=answers.words(answers.text(element, "carrierName")),
    )


def _at(said: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        return None
    if not 2000 <= at.year < 2100:
        return None
    return at if at.tzinfo else at.replace(tzinfo=PRAGUE)


def _day(said: str) -> date | None:
    try:
        return datetime.fromisoformat(said).date()
    except ValueError:
        return None


def _object(given: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", given) if isinstance(given, dict) else {}


def _said(given: Any) -> str:
    return str(given).strip() if isinstance(given, str | int) else ""


def _number(held: Mapping[str, Any]) -> str:
    barcode, packet_id = _said(held.get("barcode")), _said(held.get("id"))
    if re.fullmatch(r"Z[0-9]{10,19}", barcode):
        return barcode
    return f"Z{packet_id.zfill(10)}" if re.fullmatch(r"[0-9]{1,19}", packet_id) else ""
