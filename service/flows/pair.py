"""Say whose shop it is: an account we know, or a new one (docs/upgates.md 5.3, R33)."""

from dataclasses import dataclass, field

from service import accounts, db, journal, tenants
from service.accounts import Kind, Person
from service.alarms import channels
from service.lanes import TenantId
from service.rig import Rig
from service.steps import telling


class PairingRefused(Exception):
    """The token opens no merchant's account."""


@dataclass(frozen=True)
class Existing:
    """An account that is there: its token proves that whoever pairs may do so."""

    token: str = field(repr=False)


def run(rig: Rig, tenant_id: TenantId, choice: Existing | Person) -> str:
    """Hang the shop on the chosen account and return its id; raise PairingRefused when the token opens none.

    The account the shop leaves is closed when nothing else hangs on it, for example the one made at activation.
    """
    with rig.db.tx_all("an account may be left only when no other shop hangs on it") as conn:
        before = tenants.account_of(conn, tenant_id)
        account_id = chosen(rig, conn, choice)
        if account_id == before:
            return account_id
        tenants.pair(conn, tenant_id, account_id=account_id)
        if before and accounts.left(conn, before):
            channels.forget_those_of(conn, before)
        by = "token" if isinstance(choice, Existing) else "panel"
        entry = journal.Entry(rig.now(), journal.Kind.PAIRED, None, {"account": account_id, "before": before, "by": by})
        journal.write(conn, tenant_id, [entry])
    telling.anew(rig, tenant_id)
    return account_id


def chosen(rig: Rig, conn: db.Conn, choice: Existing | Person) -> str:
    """Return the account of the token, or a new one for the person."""
    if isinstance(choice, Person):
        return accounts.create(conn, Kind.MERCHANT, choice, now=rig.now())
    account = accounts.bearer(conn, choice.token)
    if account is None or account.kind is not Kind.MERCHANT:
        raise PairingRefused
    return account.account_id
