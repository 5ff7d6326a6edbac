"""`python -m carriers`: ask a carrier by hand, for support; nothing of it is remembered.

    list                                what each adapter can, and what its account must give
    test    CARRIER --account FILE      whether the login works
    quote   CARRIER --account FILE SHIPMENT.json      what would be refused, collected, insured and weighed
    book    CARRIER --account FILE SHIPMENT.json      have labels made: numbers as JSON, to be kept for the rest
    return  CARRIER --account FILE SHIPMENT.json      have labels made for the way back from its recipient
    poll    CARRIER --account FILE PENDING.json       what became of a booking the carrier was still at
    find    CARRIER --account FILE SHIPMENT.json [--since DAY]    look for a booking whose answer got lost
    label   CARRIER --account FILE PARCELS.json --to FILE [--format zpl] [--a4 PLACE]
    track   CARRIER --account FILE PARCELS.json
    cancel  CARRIER --account FILE PARCELS.json
    close   CARRIER --account FILE PARCELS.json [--to FILE]       hand over, as the carrier wants to hear it
    collect CARRIER --account FILE COLLECTION.json    order a car
    points  CARRIER --account FILE COUNTRY            one JSON line for each
    new     NAME [--into CHECKOUT]      write a new carrier: adapter, stand-in, recordings, tests (docs/new-carrier.md)

An account's file is JSON: {"base_url": …, "secrets": {…}, "given": {…}, "switches": […]}. PARCELS.json is what `book`
printed, PENDING.json what it printed with exit 3; COLLECTION.json: {"on": "2026-03-03", "since": "13:00:00", "until":
"16:00:00", "count": 2, "weight_g": 2400}. Exit 1 when the carrier refused or could not be reached, 2 when what was
given is wrong, 3 when it may be done or is not finished: what is paid for is not to be asked for again before
somebody has looked.
"""

import argparse
import dataclasses
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from threading import Event
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import httpx
from pydantic import TypeAdapter, ValidationError

from carriers import labels, line, new, registry
from carriers.base import Able, Account, Booked, Carrier, Collection, Format, Parcel, Pending, Taken
from carriers.errors import CarrierError, CarrierRefused, CarrierUnreachable
from carriers.labels import Unprintable
from carriers.registry import AccountIncomplete
from carriers.shipment import Shipment

POLLS = 8  # of one that is still at it, each after as long as the carrier asks
UNCLEAR = 3  # the exit code
LATELY = timedelta(days=2)  # of a booking that is looked for
PRAGUE = ZoneInfo("Europe/Prague")  # whose day a hand-over is of, wherever this machine stands

Wait: TypeAlias = Callable[[float], object]  # so many seconds
PAUSE: Wait = Event().wait

AT_IT = "the carrier is still at it: keep what was printed and ask with `poll`; booked again, it is paid for twice"
MAYBE = "it may be done all the same: look at the carrier before you ask again"


def main(words: Sequence[str], *, transport: httpx.BaseTransport | None = None, wait: Wait = PAUSE) -> int:
    """Do what is asked; return the exit code."""
    asked = arguments().parse_args(words, argparse.Namespace(wait=wait))
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
    except Unprintable as failed:
        note(failed)
        return 1
    except CarrierError as failed:
        note(failed)
        if is_unclear(failed):
            note(MAYBE)
        return code_of(failed)


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
    """Print what is wrong with a shipment, what it would collect, be insured for and weigh; nobody is paid."""
    shipment = read(Shipment, asked.file)
    faults = carrier.validate(shipment)
    show({"faults": faults, **terms(shipment)})
    return 1 if faults else 0


def terms(shipment: Shipment) -> Mapping[str, Any]:
    """Return what a carrier is told of money and weight; with no faults it collects the amount as it stands here."""
    cod, value = shipment.cod, shipment.value
    collected = cod and {
        "amount": cod.amount.plain(),
        "currency": cod.amount.currency,
        "variable_symbol": cod.variable_symbol,
    }
    return {
        "cod": collected,
        "value": {"amount": value.plain(), "currency": value.currency},
        "weight_g": sum(box.weight_g for box in shipment.boxes),
        "boxes": shipment.boxes,
    }


