"""What a client may ask about carriers and its account (carriers.md 6.1); all names below `status` are guesses.

Methods of which the contract tells nothing but that they exist answer 501.
"""

from typing import Any

from simulator.carriers.balikobot import inners, rules
from simulator.carriers.balikobot.asking import Asked, Method, Refusal
from simulator.carriers.balikobot.inners import Service


def whoami(asked: Asked) -> dict[str, Any]:
    """Say whose keys these are, live or test, and which carriers they have."""
    carriers = sorted(asked.account.given["carriers"])
    return {
        "status": 200,
        "account": {"name": asked.account.name},
        "live_account": asked.account.given["live"],
        "carriers": [{"slug": code, "name": inners.INNERS[code].name} for code in carriers],
    }


def carriers(_asked: Asked) -> dict[str, Any]:
    """Return all codes of carriers."""
    named = {code: inners.INNERS[code].name if code in inners.INNERS else code for code in sorted(inners.CODES)}
    return {"status": 200, "carriers": [{"slug": code, "name": name} for code, name in named.items()]}


def services(asked: Asked) -> dict[str, Any]:
    """Return a carrier's services."""
    return _of_services(asked, lambda one: {"name": one.name})


def activated(asked: Asked) -> dict[str, Any]:
    """Return the services these keys may use: all."""
    return {**services(asked), "active_parcel": True, "active_cargo": False}


def countries(asked: Asked) -> dict[str, Any]:
    """Return where each service leads."""
    return _of_services(asked, lambda one: {"countries": list(one.countries)})


def cod(asked: Asked) -> dict[str, Any]:
    """Return where each service takes COD, and in what."""
    return _of_services(
        asked,
        lambda one: {
            "cod_countries": {country: {"currency": inners.CURRENCIES[country]} for country in one.countries if one.cod}
        },
    )


def options(asked: Asked) -> dict[str, Any]:
    """Return the extra services, of all services or of one."""
    found = [{"code": name, "name": name} for name in rules.SERVICES]
    if not asked.more:
        return _of_services(asked, lambda _: {"services": found})
    if asked.inner.service(asked.more[0]) is None:
        raise Refusal(413, f"Neznámá služba {asked.more[0]}.")
    return {"status": 200, "service_type": asked.more[0], "services": found}


def attributes(_asked: Asked) -> dict[str, Any]:
    """Return the fields of `add`."""
    return {"status": 200, "attributes": [{"name": name, "data_type": _type(name)} for name in rules.ATTRIBUTES]}


def zips(asked: Asked) -> dict[str, Any]:
    """Return the zips a service has in a country: those of the towns here."""
    match asked.more:
        case (code, country) if (service := asked.inner.service(code)) and country in service.countries:
            known = {p.zip for p in asked.world.points.values() if p.country == country}
            return {"status": 200, "service_type": code, "zip_codes": [{"zip": one} for one in sorted(known)]}
    raise Refusal(404, "Služba v této zemi není.")


def lands(_asked: Asked) -> dict[str, Any]:
    """Return countries."""
    rows = [{"iso_code": code, "currency": currency} for code, currency in inners.CURRENCIES.items()]
    return {"status": 200, "countries": rows}


def nothing(_asked: Asked) -> dict[str, Any]:
    """Return an empty list of units."""
    return {"status": 200, "units": []}


def changelog(_asked: Asked) -> dict[str, Any]:
    """Return the version the contract follows."""
    return {"status": 200, "changelog": [{"version": "2.0215", "date": "2026-05-22"}]}


def not_here(asked: Asked) -> dict[str, Any]:
    """Refuse a method whose body and answer the contract does not print."""
    raise Refusal(501, f"Metoda {asked.request.operation} není dostupná.")


def _of_services(asked: Asked, more: Any) -> dict[str, Any]:
    def row(one: Service) -> dict[str, Any]:
        return {"service_type": one.code, **more(one)}

    return {"status": 200, "service_types": [row(one) for one in asked.inner.services]}


def _type(name: str) -> str:
    groups = {"string": rules.TEXT, "float": rules.NUMBER, "integer": rules.WHOLE, "boolean": rules.FLAG}
    return next((kind for kind, names in groups.items() if name in names), "array")


METHODS: dict[str, Method] = {
    "whoami": whoami,
    "carriers": carriers,
    "services": services,
    "activatedservices": activated,
    "countries4service": countries,
    "cod4services": cod,
    "addserviceoptions": options,
    "addattributes": attributes,
    "zipcodes": zips,
    "getCountriesData": lands,
    "changelog": changelog,
    "manipulationunits": nothing,
    "adrunits": nothing,
    **dict.fromkeys(("transportcosts", "b2a", "b2c", "checkb2a", "checkb2c"), not_here),
}
