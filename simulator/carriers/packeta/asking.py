"""How a call is read and answered: arguments below the method's name, `ok` or `fault` with 200 (carriers.md 1.1)."""

import hmac
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from simulator.carriers.wire import Request, Response, as_xml
from simulator.carriers.world import Account, Parcel, World


class Fault(Exception):
    """What the carrier calls a fault; `detail` as `tree` takes it."""

    def __init__(self, name: str, text: str, detail: object = None) -> None:
        super().__init__(text)
        self.name, self.text, self.detail = name, text, detail


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that is logged in; `root` is the element of its method."""

    world: World
    account: Account
    root: ET.Element
    request: Request

    def text(self, name: str, default: str = "") -> str:
        """Return an argument's text."""
        return self.root.findtext(name, default) or default

    def packet(self) -> Parcel:
        """Return the packet `packetId` names, or raise the fault."""
        packet = self.known(self.text("packetId"))
        if packet is None:
            raise Fault("PacketIdFault", f"Packet {self.text('packetId')!r} does not exist.")
        return packet

    def packets(self, ids: Iterable[str]) -> list[Parcel]:
        """Return packets in the order asked; raise one fault with all that are unknown."""
        asked = list(ids)
        if not asked:
            raise Fault("NoPacketIdsFault", "No packet ids were given.")
        unknown = [id_ for id_ in asked if self.known(id_) is None]
        if unknown:
            # guess: the names below `detail`; the contract says that the ids are listed there
            raise Fault("PacketIdsFault", "Some packets do not exist.", {"ids": {"packetId": unknown}})
        return [self.world.parcels[id_] for id_ in asked]

    def ids(self) -> list[str]:
        """Return the children `id` of `packetIds`."""
        return [one.text or "" for one in self.root.findall("packetIds/id")]

    def known(self, id_: str) -> Parcel | None:
        """Return a packet of this account."""
        packet = self.world.parcels.get(id_)
        return packet if packet is not None and packet.account == self.account.name else None


Method: TypeAlias = Callable[[Asked], object]


def logged_in(world: World, root: ET.Element) -> Account:
    """Return the account whose API password is the first child, byte for byte."""
    first = root[0] if len(root) else None
    told = (first.text or "") if first is not None and first.tag == "apiPassword" else ""
    for account in world.accounts.values():
        if hmac.compare_digest(account.login["api_password"].encode(), told.encode()):
            return account
    raise Fault("IncorrectApiPasswordFault", "Incorrect API password.")


def good(result: object) -> Response:
    """Return what was asked for."""
    return as_xml(tree("response", {"status": "ok", "result": result}))


def bad(fault: Fault) -> Response:
    """Return a fault; its HTTP status is 200 (carriers.md 1.1)."""
    told = {"status": "fault", "fault": fault.name, "string": fault.text, "detail": fault.detail}
    return as_xml(tree("response", told))


def tree(tag: str, content: Any) -> ET.Element:
    """Return an element: a mapping has children, a list in it repeats one, None and "" are empty."""
    node = ET.Element(tag)
    if isinstance(content, Mapping):
        for name, value in content.items():
            node.extend(tree(name, one) for one in (value if isinstance(value, list) else [value]))
    elif content is not None:
        node.text = str(content) or None
    return node
