"""The platform's four doors: install, open, uninstall, version change (docs/upgates.md 2).

A call is looked at in this order: size, JSON, fields, signature, time, address, and only then does anything happen. All
that is wrong with a signature looks the same from outside; our log says why.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, TypeVar

from psycopg import OperationalError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service.flows import admit, dismiss, version
from service.flows import open as opening
from service.kit import clock, seal
from service.platform import address, signature
from service.platform.errors import PlatformRefused
from service.platform.signature import KeySource, KeyUnknown, SignatureWrong, Values
from service.rig import Rig
from service.steps import lifecycle
from service.steps.lifecycle import Call, Endpoint, Stale
from service.tenants import CallTooOld, Credentials
from service.web import problem, words
from service.web.app import posts

log = logging.getLogger(__name__)

MALFORMED = "The request is malformed"
LARGEST = 2**16  # a call is one kilobyte

# No `;` where another value follows: the signed string is joined by it, and must not be cut in two ways.
Short = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^;\x00-\x1f\x7f]+$")]
Long = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00-\x1f\x7f]+$")]
Hint = Annotated[str, Field(max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")]
Number = Annotated[int, Field(lt=10**15)]
Fraction = Annotated[float, Field(allow_inf_nan=False)]  # an integer of 400 digits is an infinite one


class Body(BaseModel):
    """What every call brings; unknown fields are let through (2.4)."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True, hide_input_in_errors=True)

    token: Short
    time: Short
    signature_v2: Annotated[str, Field(max_length=2000)] = ""
    version: Number | Fraction | Hint | None = None
    current_admin_language: Hint | None = None

    @property
    def said_version(self) -> str | None:
        """Return the version as text; samples show 0 and "" too (2.3)."""
        return None if self.version is None else str(self.version)


class Installation(Body):
    """An installation (2.3)."""

    api_user: Annotated[Short, Field(alias="apiUser")]
    api_key: Annotated[Long, Field(alias="apiKey", repr=False)]
    api_url: Annotated[Long, Field(alias="apiUrl")]


class VersionChange(Body):
    """A version change, perhaps with new credentials: all three of them or none (2.6)."""

    api_user: Annotated[Short | None, Field(alias="apiUser")] = None
    api_key: Annotated[Long | None, Field(alias="apiKey", repr=False)] = None
    api_url: Annotated[Long | None, Field(alias="apiUrl")] = None

    @field_validator("api_user", "api_key", "api_url", mode="before")
    @classmethod
    def _empty_is_none(cls, given: object) -> object:
        return None if given == "" else given

    @property
    def credentials(self) -> tuple[str, str, str] | None:
        """Return user, key and address when all are there."""
        if self.api_user and self.api_key and self.api_url:
            return self.api_user, self.api_key, self.api_url
        return None


B = TypeVar("B", bound=Body)
Door = Callable[[bytes], Response]


