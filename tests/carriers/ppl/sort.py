from carriers.states import State
from tests.carriers.sorts import Sort, login

SORT = Sort(
    "PRIV",
    "SMAR",
    "POST /shipment/batch",
    "GET /shipment/batch/{}",
    given=lambda world: {"client_id": login(world)["client_id"]},
    secrets=lambda world: {"client_secret": login(world)["client_secret"]},
    orders="POST /order/batch",
    names_cars=True,
    more=frozenset({"adults_only", "outside_union", "relabel", "returns", "take_date"}),
    more_given={"return_address": "Můj e-shop; Skladová 1; Praha; 19000; CZ"},
    goes={"CONN": "SK", "SMEU": "SK", "COPL": "CH"},
    takes_to=lambda service, _, point: service != "SBOX" or point.kind == "box",
    choices={"dpi": "1200", "return_product": "RETX", "label_format": "docx", "age_check": "18 +"},
    said={
        "Undelivered": State.IN_TRANSIT,
        "Active": State.IN_TRANSIT,
        "Customs": State.IN_TRANSIT,
        "Deleted": State.CANCELLED,
        "None": State.CREATED,
    },
)
