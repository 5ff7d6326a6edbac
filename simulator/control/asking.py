"""How a control call is read and answered: a checked body in, JSON out, one form for every refusal.

A refusal is `{"error": "what is wrong", "fields": [{"field": …, "why": …}]}`; nothing was done.
"""

import inspect
import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from ipaddress import ip_address
from typing import Annotated, Any, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.shop import Shop
from simulator.stage import Stage


def _no_path_of_ours(slug: str) -> str:
    if slug in ("shops", "addons"):
        raise ValueError(f"{slug!r} is a path of the simulator itself")
    return slug


Slug = Annotated[str, Field(pattern=r"^[a-z0-9-]+$"), AfterValidator(_no_path_of_ours)]


class Ask(BaseModel):
    """A body; a field we do not know is refused, so that a slip of the pen does not pass for a default."""

    model_config = ConfigDict(extra="forbid")


class Nothing(Ask):
    """No body, or an empty object."""


class Refused(Exception):
    """We do nothing, for this reason."""

    def __init__(self, why: str, status: int = 400) -> None:
        super().__init__(why)
        self.why = why
        self.status = status


Act = Callable[[Stage, Shop, Any], Any]
WorldAct = Callable[[Stage, Any], Any]


def shop_route(stage: Stage, method: str, path: str, model: type[Ask], act: Act) -> Route:
    """Return a route below `/shops/{slug}`; path parts join the body under their names."""

    def at_shop(request: Request, ask: Ask) -> Any:
        shop = stage.world.shops.get(request.path_params["slug"])
        if shop is None:
            raise Refused(f"no shop {request.path_params['slug']!r}; there are {', '.join(stage.world.shops)}", 404)
        return act(stage, shop, ask)

    return route(stage.world.lock, method, f"/_control/shops/{{slug}}{path}", model, at_shop)


def world_route(stage: Stage, method: str, path: str, model: type[Ask], act: WorldAct) -> Route:
    """Return a route that concerns all shops or none."""
    return route(stage.world.lock, method, f"/_control{path}", model, lambda _request, ask: act(stage, ask))


async def refusal(_request: Request, error: Exception) -> Response:
    """Answer a refusal in the one form there is."""
    if isinstance(error, Refused):
        return JSONResponse({"error": error.why}, error.status)
    if isinstance(error, ValidationError):
        fields = [{"field": ".".join(map(str, fault["loc"])), "why": fault["msg"]} for fault in error.errors()]
        return JSONResponse({"error": "the body does not fit", "fields": fields}, 400)
    if isinstance(error, HTTPException):
        return JSONResponse({"error": error.detail}, error.status_code)
    raise error


def route(
    lock: AbstractContextManager[object],
    method: str,
    path: str,
    model: type[Ask],
    act: Callable[[Request, Any], Any | Awaitable[Any]],
) -> Route:
    """Return a route for this machine only; `lock` is held while the act is called, not while it is awaited."""

    async def endpoint(request: Request) -> Response:
        if request.client is None or not ip_address(request.client.host).is_loopback:
            raise Refused("the control API answers this machine only", 403)
        ask = _ask(model, await request.body(), request)
        with lock:
            result = act(request, ask)
        if inspect.isawaitable(result):
            result = await result
        return result if isinstance(result, Response) else JSONResponse(result)

    return Route(path, endpoint, methods=[method])


def _ask(model: type[Ask], body: bytes, request: Request) -> Ask:
    """Check the body together with query and path; the path wins."""
    given = _object(body) | dict(request.query_params)
    named = {name: value for name, value in request.path_params.items() if name in model.model_fields}
    return model.model_validate(given | named)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError as error:
        raise Refused(f"the body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Refused("the body must be a JSON object")
    return cast("dict[str, Any]", value)