class Malformed(Exception):
    """The body is not what the platform documents; `fields` says what is wrong with which field, never its value."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(", ".join(fields) or "not a JSON object")
        self.fields = fields


def routes(rig: Rig, *, monotonic: Callable[[], float] = time.monotonic) -> list[Route]:
    """Return the four doors."""
    doors = Doors(rig, KeySource(rig.settings.signature_key_url, transport=rig.transport, monotonic=monotonic))
    return [
        posts("/addon/install", answering(Endpoint.INSTALL, doors.install)),
        posts("/addon/open", answering(Endpoint.OPEN, doors.open)),
        posts("/addon/uninstall", answering(Endpoint.UNINSTALL, doors.uninstall)),
        posts("/addon/version", answering(Endpoint.VERSION, doors.version)),
    ]


class Doors:
    """What the four doors do with a body that was read whole."""

    def __init__(self, rig: Rig, keys: KeySource) -> None:
        self._rig = rig
        self._keys = keys
        self._secret = rig.settings.signature_token.get_secret_value()

    def install(self, body: bytes) -> Response:
        """Take a shop in; the merchant waits, so everything else happens afterwards (2.3)."""
        said = read(Installation, body)
        given = (said.api_user, said.api_key, said.api_url)
        call = self._verified(Endpoint.INSTALL, said, [(said.token, *given, said.time, self._secret)])
        admit.run(self._rig, call, self._allowed(*given))
        return JSONResponse({"error": False})

    def open(self, body: bytes) -> Response:
        """Answer with a URL that opens the panel once within a minute (2.4)."""
        said = read(Body, body)
        call = self._verified(Endpoint.OPEN, said, [(said.token, said.time, self._secret)])
        ticket = opening.run(self._rig, call, language=words.language(said.current_admin_language))
        if ticket is None:
            return stranger(call)
        return JSONResponse({"url": f"{self._rig.settings.public_url}/panel/enter/{ticket}", "type": "iframe"})

    def uninstall(self, body: bytes) -> Response:
        """Let a shop go; one that is unknown or gone is fine too (2.5, 2.7)."""
        said = read(Body, body)
        call = self._verified(Endpoint.UNINSTALL, said, [(said.token, said.time, self._secret)])
        dismiss.run(self._rig, call)
        return JSONResponse({"error": False})

    def version(self, body: bytes) -> Response:
        """Note the version; no document prints what is signed, so the likely values are tried in order (2.6)."""
        said = read(VersionChange, body)
        given = said.credentials
        likely: list[Values] = [
            (said.token, said.time, self._secret),
            (said.token, said.said_version or "", said.time, self._secret),
        ]
        if given:
            likely.append((said.token, *given, said.time, self._secret))
        call = self._verified(Endpoint.VERSION, said, likely)
        if not version.run(self._rig, call, self._allowed(*given) if given else None):
            return stranger(call)
        return JSONResponse({"error": False})

    def _verified(self, endpoint: Endpoint, said: Body, candidates: Sequence[Values]) -> Call:
        digest = signature.verify(self._keys, said.signature_v2, candidates)
        language = words.language(said.current_admin_language).value if said.current_admin_language else None
        return Call(endpoint, said.token, heard(said, self._rig.now()), digest, said.said_version, language)

    def _allowed(self, api_user: str, api_key: str, api_url: str) -> Credentials:
        return Credentials(address.allowed(api_url, self._rig.settings.platform_hosts), api_user, api_key)


def read(shape: type[B], body: bytes) -> B:
    """Return the body in its shape; raise Malformed."""
    try:
        return shape.model_validate_json(body)
    except ValidationError as faults:
        found = faults.errors(include_input=False, include_url=False, include_context=False)
        raise Malformed({str(fault["loc"][0]): fault["msg"] for fault in found if fault["loc"]}) from None


def heard(said: Body, now: datetime) -> datetime:
    """Return the time of a verified call; raise Stale when it cannot be read or its window has passed (2.2).

    Its distance from our clock is logged for every call, so that a wrong reading of the field is noticed at once.
    """
    try:
        moment = clock.parse(said.time)
    except (ValueError, OverflowError):
        log.error("a validly signed call has a time we cannot read: %r", said.time)  # noqa: TRY400  # no trace needed
        raise Stale("its time cannot be read") from None
    ahead_s = (moment - now).total_seconds()
    if not lifecycle.in_window(moment, now):
        log.error("a validly signed call is outside its window by its time %r, %.0f s ahead of us", said.time, ahead_s)
        raise Stale("its time is outside the window")
    log.info("a signed call came with a time %.0f s ahead of us", ahead_s)
    return moment


def answering(endpoint: Endpoint, door: Door) -> Callable[[Request, bytes], Response]:
    """Return the door with its failures put into problems: why it was refused goes to the log, not to the caller."""

    def answer(_request: Request, body: bytes) -> Response:
        if len(body) > LARGEST:
            log.warning("%s refused: a body of %d bytes", endpoint, len(body))
            return problem.standard(413, f"The body is larger than {LARGEST} bytes.")
        try:
            return door(body)
        except Malformed as fault:
            log.warning("%s refused: %s", endpoint, fault)
            detail = "Some fields are missing or wrong." if fault.fields else "The body is not a JSON object."
            return problem.answer(400, MALFORMED, detail, fields=fault.fields)
        except PlatformRefused as refused:
            log.warning("%s refused: %s", endpoint, refused)
            return problem.answer(400, MALFORMED, str(refused), fields={"apiUrl": "is not allowed"})
        except (SignatureWrong, Stale, CallTooOld) as refused:
            log.warning("%s refused: %s %s", endpoint, type(refused).__name__, refused)
            return problem.answer(401, "Not accepted", "The signature is not accepted.")
        except (KeyUnknown, OperationalError) as away:
            log.error("%s put off: %s", endpoint, away)  # noqa: TRY400  # a state of the world, not a bug
            return problem.answer(503, "Not available", "The call cannot be checked or stored at the moment.")

    return answer


def stranger(call: Call) -> Response:
    """Answer a call about a shop that is not with us."""
    log.warning("%s refused: the shop %s is not with us", call.endpoint, seal.digest(call.token)[:8])
    return problem.answer(404, "Not installed", "The add-on is not installed in this shop.")
