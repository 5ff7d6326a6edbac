"""What MyGLS holds a parcel against: its fields, addresses, money and services (carriers.md 4.2)."""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from simulator.carriers.gls import dates, network
from simulator.carriers.gls.asking import FOREIGN_CLIENT, INT32, INVALID
from simulator.carriers.world import Account, World

COD_NEGATIVE, HOUSE_ZERO, INSURED_COUNT, COUNT_RANGE, FSS_ALONE = 8, 23, 28, 29, 30
NO_REFERENCE, NO_CONTENT, RS_MISSING, RS_FOREIGN, CURRENCY = 32, 33, 43, 44, 48  # guess: which of a pair is which
MOST_BOXES = 99
MOST = 10**9  # beyond any amount and any weight

TEXTS = ("ClientReference", "CODReference", "CODCurrency", "Content", "SenderIdentityCardNumber")
OTHERS = ("ClientNumber", "Count", "CODAmount", "PickupDate", "PickupAddress", "DeliveryAddress", "ServiceList")
PARCEL = frozenset({*TEXTS, *OTHERS, "ParcelPropertyList", "PickupType"})
NEEDED = ("Name", "Street", "City", "ZipCode", "CountryIsoCode")
CONTACT = ("ContactName", "ContactPhone", "ContactEmail")
ADDRESS = (*NEEDED, "HouseNumber", "HouseNumberInfo", *CONTACT)
PROPERTY = ("PackageType", "Height", "Length", "Width")

