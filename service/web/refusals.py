"""Whose webhooks were not taken, and since when: the shop sends them again, or counts them as delivered."""

import threading
from collections.abc import Mapping
from datetime import datetime

from service.lanes import LOOKED_AT, Lane, TenantId
from service.web.presence import Presence

Refused = dict[tuple[TenantId, Lane], datetime]


class Refusals:
    """Noted by the event loop, taken by a thread; one time for each shop and lane, so it stays as small as they are."""

    def __init__(self, presence: Presence) -> None:
        self._presence = presence
        self._lock = threading.Lock()
        self._since: Refused = {}

    def note(self, tenant_id: TenantId, lane: Lane | None, at: datetime) -> None:
        """Note a webhook that was refused; of one no lane looks at for lost news only that there was one."""
        self._presence.interrupt()
        if lane and lane in LOOKED_AT:
            self.keep({(tenant_id, lane): at})

    def keep(self, refused: Mapping[tuple[TenantId, Lane], datetime]) -> None:
        """Note what was taken and could not be passed on."""
        with self._lock:
            for whose, at in refused.items():
                self._since[whose] = min(at, self._since.get(whose, at))

    def take(self) -> Refused:
        """Return what was noted since it was last taken."""
        with self._lock:
            taken, self._since = self._since, {}
        return taken
