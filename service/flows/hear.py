"""A carrier tells of a parcel by itself: what it says is written down, or the parcel is asked about at once."""

import logging
from collections.abc import Mapping
from enum import Enum, auto

from carriers.base import Tracked
from carriers.errors import CarrierError, CarrierRefused
from service import contracts, tracking
from service.contracts import Contract
from service.lanes import Lane
from service.rig import LoginUnusable, Rig
from service.steps import tracing

log = logging.getLogger(__name__)


class Heard(Enum):
    """What came of a message."""

    TAKEN = auto()  # also of a parcel that is not ours, or that nobody can read: sent again it would say the same
    NOT_OURS = auto()  # there is no such contract, or nobody with its key sent it


def run(rig: Rig, contract_id: str, headers: Mapping[str, str], body: bytes) -> Heard:
    """Take a message in that came under a contract."""
    with rig.db.tx_all("a carrier's message names a contract, and several shops may share it") as conn:
        contract = contracts.one(conn, contract_id)
    if contract is None:
        return Heard.NOT_OURS
    try:
        carrier = rig.carrier(contract)
        told = carrier.hear(headers, body)
    except LoginUnusable:
        return Heard.NOT_OURS
    except CarrierRefused as refusal:
        log.warning("a message under %s: %s", contract_id, refusal.unnamed())
        return Heard.NOT_OURS
    except CarrierError as unreadable:
        log.warning("a message under %s: %s", contract_id, unreadable.unnamed())
        return Heard.TAKEN
    for one in told:
        take(rig, contract, one, tells_paid=carrier.able.tells_paid)
    return Heard.TAKEN


def take(rig: Rig, contract: Contract, told: Tracked, *, tells_paid: bool) -> None:
    """Write down what is told of one parcel; one that is only named is due now."""
    now = rig.now()
    with rig.db.tx_all("a number may be of any shop of the contract") as conn:
        tenant_id = tracking.whose(conn, contract.contract_id, told.number)
    if tenant_id is None:
        return
    with rig.db.tx(tenant_id) as conn:
        box = tracking.numbered(conn, tenant_id, contract.contract_id, told.number)
        if box and told.scans:
            moved = tracing.record(conn, tenant_id, {box.key: told}, tells_paid=tells_paid, now=now)
        else:
            moved = 0
            if box:
                tracking.hurry(conn, tenant_id, box, now=now)
    rig.wake(Lane.WRITEBACK if moved else Lane.TRACK, tenant_id)
