"""The page "To pack": labels for what is released, one file to print, and what becomes of labels that need somebody.

A form carries a key, so pressing twice books once; and each order with the revision that was shown.
"""

from collections.abc import Mapping
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from carriers.base import Format
from service import offers, shipments, tenants
from service.flows import labels, ship
from service.flows.labels import ComeAgain, Incomplete, TooMany, Wanted
from service.flows.labels import Refusal as Lack
from service.flows.ship import Asking, Item
from service.kit import canon, ids, seal
from service.lanes import TenantId
from service.shipments import Draft, OtherBody
from service.tickets import Session
from service.web import (
    boxes,
    handover_view,
    labels_pages,
    labels_view,
    lacking_view,
    pack_form,
    pack_view,
    parked_acts,
    stopped_acts,
    words,
)
from service.web.acts import Fields, Refusal, acting, showing
from service.web.app import posts
from service.web.batch_page import BatchPage
from service.web.frame import Frame
from service.web.labels_pages import Pages
from service.web.pack_form import KEY, TOGETHER, Chosen, Sheet, named
from service.web.pack_view import Typed
from service.web.shipping_form import BY

PATH = "/panel/pack"
PRINTED_MOST = 300
NOTHING: Mapping[str, str] = {}


def routes(shared: Frame) -> list[Route]:
    """Return the routes of the page."""
    page = PackPage(shared)
    batch = BatchPage(shared, page.refused)
    acts = {"book": page.book, "print": page.print, "refresh": batch.refresh, **parked_acts.acts(shared.rig, page.told)}
    acts["off-the-line"] = stopped_acts.off_the_line(shared.rig, page.told)
    most = pack_form.FIELDS_MOST
    return [
        Route(PATH, showing(shared, page.show), methods=["GET"]),
        Route(f"{PATH}/batch/{{key}}", showing(shared, batch.show), methods=["GET"]),
        *(
            posts(f"{PATH}/{name}", acting(shared, act, page.refused, most=most, as_typed=boxes.FIELD))
            for name, act in acts.items()
        ),
    ]


