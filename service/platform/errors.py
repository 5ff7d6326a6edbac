"""How the platform fails, in three words: refused (a person must act), busy (come back then), unreachable (back off).

Their messages are shown to people, so they never hold a credential or the address of a webhook.
"""

from datetime import datetime


class PlatformError(Exception):
    """A call to the shop did not bring what was asked for."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class PlatformRefused(PlatformError):
    """The platform will not do it however often we ask: somebody must act."""


class RequestRefused(PlatformRefused):
    """The shop refuses this very request (400, 413 and their like, 1.4): it is about what the request carries."""


class CredentialsRejected(PlatformRefused):
    """The login is wrong or was deleted (401, docs/upgates.md 1.2, 1.4)."""


class AccessBlocked(PlatformRefused):
    """The API user or our address is shut out: even `GET /status`, which needs no right, answers 403 (1.4, 2.7)."""


class RightMissing(PlatformRefused):
    """The login is fine but lacks the right for this endpoint (403 while `GET /status` answers 200, 1.4)."""


class MovedTwice(PlatformRefused):
    """The address the shop sent us to sends us on again (1.4)."""


class NotActive(PlatformRefused):
    """We do not call this shop: it is suspended, dismissed or unknown."""


class Gone(PlatformRefused):
    """There is nothing at this address (404)."""


class PlatformBusy(PlatformError):
    """Nothing was done; from `until` on it may be asked again."""

    def __init__(self, until: datetime, why: str) -> None:
        super().__init__(why)
        self.until = until


class PlatformUnreachable(PlatformError):
    """No usable answer came; `unclear` says that the work may have been done all the same."""

    def __init__(self, why: str, *, unclear: bool) -> None:
        super().__init__(why)
        self.unclear = unclear


class NotInTime(PlatformUnreachable):
    """No answer came in time: the shop may be at it still, and counts that call among those at once (1.8)."""


class Unreadable(PlatformUnreachable):
    """An answer came that says it is fine and cannot be read (HTML, nothing, half of its JSON): it proves nothing."""


class Moved(PlatformError):
    """The shop says that it lives elsewhere now; `api_url` is what it named, unchecked. For service.rig alone."""

    def __init__(self, api_url: str) -> None:
        super().__init__("the shop moved")
        self.api_url = api_url


class Forbidden(PlatformError):
    """403, which has several meanings until `GET /status` was asked (1.4). For service.rig alone."""
