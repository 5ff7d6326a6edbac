"""How a carrier fails, in three words: refused (a person must act), busy (come back then), unreachable (back off).

Messages are shown to people: they hold what the carrier said about a field, never a credential nor a whole answer.
Source: docs/carriers.md 10.6, whose eleven classes are a kind of refusal or one of the other two words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What somebody must do something about."""

    LOGIN = "login"  # credentials, signature or clock are wrong
    ACCOUNT = "account"  # the contract with the carrier lacks a right, a service, a number range
    CONTENT = "content"  # what the parcel says; `faults` name the fields
    UNSUPPORTED = "unsupported"  # the carrier has no such thing
    UNKNOWN = "unknown"  # the carrier knows no such parcel
    TOO_LATE = "too_late"  # the parcel is past the point where that could be done
    DUPLICATE = "duplicate"  # it was done before, under this reference


@dataclass(frozen=True)
class Fault:
    """One field that is wrong: `field` as in `Shipment` (`recipient.zip`), None when the carrier named none of ours.

    `code` is our own word where we found it ourselves, the carrier's own where it did. `limit`: what would be allowed.
    """

    field: str | None
    code: str
    says: str
    limit: str | None = None

    def __str__(self) -> str:
        return f"{self.field or 'parcel'}: {self.says}"


class CarrierError(Exception):
    """A call to a carrier did not bring what was asked for; `carrier` and `operation` say which.

    What the carrier said is kept as text that every page and table takes.
    """

    def __init__(self, carrier: str, operation: str, why: str) -> None:
        self.carrier = carrier
        self.operation = operation
        self.why = _plain(why)
        super().__init__(f"{carrier}, {operation}: {self.why}")


class CarrierRefused(CarrierError):
    """The carrier will not do it however often we ask."""

    def __init__(
        self, carrier: str, operation: str, why: str, *, kind: Kind, faults: Sequence[Fault] = (), code: str = ""
    ) -> None:
        super().__init__(carrier, operation, why)
        self.kind = kind
        self.faults = tuple(faults)
        self.code = _plain(code)  # the carrier's own


class CarrierBusy(CarrierError):
    """Nothing was done; in `wait_s` seconds it may be asked again, None: nobody said when."""

    def __init__(self, carrier: str, operation: str, why: str, *, wait_s: float | None) -> None:
        super().__init__(carrier, operation, why)
        self.wait_s = wait_s


class CarrierUnreachable(CarrierError):
    """No usable answer came; `unclear`: the parcel may have been made all the same, so ask before a second try.

    `answered`: an answer came and could not be read, so that the fault may be of what was asked about alone.
    """

    def __init__(self, carrier: str, operation: str, why: str, *, unclear: bool, answered: bool = False) -> None:
        super().__init__(carrier, operation, why)
        self.unclear = unclear
        self.answered = answered


def _plain(said: str) -> str:
    """Return text without what no database takes: NUL, and halves of surrogate pairs."""
    return said.replace("\0", "\ufffd").encode(errors="replace").decode()
