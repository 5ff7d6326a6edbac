"""The first page inside the UPgates admin: how the activation goes, whose shop it is, whom to call.

There is no way to talk to the admin around it: a one-time ticket in the URL becomes a session of our own. Source:
docs/upgates.md 2.4, 5.3, 5.4.
"""

import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service import tickets
from service.accounts import Person
from service.flows import enter, leave, pair
from service.flows.pair import Existing, PairingRefused
from service.rig import Rig
from service.tickets import SESSION_FOR, Session
from service.web import (
    carriers_page,
    frame,
    money_page,
    pack_page,
    pairing_page,
    patience,
    progress,
    returns_page,
    shipping_page,
    words,
)
from service.web.app import posts
from service.web.frame import COOKIE, COOKIE_RULES, Form, Frame
from service.web.progress import Seen

STATIC: Mapping[str, str] = {"panel.css": "text/css; charset=utf-8", "panel.js": "text/javascript; charset=utf-8"}
SAID = frozenset({"paired"})
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class PairingUnclear(Exception):
    """What was typed in is not enough for an account."""


def routes(rig: Rig, *, patience_s: float = patience.WITHIN_S) -> list[Route]:
    """Return the routes of the panel; a page waits at most so long for what is about to be ready."""
    shared = Frame(rig, patience_s=patience_s)
    panel = Panel(shared)
    return [
        Route("/panel/enter/{ticket}", shared.calmly(panel.enter), methods=["GET"]),
        Route("/panel/static/{name}", panel.static, methods=["GET"]),
        Route("/panel/progress", shared.calmly(panel.progress), methods=["GET"]),
        Route("/panel", shared.calmly(panel.show), methods=["GET"]),
        posts("/panel/account", shared.calmly(panel.account)),
        posts("/panel/leave", shared.calmly(panel.leave)),
        *shipping_page.routes(shared),
        *pack_page.routes(shared),
        *returns_page.routes(shared),
        *pairing_page.routes(shared),
        *carriers_page.routes(shared),
        *money_page.routes(shared),
    ]


class Panel:
    """The doors of the panel; each but `enter` and `static` asks for a session."""

    def __init__(self, shared: Frame) -> None:
        self._frame = shared
        self._rig = shared.rig

    def enter(self, request: Request) -> Response:
        """Exchange the ticket for a session and show the page; a ticket opens once, and never for a mere HEAD."""
        if request.method != "GET":
            return Response(status_code=405, headers=self._frame.headers)
        ticket = request.path_params["ticket"]
        session = enter.run(self._rig, ticket)
        if session is None:
            said = self._language(ticket)
            return self._frame.notice("old_ticket", words.language(said) if said else frame.spoken(request), status=410)
        cookie = f"{COOKIE}={session.secret}; Max-Age={SESSION_FOR.total_seconds():.0f}; {COOKIE_RULES}"
        inside = self._frame.sent_on("/panel")
        inside.headers["Set-Cookie"] = cookie
        return inside

    def static(self, request: Request) -> Response:
        """Return the style or the script; nothing else lies there."""
        name = request.path_params["name"]
        if name not in STATIC:
            return Response(status_code=404, headers=self._frame.headers)
        content = (frame.HERE / "static" / name).read_bytes()
        return Response(content, headers=self._frame.headers | {"Content-Type": STATIC[name]})

    def show(self, request: Request) -> Response:
        """Return the page."""
        said = request.query_params.get("said")
        return self._page(request, said=said if said in SAID else None)

    def progress(self, request: Request) -> Response:
        """Return only what changes, for the page to refresh itself."""
        looked = self._look(request)
        if looked is None:
            return Response(status_code=401, headers=self._frame.headers)
        session, seen = looked
        language = words.language(session.language)
        return self._frame.html(
            "refreshed.html", language, seen=seen, form_token=session.form_token, fault=None, typed={}
        )

    def account(self, request: Request, body: bytes) -> Response:
        """Pair the shop with the chosen account: an explicit act of whoever came through the admin (R33)."""
        form = frame.form_of(body)
        looked = self._look(request)
        if looked is None:
            return self._frame.ended(request)
        session, seen = looked
        if not frame.ours(form, session):
            return self._page(request, fault="form_old", status=403)
        try:
            pair.run(self._rig, session.tenant_id, choice_of(form, seen))
        except PairingRefused:
            return self._page(request, fault="token_wrong", status=422)
        except PairingUnclear:
            return self._page(request, fault="typed_wrong", status=422, typed=form)
        return self._frame.sent_on("/panel?said=paired")

    def leave(self, request: Request, body: bytes) -> Response:
        """End the session."""
        session = self._frame.session(request)
        if session is None:
            return self._frame.ended(request)
        if not frame.ours(frame.form_of(body), session):
            return self._page(request, fault="form_old", status=403)
        leave.run(self._rig, session)
        gone = self._frame.notice("left", words.language(session.language))
        gone.headers["Set-Cookie"] = f"{COOKIE}=; Max-Age=0; {COOKIE_RULES}"
        return gone

    def _page(
        self,
        request: Request,
        *,
        said: str | None = None,
        fault: str | None = None,
        status: int = 200,
        typed: Form | None = None,
    ) -> Response:
        looked = self._look(request)
        if looked is None:
            return self._frame.ended(request)
        session, seen = looked
        language = words.language(session.language)
        shown = {"seen": seen, "said": said, "fault": fault, "form_token": session.form_token, "typed": typed or {}}
        return self._frame.html("panel.html", language, status=status, **shown)

    def _look(self, request: Request) -> tuple[Session, Seen] | None:
        session = self._frame.session(request)
        if session is None:
            return None
        said = words.IN[words.language(session.language)]
        with self._rig.db.tx(session.tenant_id) as conn:
            seen = progress.look(conn, session.tenant_id, said, now=self._rig.now())
        return (session, seen) if seen else None

    def _language(self, ticket: str) -> str | None:
        tenant_id = tickets.tenant_of(ticket)
        if tenant_id is None:
            return None
        with self._rig.db.tx(tenant_id) as conn:
            return tickets.language(conn, tenant_id, ticket)


def choice_of(form: Form, seen: Seen) -> Existing | Person:
    """Return what was chosen; raise PairingUnclear when something is missing or was never offered."""
    match form.get("choice"):
        case "existing":
            return Existing(form.get("token", "").strip())
        case "owner":
            offered = {person.email: person for person in seen.owners}
            if person := offered.get(form.get("email", "")):
                return person
        case "fresh":
            name, email = form.get("name", "").strip(), form.get("email", "").strip()
            if name and EMAIL.fullmatch(email):
                return Person(name=name, email=email, company_number=form.get("company_number", "").strip() or None)
        case _:
            pass
    raise PairingUnclear