def book(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Have a shipment's labels made, once; what it costs twice is not asked for before it was looked for."""
    shipment = read(Shipment, asked.file)
    if faults := carrier.validate(shipment):
        show({"faults": faults})
        return 1
    try:
        [taken] = carrier.book([shipment])
    except CarrierUnreachable as lost:
        taken = lost
    return told(carrier, taken, shipment.reference, wait=asked.wait)


def back(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Have labels made for the way back from a shipment's recipient, once."""
    show_booked(carrier.return_label(read(Shipment, asked.file)))
    return 0


def poll(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Ask what became of a booking the carrier was still at."""
    pending = read(Pending, asked.file)
    return told(carrier, polled(carrier, pending), pending.reference, wait=asked.wait)


def find(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Look for a shipment's booking that nobody heard the answer of, and print its parcels."""
    shipment = read(Shipment, asked.file)
    since = datetime.combine(asked.since, time(), UTC) if asked.since else carrier.now() - LATELY
    found = carrier.find(shipment, since=since)
    if found is None:
        note(f"the carrier finds none by {shipment.reference}")
        return 1
    show_booked(found)
    return 0


def told(carrier: Carrier, taken: Taken, reference: str, *, wait: Wait) -> int:
    """Print what became of a booking, and what to do where that is not certain; raise what failed for certain."""
    taken = waited(carrier, taken, wait)
    if isinstance(taken, Booked):
        show_booked(taken)
        return 0
    if isinstance(taken, Pending):
        show(taken)
        note(AT_IT)
        return UNCLEAR
    if not is_unclear(taken):
        raise taken
    show({"unclear": reference, "why": str(taken)})
    note(how_to_look(carrier.able, reference))
    return UNCLEAR


def how_to_look(able: Able, reference: str) -> str:
    """Say how one finds out what became of a booking without paying for a second one."""
    if able.is_idempotent:
        return "it may be made: the same `book` once more answers with what was made"
    if able.finds:
        return "it may be made: `find` it after a minute, and once more after ten, before it is booked again"
    return f"it may be made, and no `find` tells: look for {reference} at the carrier before it is booked again"


def waited(carrier: Carrier, taken: Taken, wait: Wait) -> Taken:
    """Ask again for what is pending, for as long as the carrier may be expected to take."""
    for _ in range(POLLS):
        if not isinstance(taken, Pending):
            break
        wait(taken.wait_s)
        taken = polled(carrier, taken)
    return taken


def polled(carrier: Carrier, pending: Pending) -> Taken:
    """Ask once for what is pending; whatever goes wrong with asking, the carrier is still at it.

    Only what it refuses of the shipment itself, and a job it does not know any more, end that.
    """
    try:
        [taken] = carrier.poll(pending.job, [pending.reference])
    except CarrierError as failed:
        taken = failed
        is_over = is_unclear(failed)
    else:
        is_over = isinstance(taken, Booked | Pending | CarrierRefused) or is_unclear(taken)
    if is_over:
        return taken
    note(taken)
    return pending


def show_booked(booked: Booked) -> None:
    """Print the parcels of a booking, to be kept, and beside them what the carrier said."""
    show([*booked.parcels])
    for said in booked.notes:
        note(said)


def label(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Write the labels of parcels into a file."""
    printed = carrier.labels(read(list[Parcel], asked.file), Format(asked.format))
    pages = labels.pages_of(printed)
    asked.to.write_bytes((labels.on_a4(printed, start=asked.a4) if asked.a4 else printed).content)
    print(f"{pages} labels in {asked.to}")
    return 0


def track(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Print what is known of parcels."""
    return show_each(carrier.track(read(list[Parcel], asked.file)))


def cancel(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Take parcels back."""
    return show_each(carrier.cancel(read(list[Parcel], asked.file)))


def show_each(became: Sequence[object]) -> int:
    """Print what became of each, also where that is an error; return the exit code."""
    show([str(each) if isinstance(each, CarrierError) else each for each in became])
    return max(map(code_of, became), default=0)


def close(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Tell the carrier that parcels are handed over today; print its number of that, and keep its paper."""
    parcels = read(list[Parcel], asked.file)
    made = carrier.close(parcels, carrier.now().astimezone(PRAGUE).date())
    show({
        "number": made.number,
        "covers": made.covers,
        "doubted": made.doubted,
        "document": made.document is not None,
    })  # fmt: skip
    if made.document and asked.to:
        asked.to.write_bytes(made.document.content)
    if lacking := [each.number for each in parcels if each.number not in {*made.covers, *made.doubted}]:
        note(f"not handed over: {', '.join(lacking)}")
    if made.doubted:
        note(f"may be handed over, so `close` exactly these once more: {', '.join(made.doubted)}")
        return UNCLEAR
    return 1 if lacking else 0


def collect(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Order a car and print the carrier's number of that, where it gives one."""
    show({"number": carrier.collect(read(Collection, asked.file))})
    return 0


def points(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Print the pick-up points of a country."""
    for point in carrier.points(asked.file):
        print(json.dumps(dataclasses.asdict(point), ensure_ascii=False, default=str))
    return 0


DEEDS: dict[str, Callable[[Carrier, argparse.Namespace], int]] = {
    "return": back,
    **{deed.__name__: deed for deed in (test, quote, book, poll, find, label, track, cancel, close, collect, points)},
}


def is_unclear(outcome: object) -> bool:
    """Say whether something failed that may be done all the same."""
    return isinstance(outcome, CarrierUnreachable) and outcome.unclear


def code_of(outcome: object) -> int:
    """Return the exit code for what became of something."""
    if is_unclear(outcome):
        return UNCLEAR
    return 1 if isinstance(outcome, CarrierError) else 0


def note(said: object) -> None:
    """Tell a person, apart from what is printed to be kept."""
    print(said, file=sys.stderr)


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
        if name == "find":
            own.add_argument("--since", type=date.fromisoformat, metavar="DAY")
        if name in {"label", "close"}:
            own.add_argument("--to", type=Path, required=name == "label")
        if name == "label":
            own.add_argument("--format", choices=[each.value for each in Format], default=Format.PDF.value)
            own.add_argument("--a4", type=int, choices=range(1, labels.PLACES + 1))
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
