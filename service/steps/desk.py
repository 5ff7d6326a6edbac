"""One login with a carrier at work for one shop: let in, or resting, and what a call that failed means for the rest.

Content that is refused says nothing about the carrier. A login that is refused stops all that would use it; a carrier
that does not answer rests ever longer, and one cheap question finds out that it is back.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from carriers.base import Carrier
from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, CarrierUnreachable, Kind
from service import bookings, contracts, db, handovers, problems, returns, tenants, tracking
from service.contracts import BROWN_MOST, DOWN_MOST, Breaker, Contract
from service.lanes import Lane, TenantId
from service.problems import Cause
from service.rig import LoginUnusable, Rig

log = logging.getLogger(__name__)

BUSY = timedelta(seconds=30)  # where a carrier does not say how long
SHUT_OUT = timedelta(minutes=15)
DOWN_AFTER = 5  # failures in a row, then the merchant is told
LANES = (Lane.BOOK, Lane.TRACK)
OF_CARRIERS = (Cause.CARRIER_DOWN, Cause.CARRIER_REFUSES)
AT_LEAST = timedelta(seconds=1)  # a carrier may say that it is free at once, and say so again
LONG = timedelta(minutes=15)  # a merchant is told of a carrier that wants to be left alone for longer
UNTESTED_EVERY = 30  # failures in a row, about an hour: then one call finds out whether the test itself is broken

RARELY = timedelta(minutes=4)  # what a carrier is busy at is asked for again at least so often: a carrier may be back
PATIENCE = timedelta(hours=2)  # then what has failed all the time bears it itself, where nothing says that all do
LATELY = timedelta(hours=1)  # a carrier that did this for others so long ago is not known to do it now

WHY = "a login may be that of all shops of an account"
OF_NOBODY = frozenset({"test", "login"})  # these are about no parcel


class NoContract(Exception):
    """The login was removed."""


@dataclass(frozen=True)
class Desk:
    """`wary`: the carrier has failed before and only this one call may find out whether it does its part again.

    `tested`: it lets us in, as far as that was asked. `watched`: it was busy at something, so what it does of that is
    noted. `doing`: the step it is asked for, by the name under which it may be busy at it.
    """

    rig: Rig
    tenant_id: TenantId
    lane: Lane
    contract: Contract
    carrier: Carrier
    wary: bool = False
    tested: bool = False
    watched: bool = False
    doing: str = ""

    @property
    def is_let_in(self) -> bool:
        """Say whether nothing speaks against the carrier, or it let us in when it was asked."""
        return self.tested or not self.wary


def opened(rig: Rig, tenant_id: TenantId, lane: Lane, contract_id: str, *, tested: bool = False) -> Desk | None:
    """Return the login ready to be used; None while its carrier rests, or lets nobody in with it.

    `tested`: whoever asks has just been let in. Raise NoContract when the login was removed.
    """
    with rig.db.tx(tenant_id) as conn:
        contract = contracts.one(conn, contract_id)
        if contract is None or contract.secrets_sealed is None:
            raise NoContract
        breaker = contracts.gate(conn, contract_id, lane, now=rig.now())
        if breaker is None:
            _tell(conn, rig, tenant_id, lane, contract)
            return None
    try:
        carrier = rig.at_carriers.opened(contract)
    except LoginUnusable as why:
        _shut_out(rig, tenant_id, lane, contract, str(why))
        return None
    desk = Desk(rig, tenant_id, lane, contract, carrier, watched=breaker.is_watched)
    if not breaker.tries:
        return desk
    if breaker.tries % UNTESTED_EVERY == 0:
        return replace(desk, wary=True)
    desk = replace(desk, wary=True, tested=True)
    return desk if tested or _is_back(desk) else None


def _tell(conn: db.Conn, rig: Rig, tenant_id: TenantId, lane: Lane, contract: Contract) -> None:
    """Tell a shop of a shared login that lets nobody in: another shop's call has met that, and this one's may never."""
    breaker = contracts.standing(conn, [contract.contract_id], lane).get(contract.contract_id)
    if contract.tenant_id or lane not in LANES or breaker is None:
        return
    if breaker.shut_out or breaker.tries >= DOWN_AFTER or _is_busy_for_long(breaker, rig.now()):
        cause = Cause.CARRIER_REFUSES if breaker.shut_out else Cause.CARRIER_DOWN
        problems.note(conn, tenant_id, cause, now=rig.now(), detail={"carrier": contract.carrier})


def _is_back(desk: Desk) -> bool:
    """Ask a carrier that failed whether it lets us in again: cheaper than a parcel in doubt.

    What is wrong with the question alone says nothing about the carrier.
    """
    if error := _trouble(desk):
        failed(desk, error)
    return error is None


def _trouble(desk: Desk) -> CarrierError | None:
    """Return why the carrier lets nobody in, as far as one cheap question tells."""
    try:
        desk.carrier.test()
    except CarrierError as error:
        return error if concerns_all(error) else None
    return None


def concerns_all(error: CarrierError) -> bool:
    """Say whether an error is about the login or the carrier, not about what was asked."""
    return not isinstance(error, CarrierRefused) or error.kind in (Kind.LOGIN, Kind.ACCOUNT)


def is_of_parcels(error: CarrierError) -> bool:
    """Say whether what was asked may be at fault: an account may lack a right to this parcel's service alone."""
    if not isinstance(error, CarrierRefused):
        return False
    return error.kind is not Kind.LOGIN and error.operation not in OF_NOBODY


