"""Build the calls to Balíkobot: pure, one function for each of its methods (docs/carriers.md 6.1 to 6.6)."""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlsplit

from carriers import check
from carriers.balikobot import declared, rules, services
from carriers.balikobot.fields import COD_ACCOUNT, FLAGS
from carriers.base import Account, Collection
from carriers.shipment import Address, Box, PointRef, Shipment
from carriers.wire import Call, written

FEED_TIMEOUT_S = 120.0  # a list of points is tens of megabytes


def whoami(account: Account) -> Call:
    """Ask whose keys these are."""
    return _call(account, "info", "whoami")


def activated(account: Account, shipper: str) -> Call:
    """Ask for a shipper's services of these keys; that alone is refused (403) where it is not activated for them."""
    return _call(account, shipper, "activatedservices")


def add(account: Account, shipments: Sequence[Shipment]) -> Call:
    """Have the packages of one shipper's shipments made; the same `eid` again is answered with what was made."""
    return _add(account, "add", shipments, makes=True)


def checked(account: Account, shipments: Sequence[Shipment]) -> Call:
    """Ask what `add` would say, without making anything."""
    return _add(account, "check", shipments, makes=False)


def overview(account: Account, shipper: str) -> Call:
    """Ask for the packages that are made and not yet ordered."""
    return _call(account, shipper, "overview")


def labels(account: Account, shipper: str, package_ids: Sequence[str]) -> Call:
    """Ask for the link to one PDF of all these labels."""
    return _call(account, shipper, "labels", {"package_ids": list(package_ids)})


def stored(account: Account, shipper: str, package_id: str) -> Call:
    """Ask for what is stored of a package, also after it was ordered."""
    return _call(account, shipper, f"package/{quote(package_id, safe='')}")


def drop(account: Account, shipper: str, package_ids: Sequence[str]) -> Call:
    """Take packages back that were not ordered; asking twice does no harm."""
    return _call(account, shipper, "drop", {"package_ids": list(package_ids)})


def order(account: Account, shipper: str, package_ids: Sequence[str]) -> Call:
    """Hand the packages' data to their carrier, which closes them."""
    return _call(account, shipper, "order", {"package_ids": list(package_ids)}, makes=True)


def track(account: Account, shipper: str, numbers: Sequence[str]) -> Call:
    """Ask for the whole history of parcels; this method alone lives under `/v2`."""
    return _call(account, f"v2/{shipper}", "track", {"carrier_ids": list(numbers)})


def pickup(account: Account, shipper: str, wanted: Collection) -> Call:
    """Ask for a car; PPL has a shape of its own (SINGLE, behind a switch)."""
    if shipper == "ppl":
        body: dict[str, Any] = {"date": _day(wanted.on), "note": wanted.note}
    else:
        body = {
            "date": _day(wanted.on),
            "time_from": _clock(wanted.since),
            "time_to": _clock(wanted.until),
            "weight": kilograms(wanted.weight_g),
            "package_count": wanted.count,
            "message": wanted.note,
        }
    return _call(account, shipper, "orderpickup", body, makes=True)


def branches(account: Account, service: str, country: str, *, is_full: bool) -> Call:
    """Ask for a service's points in a country, compressed; some carriers have the short list alone."""
    shipper, _, code = service.partition("/")
    path = (
        f"{'fullbranches' if is_full else 'branches'}/service/{quote(code, safe='')}/country/{quote(country, safe='')}"
    )
    return _call(account, shipper, path, query=(("gzip", "1"),), timeout_s=FEED_TIMEOUT_S)


def document(account: Account, link: str) -> Call | None:
    """Fetch a document, which needs no login; None for a link that leads to a stranger."""
    try:
        there, home = urlsplit(link), urlsplit(account.base_url)
    except ValueError:
        return None
    is_home = (there.scheme, there.netloc) == (home.scheme, home.netloc)
    is_theirs = there.scheme == "https" and there.netloc.endswith(".balikobot.cz")
    return Call("GET", link) if (is_home or is_theirs) and not re.search(r"[\s\x00-\x1f\\]", link) else None


def eid_of(shipment: Shipment, place: int) -> str:
    """Return the name of a box, the same at every try; a reference that is none of their names is hashed."""
    plain = f"{shipment.reference}-{place + 1}"
    if re.fullmatch(rules.EID, plain):
        return plain
    return f"{hashlib.sha256(shipment.reference.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}-{place + 1}"


def branch_of(shipper: str, point: PointRef) -> str:
    """Return a point as this shipper's `branch_id`: posts by ZIP without spaces, PPL without its `KM`."""
    if shipper in ("cp", "sp"):
        return re.sub(r"\s", "", point.point_id)
    return point.point_id.removeprefix("KM") if shipper == "ppl" else point.point_id


