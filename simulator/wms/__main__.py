"""`python -m simulator.wms`: a warehouse's system at a door, told over HTTP on this machine what to ship.

One JSON line on stdout says where it listens; SIGTERM and SIGINT end the process within a second, exit code 0. With
`--ledger FILE` the next start goes on where this one ended, also after kill -9.
"""

import argparse
import json
from pathlib import Path

from simulator.serving import Server, bound, configured
from simulator.wms import control
from simulator.wms.ledger import Ledger
from simulator.wms.warehouse import Warehouse, client


def main() -> None:
    """Follow the feed, serve the control API, say where."""
    parser = _arguments()
    asked = parser.parse_args()
    try:
        listening = bound(asked.port)
    except OSError as taken:
        parser.error(f"port {asked.port}: {taken.strerror}")
    try:
        ledger = Ledger(file=asked.ledger)
    except (OSError, ValueError) as broken:
        parser.error(f"ledger {asked.ledger}: {broken}")
    door = client(asked.base_url, wait_s=asked.wait)
    warehouse = Warehouse(
        door, asked.token, seed=asked.seed, tenant=asked.tenant, limit=asked.limit, wait_s=asked.wait, ledger=ledger
    )
    warehouse.poster.lose_every = asked.lose_every
    told = {
        "control_url": f"http://127.0.0.1:{listening.getsockname()[1]}",
        "base_url": asked.base_url,
        "seed": asked.seed,
    }
    config = configured(control.app(warehouse, told), lifespan="off")
    with warehouse.running():
        Server(config, json.dumps(told)).run(sockets=[listening])


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator.wms", description="A stand-in for a warehouse's system.")
    add = parser.add_argument
    add("--base-url", required=True, help="the service; its door is URL/wms/v1")
    add("--token", required=True, help="an account's token")
    add("--seed", type=int, default=7, help="codes, parcels and choices follow it (default: 7)")
    add("--port", type=int, default=0, help="of the control API; 0 takes a free one (default: 0)")
    add("--tenant", help="read and ship for this shop alone")
    add("--limit", type=int, default=100, help="orders per answer of the feed (default: 100)")
    add("--wait", type=int, default=25, help="seconds the feed may wait for something new (default: 25)")
    add("--lose-every", type=int, default=0, help="throw every n-th answer to a post away and post again")
    add("--ledger", type=Path, help="keep the book in this file and go on where it ends")
    return parser


if __name__ == "__main__":
    main()