def is_own(desk: Desk, error: CarrierError) -> bool:
    """Say whether an error is for what was asked about to bear: its refusal, or an answer that cannot be read.

    The latter may be a carrier's notice that it is shut, so it is asked whether it lets us in, unless it just has been.
    """
    if not isinstance(error, CarrierUnreachable):
        return is_of_parcels(error)
    return error.answered and error.operation not in OF_NOBODY and (desk.wary or _trouble(desk) is None)


def outlasts(desk: Desk, error: CarrierError, since: datetime | None) -> bool:
    """Say whether what was asked about has been due for so long that no answer is its own fault, not the carrier's.

    Nor is being busy for nothing else. The carrier is asked whether it lets us in, unless it just has been: one that is
    down lets nobody in.
    """
    if since is None or isinstance(error, CarrierRefused) or desk.rig.now() - since <= PATIENCE:
        return False
    return desk.tested or (not desk.wary and _trouble(desk) is None)


def fares_ill_alone(desk: Desk, since: datetime | None) -> bool:
    """Say whether its carrier did the same for another since this is due, and lately: else it may do it for nobody."""
    if since is None:
        return False
    with desk.rig.db.tx(desk.tenant_id) as conn:
        did_at = contracts.did_at(conn, desk.contract.contract_id, desk.lane, desk.doing)
    return did_at is not None and did_at > max(since, desk.rig.now() - LATELY)


def behind(desk: Desk, error: CarrierError, since: datetime | None) -> datetime:
    """Return when to ask once more for what a carrier was busy at: after what waits meanwhile, and ever more rarely.

    It may be busy for this alone, and asked first each time it would keep all others waiting, or with the second one.
    """
    now = desk.rig.now()
    rest = _rest(error) if isinstance(error, CarrierBusy) else AT_LEAST
    wait = min((now - (since or now)) / 8, RARELY)
    return now + max(rest + AT_LEAST, wait)


def well(desk: Desk) -> None:
    """Note that the carrier does its part."""
    if desk.wary:
        with desk.rig.db.tx(desk.tenant_id) as conn:
            contracts.worked(conn, desk.contract.contract_id, desk.lane, now=desk.rig.now())
    did(desk)


def answered(desk: Desk) -> None:
    """Note that the carrier answers, which is not yet its part: one that only tells may still make nothing."""
    lets_in(desk)
    did(desk)


def lets_in(desk: Desk) -> None:
    """Let the next one ask: what was asked about failed by itself."""
    if desk.wary:
        with desk.rig.db.tx(desk.tenant_id) as conn:
            contracts.let_in(conn, desk.contract.contract_id, desk.lane, now=desk.rig.now())


def did(desk: Desk) -> None:
    """Note that the carrier is not busy at this step, where it was before."""
    if desk.watched:
        with desk.rig.db.tx(desk.tenant_id) as conn:
            contracts.did(conn, desk.contract.contract_id, desk.lane, desk.doing, now=desk.rig.now())


def heard(desk: Desk) -> None:
    """Note that the carrier answers what makes no parcel, and give the desk up."""
    did(desk)
    left(desk)


def left(desk: Desk) -> None:
    """Give the desk up after what made no parcel; where nothing waits either, what the carrier failed at is over.

    Nothing of any shop's that uses the login: what one of them waits for may be what the carrier fails at.
    """
    if not desk.wary:
        return
    rig, contract = desk.rig, desk.contract
    with rig.db.tx(desk.tenant_id) if contract.tenant_id else rig.db.tx_all(WHY) as conn:
        shops = [desk.tenant_id] if contract.tenant_id else _shops_of(conn, contract.account_id)
        waits = any(is_waited_for(conn, each, desk.lane, [contract.contract_id], now=rig.now()) for each in shops)
    (answered if waits else well)(desk)