def package(account: Account, shipment: Shipment, place: int) -> dict[str, Any]:
    """Return one box as Balíkobot wants it; what is empty is left away (docs/carriers.md 6.2)."""
    shipper, _, service_type = shipment.service.partition("/")
    fields: dict[str, Any] = {
        "eid": eid_of(shipment, place),
        "service_type": service_type,
        **_whom("rec", shipment.recipient),
        "branch_id": branch_of(shipper, shipment.point) if shipment.point else "",
        **_measures(shipment.boxes[place]),
        "real_order_id": _order_of(shipment),
        "note": shipment.note[: rules.NOTE_MOST],
        **_extras(shipment, place),
        "return_track": True,
    }
    if shipment.sender:
        fields |= _whom("sen", shipment.sender)
    if len(shipment.boxes) > 1:
        fields["order_number"] = place + 1
    fields |= _money(account, shipment, place)
    if place == 0:  # what is declared is the whole shipment
        fields |= declared.of(account, shipment)
    if "full_errors" in account.switches:
        fields["return_full_errors"] = True
    return {name: value for name, value in fields.items() if value not in ("", None)} | {**declared.others(shipment)}


def kilograms(weight_g: int) -> Decimal:
    """Return grams as kilograms."""
    return Decimal(weight_g).scaleb(-3)


def _add(account: Account, method: str, shipments: Sequence[Shipment], *, makes: bool) -> Call:
    packages = [package(account, shipment, place) for shipment in shipments for place in range(len(shipment.boxes))]
    return _call(account, services.shipper_of(shipments[0].service), method, {"packages": packages}, makes=makes)


def _whom(prefix: str, whom: Address) -> dict[str, str]:
    # The number stands with its street, as in the only example there is; not every carrier reads `house_number`.
    has_number = not whom.house_number or whom.street.rstrip().endswith(f" {whom.house_number}")
    street = whom.street if has_number else f"{whom.street} {whom.house_number}"
    return {
        f"{prefix}_name": whom.name,
        f"{prefix}_firm": whom.company,
        f"{prefix}_street": street.strip(),
        f"{prefix}_street_append": whom.more,
        f"{prefix}_city": whom.city,
        f"{prefix}_zip": check.zip_of(whom) or re.sub(r"\s", "", whom.zip),
        f"{prefix}_region": whom.region,
        f"{prefix}_country": whom.country,
        f"{prefix}_phone": check.phone_of(whom) or whom.phone if whom.phone else "",
        f"{prefix}_email": whom.email,
    }


def _order_of(shipment: Shipment) -> str:
    """Return what holds the boxes together: of one box its order, if that is short enough.

    Several have a number made of their reference, for two shipments of one order must not become one.
    """
    if len(shipment.boxes) > 1:
        return hashlib.sha256(shipment.reference.encode("utf-8", "surrogatepass")).hexdigest()[: rules.ORDER_MOST]
    return shipment.order_number if len(shipment.order_number) <= rules.ORDER_MOST else ""


def _measures(box: Box) -> dict[str, Decimal | None]:
    sides = {"length": box.length_mm, "width": box.width_mm, "height": box.height_mm}
    centimetres = {name: Decimal(side).scaleb(-1) if side else None for name, side in sides.items()}
    return {"weight": kilograms(box.weight_g), **centimetres}


def _extras(shipment: Shipment, place: int) -> dict[str, Any]:
    options = shipment.options
    flags: dict[str, Any] = {flag: True for flag in sorted(FLAGS) if rules.is_set(shipment, flag)}
    if shipment.cod and "credit_card" not in options:
        flags["credit_card"] = shipment.cod.card_allowed
    if shipment.adults_only:
        flags["require_full_age"] = True
    flags["content"] = options.get("content") or shipment.boxes[place].content
    if options.get("rec_region"):
        flags["rec_region"] = options["rec_region"]
    extra = services.listed(options.get("services", ""))
    return {**flags, "services": list(extra) or None}


def _money(account: Account, shipment: Shipment, place: int) -> dict[str, Any]:
    """Return value and COD, which are those of the whole shipment unless each box is insured for its own."""
    fields: dict[str, Any] = {}
    value = shipment.boxes[place].value if rules.is_by_box(shipment) else shipment.value
    if value and value.minor and (place == 0 or rules.is_by_box(shipment)):
        fields = {"price": value.major, "ins_currency": value.currency}
    if place:
        return fields
    if shipment.cod:
        amount = shipment.cod.amount
        fields |= {"cod_price": amount.major, "cod_currency": amount.currency, "vs": shipment.cod.variable_symbol}
        fields |= {name: account.given.get(name, "") for name in COD_ACCOUNT}
    elif "cod_currency_always" in account.switches:
        fields["cod_currency"] = check.CURRENCIES.get(shipment.recipient.country, shipment.value.currency)
    return fields


def _call(
    account: Account,
    shipper: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    *,
    makes: bool = False,
    **rest: Any,
) -> Call:
    login = f"{account.given.get('user', '')}:{account.secrets.get('key', '')}".encode()
    headers = {"authorization": f"Basic {base64.b64encode(login).decode()}", "accept": "application/json"}
    url = f"{account.base_url.rstrip('/')}/{shipper}/{path}"
    if body is None:
        return Call("GET", url, headers=headers, makes=makes, **rest)
    headers["content-type"] = "application/json"
    return Call("POST", url, headers=headers, body=written(body, _shortest).encode(), makes=makes, **rest)


def _shortest(number: Decimal) -> str:
    return f"{number.normalize():f}"  # as the examples of 6.2 and 6.5 have them: 1290, 1.35, 40


def _day(on: date) -> str:
    return on.isoformat()


def _clock(at: time) -> str:
    return f"{at:%H:%M}"
