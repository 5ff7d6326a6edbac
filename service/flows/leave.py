"""End a session of the panel."""

from service import tickets
from service.rig import Rig
from service.tickets import Session


def run(rig: Rig, session: Session) -> None:
    """Forget the session; the next opening from the admin begins a new one."""
    with rig.db.tx(session.tenant_id) as conn:
        tickets.leave(conn, session)
