"""The page "Carriers": with which login each carrier is asked, how it does, a test of it, and its end."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from carriers import registry
from service.flows import carriers
from service.flows.carriers import ChangedMeanwhile, LoginFaulty, NoAccount, NoLogin, NotLetIn
from service.steps.logins import Entered
from service.tickets import Session
from service.web import carriers_view, heard, words
from service.web.acts import Fields, Refusal, acting, number, showing
from service.web.app import posts
from service.web.carriers_view import Typed
from service.web.frame import Frame
from service.web.shipping_form import BY, YES

PATH = "/panel/carriers"
SAID = ("login_saved", "login_tested", "login_removed")
FIELDS_MOST = 60


def routes(shared: Frame) -> list[Route]:
    """Return the routes of the page."""
    page = CarriersPage(shared)
    acts = {"login": page.log_in, "test": page.test, "remove": page.remove}
    return [
        Route(PATH, showing(shared, page.show), methods=["GET"]),
        *(
            posts(f"{PATH}/{name}", acting(shared, act, page.refused, most=FIELDS_MOST, as_typed=True))
            for name, act in acts.items()
        ),
    ]


class CarriersPage:
    """The doors of the page."""

    def __init__(self, shared: Frame) -> None:
        self._frame = shared
        self._rig = shared.rig

    def show(self, request: Request, session: Session) -> Response:
        """Return the page."""
        said, card = (request.query_params.get(name, "") for name in ("said", "card"))
        is_ours = said in SAID and card in registry.ADAPTERS
        return self._page(session, said=(said, card) if is_ours else None)

    def refused(self, session: Session, refusal: Refusal) -> Response:
        """Return the page with what was not done."""
        return self._page(session, refusal=refusal)

    def log_in(self, session: Session, fields: Fields) -> Response:
        """Enter a login, or another one."""
        form = dict(fields)
        code = form.get("carrier", "")
        if code not in registry.PROVEN or form.get("for") not in ("all", "shop"):
            return self._page(session, refusal=Refusal("page", "form_odd"))
        typed = typed_of(code, fields)
        refusal = self._log_in(session, form, typed)
        if refusal is None:
            return self._done("login_saved", code)
        return self._page(session, refusal=refusal, typed=typed)

    def _log_in(self, session: Session, form: dict[str, str], typed: Typed) -> Refusal | None:
        said = words.IN[words.language(session.language)]
        over = number(form.get("over_all" if typed.for_all else "over_shop", ""))
        try:
            carriers.log_in(self._rig, session.tenant_id, entered_of(typed, form), over=over, by=BY)
        except LoginFaulty as faulty:
            faults = {name: said[f"login_fault_{fault}"] for name, fault in faulty.faults.items()}
            return Refusal(typed.code, "login_faults", faults=faults)
        except NotLetIn as refused:
            return Refusal(typed.code, "login_not_let_in", said=refused.tested.why)
        except NoAccount:
            return Refusal(typed.code, "login_no_account", 409)
        except ChangedMeanwhile:
            return Refusal(typed.code, "login_changed", 409)
        return None

    def test(self, session: Session, fields: Fields) -> Response:
        """Ask a carrier whether it lets us in; what it says stands with the login then."""
        form = dict(fields)
        try:
            carriers.test(self._rig, session.tenant_id, form.get("login", ""), by=BY)
        except NoLogin:
            return self._page(session, refusal=Refusal(card_of(form), "login_gone", 404))
        return self._done("login_tested", card_of(form))

    def remove(self, session: Session, fields: Fields) -> Response:
        """Remove a login."""
        form = dict(fields)
        if form.get("confirm") != YES:
            return self._page(session, refusal=Refusal(card_of(form), "confirm_missing"))
        try:
            carriers.log_out(self._rig, session.tenant_id, form.get("login", ""), by=BY)
        except NoLogin:
            return self._page(session, refusal=Refusal(card_of(form), "login_gone", 404))
        return self._done("login_removed", card_of(form))

    def _address(self, contract_id: str) -> str:
        settings = self._rig.settings
        return heard.address(settings.public_url, settings.hook_mac, contract_id)

    def _done(self, said: str, card: str) -> Response:
        return self._frame.sent_on(f"{PATH}?said={said}&card={card}#carrier-{card}")

    def _page(
        self,
        session: Session,
        *,
        said: tuple[str, str] | None = None,
        refusal: Refusal | None = None,
        typed: Typed | None = None,
    ) -> Response:
        language = words.language(session.language)
        with self._rig.db.tx(session.tenant_id) as conn:
            seen = carriers_view.look(
                conn,
                session.tenant_id,
                language,
                words.IN[language],
                typed=typed,
                address=self._address,
                now=self._rig.now(),
            )
        return self._frame.html(
            "carriers.html",
            language,
            status=refusal.status if refusal else 200,
            seen=seen,
            said=said[0] if said else None,
            said_on=said[1] if said else None,
            refusal=refusal,
            faults=refusal.faults if refusal else {},
            form_token=session.form_token,
        )


def card_of(form: dict[str, str]) -> str:
    """Return the card an act was asked for on."""
    code = form.get("carrier", "")
    return code if code in registry.PROVEN else "page"


def typed_of(code: str, fields: Fields) -> Typed:
    """Return what was typed, without secrets."""
    form, adapter = dict(fields), registry.ADAPTERS[code]
    names = [name for name in (*adapter.needs, *adapter.may_give) if name not in adapter.secret]
    return Typed(
        code,
        {name: form.get(f"f_{name}", "").strip() for name in names},
        frozenset(value for name, value in fields if name == "switch"),
        form.get("base_url", "").strip(),
        form.get("for") == "all",
    )


def entered_of(typed: Typed, form: dict[str, str]) -> Entered:
    """Return the login; what is too long for a secret is told, and not taken for one left empty."""
    adapter = registry.ADAPTERS[typed.code]
    secrets = {name: form.get(f"f_{name}", "").strip(" ") for name in adapter.secret}
    return Entered(typed.code, secrets, typed.values, typed.switches, typed.for_all, typed.base_url)
