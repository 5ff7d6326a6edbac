"""What a webhook call says: identifiers, a time, the shop's name; no event, no token, no signature (contract 3.4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from simulator.wire import dumps

MOST_RECORDS = 5_000  # per call since 5 September 2024; the rest follows in further calls (3.2)
ROOTS = {  # the array bears the API's name, except for order statuses (3.4.2, T15)
    "Orders": "orders",
    "OrderStatuses": "statuses",
    "Products": "products",
    "Categories": "categories",
    "Customers": "customers",
    "Invoices": "invoices",
    # guess: B9, the bodies of the six below are printed nowhere.
    "Availabilities": "availabilities",
    "Labels": "labels",
    "Shipments": "shipments",
    "Payments": "payments",
    "Pricelists": "pricelists",
    "Languages": "languages",
}

Record = dict[str, Any]


@dataclass(slots=True)
class Quirks:
    """Peculiarities seen in samples or in older shops; each can be switched."""

    statuses_as_printed: bool = False  # T15: samples of OrderStatuses.update/.delete show `creation_time`
    ids_as_text: bool = False  # 3.4.4: ids appear as strings in samples
    without_status: bool = False  # 3.4.1: older shops send no `status_id` and `status`
    update_after_create: bool = False  # T14: before v32 a new record told `update` as well


def made(event: str, project_name: str, records: list[Record], quirks: Quirks) -> Iterator[tuple[bytes, int]]:
    """Yield body and number of records of each call an event needs; a bulk is one event and stays together."""
    shown = [_quirky(event, record, quirks) for record in records]
    for start in range(0, len(shown), MOST_RECORDS):
        some = shown[start : start + MOST_RECORDS]
        yield dumps({"project_name": project_name, **_arrays(event, some)}), len(some)


def as_updates(records: list[Record]) -> list[Record]:
    """Return the records of `Orders.create` as `Orders.update` shows them."""
    return [
        {"last_update_time" if name == "creation_time" else name: value for name, value in record.items()}
        for record in records
    ]


def _arrays(event: str, records: list[Record]) -> dict[str, list[Record]]:
    """Return the root arrays; a deletion of products has two, either may be empty (T16)."""
    if event != "Products.delete":
        return {ROOTS[event.partition(".")[0]]: records}
    return {
        "products": [record for record in records if "variant_id" not in record],
        "variants": [record for record in records if "variant_id" in record],
    }


def _quirky(event: str, record: Record, quirks: Quirks) -> Record:
    shown = dict(record)
    if quirks.statuses_as_printed and event in ("OrderStatuses.update", "OrderStatuses.delete"):
        name = "last_update_time" if event == "OrderStatuses.update" else "deletion_time"
        shown["creation_time"] = shown.pop(name)
    if quirks.without_status and event.startswith("Orders."):
        shown.pop("status_id", None)
        shown.pop("status", None)
    if quirks.ids_as_text:
        shown = {name: str(value) if name.endswith("_id") else value for name, value in shown.items()}
    return shown
