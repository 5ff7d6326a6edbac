"""What a seal waits for: transactions that run elsewhere on the server."""

from service.db import Database
from tests.simulator.until import until

ENDED = "SELECT %(xid)s::xid8 < pg_snapshot_xmin(pg_current_snapshot()) AS ended"


def settle(db: Database) -> None:
    """Wait for transactions that run in other tests' databases: to the seal they are slow writers too."""
    with db.tx("t_one") as conn:
        (ours,) = conn.execute("SELECT pg_current_xact_id()::text AS xid").fetchall()

    def older_ones_have_ended() -> bool:
        with db.tx("t_one") as conn:
            return conn.execute(ENDED, ours).fetchall() == [{"ended": True}]

    until(older_ones_have_ended, within_s=60)
