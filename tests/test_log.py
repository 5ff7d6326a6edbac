"""Log lines: one of JSON each, nothing secret in them, and no flood of those that are alike."""

import json
import logging
from dataclasses import dataclass, field

from service.kit.log import MOST_SPELLS, JsonLines, Sparing

HOOK = "/u/t_one.1/Orders.update/abcdef"


@dataclass
class Told(logging.Handler):
    """Keeps what came through."""

    now: float = 0.0
    lines: list[dict[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.sparing = Sparing(most=2, spell_s=60, clock=lambda: self.now)
        self.addFilter(self.sparing)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))

    def __hash__(self) -> int:
        return id(self)

    def hears(self, level: int, template: str, *args: object, fault: Exception | None = None) -> None:
        told_of = (type(fault), fault, fault.__traceback__) if fault else None
        self.handle(logging.LogRecord("service.some", level, "", 0, template, args, told_of))

    def what(self) -> list[object]:
        return [line["what"] for line in self.lines]


def test_of_warnings_that_are_alike_the_first_are_told_and_later_how_many_were_not() -> None:
    told = Told()
    for number in range(5):
        told.hears(logging.WARNING, "no wake-up for %s", number)
    told.hears(logging.WARNING, "something else")

    assert told.what() == ["no wake-up for 0", "no wake-up for 1", "something else"]

    told.now = 61.0
    told.hears(logging.WARNING, "no wake-up for %s", 5)
    told.hears(logging.WARNING, "no wake-up for %s", 6)
    assert told.what()[3:] == ["no wake-up for 5", "no wake-up for 6"]
    assert [line.get("left_out_before") for line in told.lines[3:]] == [3, None]


def raised(kind: type[Exception]) -> Exception:
    try:
        raised_in_a_flow(kind)
    except kind as fault:
        return fault
    raise AssertionError


def raised_in_a_flow(kind: type[Exception]) -> None:
    raise kind


def test_one_fault_that_repeats_hides_no_other_one() -> None:
    told = Told()
    for _ in range(5):
        told.hears(logging.ERROR, "a task failed", fault=raised(ValueError))
    told.hears(logging.ERROR, "a task failed", fault=raised(KeyError))

    assert ["KeyError" in str(line["trace"]) for line in told.lines] == [False, False, True]


def test_templates_that_are_filled_in_beforehand_take_no_room_for_ever() -> None:
    told = Told()
    for number in range(10 * MOST_SPELLS):
        told.now += 1
        told.hears(logging.WARNING, f"of {number}")

    assert len(told.lines) == 10 * MOST_SPELLS
    assert len(told.sparing._spells) <= MOST_SPELLS


def test_what_is_no_warning_is_always_told() -> None:
    told = Told()
    for _ in range(5):
        told.hears(logging.INFO, "all is well")

    assert len(told.lines) == 5


def test_neither_a_hooks_mac_nor_a_login_is_told() -> None:
    told = Told()
    told.hears(logging.ERROR, "POST %s with %s", HOOK, "Basic dXNlcjpwYXNzd29yZA==")

    assert told.what() == ["POST /u/*** with Basic ***"]
