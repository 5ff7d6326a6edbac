"""Read a batch the shop fails at in halves, so that one thing it fails at stops no other."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from service import inbox
from service.kit import backoff
from service.lanes import Lane, TenantId
from service.platform.errors import (
    AccessBlocked,
    CredentialsRejected,
    MovedTwice,
    NotActive,
    PlatformBusy,
    PlatformError,
    PlatformRefused,
    PlatformUnreachable,
    RightMissing,
)
from service.rig import Rig

OF_THE_SHOP = (AccessBlocked, CredentialsRejected, MovedTwice, NotActive, RightMissing)  # whatever is asked for


class ReadBatch(Protocol):
    """Reads these by one call and stores what came; `vouched`: with witnesses beside them."""

    def __call__(self, keys: Sequence[str], *, vouched: bool) -> None: ...


def read(
    rig: Rig,
    tenant_id: TenantId,
    lane: Lane,
    claim: str,
    keys: Sequence[str],
    *,
    read_batch: ReadBatch,
    read_witnesses: Callable[[], bool],
) -> None:
    """Read some things by `read_batch`, which is told whether to ask for witnesses beside them.

    The first failure of a lane is raised, for the shop may be down. After it, the batch is halved without witnesses
    until what is left are the things the shop fails at; those count it against them. Raise the trouble when nothing at
    all can be read: then it is the shop's. `read_witnesses` asks for what is known to live and says whether there is
    such a thing. Costs 14 calls for one order of 98.
    """
    with rig.db.tx(tenant_id) as conn:
        failing = inbox.failures(conn, tenant_id, lane) > 0
    try:
        read_batch(keys, vouched=not failing)
    except (PlatformUnreachable, PlatformRefused) as trouble:
        if not failing or isinstance(trouble, OF_THE_SHOP):
            raise
        is_up = len(keys) == 1 and read_witnesses()
        blame_one = partial(blame, rig, tenant_id, lane, claim, str(trouble))
        halve(keys, trouble, read_batch, blame_one, is_up=is_up)


def halve(
    keys: Sequence[str],
    trouble: PlatformError,
    read_batch: ReadBatch,
    blame_one: Callable[[str], None],
    *,
    is_up: bool,
) -> None:
    """Halve a batch that failed as long as any part of it can be read."""
    failed = [keys]
    while failed:
        batch = failed.pop()
        if len(batch) == 1:
            if not is_up:
                raise trouble
            blame_one(batch[0])
            continue
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            try:
                read_batch(half, vouched=False)
                is_up = True
            except (PlatformUnreachable, PlatformRefused) as again:
                if isinstance(again, OF_THE_SHOP):
                    raise
                failed.append(half)
            except PlatformBusy:  # by the calls before, which the shop is still at: the lane rests for its failure
                raise trouble from None
        if not is_up:
            raise trouble


def blame(rig: Rig, tenant_id: TenantId, lane: Lane, claim: str, why: str, key: str) -> None:
    """Count a failure against this one, for the shop answers about others."""
    now = rig.now()
    until = backoff.after(now, 0)
    with rig.db.tx(tenant_id) as conn:
        inbox.put_off(conn, tenant_id, lane, claim, until=until, failed=True, why=why, keys=[key])
