"""How a call is read and answered: HTTP Basic, JSON, and a `status` in the body (carriers.md 6.1, 6.2)."""

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from simulator import wire
from simulator.carriers.balikobot.inners import Inner
from simulator.carriers.wire import Request, Response, Unreadable, as_json
from simulator.carriers.world import Account, Parcel, World


class Refusal(Exception):
    """A call that is refused whole."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that is logged in: to which carrier, what follows the method in the path, and its body."""

    world: World
    account: Account
    inner: Inner
    request: Request
    more: tuple[str, ...]
    told: dict[str, Any]

    def ids(self) -> list[str]:
        """Return `package_ids` as text, for they may be numbers; refuse none and any twice."""
        ids = self.listed("package_ids")
        if len(set(ids)) != len(ids):
            raise Refusal(413, "package_ids: hodnota se opakuje.")
        return ids

    def listed(self, name: str) -> list[str]:
        """Return a list of texts or whole numbers as texts; refuse anything else and an empty one."""
        found = self.told.get(name)
        if found is None or found == []:
            raise Refusal(406, f"{name}: povinný údaj chybí.")
        if not isinstance(found, list) or any(isinstance(one, bool) or not isinstance(one, str | int) for one in found):
            raise Refusal(413, f"{name}: očekává se seznam.")
        return [str(one) for one in found]

    def package(self, id_: str) -> Parcel | None:
        """Return a package of this account and carrier that was not dropped."""
        number = self.world.bag["ids"].get(id_)
        return self.numbered(number) if number is not None else None

    def packages(self, ids: list[str]) -> list[Parcel]:
        """Return packages in the order asked; 404 when any is unknown, and then nothing is done for the others.

        Guess: the contract prints no answer by package. Whoever takes a 404 for many as "all gone" fails here.
        """
        found = [self.package(id_) for id_ in ids]
        if None in found:
            unknown = [id_ for id_, package in zip(ids, found, strict=True) if package is None]
            raise Refusal(404, f"Neznámé balíky: {', '.join(unknown)}.")
        return [package for package in found if package is not None]

    def numbered(self, number: str) -> Parcel | None:
        """Return a package by the carrier's number; another account's, another carrier's, a dropped one is None."""
        package = self.world.parcels.get(number)
        if package is None or package.account != self.account.name or package.bag["inner"] != self.inner.code:
            return None
        return None if package.bag.get("dropped") else package


Method: TypeAlias = Callable[[Asked], dict[str, Any] | Response]


def logged_in(world: World, request: Request) -> Account:
    """Return the account whose user and key the call brings, byte for byte."""
    scheme, _, told = request.headers.get("authorization", "").partition(" ")
    for account in world.accounts.values():
        login = f"{account.login['api_user']}:{account.login['api_key']}".encode()
        if scheme.lower() == "basic" and hmac.compare_digest(base64.b64encode(login), told.encode()):
            return account
    raise Refusal(401, "Neplatné přihlašovací údaje.")


def body(request: Request) -> dict[str, Any]:
    """Return the JSON object a call brings."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refusal(400, "Očekává se application/json.")
    try:
        told = request.json()
        wire.dumps(told)
    except (Unreadable, UnicodeEncodeError, RecursionError) as wrong:  # half of a surrogate pair is no text
        raise Refusal(400, f"Tělo není JSON: {wrong}") from wrong
    if not isinstance(told, dict):
        raise Refusal(400, "Tělo není objekt.")
    return told


def good(world: World, told: dict[str, Any]) -> Response:
    """Return an answer; one with a failing status has the HTTP status of failures (carriers.md 6.2: 200 or 400)."""
    return as_json(told, world.bag.get("failures_with", 200) if told["status"] >= 400 else 200)


def bad(world: World, refusal: Refusal) -> Response:
    """Return a refusal. Guess: that wrong credentials are an HTTP 401 as well, and the name `status_message`."""
    told = {"status": refusal.status, "status_message": refusal.text}
    return as_json(told, 401) if refusal.status == 401 else good(world, told)
