"""What a load balancer and a watchman ask: whether it lives, and whether it gets through to what it needs."""

from collections.abc import Callable

import psycopg
import psycopg_pool
import redis
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service import db
from service.rig import Rig
from service.web.counters import Counters

ASK = "SELECT 1 AS answer"


def routes(rig: Rig, counters: Counters) -> list[Route]:
    """Return `/health/live`, `/health/ready` and the receiver's numbers: no secrets, yet nobody's business outside."""

    def live(_request: Request) -> Response:
        return JSONResponse({"live": True})

    def ready(_request: Request) -> Response:
        """Answer 200 when the database and Redis answer, else 503 and which of them does not."""
        answers = {"database": _answers(lambda: _ask_database(rig)), "redis": _answers(lambda: rig.redis.exists("x"))}
        is_ready = all(answers.values())
        return JSONResponse({"ready": is_ready, **answers}, 200 if is_ready else 503)

    def receiver(_request: Request) -> Response:
        return JSONResponse(counters.shown())

    return [
        Route("/health/live", live),
        Route("/health/ready", ready),
        Route("/health/receiver", receiver),
    ]


def _answers(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except (psycopg.Error, psycopg_pool.PoolTimeout, redis.RedisError):
        return False
    return True


def _ask_database(rig: Rig) -> None:
    with rig.db.tx_all("is the database there?") as conn:
        db.one(conn, ASK)
