"""What goes through Balíkobot: the services the contract lists, and those an account names besides them.

A service is `<shipper>/<service_type>`, both as Balíkobot writes them. One nobody lists is refused, not guessed; what
an account names (`given["services"]`) is held to the rules of all, and ends where it says (docs/carriers.md 6.2).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from carriers import check
from carriers.base import Account


@dataclass(frozen=True)
class Product:
    """A service of a shipper; `to_point` None: the contract does not say; `country`: the only one it goes to."""

    name: str
    to_point: bool | None = None
    country: str | None = None


# PPL's return (ppl/45) is not among them: nobody books it as a way out (returns.py).
SERVICES: Mapping[str, Product] = {
    "cp/DR": Product("Česká pošta: Balík Do ruky", to_point=False),
    "cp/NP": Product("Česká pošta: Balík Na poštu", to_point=True, country="CZ"),
    "cp/NB": Product("Česká pošta: Balík Do balíkovny", to_point=True, country="CZ"),
    "cp/RR": Product("Česká pošta: RR"),
    "cp/VL": Product("Česká pošta: VL"),
    "cp/BA": Product("Česká pošta: BA"),
    "cp/BB": Product("Česká pošta: BB"),
    "cp/BN": Product("Česká pošta: BN"),
    "ppl/1": Product("PPL: business", to_point=False),
    "ppl/2": Product("PPL: Connect"),
    "ppl/4": Product("PPL: private", to_point=False),
    "ppl/46": Product("PPL: Smart CZ", to_point=True, country="CZ"),
    "ppl/48": Product("PPL: Smart EU", to_point=True),
    "ppl/52": Product("PPL: Smart to box", to_point=True),
    "dpd/1": Product("DPD: classic", to_point=False),
    "dpd/2": Product("DPD: private", to_point=False),
    "dpd/3": Product("DPD: pickup", to_point=True),
    "dpd/11": Product("DPD: shop2shop", to_point=True),
    "dpd/12": Product("DPD: shop2home", to_point=False),
    "gls/1": Product("GLS: business", to_point=False),
    "gls/2": Product("GLS: shop", to_point=True),
    "gls/3": Product("GLS: express", to_point=False),
    "zasilkovna/VMCZ": Product("Zásilkovna: point", to_point=True, country="CZ"),
    "zasilkovna/VMSK": Product("Zásilkovna: point", to_point=True, country="SK"),
    "zasilkovna/VMHU": Product("Zásilkovna: point", to_point=True, country="HU"),
    "zasilkovna/VMPL": Product("Zásilkovna: point", to_point=True, country="PL"),
    "zasilkovna/VMRO": Product("Zásilkovna: point", to_point=True, country="RO"),
    "zasilkovna/106": Product("Zásilkovna: home", to_point=False, country="CZ"),
    "zasilkovna/131": Product("Zásilkovna: carrier 131"),
    "sp/BZA": Product("Slovenská pošta: contract parcel to address", to_point=False),
    "sp/BZP": Product("Slovenská pošta: contract parcel to post office", to_point=True, country="SK"),
    "sp/BZB": Product("Slovenská pošta: contract parcel to BalíkoBOX", to_point=True, country="SK"),
    "sp/EXA": Product("Slovenská pošta: express to address", to_point=False),
    "sp/EXP": Product("Slovenská pošta: express to post office", to_point=True, country="SK"),
    "sp/EXB": Product("Slovenská pošta: express to BalíkoBOX", to_point=True, country="SK"),
    "sp/BNA": Product("Slovenská pošta: BNA", to_point=False),
    "sp/BNP": Product("Slovenská pošta: BNP", to_point=True, country="SK"),
    "sp/BNB": Product("Slovenská pošta: BNB", to_point=True, country="SK"),
    "sp/RRA": Product("Slovenská pošta: RRA"),
}

# UNCERTAIN: the contract has neither a shipper's code of FAN Courier nor its services, so an account names those (or a
# carrier's id at Zásilkovna, which needs no switch). No list has its points, and the shop cannot set them up (R44).
FAN_SHIPPER, FAN_COURIER = "fan", "fan_courier"
FAN = Product("FAN Courier", to_point=False, country="RO")
NAMED = Product("named by the account")
NAME = re.compile(r"[a-z0-9]+/[\w-]+(?: [\w-]+)*")  # FAN's have spaces: "FANbox Cont Colector"

LISTED_GO_TO = frozenset(check.ZIPS) | check.UNION
"""Where a listed service may lead; an account that names it in `services` as well says that its contract goes on."""


def shipper_of(service: str) -> str:
    """Return whose service this is: `ppl` of `ppl/46`."""
    return service.partition("/")[0]


def listed(text: str) -> tuple[str, ...]:
    """Return the words of a list with commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def of(account: Account) -> Mapping[str, Product]:
    """Return the services of an account: the listed ones, those it names, and which of them end at a point."""
    at_points = {*listed(account.given.get("point_services", ""))}
    named = [code for code in _named(account) if code not in SERVICES]
    known = {**SERVICES} | {code: FAN if shipper_of(code) == FAN_SHIPPER else NAMED for code in named}
    return {
        code: replace(each, to_point=True) if code in at_points and is_open(code) else each
        for code, each in known.items()
    }


def is_open(service: str) -> bool:
    """Say whether the contract leaves it to the account where a service ends."""
    return service not in SERVICES or SERVICES[service].to_point is None


def unread(account: Account) -> tuple[str, ...]:
    """Return the words among an account's services that are none, or need a switch that is off."""
    return tuple(word for word in dict.fromkeys(_words(account)) if word not in of(account))


def countries(account: Account, service: str) -> frozenset[str]:
    """Return where a service may lead, as far as anybody says before its shipper is asked."""
    product = of(account).get(service)
    if product and product.country:
        return frozenset({product.country})
    return check.WORLD if service not in SERVICES or service in _named(account) else LISTED_GO_TO


def cars(account: Account) -> tuple[str, ...]:
    """Return the shippers whose cars an account asks for; PPL's shape of that is SINGLE, and stands behind a switch."""
    whose = listed(account.given.get("collects", ""))
    return tuple(shipper for shipper in whose if shipper != "ppl" or "ppl_collection" in account.switches)


def shippers(account: Account) -> tuple[str, ...]:
    """Return the shippers an account names, in whatever it gives."""
    named = [shipper_of(code) for code in _named(account)]
    others = [*listed(account.given.get("carriers", "")), *cars(account)]
    return tuple(dict.fromkeys([*named, *others]))


def _named(account: Account) -> tuple[str, ...]:
    return tuple(
        code
        for code in _words(account)
        if NAME.fullmatch(code) and (shipper_of(code) != FAN_SHIPPER or FAN_COURIER in account.switches)
    )


def _words(account: Account) -> tuple[str, ...]:
    return listed(account.given.get("services", "")) + listed(account.given.get("point_services", ""))
