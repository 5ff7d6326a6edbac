"""What is said when a call is refused: `application/problem+json`, the keys of `errors` paths into the request."""

import json
import re
from collections.abc import Collection
from decimal import Decimal
from http import HTTPStatus
from typing import Any, TypeAlias

from simulator.carriers import wire
from simulator.carriers.wire import Request, Response

Errors: TypeAlias = dict[str, list[str]]

KIND = "application/problem+json; charset=utf-8"
RFC = "https://tools.ietf.org/html/"
TYPES = {
    400: "rfc7231#section-6.5.1",
    401: "rfc7235#section-3.1",
    403: "rfc7231#section-6.5.3",
    404: "rfc7231#section-6.5.4",
    405: "rfc7231#section-6.5.5",
    414: "rfc7231#section-6.5.12",
    415: "rfc7231#section-6.5.13",
    429: "rfc6585#section-4",
    503: "rfc7231#section-6.6.4",
}


class Problem(Exception):
    """A call that is refused. `errors`: what is wrong, by the path of the field."""

    def __init__(self, status: int, *, errors: Errors | None = None, retry_after: int | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.errors = errors
        self.retry_after = retry_after


def written(problem: Problem, instance: str) -> Response:
    """Return a problem as the carrier writes it.

    Only the 400 is printed (2.2). That the others are written alike, with the words of HTTP as their title, is
    UNCERTAIN; they have no `errors`.
    """
    status, headers = problem.status, {"content-type": KIND}
    told: dict[str, Any] = {
        "type": RFC + TYPES.get(status, "rfc7231#section-6.6.1"),
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": None,
        "instance": instance,
    }
    if problem.errors is not None:
        told |= {"title": "One or more validation errors occurred.", "errors": problem.errors}
    if problem.retry_after is not None:
        headers["retry-after"] = str(problem.retry_after)
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return wire.as_json(told, status, headers)


def body(request: Request) -> Any:
    """Return the JSON a call brought, numbers with a point as Decimal; what is no JSON is a problem."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(415)
    try:
        told = json.loads(request.body, parse_float=Decimal, parse_constant=_no_number)
        json.dumps(told, ensure_ascii=False, default=str).encode()  # half an emoji could not be told again
    except (ValueError, RecursionError) as wrong:
        raise Problem(400, errors={"$": ["The JSON value could not be converted."]}) from wrong
    return told


def known(request: Request, names: Collection[str]) -> None:
    """Refuse a query with other names, or with values the contract has no name for.

    The real one probably passes over what it does not know, and a misspelt filter then finds everything: refused here.
    """
    errors = {name: [f"The {name} parameter is unknown."] for name, _ in request.query if name not in names}
    if errors:
        raise Problem(400, errors=errors)


def whole(request: Request, name: str, *, least: int, most: int | None = None, default: int | None = None) -> int:
    """Return a whole number of the query; without a `default` it must be there."""
    given = request.one(name)
    if not given:
        if default is None:
            raise Problem(400, errors={name: [f"The {name} field is required."]})
        return default
    if not re.fullmatch("[0-9]{1,9}", given) or int(given) < least or (most is not None and int(given) > most):
        raise invalid(name, given)
    return int(given)


def chosen(request: Request, name: str, values: Collection[str], *, default: str) -> str:
    """Return one of some words of the query."""
    given = request.one(name) or default
    if given not in values:
        raise invalid(name, given)
    return given


def invalid(name: str, value: object) -> Problem:
    """Return the problem of one value."""
    return Problem(400, errors={name: [f"The value '{value}' is not valid."]})


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
