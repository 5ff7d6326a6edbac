"""What the WMS sees of an order: the fields whose change makes the order worth reading again.

The platform stamps an order for reasons no warehouse cares about (a resolved flag, a status name in another language).
Only a change of what stands here moves the feed.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast


def _names(text: str) -> Sequence[str]:
    return tuple(text.split())


# docs/upgates.md 4.1. Left out: names of statuses (localised), links, statistics, what is derived from other fields.
ORDER = _names("""
    status_id paid_date tracking_code external_order_number case_number variable_symbol invoice_number language_id
    currency_id prices_with_vat_yn oss_yn order_total total_weight internal_note
""")
CUSTOMER = _names("""
    email phone code firstname_invoice surname_invoice street_invoice city_invoice state_invoice zip_invoice
    country_id_invoice postal_yn firstname_postal surname_postal street_postal city_postal state_postal zip_postal
    country_id_postal company_postal company_yn company ico dic vat_payer_yn customer_note
""")
SHIPMENT = _names("id code name type affiliate_id affiliate_name packeta_carrier_id price price_with_vat")
PAYMENT = _names("id code name type price price_with_vat")
DIMENSIONS = _names("width length height")
LINE = _names("""
    type uuid parent_uuid product_id option_set_id code code_supplier ean title adult_yn unit length length_unit
    quantity price_per_unit price price_with_vat price_without_vat vat weight stock_position invoice_info parameters
    configurations
""")
ATTACHMENT = _names("id name url code")

PARTS = {"customer": CUSTOMER, "shipment": SHIPMENT, "payment": PAYMENT, "dimensions": DIMENSIONS}
LISTS = {"products": LINE, "attachments": ATTACHMENT}

# The journal is never rewritten, so it keeps no personal values: of these it shows before and after, of lists the
# length, of everything else only that it changed.
SHOWN = frozenset(
    _names("""
        status_id paid_date tracking_code currency_id language_id order_total total_weight prices_with_vat_yn oss_yn
        shipment.id shipment.code shipment.type shipment.packeta_carrier_id shipment.price shipment.price_with_vat
        payment.id payment.code payment.type payment.price payment.price_with_vat
        dimensions.width dimensions.length dimensions.height
    """)
)

Json = Mapping[str, Any]
Changes = Mapping[str, tuple[Any, Any]]


def visible(raw: Json) -> Json:
    """Return the visible fields, flat (`shipment.id`), in one spelling.

    Null, empty and absent are the same, as are 1 and 1.0 and the spellings of a bool (docs/upgates.md 1.6, T53).
    """
    seen = _pick(raw, ORDER)
    for part, fields in PARTS.items():
        for inner in _objects([raw.get(part)]):
            seen |= {f"{part}.{name}": value for name, value in _pick(inner, fields).items()}
    for part, fields in LISTS.items():
        if lines := [_pick(line, fields) for line in _objects(raw.get(part))]:
            seen[part] = lines
    if metas := _plain("metas", raw.get("metas")):
        seen["metas"] = metas
    return seen


def changes(raw_before: Json, raw_after: Json) -> Changes:
    """Return what the WMS sees differently: before and after where the journal may show them, else two Nones."""
    touched = [part for part in raw_before.keys() | raw_after.keys() if raw_before.get(part) != raw_after.get(part)]
    before = visible({part: raw_before.get(part) for part in touched})
    after = visible({part: raw_after.get(part) for part in touched})
    return {
        field: _shown(field, before.get(field), after.get(field))
        for field in sorted(before.keys() | after.keys())
        if before.get(field) != after.get(field)
    }


def _shown(field: str, before: Any, after: Any) -> tuple[Any, Any]:
    if field in LISTS:
        return len(before or ()), len(after or ())
    return (before, after) if field in SHOWN else (None, None)


def _pick(raw: Json, fields: Sequence[str]) -> dict[str, Any]:
    picked = ((field, _plain(field, raw.get(field))) for field in fields)
    return {field: value for field, value in picked if value is not None}


def _plain(field: str, value: object) -> Any:
    if value is None or value == "":
        return None
    if field.endswith("_yn"):
        return str(value).lower() in {"true", "1"}
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain("", item) for item in cast("list[Any]", value)] or None
    if isinstance(value, dict):
        return _pick(cast("dict[str, Any]", value), tuple(cast("dict[str, Any]", value))) or None
    return value


def _objects(value: object) -> Sequence[Json]:
    many = cast("list[Any]", value) if isinstance(value, list) else []
    return [cast("dict[str, Any]", one) for one in many if isinstance(one, dict)]
