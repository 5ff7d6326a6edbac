"""Hand parcels over on the page "To pack": tell their carrier of them, see what came of it, and print the manifest.

A form carries a key, so pressing twice tells once.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from carriers import registry
from service import handovers, tenants
from service.flows import call_off
from service.flows import handover as flow
from service.flows.handover import Nothing, Wanted
from service.handovers import Handover
from service.kit import canon, seal
from service.shipments import OtherBody
from service.steps.asking import ComeAgain, Declined
from service.steps.shipper import NotTheShipper
from service.tickets import Session
from service.web import handover_view, pack_form, words
from service.web.acts import Fields, Refusal, account_of, acting, not_done, showing
from service.web.app import posts
from service.web.frame import Frame
from service.web.handover_view import AT_ONCE
from service.web.pack_form import KEY, named
from service.web.pack_page import PackPage
from service.web.shipping_form import BY, YES

PATH = "/panel/pack/hand-over"
CARD = "hand-over"
SAID = ("handing_let_be_said", "handing_car_off_said")
FIELDS_MOST = AT_ONCE + 20


def routes(shared: Frame) -> list[Route]:
    """Return the routes of hand-overs."""
    page = HandoverPage(shared)
    acts = {"give": page.give, "let-be": page.let_be, "call-off": page.call_off}
    most = FIELDS_MOST
    return [
        Route(f"{PATH}/{{id}}", showing(shared, page.show), methods=["GET"]),
        Route(f"{PATH}/{{id}}/document", showing(shared, page.document), methods=["GET"]),
        *(posts(f"{PATH}/{name}", acting(shared, act, page.refused, most=most)) for name, act in acts.items()),
    ]


class HandoverPage:
    """The doors of hand-overs; what cannot be done is told on the page about packing."""

    def __init__(self, shared: Frame) -> None:
        self._frame = shared
        self._rig = shared.rig
        self._pack = PackPage(shared)

    def refused(self, session: Session, refusal: Refusal) -> Response:
        """Return the page about packing with what was not done."""
        return self._pack.refused(session, refusal)

    def show(self, request: Request, session: Session) -> Response:
        """Return one hand-over, a moment later where its carrier is just being told.

        The page looks again by itself while that lasts.
        """
        said, handover_id = request.query_params.get("said"), request.path_params["id"]
        self._frame.patience.until(lambda: not self._is_young(session, handover_id))
        return self._one(session, handover_id, said=said if said in SAID else None)

    def document(self, request: Request, session: Session) -> Response:
        """Return the carrier's own paper."""
        found = self._found(session, request.path_params["id"])
        with self._rig.db.tx(session.tenant_id) as conn:
            paper = handovers.document(conn, session.tenant_id, found.handover_id) if found else None
        if paper is None:
            return self.refused(session, Refusal(CARD, "handing_unknown", 404))
        named_so = {"Content-Type": "application/pdf", "Content-Disposition": 'attachment; filename="manifest.pdf"'}
        return Response(paper, headers=self._frame.headers | named_so)

    def give(self, session: Session, fields: Fields) -> Response:
        """Hand the chosen parcels over, and lead to where it is seen what came of it."""
        form, chosen = dict(fields), pack_form.ids(fields, "shipment")
        carrier, key = form.get("carrier", ""), form.get("key", "")
        if not KEY.fullmatch(key) or carrier not in registry.ADAPTERS or len(chosen) > AT_ONCE:
            return self.refused(session, Refusal(CARD, "form_odd"))
        if not chosen:
            return self.refused(session, Refusal(CARD, "handing_none_chosen"))
        if form.get("looks") == YES and form.get("looked") != YES:
            return self._one(session, form.get("handover", ""), fault="handing_look_first")
        made = self._given(session, carrier, chosen, key)
        return self.refused(session, made) if isinstance(made, Refusal) else self._frame.sent_on(f"{PATH}/{made}")

    def _given(self, session: Session, carrier: str, chosen: list[str], key: str) -> str | Refusal:
        tenant_id, digest = session.tenant_id, seal.digest(canon.text([carrier, chosen]))
        account_id = account_of(self._rig, session.tenant_id)
        if not account_id:
            return Refusal(CARD, "login_no_account", 409)
        wanted = Wanted(tenant_id, carrier, chosen, manifest=True, collection=None)
        try:
            made = flow.run(
                self._rig, account_id, frozenset({tenant_id}), wanted, key=named(key), digest=digest
            )  # fmt: skip
        except OtherBody:
            return Refusal(CARD, "handing_changed", 409)
        except flow.NoContract:
            return Refusal(CARD, "pack_no_contract", 409)
        except Nothing as nothing:
            return self._nothing(session, nothing)
        return made.handover_id

    def _nothing(self, session: Session, nothing: Nothing) -> Refusal:
        with self._rig.db.tx(session.tenant_id) as conn:
            ids = [each["id"] for each in nothing.refused]
            numbers = handover_view.orders_of(conn, session.tenant_id, ids)
        told = handover_view.not_handed(nothing.refused, numbers, words.IN[words.language(session.language)])
        faults = {str(place): f"{number}: {why}" for place, (number, why) in enumerate(told)}
        return Refusal(CARD, "handing_nothing", 409, faults)

    def let_be(self, session: Session, fields: Fields) -> Response:
        """Be done with one that somebody saw to elsewhere."""
        form = dict(fields)
        handover_id = form.get("handover", "")
        if form.get("confirm") != YES:
            return self._one(session, handover_id, fault="confirm_missing")
        try:
            flow.give_up(self._rig, frozenset({session.tenant_id}), handover_id, by=BY)
        except flow.NoHandover:
            return self.refused(session, Refusal(CARD, "handing_unknown", 404))
        except flow.NotParked:
            return self._one(session, handover_id, fault="act_changed", status=409)
        return self._frame.sent_on(f"{PATH}/{handover_id}?said={SAID[0]}")

    def call_off(self, session: Session, fields: Fields) -> Response:
        """Call the car off, at its carrier."""
        form = dict(fields)
        handover_id = form.get("handover", "")
        if form.get("confirm") != YES:
            return self._one(session, handover_id, fault="confirm_missing")
        try:
            account_id = account_of(self._rig, session.tenant_id)
            call_off.run(self._rig, frozenset({session.tenant_id}), handover_id, account_id=account_id, by=BY)
        except (ComeAgain, Declined, NotTheShipper) as why:
            return self._one(session, handover_id, refusal=not_done(CARD, why))
        return self._frame.sent_on(f"{PATH}/{handover_id}?said={SAID[1]}")

    def _is_young(self, session: Session, handover_id: str) -> bool:
        each = self._found(session, handover_id)
        return each is not None and handover_view.is_young(each, now=self._rig.now())

    def _found(self, session: Session, handover_id: str) -> Handover | None:
        if handovers.tenant_of(handover_id) != session.tenant_id:
            return None
        with self._rig.db.tx(session.tenant_id) as conn:
            return handovers.one(conn, session.tenant_id, handover_id)

    def _one(
        self,
        session: Session,
        handover_id: str,
        *,
        said: str | None = None,
        fault: str | None = None,
        status: int = 422,
        refusal: Refusal | None = None,
    ) -> Response:
        refusal = Refusal(CARD, fault, status) if fault else refusal
        language = words.language(session.language)
        with self._rig.db.tx(session.tenant_id) as conn:
            shop = tenants.of(conn, session.tenant_id)
            seen = handover_view.one(
                conn, self._rig, session.tenant_id, handover_id, language, words.IN[language]
            )  # fmt: skip
        if seen is None:
            return self.refused(session, Refusal(CARD, "handing_unknown", 404))
        return self._frame.html(
            "handover.html",
            language,
            status=refusal.status if refusal else 200,
            shop_name=shop.shop_name if shop else None,
            seen=seen,
            said=said,
            said_on=CARD if said else None,
            refusal=refusal,
            refused_on=CARD if refusal else None,
            form_token=session.form_token,
        )
