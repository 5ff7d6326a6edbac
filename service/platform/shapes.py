"""What the platform answers, read leniently: the few fields we decide on are typed, the rest is kept as it came.

An item that cannot be read is set aside with its reason and never fails the page it came on (docs/upgates.md 1.6, 7.5).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from service.kit import clock
from service.platform import jsontext

CodebookKind = Literal["order_statuses", "shipments", "payments", "owner", "languages"]
T = TypeVar("T")
U = TypeVar("U")

ABSENT = (None, "")  # null, an empty string and a missing field are one (T53)
TRUE, FALSE = frozenset({"true", "1"}), frozenset({"false", "0"})


def _plain(value: object) -> object:
    """Take a number for the text of it, as ids come either way."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _nothing(value: object) -> object:
    return None if value in ABSENT else value


def _nothing_or_plain(value: object) -> object:
    return None if value in ABSENT else _plain(value)


def _truth(value: object) -> object:
    """Read a flag: JSON booleans as a rule, `"1"` and `1` in places (1.6, T52)."""
    text = str(value).strip().lower()
    return True if text in TRUE else False if text in FALSE or value in ABSENT else value


def _stamp(value: object) -> object:
    """Read a stamp as aware UTC; a PHP date object stands in for one in places (T36)."""
    if jsontext.is_object(value):
        value = value.get("date")  # its offset is left out where it is Prague's
    if value in ABSENT or str(value).startswith("0000-00-00"):
        return None
    if not isinstance(value, str):
        raise ValueError("is no stamp")  # noqa: TRY004 - pydantic collects these
    try:
        return clock.parse(value.strip())
    except OverflowError as fault:
        raise ValueError("is no stamp of our time") from fault


# Keys and numbers end up in indexes and 64-bit columns: what would not fit is set aside here, by name. A key that had
# to be mended (jsontext) is not the shop's any more, and must never pass for another thing's.
NAME = r"^[^\x00\ufffd]*[^\s\x00\ufffd][^\x00\ufffd]*$"
Key = Annotated[str, BeforeValidator(_plain), Field(min_length=1, max_length=200, pattern=NAME)]
Number = Annotated[int, Field(ge=-(2**63), lt=2**63)]
MaybeNumber = Annotated[Number | None, BeforeValidator(_nothing)]
MaybeText = Annotated[str | None, BeforeValidator(_nothing_or_plain)]
Flag = Annotated[bool, BeforeValidator(_truth)]
Stamp = Annotated[datetime, BeforeValidator(_stamp)]
MaybeStamp = Annotated[datetime | None, BeforeValidator(_stamp)]


