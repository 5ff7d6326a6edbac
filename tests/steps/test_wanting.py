"""What the shop ought to show because of what left, as a table of cases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.mappings import Given, Milestone, Target, Tracking
from service.outbox import Want
from service.shipments import Parcel, Shipment
from service.steps import wanting
from tests.shop_items import at

RECEIVED, SENT = 1, 12
NOTHING = Want()
SHIPPED = Given(live_since=at(-9), targets={Milestone.SHIPPED: Target(SENT, mail=True, sms=False)})
STATUS = Want(SENT, "shipped", mail=True, sms=False, based_on_status_id=RECEIVED)


def shipment(*codes: str | None, final: bool = False, when: float = 0, voided: bool = False) -> Shipment:
    return Shipment(
        shipment_id=f"s_one_{when}",
        order_number="O1",
        account_id="a_wms",
        parcels=tuple(Parcel("ppl", code, None) for code in codes),
        final_since=at(when) if final else None,
        revision=1,
        created_at=at(when),
        changed_at=at(when),
        voided_at=at(when + 1) if voided else None,
        written_before=False,
    )


def wanted(*told: Shipment, given: Given = SHIPPED, cancelled: bool = False) -> Want:
    return wanting.wanted(told, given, status_id=RECEIVED, cancelled=cancelled)


def wait(seconds: float = 0) -> Want:
    return replace(STATUS, wait_until=at(seconds) + timedelta(minutes=15))


def code(main: str, *extra: str, status: Want = NOTHING) -> Want:
    return replace(status, tracking_code=main, extra_codes=extra)


@pytest.mark.parametrize(
    ("told", "want"),
    [
        pytest.param([], NOTHING, id="nothing left"),
        pytest.param([shipment("A")], code("A"), id="a part left: its code, no status"),
        pytest.param([shipment(None)], NOTHING, id="a part left without a code"),
        pytest.param([shipment("A", final=True)], code("A", status=STATUS), id="all left"),
        pytest.param([shipment(None, final=True)], wait(), id="all left: the status waits for its code"),
        pytest.param([shipment("A"), shipment(None, final=True)], code("A", status=STATUS), id="one code is enough"),
        pytest.param([shipment(None, final=True, when=60)], wait(60), id="it waits since it was final"),
        pytest.param([shipment("A", final=True, voided=True)], NOTHING, id="taken back"),
        pytest.param(
            [shipment("A", final=True, voided=True), shipment("B", final=True)], code("B", status=STATUS), id="replaced"
        ),
        pytest.param(
            [shipment("A", final=True, voided=True), shipment("B")], code("B"), id="only what stands closes an order"
        ),
        pytest.param([shipment("A", "B"), shipment("C", final=True)], code("A", "B", "C", status=STATUS), id="several"),
        pytest.param([shipment(None, "B", "B"), shipment("B", "C")], code("B", "C"), id="each code once, and no gaps"),
    ],
)
def test_what_left_says_what_the_shop_ought_to_show(told: list[Shipment], want: Want) -> None:
    assert wanted(*told) == want


@pytest.mark.parametrize(
    ("tracking", "want"),
    [
        (Tracking.FIRST, code("A", "B", "C")),
        (Tracking.LAST, code("C", "A", "B")),
        (Tracking.JOINED, code("A, B, C")),
    ],
)
def test_the_merchant_says_which_code_is_the_main_one(tracking: Tracking, want: Want) -> None:
    given = replace(SHIPPED, tracking=tracking)

    assert wanted(shipment("A", "B"), shipment("C"), given=given) == want
    assert wanted(shipment("A"), given=given) == code("A")
    assert wanted(shipment(None), given=given) == NOTHING


def test_without_a_status_for_it_only_the_code_goes() -> None:
    assert wanted(shipment("A", final=True), given=replace(SHIPPED, targets={})) == code("A")
    assert wanted(shipment(None, final=True), given=replace(SHIPPED, targets={})) == NOTHING


def test_the_flags_are_the_merchants() -> None:
    given = replace(SHIPPED, targets={Milestone.SHIPPED: Target(SENT, mail=False, sms=True)})

    want = wanted(shipment("A", final=True), given=given)

    assert (want.mail, want.sms) == (False, True)


def test_the_shops_own_cancellation_stands_against_a_parcel_that_left() -> None:
    assert wanted(shipment("A", final=True), cancelled=True) == code("A")