def _shops_of(conn: db.Conn, account_id: str) -> list[TenantId]:
    every = [each for each in tenants.everyone(conn) if each.state is not tenants.State.DISMISSED]
    return [each.tenant_id for each in every if account_id in (each.account_id, each.warehouse_account_id)]


def is_waited_for(
    conn: db.Conn, tenant_id: TenantId, lane: Lane, contract_ids: Sequence[str], *, now: datetime
) -> bool:
    """Say whether anything of the shop's in a lane is to be asked under one of these logins: labels, or parcels."""
    if lane is Lane.TRACK:
        return tracking.waits(conn, tenant_id, contract_ids, now=now)
    stores = (bookings, handovers, returns)
    return lane is Lane.BOOK and any(each.waits(conn, tenant_id, contract_ids) for each in stores)


def failed(desk: Desk, error: CarrierError, *, says_nothing: bool = False) -> None:
    """Let the carrier rest after an error that concerns all, and tell the merchant of what lasts.

    One that lets us in and makes nothing rests longest: each try costs a parcel in doubt. `says_nothing`: it may be
    busy for what was asked about alone.
    """
    rig, contract, now = desk.rig, desk.contract, desk.rig.now()
    why = unnamed(error)
    if isinstance(error, CarrierRefused) and not is_of_parcels(error):
        _shut_out(rig, desk.tenant_id, desk.lane, contract, why)
        return
    at = contract.contract_id, desk.lane
    with rig.db.tx(desk.tenant_id) as conn:
        if isinstance(error, CarrierBusy):
            until = now + _rest(error)
            contracts.rest(conn, *at, until=until, why=why)
            is_told = desk.lane is Lane.BOOK and not says_nothing
            lasts = until - (contracts.busy(conn, *at, desk.doing, until=until, now=now) if is_told else now) >= LONG
        else:
            log.warning("%s of %s: %s, %s", desk.lane, desk.tenant_id, type(error).__name__, why)
            is_brown = desk.tested and isinstance(error, CarrierUnreachable) and error.unclear
            longest = BROWN_MOST if is_brown else DOWN_MOST
            tries = contracts.failed(conn, *at, why=why, now=now, most=longest)
            if desk.doing:
                contracts.watch(conn, *at, desk.doing, now=now)
            lasts = tries >= DOWN_AFTER
        if lasts:
            cause = Cause.CARRIER_REFUSES if isinstance(error, CarrierRefused) else Cause.CARRIER_DOWN
            problems.note(conn, desk.tenant_id, cause, now=now, detail={"carrier": contract.carrier})


def _rest(error: CarrierBusy) -> timedelta:
    return BUSY if error.wait_s is None else max(timedelta(seconds=error.wait_s), AT_LEAST)


def unnamed(error: CarrierError) -> str:
    """Return what a call failed of, for the log and all who share a login: words about a parcel may name somebody."""
    return str(error) if error.operation in OF_NOBODY else error.unnamed()


def _shut_out(rig: Rig, tenant_id: TenantId, lane: Lane, contract: Contract, why: str) -> None:
    """Ask nothing with a login that is refused until it is corrected, but now and then: rights come and go."""
    now = rig.now()
    log.warning("%s of %s: %s", lane, tenant_id, why)
    with rig.db.tx(tenant_id) as conn:
        contracts.failed(conn, contract.contract_id, lane, why=why, now=now, shut_out=True)
        contracts.rest(conn, contract.contract_id, lane, until=now + SHUT_OUT, why=why)
        problems.note(conn, tenant_id, Cause.CARRIER_REFUSES, now=now, detail={"carrier": contract.carrier})


def settle(conn: db.Conn, rig: Rig, tenant_id: TenantId) -> None:
    """Close what was told of carriers once none that fails keeps anything of the shop's waiting."""
    now = rig.now()
    ours = contracts.reachable(conn, tenant_id)  # what was told of may hang under one that counts no more
    failing = {
        lane: [each for each, breaker in contracts.standing(conn, ours, lane).items() if _lasts(breaker, now)]
        for lane in LANES
    }
    if not any(is_waited_for(conn, tenant_id, lane, some, now=now) for lane, some in failing.items()):
        for cause in OF_CARRIERS:
            problems.settle(conn, tenant_id, cause, now=now)


def _lasts(breaker: Breaker, now: datetime) -> bool:
    return breaker.tries > 0 or _is_busy_for_long(breaker, now)


def _is_busy_for_long(breaker: Breaker, now: datetime) -> bool:
    if breaker.rests_until is None:
        return False
    since = breaker.is_busy_since(now)
    return breaker.rests_until >= now + LONG or (since is not None and breaker.rests_until - since >= LONG)
