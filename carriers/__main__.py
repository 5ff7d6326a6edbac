"""`python -m carriers`: ask a carrier by hand, for support; nothing of it is remembered.

    list                                what each adapter can, what its account gives and a shipment may say
    test    CARRIER --account FILE      whether the login works
    quote   CARRIER --account FILE SHIPMENT.json [--ask]    what would be refused, collected, insured and weighed
    book    CARRIER --account FILE SHIPMENT.json      have labels made: numbers as JSON, to be kept for the rest
    return  CARRIER --account FILE SHIPMENT.json      have labels made for the way back from its recipient
    poll    CARRIER --account FILE PENDING.json       what became of a booking or return the carrier was still at
    find    CARRIER --account FILE SHIPMENT.json [--since DAY]    look for a booking whose answer got lost
    label   CARRIER --account FILE PARCELS.json --to FILE [--format zpl] [--a4 PLACE]
    track   CARRIER --account FILE PARCELS.json
    cancel  CARRIER --account FILE PARCELS.json
    change-cod CARRIER --account FILE PARCELS.json AMOUNT CURRENCY    have another amount collected for a shipment
    prolong CARRIER --account FILE PARCELS.json DAY   have parcels kept at their pick-up points until a day
    redirect CARRIER --account FILE PARCELS.json ADDRESS.json    correct the recipient's name, telephone and e-mail
    close   CARRIER --account FILE PARCELS.json [--to FILE]       hand over, as the carrier wants to hear it
    collect CARRIER --account FILE COLLECTION.json    order a car: what names it is printed
    car     CARRIER --account FILE NUMBER             what became of a car
    recall  CARRIER --account FILE NUMBER             take the order of a car back
    number  CARRIER TEXT                              whether this can be a number of the carrier's; asks nobody
    points  CARRIER --account FILE COUNTRY            one JSON line for each
    new     NAME [--into CHECKOUT]      write a new carrier: adapter, stand-in, recordings, tests (docs/new-carrier.md)

An account's file is JSON: {"base_url": …, "secrets": {…}, "given": {…}, "switches": […]}. PARCELS.json is what `book`
or `return` printed, PENDING.json what they printed with exit 3; COLLECTION.json: {"on": "2026-03-03", "since":
"13:00:00", "until": "16:00:00", "count": 2, "weight_g": 2400}; ADDRESS.json is a `recipient` of a shipment's. `quote
--ask` also asks the carrier, where it says what it would refuse and we found nothing. Exit 1 when the carrier refused,
took nothing back (too late, or it knows none) or could not be reached, 2 when what was given is wrong, 3 when it may be
done or is not finished: what is paid for is not to be asked for again before somebody has looked.
"""

import argparse
import dataclasses
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event

import httpx
from pydantic import ValidationError

from carriers import deeds, labels, line, new, registry
from carriers.base import Account, Format
from carriers.deeds import Wait
from carriers.errors import CarrierError
from carriers.labels import Unprintable
from carriers.registry import AccountIncomplete

PAUSE: Wait = Event().wait
GIVEN: Mapping[str, Sequence[str]] = {
    "test": (),
    "points": ("COUNTRY",),
    "car": ("NUMBER",),
    "recall": ("NUMBER",),
    "change-cod": ("FILE", "AMOUNT", "CURRENCY"),
    "prolong": ("FILE", "DAY"),
    "redirect": ("FILE", "ADDRESS"),
}
"""What a deed is given behind its account; one file, where nothing else stands here."""


def main(words: Sequence[str], *, transport: httpx.BaseTransport | None = None, wait: Wait = PAUSE) -> int:
    """Do what is asked; return the exit code."""
    asked = arguments().parse_args(words, argparse.Namespace(wait=wait))
    if asked.what == "list":
        return overview()
    if asked.what == "new":
        return begin(asked.name, asked.into)
    if asked.what == "number":
        return deeds.number(asked.carrier, asked.text)
    return at_carrier(asked, transport)


def at_carrier(asked: argparse.Namespace, transport: httpx.BaseTransport | None) -> int:
    """Ask the carrier; say in words whatever goes wrong with that."""
    try:
        account = deeds.read(Account, asked.account)
        with line.opened(transport) as client:
            carrier = registry.opened(asked.carrier, account, client=client, now=lambda: datetime.now(UTC))
            return deeds.DEEDS[asked.what](carrier, asked)
    except (ValidationError, AccountIncomplete, OSError, ValueError) as wrong:
        print(without_values(wrong), file=sys.stderr)
        return 2
    except Unprintable as failed:
        deeds.note(failed)
        return 1
    except CarrierError as failed:
        deeds.note(failed)
        return deeds.ended([failed])


def overview() -> int:
    """Print of every adapter what an account gives it, its options, what it can and what is unproven."""
    for code, adapter in registry.ADAPTERS.items():
        able = dataclasses.asdict(adapter.able)
        countries = sorted(adapter.able.countries)
        given = {"needs": adapter.needs, "may_give": adapter.may_give, "options": adapter.options}
        deeds.show({"carrier": code, **given, "able": {**able, "countries": countries}})
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


def without_values(wrong: Exception) -> str:
    """Return what is wrong with what was given, never the values: they may be a login."""
    if isinstance(wrong, ValidationError):
        return "\n".join(
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in wrong.errors(include_input=False)
        )
    return str(wrong)


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m carriers", description="Ask a carrier by hand.")
    commands = parser.add_subparsers(dest="what", required=True)
    commands.add_parser("list", help=overview.__doc__)
    own = commands.add_parser("new", help=begin.__doc__)
    own.add_argument("name", metavar="NAME")
    own.add_argument("--into", type=Path, metavar="CHECKOUT", default=new.CHECKOUT)
    own = commands.add_parser("number", help=deeds.number.__doc__)
    own.add_argument("carrier", choices=registry.ADAPTERS)
    own.add_argument("text", metavar="TEXT")
    for name, deed in deeds.DEEDS.items():
        own = commands.add_parser(name, help=deed.__doc__)
        own.add_argument("carrier", choices=registry.ADAPTERS)
        own.add_argument("--account", type=Path, required=True)
        for given in GIVEN.get(name, ("FILE",)):
            kind = {"FILE": Path, "ADDRESS": Path, "DAY": date.fromisoformat}.get(given, str)
            own.add_argument(given.lower(), type=kind, metavar=given)
        _add_choices(own, name)
    return parser


def _add_choices(own: argparse.ArgumentParser, name: str) -> None:
    if name == "quote":
        own.add_argument("--ask", action="store_true")
    if name == "find":
        own.add_argument("--since", type=date.fromisoformat, metavar="DAY")
    if name in {"label", "close"}:
        own.add_argument("--to", type=Path, required=name == "label")
    if name == "label":
        own.add_argument("--format", choices=[each.value for each in Format], default=Format.PDF.value)
        own.add_argument("--a4", type=int, choices=range(1, labels.PLACES + 1))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
