"""What became of what was booked together: labels to print, what is waited for, what was refused and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from service import bookings, db, shipments
from service.bookings import State
from service.lanes import TenantId
from service.rig import Rig
from service.web import labels_view, services
from service.web.labels_view import Label
from service.web.words import Language, Words

UNSETTLED = (State.WAITING, State.DOUBTFUL, State.PENDING, State.BOOKED)
YOUNG = timedelta(minutes=1)  # then who waits looks again by himself: nobody sits by a carrier that is down
SOON = timedelta(seconds=10)  # then what is ready is offered: a page that looks again has no button a keyboard reaches
AGAIN_S = 1


@dataclass(frozen=True)
class Refused:
    """An item of a batch nobody was asked about."""

    number: str
    why: Sequence[str]


@dataclass(frozen=True)
class Batch:
    """What became of what was booked together; `again_s`: the page looks again after so many seconds."""

    labels: Sequence[Label]
    ready: Sequence[Label]
    waiting: int
    parked: int
    refused: Sequence[Refused]
    again_s: int | None

    @property
    def shipment_ids(self) -> list[str]:
        """Return what was booked."""
        return [each.shipment_id for each in self.labels]


def look(  # whose, which, in which words
    conn: db.Conn, rig: Rig, tenant_id: TenantId, account_id: str, key: str, language: Language, words: Words
) -> Batch | None:
    """Return what became of a batch; None when there is none by this key."""
    results = shipments.kept(conn, tenant_id, account_id, key)
    if results is None:
        return None
    ids = [each["shipment"]["id"] for each in results if "shipment" in each]
    booked = bookings.of_shipments(conn, tenant_id, ids)
    found = [booked[each] for each in ids if each in booked]
    shown = labels_view.labels(conn, tenant_id, found, language, words)
    states = {each.booking_id: each.state for each in found}
    ready = [each for each in shown if states[each.booking_id] is State.READY and not each.stopped]
    waiting = [each for each in found if each.state in UNSETTLED]
    is_young = any(rig.now() - each.created_at < (SOON if ready else YOUNG) for each in waiting)
    refused = [
        Refused(
            str(each.get("order", "")), services.told(words, each.get("faults", ())) or [words[f"pack_{each['code']}"]]
        )
        for each in results
        if "shipment" not in each
    ]
    parked = sum(each.state is State.PARKED for each in found)
    return Batch(shown, ready, len(waiting), parked, refused, AGAIN_S if is_young else None)