# guess: that a ZIP code is held against its country; the contract prints the error and 60200
ZIPS = {
    "CZ": r"\d{5}",
    "SK": r"\d{5}",
    "HU": r"\d{4}",
    "RO": r"\d{6}",
    "SI": r"\d{4}",
    "HR": r"\d{5}",
    "RS": r"\d{5}",
    "AT": r"\d{4}",
    "DE": r"\d{5}",
    "PL": r"\d{2}-?\d{3}",
}
CURRENCIES = {"CZ": "CZK", "SK": "EUR", "HU": "HUF", "RO": "RON", "SI": "EUR", "HR": "EUR", "RS": "RSD"}
WHOLE = ("CZK", "HUF")
PHONE = re.compile(r"\+[1-9]\d{7,14}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
VARIABLES = {"#ParcelNr#", "#COD#", "#PickupDate#", "#From_Name#", "#ClientRef#"}

Wrong: TypeAlias = Iterator[tuple[int, str]]
Told: TypeAlias = Mapping[str, Any]
Check: TypeAlias = Callable[[Any], bool]


def wrong(world: World, account: Account, parcel: Told) -> Wrong:
    """Yield (code, text) of all that is wrong with a parcel, nothing for one that can be made."""
    told = given(parcel)
    for path in (path for path in (*_fields(told), *_places(told), *_properties(told))):
        yield INVALID, issue(path)
    yield from _sender(account, told)
    yield from _houses(told)
    yield from _count(told)
    yield from _money(told)
    yield from _services(world, account, told)


def issue(path: str) -> str:
    """Return the text of error 13 as it is printed."""
    return f"Parcel validation issue: {path}"


def given(told: Told) -> dict[str, Any]:
    """Return an object without what is null."""
    return {name: value for name, value in told.items() if value is not None}


def services(told: Told) -> dict[str, Told]:
    """Return the services by their codes."""
    found = told.get("ServiceList")
    listed = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return {str(one.get("Code")): one for one in listed}


def point_of(world: World, told: Told) -> str:
    """Return the id of the point a parcel goes to, "" for none or one that does not exist or is closed."""
    wanted = services(told).get("PSD", {}).get("PSDParameter")
    if not isinstance(wanted, dict):
        return ""
    wanted = given(wanted)
    if "StringValue" in wanted:
        point = world.points.get(str(wanted["StringValue"]))
    else:
        point = network.by_gold_id(world, wanted.get("IntegerValue"))  # guess: `goldId` of the list is meant
    return point.id if point and point.is_open else ""


def destination(told: Told) -> str:
    """Return the country a parcel goes to, "" where that cannot be read."""
    address = told.get("DeliveryAddress")
    return str(address.get("CountryIsoCode") or "") if isinstance(address, dict) else ""


def amount_is_whole(amount: int | Decimal, currency: str) -> bool:
    """Say whether an amount can be paid: no more decimals than its currency has in COD."""
    return abs(amount) < MOST and not Decimal(amount) % (1 if currency in WHOLE else Decimal("0.01"))


def _fields(told: Told) -> Iterator[str]:
    yield from sorted(told.keys() - PARCEL)  # guess: that unknown ones are refused
    yield from (name for name in TEXTS if name in told and not isinstance(told[name], str))
    if "PickupDate" in told and dates.read(told["PickupDate"]) is None:
        yield "PickupDate"


def _sender(account: Account, told: Told) -> Wrong:
    number = told.get("ClientNumber")
    if type(number) is not int or not 0 < number <= INT32:
        yield INVALID, issue("ClientNumber")
    elif str(number) != account.login["client_number"]:
        yield FOREIGN_CLIENT, f"Client number {number} is not yours."
    needs = account.given.get("needs", ())
    for name, code in (("ClientReference", NO_REFERENCE), ("Content", NO_CONTENT)):
        if name in needs and not _is_text(told.get(name)):
            yield code, f"{name} is required."
    card, is_serbian = told.get("SenderIdentityCardNumber"), account.given["country"] == "RS"
    if is_serbian and not _is_text(card):
        yield RS_MISSING, "SenderIdentityCardNumber is required."
    elif card and not is_serbian:
        yield RS_FOREIGN, "SenderIdentityCardNumber is for Serbia only."


def _places(told: Told) -> Iterator[str]:
    for name in ("PickupAddress", "DeliveryAddress"):
        address = told.get(name)
        if isinstance(address, dict):
            yield from (f"{name}.{field}" for field in _address(given(address)))
        else:
            yield name


def _address(told: Told) -> Iterator[str]:
    yield from sorted(told.keys() - set(ADDRESS))
    yield from (name for name in NEEDED if not _is_text(told.get(name)))
    yield from (name for name in ADDRESS if name not in NEEDED and not isinstance(told.get(name, ""), str))
    country, zip_ = told.get("CountryIsoCode"), told.get("ZipCode")
    if _is_text(country) and not re.fullmatch(r"[A-Z]{2}", str(country)):
        yield "CountryIsoCode"
    if _is_text(zip_) and not re.fullmatch(ZIPS.get(str(country), r".{1,10}"), str(zip_)):
        yield "ZipCode"
    if not re.fullmatch(r"\d*", str(told.get("HouseNumber", "")), re.ASCII):
        yield "HouseNumber"
    for name, check in (("ContactPhone", _is_phone), ("ContactEmail", _is_email)):
        if _is_text(told.get(name)) and not check(told[name]):
            yield name


def _houses(told: Told) -> Wrong:
    for name in ("PickupAddress", "DeliveryAddress"):
        address = told.get(name)
        house = address.get("HouseNumber") if isinstance(address, dict) else None
        if isinstance(house, str) and re.fullmatch(r"0+", house):
            yield HOUSE_ZERO, f"House number cannot be 0: {name}.HouseNumber"


def _count(told: Told) -> Wrong:
    count = told.get("Count", 1)
    if type(count) is not int:
        yield INVALID, issue("Count")
    elif not 1 <= count <= MOST_BOXES:
        yield COUNT_RANGE, f"Count must be between 1 and {MOST_BOXES}."
    if "INS" in services(told) and count != 1:
        yield INSURED_COUNT, "INS is for parcels with Count 1 only."


def _money(told: Told) -> Wrong:
    amount, currency = told.get("CODAmount", 0), told.get("CODCurrency")
    if not _is_number(amount):
        yield INVALID, issue("CODAmount")
        return
    if amount < 0:
        yield COD_NEGATIVE, "CODAmount cannot be negative."
    if amount <= 0:
        return
    ours = CURRENCIES.get(destination(told))
    if currency is None or currency != ours:
        # guess: that it is the destination's, and cannot be left out; who does neither is safe
        yield CURRENCY, f"CODCurrency must be {ours or 'that of a country with COD'}."
    elif not amount_is_whole(amount, currency):
        yield INVALID, issue("CODAmount")


def _properties(told: Told) -> Iterator[str]:
    listed = told.get("ParcelPropertyList", [])
    if not isinstance(listed, list):
        yield "ParcelPropertyList"
        return
    for n, one in enumerate(listed):
        if not isinstance(one, dict):
            yield f"ParcelPropertyList[{n}]"
            continue
        yield from (f"ParcelPropertyList[{n}].{name}" for name in _property(given(one)))


def _property(told: Told) -> Iterator[str]:
    yield from sorted(told.keys() - {"Content", "Weight", *PROPERTY})
    for name in PROPERTY:
        if name in told and (
            type(told[name]) is not int or not 1 <= told[name] <= (7 if name == "PackageType" else INT32)
        ):
            yield name
    if "Weight" in told and not _is_positive(told["Weight"]):
        yield "Weight"
    if not isinstance(told.get("Content", ""), str):
        yield "Content"


def _services(world: World, account: Account, told: Told) -> Wrong:
    listed = told.get("ServiceList", [])
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        yield INVALID, issue("ServiceList")
        return
    found = services(told)
    if len(found) < len(listed):
        yield INVALID, issue("ServiceList")
    for code, service in found.items():
        if not _is_service(code, given(service)):
            yield INVALID, issue(f"ServiceList.{code}")
    if "FSS" in found and "FDS" not in found:
        yield FSS_ALONE, "FSS is only together with FDS."
    if "COD" in found and not told.get("CODAmount"):
        yield INVALID, issue("CODAmount")  # guess
    if "PSD" in found:
        yield from _to_point(world, told)
    yield from _locker_return(account, told, has_service="LRS" in found)


def _is_service(code: str, told: Told) -> bool:
    """Say whether a service is known and has its own parameter, and that alone."""
    name = f"{code}Parameter"
    check = PARAMETERS.get(code)
    if check is None:
        return code in PLAIN and told.keys() == {"Code"}
    parameter = told.get(name)
    return told.keys() == {"Code", name} and isinstance(parameter, dict) and check(given(parameter))


def _to_point(world: World, told: Told) -> Wrong:
    address = told.get("DeliveryAddress")
    for name in CONTACT:
        if isinstance(address, dict) and not _is_text(address.get(name)):
            yield INVALID, issue(f"DeliveryAddress.{name}")
    point = world.points.get(point_of(world, told))
    if point is None:
        yield INVALID, issue("ServiceList.PSD")
    elif told.get("CODAmount") and not point.takes_cod:
        yield INVALID, issue("CODAmount")  # guess: the list says `acceptsCash`; whether it is held against it


def _locker_return(account: Account, told: Told, *, has_service: bool) -> Wrong:
    kind = told.get("PickupType")
    if kind is None and not has_service:
        return
    if not has_service or type(kind) is not int or kind != 2 or account.given["country"] != "HU":
        yield INVALID, issue("PickupType")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_number(value: object) -> bool:
    return type(value) in (int, Decimal)


def _is_positive(value: Any) -> bool:
    return _is_number(value) and 0 < value < MOST


def _is_phone(value: object) -> bool:
    return isinstance(value, str) and PHONE.fullmatch(value) is not None


def _is_email(value: object) -> bool:
    return isinstance(value, str) and EMAIL.fullmatch(value) is not None


def _is_sms(value: object) -> bool:
    phone, bar, text = value.partition("|") if isinstance(value, str) else ("", "", "")
    return _is_phone(phone) and bool(bar and text.strip()) and set(re.findall(r"#\w+#", text)) <= VARIABLES


def _of(**checks: Check) -> Check:
    """Return a check of a parameter that has exactly these members."""
    return lambda told: told.keys() == checks.keys() and all(check(told[name]) for name, check in checks.items())


def _is_window(told: Told) -> bool:
    if told.keys() != {"TimeFrom", "TimeTo"}:
        return False
    since, until = dates.read(told["TimeFrom"]), dates.read(told["TimeTo"])
    return since is not None and until is not None and since < until


def _is_there(_: object) -> bool:
    return True


PLAIN = frozenset(("COD", "24H", "SAT", "T09", "T10", "T12", "TGS", "XS", "SRS", "LRS", "PSS", "PRS"))
PARAMETERS: dict[str, Check] = {
    "PSD": lambda told: _of(StringValue=_is_text)(told) or _of(IntegerValue=lambda id_: type(id_) is int)(told),
    "FDS": _of(Value=_is_email),
    "FSS": _of(Value=_is_phone),
    "SM1": _of(Value=_is_sms),
    "SM2": _of(Value=_is_phone),
    "CS1": _of(Value=_is_phone),
    "INS": _of(Value=_is_positive),
    "DPV": _of(StringValue=_is_text, DecimalValue=_is_positive),
    "AOS": _of(Value=_is_text),
    "DDS": _of(Value=lambda day: dates.read(day) is not None),
    "SDS": _is_window,
    "SZL": _of(Value=lambda text: _is_text(text) and len(text) <= 15),
    "ADR": _of(
        AdrItemType=_is_there, AmountUnit=_is_there, InnerCount=_is_there, PackSize=_is_there, UnNumber=_is_there
    ),
}
