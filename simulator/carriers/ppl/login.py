"""Who calls: tokens by client credentials, roles, and how often one may call (2.1)."""

from datetime import datetime, timedelta

from simulator.carriers import wire
from simulator.carriers.ppl import problems
from simulator.carriers.ppl.problems import Problem
from simulator.carriers.wire import Request, Response
from simulator.carriers.world import Account, World

CLIENT, TRACKING, POINTS = "client", "tracking", "pickup points"
LIFE = timedelta(seconds=1_800)
MINUTE = timedelta(minutes=1)
TOKENS_A_MINUTE = 12
# "At least 40 ms between calls" are 50 calls in two seconds. Calls that were sent in time may arrive in a heap, so a
# few more are let pass.
PACED, CALLS = timedelta(seconds=2), 60


def fill(world: World) -> None:
    """Make the accounts."""
    for name, roles in (("shop", (CLIENT, TRACKING, POINTS)), ("tracking", (TRACKING,))):
        world.add_account(
            name,
            given={"roles": list(roles), "customer": f"{world.rng.randrange(10**7, 10**8)}"},
            client_id=f"{world.rng.getrandbits(64):016x}",
            client_secret=f"{world.rng.getrandbits(160):040x}",
        )
    world.bag |= {"tokens": {}, "asked": {}, "called": {}}


def token(world: World, request: Request) -> Response:
    """Give a token for credentials that are right byte for byte.

    The contract prints no error of this call: those of OAuth 2.0 (RFC 6749, 5.2) are taken.
    """
    form = request.form() if _is_form(request) else {}
    if not form.keys() >= {"grant_type", "client_id", "client_secret", "scope"}:
        return _refused(400, "invalid_request")
    if _count(world.bag["asked"], form["client_id"], request.at, MINUTE) >= TOKENS_A_MINUTE:
        return problems.written(Problem(429, retry_after=60), request.path)
    if form["grant_type"] != "client_credentials":
        return _refused(400, "unsupported_grant_type")
    if form["scope"] != "myapi2":
        return _refused(400, "invalid_scope")
    account = world.account_with(client_id=form["client_id"], client_secret=form["client_secret"])
    if account is None:
        return _refused(401, "invalid_client")
    given = f"{world.rng.getrandbits(256):064x}"
    world.bag["tokens"][given] = (account.name, request.at + LIFE)
    told = {"access_token": given, "expires_in": int(LIFE.total_seconds()), "token_type": "Bearer", "scope": "myapi2"}
    return wire.as_json(told)


def caller(world: World, request: Request, role: str | None) -> Account:
    """Return the account whose token a call bears; 401 for no good token, 403 for a missing role, 429 for haste.

    That a call without `Accept-Language` is answered is UNCERTAIN; texts here are English as in the printed refusal.
    """
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    name, until = world.bag["tokens"].get(given, ("", request.at)) if scheme == "Bearer" else ("", request.at)
    if request.at >= until:
        raise Problem(401)
    account = world.accounts[name]
    if role is not None and role not in account.given["roles"]:
        raise Problem(403)
    if _count(world.bag["called"], name, request.at, PACED, at_once=1) >= CALLS:
        raise Problem(429, retry_after=1)
    return account


def info(_world: World, request: Request, _account: Account) -> Response:
    """Answer that all is well; the fields are UNCERTAIN."""
    problems.known(request, ())
    return wire.as_json({"name": "Eps.Api.MyApi2", "environment": "simulator", "healthy": True})


def version(_world: World, request: Request, _account: Account) -> Response:
    """Answer which version this is; the fields are UNCERTAIN."""
    problems.known(request, ())
    return wire.as_json([{"application": "myAPI2", "version": "2.0.0"}])


def _is_form(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/x-www-form-urlencoded"


def _refused(status: int, error: str) -> Response:
    return wire.as_json({"error": error}, status, {"cache-control": "no-store"})


def _count(
    counts: dict[str, list[datetime]], name: str, at: datetime, within: timedelta, *, at_once: int | None = None
) -> int:
    """Note a moment and return how many there were within a while before it.

    `at_once`: how many of the same moment count at most, for in tests a watch stands while calls go on.
    """
    kept = [one for one in counts.get(name, ()) if one > at - within]
    counts[name] = kept if at_once is not None and kept.count(at) >= at_once else [*kept, at]
    return sum(one <= at for one in kept)  # a call that lands late is not late for those that came after it
