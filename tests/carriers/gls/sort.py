from collections.abc import Mapping, Sequence

from carriers.states import State
from tests.carriers.sorts import SHOP, Sort, login

# As 4.4 has them.
LISTED: Mapping[State, Sequence[int]] = {
    State.CREATED: (51, 52, *range(83, 86)),
    State.ACCEPTED: (1,),
    State.IN_TRANSIT: (
        2, 3, 6, 7, 9, 10, 13, 21, 22, *range(24, 28), 37, 41, 46, 47, 53, 59, 80, 86, 99, *range(60, 63),
        *range(64, 68), *range(70, 75), 76,
    ),
    State.OUT_FOR_DELIVERY: (4, 32),
    State.AT_PICKUP_POINT: (8, *range(54, 57), 97),
    State.DELIVERED: (5, 58, 92, 93),
    State.EXCEPTION: (
        11, 12, *range(14, 21), *range(28, 32), *range(33, 37), 38, 39, *range(42, 45), 68, 69, 75, *range(401, 405),
        420,
    ),
    State.RETURNING: (23, 40, 57),
    State.CANCELLED: tuple(range(87, 92)),
}  # fmt: skip

SORT = Sort(
    "parcel",
    "PSD",
    "PrintLabels",
    "PrintLabels",
    given=lambda world: {
        "username": login(world)["username"],
        "client_number": login(world)["client_number"],
        "sender_name": SHOP.name,
        "sender_street": SHOP.street,
        "sender_city": SHOP.city,
        "sender_zip": SHOP.zip,
        "sender_country": "CZ",
    },
    secrets=lambda world: {"password": login(world)["password"]},
    more=frozenset({"abroad", "returns", "tracking_page", "unlisted"}),
    insuring={"INS": "1"},
    checks=True,
    choices={"printer": "A4_4x1", "return_service": "XYZ"},
    said={str(code): state for state, codes in LISTED.items() for code in codes},
)
