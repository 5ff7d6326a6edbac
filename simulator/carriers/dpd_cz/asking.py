"""How a call is read and answered: the key in a header, JSON, and one error of code, message, description (3A).

guess: every `code` and every HTTP status; the contract has the three fields alone, 429, and the causes it names, whose
words are the messages here.
"""

import hmac
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from simulator.carriers.wire import Request, Response, Unreadable, as_json
from simulator.carriers.world import Account, Parcel, World


class Problem(Exception):
    """A call that is refused; nothing was done."""

    def __init__(self, status: int, code: str, message: str, description: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.description = status, code, message, description


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that brought the key of an account."""

    world: World
    account: Account
    request: Request

    @property
    def ident(self) -> str:
        """Return what stands in the path after the first word."""
        return self.request.parts()[2]

    def body(self) -> Any:
        """Return the JSON of the body."""
        kind = self.request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Problem(415, "UNSUPPORTED_MEDIA_TYPE", "Content type is not application/json", kind)
        try:
            return self.request.json()
        except Unreadable as wrong:
            raise Problem(400, "MALFORMED_JSON", "Body is not JSON", str(wrong)) from wrong

    def parcel(self, number: str) -> Parcel:
        """Return a parcel of this account that was not deleted."""
        found = self.world.parcels.get(number)
        if found is None or found.account != self.account.name or self.world.is_cancelled(found):
            raise unknown("Parcel", number)
        return found


def logged_in(world: World, request: Request) -> Account:
    """Return the account whose key the header brings, byte for byte."""
    told = request.headers.get("x-api-key", "").encode()
    for account in world.accounts.values():
        if hmac.compare_digest(account.login["api_key"].encode(), told):
            return account
    raise Problem(401, "UNAUTHORIZED", "API key is not valid")


def wrong(path: str, text: str) -> Problem:
    """Return what is said of a field, by its path in the body."""
    return Problem(400, "VALIDATION_ERROR", "Request is not valid", f"{path}: {text}")


def unknown(what: str, ident: str) -> Problem:
    """Return what is said of a number or id that this account does not have."""
    return Problem(404, "NOT_FOUND", f"{what} not found", ident)


def trouble(status: int) -> Problem:
    """Return what is said when nobody looked at the call."""
    if status == 429:
        return Problem(429, "TOO_MANY_REQUESTS", "Too many requests", "Slow down.")
    return Problem(status, "SERVER_ERROR", HTTPStatus(status).phrase)


def bad(problem: Problem) -> Response:
    """Return a refusal as the carrier writes it."""
    description = problem.description.encode(errors="replace").decode()  # it may repeat half a character
    told = {"code": problem.code, "message": problem.message, "description": description}
    return as_json(told, problem.status)


def gone() -> Response:
    """Return that something is no more."""
    return Response(204)
