"""What the receiver is measured against: the usual FastAPI and Celery endpoint, and servers that do nothing."""

import os
from typing import Any

from celery import Celery
from fastapi import FastAPI, Response
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response as Answer
from starlette.routing import Route

celery = Celery("naive", broker=os.environ.get("REDIS_URL"))
celery.conf.update(task_ignore_result=True, result_backend=None)


@celery.task
def take_in(tenant: str, event: str, body: dict[str, Any]) -> None:
    """Be delayed."""


naive = FastAPI()


@naive.post("/u/{tenant}/{event}/{mac}", status_code=204)
async def hook(tenant: str, event: str, mac: str, body: dict[str, Any]) -> Response:
    take_in.delay(tenant, event, body)
    return Response(status_code=204)


async def echo(request: Request) -> Answer:
    return Answer(await request.body(), media_type="application/json")


starlette = Starlette(routes=[Route("/u/{tenant}/{event}/{mac}", echo, methods=["POST"])])


async def bare(scope, receive, send) -> None:
    if scope["type"] != "http":
        return
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(body)).encode())]}
    )
    await send({"type": "http.response.body", "body": body})
