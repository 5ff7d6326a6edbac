"""A person enters a login with a carrier, asks whether it is let in, and removes it.

What the carrier does not let in is not kept: the login that was there goes on. Whoever cannot be asked at the moment is
believed. Each act stands in the journal of every shop it is about; secrets stand nowhere but under their seal.
"""

import json
from collections.abc import Mapping, Sequence

from carriers.base import Account
from service import contracts, db, journal, problems, tenants
from service.contracts import Contract
from service.journal import Entry, Kind
from service.lanes import Lane, TenantId
from service.problems import Cause
from service.rig import LoginUnusable, Rig
from service.steps import desk, logins
from service.steps.logins import Entered, Fault, Said, Tested
from service.tenants import State

WHY = "a login may be that of all shops of an account"


class LoginFaulty(Exception):
    """Some fields cannot stand; `faults` says which and why."""

    def __init__(self, faults: Mapping[str, Fault]) -> None:
        super().__init__(", ".join(f"{name}: {fault}" for name, fault in sorted(faults.items())))
        self.faults = faults


class NotLetIn(Exception):
    """The carrier does not let anybody in with it, so it was not kept."""

    def __init__(self, tested: Tested) -> None:
        super().__init__(f"not kept: {tested.why}")
        self.tested = tested


class NoAccount(Exception):
    """The shop has no merchant yet who could have a login."""


class NoLogin(Exception):
    """There is no such login, or it is not the merchant's own."""


class ChangedMeanwhile(Exception):
    """Somebody else changed the login since it was looked at."""


def log_in(
    rig: Rig, tenant_id: TenantId, entered: Entered, *, over: int | None, by: str, untested: bool = False
) -> Tested | None:
    """Enter a login, or another one, and return what its carrier said to it; raise LoginFaulty, NotLetIn and others.

    `over`: the revision it is entered over, 0 where none is seen, None when it does not matter. `untested`: keep it
    unasked.
    """
    if faults := logins.faults(entered, hosts=rig.settings.carrier_hosts):
        raise LoginFaulty(faults)
    with rig.db.tx(tenant_id) as conn:
        account_id, known = _standing(conn, tenant_id, entered, over=over)
    account, lacking = logins.account_of(rig, entered, known)
    if lacking:
        raise LoginFaulty(lacking)
    if not logins.is_allowed(account.base_url, rig.settings.carrier_hosts):
        raise LoginFaulty({"base_url": Fault.HOST})
    tested = None if untested else logins.ask(logins.opened(rig, entered.carrier, account))
    if tested and tested.said is Said.LOGIN:
        raise NotLetIn(tested)
    with rig.db.tx_all(WHY) as conn:
        if _standing(conn, tenant_id, entered, over=known.revision if known else 0) != (account_id, known):
            raise ChangedMeanwhile
        made = _put(conn, rig, account_id, None if entered.for_all_shops else tenant_id, entered, account, known)
        if tested:
            contracts.tested(conn, made, said=tested.said, lets_in=tested.said is Said.WORKS, now=rig.now())
        shops = _note(conn, rig, tenant_id, made, "carrier login", by=by)
        for shop in shops:
            desk.settle(conn, rig, shop)
    for shop in shops:
        rig.wake(Lane.BOOK, shop)
    return tested


def _standing(conn: db.Conn, tenant_id: TenantId, entered: Entered, *, over: int | None) -> tuple[str, Contract | None]:
    """Return the merchant's account, held, and the login that would be replaced."""
    account_id = tenants.account_of(conn, tenant_id)
    if account_id is None:
        raise NoAccount
    whose = None if entered.for_all_shops else tenant_id
    found = [each for each in contracts.of_account(conn, account_id) if each.carrier == entered.carrier]
    known = next((each for each in found if each.tenant_id == whose), None)
    if over is not None and over != (known.revision if known else 0):
        raise ChangedMeanwhile
    return account_id, known


def _put(  # whose, for which shops, what, and instead of what
    conn: db.Conn,
    rig: Rig,
    account_id: str,
    tenant_id: TenantId | None,
    entered: Entered,
    account: Account,
    known: Contract | None,
) -> Contract:
    """Enter a login: as the one that was of the same account before, or beside it, for nothing of it is found here."""
    before = [*([known] if known else ()), *contracts.closed(conn, account_id, tenant_id, entered.carrier)]
    same = next((each for each in before if logins.is_of_account(rig, each, account)), None)
    sealed = rig.settings.seal.close(json.dumps(dict(account.secrets)))
    if known and known != same:
        contracts.close(conn, known.contract_id, now=rig.now())
    if same and same != known:
        contracts.reopen(conn, same.contract_id, secrets_sealed=sealed)
    return contracts.put(
        conn,
        account_id,
        tenant_id,
        entered.carrier,
        base_url=account.base_url,
        secrets_sealed=sealed,
        given=account.given,
        switches=sorted(account.switches),
        serials=_serials(conn, account.given, same, before),
        now=rig.now(),
    )


