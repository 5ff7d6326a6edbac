"""Whatever a warehouse tells in whatever order, what it said last is what is offered and what the shop ends up with."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.flows import acknowledge, mapping
from service.flows.ship import ShipmentRefused
from service.shipments import Parcel
from tests.dock import SENT, Dock, dock

CODES = st.sampled_from([None, "AAAA", "BBBB", "CCCC"])
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["ship", "ship", "correct", "void", "write", "claim", "wait", "repeat", "switch", "ack"]),
        CODES,
        st.booleans(),
        st.integers(0, 5),
    ),
    max_size=12,
)


@dataclass
class Scene:
    """One order from its release on: what was told of it, and what the shop was made to show."""

    dock: Dock
    shop: str
    number: str
    told: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    keys: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])
    shown: dict[str, Any] = field(default_factory=lambda: {"status": None, "code": None})
    mails: int = 0
    live: bool = True

    def ship(self, code: str | None, final: bool, _which: int) -> None:
        self._post(f"{self.number}-{len(self.keys)}", code, final)

    def repeat(self, _code: str | None, _final: bool, which: int) -> None:
        if self.keys:
            key, (code, final, answer) = self.keys[which % len(self.keys)]
            assert self._posted(key, code, final) == answer

    def _post(self, key: str, code: str | None, final: bool) -> None:
        answer = self._posted(key, code, final)
        self.keys.append((key, (code, final, answer)))
        self.told += [each for each in answer if not isinstance(each, str)]

    def _posted(self, key: str, code: str | None, final: bool) -> list[Any]:
        item = self.dock.item(self.shop, self.number, Parcel("ppl", code, None), final=final)
        return self.dock.post("a", item, key=key, digest=key)

    def correct(self, code: str | None, final: bool, which: int) -> None:
        if self.told:
            try:
                self.dock.correct(self.told[which % len(self.told)], Parcel("ppl", code, None), final=final)
            except ShipmentRefused as refused:
                if refused.code not in {"voided", "already_shipped"}:
                    raise

    def void(self, _code: str | None, _final: bool, which: int) -> None:
        if self.told:
            self.dock.void(self.told[which % len(self.told)])

    def write(self, *_: object) -> None:
        for number, status, code, mail in self.dock.written(self.shop):
            if number == self.number:
                self.mails += mail and status is not None
                self.shown["status"] = status or self.shown["status"]
                self.shown["code"] = code or self.shown["code"]

    def wait(self, *_: object) -> None:
        self.dock.bench.watch.pass_s(16 * 60)

    def claim(self, *_: object) -> None:
        """Begin a call and learn that nothing was sent: the claim comes to nothing."""
        self.dock.gives_back(self.shop)

    def switch(self, *_: object) -> None:
        """Switch the shop back to being observed, or live again."""
        act = mapping.observe if self.live else mapping.go_live
        act(self.dock.bench.rig, self.shop, by="test")
        self.live = not self.live

    def ack(self, *_: object) -> None:
        revision = self.dock.offer(self.shop, self.number).revision
        acknowledge.run(self.dock.bench.rig, self.shop, self.number, revision=revision, account_id="a")

    def holds(self) -> None:
        """Hold what is told against what stands; what was released stays stopped until that was heard."""
        stand = [each for each in self.dock.shipments(self.shop, self.number) if not each.voided]
        closing = [each for each in stand if each.final]
        assert len(closing) <= 1
        says = self.dock.says(self.shop, self.number)
        if not self.live:
            assert says in {("stop", "withdrawn"), ("held", "observed"), ("held", "shipped")}
        elif says != ("stop", "withdrawn"):
            assert says == (("held", "shipped") if closing else ("released", None))
        assert self.mails <= 1

    def ends(self) -> None:
        """Let everything be heard and written, and hold the shop against what stands."""
        if not self.live:
            self.switch()
        self.ack()
        assert self.dock.says(self.shop, self.number)[0] != "stop"
        for _ in range(3):
            self.wait()
            self.write()
        stand = [each for each in self.dock.shipments(self.shop, self.number) if not each.voided]
        codes = [parcel.tracking_code for each in stand for parcel in each.parcels if parcel.tracking_code]
        if codes:
            assert self.shown["code"] == codes[0]
        if any(each.final for each in stand):
            assert (self.shown["status"], self.mails) == (SENT, 1)


@pytest.fixture
def at(database, tmp_path) -> Iterator[tuple[Dock, str]]:
    with dock(database.url, tmp_path) as made:
        yield made, made.shop("alfa")


@given(acts=ACTS)
def test_what_was_said_last_is_what_counts(at: tuple[Dock, str], acts: list[tuple[str, str | None, bool, int]]) -> None:
    made, shop = at
    made.keys += 1
    scene = Scene(made, shop, f"O{made.keys}")
    made.shows(shop, scene.number)

    for name, *said in acts:
        getattr(scene, name)(*said)
        scene.holds()

    scene.ends()
    scene.holds()
