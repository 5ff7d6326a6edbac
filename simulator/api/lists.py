"""Small lists: owner, languages, config, warehouses, the caller's rights (contract 4.8, 4.11, 4.12, 4.17)."""

from simulator.ask import Ask, Page
from simulator.shop import SERVICES, Record
from simulator.wire import dumps


def owner(ask: Ask) -> Page:
    """Return the owners, an array although the name is singular (T56)."""
    return Page("owner", [dumps(row) for row in ask.shop.owners])


def languages(ask: Ask) -> Page:
    """Return the mutations."""
    return Page("languages", [dumps(row) for row in ask.shop.languages])


def config(ask: Ask) -> Record:
    """Return the settings."""
    return {"config": ask.shop.config}


def stocks(ask: Ask) -> Page:
    """Return the additional warehouses; none without the multi-warehouse add-on."""
    # guess: empty rather than 403 or 404, B20
    id_, ids = ask.number("id"), ask.numbers("ids")
    rows = [
        row
        for key, row in (ask.shop.stocks or {}).items()
        if (id_ is None or key == id_) and (ids is None or key in ids)
    ]
    return ask.paged("stocks", rows, dumps, 50)  # guess: paged, size not stated, B14


def status(ask: Ask) -> Record:
    """Return what the caller may do; needs no right itself."""
    api_url = ask.world.api_url(ask.shop)
    # guess: the names of the services; the contract prints only the shape
    services = [
        {"service": name, "url": f"{api_url}/{name}", "privilege": ask.user.rights.get(name, "deny")}
        for name in SERVICES
    ]
    return {"services": services, "documentation_link": "https://upgatesapiv2.docs.apiary.io/"}
