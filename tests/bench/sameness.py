"""Whether a stranger learns by the clock what exists: a foreign shop or order is refused as fast as one nobody has.

Both are asked in turn and in random order over one connection, so whatever else the machine does meets both alike.
"""

import random
import statistics
import time
from pathlib import Path

import httpx
import redis

from service.accounts import Kind
from service.db import Database
from service.rig import Rig
from service.steps import take_over
from tests.bench.board import Board
from tests.bench.stage import Stage, stage
from tests.shop_items import at, order
from tests.web.desk import Woken, rig_over
from tests.web.warehouse import account_of, shop_of

TURNS = 1_000
WARM = 50
MOST = 1.1  # of one median to the other, whichever is the longer
NOBODY, NOTHING = "t_abcdefghijkm", "O9"
PARCELS = [{"carrier": "ppl", "tracking_code": "40170000001"}]

Asked = tuple[str, str, dict[str, object]]


def run(board: Board, *, turns: int = TURNS) -> None:
    """Ask every door of the warehouse for what is another's and for what is nobody's."""
    board.open(f"foreign and unknown at the WMS door, {turns:,} times each")
    with stage() as stood:
        token, ours, theirs = furnished(stood)
        with stood.web() as port, httpx.Client(base_url=f"http://127.0.0.1:{port}/wms/v1") as client:
            client.headers["Authorization"] = f"Bearer {token}"
            for what, foreign, unknown in questions(ours, theirs):
                bodies, medians = answered(client, foreign, unknown, turns=turns)
                board.judge(f"{what}: different answers", len(bodies) - 1, 0, hard=True)
                slower, faster = max(medians), min(medians)
                board.judge(f"{what}: ratio of medians", round(slower / faster, 3), MOST)
                board.tell(
                    f"{what}: medians ms, foreign and unknown", ", ".join(f"{1000 * each:.2f}" for each in medians)
                )


def questions(ours: str, theirs: str) -> list[tuple[str, Asked, Asked]]:
    """Return what is asked, first for what is another's, then for what is nobody's."""
    shops = [(f"s_{shop[2:]}_abcdefghijkm", shop) for shop in (theirs, NOBODY)]
    correction = {"json": {"parcels": PARCELS, "final": True}}
    return [
        ("a shop's feed", *_both(("GET", f"/orders?tenant={shop}", {}) for _, shop in shops)),
        ("an order of a shop", *_both(("GET", f"/orders/{shop}/O1", {}) for _, shop in shops)),
        ("an order in a shop of ours", *_both(("GET", f"/orders/{ours}/{number}", {}) for number in ("O1", NOTHING))),
        ("an ack", *_both(("POST", f"/orders/{shop}/O1/ack", {"json": {"revision": 1}}) for _, shop in shops)),
        ("a shipment", *_both(("GET", f"/shipments/{shipment}", {}) for shipment, _ in shops)),
        ("a correction", *_both(("PUT", f"/shipments/{shipment}", correction) for shipment, _ in shops)),
        ("shipping", *_both(("POST", "/shipments", {"json": {"shipments": [_item(shop)]}}) for _, shop in shops)),
    ]


def _both(asked) -> tuple[Asked, Asked]:
    foreign, unknown = asked
    return foreign, unknown


def _item(shop: str) -> dict[str, object]:
    return {"tenant": shop, "order": "O1", "final": True, "parcels": PARCELS}


def answered(
    client: httpx.Client, foreign: Asked, unknown: Asked, *, turns: int
) -> tuple[set[bytes], tuple[float, float]]:
    """Return the answers that came, and the median of the seconds each of the two took."""
    took: tuple[list[float], list[float]] = ([], [])
    bodies: set[bytes] = set()
    chance = random.Random(7)
    for turn in range(WARM + turns):
        for place in chance.sample((0, 1), 2):
            method, path, said = (foreign, unknown)[place]
            headers = {"Idempotency-Key": f"{place}-{turn}-{chance.random()}"}
            began = time.perf_counter()
            answer = client.request(method, path, headers=headers, **said)
            seconds = time.perf_counter() - began
            bodies.add(b"%d %b" % (answer.status_code, answer.content))
            if turn >= WARM:
                took[place].append(seconds)
    return bodies, (statistics.median(took[0]), statistics.median(took[1]))


def furnished(stood: Stage) -> tuple[str, str, str]:
    """Open two accounts with a shop each; return the token of the first, its shop and the other's."""
    folder = Path(stood.servers.folder) / "accounts"
    folder.mkdir()
    db = Database(stood.servers.database_url, size=2)
    db.open()
    rig = rig_over(
        stood.servers.database_url, folder, db=db, wake=Woken(), memory=redis.Redis.from_url(stood.servers.redis_url)
    )
    (mine, token), (other, _) = account_of(rig, Kind.WAREHOUSE), account_of(rig, Kind.WAREHOUSE)
    ours, theirs = (shop_of(rig, name, account, Kind.WAREHOUSE) for name, account in (("alfa", mine), ("beta", other)))
    shows(rig, ours, "O2")
    shows(rig, theirs, "O1")
    rig.close()
    return token, ours, theirs


def shows(rig: Rig, tenant: str, number: str) -> None:
    with rig.db.tx(tenant) as conn:
        found = [order(number, created=60, changed=60)]
        take_over.take_over(conn, tenant, found, read_at=at(60), source="event", now=at(60))
