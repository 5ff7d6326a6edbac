"""Tickets into the panel: an open ticket lives a minute and is exchanged once for a session.

Tickets and sessions begin with the id of their tenant, so that whoever reads them sees no other tenant's. Only
fingerprints are stored. A used ticket keeps its row for a day, so that whoever brings it again is told what to do in
the right language.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service import db
from service.kit import ids, seal
from service.lanes import TenantId

OWNS = ("panel_tickets",)

OPEN_FOR = timedelta(seconds=60)
SESSION_FOR = timedelta(hours=12)
KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Session:
    """Somebody who came through the admin of one shop; nobody tells us who (docs/upgates.md 2.4)."""

    secret: str = field(repr=False)
    tenant_id: TenantId
    language: str

    @property
    def form_token(self) -> str:
        """Return what our own forms carry and a foreign page cannot know."""
        return seal.digest(f"form:{self.secret}")


TIDY = "DELETE FROM panel_tickets WHERE tenant_id = %(tenant_id)s AND expires_at < %(before)s"

ADD = """
    INSERT INTO panel_tickets (ticket_digest, tenant_id, kind, language, expires_at)
    VALUES (%(ticket_digest)s, %(tenant_id)s, %(kind)s, %(language)s, %(expires_at)s)
"""


def issue(conn: db.Conn, tenant_id: TenantId, *, language: str, now: datetime) -> str:
    """Return a new ticket that opens the panel once within a minute."""
    db.run(conn, TIDY, tenant_id=tenant_id, before=now - KEPT_FOR)
    return _add(conn, tenant_id, kind="open", language=language, expires_at=now + OPEN_FOR)


def _add(conn: db.Conn, tenant_id: TenantId, *, kind: str, language: str, expires_at: datetime) -> str:
    secret = f"{tenant_id}.{ids.secret()}"
    db.run(
        conn,
        ADD,
        ticket_digest=seal.digest(secret),
        tenant_id=tenant_id,
        kind=kind,
        language=language,
        expires_at=expires_at,
    )
    return secret


def tenant_of(secret: str) -> TenantId | None:
    """Return whose ticket or session this claims to be; None when it is none of ours."""
    tenant_id, dot, _ = secret.partition(".")
    return tenant_id if dot and re.fullmatch(r"t_[a-z0-9]+", tenant_id) else None


USE = """
    UPDATE panel_tickets
    SET expires_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND ticket_digest = %(ticket_digest)s
      AND kind = 'open'
      AND expires_at > %(now)s
    RETURNING language
"""


def exchange(conn: db.Conn, tenant_id: TenantId, ticket: str, *, now: datetime) -> Session | None:
    """Use a ticket up and return the session it opens; None when it is used, old or not ours."""
    row = db.one(conn, USE, tenant_id=tenant_id, ticket_digest=seal.digest(ticket), now=now)
    if row is None:
        return None
    secret = _add(conn, tenant_id, kind="session", language=row["language"], expires_at=now + SESSION_FOR)
    return Session(secret, tenant_id, row["language"])


LANGUAGE = "SELECT language FROM panel_tickets WHERE tenant_id = %(tenant_id)s AND ticket_digest = %(ticket_digest)s"


def language(conn: db.Conn, tenant_id: TenantId, ticket: str) -> str | None:
    """Return the language of whoever got this ticket, used or not; None when we do not know it any more."""
    row = db.one(conn, LANGUAGE, tenant_id=tenant_id, ticket_digest=seal.digest(ticket))
    return row["language"] if row else None


SESSION = """
    SELECT ticket.language
    FROM panel_tickets AS ticket
    JOIN tenants ON tenants.tenant_id = ticket.tenant_id AND tenants.state <> 'dismissed'
    WHERE ticket.tenant_id = %(tenant_id)s
      AND ticket.ticket_digest = %(ticket_digest)s
      AND ticket.kind = 'session'
      AND ticket.expires_at > %(now)s
"""


def session(conn: db.Conn, tenant_id: TenantId, secret: str, *, now: datetime) -> Session | None:
    """Return the session behind a cookie; None when it has ended or its tenant was dismissed."""
    row = db.one(conn, SESSION, tenant_id=tenant_id, ticket_digest=seal.digest(secret), now=now)
    return Session(secret, tenant_id, row["language"]) if row else None


LEAVE = "DELETE FROM panel_tickets WHERE tenant_id = %(tenant_id)s AND ticket_digest = %(ticket_digest)s"


def leave(conn: db.Conn, session: Session) -> None:
    """End a session."""
    db.run(conn, LEAVE, tenant_id=session.tenant_id, ticket_digest=seal.digest(session.secret))


FORGET = "DELETE FROM panel_tickets WHERE tenant_id = %(tenant_id)s"


def forget(conn: db.Conn, tenant_id: TenantId) -> None:
    """End every session of a tenant and void its tickets."""
    db.run(conn, FORGET, tenant_id=tenant_id)
