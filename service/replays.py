"""The signatures we have accepted: one signature is good at one endpoint only.

The signed values name no action, so a signature captured at an opening would fit an uninstallation too (docs/upgates.md
2.2). A row outlives the time in which its signature could be accepted again.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from service import db

OWNS = ("lifecycle_requests",)


class Seen(StrEnum):
    """What we know of a signature."""

    ACCEPTED = "accepted"
    AGAIN = "again"  # the same call once more: harmless, calls are idempotent (2.7)
    REPLAY_ELSEWHERE = "replay_elsewhere"


FORGET = """
    DELETE FROM lifecycle_requests
    WHERE signature_digest IN (
        SELECT signature_digest
        FROM lifecycle_requests
        WHERE accepted_at < %(before)s
        LIMIT 100
        FOR UPDATE SKIP LOCKED
    )
"""

ACCEPT = """
    INSERT INTO lifecycle_requests (signature_digest, endpoint, token, accepted_at)
    VALUES (%(signature_digest)s, %(endpoint)s, %(token)s, %(now)s)
    ON CONFLICT (signature_digest) DO NOTHING
"""

ENDPOINT = "SELECT endpoint FROM lifecycle_requests WHERE signature_digest = %(signature_digest)s"


def accept(
    conn: db.Conn, *, signature_digest: str, endpoint: str, token: str, now: datetime, window: timedelta
) -> Seen:
    """Note a verified signature for `window` and say whether it came before.

    Two calls with one signature wait for each other here until the first has committed.
    """
    db.run(conn, FORGET, before=now - window)
    if db.run(conn, ACCEPT, signature_digest=signature_digest, endpoint=endpoint, token=token, now=now):
        return Seen.ACCEPTED
    row = db.one(conn, ENDPOINT, signature_digest=signature_digest)
    return Seen.AGAIN if row and row["endpoint"] == endpoint else Seen.REPLAY_ELSEWHERE
