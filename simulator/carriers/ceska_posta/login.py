"""Who calls: a token, and an HMAC over the body's hash, the time and a nonce (carriers.md 5.1)."""

import base64
import hashlib
import hmac
import re
from datetime import datetime
from typing import Any
from uuid import UUID

from simulator.carriers.ceska_posta.failures import Failure
from simulator.carriers.wire import Request
from simulator.carriers.world import Account, World

LONGEST_S = 60
NONCE = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
SIGNED = re.compile(rf'CP-HMAC-SHA256 nonce="(?P<nonce>{NONCE})"(?:, ?| )signature="(?P<signature>[A-Za-z0-9+/=]+)"')
OFFICE = ("19000", "Praha 90")
ANY = "*"
# Rows of numbers: the sender's digits, the letter that tells how many those are, and the first serial number.
RANGES = {"NB": [("58477", "L", 6_999), ("58", "F", 1)], "DR": [("436", "U", 223_095)], ANY: [("21", "F", 1)]}


def fill(world: World) -> None:
    """Add the accounts."""
    _add(world, "shop", contract="356000000", customer="L00123", ranges=RANGES)
    _add(world, "ranged", contract="356000001", customer="L00124", ranges={ANY: [("22", "F", 1)]}, own=("777", "T"))
    _add(world, "second", contract="356000002", customer="U219", ranges={ANY: [("23", "F", 1)]})


def caller(world: World, request: Request) -> Account:
    """Return whose call it is; 401 for a wrong key, signature, body hash or clock."""
    account = world.account_with(api_token=request.headers.get("api-token", ""))
    signed = SIGNED.fullmatch(request.headers.get("authorization", ""))
    stamp = request.headers.get("authorization-timestamp", "")
    told = request.headers.get("authorization-content-sha256", "")
    if account is None:
        raise Failure(401, "Unknown Api-Token.")
    if signed is None:
        raise Failure(401, "Authorization cannot be read.")
    if not _is_fresh(stamp, request.at):
        raise Failure(401, "Authorization-Timestamp is not within the last 60 seconds.")
    # Clients that work leave the header of a call without a body out, or empty; the hash of nothing is neither.
    if told != (hashlib.sha256(request.body).hexdigest() if request.body else ""):
        raise Failure(401, "Authorization-Content-SHA256 does not match the body.")
    text = f"{told};{stamp};{signed['nonce']}".encode()
    right = base64.b64encode(hmac.digest(account.login["secret_key"].encode(), text, "sha256")).decode()
    if not hmac.compare_digest(right, signed["signature"]):
        raise Failure(401, "Signature does not match.")
    return account


def contract(request: Request, account: Account) -> None:
    """Insist on the query's `idContract`; guess: 400 where there is none, 403 for somebody else's."""
    given = request.many("idContract")
    if len(given) != 1:
        raise Failure(400, "idContract: must be given once")
    if given[0] != account.login["id_contract"]:
        raise Failure(403)


def _is_fresh(stamp: str, at: datetime) -> bool:
    return re.fullmatch(r"\d{10}", stamp) is not None and 0 <= int(at.timestamp()) - int(stamp) <= LONGEST_S


def _add(
    world: World,
    name: str,
    *,
    contract: str,
    customer: str,
    ranges: dict[str, Any],
    own: tuple[str, str] | None = None,
) -> None:
    """Add an account; its key looks like Base64, so that a client which decodes it fails. `own`: digits and letter."""
    world.add_account(
        name,
        api_token=str(UUID(int=world.rng.getrandbits(128), version=4)),
        secret_key=base64.b64encode(world.rng.randbytes(32)).decode(),
        id_contract=contract,
        customer_id=customer,
        post_code=OFFICE[0],
        location_number="1",
        given={"ranges": ranges, "own": own, "locations": {1: {"locationName": "Sklad"}}},
    )
