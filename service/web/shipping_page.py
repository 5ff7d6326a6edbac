"""The page "Shipping": what the merchant answers before anything leaves, the switch, and what became of his orders.

Every act carries what the page showed: nobody decides about statuses, answers or orders he has not seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service import mappings
from service.alarms import Wishes
from service.flows import arrange, mapping, release
from service.flows.mapping import ChangedMeanwhile, MappingRefused
from service.flows.release import ReleaseRefused
from service.mappings import Milestone, Tracking
from service.steps import statuses
from service.tickets import Session
from service.web import frame, shipping_form, shipping_view, words
from service.web.acts import showing
from service.web.app import posts
from service.web.frame import Form, Frame
from service.web.shipping_form import BY, FIELDS_MOST, YES, AnswersFaulty, Faults, Typed

Card = Literal["page", "mode", "release", "answers", "mails"]
SAID: Mapping[str, Card] = {
    "saved": "answers",
    "now_live": "mode",
    "now_observed": "mode",
    "released_by_hand": "release",
    "mails_saved": "mails",
}


@dataclass(frozen=True)
class Refusal:
    """Why an act was not done, told on the card it was asked for; `faults` are those of single fields."""

    card: Card
    fault: str
    status: int = 422
    faults: Faults = field(default_factory=dict[str, str])


def routes(shared: Frame) -> list[Route]:
    """Return the routes of the page."""
    page = ShippingPage(shared)
    return [
        Route("/panel/shipping", showing(shared, page.show), methods=["GET"]),
        posts("/panel/shipping", shared.calmly(page.save)),
        posts("/panel/shipping/mode", shared.calmly(page.switch)),
        posts("/panel/shipping/release", shared.calmly(page.release)),
        posts("/panel/shipping/mails", shared.calmly(page.mails)),
    ]


class ShippingPage:
    """The doors of the page; each asks for a session, and each act for a form of ours."""

    def __init__(self, shared: Frame) -> None:
        self._frame = shared
        self._rig = shared.rig

    def show(self, request: Request, session: Session) -> Response:
        """Return the page."""
        said = request.query_params.get("said")
        return self._page(session, said=said if said in SAID else None)

    def save(self, request: Request, body: bytes) -> Response:
        """Take the answers over, all of them."""
        fields = frame.fields_of(body, most=FIELDS_MOST)
        session = self._frame.session(request)
        if session is None:
            return self._frame.ended(request)
        if not frame.ours(dict(fields), session):
            return self._page(session, refusal=Refusal("page", "form_old", 403))
        typed = shipping_form.typed(fields)
        refusal = self._save(session, dict(fields), typed)
        return self._answer(session, refusal, typed, "/panel/shipping?said=saved")

    def _save(self, session: Session, form: Form, typed: Typed) -> Refusal | None:
        with self._rig.db.tx(session.tenant_id) as conn:
            found = statuses.listed(conn, session.tenant_id)
            given = mappings.of(conn, session.tenant_id)
        if form.get("shown") != shipping_form.fingerprint(found, given):
            return Refusal("answers", "changed_meanwhile", 409)
        try:
            shipping_form.read(typed, found, given, now=self._rig.now()).save(self._rig, session.tenant_id)
        except ChangedMeanwhile:
            return Refusal("answers", "changed_meanwhile", 409)
        except AnswersFaulty as faulty:
            return Refusal("answers", "faults", faults=faulty.faults)
        return None

    def switch(self, request: Request, body: bytes) -> Response:
        """Switch the shop live, or back to being observed."""
        form = frame.form_of(body)
        session = self._frame.session(request)
        if session is None:
            return self._frame.ended(request)
        if not frame.ours(form, session):
            return self._page(session, refusal=Refusal("page", "form_old", 403))
        match form.get("mode"):
            case "live":
                return self._answer(session, self._go_live(session, form), None, "/panel/shipping?said=now_live")
            case "observe":
                return self._answer(session, self._observe(session, form), None, "/panel/shipping?said=now_observed")
            case _:
                return self._page(session, refusal=Refusal("mode", "form_odd"))

    def _go_live(self, session: Session, form: Form) -> Refusal | None:
        if form.get("confirm") != YES:
            return Refusal("mode", "confirm_missing")
        with self._rig.db.tx(session.tenant_id) as conn:
            found = statuses.listed(conn, session.tenant_id)
            given = mappings.of(conn, session.tenant_id)
        if form.get("shown") != shipping_form.fingerprint(found, given):
            return Refusal("mode", "changed_meanwhile", 409)
        try:
            mapping.go_live(self._rig, session.tenant_id, by=BY)
        except MappingRefused:
            return Refusal("mode", "not_ready")
        return None

    def _observe(self, session: Session, form: Form) -> Refusal | None:
        if form.get("confirm") != YES:
            return Refusal("mode", "confirm_missing")
        mapping.observe(self._rig, session.tenant_id, by=BY)
        return None

    def release(self, request: Request, body: bytes) -> Response:
        """Release the open orders the page has counted."""
        form = frame.form_of(body)
        session = self._frame.session(request)
        if session is None:
            return self._frame.ended(request)
        if not frame.ours(form, session):
            return self._page(session, refusal=Refusal("page", "form_old", 403))
        refusal = self._release(session, form)
        return self._answer(session, refusal, None, "/panel/shipping?said=released_by_hand")

    def _release(self, session: Session, form: Form) -> Refusal | None:
        with self._rig.db.tx(session.tenant_id) as conn:
            given = mappings.of(conn, session.tenant_id)
            if not given.live:
                return Refusal("page", "release_refused")
            counted = shipping_view.by_hand(conn, session.tenant_id, given)
        if form.get("confirm") != YES:
            return Refusal("release", "confirm_missing")
        if form.get("shown") != counted.fingerprint:
            return Refusal("release", "release_changed", 409)
        try:
            release.run(self._rig, session.tenant_id, counted.numbers, by=BY)
        except ReleaseRefused:
            return Refusal("page", "release_refused")
        return None

    def mails(self, request: Request, body: bytes) -> Response:
        """Take over which of our mails the merchant wants."""
        form = frame.form_of(body)
        session = self._frame.session(request)
        if session is None:
            return self._frame.ended(request)
        if not frame.ours(form, session):
            return self._page(session, refusal=Refusal("page", "form_old", 403))
        wishes = Wishes(daily="daily" in form, urgent="urgent" in form)
        arrange.wish(self._rig, session.tenant_id, wishes, by=BY)
        return self._frame.sent_on("/panel/shipping?said=mails_saved")

    def _answer(self, session: Session, refusal: Refusal | None, typed: Typed | None, done: str) -> Response:
        if refusal is None:
            return self._frame.sent_on(done)
        return self._page(session, refusal=refusal, typed=typed)

    def _page(
        self,
        session: Session,
        *,
        said: str | None = None,
        refusal: Refusal | None = None,
        typed: Typed | None = None,
    ) -> Response:
        language = words.language(session.language)
        with self._rig.db.tx(session.tenant_id) as conn:
            seen = shipping_view.look(conn, session.tenant_id, language, words.IN[language], now=self._rig.now())
        return self._frame.html(
            "shipping.html",
            language,
            status=refusal.status if refusal else 200,
            seen=seen,
            typed=typed or shipping_form.standing(seen.given, seen.found),
            shown=shipping_form.fingerprint(seen.found, seen.given),
            said=said,
            said_on=SAID[said] if said else None,
            refusal=refusal,
            faults=refusal.faults if refusal else {},
            form_token=session.form_token,
            milestones=list(Milestone),
            trackings=list(Tracking),
            pull_days=self._rig.settings.pull_days,
            most_problems=shipping_view.SHOWN_PROBLEMS,
            most_by_hand=shipping_view.NEWEST,
        )
