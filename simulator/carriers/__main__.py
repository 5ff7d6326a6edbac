"""`python -m simulator.carriers`: serves carriers on this machine and says in one JSON line where they are.

The line comes on stdout once everything answers; SIGTERM and SIGINT end the process within a second, exit code 0.
"""

import argparse
import json
from datetime import datetime, timedelta
from typing import Any

from simulator.carriers import registry
from simulator.carriers.registry import Carriers
from simulator.carriers.server import App
from simulator.server import Protocol
from simulator.serving import Server, bound, configured


def main() -> None:
    """Build the carriers, serve them, say where."""
    parser = _arguments()
    asked = parser.parse_args()
    try:
        listening = bound(asked.port)
    except OSError as taken:
        parser.error(f"port {asked.port}: {taken.strerror}")
    base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    codes = asked.carriers.split(",") if asked.carriers else None
    try:
        carriers = registry.built(codes, now=lambda: datetime.now().astimezone(), seed=asked.seed, base_url=base_url)
    except KeyError as unknown:
        parser.error(f"no carrier {unknown}; there are {', '.join(registry.modules())}")
    for world in carriers.worlds.values():
        if asked.hand_over_after is not None:
            world.hand_over_after = timedelta(seconds=asked.hand_over_after)
        if asked.latency:
            world.faults.add("slow", calls=None, seconds=asked.latency)
    told = _told(carriers, base_url, asked.seed)
    config = configured(App(carriers, told), http=Protocol, lifespan="on", timeout_keep_alive=30)
    Server(config, json.dumps(told, ensure_ascii=False)).run(sockets=[listening])


def _told(carriers: Carriers, base_url: str, seed: int) -> dict[str, Any]:
    """Return what a client needs: for each carrier its address, its logins, and what its real addresses have become."""
    return {
        "base_url": base_url,
        "control_url": f"{base_url}/_control",
        "seed": seed,
        "carriers": {
            code: {
                "base_url": world.base_url,
                "accounts": {name: account.login for name, account in world.accounts.items()},
                "places": {
                    real: f"{base_url}{path}"
                    for real, path in carriers.places.items()
                    if f"{path}/".startswith(f"/{code}/")
                },
            }
            for code, world in carriers.worlds.items()
        },
    }


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator.carriers", description="Stand-ins for parcel carriers.")
    add = parser.add_argument
    add("--carriers", help="codes parted by commas (default: all there are)")
    add("--seed", type=int, default=1, help="the same seed brings the same data (default: 1)")
    add("--port", type=int, default=0, help="0 takes a free one (default: 0)")
    add("--latency", type=float, default=0.0, help="seconds every call takes (default: 0)")
    add("--hand-over-after", type=float, help="seconds after which parcels hand themselves over (default: never)")
    return parser


if __name__ == "__main__":
    main()
