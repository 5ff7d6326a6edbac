"""Money that carriers collect, as its merchant sees it: how it stands, and the parcels nobody fetched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from carriers import registry
from carriers.money import Money
from service import db, tenants, tracking
from service.kit.clock import PRAGUE
from service.lanes import TenantId
from service.tracking import Paid, Payment, Uncollected, payments
from service.web.words import Language, Words
from service.words import day, month

WAYS: Sequence[Paid] = ("overdue", "differs", "waiting", "paid")
AT_ONCE = 100
MONTHS = 12
NO_BREAK = "\u00a0"


@dataclass(frozen=True)
class Way:
    """One way in which money stands, and of how many parcels it does."""

    code: Paid
    name: str
    count: int


@dataclass(frozen=True)
class Row:
    """The money of one parcel; `paid`: what was paid out, where that is another sum."""

    number: str
    carrier: str
    amount: str
    paid: str
    delivered: str
    due: str
    paid_on: str
    symbol: str


@dataclass(frozen=True)
class Share:
    """What of a month was not fetched: with one carrier, or in all; a sum for each currency."""

    carrier: str
    count: int
    sums: Sequence[str]


@dataclass(frozen=True)
class Month:
    """A month; the share of all carriers stands first where there are several."""

    name: str
    shares: Sequence[Share]


@dataclass(frozen=True)
class Collected:
    """All that the page shows."""

    shop_name: str | None
    ways: Sequence[Way]
    shown: Paid
    rows: Sequence[Row]
    page: int
    pages: int
    months: Sequence[Month]
    carriers: Sequence[tuple[str, str]]


def look(  # whose, in which words, and which part of it
    conn: db.Conn, tenant_id: TenantId, language: Language, words: Words, *, shown: Paid, page: int, now: datetime
) -> Collected:
    """Return what the page shows now, a page of the money that stands so from 1."""
    shop, today = tenants.of(conn, tenant_id), now.astimezone(PRAGUE).date()
    counted = payments.counted(conn, tenant_id, today=today)
    pages = max(1, -(-counted.get(shown, 0) // AT_ONCE))
    page = min(max(page, 1), pages)
    found = payments.listed(conn, tenant_id, shown, today=today, most=AT_ONCE, after=(page - 1) * AT_ONCE)
    since = first_of(today)
    lost = tracking.uncollected(conn, tenant_id, since=datetime(since.year, since.month, 1, tzinfo=PRAGUE))
    return Collected(
        shop_name=shop.shop_name if shop else None,
        ways=[Way(code, words[f"money_{code}"], counted.get(code, 0)) for code in WAYS],
        shown=shown,
        rows=[row(each, language, words) for each in found],
        page=page,
        pages=pages,
        # One whose way back began before is told of only if it went on since: no whole month.
        months=months([each for each in lost if each.month >= since], language, words),
        carriers=carriers(words),
    )


def way(wanted: str) -> Paid:
    """Return the way that was asked for; where there is none such, the first."""
    return WAYS[WAYS.index(wanted)] if wanted in WAYS else WAYS[0]


def row(each: Payment, language: Language, words: Words) -> Row:
    """Return the money of one parcel in words."""
    delivered, due, paid_on = (on and day(on, language) for on in (each.delivered_on, each.due_on, each.paid_on))
    return Row(
        number=each.order_number,
        carrier=named(each.carrier, words),
        amount=amount(each.amount, words),
        paid=amount(each.paid, words) if each.paid and each.paid != each.amount else "",
        delivered=delivered or "",
        due=due or "",
        paid_on=paid_on or "",
        symbol=each.variable_symbol,
    )


def months(found: Sequence[Uncollected], language: Language, words: Words) -> list[Month]:
    """Return the months in which parcels began their way back uncollected, in the order they come."""
    return [
        Month(month(of, language), shares(list(some), words))
        for of, some in groupby(found, key=lambda each: each.month)
    ]


def shares(found: Sequence[Uncollected], words: Words) -> list[Share]:
    """Return what of one month was not fetched: in all, and with each carrier."""
    codes = list(dict.fromkeys(each.carrier for each in found))
    each_of = [share(named(code, words), [each for each in found if each.carrier == code], words) for code in codes]
    return [share(words["money_all"], found, words), *each_of] if len(codes) > 1 else each_of


def share(name: str, found: Sequence[Uncollected], words: Words) -> Share:
    """Return how many parcels these are, and their sums by currency."""
    sums: dict[str, int] = {}
    for each in found:
        sums[each.currency] = sums.get(each.currency, 0) + each.amount_minor
    told = [amount((minor, currency), words) for currency, minor in sorted(sums.items())]
    return Share(name, sum(each.count for each in found), told)


def first_of(today: date) -> date:
    """Return the first day of the year of months that ends with this day's."""
    months_ago = today.year * 12 + today.month - MONTHS
    return date(months_ago // 12, months_ago % 12 + 1, 1)


def carriers(words: Words) -> list[tuple[str, str]]:
    """Return the carriers that collect money, by their names."""
    codes = [code for code in registry.PROVEN if registry.ADAPTERS[code].able.cod]
    return sorted(((code, named(code, words)) for code in codes), key=lambda each: each[1].casefold())


def named(carrier: str, words: Mapping[str, str]) -> str:
    """Return what a carrier is called; one that is gone by its code."""
    return words.get(f"carrier_{carrier}", carrier)


def amount(money: tuple[int, str], words: Words) -> str:
    """Return an amount as people write it: `1 290,00 CZK`."""
    plain = f"{Money(*money).major:,f}".replace(",", NO_BREAK).replace(".", words["decimal_point"])
    return f"{plain}{NO_BREAK}{money[1]}"
