"""One login with a carrier at work for one shop: let in, or resting, and what a call that failed means for the rest.

Content that is refused says nothing about the carrier. A login that is refused stops all that would use it; a carrier
that does not answer rests ever longer, and one cheap question finds out that it is back.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from carriers.base import Carrier
from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, Kind
from service import contracts, db, problems
from service.contracts import BROWN_MOST, DOWN_MOST, Contract
from service.lanes import Lane, TenantId
from service.problems import Cause
from service.rig import LoginUnusable, Rig

log = logging.getLogger(__name__)

BUSY = timedelta(seconds=30)  # where a carrier does not say how long
SHUT_OUT = timedelta(minutes=15)
DOWN_AFTER = 5  # failures in a row, then the merchant is told
LANES = (Lane.BOOK, Lane.TRACK)
OF_CARRIERS = (Cause.CARRIER_DOWN, Cause.CARRIER_REFUSES)


class NoContract(Exception):
    """The login was removed."""


@dataclass(frozen=True)
class Desk:
    """`wary`: the carrier has failed before and only this one call may find out whether it does its part again."""

    rig: Rig
    tenant_id: TenantId
    lane: Lane
    contract: Contract
    carrier: Carrier
    wary: bool = False


def opened(rig: Rig, tenant_id: TenantId, lane: Lane, contract_id: str) -> Desk | None:
    """Return the login ready to be used; None while its carrier rests, or lets nobody in with it.

    Raise NoContract when it was removed.
    """
    with rig.db.tx(tenant_id) as conn:
        contract = contracts.one(conn, contract_id)
        if contract is None or contract.secrets_sealed is None:
            raise NoContract
        breaker = contracts.gate(conn, contract_id, lane, now=rig.now())
    if breaker is None:
        return None
    try:
        carrier = rig.carrier(contract)
    except LoginUnusable as why:
        _shut_out(rig, tenant_id, lane, contract, str(why))
        return None
    desk = Desk(rig, tenant_id, lane, contract, carrier, wary=breaker.tries > 0)
    return desk if not desk.wary or _is_back(desk) else None


def _is_back(desk: Desk) -> bool:
    """Ask a carrier that failed whether it lets us in again: cheaper than a parcel in doubt."""
    try:
        desk.carrier.test()
    except CarrierError as error:
        failed(desk, error, most=DOWN_MOST)
        return False
    return True


def concerns_all(error: CarrierError) -> bool:
    """Say whether an error is about the login or the carrier, not about what was asked."""
    return not isinstance(error, CarrierRefused) or error.kind in (Kind.LOGIN, Kind.ACCOUNT)


def well(desk: Desk) -> None:
    """Note that the carrier does its part."""
    if desk.wary:
        with desk.rig.db.tx(desk.tenant_id) as conn:
            contracts.worked(conn, desk.contract.contract_id, desk.lane)


def failed(desk: Desk, error: CarrierError, *, most: timedelta = BROWN_MOST) -> None:
    """Let the carrier rest after an error that concerns all, at most so long, and tell the merchant of what lasts."""
    rig, contract, now = desk.rig, desk.contract, desk.rig.now()
    if isinstance(error, CarrierRefused):
        _shut_out(rig, desk.tenant_id, desk.lane, contract, str(error))
        return
    with rig.db.tx(desk.tenant_id) as conn:
        if isinstance(error, CarrierBusy):
            wait = BUSY if error.wait_s is None else timedelta(seconds=error.wait_s)
            contracts.rest(conn, contract.contract_id, desk.lane, until=now + wait, why=str(error))
            return
        log.warning("%s of %s: %s", desk.lane, desk.tenant_id, error)
        longest = most if desk.wary else DOWN_MOST
        tries = contracts.failed(conn, contract.contract_id, desk.lane, why=str(error), now=now, most=longest)
        if tries >= DOWN_AFTER:
            detail = {"carrier": contract.carrier}
            problems.note(conn, desk.tenant_id, Cause.CARRIER_DOWN, now=now, detail=detail)


def _shut_out(rig: Rig, tenant_id: TenantId, lane: Lane, contract: Contract, why: str) -> None:
    """Ask nothing with a login that is refused until it is corrected, but now and then: rights come and go."""
    now = rig.now()
    log.warning("%s of %s: %s", lane, tenant_id, why)
    with rig.db.tx(tenant_id) as conn:
        contracts.failed(conn, contract.contract_id, lane, why=why, now=now, shut_out=True)
        contracts.rest(conn, contract.contract_id, lane, until=now + SHUT_OUT, why=why)
        problems.note(conn, tenant_id, Cause.CARRIER_REFUSES, now=now, detail={"carrier": contract.carrier})


def settle(conn: db.Conn, rig: Rig, tenant_id: TenantId) -> None:
    """Close what was told of carriers once each of the shop's does its part."""
    ours = [each.contract_id for each in contracts.usable(conn, tenant_id).values()]
    standing = [one for lane in LANES for one in contracts.standing(conn, ours, lane).values()]
    if not any(breaker.tries for breaker in standing):
        for cause in OF_CARRIERS:
            problems.settle(conn, tenant_id, cause, now=rig.now())
