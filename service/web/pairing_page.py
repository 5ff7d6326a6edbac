"""The page "Pairing": with which carrier and service each of the shop's shipments is booked."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service.flows import pairing
from service.flows.pairing import ChangedMeanwhile, PairingFaulty
from service.pairings import Pairing, Second
from service.tickets import Session
from service.web import option_line, pairing_view, words
from service.web.acts import Fields, Refusal, acting, number, showing
from service.web.app import posts
from service.web.frame import Frame
from service.web.pairing_view import Form
from service.web.shipping_form import BY

PATH = "/panel/pairing"
SAID = ("pairing_saved", "pairing_forgotten")
FIELDS_MOST = 20
MINUTES_MOST = 7 * 24 * 60
GRAMS_MOST = 1_000_000


class Unreadable(Exception):
    """What was typed is no pairing; `faults` by field, as keys of words."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


def routes(shared: Frame) -> list[Route]:
    """Return the routes of the page."""
    page = PairingPage(shared)
    acts = {"save": page.save, "forget": page.forget}
    return [
        Route(PATH, showing(shared, page.show), methods=["GET"]),
        *(posts(f"{PATH}/{name}", acting(shared, act, page.refused, most=FIELDS_MOST)) for name, act in acts.items()),
    ]


class PairingPage:
    """The doors of the page."""

    def __init__(self, shared: Frame) -> None:
        self._frame = shared
        self._rig = shared.rig

    def show(self, request: Request, session: Session) -> Response:
        """Return the page."""
        said = request.query_params.get("said", "")
        return self._page(session, said=(said, request.query_params.get("card", "")) if said in SAID else None)

    def refused(self, session: Session, refusal: Refusal) -> Response:
        """Return the page with what was not done."""
        return self._page(session, refusal=refusal)

    def save(self, session: Session, fields: Fields) -> Response:
        """Pair a shipment."""
        form = dict(fields)
        shipment_id = form.get("shipment", "")
        typed = Form(*(form.get(name, "").strip() for name in ("service", "options", "second", "after", "weight")))
        refusal = self._save(session, shipment_id, typed, number(form.get("over", "")))
        if refusal is None:
            return self._done("pairing_saved", shipment_id)
        return self._page(session, refusal=refusal, typed=(shipment_id, typed))

    def _save(self, session: Session, shipment_id: str, typed: Form, over: int) -> Refusal | None:
        said = words.IN[words.language(session.language)]
        try:
            pairing.save(self._rig, session.tenant_id, shipment_id, read(typed), over=over, by=BY)
        except Unreadable as odd:
            return Refusal(shipment_id, "pairing_faults", faults={name: said[key] for name, key in odd.faults.items()})
        except PairingFaulty as faulty:
            faults = {name: pairing_view.known_bars(bars, said) for name, bars in faulty.faults.items()}
            return Refusal(shipment_id, "pairing_faults", faults=faults)
        except ChangedMeanwhile:
            return Refusal(shipment_id, "pairing_changed", 409)
        return None

    def forget(self, session: Session, fields: Fields) -> Response:
        """Take a pairing back."""
        form = dict(fields)
        shipment_id = form.get("shipment", "")
        try:
            pairing.forget(self._rig, session.tenant_id, shipment_id, over=number(form.get("over", "")), by=BY)
        except ChangedMeanwhile:
            return self._page(session, refusal=Refusal(shipment_id, "pairing_changed", 409))
        return self._done("pairing_forgotten", shipment_id)

    def _done(self, said: str, shipment_id: str) -> Response:
        card = shipment_id if shipment_id.isascii() and shipment_id.isalnum() else ""
        return self._frame.sent_on(f"{PATH}?said={said}&card={card}#shipment-{card}")

    def _page(
        self,
        session: Session,
        *,
        said: tuple[str, str] | None = None,
        refusal: Refusal | None = None,
        typed: tuple[str, Form] | None = None,
    ) -> Response:
        language = words.language(session.language)
        with self._rig.db.tx(session.tenant_id) as conn:
            seen = pairing_view.look(conn, self._rig, session.tenant_id, language, words.IN[language], typed=typed)
        known = {card.shipment_id for card in seen.cards}
        return self._frame.html(
            "pairing.html",
            language,
            status=refusal.status if refusal else 200,
            seen=seen,
            said=said[0] if said else None,
            said_on=said[1] if said else None,
            refusal=refusal,
            refused_on=(refusal.card if refusal.card in known else "page") if refusal else None,
            form_token=session.form_token,
        )


def read(typed: Form) -> Pairing:
    """Return the pairing a form says; raise Unreadable with every fault at once."""
    faults: dict[str, str] = {}
    carrier, space, service = typed.service.partition(" ")
    if not space:
        faults["service"] = "pairing_fault_service"
    options = option_line.read(typed.options)
    if options is None:
        faults["options"] = "pairing_fault_options"
    second = second_of(typed)
    if second is None and typed.second:
        faults["second"] = "pairing_fault_after"
    weight = number(typed.weight) if typed.weight else None
    if weight is not None and not 0 < weight <= GRAMS_MOST:
        faults["weight"] = "pairing_fault_weight"
    if faults:
        raise Unreadable(faults)
    return Pairing(carrier, service, options or {}, second, weight)


def second_of(typed: Form) -> Second | None:
    """Return the second carrier; None without one, or where the minutes are none."""
    carrier, space, service = typed.second.partition(" ")
    minutes = number(typed.after)
    return Second(carrier, service, minutes) if space and 0 < minutes <= MINUTES_MOST else None
