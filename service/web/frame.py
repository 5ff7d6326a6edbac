"""What every page inside the admin's frame shares: whose session it is, its language, its headers, its forms.

No third-party cookie may be counted on, so ours is partitioned. Source: docs/upgates.md 2.4, 5.3, 5.4.
"""

import hmac
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from psycopg import OperationalError
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service import tickets
from service.platform import address
from service.rig import Rig
from service.settings import Settings
from service.tickets import Session
from service.web import patience, words
from service.web.patience import Patience
from service.web.words import Language

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
COOKIE = "panel"
COOKIE_RULES = "Path=/panel; HttpOnly; Secure; SameSite=None; Partitioned"
LENGTH_MOST = 200
FIELDS_MOST = 20
DIGITS = "0123456789"

Form = Mapping[str, str]


class Frame:
    """Looks who asks, and puts what is to be said on a page of our own."""

    def __init__(self, rig: Rig, *, patience_s: float = patience.WITHIN_S) -> None:
        self.rig = rig
        self.patience = Patience(patience_s)
        self.headers = headers_of(rig.settings)
        self._pages = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._pages.filters["counted"] = counted

    def calmly(self, door: Callable[..., Response]) -> Callable[..., Response]:
        """Return the door with a database that is away put into words: a merchant shall not read JSON."""

        def answer(request: Request, *body: bytes) -> Response:
            try:
                return door(request, *body)
            except OperationalError as away:
                log.error("the panel cannot be shown: %s", away)  # noqa: TRY400  # a state of the world, not a bug
                return self.notice("away", spoken(request), status=503)

        return answer

    def session(self, request: Request) -> Session | None:
        """Return the session of whoever asks; None when there is none any more."""
        secret = cookie_of(request)
        tenant_id = tickets.tenant_of(secret)
        if tenant_id is None:
            return None
        with self.rig.db.tx(tenant_id) as conn:
            return tickets.session(conn, tenant_id, secret, now=self.rig.now())

    def ended(self, request: Request) -> Response:
        """Say that the session has ended, and how to begin another."""
        return self.notice("ended", spoken(request), status=401)

    def notice(self, key: str, language: Language, *, status: int = 200) -> Response:
        """Return a page of one message."""
        said = words.IN[language]
        return self.html("notice.html", language, status=status, heading=said[key], text=said[f"{key}_text"])

    def html(self, template: str, language: Language, *, status: int = 200, **shown: object) -> Response:
        """Return a page."""
        settings = self.rig.settings
        page = self._pages.get_template(template).render(
            words=words.IN[language],
            language=language.value,
            support_phone=settings.support_phone,
            support_email=settings.support_email,
            **shown,
        )
        return HTMLResponse(page, status, headers=self.headers)

    def sent_on(self, path: str) -> Response:
        """Send the browser on after an act, so that loading the page again does not repeat it."""
        return RedirectResponse(path, 303, headers=self.headers)


def counted(number: int) -> str:
    """Return a number as the admin writes it."""
    return f"{number:,}".replace(",", "\u00a0")


def form_of(body: bytes) -> Form:
    """Return the fields of a form; what cannot be read, or is too long to be typed, is left out."""
    return dict(fields_of(body, most=FIELDS_MOST))


def fields_of(body: bytes, *, most: int, as_typed: bool | Collection[str] = False) -> Sequence[tuple[str, str]]:
    """Return the fields of a form in which one may stand several times; nothing of one with more than `most`.

    `as_typed`: also what is too long or cannot be printed, for whoever says so; or the names of such fields alone,
    which a number may follow. A field that is empty is left out.
    """
    try:
        fields = parse_qsl(body.decode(), max_num_fields=most)
    except ValueError:
        return []
    whole = () if isinstance(as_typed, bool) else as_typed
    return [
        (name, value)
        for name, value in fields
        if as_typed is True or name.rstrip(DIGITS) in whole or (len(value) <= LENGTH_MOST and value.isprintable())
    ]


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
