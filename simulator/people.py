"""Customers of a seeded shop and the address block an order copies from them."""

import random
import unicodedata
from datetime import datetime, timedelta

from simulator import names
from simulator.codelists import COUNTRIES, CURRENCIES
from simulator.shop import Record, Shop
from simulator.wire import stamp, stamp_of

NOWHERE: Record = {
    f"{part}_postal": None
    for part in ("firstname", "surname", "street", "city", "state", "zip", "country_id", "company")
}


def fill(shop: Shop, now: datetime, count: int) -> None:
    """Add `count` customers."""
    for _ in range(count):
        row = make(shop, now - timedelta(days=shop.rng.randint(1, 700), seconds=shop.rng.randint(0, 86_399)))
        shop.customers[row["customer_id"]] = row


def make(shop: Shop, created: datetime) -> Record:
    """Return one customer: contact, registered person or company (contract 4.14)."""
    rng = shop.rng
    id_ = shop.serial("customers")
    language = shop.language if rng.random() < 0.85 else "sk" if shop.language == "cs" else "cs"
    female = rng.random() < 0.55
    first, last = rng.choice(names.FIRST_NAMES[language][female]), rng.choice(names.SURNAMES[language][female])
    kind = rng.choice(("contact", "contact", "customer", "company"))
    return {
        "customer_id": id_,
        "type": kind,
        "degree": "Ing." if id_ % 13 == 0 else None,
        "firstname": first,
        "surname": last,
        "nickname": None,
        "code": f"C{id_:05d}" if id_ % 4 else None,
        "language": language,
        "newsletter_yn": id_ % 3 == 0,
        "newsletter_accept": "yes" if id_ % 3 == 0 else "notset",
        "pricelist": "Velkoobchod" if kind == "company" and id_ % 2 else "Výchozí",
        "base_turnover": 0.0,
        "turnover": f"{rng.randint(0, 90_000)}.00",
        "turnover_currency": CURRENCIES[language],
        "company": _company(rng, language) if kind == "company" else None,
        "communication": {
            "phone": phone(rng, language),
            "fax": None,
            "im": None,
            "salutation": None,
            "declension": None,
        },
        "login": {"active_yn": kind != "contact", "blocked_yn": id_ % 97 == 0, "email": email(first, last, id_)},
        "groups": {"4": "Stálí zákazníci"} if id_ % 10 == 0 else {},
        "note": None,
        "addresses": {
            "billing": address(rng, language),
            "postal": [_elsewhere(rng, language)] if rng.random() < 0.25 else [],
        },
        "metas": [],
        "creation_time": stamp(created),
        "last_update_time": stamp(created),
        "admin_url": f"https://{shop.slug}.example.com/manager/customers/main/default/{id_}",
    }


def address(rng: random.Random, language: str) -> Record:
    """Return a billing address; the country is in lower case (T55)."""
    town, district, postcode = rng.choice(names.TOWNS[language])
    return {
        "street": f"{rng.choice(names.STREETS[language])} {rng.randint(1, 2400)}{rng.choice(('', '', '', '/12a'))}",
        "city": town,
        "state": district if rng.random() < 0.4 else None,
        "zip_code": postcode,
        "country_id": COUNTRIES[language],
    }


def phone(rng: random.Random, language: str) -> str:
    """Return a phone number the way customers type it (T40)."""
    number = f"{rng.choice((601, 602, 605, 721, 737, 777)) if language == 'cs' else rng.choice((903, 905, 911, 948))}"
    rest = f"{rng.randint(0, 999_999):06d}"
    prefix = "420" if language == "cs" else "421"
    return rng.choice(
        (
            f"+{prefix}{number}{rest}",
            f"+{prefix} {number} {rest[:3]} {rest[3:]}",
            f"00{prefix}{number}{rest}",
            f"{number} {rest[:3]} {rest[3:]}",
        )
    )


def email(first: str, last: str, id_: int) -> str:
    """Return an address that never reaches anybody."""
    plain = unicodedata.normalize("NFKD", f"{first}.{last}").encode("ascii", "ignore").decode().lower()
    return f"{plain}{id_}@example.{'com' if id_ % 2 else 'org'}"


