"""The lists a shop is set up with: statuses, shipments with pick-up points, payments, owners, languages, warehouses.

Ids differ from shop to shop; only types and codes mean the same everywhere (contract 4.6, 4.9, 4.10).
"""

import random
from datetime import datetime, timedelta

from simulator import names
from simulator.shop import Record
from simulator.wire import stamp

CURRENCIES = {"cs": "CZK", "sk": "EUR", "en": "CZK"}
COUNTRIES = {"cs": "cz", "sk": "sk", "en": "cz"}
EUR_RATE = 0.04  # price in the default currency = price x (1 / rate), contract 4.1

STATUSES = (  # type, Czech, Slovak, colour, marks resolved, marks paid
    ("Received", "Přijatá", "Prijatá", "#2a7ae2", False, False),
    ("Canceled", "Storno", "Storno", "#c0392b", True, False),
    ("Sent", "Odeslaná", "Odoslaná", "#27ae60", True, False),
    ("PaymentSuccessful", "Platba proběhla", "Platba prebehla", "#16a085", False, True),
    ("PaymentFailed", "Platba selhala", "Platba zlyhala", "#e67e22", False, False),
    ("PaymentCanceled", "Platba zrušena", "Platba zrušená", "#d35400", False, False),
    ("PaymentInProcess", "Čeká na platbu", "Čaká na platbu", "#f1c40f", False, False),
    ("Unresolved", "Nevyřízená", "Nevybavená", "#7f8c8d", False, False),
    ("Custom", "Připravena k expedici", "Pripravená na expedíciu", "#8e44ad", False, False),
    ("Custom", "Zabalená", "Zabalená", "#9b59b6", False, False),
    ("Custom", "Doručená", "Doručená", "#2ecc71", True, True),
    ("Custom", "Storno", "Storno", "#95a5a6", False, False),  # named like a system status, is none (T25, 4.7.6)
)

# code, type, Czech, Slovak, kinds of pick-up points, price, tracking template, active
# guess: the placeholder of the tracking template, B23
SHIPMENTS = (
    (
        "ZASILKOVNA",
        "zasilkovna",
        "Zásilkovna – výdejní místo",
        "Packeta – výdajné miesto",
        ["zasilkovna"],
        79,
        "packeta",
        True,
    ),
    ("ZAS-HD", "zasilkovna", "Zásilkovna na adresu", "Packeta na adresu", None, 109, "packeta", True),
    ("PPL", "ppl", "PPL na adresu", "PPL na adresu", None, 119, "ppl", True),
    ("PPL-PS", "ppl", "PPL ParcelShop", "PPL ParcelShop", ["parcelShop", "parcelBox"], 75, "ppl", True),
    ("GLS-PS", "gls", "GLS ParcelShop", "GLS ParcelShop", ["parcelShop", "parcelBox"], 69, "gls", True),
    ("DPD", "dpd", "DPD na adresu", "DPD na adresu", None, 115, "dpd", True),
    ("DPD-BOX", "dpd", "DPD výdejní box", "DPD výdajný box", ["dpdBox", "pickupPoint"], 72, "dpd", True),
    ("BALIKOVNA", "ceskaPosta", "Balíkovna", "Balíkovna", ["balikovna", "naPostu"], 65, "posta", True),
    (
        "SKPOSTA",
        "slovenskaPosta",
        "Slovenská pošta – BalíkoBOX",
        "Slovenská pošta – BalíkoBOX",
        ["balikobox", "postaPoint"],
        89,
        "skposta",
        True,
    ),
    ("WEDO", "wedo", "WE|DO Box", "WE|DO Box", ["wedoBox", "wedoPoint"], 59, "wedo", True),
    ("OSOBNE", "custom", "Osobní odběr na prodejně", "Osobný odber na predajni", ["custom"], 0, None, True),
    (None, "custom", "Náš řidič", "Náš vodič", None, 50, None, True),
    ("ULOZENKA", "ulozenka", "Uloženka", "Uloženka", ["ulozenka"], 55, None, False),
)
POINT_IDS = {  # each carrier's own numbering
    "zasilkovna": lambda rng: str(rng.randint(100, 29_999)),
    "ppl": lambda rng: f"KM{rng.randint(10_000_000, 19_999_999)}",
    "gls": lambda rng: f"CZ{rng.randint(10_000, 79_999)}-PARCEL{rng.randint(1, 9):02d}",
    "dpd": lambda rng: f"CZ{rng.randint(10_000, 99_999)}",
    "ceskaPosta": lambda rng: f"B{rng.randint(10_000, 79_999)}",
    "slovenskaPosta": lambda rng: f"{rng.randint(80_000, 98_000)}-BB",
    "wedo": lambda rng: f"WB{rng.randint(100, 999)}",
    "custom": lambda rng: f"prodejna{rng.randint(1, 99)}",
    "ulozenka": lambda rng: str(rng.randint(1, 400)),
}
PAYMENTS = (  # code, type, Czech, Slovak, price, price type, active
    ("DOBIRKA", "cashOnDelivery", "Dobírka", "Dobierka", 39, "fixed", True),
    ("PREVOD", "command", "Převodem na účet", "Prevodom na účet", 0, "fixed", True),
    ("COMGATE", "comgate", "Kartou online", "Kartou online", 0, "fixed", True),
    ("GOPAY", "gopay", "GoPay", "GoPay", 0, "fixed", True),
    ("PAYPAL", "paypal", "PayPal", "PayPal", 2, "percentage", True),
    (None, "cash", "Hotově při převzetí", "V hotovosti", 0, "fixed", True),
    ("SPLATKY", "custom", "Na splátky", "Na splátky", 0, "fixed", False),
)


