"""What every door of `/wms/v1` does first: who calls, which shops that opens, and how it says no.

A shop that is not the caller's and one that does not exist are one answer, and so are their orders: both end before
the database is asked about the shop.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from psycopg import OperationalError
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import Response

from service import accounts, db
from service.lanes import TenantId
from service.rig import Rig
from service.web import problem

log = logging.getLogger(__name__)

TRY_AGAIN_S = 5
NUMBER_MOST = 200  # letters of an order number, as the mirror takes them


@dataclass(frozen=True)
class Caller:
    """Whose token was shown, and the shops it opens."""

    account_id: str
    tenants: frozenset[TenantId]

    def shop(self, tenant_id: str) -> TenantId:
        """Return the id when the shop is the caller's; raise the Refused of an unknown one."""
        if tenant_id not in self.tenants:
            raise unknown()
        return tenant_id


class Refused(Exception):
    """What the caller is told: `code` for programs, `field` a JSON pointer or the name of a parameter or header.

    `more` are further members of the problem document. Nothing in it is a secret or a person's.
    """

    def __init__(  # what stands in the document, and when to come again
        self,
        status: int,
        code: str,
        detail: str,
        *,
        field: str | None = None,
        more: Mapping[str, object] | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.field = field
        self.more = more or {}
        self.retry_after_s = retry_after_s

    @property
    def headers(self) -> dict[str, str]:
        """Return what goes beside the document."""
        shown = {"WWW-Authenticate": "Bearer"} if self.status == 401 else {}
        return shown if self.retry_after_s is None else {**shown, "Retry-After": str(self.retry_after_s)}

    @property
    def said(self) -> dict[str, object]:
        """Return what stands in the document beside title, status and detail, for an item of a list too."""
        field = {} if self.field is None else {"field": self.field}
        return {"code": self.code, **field, **self.more}

    @property
    def title(self) -> str:
        """Return what HTTP calls the status."""
        return problem.phrase(self.status)


def not_the_shipper() -> Refused:
    """Return the answer to an account that does not ship for the shop."""
    return Refused(409, "not_the_shipper", "A warehouse ships for this shop: its own word counts.")


def unknown() -> Refused:
    """Return the one answer to a shop or an order that is not there or not the caller's."""
    return Refused(404, "unknown", "There is no such shop or order here.")


def malformed(field: str, detail: str) -> Refused:
    """Return the answer to a parameter, header or body that cannot be read."""
    return Refused(400, "malformed", detail, field=field)


Answer = Callable[..., Response]  # takes the request, perhaps the caller and, of a request with a body, its bytes


def answering(rig: Rig, answer: Answer) -> Callable[..., Response]:
    """Return the door with its caller looked up first and its refusals put into problem documents."""

    def looked_up(request: Request, *body: bytes) -> Response:
        with rig.db.tx_all("a token names an account, and an account its shops") as conn:
            caller = caller_of(conn, request)
        return answer(request, caller, *body)

    return refusing(looked_up)


def refusing(answer: Answer) -> Callable[..., Response]:
    """Return a door that looks its caller up itself, with its refusals put into problem documents."""

    def answered(request: Request, *body: bytes) -> Response:
        try:
            return answer(request, *body)
        except Refused as refused:
            return problem.answer(
                refused.status, refused.title, refused.detail, headers=refused.headers, **refused.said
            )
        except OperationalError as away:
            log.error("%s put off: %s", request.scope["path"], type(away).__name__)  # noqa: TRY400  # no bug of ours
            headers = {"Retry-After": str(TRY_AGAIN_S)}
            detail = "It cannot be answered at the moment. Try again."
            return problem.answer(503, problem.phrase(503), detail, headers=headers, code="away")

    return answered


def caller_of(conn: db.Conn, request: Request) -> Caller:
    """Return who shows the token; no, a wrong and a revoked one are the same refusal."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and (opened := accounts.opens(conn, token.strip())):
        return Caller(opened.account_id, opened.tenants)
    raise Refused(401, "token", "A token of an account is needed: Authorization: Bearer …")


def number_of(request: Request) -> str:
    """Return the order number of the path, decoded; what no order can be called is unknown."""
    number = request.path_params["number"]
    if not 0 < len(number) <= NUMBER_MOST or "\0" in number:
        raise unknown()
    return number


def json_of(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a body; raise Refused."""
    try:
        found = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise malformed("", "The body is no JSON.") from None
    if not isinstance(found, dict):
        raise malformed("", "The body is no JSON object.")
    json.loads(body, object_pairs_hook=_named_once)
    return cast("dict[str, Any]", found)


def _named_once(pairs: list[tuple[str, object]]) -> None:
    """Refuse an object in which a name stands twice: of two lists of shipments one would be lost without a word."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise malformed("", "A name stands twice in an object of the body.")
