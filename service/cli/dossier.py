"""What may be listed at the Marketplace: carriers and services, why others are not (docs/upgates.md R44), what is off.

Made of what the adapters say and of what the tests hold, so that nothing is promised by hand. docs/dossier.md is its
output, and a test keeps it so.
"""

from collections.abc import Iterator

from carriers import registry
from service import words
from service.cli.plain import OK, Commands, add, say
from service.platform import callplan
from service.steps import pairing
from service.words import Language

SAID = words.IN[Language.EN]
ELSEWHERE = {
    "FAN Courier": "through Balíkobot only, the services an account names (fan_courier); its points, which "
    "point_services lists, cannot be set up in UPgates (R44) but by the accesses below",
    "Česká pošta": "letters abroad (CN22) and letters of data boxes; with an own number range only products it is for",
    "Slovenská pošta": "through Balíkobot only",
    "WE|DO, DEPO, SPS, Uloženka": "types of shipments the shop knows, and no adapter",
}
HEAD = """\
# What may be listed

Made by `python -m service dossier`. A service is offered when its adapter keeps every truth of the suite
(`tests/carriers/test_conformance*.py`) and a shop can offer it: pick-up points only of networks UPgates knows (R44). In
each shop the shipment must be active and offer those points besides; else its page says why not.
"""
OPTIONAL = """\
## Optional accesses, off

Not in UPgates' table of accesses, so each is justified separately (docs/upgates.md 5.6). No call is made by them until
an operator says `points-offer` for one shipment of one shop; an add-on that offers no such networks leaves them out.
With them a service whose points UPgates does not know can be offered in a shipment of type `custom` (R44).
"""


def add_commands(commands: Commands) -> None:
    """Add the command."""
    add(commands, "dossier", show_dossier, "which carriers and services may be listed, and why others may not")


def show_dossier() -> int:
    """Print the page; it needs neither settings nor a database."""
    for line in lines():
        say(line)
    return OK


def lines() -> Iterator[str]:
    """Yield the page, a line at a time."""
    yield HEAD
    for code, able in sorted(pairing.every().items()):
        yield f"## {SAID[f'carrier_{code}']}"
        yield ""
        yield "| service | what it is | offered |"
        yield "|---|---|---|"
        for service, what in able.services.items():
            bar = pairing.unlisted(code, service, able)
            yield f"| {service} | {what} | {SAID[f'bar_{bar}'] if bar else ends(code, service)} |"
        yield from unproven(code)
        yield ""
    yield "## Not offered"
    yield ""
    for name, why in ELSEWHERE.items():
        yield f"- {name}: {why}."
    yield from optional()


def ends(code: str, service: str) -> str:
    """Return where an offered service ends."""
    if service not in registry.ADAPTERS[code].able.to_point:
        return "yes"
    return f"yes, where the shipment offers points of kind {' or '.join(sorted(pairing.kinds_of(code, service)))}"


def unproven(code: str) -> Iterator[str]:
    """Yield what the carrier's contract is not certain of."""
    switches = registry.ADAPTERS[code].able.unproven
    if switches:
        yield ""
        yield "Off, as its contract is not certain of it:"
        yield ""
        yield from (f"- {what}." for what in switches.values())


def optional() -> Iterator[str]:
    """Yield the accesses that are off: to be declared, each with its reason, only by who switches them on (5.6)."""
    yield ""
    yield OPTIONAL
    yield "| access | what for | how often |"
    yield "|---|---|---|"
    for row in callplan.ROWS.values():
        if row.optional:
            yield f"| {row.section}: {row.endpoint} {row.verb} | {row.purpose} | {row.count} |"
