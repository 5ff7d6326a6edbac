"""What faults make of a good answer, JSON or XML alike: items doubled, left out, reversed, types changed, cut off."""

import copy
import json
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any, TypeVar

from simulator import wire
from simulator.carriers.faults import OF_ITEMS, Fault
from simulator.carriers.wire import Response

T = TypeVar("T")
Faulty = Mapping[str, Fault]
OF_VALUES = ("wrong_types", "nulls")


def spoilt(response: Response, faults: Faulty, path: str | None) -> Response:
    """Return an answer as the faults want it; `path`: where in it the items are, None where there are none.

    In JSON `packages`, `data.items` or `""` for a list at the top; in XML `result/record`, the last part the items'
    tag. A path that this answer (a refusal, say) does not have changes nothing.
    """
    if any(kind in faults for kind in (*OF_ITEMS, *OF_VALUES)):
        response.body, response.stream = _rewritten(response, faults, path), None
    if "empty" in faults:
        response.body, response.stream = b"", None
    if "truncated" in faults:
        whole = response.whole()
        response.body, response.stream = whole[: len(whole) * 2 // 3], None
    return response


def _rewritten(response: Response, faults: Faulty, path: str | None) -> bytes:
    whole, kind = response.whole(), response.headers.get("content-type", "")
    if "json" in kind:
        return wire.dumps(_json(json.loads(whole), faults, path))
    if "xml" in kind:
        return _xml(ET.fromstring(whole), faults, path)  # noqa: S314 - we made it
    return whole


def _json(document: Any, faults: Faulty, path: str | None) -> Any:
    if path is not None:
        document = _at(document, [part for part in path.split(".") if part], faults)
    return _typed(document, faults) if any(kind in faults for kind in OF_VALUES) else document


def _at(document: Any, parts: list[str], faults: Faulty) -> Any:
    if not parts:
        return items(document, faults) if isinstance(document, list) else document
    if not isinstance(document, dict) or parts[0] not in document:
        return document
    return document | {parts[0]: _at(document[parts[0]], parts[1:], faults)}


def items(whole: list[T], faults: Faulty) -> list[T]:
    """Return items as the faults of items want them."""
    kept = whole
    if "short" in faults:
        kept = kept[: max(len(kept) - faults["short"].items, 0)]
    if "reversed" in faults:
        kept = kept[::-1]
    return [*kept[:1], *kept] if "doubled" in faults else kept


def _typed(value: Any, faults: Faulty) -> Any:
    if isinstance(value, dict):
        return {name: _typed(one, faults) for name, one in value.items()}
    if isinstance(value, list):
        return [_typed(one, faults) for one in value]
    if "nulls" in faults:
        return None if isinstance(value, str) else value
    if isinstance(value, str):
        return [value]
    return value if value is None else str(value)


def _xml(root: ET.Element, faults: Faulty, path: str | None) -> bytes:
    if path is not None:
        *way, tag = path.split("/")
        parent = root.find("/".join(way)) if way else root
        if parent is not None:
            told = parent.findall(tag)
            for item in told:
                parent.remove(item)
            parent.extend(copy.deepcopy(item) for item in items(told, faults))
    for leaf in [element for element in root.iter() if len(element) == 0 and element.text]:
        if "nulls" in faults:
            leaf.text = None
        elif "wrong_types" in faults:
            ET.SubElement(leaf, "value").text, leaf.text = leaf.text, None
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)
