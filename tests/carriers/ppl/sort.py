from tests.carriers.sorts import Sort, login

SORT = Sort(
    "PRIV",
    "SMAR",
    "POST /shipment/batch",
    "GET /shipment/batch/{}",
    given=lambda world: {"client_id": login(world)["client_id"]},
    secrets=lambda world: {"client_secret": login(world)["client_secret"]},
)