class PackPage:
    """The doors of the page."""

    def __init__(self, shared: Frame) -> None:
        self._frame = shared
        self._rig = shared.rig

    def show(self, request: Request, session: Session) -> Response:
        """Return the page."""
        said = request.query_params.get("said", "")
        told = said if said in parked_acts.SAID else None
        return self._page(session, said=told, pages=labels_pages.asked(request.query_params))

    def refused(self, session: Session, refusal: Refusal) -> Response:
        """Return the page with what was not done."""
        return self._page(session, refusal=refusal)

    def told(self, session: Session, outcome: str | Refusal, form: Mapping[str, str] = NOTHING) -> Response:
        """Return the page with what was done, or was not, and the lists as they were on the form."""
        pages = labels_pages.asked(form)
        if isinstance(outcome, Refusal):
            return self._page(session, refusal=outcome, pages=pages)
        kept = "".join(f"&{part}" for part in [pages.at()] if part)
        return self._frame.sent_on(f"{PATH}?said={outcome}{kept}#{parked_acts.SAID[outcome]}")

    def book(self, session: Session, fields: Fields) -> Response:
        """Have labels made for the chosen orders, and lead to where they are waited for."""
        form = dict(fields)
        key, found = form.get("key", ""), pack_form.chosen(form)
        typed, pages = pack_form.typed(form, found), labels_pages.asked(form)
        if not KEY.fullmatch(key):
            return self._page(session, refusal=Refusal("pack", "form_odd"))
        if not found:
            return self._page(session, typed=typed, pages=pages, refusal=Refusal("pack", "pack_none_chosen"))
        said = words.IN[words.language(session.language)]
        is_one = form.get("act") == TOGETHER
        if odd := {number: said[word] for number, word in pack_form.faults(found, is_one=is_one).items()}:
            told = {number: f"{number}: {why}" for number, why in odd.items()}
            refusal = Refusal("pack", "pack_faults", faults=told)
            return self._page(session, typed=replace(typed, faults=odd), pages=pages, refusal=refusal)
        if is_one and pack_form.are_too_many(found):
            return self._page(session, typed=typed, pages=pages, refusal=Refusal("pack", "pack_together_many"))
        refusal = self._book(session.tenant_id, key, found, is_one=is_one)
        if refusal:
            return self._page(session, typed=typed, pages=pages, refusal=refusal)
        return self._frame.sent_on(f"{PATH}/batch/{key}")

    def _book(self, tenant_id: TenantId, key: str, found: list[Chosen], *, is_one: bool) -> Refusal | None:
        with self._rig.db.tx(tenant_id) as conn:
            shop = tenants.of(conn, tenant_id)
            known = offers.known(conn, tenant_id, [each.number for each in found])
            account_id = shop.account_id if shop else None
            was_asked = account_id and shipments.kept(conn, tenant_id, account_id, named(key)) is not None
        if account_id is None:
            return Refusal("pack", "login_no_account", 409)
        moved = [each for each in found if (offer := known.get(each.number)) is None or offer.revision != each.revision]
        if moved and not was_asked:  # what was asked for already has moved by that
            return Refusal("pack", "pack_changed", 409)
        wishes = pack_form.wishes(found, is_one=is_one)
        items = [
            Item(place, tenant_id, Draft(number, (), final=True), wish=wish)
            for place, (number, wish) in enumerate(wishes)
        ]
        digest = seal.digest(canon.text([each.said for each in found] + [TOGETHER] * is_one))
        asking = Asking(account_id, frozenset({tenant_id}), named(key), digest)
        try:
            ship.record(self._rig, asking, items)
        except OtherBody:
            return Refusal("pack", "pack_changed", 409)
        return None

    def print(self, session: Session, fields: Fields) -> Response:
        """Return the labels of what was chosen as one file, or a page that says what lacks and prints the others."""
        wanted, sheet = pack_form.ids(fields, "shipment"), pack_form.sheet(dict(fields))
        pages = labels_pages.asked(dict(fields))
        if sheet is None or len(wanted) > PRINTED_MOST:
            return self._page(session, refusal=Refusal("labels", "form_odd"), pages=pages)
        if not wanted:
            return self._page(session, refusal=Refusal("labels", "print_none_chosen"), pages=pages)
        asked = Wanted(wanted, Format.PDF, sheet.on_a4, sheet.start)
        try:
            found = labels.run(self._rig, frozenset({session.tenant_id}), asked, by=BY, partial=False)
        except Incomplete as fault:
            return self._lacking(session, wanted, sheet, fault.lacking)
        except TooMany:
            return self._page(session, refusal=Refusal("labels", "print_too_many"), pages=pages)
        except ComeAgain:
            return self._page(session, refusal=Refusal("labels", "print_come_again", 503), pages=pages)
        named_so = {"Content-Type": "application/pdf", "Content-Disposition": 'attachment; filename="labels.pdf"'}
        return Response(found.label.content, headers=self._frame.headers | named_so)

    def _lacking(self, session: Session, wanted: list[str], sheet: Sheet, lacking: Mapping[str, Lack]) -> Response:
        """Say of which orders there is no label to print and why; the others are printed by the button below it."""
        language = words.language(session.language)
        said = {each: lacking[each] for each in wanted if each in lacking}
        with self._rig.db.tx(session.tenant_id) as conn:
            shop = tenants.of(conn, session.tenant_id)
            missing = lacking_view.look(conn, session.tenant_id, said, words.IN[language])
        return self._frame.html(
            "lacking.html",
            language,
            status=409,
            shop_name=shop.shop_name if shop else None,
            missing=missing,
            rest=[each for each in wanted if each not in lacking],
            sheet=sheet,
            form_token=session.form_token,
        )

    def _page(
        self,
        session: Session,
        *,
        said: str | None = None,
        refusal: Refusal | None = None,
        typed: Typed | None = None,
        pages: Pages | None = None,
    ) -> Response:
        language = words.language(session.language)
        tenant_id, spoken = session.tenant_id, words.IN[language]
        pages = pages or Pages()
        shown = replace(typed or Typed(), choose=pages.choose)
        with self._rig.db.tx(tenant_id) as conn:
            shop = tenants.of(conn, tenant_id)
            found = labels_view.look(conn, self._rig, tenant_id, language, spoken, pages=pages)
            packing = pack_view.look(
                conn, self._rig, tenant_id, spoken, page=pages.released, typed=shown, find=pages.find
            )
            handing = handover_view.look(conn, self._rig, tenant_id, language, spoken)
        return self._frame.html(
            "pack.html",
            language,
            status=refusal.status if refusal else 200,
            shop_name=shop.shop_name if shop else None,
            packing=packing,
            labels=found,
            handing=handing,
            key=ids.fresh("f"),
            said=said,
            said_on=parked_acts.SAID[said] if said else None,
            refusal=refusal,
            refused_on=parked_acts.card_of(refusal, found) if refusal else None,
            carriers=parked_acts.carriers(spoken),
            form_token=session.form_token,
        )
