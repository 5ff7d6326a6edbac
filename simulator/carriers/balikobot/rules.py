"""What a package must be like, field by field, with the code of what is wrong (carriers.md 6.2)."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import chain
from typing import Any

from simulator.carriers.balikobot import inners, network
from simulator.carriers.balikobot.asking import Asked
from simulator.carriers.balikobot.inners import Service

MISSING, CONFLICT, WRONG = 406, 409, 413
TEXTS = {  # what return_full_errors says; the words are guesses
    MISSING: "Povinný údaj chybí.",
    CONFLICT: "Údaj je v rozporu s jiným údajem nebo profil není úplný.",
    WRONG: "Údaj má nepovolený formát nebo hodnotu.",
    416: "Neplatné datum.",
}
EID = re.compile(r"[A-Za-z0-9-]{8,40}")  # SINGLE in the contract
CODE = re.compile(r"[A-Z0-9]{1,8}")
PHONE = re.compile(r"\+\d{9,15}")
EMAIL = re.compile(r"[^@\s\"]+@[^@\s\"]+\.[^@\s\"]{2,}")
ZIPS = {"CZ": r"\d{5}", "SK": r"\d{5}", "PL": r"\d{2}-?\d{3}", "HU": r"\d{4}", "RO": r"\d{6}", "DE": r"\d{5}",
        "AT": r"\d{4}"}  # fmt: skip
WHO = ("name", "firm", "street", "street_append", "house_number", "city", "zip", "region", "country", "phone", "email")
TEXT = {
    *(f"{whose}_{name}" for whose in ("rec", "sen") for name in WHO),
    *("eid", "service_type", "branch_id", "ins_currency", "cod_currency", "vs", "real_order_id", "note", "content"),
    *("bank_account_number", "bank_code", "iban", "swift", "invoice_number", "invoice_pdf", "eori"),
}
NUMBER = {"weight", "width", "length", "height", "price", "cod_price"}
WHOLE = {"order_number", "pieces_count"}
SERVICES = (
    *("sat_delivery", "sms_notification", "email_notification", "phone_notification", "require_full_age", "swap"),
    *("credit_card", "del_evening", "open_before_payment"),
)
FLAG = {*SERVICES, "del_insurance", "return_track", "return_full_errors", "get_piece_numbers"}


def _is_service(value: object) -> bool:
    """Say whether an extra service is a flag's name or a code. Guess: what codes of carriers look like."""
    return isinstance(value, str) and (value in SERVICES or CODE.fullmatch(value) is not None)


def _is_good(value: object) -> bool:
    """Say whether something is a row of goods. Guess: an object; what its names are is not printed."""
    return isinstance(value, dict) and bool(value)


LIST: dict[str, Callable[[object], bool]] = {"services": _is_service, "content_data": _is_good}
ATTRIBUTES = (*sorted(TEXT), *sorted(NUMBER), *sorted(WHOLE), *sorted(FLAG), *sorted(LIST))
STEPS = {"CZK": Decimal(1), "HUF": Decimal(1)}  # whole ones (carriers.md 0)
CENT = Decimal("0.01")
MOST = 100_000_000
MOST_CONTENT = 90
CUT_NOTE = 350

Wrong = Iterator[tuple[str, int]]


def wrong(asked: Asked, told: dict[str, Any]) -> dict[str, int]:
    """Return the code of what is wrong with each field, nothing for a package that can be added."""
    found = dict(_types(told))
    good = {name: value for name, value in told.items() if name not in found and value not in (None, "")}
    service = asked.inner.service(good.get("service_type"))
    checks = chain(
        _names(good),
        () if "service_type" in good and service else [("service_type", WRONG if "service_type" in good else MISSING)],
        _who(good, service),
        _where(asked, good, service) if service else (),
        _money(good, service),
        _box(asked, good, service),
        _rest(asked, good),
    )
    for name, code in checks:
        found.setdefault(name, code)
    return found


def _types(told: dict[str, Any]) -> Wrong:
    """Yield unknown fields and values of a wrong type; null is as good as left out. Guess: an unknown one is 413."""
    for name, value in told.items():
        if value is not None and not _fits(name, value):
            yield name, WRONG


def _fits(name: str, value: Any) -> bool:
    if name in TEXT:
        return isinstance(value, str)
    if name in NUMBER:
        return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST
    if name in WHOLE:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 1
    if name in FLAG:
        return isinstance(value, bool)
    return name.startswith("declaration_") or (name in LIST and isinstance(value, list) and all(map(LIST[name], value)))


