"""Carriers behind `httpx.MockTransport`: for tests that speak to them in process. Waiting is only pretended."""

import httpx

from simulator.carriers.registry import Carriers
from simulator.carriers.wire import Request


def transport(carriers: Carriers) -> httpx.MockTransport:
    """Return a transport that answers below `/<code>` of any host, and for the carriers' real addresses.

    An answer that takes longer than the read timeout raises `httpx.ReadTimeout`, a dropped one
    `httpx.RemoteProtocolError`, in both cases the work is done; a carrier that is down `httpx.ConnectError`.
    """

    def reply(request: httpx.Request) -> httpx.Response:
        response = carriers.answer(as_request(request, carriers))
        patience = request.extensions.get("timeout", {}).get("read")
        if response.refuses:
            raise httpx.ConnectError("the connection was refused", request=request)
        if patience is not None and response.delay_s > patience:
            raise httpx.ReadTimeout("the answer takes longer than the read timeout", request=request)
        if response.drop:
            raise httpx.RemoteProtocolError("the connection was closed without an answer", request=request)
        content = response.body if response.stream is None else response.stream()
        return httpx.Response(response.status, headers=response.headers, content=content)

    return httpx.MockTransport(reply)


def as_request(request: httpx.Request, carriers: Carriers) -> Request:
    """Return an httpx request as the plain one; the path stays percent-encoded."""
    path = request.url.raw_path.decode("ascii").partition("?")[0]
    return Request(
        method=request.method,
        path=carriers.path_of(str(request.url)) or path,
        query=list(request.url.params.multi_items()),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.content,
    )