def texts(czech: str, slovak: str) -> list[Record]:
    """Return a name in both languages as code lists hold it."""
    return [{"language_id": "cs", "name": czech}, {"language_id": "sk", "name": slovak}]


def statuses(rng: random.Random, now: datetime, *, older: bool) -> dict[int, Record]:
    """Return order statuses by id. An `older` shop has no `Sent` (contract 4.6)."""
    made = stamp(now - timedelta(days=700))
    found: dict[int, Record] = {}
    id_ = rng.randint(1, 4)
    for type_, czech, slovak, color, resolved, paid in STATUSES:
        if older and type_ == "Sent":
            continue
        found[id_] = {
            "id": id_,
            "type": type_,
            "color": color,
            "descriptions": texts(czech, slovak),
            "mark_resolved_yn": resolved,
            "mark_paid_yn": paid,
            "last_update_time": made,
            "creation_time": made,
        }
        id_ += rng.randint(1, 5)
    return found


def shipments(rng: random.Random, slug: str) -> tuple[dict[int, Record], dict[int, list[Record]]]:
    """Return shipments by id and the pick-up points of each; ids print as strings here, as ints in orders (T30)."""
    found: dict[int, Record] = {}
    points: dict[int, list[Record]] = {}
    id_ = rng.randint(2, 9)
    for code, type_, czech, slovak, kinds, price, tracking, active in SHIPMENTS:
        described = [
            {**text, "description": None, "price": cost, "free_from": free}
            for text, cost, free in zip(
                texts(czech, slovak), (float(price), round(price * EUR_RATE, 2)), (1500.0, None), strict=True
            )
        ]
        found[id_] = {
            "id": str(id_),
            "code": code,
            "image_url": f"https://{slug}.example.com/logo/{type_}.png" if tracking else None,
            "type": type_,
            "active_yn": active,
            "affiliates": kinds,
            "tracking_url": f"https://tracking.example.com/{tracking}/?id={{tracking_code}}" if tracking else None,
            "internal_note": "Nepoužívat na velké balíky" if type_ == "wedo" else None,
            "descriptions": described,
            "metas": [{"key": "expedition_carrier", "type": "select", "value": type_, "values": {}}]
            if tracking
            else [],
        }
        if kinds:
            points[id_] = [point(rng, type_) for _ in range(24)]
        id_ += rng.randint(1, 3)
    return found, points


def point(rng: random.Random, carrier: str) -> Record:
    """Return one pick-up point of a carrier type."""
    language = "sk" if carrier == "slovenskaPosta" else rng.choice(("cs", "cs", "sk"))
    town, _, postcode = rng.choice(names.TOWNS[language])
    return {
        "affiliate_id": POINT_IDS[carrier](rng),
        "name": f"{town}, {rng.choice(names.STREETS_CITIES_POINTS)}",
        "street": f"{rng.choice(names.STREETS[language])} {rng.randint(1, 199)}",
        "city": town,
        "zip": postcode,
        "country": COUNTRIES[language],
        "note": rng.choice((None, None, "Vchod ze dvora")),
    }


