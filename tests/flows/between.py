"""Let things happen in the shop, or to a worker, between the pages of a walk."""

from collections.abc import Callable, Sequence

import httpx

from service.lanes import TenantId
from tests.flows.town import Town


class Killed(BaseException):
    """What kill -9 looks like from inside: nobody catches it."""


def meddling_between_pages(town: Town, meddle: Callable[[], None], *, of: str = "/orders") -> None:
    """Let something happen before each answer to this list."""
    transport = town.rig.transport
    assert isinstance(transport, httpx.MockTransport)
    answered = transport.handler

    def handler(request: httpx.Request):
        if request.url.path.endswith(of):
            meddle()
        return answered(request)

    transport.handler = handler


def at_page(number: int, deed: Callable[[], object]) -> Callable[[], None]:
    """Return a meddler that does its deed once, before the answer with this number."""
    asked = iter(range(1, 100_000))

    def meddle() -> None:
        if next(asked) == number:
            deed()

    return meddle


def lost_from_the_mirror(town: Town, tenant: TenantId, numbers: Sequence[str]) -> None:
    """Let orders be missing for which nothing on the walk accounts."""
    with town.rig.db.tx(tenant) as conn:
        conn.execute("DELETE FROM orders WHERE order_number = ANY (%s)", [list(numbers)])
