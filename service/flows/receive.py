"""Store webhooks: whatever waits goes into one statement and one commit, and only then is any of it acknowledged."""

import logging
from collections.abc import Sequence

import psycopg

from service import inbox
from service.inbox import Delivery
from service.rig import Rig

log = logging.getLogger(__name__)

WHY = "webhooks of many shops share one commit"


def run(rig: Rig, batch: Sequence[Delivery]) -> list[bool]:
    """Store a batch and say of each delivery whether it is durable; raise when the database is away.

    Source: docs/upgates.md 3.2 (a single durable append before the answer; a 5xx only when the append itself failed).
    """
    try:
        _store(rig, batch)
    except psycopg.DataError:  # one of them cannot be kept: it must not take the others down
        return [len(batch) > 1 and _alone(rig, delivery) for delivery in batch]
    return [True] * len(batch)


def _alone(rig: Rig, delivery: Delivery) -> bool:
    try:
        _store(rig, [delivery])
    except psycopg.DataError as fault:
        log.error("a webhook %r of %r cannot be stored: %s", delivery.event, delivery.tenant_id, fault)  # noqa: TRY400
        return False
    return True


def _store(rig: Rig, batch: Sequence[Delivery]) -> None:
    door = rig.db.statement_all if inbox.is_one_statement(batch) else rig.db.tx_all
    with door(WHY) as conn:
        inbox.store(conn, batch)
