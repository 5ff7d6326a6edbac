from tests.carriers.sorts import Sort, login

SORT = Sort(
    "cp/DR",
    "cp/NB",
    "add",
    "add",
    given=lambda world: {"user": login(world)["api_user"], "collects": "cp"},
    secrets=lambda world: {"key": login(world)["api_key"]},
    network="cp",
    collects_from=None,
    numbers_cars=False,
)
