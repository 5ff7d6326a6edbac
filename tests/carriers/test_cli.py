"""A carrier asked by hand: what `python -m carriers` prints is what it takes, and no login is ever shown."""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TypeAlias

import pytest
from pydantic import TypeAdapter

from carriers import __main__ as cli
from carriers import deeds, labels
from carriers.base import (
    Cancelled,
    Carrier,
    Collection,
    Format,
    Handle,
    Label,
    Manifest,
    Parcel,
)
from carriers.cars import Car, Ordered
from carriers.deeds import UNCLEAR, Wait
from carriers.errors import CarrierError, CarrierRefused, CarrierUnreachable, Kind
from carriers.money import Money
from carriers.registry import ADAPTERS
from carriers.shipment import Address, Box, PointRef, Shipment
from tests.carriers.kit import RECIPIENT, Kit, kit
from tests.carriers.sorts import SHOP


@pytest.fixture
def at() -> Kit:
    return kit("packeta")


Ask: TypeAlias = Callable[..., tuple[int, str, str]]


@pytest.fixture
def asking(tmp_path: Path, capsys) -> Callable[[Kit], Ask]:
    """Ask a carrier as a person would: files by name; exit code, what was printed, what was said beside it."""

    def of(at: Kit) -> Ask:
        account = asdict(at.account) | {"switches": sorted(at.account.switches)}
        (tmp_path / "account.json").write_text(json.dumps(account))

        def pause(seconds: float) -> None:
            at.watch.go(seconds=seconds)

        def asked(
            what: str, file: str = "", *more: str, content: object = None, wait: Wait = pause
        ) -> tuple[int, str, str]:
            if content is not None:
                (tmp_path / file).write_bytes(TypeAdapter(type(content)).dump_json(content))
            files = [str(tmp_path / file)] if file else []
            words = [what, at.code, "--account", str(tmp_path / "account.json"), *files, *more]
            code = cli.main(words, transport=at.client._transport, wait=wait)
            said = capsys.readouterr()
            return code, said.out, said.err

        return asked

    return of


@pytest.fixture
def ask(at: Kit, asking: Callable[[Kit], Ask]) -> Ask:
    return asking(at)


def test_a_parcel_is_booked_printed_followed_and_taken_back(at: Kit, ask, tmp_path: Path) -> None:
    shipment: Shipment = at.to_point()
    code, printed, _ = ask("book", "shipment.json", content=shipment)
    assert code == 0
    (tmp_path / "parcels.json").write_text(printed)
    [number] = at.world.parcels

    assert ask("label", "parcels.json", "--to", str(tmp_path / "label.pdf"), "--a4", "3")[0] == 0
    assert labels.pages_of(Label(Format.PDF, (tmp_path / "label.pdf").read_bytes())) == 1
    assert number in printed
    assert '"state": "created"' in ask("track", "parcels.json")[1]
    assert '"done"' in ask("cancel", "parcels.json")[1]
    assert at.world.is_cancelled(at.world.parcels[number])


def test_a_login_is_tried(at: Kit, ask) -> None:
    assert ask("test") == (0, "the login works\n", "")

    next(iter(at.world.accounts.values())).login["api_password"] = "another"
    code, _, said = ask("test")

    assert code == 1
    assert at.account.secrets["api_password"] not in said


def test_what_is_wrong_is_told_and_nobody_is_paid(at: Kit, ask) -> None:
    bad = at.home(recipient=replace(RECIPIENT, zip="1"))

    for what in ("quote", "book"):
        code, said, _ = ask(what, "shipment.json", content=bad)
        assert (code, "recipient.zip" in said) == (1, True)
    assert at.made() == 0


def test_a_quote_says_what_is_collected_insured_and_weighed(at: Kit, ask) -> None:
    code, said, _ = ask("quote", "shipment.json", content=at.cod())

    assert code == 0
    told = json.loads(said)
    assert told["cod"] == {"amount": "1290.00", "currency": "CZK", "variable_symbol": "26000417"}
    assert told["value"] == {"amount": "1290.00", "currency": "CZK"}
    assert (told["weight_g"], told["faults"], at.made()) == (1_200, [], 0)


