"""Money in minor units, and how each currency is collected on delivery. Never a binary float."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MINOR = {"HUF": 0}  # digits after the point, where they are not two: nobody collects or pays fillér
WHOLE = {"CZK": 100}  # minor units that are the smallest amount to be collected; Packeta's HUF go by five of its own
LARGEST_EXPONENT = 12


@dataclass(frozen=True, order=True)
class Money:
    """An amount: `minor` units (haléř, cent; whole forints) of an ISO 4217 currency."""

    minor: int
    currency: str

    @classmethod
    def read(cls, amount: object, currency: str) -> "Money":
        """Read an amount in major units as a carrier writes it: text, an integer, a JSON number kept as text.

        Raise ValueError for a float, a name, NaN, or more digits than the currency has.
        """
        if isinstance(amount, float | bool) or not isinstance(amount, str | int | Decimal):
            raise ValueError("an amount is text, an integer or a Decimal")  # noqa: TRY004  # one error for bad amounts
        try:
            major = Decimal(amount.strip().replace(",", ".") if isinstance(amount, str) else amount)
        except ArithmeticError:
            raise ValueError("an amount is a decimal number") from None
        if not major.is_finite() or major.adjusted() > LARGEST_EXPONENT:
            raise ValueError("an amount is a decimal number")
        minor = major.scaleb(digits(currency))
        if minor != minor.to_integral_value():
            raise ValueError(f"an amount in {currency} has {digits(currency)} decimal places")
        return cls(int(minor), currency)

    @classmethod
    def rounded(cls, major: Decimal, currency: str) -> "Money":
        """Return an amount in major units with as many decimal places as its currency has, rounded half up."""
        return cls(int(major.scaleb(digits(currency)).quantize(Decimal(1), ROUND_HALF_UP)), currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units, with all its decimal places."""
        return Decimal(self.minor).scaleb(-digits(self.currency))

    def plain(self, places: int | None = None) -> str:
        """Return the amount as carriers want it, `1290` or `12.50`; `places` other than the currency's own round."""
        if places is None:
            return f"{self.major:f}"
        return f"{self.major.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"

    def collected(self, *, step_minor: int | None = None) -> "Money":
        """Return what is asked for on delivery: rounded half up to the smallest amount collected in this currency."""
        step = step_minor or WHOLE.get(self.currency, 1)
        steps = (Decimal(self.minor) / step).quantize(Decimal(1), ROUND_HALF_UP)
        return Money(int(steps) * step, self.currency)


def digits(currency: str) -> int:
    """Return how many decimal places a currency has."""
    return MINOR.get(currency, 2)
