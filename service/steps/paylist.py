"""A carrier's list of COD payments as a file of lines: read leniently, and what cannot be read is told by its line."""

import csv
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from io import StringIO

from carriers.money import Money
from service import words
from service.words import Words

# Each carrier's file has names of its own for the same columns; more of them are added here as they are seen.
NAMES: Mapping[str, frozenset[str]] = {
    "number": frozenset({"number", "parcel", "parcel number", "tracking number", "cislo zasilky", "cislo zasielky"}),
    "symbol": frozenset({"variable symbol", "vs", "variabilni symbol", "variabilny symbol"}),
    "amount": frozenset({"amount", "castka", "suma", "dobirka", "cod amount"}),
    "currency": frozenset({"currency", "mena"}),
    "date": frozenset({"date", "paid on", "datum", "datum vyplaceni", "datum uhrady"}),
}
NEEDED = ("amount", "currency", "date")
EITHER = "either"  # a number or a symbol
DAYS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M:%S")
UNCLEAR = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")  # thousands, or three decimal places
LONGEST = 64
MOST_LINES = 100_000


class Unlisted(StrEnum):
    """Why a file is no list of payments; its words begin with `paylist_`."""

    TEXT = "text"
    HEADER = "header"
    COLUMNS = "columns"
    LENGTH = "length"


class Wrong(StrEnum):
    """Why a line cannot stand, by itself or beside what was to be collected; its words begin with `payline_`."""

    UNREADABLE = "unreadable"
    QUOTE = "quote"
    NAMELESS = "nameless"
    NUMBER = "number"
    CURRENCY = "currency"
    AMOUNT = "amount"
    GROUPED = "grouped"
    DATE = "date"
    OTHER_CURRENCY = "other_currency"
    NOT_EXPECTED = "not_expected"
    TWICE = "twice"
    SEVERAL = "several"


class ListUnreadable(Exception):
    """The file is no list of payments; `lacking`: columns its first line does not name, `most`: lines it may have."""

    def __init__(self, why: Unlisted, *, lacking: Sequence[str] = (), most: int = MOST_LINES) -> None:
        self.why = why
        self.lacking = lacking
        self.most = most
        super().__init__(self.told(words.EN))

    def told(self, said: Words) -> str:
        """Return what is wrong with it, a sentence."""
        columns = ", ".join(said[f"paycolumn_{name}"] for name in self.lacking)
        return said[f"paylist_{self.why}"].format(columns=columns, most=self.most)


class LineWrong(Exception):
    """A line cannot stand."""

    def __init__(self, why: Wrong) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Line:
    """One payment: of which parcel, or under which variable symbol; `at`: its line in the file."""

    at: int
    number: str | None
    symbol: str | None
    amount: tuple[int, str]
    on: date


@dataclass(frozen=True)
class Bad:
    """A line that cannot stand, and why."""

    at: int
    why: Wrong


def read(content: bytes, *, most: int = MOST_LINES) -> tuple[list[Line], list[Bad]]:
    """Return the lines of a file, and those that cannot be read; raise ListUnreadable where that is all of it.

    One with more than `most` lines is not read at all.
    """
    text = _text(content)
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    try:
        columns = _columns(next(rows, list[str]()))
    except csv.Error:
        raise ListUnreadable(Unlisted.HEADER) from None
    lines: list[Line] = []
    bad: list[Bad] = []
    began = rows.line_num
    try:
        for row in rows:
            first_of, began = began + 1, rows.line_num
            if not any(cell.strip() for cell in row):
                continue
            if len(lines) + len(bad) >= most:
                raise ListUnreadable(Unlisted.LENGTH, most=most)
            try:
                lines.append(_line(first_of, row, columns))
            except LineWrong as wrong:
                bad.append(Bad(first_of, wrong.why))
    except csv.Error:
        bad.append(Bad(rows.line_num, Wrong.UNREADABLE))
    return lines, bad


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1250"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ListUnreadable(Unlisted.TEXT)


def _columns(header: list[str]) -> Mapping[str, int]:
    """Return where each column stands, by our own name of it."""
    plain = [_plain(cell) for cell in header]
    found = {ours: place for place, name in enumerate(plain) for ours, names in NAMES.items() if name in names}
    lacking = [name for name in NEEDED if name not in found]
    if not found.keys() & {"number", "symbol"}:
        lacking.insert(0, EITHER)
    if lacking:
        raise ListUnreadable(Unlisted.COLUMNS, lacking=lacking)
    return found


def _plain(cell: str) -> str:
    letters = unicodedata.normalize("NFKD", cell.replace("_", " ").strip().lower())
    return " ".join("".join(each for each in letters if not unicodedata.combining(each)).split())


def _line(at: int, row: list[str], columns: Mapping[str, int]) -> Line:
    """Return a line; raise LineWrong."""
    if any("\n" in cell for cell in row):
        raise LineWrong(Wrong.QUOTE)
    told = {name: row[place].strip() if place < len(row) else "" for name, place in columns.items()}
    number, symbol = "".join(told.get("number", "").split()) or None, told.get("symbol") or None
    if not number and not symbol:
        raise LineWrong(Wrong.NAMELESS)
    if any(len(each) > LONGEST or not each.isprintable() for each in (number, symbol) if each):
        raise LineWrong(Wrong.NUMBER)
    currency = told["currency"].upper()
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise LineWrong(Wrong.CURRENCY)
    try:
        money = Money.read(_amount(told["amount"]), currency)
    except ValueError:
        raise LineWrong(Wrong.AMOUNT) from None
    return Line(at, number, symbol, (money.minor, money.currency), _day(told["date"]))


def _amount(said: str) -> str:
    """Return an amount without what groups its digits: `1 290,00`, `1.290,00` and `1,290.00` are one.

    Raise LineWrong where that cannot be told apart: `1.290` is 1290 to one and 1.29 to another.
    """
    plain = re.sub(r"\s", "", said)
    if UNCLEAR.fullmatch(plain):
        raise LineWrong(Wrong.GROUPED)
    point, comma = plain.rfind("."), plain.rfind(",")
    if point >= 0 and comma >= 0:
        plain = plain.replace("," if point > comma else ".", "")
    return plain


@lru_cache(1_000)  # a file names few days, each many times
def _day(said: str) -> date:
    plain = re.sub(r"\.\s+", ".", said)  # `5. 3. 2026`, as it is written in Czech
    for form in DAYS:
        try:
            found = datetime.strptime(plain, form).date()  # noqa: DTZ007  # a day, no time
        except ValueError:
            continue
        if 2000 <= found.year < 2100:
            return found
    raise LineWrong(Wrong.DATE)
