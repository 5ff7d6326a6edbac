"""A carrier's list of COD payments as a file of lines: read leniently, and what cannot be read is told by its line."""

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO

from carriers.money import Money

# Each carrier's file has names of its own for the same columns; more of them are added here as they are seen.
NAMES: Mapping[str, frozenset[str]] = {
    "number": frozenset({"number", "parcel", "parcel number", "tracking number", "cislo zasilky", "cislo zasielky"}),
    "symbol": frozenset({"variable symbol", "vs", "variabilni symbol", "variabilny symbol"}),
    "amount": frozenset({"amount", "castka", "suma", "dobirka", "cod amount"}),
    "currency": frozenset({"currency", "mena"}),
    "date": frozenset({"date", "paid on", "datum", "datum vyplaceni", "datum uhrady"}),
}
NEEDED = ("amount", "currency", "date")
DAYS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M:%S")
LONGEST = 64
MOST_LINES = 100_000


class ListUnreadable(Exception):
    """The file is no list of payments; the message says what it lacks."""


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
    why: str


def read(content: bytes) -> tuple[list[Line], list[Bad]]:
    """Return the lines of a file, and those that cannot be read; raise ListUnreadable where that is all of it."""
    text = _text(content)
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    try:
        columns = _columns(next(rows, list[str]()))
    except csv.Error as broken:
        raise ListUnreadable(f"the first line cannot be read: {broken}") from None
    lines: list[Line] = []
    bad: list[Bad] = []
    began = rows.line_num
    try:
        for row in rows:
            first_of, began = began + 1, rows.line_num
            if not any(cell.strip() for cell in row):
                continue
            if len(lines) + len(bad) >= MOST_LINES:
                raise ListUnreadable(f"the file has more than {MOST_LINES} lines")
            try:
                lines.append(_line(first_of, row, columns))
            except ValueError as wrong:
                bad.append(Bad(first_of, str(wrong)))
    except csv.Error as broken:
        bad.append(Bad(rows.line_num, f"it cannot be read: {broken}"))
    return lines, bad


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1250"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ListUnreadable("the file is no text")


def _columns(header: list[str]) -> Mapping[str, int]:
    """Return where each column stands, by our own name of it."""
    plain = [_plain(cell) for cell in header]
    found = {ours: place for place, name in enumerate(plain) for ours, names in NAMES.items() if name in names}
    lacking = [name for name in NEEDED if name not in found]
    if not found.keys() & {"number", "symbol"}:
        lacking.insert(0, "number or variable symbol")
    if lacking:
        raise ListUnreadable(f"the first line names no {', '.join(lacking)}")
    return found


def _plain(cell: str) -> str:
    letters = unicodedata.normalize("NFKD", cell.replace("_", " ").strip().lower())
    return " ".join("".join(each for each in letters if not unicodedata.combining(each)).split())


def _line(at: int, row: list[str], columns: Mapping[str, int]) -> Line:
    """Return a line; raise ValueError with what is wrong with it."""
    if any("\n" in cell for cell in row):
        raise ValueError("a quote that begins here is open over several lines; none of them was read")
    told = {name: row[place].strip() if place < len(row) else "" for name, place in columns.items()}
    number, symbol = "".join(told.get("number", "").split()) or None, told.get("symbol") or None
    if not number and not symbol:
        raise ValueError("it names neither a parcel nor a variable symbol")
    if any(len(each or "") > LONGEST for each in (number, symbol)):
        raise ValueError("a number of that length is none")
    currency = told["currency"].upper()
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise ValueError("the currency is no code of three letters")
    try:
        money = Money.read(_amount(told["amount"]), currency)
    except ValueError as odd:
        raise ValueError(f"the amount: {odd}") from None
    return Line(at, number, symbol, (money.minor, money.currency), _day(told["date"]))


def _amount(said: str) -> str:
    """Return an amount without what groups its digits: `1 290,00`, `1.290,00` and `1,290.00` are one."""
    plain = re.sub(r"\s", "", said)
    point, comma = plain.rfind("."), plain.rfind(",")
    if point >= 0 and comma >= 0:
        plain = plain.replace("," if point > comma else ".", "")
    return plain


def _day(said: str) -> date:
    for form in DAYS:
        try:
            found = datetime.strptime(said, form).date()  # noqa: DTZ007  # a day, no time
        except ValueError:
            continue
        if 2000 <= found.year < 2100:
            return found
    raise ValueError("the date is none")
