"""Take in that the machine's clock leapt ahead: what is in doubt was not waited for as long as it says.

A write that nobody heard the answer of may land for 90 s (docs/upgates.md B28), a booking for minutes. Looked at
before, it would go once more and mail, or cost, a second time. Whoever acts by the clock looks first: each task of a
worker, each tick of beat.
"""

import logging

from service import bookings, outbox
from service.kit.clock import Leaps
from service.rig import Rig

log = logging.getLogger(__name__)


def heed(rig: Rig, leaps: Leaps) -> None:
    """Let every write in doubt rest anew if the clock leapt ahead."""
    ahead = leaps.ahead()
    if not ahead:
        return
    with rig.db.tx_all("a clock that leaps concerns all shops") as conn:
        resting = outbox.rest_anew(conn, now=rig.now()) + bookings.rest_anew(conn, now=rig.now())
    leaps.take_in()
    log.warning("the clock leapt %.0f s ahead; %d writes in doubt rest anew", ahead.total_seconds(), resting)
