"""What a carrier is asked by hand: each deed prints what came of it, and returns the exit code (`__main__.py`)."""

import argparse
import dataclasses
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from carriers import labels, registry
from carriers.base import Able, Account, Booked, Cancelled, Carrier, Collection, Format, Parcel, Pending, Taken
from carriers.cars import Car
from carriers.errors import CarrierError, CarrierRefused, CarrierUnreachable, Fault
from carriers.money import Money
from carriers.shipment import Address, Shipment

POLLS = 8  # of one that is still at it, each after as long as the carrier asks
UNCLEAR = 3  # the exit code
LATELY = timedelta(days=2)  # of a booking that is looked for
PRAGUE = ZoneInfo("Europe/Prague")  # whose day a hand-over is of, wherever this machine stands

NOT_TAKEN_BACK = (Cancelled.TOO_LATE, Cancelled.UNKNOWN)
Wait: TypeAlias = Callable[[float], object]  # so many seconds

AT_IT = "the carrier is still at it: keep what was printed and ask with `poll`; booked again, it is paid for twice"
MAYBE = "it may be done all the same: look at the carrier before you ask again"


def test(carrier: Carrier, _asked: argparse.Namespace) -> int:
    """Ask whether the login works."""
    carrier.test_all()
    print("the login works")
    return 0


def quote(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Print what is wrong with a shipment, what it would collect, be insured for and weigh; nobody is paid."""
    shipment = read(Shipment, asked.file)
    faults = carrier.validate(shipment)
    if asked.ask and not faults:
        faults = asked_of(carrier, shipment)
    show({"faults": faults, **terms(shipment)})
    return 1 if faults else 0


def asked_of(carrier: Carrier, shipment: Shipment) -> Sequence[Fault]:
    """Return what the carrier itself would refuse; nothing, and say so, where it cannot be asked."""
    if carrier.able.asks_first:
        return carrier.ask_valid(shipment)
    note(f"{carrier.code} cannot be asked what it would refuse")
    return ()


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
    shipment = read(Shipment, asked.file)
    if faults := [*carrier.validate(shipment), *carrier.validate_back(shipment)]:
        show({"faults": faults})
        return 1
    return told(carrier, carrier.return_label(shipment), shipment.reference, wait=asked.wait)


def poll(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Ask what became of a booking, or of a return, the carrier was still at."""
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
    return (
        f"it may be made, and no `find` tells: look for {reference} at the carrier, where it may "
        "stand behind the order number, before it is booked again"
    )


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


def change_cod(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Have another amount collected for the parcels of one shipment."""
    if not re.fullmatch("[A-Z]{3}", asked.currency):
        raise ValueError("a currency is three letters, such as CZK")
    amount = Money.read(asked.amount, asked.currency)
    if amount.minor < 0:
        raise ValueError("an amount below nothing is not collected")
    carrier.change_cod(read(list[Parcel], asked.file), amount)
    print(f"{amount.plain()} {amount.currency} is collected")
    return 0


def prolong(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Have parcels kept at their pick-up points until a day, and print what became of each."""
    return show_each([done(carrier.prolong, parcel, asked.day) for parcel in read(list[Parcel], asked.file)])


def redirect(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Have the recipient of parcels corrected, and print what became of each."""
    contact = read(Address, asked.address)
    return show_each([done(carrier.redirect, parcel, contact) for parcel in read(list[Parcel], asked.file)])


def done(deed: Callable[..., None], *asked: object) -> str | CarrierError:
    """Do something to one of several, whatever becomes of the others."""
    try:
        deed(*asked)
    except CarrierError as failed:
        return failed
    return "done"


def show_each(became: Sequence[object]) -> int:
    """Print what became of each, also where that is an error; return the exit code."""
    show([str(each) if isinstance(each, CarrierError) else each for each in became])
    return ended(became)


def ended(became: Sequence[object]) -> int:
    """Return the exit code for what became of several, and say where one of them may be done all the same."""
    if any(map(is_unclear, became)):
        note(MAYBE)
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


def car(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Print what became of a car that was ordered."""
    told = carrier.car(asked.number)
    show(told)
    return {Car.WAITING: UNCLEAR, Car.REFUSED: 1}.get(told.car, 0)


def recall(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Take the order of a car back, and print what came of it."""
    became = carrier.recall(asked.number)
    show(became)
    return code_of(became)


def number(code: str, text: str) -> int:
    """Say whether a text can be a number of a carrier's, by its form and check digit alone."""
    adapter = registry.unasked(code, Account("", {}), lambda: datetime.now(UTC))
    is_one = adapter.is_number("".join(text.split()).upper())  # as labels print it
    print(f"{text} {'can be' if is_one else 'is not'} a number of {code}")
    return 0 if is_one else 1


def points(carrier: Carrier, asked: argparse.Namespace) -> int:
    """Print the pick-up points of a country."""
    for point in carrier.points(asked.country):
        print(json.dumps(dataclasses.asdict(point), ensure_ascii=False, default=str))
    return 0


DEEDS: dict[str, Callable[[Carrier, argparse.Namespace], int]] = {
    "return": back,
    "change-cod": change_cod,
    **{deed.__name__: deed for deed in (test, quote, book, poll, find, label, track, cancel, prolong, redirect)},
    **{deed.__name__: deed for deed in (close, collect, car, recall, points)},
}


def is_unclear(outcome: object) -> bool:
    """Say whether something failed that may be done all the same."""
    return isinstance(outcome, CarrierUnreachable) and outcome.unclear


def code_of(outcome: object) -> int:
    """Return the exit code for what became of something."""
    if is_unclear(outcome):
        return UNCLEAR
    return 1 if isinstance(outcome, CarrierError) or outcome in NOT_TAKEN_BACK else 0


def note(said: object) -> None:
    """Tell a person, apart from what is printed to be kept."""
    print(said, file=sys.stderr)


def read(kind: Any, path: Path) -> Any:
    """Read a file as one of the port's types; raise ValidationError for what does not fit, OSError for no file."""
    return TypeAdapter(kind).validate_json(path.read_bytes())


def show(thing: Any) -> None:
    """Print one of the port's types as JSON that `read` takes."""
    print(TypeAdapter(Any).dump_json(thing, indent=2).decode())
