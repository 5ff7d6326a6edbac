"""Who ships for a shop: only his word counts for what happens to the goods."""

from service import accounts, db
from service.lanes import TenantId


class NotTheShipper(Exception):
    """Another account ships for the shop: only its word says where the goods are."""


def is_it(conn: db.Conn, tenant_id: TenantId, account_id: str) -> bool:
    """Say whether an account ships for the shop; where none does, anybody of the shop may."""
    return accounts.shipper(conn, tenant_id) in (None, account_id)


def only(conn: db.Conn, tenant_id: TenantId, account_id: str) -> None:
    """Raise NotTheShipper for an account that does not ship for the shop."""
    if not is_it(conn, tenant_id, account_id):
        raise NotTheShipper