@pytest.mark.parametrize(("carrier", "looks"), [("ppl", "`find`"), ("packeta", "no `find`"), ("balikobot", "`book`")])
def test_a_lost_answer_is_unclear_and_says_how_to_look_before_a_second_label(
    asking, tmp_path: Path, carrier: str, looks: str
) -> None:
    at = kit(carrier)
    shipment = at.home()
    ask = asking(at)
    at.strikes("dropped")

    code, said, how = ask("book", "shipment.json", content=shipment)

    assert (code, json.loads(said)["unclear"]) == (UNCLEAR, shipment.reference)
    assert looks in how
    assert at.made() == 1
    at.watch.go(minutes=1)
    code, said, _ = ask("find", "shipment.json")
    assert code == (0 if at.carrier.able.finds else 1)
    if at.carrier.able.finds:
        (tmp_path / "parcels.json").write_text(said)
        assert ask("track", "parcels.json")[0] == 0


def test_what_was_never_made_is_not_found(asking) -> None:
    at = kit("ppl")

    code, said, why = asking(at)("find", "shipment.json", "--since", "2026-03-01", content=at.home())

    assert (code, said) == (1, "")
    assert "none" in why


def test_what_a_carrier_is_still_at_is_kept_and_asked_for_later(asking, tmp_path: Path) -> None:
    at = kit("ppl")
    ask = asking(at)
    code, said, how = ask("book", "shipment.json", content=at.home(), wait=lambda _: None)
    assert (code, "`poll`" in how) == (UNCLEAR, True)
    (tmp_path / "pending.json").write_text(said)

    at.world.faults.add("down", calls=1)
    code, said, _ = ask("poll", "pending.json")

    assert (code, len(json.loads(said)), at.made()) == (0, 1, 1)


def test_a_parcel_that_must_be_handed_over_is(asking, tmp_path: Path) -> None:
    at = kit("balikobot")
    ask = asking(at)
    (tmp_path / "parcels.json").write_text(ask("book", "shipment.json", content=at.home())[1])

    code, said, _ = ask("close", "parcels.json", "--to", str(tmp_path / "paper.pdf"))

    [number] = at.world.parcels
    assert (code, json.loads(said)["covers"]) == (0, [number])
    assert (tmp_path / "paper.pdf").read_bytes().startswith(b"%PDF")
    code, said, _ = ask("cancel", "parcels.json")
    assert (code, json.loads(said)) == (1, ["too_late"])


def test_a_hand_over_in_doubt_is_not_called_none(asking, tmp_path: Path) -> None:
    at = kit("balikobot")
    ask, said = asking(at), list[str]()
    for service in ("ppl/1", "cp/DR"):
        said.append(ask("book", "shipment.json", content=at.home(service=service))[1])
    both = [parcel for each in said for parcel in json.loads(each)]
    (tmp_path / "parcels.json").write_text(json.dumps(both))
    at.world.faults.add("dropped", operation="order", calls=1)  # the first of two shippers

    code, printed, how = ask("close", "parcels.json")

    told = json.loads(printed)
    assert (code, len(told["covers"]), len(told["doubted"])) == (UNCLEAR, 1, 1)
    assert "not handed over" not in how
    assert f"once more: {told['doubted'][0]}" in how


class Late(Carrier):
    """A carrier that is told of a hand-over half an hour after midnight in Prague."""

    def close(self, parcels: Sequence[Parcel], on: date) -> Manifest:
        return Manifest(f"{on}", tuple(parcel.number for parcel in parcels))


def test_a_hand_over_is_of_the_day_it_is_in_prague(at: Kit, tmp_path: Path, capsys) -> None:
    (tmp_path / "parcels.json").write_text("[]")
    late = Late(at.account, lambda *_: pytest.fail("no call"), lambda: datetime(2026, 3, 2, 23, 30, tzinfo=UTC))

    assert deeds.close(late, argparse.Namespace(file=tmp_path / "parcels.json", to=None)) == 0
    assert json.loads(capsys.readouterr().out)["number"] == "2026-03-03"


def test_what_became_of_a_parcel_that_was_not_taken_back_is_printed(asking, tmp_path: Path) -> None:
    at = kit("gls")
    ask = asking(at)
    two = at.home(boxes=(Box(1_200), Box(1_200)))
    (tmp_path / "parcels.json").write_text(ask("book", "shipment.json", content=two)[1])
    at.world.faults.add("short", items=1, calls=1)

    code, said, _ = ask("cancel", "parcels.json")

    assert code == 1
    assert [each.startswith("gls, cancel") for each in json.loads(said)] == [True, True]