class Item(BaseModel):
    """A thing of the shop: typed where we decide on it, `raw` as received."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    key: ClassVar[str]  # the field that names the item in the platform's own words

    raw: dict[str, Any] = Field(repr=False)

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> Self:
        """Return the item, or raise ValueError (pydantic's own) that says which field cannot be read."""
        return cls.model_validate({**item, "raw": item})


class Order(Item):
    """An order; `status_id` None: it has no status, `paid_date` None: unpaid (docs/upgates.md 4.1)."""

    key = "order_number"

    order_number: Key
    status_id: MaybeNumber = None
    paid_date: MaybeStamp = None
    tracking_code: MaybeText = None
    creation_time: Stamp
    last_update_time: Stamp


class Product(Item):
    """A product of any of the product lists; not every list tells when it changed (docs/upgates.md 4.7)."""

    key = "product_id"

    product_id: Number
    code: MaybeText = None
    last_update_time: MaybeStamp = None


class Listed(Item):
    """An entry of one of the shop's code lists, known by its id (docs/upgates.md 4.6, 4.9, 4.10)."""

    key = "id"

    id: Key  # an integer in one place and a string in another (T30)


class Affiliate(Item):
    """A pick-up point of a shipment; its id may be of anybody's making (docs/upgates.md 4.9)."""

    key = "affiliate_id"

    affiliate_id: Key


class Owner(Item):
    """The shop's owner in one language; a shop may have several (docs/upgates.md 4.11)."""

    key = "language_id"

    language_id: MaybeText = None
    company: MaybeText = None
    company_number: MaybeText = None
    vat_number: MaybeText = None
    country_id: MaybeText = None
    email: MaybeText = None
    phone: MaybeText = None
    firstname: MaybeText = None
    surname: MaybeText = None

    @property
    def entry(self) -> "CodebookEntry":
        """The owner as an entry of our code lists."""
        return CodebookEntry("owner", self.language_id or "-", self.raw)


class Language(Item):
    """A language mutation of the shop; its id may differ from the real language (docs/upgates.md 4.12)."""

    key = "language_id"

    language_id: Key
    actual_language_id: MaybeText = None
    active: Flag = Field(default=True, alias="active_yn")
    default: Flag = Field(default=False, alias="default_yn")
    domain: MaybeText = None
    currency_id: MaybeText = None

    @property
    def entry(self) -> "CodebookEntry":
        """The language as an entry of our code lists."""
        return CodebookEntry("languages", self.language_id, self.raw)


class Webhook(Item):
    """A webhook of our own access; its address holds a MAC and is never shown (docs/upgates.md 3.1)."""

    key = "id"

    id: Number
    active: Flag = Field(default=True, alias="active_yn")
    name: MaybeText = None
    url: str = Field(default="", repr=False)
    event: str
    last_success_call: MaybeStamp = None
    last_error_call: MaybeStamp = None


class WebhookEvent(Item):
    """An event in the shop's own spelling, and whether our access may use it (docs/upgates.md 3.1, T17)."""

    key = "name"

    name: Key
    allowed: Flag = Field(default=True, alias="allowed_yn")


class ServiceRight(Item):
    """What our access may do at one endpoint; an unknown word is kept as it is (docs/upgates.md 4.17)."""

    key = "service"

    service: Key
    url: MaybeText = None
    privilege: str = "deny"


@dataclass(frozen=True)
class CodebookEntry:
    """An entry of a code list as the store keeps it."""

    kind: CodebookKind
    id: str
    raw: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class OrderUpdate:
    """One item of a PUT of orders; None is left out and stays as it is (docs/upgates.md 4.2).

    `paid_date`: a day in Prague. There is no way to take one back (T27).
    """

    order_number: str
    status_id: int | None
    tracking_code: str | None
    paid_date: date | None = None


@dataclass(frozen=True)
class NewAffiliate:
    """A pick-up point as it is put into a shipment; every field says something (docs/upgates.md 4.9).

    `affiliate_id`: letters and digits of ASCII; the answer names no ids, so it is ours.
    """

    affiliate_id: str
    name: str
    street: str
    city: str
    zip: str
    country: str


@dataclass(frozen=True)
class Done:
    """What the shop says of one item of a write; `done` None: it does not say. `levels` are those of its messages."""

    done: bool | None
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list, each item once.

    `set_aside` says why items could not be read, `unread` holds their keys as far as they have one. `complete` means
    that the answer is whole: what is neither among the items nor unread was not in the shop. An answer that is not
    complete proves nothing. `pages` and `total` are None where the platform told none. `keyless` are digests of items
    without a key that can be read, when nothing else is wrong with the answer.
    """

    items: Sequence[T]
    set_aside: list[str]
    unread: frozenset[str]
    current_page: int
    pages: int | None
    total: int | None
    began_at: datetime
    complete: bool
    keyless: frozenset[str] = frozenset()

    @property
    def last(self) -> bool:
        """Whether there is nothing to ask for after this page (docs/upgates.md 1.9)."""
        return self.pages is None or self.current_page >= self.pages or not (self.items or self.set_aside)

    def mapped(self, change: Callable[[T], U]) -> "Page[U]":
        """Return the same page of other things."""
        return replace(self, items=[change(item) for item in self.items])  # pyright: ignore[reportReturnType, reportArgumentType]

    def without(self, keys: Sequence[str], why: str) -> Self:
        """Return the page with these keys unread, because they were not asked for."""
        reasons = [f"{key!r}: {why}" for key in keys]
        return replace(self, set_aside=[*self.set_aside, *reasons], unread=self.unread.union(keys))
