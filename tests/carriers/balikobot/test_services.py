from dataclasses import replace
from typing import Any

import pytest

from carriers.balikobot import rules, services
from carriers.base import Account
from carriers.shipment import PointRef
from tests.carriers.balikobot.made_up import ACCOUNT, RECIPIENT, account, home

THERE = replace(RECIPIENT, zip="400001", city="Cluj-Napoca", country="RO", phone="+40722123456")
LONDON = replace(RECIPIENT, zip="NW1 6XE", city="London", country="GB", phone="+442079460958")


def found(given: Any, at: Account) -> set[tuple[str | None, str]]:
    return {(fault.field, fault.code) for fault in rules.faults(given, at)}


@pytest.mark.parametrize("code", ["fan/Cont Colector", "fan/FANbox Cont Colector", "fan/Express Loco 2H-Cont Colector"])
def test_a_service_may_be_called_by_several_words(code: str) -> None:
    at = account("fan_courier", services=code)

    assert code in rules.offered(at).services
    assert found(home(service=code, recipient=THERE), at) == set()


def test_what_is_no_service_of_an_account_is_told() -> None:
    given = "../admin/x, ppl, PPL/1, toptrans/1, fan/Standard, ppl/46,"

    assert services.unread(account(services=given)) == ("../admin/x", "ppl", "PPL/1", "fan/Standard")
    assert services.unread(account("fan_courier", services=given)) == ("../admin/x", "ppl", "PPL/1")
    assert services.unread(account(point_services="inpost/1, box")) == ("box",)
    assert services.unread(ACCOUNT) == ()


def test_an_account_says_which_of_its_services_end_at_points() -> None:
    at = account(
        "fan_courier", services="toptrans/1, fan/Standard", point_services="inpost/1, fan/FANbox, ppl/2, ppl/4"
    )
    able = rules.offered(at)

    assert able.to_point - rules.ABLE.to_point == {"inpost/1", "fan/FANbox", "ppl/2"}
    assert {"inpost/1", "fan/FANbox", "toptrans/1"} <= able.services.keys()
    assert found(home(service="inpost/1"), at) == {("point", "missing")}
    assert found(home(service="inpost/1", point=PointRef("WAW1")), at) == set()
    assert found(home(service="fan/FANbox", recipient=THERE, point=PointRef("F1")), at) == set()
    assert found(home(service="fan/Standard", recipient=THERE, point=PointRef("F1")), at) == {("point", "not_both")}


@pytest.mark.parametrize(
    ("service", "given", "is_taken"),
    [
        ("ups/65", {"services": "ups/65"}, True),
        ("dpd/1", {}, False),
        ("dpd/1", {"services": "dpd/1"}, True),
        ("zasilkovna/106", {"services": "zasilkovna/106"}, False),
    ],
)
def test_what_an_account_names_may_go_anywhere_and_what_is_domestic_never_does(
    service: str, given: dict[str, str], is_taken: bool
) -> None:
    expected = set() if is_taken else {("recipient.country", "not_offered")}

    assert found(home(service=service, recipient=LONDON), account(**given)) == expected


@pytest.mark.parametrize("country", ["IE", "CY", "MT"])
def test_the_whole_union_is_within_reach_of_listed_services(country: str) -> None:
    assert country in services.countries(ACCOUNT, "dpd/1")


def test_shippers_an_account_names_are_each_told_once() -> None:
    at = account(services="ups/65, cp/DR", point_services="inpost/1", carriers="ppl, cp", collects="dpd, ppl")

    assert services.shippers(at) == ("ups", "cp", "inpost", "ppl", "dpd")
    assert services.shippers(ACCOUNT) == ()