def test_a_car_and_a_label_for_the_way_back_are_asked_for(at: Kit, asking, ask, tmp_path: Path) -> None:
    car = Collection(datetime.now(UTC).date() + timedelta(days=1), time(13), time(16), 2, 2_400, SHOP)

    code, said, _ = asking(kit("ppl"))("collect", "car.json", content=car)
    assert (code, '"number"' in said) == (0, True)
    assert asking(at)("collect", "car.json")[0] == 1  # Packeta sends none
    code, said, _ = ask("return", "shipment.json", content=at.home())
    assert (code, len(json.loads(said)), at.made()) == (0, 1, 1)


def test_a_return_a_carrier_is_still_at_is_waited_for_or_kept_and_asked_for_later(asking, tmp_path: Path) -> None:
    at = kit("ppl")
    given = {**at.account.given, **at.sort.more_given}  # where what comes back goes
    at.account = replace(at.account, given=given, switches=frozenset({"returns"}))
    ask = asking(at)
    code, said, _ = ask("return", "shipment.json", content=at.home(sender=SHOP))
    assert (code, len(json.loads(said)), at.made()) == (0, 1, 1)

    code, said, how = ask("return", "shipment.json", content=at.home(sender=SHOP), wait=lambda _: None)
    assert (code, "`poll`" in how, at.made()) == (UNCLEAR, True, 2)
    (tmp_path / "pending.json").write_text(said)
    code, said, _ = ask("poll", "pending.json")

    assert (code, len(json.loads(said)), at.made()) == (0, 1, 2)


def test_a_carrier_that_says_what_it_would_refuse_is_asked_where_one_wishes_and_nobody_is_paid(at: Kit, ask) -> None:
    closed = at.to_point(point=PointRef("99999999"))

    assert ask("quote", "shipment.json", content=closed)[0] == 0
    code, said, _ = ask("quote", "shipment.json", "--ask", content=closed)

    assert (code, json.loads(said)["faults"][0]["field"], at.made()) == (1, "point", 0)
    assert ask("quote", "shipment.json", "--ask", content=at.home())[0] == 0


def test_a_carrier_that_does_not_say_what_it_would_refuse_is_not_asked(asking) -> None:
    at = kit("ppl")

    code, _, said = asking(at)("quote", "shipment.json", "--ask", content=at.home())

    assert (code, said) == (0, "ppl cannot be asked what it would refuse\n")


def test_a_carrier_is_not_asked_about_what_we_refuse_ourselves(at: Kit, ask) -> None:
    before = len(at.world.ledger)

    assert ask("quote", "shipment.json", "--ask", content=at.home(boxes=()))[0] == 1
    assert len(at.world.ledger) == before


Z1 = Parcel("Z1", "Z1", "", Handle("all", {}))
Z2 = Parcel("Z2", "Z2", "", Handle("all", {}))
LOST = CarrierUnreachable("all", "any", "the answer got lost", unclear=True)
GONE = CarrierRefused("all", "any", "it is gone", kind=Kind.TOO_LATE)


class All(Carrier):
    """A carrier that does what no carrier does all of; of a number it raises what it was told to."""

    code = "all"

    def __init__(self, **raises: CarrierError) -> None:
        self.raises, self.done = raises, list[object]()

    def change_cod(self, parcels: Sequence[Parcel], amount: Money) -> None:
        self.note(amount, *(parcel.number for parcel in parcels))

    def prolong(self, parcel: Parcel, until: date) -> None:
        self.note(until, parcel.number)

    def redirect(self, parcel: Parcel, contact: Address) -> None:
        self.note(contact, parcel.number)

    def car(self, number: str) -> Ordered:
        self.note("car", number)
        return Ordered(Car(number), "as they say")

    def recall(self, number: str) -> Cancelled:
        self.note("recall", number)
        return Cancelled.TOO_LATE

    def note(self, what: object, *numbers: str) -> None:
        for number in numbers:
            if number in self.raises:
                raise self.raises[number]
            self.done.append((what, number))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "parcels.json").write_bytes(TypeAdapter(list[Parcel]).dump_json([Z1, Z2]))
    (tmp_path / "address.json").write_bytes(TypeAdapter(Address).dump_json(RECIPIENT))
    return tmp_path


def deed(carrier: Carrier, words: str, files: Path) -> int:
    """Do what a command line says, as it is parsed."""
    what, *rest = words.split()
    given = [str(files / each) if each.endswith(".json") else each for each in rest]
    asked = cli.arguments().parse_args([what, "packeta", "--account", "none", *given])
    return deeds.DEEDS[what](carrier, asked)


