"""Carriers that answer some questions as a test says, and all others as their stand-ins do."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any, cast

from carriers.base import Cancelled, Carrier, Parcel
from carriers.cars import Car, Ordered
from carriers.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, Kind
from carriers.money import Money
from service.contracts import Contract
from service.rig import Rig
from tests.flows.town import Town

Answer = Callable[[], object] | Exception | object
USUAL = {"change_cod": None, "recall": Cancelled.DONE, "car": Ordered(Car.ORDERED)}


@dataclass
class Script:
    """What is answered next, question by question, and what was asked; without an answer the usual one."""

    says: dict[str, list[Answer]] = field(default_factory=dict[str, list[Answer]])
    asked: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])

    def will(self, question: str, *answers: Answer) -> None:
        self.says[question] = [*answers]

    def answer(self, question: str, *about: object) -> Any:
        self.asked.append((question, *about))
        left = self.says.get(question)
        said = left.pop(0) if left else USUAL[question]
        if isinstance(said, Exception):
            raise said
        return said() if callable(said) else said


class Scripted:
    """An adapter that asks a script about cars and COD."""

    def __init__(self, carrier: Carrier, script: Script) -> None:
        self._carrier, self._script = carrier, script
        self.able = replace(carrier.able, tells_of_cars=True)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._carrier, name)

    def change_cod(self, parcels: list[Parcel], amount: Money) -> None:
        self._script.answer("change_cod", tuple(parcel.number for parcel in parcels), amount)

    def recall(self, number: str) -> Cancelled:
        return self._script.answer("recall", number)

    def car(self, number: str) -> Ordered:
        return self._script.answer("car", number)


@dataclass(frozen=True)
class ScriptedRig(Rig):
    """A rig that opens such adapters."""

    script: Script = field(default_factory=Script)

    def carrier(self, contract: Contract) -> Carrier:
        return cast("Carrier", Scripted(super().carrier(contract), self.script))


def scripted(town: Town) -> Script:
    """Let the carriers of a town that is not opened yet answer as the script says that is returned."""
    town.rig = ScriptedRig(**{each.name: getattr(town.rig, each.name) for each in fields(Rig)})
    return town.rig.script


def lost(*, unclear: bool = True) -> CarrierUnreachable:
    return CarrierUnreachable("gls", "change_cod", "the answer got lost", unclear=unclear)


def busy() -> CarrierBusy:
    return CarrierBusy("gls", "change_cod", "come again", wait_s=1)


def no(kind: Kind) -> CarrierRefused:
    return CarrierRefused("gls", "change_cod", "so says the carrier", kind=kind)
