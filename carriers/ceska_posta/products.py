"""What the Post carries, by the contract's two letters (docs/carriers.md 5.2).

What a product wants besides its name is written for few of them: the rest is our reading, and stands behind a switch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from carriers.base import Account
from carriers.ceska_posta import forms, numbers


class Value(StrEnum):
    """When the Post is told what a product is worth (service 7)."""

    NEVER = "never"
    ASKED = "asked"  # where service 7 is asked for
    KNOWN = "known"  # where there is a value
    NEEDED = "needed"


@dataclass(frozen=True)
class Product:
    """One product, had by who has switched all of `switches` on.

    `is_sized`: it has a size class, else only where one is asked for. `is_own`: codes of an own number range have its
    form; of the others the Post alone makes the numbers. `of_several`: the service of a shipment of several boxes.
    """

    name: str
    value: Value = Value.NEEDED
    switches: frozenset[str] = frozenset()
    is_sized: bool = True
    is_own: bool = True
    to_point: bool = False
    is_letter: bool = False
    is_abroad: bool = False
    of_several: str = "70"


TO_OFFICE, VARIANTS, PACKETS, INSURED, EMS, ABROAD = (
    frozenset({switch}) for switch in ("na_postu", "variants", "packets", "insured_parcels", "ems", "abroad")
)


def _packet(name: str, of_several: str = "70") -> Product:
    return Product(name, Value.ASKED, PACKETS, is_sized=False, is_own=False, of_several=of_several)


def _abroad(name: str, value: Value = Value.ASKED) -> Product:
    return Product(name, value, ABROAD, is_sized=False, is_own=False, is_abroad=True)


PRODUCTS: Mapping[str, Product] = {
    "NB": Product("Balík Do balíkovny", Value.KNOWN, to_point=True),
    "DR": Product("Balík Do ruky"),
    "RR": Product("Doporučená zásilka", Value.NEVER, is_sized=False, is_own=False, is_letter=True),
    "VL": Product("Cenné psaní", is_sized=False, is_own=False, is_letter=True),
    "NP": Product("Balík Na poštu", switches=TO_OFFICE, to_point=True),
    "DV": Product("Balík Do ruky, varianta DV", switches=VARIANTS),
    "DE": Product("Balík Do ruky, varianta DE", switches=VARIANTS),
    "NV": Product("Balík Na poštu, varianta NV", switches=TO_OFFICE | VARIANTS, to_point=True),
    "NA": Product("Balík Na poštu, varianta NA", switches=TO_OFFICE | VARIANTS, to_point=True),
    "BA": _packet("Doporučený balíček"),
    "BN": _packet("Doporučený balíček, nadrozměrný", "69"),
    "BE": _packet("Doporučený balíček, expres"),
    "BP": _packet("Doporučený balíček, Komplet"),
    **{code: Product(f"Cenný balík {code}", switches=INSURED) for code in ("B", "BB", "V", "VV")},
    "EE": Product("EMS v Česku", switches=EMS, is_sized=False, is_own=False),
    "EM": _abroad("EMS do zahraničí"),
    "CE": _abroad("Obchodní balík do zahraničí"),
    "CS": _abroad("Standardní balík do zahraničí"),
    "CV": _abroad("Cenný balík do zahraničí", Value.NEEDED),
}
TO_POINT = frozenset(code for code, one in PRODUCTS.items() if one.to_point)
TO_POST_OFFICE = frozenset({"NP", "NV", "NA"})
UNKNOWN = Product("", Value.KNOWN)  # what is refused before it is asked for


def of(service: str) -> Product:
    """Return what is known of a product."""
    return PRODUCTS.get(service, UNKNOWN)


def offered(account: Account) -> Mapping[str, str]:
    """Return what an account can book, with the name of each.

    With a number range that is what its numbers are for, as one that is booked again under none of them is a second
    parcel. Abroad it is what the account names a form of label for.
    """
    has_own = numbers.has_own(account)
    return {
        code: one.name
        for code, one in PRODUCTS.items()
        if one.switches <= account.switches
        and (one.is_own or not has_own)
        and (not one.is_abroad or forms.asked(account, code) is not None)
    }


def prefix(service: str) -> str:
    """Return `prefixParcelCode`, with which a parcel's code begins: a single letter is padded with a space."""
    return f"{service:<2}"


def of_code(code: str) -> Product:
    """Return the product of a parcel's code, or of a product's own letters."""
    return of(code[:2].strip())
