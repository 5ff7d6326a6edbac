"""Control of the world itself: which shops there are, and a new one."""

from typing import Any

from pydantic import Field

from simulator.control.asking import Ask, Nothing, Refused, Slug
from simulator.control.switches import known_tariff
from simulator.shop import Shop
from simulator.stage import Stage
from simulator.state import World

VERIFIED = "verified"  # stands among the tariffs and means: no windows, no rate headers (contract 1.7)


class NewShop(Ask):
    """`tariff`: bronze, silver, gold, platinum, exclusive or verified; `language`: cs or sk."""

    slug: Slug
    orders: int = Field(250, ge=0, le=200_000)
    products: int = Field(60, ge=0, le=50_000)
    tariff: str = "platinum"
    language: str = Field("cs", pattern=r"^(cs|sk)$")
    latency_s: float = Field(0.0, ge=0, le=60)


def add(world: World, ask: NewShop) -> Shop:
    """Add a shop with a ready-made API user."""
    shop = world.add_shop(
        ask.slug,
        orders=ask.orders,
        products=ask.products,
        tariff="platinum" if ask.tariff == VERIFIED else known_tariff(ask.tariff),
        verified=ask.tariff == VERIFIED,
        language=ask.language,
    )
    shop.latency_s = ask.latency_s
    world.add_user(shop)
    return shop


def create(stage: Stage, ask: NewShop) -> dict[str, Any]:
    """Open a shop."""
    if ask.slug in stage.world.shops:
        raise Refused(f"{ask.slug!r} is taken", 409)
    return told(stage.world, add(stage.world, ask))


def overview(stage: Stage, _ask: Nothing) -> dict[str, Any]:
    """Return what somebody needs to know to use the simulator; also the line it prints when ready."""
    world, addon = stage.world, stage.market.caller.addon
    return {
        "base_url": world.base_url,
        "control_url": f"{world.base_url}/_control",
        "pages_url": f"{world.base_url}/shops",
        "key_url": stage.key_url,
        "signature_token": addon.signature_token,
        "addon_url": addon.url,
        "seed": world.seed,
        "shops": [told(world, shop) for shop in world.shops.values()],
    }


def one(stage: Stage, shop: Shop, _ask: Nothing) -> dict[str, Any]:
    """Return one shop with the API user of the add-on."""
    user = shop.addon_user
    addon = {"login": user.login, "key": user.key, "version": shop.addon_version} if user else None
    return told(stage.world, shop) | {"addon_user": addon}


def told(world: World, shop: Shop) -> dict[str, Any]:
    """Return addresses and credentials of a shop; the API user is one that belongs to nobody's add-on."""
    user = next((user for user in shop.users.values() if not user.addon), None)
    return {
        "slug": shop.slug,
        "name": shop.name,
        "token": shop.token,
        "api_url": world.api_url(shop),
        "login": user.login if user else None,
        "key": user.key if user else None,
        "tariff": VERIFIED if shop.verified else shop.tariff,
        "orders": sum(1 for _ in shop.live_orders()),
        "products": sum(1 for _ in shop.live_products()),
        "addon_active": shop.addon_user is not None,
        "control_url": f"{world.base_url}/_control/shops/{shop.slug}",
        "page_url": f"{world.base_url}/shops/{shop.slug}",
    }
