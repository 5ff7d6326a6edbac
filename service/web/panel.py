"""The page inside the UPgates admin: how the activation goes, whose shop it is, whom to call.

There is no way to talk to the admin around it, and no third-party cookie may be counted on: a one-time ticket in the
URL becomes a partitioned cookie of our own. Source: docs/upgates.md 2.4, 5.3, 5.4.
"""

import hmac
import logging
import re
from collections.abc import Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from psycopg import OperationalError
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from service import tickets
from service.accounts import Person
from service.flows import enter, leave, pair
from service.flows.pair import Existing, PairingRefused
from service.platform import address
from service.rig import Rig
from service.settings import Settings
from service.tickets import SESSION_FOR, Session
from service.web import progress, words
from service.web.app import posts
from service.web.progress import Seen
from service.web.words import Language

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
COOKIE = "panel"
COOKIE_RULES = "Path=/panel; HttpOnly; Secure; SameSite=None; Partitioned"
STATIC = {"panel.css": "text/css; charset=utf-8", "panel.js": "text/javascript; charset=utf-8"}
SAID = frozenset({"paired"})
LENGTH_MOST = 200
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

Form = Mapping[str, str]


class PairingUnclear(Exception):
    """What was typed in is not enough for an account."""


def routes(rig: Rig) -> list[Route]:
    """Return the routes of the panel."""
    panel = Panel(rig)
    return [
        Route("/panel/enter/{ticket}", panel.calmly(panel.enter), methods=["GET"]),
        Route("/panel/static/{name}", panel.static, methods=["GET"]),
        Route("/panel/progress", panel.calmly(panel.progress), methods=["GET"]),
        Route("/panel", panel.calmly(panel.show), methods=["GET"]),
        posts("/panel/account", panel.calmly(panel.account)),
        posts("/panel/leave", panel.calmly(panel.leave)),
    ]


