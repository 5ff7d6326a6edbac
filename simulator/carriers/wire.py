"""Requests and answers of the carriers' simulators: those of `simulator.wire` and what a carrier needs besides."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, unquote

from simulator import wire

JSON = "application/json; charset=utf-8"
XML = "text/xml; charset=utf-8"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Unreadable(Exception):
    """A body that is not what its carrier takes."""


@dataclass(slots=True)
class Request(wire.Request):
    """One call. `path` is the one below the carrier, still percent-encoded; header names are lower case.

    `at`: when it arrived. Whoever checks a clock (a token's life, a signed time) checks it against this one, for a
    call that lands late had arrived in time.
    """

    at: datetime = NEVER
    operation: str = ""

    def json(self) -> Any:
        """Return the body as JSON; raise Unreadable where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as wrong:
            raise Unreadable(str(wrong)) from wrong

    def xml(self) -> ET.Element:
        """Return the root of an XML body; raise Unreadable where there is none, and for a DOCTYPE."""
        if b"<!DOCTYPE" in self.body:
            raise Unreadable("a DOCTYPE is not taken")
        try:
            return ET.fromstring(self.body)  # noqa: S314 - no entities without a DOCTYPE
        except ET.ParseError as wrong:
            raise Unreadable(str(wrong)) from wrong

    def form(self) -> dict[str, str]:
        """Return the fields of a form-encoded body."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def one(self, name: str, default: str = "") -> str:
        """Return a query parameter, the last one of that name."""
        return dict(self.query).get(name, default)

    def many(self, name: str) -> list[str]:
        """Return every value of a query parameter that is repeated."""
        return [value for given, value in self.query if given == name]

    def parts(self) -> tuple[str, ...]:
        """Return the segments of the path, decoded."""
        return tuple(unquote(part) for part in self.path.strip("/").split("/") if part)


@dataclass(slots=True)
class Response(wire.Response):
    """One answer. `refuses`: the connection is not even taken. `stream`: makes the pieces of a large body."""

    refuses: bool = False
    stream: Callable[[], Iterator[bytes]] | None = None

    def whole(self) -> bytes:
        """Return the body in one piece."""
        return self.body if self.stream is None else b"".join(self.stream())


App: TypeAlias = Callable[[Request], Response]


def as_json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON answer."""
    return Response(status, {"content-type": JSON, **(headers or {})}, wire.dumps(value))


def as_xml(root: ET.Element, status: int = 200) -> Response:
    """Return an XML answer with its declaration."""
    return Response(status, {"content-type": XML}, ET.tostring(root, encoding="utf-8", xml_declaration=True))


def as_text(text: str, status: int = 200, kind: str = "text/plain; charset=utf-8") -> Response:
    """Return a plain answer."""
    return Response(status, {"content-type": kind}, text.encode())


def as_file(content: bytes, kind: str = "application/pdf") -> Response:
    """Return a document as it is."""
    return Response(200, {"content-type": kind}, content)
