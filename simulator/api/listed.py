"""The filters shipments and payments share (contract 4.9, 4.10)."""

from simulator.ask import Ask
from simulator.shop import Record


def found(ask: Ask, rows: dict[int, Record]) -> list[Record]:
    """Return the rows that pass `id` in the path, `ids`, `code`, `codes` and `type`."""
    id_, ids = ask.number("id"), ask.numbers("ids")
    code, codes, type_ = ask.first("code"), ask.many("codes"), ask.first("type")
    return [
        row
        for key, row in rows.items()
        if (id_ is None or key == id_)
        and (ids is None or key in ids)
        and (code is None or row["code"] == code)
        and (codes is None or row["code"] in codes)
        and (type_ is None or row["type"] == type_)
    ]
