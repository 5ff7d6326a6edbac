"""Packets on their way back from a customer (carriers.md 1.2, Returns) and how they are routed."""

from simulator.carriers.packeta import book, network, rules
from simulator.carriers.packeta.asking import Asked, Fault, Method
from simulator.carriers.world import Parcel

WITH_LABEL = frozenset(("number", "email", "phone", "value", "currency", "eshop", "sendLabelToEmail"))
WITH_PASSWORD = WITH_LABEL - {"sendLabelToEmail"} | {"consignCountry", "sendEmailToCustomer"}


def create(asked: Asked) -> object:
    """Make a packet whose label a customer prints."""
    return book.shown(_made(asked, WITH_LABEL))


def create_with_password(asked: Asked) -> object:
    """Make a packet that needs no label: the customer tells a password."""
    packet = _made(asked, WITH_PASSWORD)
    packet.bag["password"] = f"{asked.world.rng.randrange(10**8):08}"
    return {**book.shown(packet), "password": packet.bag["password"]}


def routing(asked: Asked) -> object:
    """Return the routing of packets that go back to a sender."""
    if asked.text("senderLabel") not in asked.account.given["senders"]:
        raise Fault("SenderNotExists", "Sender does not exist.")
    return {"routingSegment": ["R-CZ", "R-21"]}  # guess: the names and what the segments say


def _made(asked: Asked, taken: frozenset[str]) -> Parcel:
    # guess: the argument's name, which the contract does not print; whatever follows the password is taken
    told, _ = book.attributes(asked.root[1] if len(asked.root) > 1 else None)
    book.refuse([*_wrong(told, taken)])
    book.name_sender(asked, told)
    return book.made(asked, told["number"], told=told, claim=True, external="")


def _wrong(told: dict[str, str], taken: frozenset[str]) -> rules.Wrong:
    """Yield what is wrong. Guess: that contacts and money are held to what 1.2 and 1.7 say of a packet."""
    for name in sorted(told.keys() - taken):
        yield name, "Attribute is not known."
    if not 1 <= len(told.get("number", "")) <= rules.LENGTHS["number"]:
        yield "number", "Attribute is required."
    if not told.get("email") and not told.get("phone"):
        yield "email", "E-mail or phone is required."
    country = told.get("consignCountry", "CZ").upper()  # guess: in small letters or large ones
    yield from rules.contact(told, country)
    if not rules.amount(told.get("value", "")):
        yield "value", "Must be a number."
    if told.get("currency", "CZK") not in rules.CURRENCIES:
        yield "currency", "Currency is not supported."
    if country not in network.CURRENCIES:
        yield "consignCountry", "Country is not known."
    for name in ("sendLabelToEmail", "sendEmailToCustomer"):
        if told.get(name, "0") not in ("0", "1", "false", "true"):  # guess: that both are yes or no
            yield name, "Must be 0 or 1."


METHODS: dict[str, Method] = {
    "createPacketClaim": create,
    "createPacketClaimWithPassword": create_with_password,
    "senderGetReturnRouting": routing,
}
