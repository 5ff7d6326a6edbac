from tests.carriers.sorts import Sort

SORT = Sort(
    "327",
    "337",
    "POST /shipments",
    "POST /shipments",
    given=lambda world: {
        "dsw": world.accounts["shop"].given["dsw"],
        "address_id": "776655",
        "points_url": "http://carriers.test/dpd_cz/api",
    },
    path="/v1",
    switches=frozenset({"status_words", "collect_address"}),
    collects_from=None,
    lists_codes=False,
    orders="POST /pickup-orders",
    more=frozenset({"collections", "cod_abroad", "insure_abroad", "more_services", "returns"}),
    insuring={"insurance": "1"},
)
