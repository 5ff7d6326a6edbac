"""The pages of return labels: find what an order went with, have a label made for its way back, and print it.

A form carries a key, so pressing twice asks once.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service import returns, tenants
from service.flows import bring_back
from service.flows.bring_back import NoReturn, Wanted
from service.kit import canon, seal
from service.lanes import TenantId
from service.shipments import OtherBody
from service.tickets import Session
from service.web import boxes as typed
from service.web import goods_back_view, pack_view, returns_view, services, words
from service.web.acts import Fields, Refusal, account_of, acting, showing
from service.web.app import posts
from service.web.frame import Frame
from service.web.pack_form import KEY, named
from service.web.returns_view import UNSETTLED, WITHOUT_LABEL
from service.web.shipping_form import BY, YES

PATH = "/panel/pack/returns"
SAID = frozenset({"return_again_said", "return_let_be_said"})
STATUS_OF = {"unknown_shipment": 404, "unknown_return": 404, "unfit": 422}  # 409 is any other's
FIELDS_MOST = 20
NUMBER_MOST = 200


def routes(shared: Frame) -> list[Route]:
    """Return the routes of the pages."""
    page = ReturnsPage(shared)
    back = goods_back_view.act(shared.rig, page.told)
    acts = {"ask": page.ask, "print": page.print, "again": page.again, "let-be": page.let_be, "back": back}
    return [
        Route(PATH, showing(shared, page.show), methods=["GET"]),
        Route(f"{PATH}/{{id}}", showing(shared, page.one), methods=["GET"]),
        *(
            posts(f"{PATH}/{name}", acting(shared, act, page.refused, most=FIELDS_MOST, as_typed=typed.FIELD))
            for name, act in acts.items()
        ),
    ]


class ReturnsPage:
    """The doors of the pages."""

    def __init__(self, shared: Frame) -> None:
        self._frame = shared
        self._rig = shared.rig

    def show(self, request: Request, session: Session) -> Response:
        """Return the page, with what an order went with where one is asked for."""
        number = request.query_params.get("order", "").strip()[:NUMBER_MOST]
        is_told = request.query_params.get("said") == goods_back_view.SAID
        return self._page(session, number=number if number.isprintable() else "", is_told=is_told)

    def one(self, request: Request, session: Session) -> Response:
        """Return how one return stands, a moment later where it is about to be there.

        The page looks again by itself for a minute.
        """
        said, return_id = request.query_params.get("said", ""), request.path_params["id"]
        if returns.tenant_of(return_id) == session.tenant_id:
            self._frame.patience.until(lambda: self._is_settled(session.tenant_id, return_id))
        return self._one(session, return_id, said=said if said in SAID else None)

    def refused(self, session: Session, refusal: Refusal) -> Response:
        """Return the page with what was not done."""
        return self._page(session, refusal=refusal)

    def told(self, session: Session, outcome: str | Refusal) -> Response:
        """Return the page with what was done, or was not."""
        if isinstance(outcome, Refusal):
            return self._page(session, refusal=outcome)
        return self._frame.sent_on(f"{PATH}?said={outcome}#{goods_back_view.CARD}")

    def ask(self, session: Session, fields: Fields) -> Response:
        """Have a return label made, and lead to where it is waited for."""
        form = dict(fields)
        number, shipment_id, text = form.get("order", ""), form.get("shipment", ""), form.get("boxes", "").strip()
        key, account_id = form.get("key", ""), account_of(self._rig, session.tenant_id)
        boxes = typed.of(text) if text else ()
        if not KEY.fullmatch(key):
            return self._page(session, refusal=Refusal("page", "form_odd"))
        if boxes is None:
            return self._page(session, number=number, refusal=Refusal(shipment_id, "pack_fault_boxes"))
        if not account_id:
            return self._page(session, number=number, refusal=Refusal("page", "login_no_account", 409))
        options = {WITHOUT_LABEL: "1"} if form.get(WITHOUT_LABEL) == YES else {}
        wanted = Wanted(shipment_id, boxes, options, another=form.get("another") == YES)
        digest = seal.digest(canon.text([shipment_id, text, options, wanted.another]))
        tenants_of = frozenset({session.tenant_id})
        try:
            made = bring_back.run(
                self._rig, account_id, tenants_of, wanted, key=named(key), digest=digest
            )  # fmt: skip
        except OtherBody:
            return self._page(session, number=number, refusal=Refusal(shipment_id, "act_changed", 409))
        except NoReturn as refusal:
            return self._page(session, number=number, refusal=self._said(session, shipment_id, refusal))
        return self._frame.sent_on(f"{PATH}/{made.return_id}")

    def print(self, session: Session, fields: Fields) -> Response:
        """Return the label, and write down that it was printed here."""
        return_id = dict(fields).get("return", "")
        try:
            found = bring_back.label(self._rig, frozenset({session.tenant_id}), return_id, by=BY)
        except NoReturn as refusal:
            return self._one(session, return_id, refusal=self._said(session, return_id, refusal))
        named_so = {"Content-Type": "application/pdf", "Content-Disposition": 'attachment; filename="return.pdf"'}
        return Response(found, headers=self._frame.headers | named_so)

    def again(self, session: Session, fields: Fields) -> Response:
        """Ask once more, as the order is now."""
        form = dict(fields)
        return_id = form.get("return", "")
        if form.get("looks") == YES and form.get("looked") != YES:
            return self._one(session, return_id, refusal=Refusal(return_id, "again_look_first"))
        try:
            bring_back.again(self._rig, frozenset({session.tenant_id}), return_id, by=BY)
        except NoReturn as refusal:
            return self._one(session, return_id, refusal=self._said(session, return_id, refusal))
        return self._frame.sent_on(f"{PATH}/{return_id}?said=return_again_said")

    def let_be(self, session: Session, fields: Fields) -> Response:
        """Be done with one that was not made, or that somebody has looked for."""
        form = dict(fields)
        return_id = form.get("return", "")
        if form.get("confirm") != YES:
            return self._one(session, return_id, refusal=Refusal(return_id, "confirm_missing"))
        try:
            bring_back.give_up(self._rig, frozenset({session.tenant_id}), return_id, by=BY)
        except NoReturn as refusal:
            return self._one(session, return_id, refusal=self._said(session, return_id, refusal))
        return self._frame.sent_on(f"{PATH}/{return_id}?said=return_let_be_said")

    def _is_settled(self, tenant_id: TenantId, return_id: str) -> bool:
        """Say whether nothing is waited for, or has been for so long that a moment more changes nothing."""
        with self._rig.db.tx(tenant_id) as conn:
            each = returns.one(conn, tenant_id, return_id)
        return each is None or each.state not in UNSETTLED or not returns_view.is_young(each, self._rig)

    def _said(self, session: Session, card: str, refusal: NoReturn) -> Refusal:
        spoken = words.IN[words.language(session.language)]
        faults = {str(place): text for place, text in enumerate(services.told(spoken, refusal.more.get("faults", ())))}
        return Refusal(card, f"return_{refusal.code}", STATUS_OF.get(refusal.code, 409), faults)

    def _one(
        self, session: Session, return_id: str, *, said: str | None = None, refusal: Refusal | None = None
    ) -> Response:
        language = words.language(session.language)
        with self._rig.db.tx(session.tenant_id) as conn:
            shop = tenants.of(conn, session.tenant_id)
            account_id = (shop.account_id if shop else None) or ""
            seen = returns_view.one(
                conn, self._rig, session.tenant_id, return_id, account_id, language, words.IN[language]
            )
        if seen is None:
            return self._page(session, refusal=Refusal("page", "return_unknown_return", 404))
        return self._frame.html(
            "return.html",
            language,
            status=refusal.status if refusal else 200,
            shop_name=shop.shop_name if shop else None,
            seen=seen,
            said=said,
            said_on=seen.row.return_id if said else None,
            refusal=refusal,
            refused_on=seen.row.return_id if refusal else None,
            form_token=session.form_token,
        )

    def _page(
        self, session: Session, *, number: str = "", refusal: Refusal | None = None, is_told: bool = False
    ) -> Response:
        language = words.language(session.language)
        with self._rig.db.tx(session.tenant_id) as conn:
            shop = tenants.of(conn, session.tenant_id)
            seen = returns_view.look(conn, session.tenant_id, number, language, words.IN[language])
            back = goods_back_view.look(conn, session.tenant_id, language, words.IN[language])
            ships = pack_view.ships_itself(conn, session.tenant_id)
        cards = {goods_back_view.CARD, *(each.shipment_id for each in seen.offers or ())}
        return self._frame.html(
            "returns.html",
            language,
            status=refusal.status if refusal else 200,
            shop_name=shop.shop_name if shop else None,
            seen=seen,
            back=back,
            ships=ships,
            said=goods_back_view.SAID if is_told else None,
            said_on=goods_back_view.CARD if is_told else None,
            refusal=refusal,
            refused_on=(refusal.card if refusal.card in cards else "page") if refusal else None,
            form_token=session.form_token,
        )
