"""What a person can do with a label on the page "To pack": once more, made elsewhere, let be, cancel, another COD."""

import re
from collections.abc import Callable, Mapping
from functools import partial

from starlette.responses import Response

from carriers import CARRIERS
from carriers.money import Money
from service.flows import change_cod, rebook, ship
from service.flows.rebook import RebookRefused, Why
from service.flows.ship import ShipmentRefused
from service.lanes import TenantId
from service.rig import Rig
from service.shipments import Parcel
from service.steps import carriage
from service.steps.asking import ComeAgain, Declined
from service.steps.shipper import NotTheShipper
from service.tickets import Session
from service.web import boxes as typed
from service.web import services, words
from service.web.acts import Fields, Refusal, account_of, not_done, number
from service.web.labels_view import Labels
from service.web.shipping_form import BY, YES
from service.web.wms.said import AMOUNT, CODE
from service.web.words import Words

SAID = {  # where it is told
    "again_said": "parked",
    "cancel_said": "labels",
    "collect_said": "labels",
    "elsewhere_said": "parked",
    "let_be_said": "parked",
    "stray_said": "parked",
    "stopped_off_said": "stopped",
}
STATUS_OF = {Why.UNKNOWN: 404, Why.UNFIT: 422}

Form = Mapping[str, str]
Told = Callable[[Session, str | Refusal, Form], Response]
Act = Callable[[Rig, TenantId, Form, Words], str | Refusal]


def acts(rig: Rig, told: Told) -> dict[str, Callable[[Session, Fields], Response]]:
    """Return the doors of the acts, by the end of their paths."""
    found: dict[str, Act] = {"again": again, "elsewhere": elsewhere, "let-be": let_be, "cancel": cancel}
    found["collect"] = collect
    found["seen-to"] = seen_to
    return {name: partial(_act, rig, told, act) for name, act in found.items()}


def _act(rig: Rig, told: Told, act: Act, session: Session, fields: Fields) -> Response:
    form, spoken = dict(fields), words.IN[words.language(session.language)]
    card = form.get("booking", "")
    try:
        outcome = act(rig, session.tenant_id, form, spoken)
    except RebookRefused as refused:
        faults = dict(enumerate(services.told(spoken, refused.faults)))
        named = {str(place): text for place, text in faults.items()}
        outcome = Refusal(card, f"act_{refused.why}", STATUS_OF.get(refused.why, 409), named)
    except (ComeAgain, Declined, NotTheShipper) as why:
        outcome = not_done(card, why)
    except ShipmentRefused:
        outcome = Refusal(card, "act_changed", 409)
    return told(session, outcome, form)


def again(rig: Rig, tenant_id: TenantId, form: Form, _: Words) -> str | Refusal:
    """Ask once more for a label, as the order is now."""
    card, text = form.get("booking", ""), form.get("boxes", "").strip()
    boxes = typed.of(text) if text else ()
    if form.get("looks") == YES and form.get("looked") != YES:
        return Refusal(card, "again_look_first")
    if boxes is None:
        return Refusal(card, "pack_fault_boxes")
    over = number(form.get("over", ""))
    rebook.again(rig, tenant_id, card, over=over, boxes=boxes, as_it_was=form.get("how") == "same", by=BY)
    return "again_said"


def elsewhere(rig: Rig, tenant_id: TenantId, form: Form, _: Words) -> str | Refusal:
    """Take the number of a label that was made elsewhere: the order leaves with it."""
    card, code, carrier = form.get("booking", ""), carriage.code_of(form.get("code", "")), form.get("carrier", "")
    if not CODE.fullmatch(code) or carrier not in CARRIERS:
        return Refusal(card, "elsewhere_code_odd")
    leaving = rebook.leaving(rig, tenant_id, card, over=number(form.get("over", "")))
    if not leaving:
        return Refusal(card, "act_voided", 409)
    for one in leaving:
        parcels = (Parcel(carrier, code, None),)
        ship.correct(rig, {tenant_id}, one.shipment_id, parcels=parcels, final=one.final, by=BY)
    rebook.let_be(rig, tenant_id, card, by=BY)
    return "elsewhere_said"


def let_be(rig: Rig, tenant_id: TenantId, form: Form, _: Words) -> str | Refusal:
    """Be done with a label: its shipment is taken back, and its order may be packed again."""
    return _given_up(rig, tenant_id, form, rebook.let_be, "let_be_said")


def cancel(rig: Rig, tenant_id: TenantId, form: Form, _: Words) -> str | Refusal:
    """Take a label back, at its carrier too, and its shipment with it."""
    return _given_up(rig, tenant_id, form, rebook.take_back, "cancel_said")


def collect(rig: Rig, tenant_id: TenantId, form: Form, _: Words) -> str | Refusal:
    """Have another amount collected for a parcel, at its carrier too."""
    card, text = form.get("booking", ""), "".join(form.get("amount", "").split()).replace(",", ".")
    if not re.fullmatch(AMOUNT, text):
        return Refusal(card, "ask_invalid")
    try:
        amount = Money.read(text, form.get("currency", ""))
    except ValueError:
        return Refusal(card, "ask_invalid")
    account_id = account_of(rig, tenant_id)
    change_cod.run(rig, {tenant_id}, form.get("shipment", ""), amount, account_id=account_id, by=BY)
    return "collect_said"


def _given_up(rig: Rig, tenant_id: TenantId, form: Form, end: Callable[..., None], said: str) -> str | Refusal:
    card = form.get("booking", "")
    if form.get("confirm") != YES:
        return Refusal(card, "confirm_missing")
    for one in rebook.leaving(rig, tenant_id, card, over=number(form.get("over", ""))):
        ship.void(rig, {tenant_id}, one.shipment_id, by=BY)
    end(rig, tenant_id, card, by=BY)
    return said


def seen_to(rig: Rig, tenant_id: TenantId, form: Form, _: Words) -> str | Refusal:
    """Hear that a parcel whose number no label has was stopped."""
    if form.get("confirm") != YES:
        return Refusal("parked", "confirm_missing")
    over = number(form.get("over", ""))
    is_over = rebook.seen_to(rig, tenant_id, form.get("order", ""), by=BY, over=over)
    return "stray_said" if is_over else Refusal("parked", "act_changed", 409)


def card_of(refusal: Refusal, found: Labels) -> str:
    """Return the card a refusal is told on: that of its label where it is still shown, else that of the page."""
    shown = {each.label.booking_id for each in found.decisions} | {
        each.booking_id for each in (*found.under_way, *found.ready)
    }
    return refusal.card if refusal.card in {*shown, "pack", "labels", "parked", "stopped", "hand-over"} else "page"


def carriers(spoken: Words) -> list[tuple[str, str]]:
    """Return who may carry a parcel we made no label for."""
    return [(code, spoken.get(f"carrier_{code}") or spoken[f"other_{code}"]) for code in CARRIERS]
