"""Codes of the post's own answers and the texts beside them (carriers.md 5.2).

The contract prints 1, 19, 250 and 261; the other texts are those of the carrier's own list of
states, misspelt as there.
"""

from collections.abc import Iterable
from typing import Any

OK, UNAUTHORIZED, CUSTOMER, LOCATION, POST_CODE, IN_THE_PAST, CLOSED = 1, 3, 10, 11, 12, 13, 15
UNFINISHED, BATCH_INVALID = 18, 19

TEXTS = {
    OK: "OK",
    UNAUTHORIZED: "UNAUTHORIZED_ACCESS",
    CUSTOMER: "INVALID_CUSTOMER_ID",
    LOCATION: "INVALID_LOCATION",
    POST_CODE: "INVALID_POST_CODE",
    IN_THE_PAST: "INVALID_TRANSMISSION_DATE",
    CLOSED: "TRANSMISSION_CLOSED",
    UNFINISHED: "BATCH_UNFINISHED",
    BATCH_INVALID: "BATCH_INVALID",
    100: "INVALID_PARCEL_CODE",
    101: "DUPLICATE_PARCEL_CODE",
    102: "FULL_SEQUENCE",
    103: "INVALID_PREFIX",
    104: "INVALID_WEIGHT",
    105: "INVALID_PRICE",
    106: "INVALID_AMOUNT",
    107: "INVALID_CURRENCY",
    108: "MISSING_VS",
    112: "ILLEGAL_COMBINATION_SERVICE",
    113: "MISSING_REQUIRED_SERVICE",
    114: "MISSING_SURNAME",
    115: "MISSING_COMPANY_NAME",
    117: "UNKNOWN_ZIP_CODE",
    121: "BAD_WEIGHT",
    124: "MISSING_AMOUNT",
    127: "MISSING_REQUIRED_SERVICE 42/43/44",
    128: "MISSING_PREFIX",
    131: "MISSING_AMOUNT_TYPE",
    132: "BAD_VS",
    137: "BAD_PREFIX",
    139: "INVALID_ADRESS_FOR_AMOUNT_OVER_20000",
    142: "INVALID_ADRESS",
    145: "INVALID_PARCEL_CODE_CONTROL",
    184: "INVALID_PHONE_NUMBER",
    185: "INVALID_EMAIL",
    189: "MISSING_REQUIRED_MOBIL_NUMBER",
    206: "MISSING_PARCEL_CUSTOM_GOODS",
    207: "MISSING_CATEGORY_CUSTOM_DECALARATION",
    208: "MISSING_CURRENCY_CUSTOM_DECALARATION",
    209: "INVALID_QUANTITY_CUSTOM_GOOD",
    210: "MISSING_QUANTITY_CUSTOM_GOOD",
    211: "INVALID_WEIGHT_CUSTOM_GOOD",
    212: "MISSING_WEIGHT_CUSTOM_GOOD",
    213: "MISSING_PRICE_CUSTOM_GOOD",
    214: "MISSING_ISO_CUSTOM_GOOD",
    215: "MISSING_HS_CODE_CUSTOM_GOOD",
    216: "MISSING_CONTENT_CUSTOM_GOOD",
    219: "MISSING_ADDRESSEE_ZIP_CODE",
    220: "MISSING_ADDRESSEE_CITY",
    221: "INVALID_WEIGHT_CUSTOM_GOOD_SUMMARY",
    226: "INVALID_CONTENT_CUSTOM_GOOD",
    227: "INVALID_CUSTOM_GOOD_NUMBER",
    247: "INVALID_ADRESS",
    248: "INVALID_ADRESS",
    250: "MISSING_REQUIRED_EMAIL",
    253: "INFO_INEXACT_ADDRESS",
    260: "MISSING_ADDRESSEE_STREET",
    261: "MISSING_SIZE_CATEGORY",
    183: "INFO_INVALID_EMAIL",
    300: "MISSING_ADDRESSEE",
    301: "INFO_CITY_CHANGED",
    304: "INFO_INVALID_MOBIL_NUMBER",
    305: "INFO_INVALID_TELEPHONE_NUMBER",
    306: "INFO_INVALID_PREFIX_ACCOUNT",
    307: "INFO_INVALID_ACCOUNT",
    308: "INFO_INVALID_BANK_CODE",
    309: "INVALID_ADDRESS",
    317: "INFO_INVALID_SPEC_SYMBOL",
    328: "INFO_CANCEL_SERVICE_25",
    336: "MISSING_REQUIRED_PRICE",
    378: "INVALID_PREFIX_COMBINATION",
}


def told(code: int) -> dict[str, Any]:
    """Return a code with its text."""
    return {"responseCode": code, "responseText": TEXTS[code]}


def is_info(code: int) -> bool:
    """Say whether a parcel is taken in spite of a code."""
    return TEXTS[code].startswith("INFO_")


def is_good(codes: Iterable[int]) -> bool:
    """Say whether nothing stands against a record."""
    return all(is_info(code) for code in codes)


def states(codes: Iterable[int]) -> list[dict[str, Any]]:
    """Return `parcelStateResponse`.

    Guess: information stands there instead of OK, not beside it; a client that looks for a 1 alone would lose a parcel.
    """
    return [told(code) for code in codes] or [told(OK)]
