"""The page "Money": what carriers collected and paid out, what came back uncollected, and their lists read in.

What came of a list is shown in the answer itself: its lines are nobody else's business, and the same list once more
changes nothing.
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service.flows import remit
from service.flows.remit import Remitted
from service.steps.paylist import ListUnreadable
from service.tickets import Session
from service.tracking import Paid
from service.web import money_view, words
from service.web.acts import Fields, Refusal, acting, number, showing
from service.web.app import posts
from service.web.frame import Frame

PATH = "/panel/money"
FIELDS_MOST = 10
LINES_MOST = 1_000  # some seconds of work, and far less than what a form may hold
BAD_SHOWN = 100


@dataclass(frozen=True)
class Typed:
    """What was typed in."""

    carrier: str = ""
    content: str = ""


def routes(shared: Frame) -> list[Route]:
    """Return the routes of the page."""
    page = MoneyPage(shared)
    read = acting(shared, page.read, page.refused, most=FIELDS_MOST, as_typed=True)
    return [
        Route(PATH, showing(shared, page.show), methods=["GET"]),
        posts(f"{PATH}/read", read, too_large=showing(shared, page.too_large)),
    ]


class MoneyPage:
    """The doors of the page."""

    def __init__(self, shared: Frame) -> None:
        self._frame = shared
        self._rig = shared.rig

    def show(self, request: Request, session: Session) -> Response:
        """Return the page."""
        shown = money_view.way(request.query_params.get("stands", ""))
        return self._page(session, shown=shown, page=number(request.query_params.get("page", "1")))

    def refused(self, session: Session, refusal: Refusal) -> Response:
        """Return the page with what was not done."""
        return self._page(session, refusal=refusal)

    def too_large(self, _request: Request, session: Session) -> Response:
        """Return the page where so much was sent that nobody reads it."""
        return self._page(session, refusal=Refusal("read", "money_list_huge", 413))

    def read(self, session: Session, fields: Fields) -> Response:
        """Read a carrier's list of payments in; lines that cannot stand spoil no good one."""
        form = dict(fields)
        typed = Typed(form.get("carrier", ""), form.get("list", ""))
        said = words.IN[words.language(session.language)]
        if typed.carrier not in dict(money_view.carriers(said)):
            return self._page(session, typed=typed, refusal=Refusal("read", "money_carrier_odd"))
        if not typed.content.strip():
            return self._page(session, typed=typed, refusal=Refusal("read", "money_list_empty"))
        try:
            done = remit.run(self._rig, session.tenant_id, typed.carrier, typed.content.encode(), most=LINES_MOST)
        except ListUnreadable as fault:
            refusal = Refusal("read", "money_list_odd", faults={"list": fault.told(said)})
            return self._page(session, typed=typed, refusal=refusal)
        return self._page(session, typed=typed if done.bad else Typed(typed.carrier), done=done)

    def _page(
        self,
        session: Session,
        *,
        shown: Paid = money_view.WAYS[0],
        page: int = 1,
        typed: Typed | None = None,
        refusal: Refusal | None = None,
        done: Remitted | None = None,
    ) -> Response:
        language = words.language(session.language)
        with self._rig.db.tx(session.tenant_id) as conn:
            seen = money_view.look(
                conn, session.tenant_id, language, words.IN[language], shown=shown, page=page, now=self._rig.now()
            )
        return self._frame.html(
            "money.html",
            language,
            status=refusal.status if refusal else 200,
            seen=seen,
            typed=typed or Typed(),
            refusal=refusal,
            done=done,
            bad_shown=BAD_SHOWN,
            lines_most=LINES_MOST,
            form_token=session.form_token,
        )