def _serials(
    conn: db.Conn, given: Mapping[str, str], same: Contract | None, before: Sequence[Contract]
) -> tuple[int | None, int] | None:
    """Return the row of numbers of a login; one that other logins have used goes on where the furthest of them is."""
    told = logins.serials(given, same)
    if not given.get("number_first"):
        return told
    others = [each.contract_id for each in before if each != same and logins.is_of_row(given, each)]
    furthest = max((contracts.next_serial(conn, each) or 0 for each in others), default=0)
    own = contracts.next_serial(conn, same.contract_id) if same else None
    begins = told[0] if told and told[0] is not None else own or 0
    return (furthest, int(given["number_last"])) if furthest > begins else told


def test(rig: Rig, tenant_id: TenantId, contract_id: str, *, by: str) -> Tested:
    """Ask a carrier whether it lets us in and return what it said; raise NoLogin for a login the shop does not use."""
    with rig.db.tx(tenant_id) as conn:
        contract = _usable(conn, tenant_id, contract_id)
    try:
        tested = logins.ask(rig.carrier(contract))
    except LoginUnusable as why:
        tested = Tested(Said.UNUSABLE, str(why))
    lets_in = tested.said is Said.WORKS
    with rig.db.tx_all(WHY) as conn:
        contracts.tested(conn, contract, said=tested.said, lets_in=lets_in, now=rig.now())
        shops = _note(conn, rig, tenant_id, contract, "carrier test", by=by, said=tested.said)
        for shop in shops if lets_in else []:
            _settle_refusal(conn, rig, shop, contract)
    for shop in shops if lets_in else []:
        rig.wake(Lane.BOOK, shop)
    return tested


def _usable(conn: db.Conn, tenant_id: TenantId, contract_id: str) -> Contract:
    """Return a login of the shop's merchant, or the one of its warehouse that counts."""
    account_id = tenants.account_of(conn, tenant_id)
    own = contracts.of_account(conn, account_id) if account_id else []
    found = [*own, *contracts.usable(conn, tenant_id).values()]
    ours = [each for each in found if each.contract_id == contract_id and each.tenant_id in (None, tenant_id)]
    if not ours:
        raise NoLogin
    return ours[0]


def _settle_refusal(conn: db.Conn, rig: Rig, tenant_id: TenantId, contract: Contract) -> None:
    """Close what was told of refused logins where this was the only one that fails."""
    others = [each.contract_id for each in contracts.usable(conn, tenant_id).values()]
    failing = contracts.standing(conn, others, Lane.BOOK)
    if not any(breaker.tries for other, breaker in failing.items() if other != contract.contract_id):
        problems.settle(conn, tenant_id, Cause.CARRIER_REFUSES, now=rig.now())


def log_out(rig: Rig, tenant_id: TenantId, contract_id: str, *, by: str) -> None:
    """Remove a login of the shop's merchant; raise NoLogin. What waits under it is left to a person."""
    with rig.db.tx_all(WHY) as conn:
        account_id = tenants.account_of(conn, tenant_id)
        own = contracts.of_account(conn, account_id) if account_id else []
        ours = [each for each in own if each.contract_id == contract_id and each.tenant_id in (None, tenant_id)]
        if not ours or not contracts.close(conn, contract_id, now=rig.now()):
            raise NoLogin
        shops = _note(conn, rig, tenant_id, ours[0], "carrier logout", by=by)
        for shop in shops:
            desk.settle(conn, rig, shop)
    for shop in shops:
        rig.wake(Lane.BOOK, shop)


def _note(  # what of which login
    conn: db.Conn, rig: Rig, tenant_id: TenantId, contract: Contract, act: str, *, by: str, **more: str
) -> list[TenantId]:
    """Write an act down in every shop it is about, and return them."""
    every = [each for each in tenants.everyone(conn) if each.state is not State.DISMISSED]
    of_all = [each.tenant_id for each in every if contract.account_id in (each.account_id, each.warehouse_account_id)]
    shops = [tenant_id] if contract.tenant_id else of_all
    scope = "shop" if contract.tenant_id else "account"
    detail = {"by": by, "act": act, "carrier": contract.carrier, "for": scope, **more}
    for shop in shops:
        journal.write(conn, shop, [Entry(rig.now(), Kind.PERSON, None, detail)])
    return shops
