"""`python -m carriers`: ask a carrier by hand, for support; nothing of it is remembered.

    list                                what each adapter can, and what its account must give
    test    CARRIER --account FILE      whether the login works
    quote   CARRIER --account FILE SHIPMENT.json      what would be refused, what would be collected
    book    CARRIER --account FILE SHIPMENT.json      have labels made: numbers as JSON, to be kept for the rest
    label   CARRIER --account FILE PARCELS.json --to FILE [--format zpl] [--a4 PLACE]
    track   CARRIER --account FILE PARCELS.json
    cancel  CARRIER --account FILE PARCELS.json
    points  CARRIER --account FILE COUNTRY            one JSON line for each
    new     NAME [--into CHECKOUT]      write a new carrier: adapter, stand-in, recordings, tests (docs/new-carrier.md)

An account's file is JSON: {"base_url": …, "secrets": {…}, "given": {…}, "switches": […]}. PARCELS.json is what `book`
printed. Exit 1 when the carrier refused or could not be reached, 2 when what was given is wrong.
"""

import argparse
import dataclasses
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import httpx
from pydantic import TypeAdapter, ValidationError

from carriers import labels, line, new, registry
from carriers.base import Account, Booked, Carrier, Format, Parcel, Pending, Shipment, Taken
from carriers.errors import CarrierError
from carriers.labels import Unprintable
from carriers.registry import AccountIncomplete

POLLS = 8  # of one that is still at it, each after as long as the carrier asks


def main(words: Sequence[str], *, transport: httpx.BaseTransport | None = None) -> int:
    """Do what is asked; return the exit code."""
    asked = arguments().parse_args(words)
    if asked.what == "list":
        return overview()
    if asked.what == "new":
        return begin(asked.name, asked.into)
    try:
        account = read(Account, asked.account)
        with line.opened(transport) as client:
            carrier = registry.opened(asked.carrier, account, client=client, now=lambda: datetime.now(UTC))
            return DEEDS[asked.what](carrier, asked)
    except (ValidationError, AccountIncomplete, OSError, ValueError) as wrong:
        print(without_values(wrong), file=sys.stderr)
        return 2
    except (CarrierError, Unprintable) as failed:
        print(failed, file=sys.stderr)
        return 1


def overview() -> int:
    """Print every adapter's capabilities, and what the contract leaves unproven."""
    for code, adapter in registry.ADAPTERS.items():
        able = dataclasses.asdict(adapter.able)
        countries = sorted(adapter.able.countries)
        show({"carrier": code, "needs": adapter.needs, "able": {**able, "countries": countries}})
    return 0


def begin(name: str, into: Path) -> int:
    """Write a new carrier, and say what is left to do."""
    try:
        places = new.write(name, into)
    except (new.Unwritable, OSError) as wrong:
        print(wrong, file=sys.stderr)
        return 2
    print(f"written: {', '.join(places)}\n\n{new.steps(name)}", end="")
    return 0


def test(carrier: Carrier, _asked: argparse.Namespace) -> int:
    """Ask whether the login works."""
    carrier.test_all()
    print("the login works")
    return 0


def quote(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Print what is wrong with a shipment before anybody is paid."""
    faults = carrier.validate(read(Shipment, asked.file))
    show({"faults": faults})
    return 1 if faults else 0


def book(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Have a shipment's labels made, once."""
    shipment = read(Shipment, asked.file)
    if faults := carrier.validate(shipment):
        show({"faults": faults})
        return 1
    [taken] = carrier.book([shipment])
    taken = waited(carrier, taken)
    if not isinstance(taken, Booked):
        raise taken if isinstance(taken, CarrierError) else TimeoutError("the carrier is still at it; ask again later")
    show([*taken.parcels])
    return 0


def waited(carrier: Carrier, taken: Taken) -> Taken:
    """Ask again for what is pending, for as long as the carrier may be expected to take."""
    for _ in range(POLLS):
        if not isinstance(taken, Pending):
            break
        Event().wait(taken.wait_s)
        [taken] = carrier.poll(taken.job, [taken.reference])
    return taken


def label(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Write the labels of parcels into a file."""
    printed = carrier.labels(read(list[Parcel], asked.file), Format(asked.format))
    pages = labels.pages_of(printed)
    asked.to.write_bytes((labels.on_a4(printed, start=asked.a4) if asked.a4 else printed).content)
    print(f"{pages} labels in {asked.to}")
    return 0


def track(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Print what is known of parcels."""
    show([*carrier.track(read(list[Parcel], asked.file))])
    return 0


def cancel(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Take parcels back."""
    show([*carrier.cancel(read(list[Parcel], asked.file))])
    return 0


def points(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Print the pick-up points of a country."""
    for point in carrier.points(asked.file):
        print(json.dumps(dataclasses.asdict(point), ensure_ascii=False, default=str))
    return 0


DEEDS: dict[str, Callable[[Carrier, argparse.Namespace], int]] = {
    deed.__name__: deed for deed in (test, quote, book, label, track, cancel, points)
}


def read(kind: Any, path: Path) -> Any:
    """Read a file as one of the port's types; raise ValidationError for what does not fit, OSError for no file."""
    return TypeAdapter(kind).validate_json(Path(path).read_bytes())


def show(thing: Any) -> None:
    """Print one of the port's types as JSON that `read` takes."""
    print(TypeAdapter(Any).dump_json(thing, indent=2).decode())


def without_values(wrong: Exception) -> str:
    """Return what is wrong with what was given, never the values: they may be a login."""
    if isinstance(wrong, ValidationError):
        return "\n".join(
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in wrong.errors(include_input=False)
        )
    return str(wrong)


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m carriers", description="Ask a carrier by hand.")
    deeds = parser.add_subparsers(dest="what", required=True)
    deeds.add_parser("list", help=overview.__doc__)
    own = deeds.add_parser("new", help=begin.__doc__)
    own.add_argument("name", metavar="NAME")
    own.add_argument("--into", type=Path, metavar="CHECKOUT", default=new.CHECKOUT)
    for name, deed in DEEDS.items():
        own = deeds.add_parser(name, help=deed.__doc__)
        own.add_argument("carrier", choices=registry.ADAPTERS)
        own.add_argument("--account", type=Path, required=True)
        if name != "test":
            own.add_argument("file", metavar={"points": "COUNTRY"}.get(name, "FILE"))
        if name == "label":
            own.add_argument("--to", type=Path, required=True)
            own.add_argument("--format", choices=[each.value for each in Format], default=Format.PDF.value)
            own.add_argument("--a4", type=int, choices=range(1, labels.PLACES + 1))
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