def _names(good: dict[str, Any]) -> Wrong:
    if "eid" not in good:
        yield "eid", MISSING
    elif not EID.fullmatch(good["eid"]):
        yield "eid", WRONG
    if len(good.get("real_order_id", "")) > 10:
        yield "real_order_id", WRONG


def _who(good: dict[str, Any], service: Service | None) -> Wrong:
    if "rec_name" not in good and "rec_firm" not in good:
        yield "rec_name", MISSING
    if service and not service.kinds:  # guess: an address is needed where nobody else has one
        yield from ((name, MISSING) for name in ("rec_street", "rec_city", "rec_zip") if name not in good)
    country = good.get("rec_country", "CZ")
    if service and country not in service.countries:
        yield "rec_country", WRONG
    for whose in ("rec", "sen"):
        home = good.get(f"{whose}_country", "CZ")
        if f"{whose}_zip" in good and not re.fullmatch(ZIPS.get(home, r"[0-9A-Z-]{3,10}"), good[f"{whose}_zip"]):
            yield f"{whose}_zip", WRONG
        if f"{whose}_phone" in good and not PHONE.fullmatch(good[f"{whose}_phone"]):
            yield f"{whose}_phone", WRONG
        if f"{whose}_email" in good and not EMAIL.fullmatch(good[f"{whose}_email"]):
            yield f"{whose}_email", WRONG
    # "Usually both": both where somebody must be told that a parcel waits, else one of them (guess).
    if "rec_phone" not in good and ((service and service.kinds) or "rec_email" not in good):
        yield "rec_phone", MISSING
    if "rec_email" not in good and service and service.kinds:
        yield "rec_email", MISSING


def _where(asked: Asked, good: dict[str, Any], service: Service) -> Wrong:
    if not service.kinds:
        if "branch_id" in good:
            yield "branch_id", CONFLICT
        return
    if "branch_id" not in good:
        yield "branch_id", MISSING
        return
    point = asked.world.points.get(network.key(asked.inner, good["branch_id"]))
    fits = point is not None and point.is_open and network.serves(service, point)
    if point is None or not fits or point.country != good.get("rec_country", "CZ"):
        yield "branch_id", WRONG
    elif good.get("weight", 0) > point.most_weight_g / 1_000:
        yield "weight", WRONG  # the list tells `max_weight`


def _money(good: dict[str, Any], service: Service | None) -> Wrong:
    if good.get("del_insurance") and "price" not in good:
        yield "price", MISSING
    for name in ("ins_currency", "cod_currency"):
        if name in good and good[name] not in inners.CURRENCIES.values():
            yield name, WRONG
    if "vs" in good and not re.fullmatch(r"\d{1,10}", good["vs"]):
        yield "vs", WRONG
    if not good.get("cod_price"):
        return
    yield from ((name, MISSING) for name in ("cod_currency", "vs") if name not in good)
    currency = inners.CURRENCIES.get(good.get("rec_country", "CZ"), "EUR")
    if good.get("cod_currency", currency) != currency:
        yield "cod_currency", WRONG  # guess: that it must be the destination's
    if (service and not service.cod) or amount(good["cod_price"]) % STEPS.get(currency, CENT):
        yield "cod_price", WRONG
    if is_swap(good):
        yield "swap", CONFLICT
        yield "cod_price", CONFLICT


def _box(asked: Asked, good: dict[str, Any], service: Service | None) -> Wrong:
    if "weight" not in good:
        yield "weight", MISSING  # guess: the contract marks it neither required nor optional
    elif not good["weight"] or (service and good["weight"] > service.most_kg):
        yield "weight", WRONG
    yield from ((side, WRONG) for side in ("width", "length", "height") if good.get(side) == 0)
    if not asked.inner.multi:
        yield from ((name, WRONG) for name in sorted(WHOLE) if good.get(name, 1) > 1)


def _rest(asked: Asked, good: dict[str, Any]) -> Wrong:
    if len(good.get("content", "")) > MOST_CONTENT:
        yield "content", WRONG
    if asked.inner.code in asked.account.given.get("ranges", {}):
        yield "service_range", asked.account.given["ranges"][asked.inner.code]


def is_swap(told: dict[str, Any]) -> bool:
    """Say whether another package is taken back in exchange."""
    return told.get("swap") is True or "swap" in told.get("services", ())


def amount(number: float) -> Decimal:
    """Return a JSON number as it was written."""
    return Decimal(repr(number))
