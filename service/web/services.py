"""What services, and what is wrong with a parcel, are called on our pages."""

from collections.abc import Mapping, Sequence
from typing import Any

from carriers import registry
from carriers.errors import Fault
from service.web.words import Words
from service.words import faults


def service(words: Words, carrier: str, code: str) -> str:
    """Return a carrier's service as people call it, its code beside it: it stands in the contract with the carrier."""
    adapter = registry.ADAPTERS.get(carrier)
    name = words.get(f"service_{carrier}_{code}") or (adapter.able.services.get(code) if adapter else None)
    return f"{name} ({code})" if name else code


def carried(words: Words, carrier: str, code: str) -> str:
    """Return a carrier and its service."""
    return f"{words.get(f'carrier_{carrier}', carrier)} – {service(words, carrier, code)}"


def told(words: Words, found: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what is wrong with the fields of a parcel, a sentence each."""
    return [
        faults.told(
            words, Fault(each.get("field"), str(each.get("code")), str(each.get("detail", "")), each.get("limit"))
        )
        for each in found
    ]
