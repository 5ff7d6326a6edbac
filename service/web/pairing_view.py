"""The shop's shipments as they are paired: what stands, what would fit and why, and why others would not."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from service import affiliates, codebooks, contracts, db, offers, pairings, tenants
from service.affiliates import Source
from service.codebooks import Entry
from service.lanes import TenantId
from service.offers import told
from service.pairings import Pairing
from service.rig import Rig
from service.steps import logins, suggesting
from service.steps import pairing as pairs
from service.steps.pairing import Ables, Bar
from service.steps.suggesting import Suggestion
from service.web import option_line, services
from service.web.shipping_view import name_in
from service.web.words import Language, Words

COUNTRIES = {"cs": "CZ", "sk": "SK", "hu": "HU", "pl": "PL", "ro": "RO"}  # of a shop by its main language
ORDERS_MOST = 500  # of which couriers are learnt


@dataclass(frozen=True)
class Form:
    """What stands in the form of one shipment, as text; `service` and `second` name the carrier too: `ppl PRIV`."""

    service: str = ""
    options: str = ""
    second: str = ""
    after: str = ""
    weight: str = ""


@dataclass(frozen=True)
class Offer:
    """A suggestion in words."""

    value: str
    what: str
    because: str
    options: str


@dataclass(frozen=True)
class Card:
    """One shipment of the shop."""

    shipment_id: str
    name: str
    over: int
    paired: str
    against: Sequence[str]  # what has come in the way of the pairing that stands
    suggestions: Sequence[Offer]
    barred: Sequence[str]  # why it cannot be paired with anything
    choices: Mapping[str, Sequence[tuple[str, str]]]  # by carrier
    why_not: Sequence[tuple[str, str]]
    form: Form


@dataclass(frozen=True)
class Pairings:
    """All that the page shows; `options`: what each carrier knows besides, by their names."""

    shop_name: str | None
    has_logins: bool
    cards: Sequence[Card]
    options: Mapping[str, Mapping[str, str]]


def look(
    conn: db.Conn, rig: Rig, tenant_id: TenantId, language: Language, words: Words, *, typed: tuple[str, Form] | None
) -> Pairings:
    """Return what the page shows now; `typed`: what was typed into the form of a shipment."""
    shop = tenants.of(conn, tenant_id)
    ables = logins.ables(rig, contracts.usable(conn, tenant_id))
    paired = pairings.of(conn, tenant_id)
    listed = codebooks.ever(conn, tenant_id, "shipments")
    couriers = couriers_of(conn, tenant_id)
    country, shown = country_of(conn, tenant_id), affiliates.shown(conn, tenant_id)
    cards: list[Card] = []
    for shipment_id, entry in sorted(listed.items(), key=lambda each: (each[1].gone_at is not None, each[0])):
        known = paired.get(shipment_id)
        if entry.gone_at and not known:
            continue
        ours = shown.get(shipment_id)
        bearing = couriers.get(shipment_id, ())
        advice = suggesting.advice(entry, ables, country=country, couriers=bearing, ours=ours)
        choices, why_not = sorted_out(entry, ables, words, ours)
        cards.append(
            Card(
                shipment_id=shipment_id,
                name=name_in(entry.content, language),
                over=known.revision if known else 0,
                paired=standing(known, words) if known else "",
                against=[words[f"bar_{bar}"] for bar in pairs.bars(entry, known, ables, ours)] if known else [],
                suggestions=[] if known else [offer(each, words) for each in advice.suggestions],
                barred=[words[f"bar_{bar}"] for bar in advice.bars] if not choices else [],
                choices=choices,
                why_not=why_not,
                form=typed[1] if typed and typed[0] == shipment_id else form_of(known),
            )
        )
    return Pairings(shop.shop_name if shop else None, bool(ables), cards, options_of(ables, words))


def options_of(ables: Ables, words: Words) -> dict[str, Mapping[str, str]]:
    """Return which options a pairing may have with each carrier, under the login there is."""
    known = {code: pairs.options_of(code, ables[code]) for code in sorted(ables)}
    return {
        words[f"carrier_{code}"]: {name: words[f"option_{code}_{name}"] for name in sorted(names)}
        for code, names in known.items()
        if names
    }


def couriers_of(conn: db.Conn, tenant_id: TenantId) -> dict[str, set[str]]:
    """Return which couriers behind Packeta the orders on the line bear, by the shop's id of the shipment."""
    found: dict[str, set[str]] = defaultdict(set)
    for shown in offers.after(conn, tenant_id, 0, most=ORDERS_MOST):
        if shown.content and (courier := told.courier(shown.content)):
            shipment = told.of(shown.content)["shipment"]
            found[str(shipment["id"])].add(courier)
    return found


def country_of(conn: db.Conn, tenant_id: TenantId) -> str:
    """Return the shop's own country, by its main language."""
    languages = [each.content for each in codebooks.entries(conn, tenant_id, "languages").values()]
    main = [each.get("language_id") for each in languages if told.is_true(each.get("default_yn"))]
    return COUNTRIES.get(str(main[0]) if main else "", "CZ")


def sorted_out(
    entry: Entry, ables: Ables, words: Words, ours: Source | None
) -> tuple[dict[str, list[tuple[str, str]]], list[tuple[str, str]]]:
    """Return the services a shipment may be paired with, by carrier, and of the others why not."""
    choices: dict[str, list[tuple[str, str]]] = defaultdict(list)
    others: dict[Bar, list[str]] = defaultdict(list)
    for carrier, able in sorted(ables.items()):
        for code in able.services:
            against = pairs.bars(entry, Pairing(carrier, code), ables, ours)
            if against:
                others[against[0]].append(services.carried(words, carrier, code))
            else:
                choices[words[f"carrier_{carrier}"]].append(
                    (f"{carrier} {code}", services.service(words, carrier, code))
                )
    return dict(choices), [(words[f"bar_{bar}"], ", ".join(names)) for bar, names in others.items()]


def standing(known: Pairing, words: Words) -> str:
    """Return a pairing in words."""
    first = services.carried(words, known.carrier, known.service)
    second = known.second
    if second is None:
        return first
    instead = services.carried(words, second.carrier, second.service)
    return words["pairing_with_second"].format(first=first, second=instead, minutes=second.after_min)


def offer(each: Suggestion, words: Words) -> Offer:
    """Return a suggestion in words."""
    because = "; ".join(words[f"fits_{reason}"].format(said=said) for reason, said in each.because)
    what = services.carried(words, each.carrier, each.service)
    return Offer(f"{each.carrier} {each.service}", what, because, option_line.written(each.options))


def form_of(known: Pairing | None) -> Form:
    """Return the form as it stands."""
    if known is None:
        return Form()
    second = known.second
    return Form(
        f"{known.carrier} {known.service}",
        option_line.written(known.options),
        f"{second.carrier} {second.service}" if second else "",
        str(second.after_min) if second else "",
        str(known.parcel_weight_g or ""),
    )


def known_bars(bars: Collection[Bar], words: Words) -> str:
    """Return what stands in the way, in one line."""
    return " ".join(words[f"bar_{bar}"] for bar in bars)