@pytest.mark.parametrize(
    ("words", "done"),
    [
        ("change-cod parcels.json 1290.00 CZK", Money(129_000, "CZK")),
        ("prolong parcels.json 2026-03-18", date(2026, 3, 18)),
        ("redirect parcels.json address.json", RECIPIENT),
    ],
)
def test_what_is_to_be_changed_is_changed_for_each_parcel(words: str, done: object, files: Path) -> None:
    carrier = All()

    assert deed(carrier, words, files) == 0
    assert carrier.done == [(done, "Z1"), (done, "Z2")]


@pytest.mark.parametrize("words", ["prolong parcels.json 2026-03-18", "redirect parcels.json address.json"])
@pytest.mark.parametrize(("raised", "code"), [(GONE, 1), (LOST, UNCLEAR)])
def test_a_parcel_that_cannot_be_changed_keeps_no_other_from_it(
    words: str, raised: CarrierError, code: int, files: Path, capsys
) -> None:
    assert deed(All(Z1=raised), words, files) == code

    printed, beside = capsys.readouterr()
    assert json.loads(printed) == [str(raised), "done"]
    assert (deeds.MAYBE in beside) is (raised is LOST)


@pytest.mark.parametrize("words", ["parcels.json x CZK", "parcels.json -1 CZK", "parcels.json 1 crown"])
def test_an_amount_that_is_none_is_told_before_anybody_is_asked(words: str, files: Path) -> None:
    carrier = All()

    with pytest.raises(ValueError, match=r"amount|currency"):
        deed(carrier, f"change-cod {words}", files)
    assert carrier.done == []


@pytest.mark.parametrize(("car", "code"), [("ordered", 0), ("waiting", UNCLEAR), ("refused", 1), ("missed", 0)])
def test_what_became_of_a_car_is_printed(car: str, code: int, files: Path, capsys) -> None:
    assert deed(All(), f"car {car}", files) == code

    assert json.loads(capsys.readouterr().out) == {"car": car, "said": "as they say"}


def test_what_came_of_calling_a_car_off_is_printed(files: Path, capsys) -> None:
    assert deed(All(), "recall c1", files) == 1

    assert json.loads(capsys.readouterr().out) == "too_late"


@pytest.mark.parametrize("became", Cancelled)
def test_what_was_not_taken_back_is_told_by_the_exit_code(became: Cancelled) -> None:
    assert deeds.code_of(became) == (became in {Cancelled.TOO_LATE, Cancelled.UNKNOWN})


@pytest.mark.parametrize(
    "words",
    [
        ["change-cod", "parcels.json", "1290", "CZK"],
        ["redirect", "parcels.json", "address.json"],
        ["car", "", "c1"],
        ["recall", "", "c1"],
    ],
)
def test_what_a_carrier_has_not_is_refused(at: Kit, ask, files: Path, words: list[str]) -> None:
    given = [str(files / each) if each.endswith(".json") else each for each in words[2:]]

    code, printed, said = ask(words[0], words[1], *given)

    assert code == 1
    assert "API has no" in printed + said


@pytest.mark.parametrize("code", ADAPTERS)
def test_a_number_is_looked_at_without_an_account(code: str, capsys) -> None:
    assert cli.main(["number", code, ""]) == 1

    assert code in capsys.readouterr().out


@pytest.mark.parametrize(("text", "exit_code"), [("Z4154090123", 0), ("z 415 4090 123", 0), ("4154090123", 1)])
def test_a_number_is_one_of_a_carriers_by_its_form(text: str, exit_code: int) -> None:
    assert cli.main(["number", "packeta", text]) == exit_code


@pytest.mark.parametrize("text", ["", "{", '{"reference": 1}', "[]"])
def test_a_file_that_is_none_is_named_without_its_values(at: Kit, ask, tmp_path: Path, text: str) -> None:
    (tmp_path / "shipment.json").write_text(text)

    code, _, said = ask("book", "shipment.json")

    assert code == 2
    assert said


def test_an_account_that_lacks_something_says_what(at: Kit, ask, tmp_path: Path) -> None:
    (tmp_path / "account.json").write_text('{"base_url": "http://carriers.test", "secrets": {}}')

    code, _, said = ask("test")

    assert code == 2
    assert "api_password" in said


def test_the_list_names_every_adapter(capsys) -> None:
    assert cli.main(["list"]) == 0

    said = capsys.readouterr().out
    assert all(f'"{code}"' in said for code in ADAPTERS)


def test_points_come_a_line_each(at: Kit, ask) -> None:
    code, said, _ = ask("points", "", "CZ")

    assert code == 0
    assert {json.loads(line)["country"] for line in said.splitlines()} == {"CZ"}
