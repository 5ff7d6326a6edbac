"""GET /customers (contract 4.14)."""

from collections.abc import Callable

from simulator.ask import Ask, Page
from simulator.shop import Record
from simulator.wire import digits, dumps, parse_date

TEXTS = {  # where the value of a filter stands
    "code": lambda row: row["code"],
    "customer_id": lambda row: str(row["customer_id"]),
    "language": lambda row: row["language"],
    "pricelist": lambda row: row["pricelist"],
    "newsletter_accept": lambda row: row["newsletter_accept"],
    "email": lambda row: row["login"]["email"],
    "company_name": lambda row: (row["company"] or {}).get("name"),
    # The blueprint swaps the two descriptions; by name they are company number and VAT number (contract 4.14).
    "company_number": lambda row: (row["company"] or {}).get("company_number"),
    "company_vat_number": lambda row: (row["company"] or {}).get("vat_number"),
}
FLAGS = {"active_yn": lambda row: row["login"]["active_yn"], "blocked_yn": lambda row: row["login"]["blocked_yn"]}
DATES = {"creation_time_from": "creation_time", "last_update_time_from": "last_update_time"}


def get(ask: Ask) -> Page:
    """Return one page of the customers that pass every filter, by id."""
    keeps = _filters(ask)
    rows = [row for row in ask.shop.customers.values() if all(keep(row) for keep in keeps)]
    return ask.paged("customers", rows, dumps)


def _filters(ask: Ask) -> list[Callable[[Record], bool]]:
    keeps: list[Callable[[Record], bool]] = []
    for name, value_of in TEXTS.items():
        text = ask.first(name)
        if text:
            keeps.append(lambda row, text=text, value_of=value_of: value_of(row) == text)
    for name, value_of in FLAGS.items():
        flag = ask.flag(name)
        if flag is not None:
            keeps.append(lambda row, flag=flag, value_of=value_of: value_of(row) is flag)
    for name, of in DATES.items():
        since = ask.date(name)
        if since is not None:
            keeps.append(lambda row, since=since, of=of: _second(row[of]) >= since)
    ids, phone = ask.numbers("ids"), digits(ask.first("phone"))[-9:]
    if ids is not None:
        keeps.append(lambda row: row["customer_id"] in ids)
    if phone:
        keeps.append(lambda row: digits(row["communication"]["phone"])[-9:] == phone)
    return keeps


def _second(text: str) -> int:
    at = parse_date(text)
    return int(at.timestamp()) if at else 0
