"""What a load balancer and a watchman ask: whether it lives, and whether it gets through to what it needs."""

from collections.abc import Callable
from datetime import datetime

import psycopg
import psycopg_pool
import redis
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service.lanes import Lane, Waiting
from service.rig import Rig
from service.steps import health
from service.web import metrics
from service.web.counters import Counters


def routes(rig: Rig, counters: Counters) -> list[Route]:
    """Return the doors of those who watch: no secrets behind them, yet nobody's business outside."""

    def live(_request: Request) -> Response:
        return JSONResponse({"live": True})

    def ready(_request: Request) -> Response:
        """Answer 200 when the database and Redis answer and no lane is past its promise, else 503 and what is wrong."""
        owed: dict[Lane, Waiting] = {}
        answers = {
            "database": _answers(lambda: owed.update(_owed(rig))),
            "redis": _answers(lambda: rig.redis.exists("x")),
        }
        late = {lane.value: round(seconds) for lane, seconds in health.late(owed, now=rig.now()).items()}
        is_ready = all(answers.values()) and not late
        lanes = {lane.value: _shown(each, now=rig.now()) for lane, each in owed.items()}
        return JSONResponse({"ready": is_ready, **answers, "late_s": late, "lanes": lanes}, 200 if is_ready else 503)

    def receiver(_request: Request) -> Response:
        return JSONResponse(counters.shown())

    return [
        Route("/health/live", live),
        Route("/health/ready", ready),
        Route("/health/receiver", receiver),
        metrics.route(rig, counters),
    ]


def _answers(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except (psycopg.Error, psycopg_pool.PoolTimeout, redis.RedisError):
        return False
    return True


def _shown(owed: Waiting, *, now: datetime) -> dict[str, int | None]:
    age = round((now - owed.since).total_seconds()) if owed.since else None
    return {"due": owed.due, "later": owed.later, "parked": owed.parked, "oldest_s": age}


def _owed(rig: Rig) -> dict[Lane, Waiting]:
    with rig.db.tx_all("is the database there, and what do the lanes owe?") as conn:
        return health.of_lanes(conn, now=rig.now())