def on_order(shop: Shop, customer: Record | None, at: int) -> Record:
    """Return the `customer` block of an order; None is an order entered by hand without a customer."""
    rng = shop.rng
    if customer is None:
        return _nobody()
    company, billing = customer["company"] or {}, customer["addresses"]["billing"]
    elsewhere = customer["addresses"]["postal"]
    return {
        "email": customer["login"]["email"],
        "phone": customer["communication"]["phone"] if rng.random() < 0.97 else None,
        "code": customer["code"],
        "customer_id": customer["customer_id"],
        "customer_pricelist_id": 2 if customer["pricelist"] != "Výchozí" else None,
        "pricelist_name": customer["pricelist"] if customer["pricelist"] != "Výchozí" else None,
        "pricelist_percent": 10 if customer["pricelist"] != "Výchozí" else None,
        "firstname_invoice": customer["firstname"],
        "surname_invoice": customer["surname"],
        "street_invoice": billing["street"],
        "city_invoice": billing["city"],
        "state_invoice": billing["state"],
        "zip_invoice": billing["zip_code"],
        "country_id_invoice": billing["country_id"],
        "postal_yn": bool(elsewhere),
        **(_postal(elsewhere[0]) if elsewhere else {key: rng.choice((None, None, "")) for key in NOWHERE}),
        "company_yn": bool(company),
        "company": company.get("name"),
        "ico": company.get("company_number"),
        "dic": company.get("vat_number"),
        "vat_payer_yn": bool(company.get("vat_payer_yn")),
        "customer_note": rng.choice(names.CUSTOMER_NOTES[customer["language"]]) if rng.random() < 0.18 else None,
        "agreements": _agreements(rng, at),
    }


def _nobody() -> Record:
    empty = dict.fromkeys(
        ("email", "phone", "code", "customer_id", "customer_pricelist_id", "pricelist_name", "pricelist_percent")
    )
    invoice = {
        f"{part}_invoice": None for part in ("firstname", "surname", "street", "city", "state", "zip", "country_id")
    }
    return {
        **empty,
        **invoice,
        "postal_yn": False,
        **NOWHERE,
        "company_yn": False,
        "company": None,
        "ico": None,
        "dic": None,
        "vat_payer_yn": False,
        "customer_note": None,
        "agreements": [],
    }


def _postal(place: Record) -> Record:
    return {
        "firstname_postal": place["firstname"],
        "surname_postal": place["surname"],
        "street_postal": place["street"],
        "city_postal": place["city"],
        "state_postal": place["state"],
        "zip_postal": place["zip_code"],
        "country_id_postal": place["country_id"],
        "company_postal": place["company_name"],
    }


def _elsewhere(rng: random.Random, language: str) -> Record:
    return {
        "company_name": rng.choice(names.COMPANIES[language]) if rng.random() < 0.3 else None,
        "firstname": rng.choice(names.FIRST_NAMES[language][0]),
        "surname": rng.choice(names.SURNAMES[language][0]),
        **address(rng, language),
    }


def _company(rng: random.Random, language: str) -> Record:
    number = str(rng.randint(10_000_000, 59_999_999))
    payer = rng.random() < 0.6
    return {
        "name": rng.choice(names.COMPANIES[language]),
        "company_number": number,
        "vat_number": f"{COUNTRIES[language].upper()}{number}" if payer else None,
        "vat_payer_yn": payer,
    }


def _agreements(rng: random.Random, at: int) -> list[Record]:
    """Return consents whose `valid_to` is null, a date, or a PHP date object (T36)."""
    if rng.random() < 0.5:
        return []
    until = stamp_of(at + 86_400 * 365)
    php = {"date": f"{until[:10]} {until[11:19]}.000000", "timezone_type": 3, "timezone": "Europe/Prague"}
    valid_to = rng.choice((None, until, php))
    return [{"name": "Souhlas se zpracováním osobních údajů", "valid_to": valid_to, "status": True}]
