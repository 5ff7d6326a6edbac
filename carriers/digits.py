"""Check digits of parcel numbers and bar codes, each proven by the vectors of docs/carriers.md."""

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def mod_37_36(text: str) -> str:
    """Return the check character of ISO 7064 MOD 37,36 (DPD, 3.0); raise ValueError for what is no letter or digit."""
    product = 36
    for letter in text:
        total = (product + ALPHABET.index(letter)) % 36 or 36
        product = 2 * total % 37
    return ALPHABET[(37 - product) % 36]


def gls(number: str) -> str:
    """Return the check digit of a GLS number without it (4.7): weights 3, 1, 3 … from the right, and one."""
    total = 1 + sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(number)))
    return str(-total % 10)


def mod_11(number: str) -> str:
    """Return the check digit of the Czech and Slovak post (5.7): eight digits are S10, nine have one more weight."""
    weights = S10_WEIGHTS if len(number) == len(S10_WEIGHTS) else (1, *S10_WEIGHTS)
    rest = sum(int(digit) * weight for digit, weight in zip(number, weights, strict=True)) % 11
    return {0: "5", 1: "0"}.get(rest, str(11 - rest))
