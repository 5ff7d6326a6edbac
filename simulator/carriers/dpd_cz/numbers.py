"""The bar code of a label and the line people read below it (carriers.md 3.0)."""

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
COUNTRIES = {
    "CZ": "203",
    "SK": "703",
    "AT": "040",
    "DE": "276",
    "HU": "348",
    "PL": "616",
    "RO": "642",
    "SI": "705",
    "HR": "191",
    "BG": "100",
}


def content(*, postcode: str, number: str, service: str, country: str) -> str:
    """Return the 28 characters of the bar code; `country` has two letters."""
    letters = "".join(one for one in postcode.upper() if one in DIGITS)
    return f"%{letters:0>7}{number}{service}{COUNTRIES[country]}"


def shown(code: str) -> str:
    """Return the readable line of a bar code's content: groups, then the check character."""
    bare = code[1:]
    parts = (bare[:7], bare[7:11], bare[11:15], bare[15:19], bare[19:21], bare[21:24], bare[24:])
    return " ".join((*parts, check(bare)))


def check(bare: str) -> str:
    """Return the check character of 27 characters: ISO 7064 mod 37,36."""
    product = 36
    for one in bare:
        total = (product + DIGITS.index(one)) % 36 or 36
        product = 2 * total % 37
    return DIGITS[(37 - product) % 36]
