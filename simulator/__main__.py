"""`python -m simulator`: serves shops on this machine and says in one JSON line where they are.

The line comes on stdout once everything answers; SIGTERM and SIGINT end the process within a second, exit code 0.
"""

import argparse
import json
import secrets
import sys

from pydantic import ValidationError

from simulator import stage
from simulator.control import shops
from simulator.control.asking import Nothing, Refused
from simulator.control.shops import NewShop
from simulator.server import App, Protocol
from simulator.serving import Server, bound, configured
from simulator.state import World

NAMES = ("alfa", "beta", "gama", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "omega")


def main() -> None:
    """Build the world, serve it, say where."""
    parser = _arguments()
    asked = parser.parse_args()
    sys.setswitchinterval(0.001)  # the thread that times webhook answers gets its turn while the API makes a page
    try:
        listening = bound(asked.port)
    except OSError as taken:
        parser.error(f"port {asked.port}: {taken.strerror}")
    world = World(seed=asked.seed)
    world.base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    try:
        for shop in _shops(asked):
            shops.add(world, shop)
    except (Refused, ValidationError) as wrong:
        parser.error(str(wrong))
    secret = asked.signature_token or secrets.token_hex(16)
    built = stage.build(world, addon_url=asked.addon_url, signature_token=secret, timers=asked.timers)
    config = configured(App(built), http=Protocol, lifespan="on", timeout_keep_alive=30)
    ready = json.dumps(shops.overview(built, Nothing()), ensure_ascii=False)
    Server(config, ready).run(sockets=[listening])


def _shops(asked: argparse.Namespace) -> list[NewShop]:
    """Return the shops asked for one by one, else `--shops` alike; every second one is Slovak."""
    names = [*NAMES, *(f"shop{n}" for n in range(len(NAMES) + 1, asked.shops + 1))][: asked.shops]
    specs = asked.shop or [(name, asked.orders, asked.products, asked.tariff) for name in names]
    return [
        NewShop(
            slug=slug,
            orders=orders,
            products=products,
            tariff=tariff,
            language="sk" if n % 2 else "cs",
            latency_s=asked.latency,
        )
        for n, (slug, orders, products, tariff) in enumerate(specs)
    ]


def _spec(text: str) -> tuple[str, int, int, str]:
    slug, orders, products, tariff = text.split(":")
    return slug, int(orders), int(products), tariff


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator", description="A stand-in for the UPgates platform.")
    add = parser.add_argument
    add("--shops", type=int, default=2, help="how many shops, all alike (default: 2)")
    add("--orders", type=int, default=250, help="orders per shop (default: 250)")
    add("--products", type=int, default=60, help="products per shop (default: 60)")
    add("--tariff", default="platinum", help="bronze, silver, gold, platinum, exclusive or verified (platinum)")
    add("--shop", type=_spec, action="append", metavar="SLUG:ORDERS:PRODUCTS:TARIFF", help="instead of --shops; repeat")
    add("--seed", type=int, default=1, help="the same seed brings the same data (default: 1)")
    add("--port", type=int, default=0, help="0 takes a free one (default: 0)")
    add("--timers", type=float, default=1.0, help="divides the 5 min and the 12 h of webhooks (default: 1)")
    add("--addon-url", default="http://127.0.0.1:8000", help="its doors are URL/addon/install, open, …")
    add("--signature-token", help="the secret that ends signed strings; drawn when not given")
    add("--latency", type=float, default=0.0, help="seconds every API call takes (default: 0)")
    return parser


if __name__ == "__main__":
    main()
