"""How a call is read and answered: the key in a header, JSON, and one error of code and message."""

import hmac
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from simulator.carriers.wire import Request, Response, Unreadable, as_json
from simulator.carriers.world import Account, Parcel, World

MOST = 20


class Problem(Exception):
    """A call that is refused; nothing was done."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that brought the key of an account."""

    world: World
    account: Account
    request: Request

    def list(self, name: str, kind: type) -> list[Any]:
        """Return the list a body consists of: 1 to 20 items of one kind."""
        try:
            body = self.request.json()
        except Unreadable as wrong:
            raise Problem(400, "no_json", str(wrong)) from wrong
        told = body.get(name) if isinstance(body, dict) else None
        if not isinstance(told, list) or not 1 <= len(told) <= MOST:
            raise Problem(400, "wrong", f"{name}: must be a list of 1 to {MOST}")
        if not all(isinstance(one, kind) for one in told):
            raise Problem(400, "wrong", f"{name}: an item is of another kind")
        return told

    def parcel(self, number: str) -> Parcel:
        """Return a parcel of this account, cancelled ones included."""
        found = self.world.parcels.get(number)
        if found is None or found.account != self.account.name:
            raise Problem(404, "not_found", f"there is no parcel {number}")
        return found


def logged_in(world: World, request: Request) -> Account:
    """Return the account whose key the header brings, byte for byte."""
    told = request.headers.get("authorization", "").encode()
    for account in world.accounts.values():
        if hmac.compare_digest(f"Bearer {account.login['api_key']}".encode(), told):
            return account
    raise Problem(401, "unauthorized", "the key is wrong")


def nowhere(asked: Asked) -> Response:
    """Refuse a call the carrier does not have."""
    raise Problem(404, "not_found", f"there is no {asked.request.method} {asked.request.path}")


def trouble(status: int) -> Problem:
    """Return what is said when nobody looked at the call."""
    return Problem(status, "busy" if status == 429 else "failed", HTTPStatus(status).phrase)


def bad(problem: Problem) -> Response:
    """Return a refusal as the carrier writes it."""
    message = problem.message.encode(errors="replace").decode()  # it may repeat half a character
    return as_json({"error": {"code": problem.code, "message": message}}, problem.status)