def payments(rng: random.Random) -> dict[int, Record]:
    """Return payments by id."""
    found: dict[int, Record] = {}
    id_ = rng.randint(3, 12)
    for code, type_, czech, slovak, price, price_type, active in PAYMENTS:
        in_euro = round(price * EUR_RATE, 2) if price_type == "fixed" else float(price)
        found[id_] = {
            "id": str(id_),
            "code": code,
            "image_url": None,
            "type": type_,
            "active_yn": active,
            "descriptions": [
                {**text, "description": None, "price": cost, "price_type": price_type, "free_from": None}
                for text, cost in zip(texts(czech, slovak), (float(price), in_euro), strict=True)
            ],
            "metas": [],
        }
        id_ += rng.randint(1, 4)
    return found


def owners(rng: random.Random, slug: str) -> list[Record]:
    """Return two owners, one per language (contract 4.11)."""
    number = str(rng.randint(10_000_000, 89_999_999))
    account = str(rng.randint(1_000_000, 9_999_999))
    czech = {
        "company": f"{slug.replace('-', ' ').title()} s.r.o.",
        "company_number": number,
        "vat_number": f"CZ{number}",
        "vat_country_id": "cz",
        "street": "Pod Lipami 12",
        "city": "Rožnov pod Radhoštěm",
        "state": "Zlínský kraj",
        "zip": "756 61",
        "country_id": "cz",
        "language_id": "cs",
        "email": f"obchod@{slug}.example.com",
        "phone": "+420 601 123 456",
        "firstname": "Řehoř",
        "surname": "Šťastný",
        "bank_account": account,
        "bank_symbol": "0100",
        "bank_specific_symbol": None,
        "iban": None,
        "swift": None,
    }
    slovak = {
        **czech,
        "company": f"{slug.replace('-', ' ').title()} SK s.r.o.",
        "company_number": str(rng.randint(30_000_000, 56_999_999)),
        "vat_number": None,
        "vat_country_id": None,
        "street": "Štúrova 5",
        "city": "Žilina",
        "state": "Žilinský kraj",
        "zip": "010 01",
        "country_id": "sk",
        "language_id": "sk",
        "email": f"obchod@{slug}.example.org",
        "phone": "+421 905 123 456",
        "bank_symbol": "1100",
    }
    return [czech, slovak]


def languages(slug: str, main: str) -> list[Record]:
    """Return the mutations; `en` is an alias whose real language is Czech (contract 1.6, T55)."""
    domains = {"cs": f"www.{slug}.example.com", "sk": f"www.{slug}-sk.example.com", "en": f"b2b.{slug}.example.com"}
    return [
        {
            "language_id": language,
            "actual_language_id": "cs" if language == "en" else language,
            "active_yn": True,
            "default_yn": language == main,
            "domain": domains[language],
            "currency_id": CURRENCIES[language],
            "default_country_id": COUNTRIES[language],
            "logo_url": f"https://{slug}.example.com/logo.svg" if language == main else None,
            "logo_no_svg": f"https://{slug}.example.com/logo.png" if language == main else None,
        }
        for language in ("cs", "sk", "en")
    ]


def stocks(now: datetime) -> dict[int, Record]:
    """Return additional warehouses (contract 4.8)."""
    made = stamp(now - timedelta(days=200))
    return {
        id_: {
            "id": id_,
            "code": code,
            "active_yn": id_ == 3,
            "street": "Skladová 1" if id_ == 3 else None,
            "city": town,
            "zip": "619 00" if id_ == 3 else None,
            "country_id": "cz" if id_ == 3 else None,
            "position": id_ - 2,
            "descriptions": [
                {"language": language, "name": name, "active_yn": True, "description": None}
                for language in ("cs", "sk")
            ],
            "creation_time": made,
            "last_update_time": made,
        }
        for id_, code, town, name in ((3, "BRNO", "Brno", "Sklad Brno"), (7, None, "Žilina", "Sklad Žilina"))
    }