class Panel:
    """The doors of the panel; each but `enter` and `static` asks for a session."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._headers = headers_of(rig.settings)
        self._pages = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )

    def calmly(self, door: Callable[..., Response]) -> Callable[..., Response]:
        """Return the door with a database that is away put into words: a merchant shall not read JSON."""

        def answer(request: Request, *body: bytes) -> Response:
            try:
                return door(request, *body)
            except OperationalError as away:
                log.error("the panel cannot be shown: %s", away)  # noqa: TRY400  # a state of the world, not a bug
                return self._notice("away", spoken(request), status=503)

        return answer

    def enter(self, request: Request) -> Response:
        """Exchange the ticket for a session and show the page; a ticket opens once, and never for a mere HEAD."""
        if request.method != "GET":
            return Response(status_code=405, headers=self._headers)
        ticket = request.path_params["ticket"]
        session = enter.run(self._rig, ticket)
        if session is None:
            said = self._language(ticket)
            return self._notice("old_ticket", words.language(said) if said else spoken(request), status=410)
        cookie = f"{COOKIE}={session.secret}; Max-Age={SESSION_FOR.total_seconds():.0f}; {COOKIE_RULES}"
        return RedirectResponse("/panel", 303, headers=self._headers | {"Set-Cookie": cookie})

    def static(self, request: Request) -> Response:
        """Return the style or the script; nothing else lies there."""
        name = request.path_params["name"]
        if name not in STATIC:
            return Response(status_code=404, headers=self._headers)
        content = (HERE / "static" / name).read_bytes()
        return Response(content, headers=self._headers | {"Content-Type": STATIC[name]})

    def show(self, request: Request) -> Response:
        """Return the page."""
        said = request.query_params.get("said")
        return self._page(request, said=said if said in SAID else None)

    def progress(self, request: Request) -> Response:
        """Return only what changes, for the page to refresh itself."""
        looked = self._look(request)
        if looked is None:
            return Response(status_code=401, headers=self._headers)
        session, seen = looked
        language = words.language(session.language)
        return self._html("refreshed.html", language, seen=seen, form_token=session.form_token, fault=None, typed={})

    def account(self, request: Request, body: bytes) -> Response:
        """Pair the shop with the chosen account: an explicit act of whoever came through the admin (R33)."""
        form = form_of(body)
        looked = self._look(request)
        if looked is None:
            return self._ended(request)
        session, seen = looked
        if not ours(form, session):
            return self._page(request, fault="form_old", status=403)
        try:
            pair.run(self._rig, session.tenant_id, choice_of(form, seen))
        except PairingRefused:
            return self._page(request, fault="token_wrong", status=422)
        except PairingUnclear:
            return self._page(request, fault="typed_wrong", status=422, typed=form)
        return RedirectResponse("/panel?said=paired", 303, headers=self._headers)

    def leave(self, request: Request, body: bytes) -> Response:
        """End the session."""
        session = self._session(request)
        if session is None:
            return self._ended(request)
        if not ours(form_of(body), session):
            return self._page(request, fault="form_old", status=403)
        leave.run(self._rig, session)
        gone = self._notice("left", words.language(session.language))
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
            return self._ended(request)
        session, seen = looked
        language = words.language(session.language)
        shown = {"seen": seen, "said": said, "fault": fault, "form_token": session.form_token, "typed": typed or {}}
        return self._html("panel.html", language, status=status, **shown)

    def _look(self, request: Request) -> tuple[Session, Seen] | None:
        session = self._session(request)
        if session is None:
            return None
        said = words.IN[words.language(session.language)]
        with self._rig.db.tx(session.tenant_id) as conn:
            seen = progress.look(conn, session.tenant_id, said, now=self._rig.now())
        return (session, seen) if seen else None

    def _session(self, request: Request) -> Session | None:
        secret = cookie_of(request)
        tenant_id = tickets.tenant_of(secret)
        if tenant_id is None:
            return None
        with self._rig.db.tx(tenant_id) as conn:
            return tickets.session(conn, tenant_id, secret, now=self._rig.now())

    def _language(self, ticket: str) -> str | None:
        tenant_id = tickets.tenant_of(ticket)
        if tenant_id is None:
            return None
        with self._rig.db.tx(tenant_id) as conn:
            return tickets.language(conn, tenant_id, ticket)

    def _ended(self, request: Request) -> Response:
        return self._notice("ended", spoken(request), status=401)

    def _notice(self, key: str, language: Language, *, status: int = 200) -> Response:
        said = words.IN[language]
        return self._html("notice.html", language, status=status, heading=said[key], text=said[f"{key}_text"])

    def _html(self, template: str, language: Language, *, status: int = 200, **shown: object) -> Response:
        settings = self._rig.settings
        page = self._pages.get_template(template).render(
            words=words.IN[language],
            language=language.value,
            support_phone=settings.support_phone,
            support_email=settings.support_email,
            **shown,
        )
        return HTMLResponse(page, status, headers=self._headers)


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


def form_of(body: bytes) -> Form:
    """Return the fields of a form; what cannot be read, or is too long to be typed, is left out."""
    try:
        fields = parse_qsl(body.decode(), max_num_fields=20)
    except ValueError:
        return {}
    return {name: value for name, value in fields if len(value) <= LENGTH_MOST and value.isprintable()}


def ours(form: Form, session: Session) -> bool:
    """Say whether the form is one we showed in this session."""
    return hmac.compare_digest(form.get("form_token", "").encode(), session.form_token.encode())


def cookie_of(request: Request) -> str:
    """Return the secret of the session cookie; empty when there is none."""
    try:
        cookie = SimpleCookie(request.headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return cookie.value if cookie else ""


def spoken(request: Request) -> Language:
    """Return the language of the browser, for pages that know no tenant."""
    return words.accepted(request.headers.get("accept-language"))


def headers_of(settings: Settings) -> dict[str, str]:
    """Return the headers of every answer: framed by the admin only, nothing from elsewhere, nothing kept (B18)."""
    ancestors = ["https://*.upgates.com"]
    if urlsplit(settings.public_url).hostname in address.LOOPBACK:  # a stand-in's admin; a real one never lives there
        ancestors += ["http://127.0.0.1:*", "http://localhost:*"]
    policy = (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
        f"base-uri 'none'; frame-ancestors {' '.join(ancestors)}"
    )
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
