"""What is declared of a packet that leaves the Union: `attributes` of it and its `items` (carriers.md 1.2).

The contract says "customs key/value pairs" and prints none. Guess: a pair is an element with the children `key` and
`value`, at whatever depth; an element of `items`, or each of several `items`, is one row of goods. Which keys there are
nobody tells, so every one is taken.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from typing import Any

NAMES = ("attributes", "items")
PAIR = {"key", "value"}


class NoPairs(Exception):
    """Something that holds no pair."""


def declared(node: ET.Element | None) -> dict[str, Any]:
    """Return what was declared, without what was not: `attributes` as a mapping, `items` as a list of them."""
    given = {name: node.findall(name) if node is not None else [] for name in NAMES}
    goods = given["items"] if len(given["items"]) > 1 else [one for items in given["items"] for one in items]
    told = {"attributes": dict(_pairs(given["attributes"])), "items": [dict(_pairs([one])) for one in goods]}
    return {name: value for name, value in told.items() if given[name]}


def wrong(node: ET.Element | None, *, is_needed: bool) -> Iterator[tuple[str, str]]:
    """Yield (attribute, what is wrong with it) of a declaration that is not to be read, or is not there."""
    try:
        told = declared(node)
    except NoPairs as bad:
        yield str(bad), "Must be pairs of key and value."
        return
    for name in NAMES:
        if is_needed and not told.get(name):
            yield name, "Attribute is required by the customs."


def _pairs(elements: Iterable[ET.Element]) -> Iterator[tuple[str, str]]:
    for one in elements:
        if {child.tag for child in one} == PAIR:
            yield one.findtext("key", ""), one.findtext("value", "")
        elif len(one):
            yield from _pairs(one)
        else:
            raise NoPairs(one.tag if one.tag in NAMES else NAMES[0])
