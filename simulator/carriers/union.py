"""The countries of the European Union: what goes elsewhere is declared at the customs."""

COUNTRIES = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip


def is_outside(country: str) -> bool:
    """Say whether parcels to a country (ISO, two upper-case letters) pass the customs."""
    return country not in COUNTRIES
