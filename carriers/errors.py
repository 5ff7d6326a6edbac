"""How a carrier fails, in three words: refused (a person must act), busy (come back then), unreachable (back off).

Messages are shown to whoever has the parcel: they hold what the carrier said about a field, never a credential nor a
whole answer. What a carrier says of a parcel may name somebody: what others see is `unnamed`, so its words are `said`.
Source: docs/carriers.md 10.6: seven kinds of refusal, and the other two words.
"""

import re
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


REFUSED = {
    Kind.LOGIN: "the login is wrong",
    Kind.ACCOUNT: "the account lacks a right, a service or a row of numbers",
    Kind.CONTENT: "what was asked for is refused",
    Kind.UNSUPPORTED: "the carrier has no such thing",
    Kind.UNKNOWN: "the carrier knows no such parcel",
    Kind.TOO_LATE: "it is too late for that",
    Kind.DUPLICATE: "it was done before",
}
CODE = re.compile(r"[A-Za-z]{1,60}Fault|[A-Z]{0,12}[-_.]?[0-9]{1,6}")


@dataclass(frozen=True)
class Fault:
    """One field that is wrong: `field` as in `Shipment` (`recipient.zip`), None when the carrier named none of ours.

    `code` is our own word where we found it ourselves, the carrier's own where it did. `limit`: what would be allowed.
    `theirs`: what the carrier calls the field, where none of ours goes by that.
    """

    field: str | None
    code: str
    says: str
    limit: str | None = None
    theirs: str = ""

    def __str__(self) -> str:
        return f"{self.field or self.theirs or 'parcel'}: {self.says}"


class CarrierError(Exception):
    """A call to a carrier did not bring what was asked for; `carrier` and `operation` say which.

    `why` in our words alone, unless it is a refusal; `said`: what the carrier said, `code`: its own code. All of it is
    kept as text that every page and table takes.
    """

    def __init__(self, carrier: str, operation: str, why: str, *, said: str = "", code: str = "") -> None:
        self.carrier = carrier
        self.operation = operation
        self.ours = _plain(why)
        self.why = _plain(f"{why}: {said}" if said else why)
        self.code = _plain(code)
        super().__init__(f"{carrier}, {operation}: {self.why}")

    def unnamed(self) -> str:
        """Return what happened without a word of the carrier's."""
        return f"{self.carrier}, {self.operation}: {self.ours}{f' ({self.plain_code})' if self.plain_code else ''}"

    @property
    def plain_code(self) -> str:
        """Return the carrier's own code where it can be nothing else, as a name could; empty where it is none."""
        return self.code if CODE.fullmatch(self.code) else ""


class CarrierRefused(CarrierError):
    """The carrier will not do it however often we ask; `why` is mostly its own words."""

    def __init__(
        self, carrier: str, operation: str, why: str, *, kind: Kind, faults: Sequence[Fault] = (), code: str = ""
    ) -> None:
        super().__init__(carrier, operation, why, code=code)
        self.ours = REFUSED[kind]
        self.kind = kind
        self.faults = tuple(faults)


class CarrierBusy(CarrierError):
    """Nothing was done; in `wait_s` seconds it may be asked again, None: nobody said when."""

    def __init__(  # who, at what, and why
        self, carrier: str, operation: str, why: str, *, wait_s: float | None, said: str = "", code: str = ""
    ) -> None:
        super().__init__(carrier, operation, why, said=said, code=code)
        self.wait_s = wait_s


class CarrierUnreachable(CarrierError):
    """No usable answer came; `unclear`: the parcel may have been made all the same, so ask before a second try.

    `answered`: an answer came and could not be read, so that the fault may be of what was asked about alone.
    """

    def __init__(  # who, at what, why, and what that leaves open
        self,
        carrier: str,
        operation: str,
        why: str,
        *,
        unclear: bool,
        answered: bool = False,
        said: str = "",
        code: str = "",
    ) -> None:
        super().__init__(carrier, operation, why, said=said, code=code)
        self.unclear = unclear
        self.answered = answered


def _plain(said: str) -> str:
    """Return text without what no database takes: NUL, and halves of surrogate pairs."""
    return said.replace("\0", "\ufffd").encode(errors="replace").decode()
