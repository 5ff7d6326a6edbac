"""A small web page per shop, so that a person can play merchant: orders, mails, and the buttons around the add-on."""

from collections.abc import Awaitable, Callable
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from simulator import changes
from simulator.lifecycle import Door, Sent
from simulator.shop import Order, Shop
from simulator.stage import Stage

ON_A_PAGE = 50
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(),
    trim_blocks=True,
    lstrip_blocks=True,
)

Form = dict[str, str]
Act = Callable[[Stage, Shop, Form], Any]


def app(stage: Stage) -> Starlette:
    """Return the pages over a stage."""

    def shop_of(request: Request) -> Shop:
        shop = stage.world.shops.get(request.path_params["slug"])
        if shop is None:
            raise HTTPException(404, "There is no such shop.")
        return shop

    async def home(_request: Request) -> Response:
        return _page("shops.html", world=stage.world, shops=stage.world.shops.values(), market=stage.market)

    async def shop(request: Request) -> Response:
        return _page("shop.html", **_view(stage, shop_of(request), request))

    async def addon(request: Request) -> Response:
        return await _addon(stage, shop_of(request), await _form(request))

    def changing(act: Act) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            there, form = shop_of(request), await _form(request)
            with stage.world.lock:
                act(stage, there, form)
            return _back(there)

        return endpoint

    return Starlette(
        routes=[
            Route("/", home),
            Route("/shops", home),
            Route("/shops/{slug}", shop),
            Route("/shops/{slug}/addon", addon, methods=["POST"]),
            *(Route(f"/shops/{{slug}}/{name}", changing(act), methods=["POST"]) for name, act in ACTS.items()),
        ],
        exception_handlers={HTTPException: _refused},
    )


def _place(stage: Stage, shop: Shop, _form: Form) -> None:
    changes.create_order(stage.world, shop)


def _set_status(stage: Stage, shop: Shop, form: Form) -> None:
    order = _order(shop, form)
    status_id = int(form["status_id"]) if form.get("status_id", "").isdigit() else None
    if status_id not in shop.statuses:
        raise HTTPException(400, "There is no such status.")
    changes.change_order(
        stage.world, shop, order.number, status_id=status_id, send_emails="mail" in form, send_sms="mail" in form
    )


def _change(stage: Stage, shop: Shop, form: Form) -> None:
    changes.change_random_order(stage.world, shop, _order(shop, form).number)


def _delete(stage: Stage, shop: Shop, form: Form) -> None:
    changes.delete_order(stage.world, shop, _order(shop, form).number)


def _restore(stage: Stage, shop: Shop, form: Form) -> None:
    changes.restore_order(stage.world, shop, _order(shop, form, deleted=True).number)


ACTS: dict[str, Act] = {
    "place": _place,
    "status": _set_status,
    "change": _change,
    "delete": _delete,
    "restore": _restore,
}


def _order(shop: Shop, form: Form, *, deleted: bool = False) -> Order:
    order = shop.orders.get(form.get("order_number", ""))
    if order is None or (order.deleted_at is not None) is not deleted:
        raise HTTPException(404, "There is no such order.")
    return order


def _view(stage: Stage, shop: Shop, request: Request) -> dict[str, Any]:
    """Return what the page of a shop shows: one page of orders, the newest first."""
    last = max(1, -(-len(shop.by_creation) // ON_A_PAGE))
    asked = request.query_params.get("page", "1")
    page = min(last, max(1, int(asked) if asked.isdecimal() else 1))
    newest = (order for _, _, order in reversed(shop.by_creation))
    sent = [call for call in stage.market.caller.sent if call.body.get("token") == shop.token]
    return {
        "shop": shop,
        "api_url": stage.world.api_url(shop),
        "api_users": [user for user in shop.users.values() if not user.addon],
        "orders": list(islice(newest, (page - 1) * ON_A_PAGE, page * ON_A_PAGE)),
        "statuses": {id_: shop.status_name(id_, shop.language) for id_ in shop.statuses},
        "page": page,
        "last_page": last,
        "mailed": shop.mailed,
        "mails": list(islice(reversed(shop.mails), 20)),
        "hooks": stage.sender.figures(shop),
        "blocked": stage.world.addon_blocked,
        "last_call": sent[-1] if sent else None,
    }


async def _addon(stage: Stage, shop: Shop, form: Form) -> Response:
    """Press one of the add-on's buttons; opening shows what the add-on answered."""
    language = form.get("language", "cs")
    door = form.get("door")
    if door == Door.INSTALL:
        await stage.market.install(shop, language=language)
    elif door == Door.UNINSTALL:
        await stage.market.uninstall(shop)
    elif door == Door.OPEN:
        sent = await stage.market.open(shop, language=language)
        if sent.ok:
            return _opened(shop, sent, language)
    else:
        raise HTTPException(400, "There is no such button.")
    return _back(shop)


def _opened(shop: Shop, sent: Sent, language: str) -> Response:
    """Send the browser along, or show the add-on in a frame as the admin does (2.4)."""
    if sent.answer["type"] == "redirect":
        return RedirectResponse(sent.answer["url"], 303)
    return _page("opened.html", shop=shop, url=sent.answer["url"], language=language)


async def _form(request: Request) -> Form:
    body = (await request.body()).decode("utf-8", "replace")
    return {name: values[-1] for name, values in parse_qs(body, keep_blank_values=True).items()}


def _back(shop: Shop) -> Response:
    return RedirectResponse(f"/shops/{shop.slug}", 303)


def _page(template: str, **shown: Any) -> Response:
    return HTMLResponse(TEMPLATES.get_template(template).render(shown))


async def _refused(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return HTMLResponse(TEMPLATES.get_template("refused.html").render(why=error.detail), error.status_code)
