"""Whatever a shop tells of an order or of a shipment, it ends in a draft, in faults, or in a reason: never in a bug."""

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers import registry
from carriers.base import Account, Carrier
from service import words
from service.codebooks import Entry
from service.pairings import Pairing
from service.steps import drafting, pairing, suggesting
from service.words import faults
from tests.carriers.many import MANY
from tests.shop_items import NOON, line, raw_order
from tests.web import spoiled

ABLES = pairing.every()
SHIPMENT = {"id": 3, "code": "Z", "name": "Z", "type": "zasilkovna", "affiliate_id": "18542", "packeta_carrier_id": 106}
SET = [line("A") | {"type": "set", "uuid": "s"}, line("B") | {"type": "set_part", "parent_uuid": "s"}, line("C")]
ORDER = raw_order("1042", variable_symbol="26", shipment=SHIPMENT, products=SET)
LISTED = {
    "id": "3", "code": "Z", "type": "zasilkovna", "active_yn": True, "affiliates": ["zasilkovna"],
    "descriptions": [{"language_id": "cs", "name": "Zásilkovna"}],
}  # fmt: skip
PAIRINGS = [Pairing(code, service) for code, able in ABLES.items() for service in able.services]


def adapter(code: str) -> Carrier:
    def unasked(_: httpx.Request) -> httpx.Response:
        raise AssertionError("a check asks nobody")

    needs = registry.ADAPTERS[code].needs
    account = Account("http://carriers.test", dict.fromkeys(needs, "1"), dict.fromkeys(needs, "1"))
    return registry.opened(code, account, client=httpx.Client(transport=httpx.MockTransport(unasked)), now=lambda: NOON)


OPENED = {code: adapter(code) for code in registry.ADAPTERS}


@MANY
@given(st.lists(spoiled.altered(ORDER), min_size=1, max_size=2), st.sampled_from(PAIRINGS))
def test_a_spoiled_order_is_drafted_and_checked(orders: list[Any], paired: Pairing) -> None:
    contents = [order if isinstance(order, dict) else {} for order in orders]

    draft = drafting.draft(contents, paired, reference="r1")
    found = [*draft.faults, *drafting.check(draft.shipment, OPENED[paired.carrier])]

    assert all(faults.told(words.CS, fault) for fault in found)
    assert all(fault.code in drafting.CODES | drafting.rules.CODES for fault in found)


@MANY
@given(spoiled.altered(ORDER), spoiled.altered(LISTED))
def test_a_spoiled_shipment_is_paired_or_told_why_not(order: Any, listed: Any) -> None:
    entry = Entry("3", listed if isinstance(listed, dict) else {}, NOON, None)
    content = order if isinstance(order, dict) else {}
    advice = suggesting.advice(entry, ABLES, country="CZ")

    pairing.chosen(content, {"3": Pairing("packeta", "point")}, {"3": entry})

    assert all(not pairing.bars(entry, Pairing(each.carrier, each.service), ABLES) for each in advice.suggestions)


@pytest.mark.parametrize("code", registry.ADAPTERS)
def test_each_adapter_checks_what_nobody_filled_in(code: str) -> None:
    draft = drafting.draft([{}], Pairing(code, next(iter(ABLES[code].services))), reference="r1")

    assert drafting.check(draft.shipment, OPENED[code])
