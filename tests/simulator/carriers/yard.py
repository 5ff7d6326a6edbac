"""One carrier in process for its tests: a watch that moves when told, its world, a client, and eyes for labels."""

import asyncio
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pypdfium2
import zxingcpp
from PIL import Image
from starlette.applications import Starlette

from simulator.carriers import Carriers, built, control, transport
from simulator.carriers.world import World

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # 9:00 in Prague, a Monday
DPI = 203


@dataclass
class Watch:
    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def go(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Yard:
    watch: Watch
    carriers: Carriers
    world: World
    client: httpx.Client

    def told(self, path: str) -> Any:
        """Return what the control API answers of this carrier."""
        return asyncio.run(_told(control.app(self.carriers, {}), f"/_control/{self.world.code}{path}"))

    def go(self, **by: float) -> None:
        """Let time pass, and what is due be done."""
        self.watch.go(**by)
        self.carriers.tick()


def yard(code: str, *, seed: int = 7) -> Yard:
    watch = Watch()
    carriers = built([code], now=watch, seed=seed)
    client = httpx.Client(transport=transport(carriers), base_url=f"http://carriers.test/{code}", timeout=20)
    return Yard(watch, carriers, carriers.worlds[code], client)


async def _told(app: Starlette, path: str) -> Any:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://control.test") as client:
        answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def codes(pdf: bytes) -> list[list[tuple[str, str]]]:
    """Return (symbology, text) of every barcode, page by page, read from a raster of 203 dpi."""
    return [_read(picture) for picture in pictures(pdf)]


def pictures(pdf: bytes) -> Iterator[Image.Image]:
    for page in pypdfium2.PdfDocument(pdf):
        yield page.render(scale=DPI / 72, grayscale=True).to_pil()


def codes_of_png(png: bytes) -> list[tuple[str, str]]:
    return _read(Image.open(io.BytesIO(png)).convert("L"))


def _read(picture: Image.Image) -> list[tuple[str, str]]:
    return sorted((found.format.name, found.text) for found in zxingcpp.read_barcodes(picture))
