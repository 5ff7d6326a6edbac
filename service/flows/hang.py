"""What an operator does with accounts: open one, hang a shop on it, hand out and revoke tokens."""

from service import accounts, journal, tenants
from service.accounts import Kind, Person, Token
from service.lanes import TenantId
from service.rig import Rig
from service.steps import telling


def run(rig: Rig, tenant_id: TenantId, account_id: str) -> None:
    """Hang a shop on an account: a merchant's as its owner, a warehouse's as whoever ships for it.

    Raise LookupError, with words for the operator, when either is unknown.
    """
    with rig.db.tx_all("an operator joins a tenant and an account") as conn:
        account = accounts.of(conn, account_id)
        if account is None:
            raise LookupError(f"there is no account {account_id}; `accounts` lists them")
        if tenants.of(conn, tenant_id) is None:
            raise LookupError(f"there is no tenant {tenant_id}; `tenants` lists them")
        if account.kind is Kind.WAREHOUSE:
            tenants.ship_from(conn, tenant_id, account_id=account_id)
        else:
            tenants.pair(conn, tenant_id, account_id=account_id)
        detail = {"account": account_id, "as": account.kind.value, "by": "operator"}
        journal.write(conn, tenant_id, [journal.Entry(rig.now(), journal.Kind.PAIRED, None, detail)])
    telling.anew(rig, tenant_id)


def open_account(rig: Rig, kind: Kind, person: Person) -> str:
    """Open an account and return its id."""
    with rig.db.tx_all("an account belongs to no tenant") as conn:
        return accounts.create(conn, kind, person, now=rig.now())


def add_token(rig: Rig, account_id: str, *, label: str) -> Token:
    """Make a token; its secret is in the answer and nowhere else. Raise LookupError for an unknown account."""
    with rig.db.tx_all("a token hangs on an account, not on a tenant") as conn:
        if accounts.of(conn, account_id) is None:
            raise LookupError(f"there is no account {account_id}; `accounts` lists them")
        return accounts.add_token(conn, account_id, label=label, now=rig.now())


def revoke(rig: Rig, account_id: str, *, token_id: str) -> bool:
    """Let a token open nothing any more; False when there is none to revoke."""
    with rig.db.tx_all("a token hangs on an account, not on a tenant") as conn:
        return accounts.revoke(conn, account_id, token_id=token_id, now=rig.now())
