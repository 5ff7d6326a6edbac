"""Feeds of pick-up points and of the couriers behind Packeta (docs/carriers.md 1.6).

All values are text (`"1"`, `"yes"`, `"true"`), an empty one arrives as `{}`, the country is lower-case.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from carriers import feed
from carriers.base import Point
from carriers.wire import Answer

NETWORK = "packeta"
OPEN = "1"  # 2 and 3 are swapped between two pages of the documentation
DEEPEST = 4
YES = frozenset({"1", "yes", "true"})
NO = frozenset({"0", "no", "false"})
POINTS = "points"  # where a courier's are, in whatever envelope


@dataclass(frozen=True)
class Courier:
    """A carrier behind Packeta: `has_own_label` where its own label must be used.

    What else its row says of all it carries is told of its points; of a home delivery `packetAttributesValid` says it.
    """

    courier_id: str
    country: str
    has_points: bool
    has_own_label: bool
    is_available: bool = True
    takes_cod: bool | None = None
    most_weight_g: int | None = None


def couriers(answer: Answer) -> Iterator[Courier]:
    """Yield the carriers of `carrier.json`."""
    for row in _rows(answer, "country"):
        yield Courier(
            courier_id=_text(row, "id"),
            country=_text(row, "country").upper(),
            has_points=_flag(row, "pickupPoints") is True,
            has_own_label=_flag(row, "apiAllowed") is True,
            is_available=_flag(row, "available") is not False,
            takes_cod=False if _flag(row, "disallowsCod") else None,
            most_weight_g=_grams(_text(row, "maxWeight")),
        )


def own(answer: Answer, country: str, kind: str) -> Iterator[Point]:
    """Yield the points of a country in `branch.json` or `box.json`; a box names its kind itself (`zbox`, `alzabox`)."""
    for row in _rows(answer, "country"):
        if not _text(row, "id") or _text(row, "country").upper() != country:
            continue
        status = row.get("status")
        is_open = isinstance(status, dict) and _text(cast("dict[str, Any]", status), "statusId") == OPEN
        yield Point(
            network=NETWORK,
            point_id=_text(row, "id"),
            kind=_text(row, "type") or kind,
            name=_text(row, "name") or _text(row, "place"),
            street=_text(row, "street"),
            city=_text(row, "city"),
            zip=_text(row, "zip"),
            country=country,
            latitude=_degrees(row.get("latitude"), 90),
            longitude=_degrees(row.get("longitude"), 180),
            is_open=is_open and _flag(row, "displayFrontend") is not False,
            takes_cod=_flag(row, "codAllowed"),
            most_weight_g=_grams(_text(row, "maxWeight")),
            opening=_opening(row.get("openingHours")),
            raw=row,
        )


def of_courier(answer: Answer, courier: Courier) -> Iterator[Point]:
    """Yield the points of one courier; what its `payment` allows is not said, so that stays in `raw`."""
    for row in _rows(answer, "code", of_courier=True):
        point_id, country = _text(row, "code"), _text(row, "country").upper() or courier.country
        if not point_id or country != courier.country:
            continue
        latitude, longitude = _coordinates(row.get("coordinates"))
        street = f"{_text(row, 'street')} {_text(row, 'streetNumber')}".strip()
        yield Point(
            network=courier.courier_id,
            point_id=point_id,
            kind="point",
            name=_text(row, "name") or street,
            street=street,
            city=_text(row, "city"),
            zip=_text(row, "zip"),
            country=country,
            latitude=latitude,
            longitude=longitude,
            is_open=courier.is_available and _flag(row, "displayFrontend") is not False,
            takes_cod=courier.takes_cod,
            most_weight_g=courier.most_weight_g,
            raw=row,
        )


def _rows(answer: Answer, key: str, *, of_courier: bool = False) -> Iterator[Mapping[str, Any]]:
    """Yield the objects that have this key, wherever the feed keeps them; raise where there is not one.

    A feed without a row is an error message with 200, not a country without points; a courier may have none, and then
    an empty list says so.
    """
    listing = feed.opened(answer, POINTS) if of_courier else feed.opened(answer)
    if of_courier and not listing.is_list:
        listing = feed.opened(answer)
    is_seen = False
    for element in listing.rows() if listing.is_list else [answer.json()]:
        for row in _holding(element, key):
            is_seen = True
            yield row
    if not is_seen and not (of_courier and (listing.is_list or "[" in listing.before)):
        raise answer.unreadable("the feed has no row: is the API key right?")


def _holding(element: Any, key: str, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if isinstance(element, dict):
        held = cast("dict[str, Any]", element)
        if key in held:
            yield held
            return
        element = list(held.values())
    if isinstance(element, list) and depth < DEEPEST:
        for inner in cast("list[Any]", element):
            yield from _holding(inner, key, depth + 1)


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | Decimal) else ""


def _flag(row: Mapping[str, Any], key: str) -> bool | None:
    said = _text(row, key).lower()
    return True if said in YES else False if said in NO else None


def _degrees(given: Any, most: int) -> float | None:
    try:
        degrees = float(given) if isinstance(given, str | int | Decimal) else None
    except (ValueError, OverflowError):
        return None
    return degrees if degrees is not None and -most <= degrees <= most else None


def _coordinates(given: Any) -> tuple[float | None, float | None]:
    """Return latitude and longitude; the contract does not say how they are kept, so an object or a pair is read."""
    if isinstance(given, dict):
        held = cast("dict[str, Any]", given)
        latitude = next((held[name] for name in ("latitude", "lat") if name in held), None)
        longitude = next((held[name] for name in ("longitude", "lng", "lon") if name in held), None)
        return _degrees(latitude, 90), _degrees(longitude, 180)
    pair = given.split(",") if isinstance(given, str) else given
    if isinstance(pair, list) and len(both := cast("list[Any]", pair)) == 2:
        return _degrees(both[0], 90), _degrees(both[1], 180)
    return None, None


def _grams(kilograms: str) -> int | None:
    try:
        grams = Decimal(kilograms.replace(",", ".")) * 1000
    except InvalidOperation:
        return None
    return int(grams) if grams.is_finite() and 0 < grams < 10**7 else None


def _opening(given: Any) -> str:
    regular = cast("dict[str, Any]", given).get("regular") if isinstance(given, dict) else given
    if isinstance(regular, dict):
        days = cast("dict[str, Any]", regular)
        return "; ".join(f"{day} {hours}" for day, hours in days.items() if isinstance(hours, str) and hours)
    return regular if isinstance(regular, str) else ""
