"""Speaks HTTP to an application in this process, from plain test functions and from several threads at once."""

import asyncio
from typing import Any

import httpx


class Client:
    """A browser of sorts: it keeps its cookies and follows no redirects."""

    def __init__(self, app: Any, base_url: str = "https://expedition.example.com") -> None:
        self._app = app
        self._base_url = base_url
        self.cookies = httpx.Cookies()

    def get(self, path: str, **said: Any) -> httpx.Response:
        return self.request("GET", path, **said)

    def post(self, path: str, **said: Any) -> httpx.Response:
        return self.request("POST", path, **said)

    def request(self, method: str, path: str, **said: Any) -> httpx.Response:
        return asyncio.run(self._request(method, path, said))

    async def _request(self, method: str, path: str, said: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url=self._base_url, cookies=self.cookies) as client:
            answer = await client.request(method, path, **said)
            self.cookies = client.cookies
            return answer
