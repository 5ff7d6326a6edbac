"""A merchant's browser on the pages about carriers, of a live shop that ships with stand-ins."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.applications import Starlette

from service import bookings, journal, offers, pairings, tickets
from service.pairings import Pairing
from service.web import panel, words
from service.web.words import Language
from tests.asgi import Client
from tests.flows.counter import Counter
from tests.web.test_panel import Outline

EN = words.IN[Language.EN]
TO_THE_DOOR, TO_A_SHOP = 10, 11  # the shop's own shipments by PPL
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@dataclass
class Desk:
    """The browser and what stands behind it."""

    at: Counter
    browser: Client

    @property
    def tenant(self) -> str:
        return self.at.tenant

    def enter(self, language: str = "en", *, tenant: str | None = None) -> None:
        whose = tenant or self.tenant
        with self.at.town.rig.db.tx(whose) as conn:
            ticket = tickets.issue(conn, whose, language=language, now=self.at.town.watch())
        self.browser.get(f"/panel/enter/{ticket}")

    def page(self, path: str = "/panel/pack") -> str:
        answer = self.browser.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def carried(self, path: str, action: str, holding: str = "") -> dict[str, str]:
        """Return what the form of an act that holds this text carries unseen."""
        forms = re.findall(rf'<form[^>]* action="{action}[#"].*?</form>', self.page(path), re.DOTALL)
        found = [form for form in forms if holding in form]
        assert found, f"no form for {action} with {holding}"
        return {name: html.unescape(value) for name, value in HIDDEN.findall(found[0])}

    def act(self, path: str, action: str, holding: str = "", **fields: Any) -> httpx.Response:
        form = {**self.carried(path, action, holding), **fields}
        return self.browser.post(action, data={name: value for name, value in form.items() if value is not None})

    def pair(self, shipment_id: int = TO_THE_DOOR, pairing: Pairing | None = None) -> None:
        wanted = pairing or Pairing("ppl", "PRIV", parcel_weight_g=1_000)
        with self.at.town.rig.db.tx(self.tenant) as conn:
            pairings.save(conn, self.tenant, str(shipment_id), wanted, now=self.at.town.watch())

    def orders(self, *shipment_ids: int) -> list[str]:
        """Return the released orders that go by these shipments of the shop to Czech addresses."""
        with self.at.town.rig.db.tx(self.tenant) as conn:
            known = offers.known(conn, self.tenant, self.at.shop.numbers)
        records = {number: self.at.shop.shop.orders[number].record for number in self.at.shop.numbers}
        return [
            number
            for number, record in records.items()
            if (record["shipment"] or {}).get("id") in (shipment_ids or (TO_THE_DOOR,))
            and record["customer"]["country_id_invoice"] == "cz"
            and not record["customer"]["postal_yn"]
            and known[number].state is offers.State.RELEASED
        ]

    def form(self, *, tick: Mapping[str, str] | None = None, **more: Any) -> dict[str, Any]:
        """Return the form of what is to be packed with these orders ticked, each with its boxes."""
        form: dict[str, Any] = self.carried("/panel/pack", "/panel/pack/book")
        places = {
            value.partition(".")[2]: name.removeprefix("shown") for name, value in form.items() if "shown" in name
        }
        for number, boxes in (tick or {}).items():
            form |= {f"tick{places[number]}": "yes", f"boxes{places[number]}": boxes}
        return {**form, "act": "chosen", **more}

    def book(self, *numbers: str, **more: Any) -> httpx.Response:
        return self.browser.post("/panel/pack/book", data=self.form(tick=dict.fromkeys(numbers, ""), **more))

    def booked(self, number: str) -> list[bookings.Booking]:
        with self.at.town.rig.db.tx(self.tenant) as conn:
            return bookings.of_orders(conn, self.tenant, [number])

    def acts(self) -> list[dict[str, Any]]:
        with self.at.town.rig.db.tx(self.tenant) as conn:
            found = conn.execute("SELECT detail FROM journal WHERE kind = 'person' ORDER BY journal_id").fetchall()
        return [row["detail"] for row in found if row["detail"]["by"] == "panel"]

    def story(self, number: str) -> list[str]:
        with self.at.town.rig.db.tx(self.tenant) as conn:
            return [entry.kind.value for entry in journal.timeline(conn, self.tenant, number)]


def desk(at: Counter, *, patience_s: float = 0) -> Desk:
    """Return a browser with a session; its pages wait so long for what is about to be ready."""
    made = Desk(at, Client(Starlette(routes=panel.routes(at.town.rig, patience_s=patience_s))))
    made.enter()
    return made


def said(key: str, **values: object) -> str:
    """Return a word as a page has it."""
    return html.escape(EN[key].format(**values)).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")


def holds_without_script(text: str, path: str) -> None:
    """Hold a page against what a keyboard and a reader of screens need: headings in order, each field with a name."""
    outline = Outline()
    outline.feed(text)
    assert outline.levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False))
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.named) <= set(outline.ids)
    assert outline.inputs + text.count("<select") == outline.labels, path
    described = {name for found in re.findall(r'aria-describedby="([^"]*)"', text) for name in found.split()}
    assert described <= set(outline.ids)
    assert not re.search(r"<script|<style|style=| on[a-z]+=", text)
    assert "{" not in re.sub(r"<[^>]*>", "", text)
