"""The world behind `httpx.MockTransport`: for tests that speak to it in process. Waiting is only pretended."""

import httpx

from simulator.answer import answer
from simulator.state import World
from simulator.wire import Request


def transport(world: World, *, client_ip: str = "127.0.0.1") -> httpx.MockTransport:
    """Return a transport that answers from `world`.

    An answer that takes longer than the read timeout raises `httpx.ReadTimeout`, a dropped one
    `httpx.RemoteProtocolError`; in both cases the work is done.
    """

    def reply(request: httpx.Request) -> httpx.Response:
        asked = as_request(request, client_ip)
        refusal = world.enter(asked)
        try:
            response = refusal or answer(world, asked)
        finally:
            if refusal is None:
                world.leave(asked)
        patience = request.extensions.get("timeout", {}).get("read")
        if patience is not None and response.delay_s > patience:
            raise httpx.ReadTimeout("the answer takes longer than the read timeout", request=request)
        if response.drop:
            raise httpx.RemoteProtocolError("the connection was closed without an answer", request=request)
        return httpx.Response(response.status, headers=response.headers, content=response.body)

    return httpx.MockTransport(reply)


def as_request(request: httpx.Request, client_ip: str = "127.0.0.1") -> Request:
    """Return an httpx request as the plain one; the path stays percent-encoded."""
    return Request(
        method=request.method,
        path=request.url.raw_path.decode("ascii").partition("?")[0],
        query=list(request.url.params.multi_items()),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.content,
        client_ip=client_ip,
    )
