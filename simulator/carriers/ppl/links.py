"""Where links lead: to the address the call came to, be it a real one or the simulator's."""

from urllib.parse import urlsplit

from simulator.carriers.wire import Request
from simulator.carriers.world import World

PRODUCTION = "https://api.dhl.com/ecs/ppl/myapi2"
SANDBOX = "https://api-dev.dhl.com/ecs/ppl/myapi2"
REAL = {urlsplit(url).netloc: url for url in (PRODUCTION, SANDBOX)}


def base(world: World, request: Request) -> str:
    """Return the address below which the caller calls."""
    return REAL.get(request.headers.get("host", ""), world.base_url)
