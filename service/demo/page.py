"""A merchant at the page inside the admin: pairs a shipment, has one label made and prints it, by its forms alone."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO

import httpx
from pypdf import PdfReader

from service.demo import mirror
from service.demo.customers import Packing
from service.demo.depot import Depot
from service.demo.stage import ChapterFailed

WITHIN_S, READY_WITHIN_S = 30.0, 60.0
PAGES_MOST = 20
FORM = re.compile(r'<form[^>]* action="([^"#]+)(?:#[^"]*)?".*?</form>', re.DOTALL)
FAULT = re.compile(r'<p class="(?:wrong|fault)">(.*?)</p>', re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@dataclass
class Page:
    """The page as a browser has it after somebody pressed *Open* in the admin."""

    base_url: str
    cookie: str = field(repr=False)

    @classmethod
    def opened(cls, depot: Depot) -> "Page":
        """Open the add-on in the shop."""
        url = depot.merchant.tell("/open", language="cs")["answer"]["url"]
        answer = httpx.get(url, timeout=WITHIN_S, trust_env=False)
        return cls(depot.stage.web_url, answer.headers["set-cookie"].partition(";")[0])

    def look(self, path: str) -> str:
        """Return a page."""
        return self._said(
            httpx.get(self.base_url + path, headers=self._headers, timeout=WITHIN_S, trust_env=False)
        ).text

    def press(self, action: str, fields: Mapping[str, str]) -> httpx.Response:
        """Send a form."""
        url = self.base_url + action
        return self._said(httpx.post(url, data=fields, headers=self._headers, timeout=WITHIN_S, trust_env=False))

    def form(self, path: str, action: str, holding: str = "") -> dict[str, str] | None:
        """Return what the form of an act that holds this text carries unseen; None where there is none."""
        found = [each[0] for each in FORM.finditer(self.look(path)) if each[1] == action and holding in each[0]]
        return {name: html.unescape(value) for name, value in HIDDEN.findall(found[0])} if found else None

    @property
    def _headers(self) -> dict[str, str]:
        return {"Cookie": self.cookie}  # it is for TLS only, which no stand-in has

    def _said(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_error:
            raise ChapterFailed(f"{answer.request.url.path} was answered with {answer.status_code}")
        return answer


def book_and_print(depot: Depot) -> str:
    """Pair the shipment of one order on the page, book that order and print it; return the code on its label."""
    page, [number], way = Page.opened(depot), depot.by_page.numbers, depot.by_page.way
    listed = next(
        line["record"] for line in depot.merchant.truth("shipment") if line["record"]["code"] == way.shop_code
    )
    token = page.form("/panel/pairing", "/panel/pairing/save", f'name="shipment" value="{listed["id"]}"') or {}
    page.press("/panel/pairing/save", {**token, "service": f"{way.code} {way.service}", "options": ""})
    batch = page.press("/panel/pack/book", row_of(page, depot.by_page)).headers["location"]
    mirror.until(
        lambda: page.form(batch, "/panel/pack/print") is not None,
        within_s=READY_WITHIN_S,
        what=lambda: f"the page shows no label of {number}, but {FAULT.findall(page.look(batch))}",
    )
    asked = page.form(batch, "/panel/pack/print") or {}
    printed = page.press("/panel/pack/print", {**asked, "page": "a6", "start": "1"})
    depot.by_page.shipment = asked["shipment"]
    return codes_on(printed.content)


def row_of(page: Page, packing: Packing) -> dict[str, str]:
    """Return the form that books this order and no other, in boxes that were weighed."""
    [number] = packing.numbers
    for place in range(1, PAGES_MOST + 1):
        form = page.form(f"/panel/pack?released={place}", "/panel/pack/book") or {}
        rows = [name.removeprefix("shown") for name, shown in form.items() if shown.partition(".")[2] == number]
        if rows:
            weights = " ".join(map(str, packing.weights_g))
            return {**form, "only": rows[0], f"boxes{rows[0]}": weights}
    raise ChapterFailed(f"{number} is not among what is to be packed")


def codes_on(content: bytes) -> str:
    """Return the text on the only page of a file, without spaces."""
    pages: Sequence[str] = [page.extract_text() for page in PdfReader(BytesIO(content)).pages]
    [text] = pages
    return "".join(text.split())
