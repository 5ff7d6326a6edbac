"""Balíkovna points from the open list."""

from dataclasses import replace

import pytest

from carriers.ceska_posta import points
from carriers.errors import CarrierError, CarrierUnreachable
from carriers.shipment import PointRef
from tests.carriers.ceska_posta.sample import TO_POINT, account, answer, post
from tests.carriers.kit import kit

FEED = """<?xml version="1.0" encoding="utf-8"?>
<zv xmlns="http://www.cpost.cz/schema/aict/zv_2"><generated>2026-03-05</generated>%s</zv>"""
ROW = """<row><PSC>60200</PSC><NAZEV>Brno 2</NAZEV><ADRESA>Orlí 655/30, 60200, Brno</ADRESA><TYP>pošta</TYP>
<OTEV_DOBY><den name="Pondělí"><od_do><od>08:00</od><do>18:00</do></od_do></den><den name="Neděle"/></OTEV_DOBY>
<SOUR_X>1160000.1</SOUR_X><SOUR_Y>598000.2</SOUR_Y><OBEC>Brno</OBEC><C_OBCE>Brno-město</C_OBCE>
<SOUR_X_WGS84>16.611</SOUR_X_WGS84><SOUR_Y_WGS84>49.193</SOUR_Y_WGS84><STAV/><PLATBA_KARTOU>A</PLATBA_KARTOU></row>"""


def read(rows: str, *, depots: bool = True):
    said = answer((FEED % rows).encode(), makes=False, operation="points")
    return list(points.read_points(said, depots=depots))


def test_a_point_is_known_by_its_post_code() -> None:
    (point,) = read(ROW)

    assert (point.network, point.point_id, point.zip, point.country) == ("ceska_posta", "60200", "60200", "CZ")
    assert (point.kind, point.name, point.city) == ("post_office", "Brno 2", "Brno")
    assert (point.latitude, point.longitude) == (49.193, 16.611)
    assert point.opening == "Pondělí 08:00-18:00; Neděle"
    assert point.raw["PLATBA_KARTOU"] == "A"


@pytest.mark.parametrize(
    ("said", "kind"),
    [("balíkovna partner", "shop"), ("balíkovna-BOX", "locker"), ("depo", "depot"), ("něco nového", "něco nového")],
)
def test_a_kind_the_list_does_not_explain_stays_as_it_is(said, kind) -> None:
    (point,) = read(ROW.replace("pošta", said))

    assert point.kind == kind


@pytest.mark.parametrize(
    "row",
    [
        ROW.replace("<PSC>60200", "<PSC>602"),
        ROW.replace("<PSC>60200", "<PSC>"),
        ROW.replace("<PSC>60200</PSC>", "<PSC/>"),
        ROW.replace("<NAZEV>Brno 2</NAZEV>", ""),
        "<row/>",
        "<row>text</row>",
    ],
)
def test_a_bad_row_is_left_out_and_the_list_stays(row) -> None:
    good = ROW.replace("60200", "10000")

    assert [point.point_id for point in read(row + good)] == ["10000"]


def test_a_depot_is_no_point_unless_it_is_switched_on() -> None:
    depot = ROW.replace("pošta", "depo").replace("60200", "22200")

    assert [point.point_id for point in read(depot + ROW, depots=False)] == ["60200"]


def test_a_point_told_twice_is_one() -> None:
    assert len(read(ROW + ROW)) == 1


@pytest.mark.parametrize(
    ("x", "y"),
    [("49.193", "16.611"), ("0", "0"), ("", ""), ("nan", "nan"), ("16.611", "north"), ("inf", "49.193")],
)
def test_a_place_outside_the_country_is_nowhere(x, y) -> None:
    (point,) = read(ROW.replace("16.611", x).replace("<SOUR_Y_WGS84>49.193", f"<SOUR_Y_WGS84>{y}"))

    assert (point.latitude, point.longitude) == (None, None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>503</body></html>",
        b"<!DOCTYPE zv [<!ENTITY a 'aaaa'>]><zv>&a;</zv>",
        (FEED % ROW).encode("utf-16"),
        (FEED % "").encode(),
        (FEED % ROW).encode().replace(b'"utf-8"', b'"no-such-encoding"'),
        (FEED % ROW).encode()[:-9],
    ],
)
def test_a_list_that_is_none_or_breaks_off_is_said_to(body) -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        list(points.read_points(answer(body, makes=False, operation="points")))

    assert not lost.value.unclear


def test_a_list_that_is_not_there_is_no_empty_list() -> None:
    with pytest.raises(CarrierError):
        list(points.read_points(answer(b"", status=404, makes=False)))


def test_post_offices_are_a_network_of_their_own_where_parcels_go_there() -> None:
    at = kit("ceska_posta")
    plain = list(at.carrier.points("CZ"))
    at.carrier = at.opened(switches=frozenset({"na_postu"}))

    both = list(at.carrier.points("CZ"))
    at.client.close()

    offices = [point for point in both if point.network == "na_postu"]
    assert [point for point in both if point.network == "ceska_posta"] == [
        point for point in plain if point.kind != "depot"
    ]
    assert "60200" in {point.point_id for point in offices}
    assert {point.kind for point in offices} == {"post_office"}


@pytest.mark.parametrize(
    ("service", "switches", "listed"),
    [
        ("NB", (), PointRef("60200", "ceska_posta")),
        ("NP", ("na_postu",), PointRef("60200", "na_postu")),
        ("NA", ("na_postu",), PointRef("60200", "na_postu")),
        ("NP", (), None),  # that list is not read
    ],
)
def test_a_point_is_looked_for_on_the_list_its_product_ends_at(service, switches, listed) -> None:
    adapter, _ = post(given=account(switches=switches))

    assert adapter.listed_point(replace(TO_POINT, service=service)) == listed


@pytest.mark.parametrize(
    "offices",
    [
        (b"", 404),
        (b"", 429),
        b"<html/>",
        (FEED % "").encode(),
        (FEED % ROW).encode()[:-9],
        CarrierUnreachable("ceska_posta", "points", "away", unclear=False),
    ],
)
def test_post_offices_that_cannot_be_read_take_nothing_from_balikovna(offices) -> None:
    adapter, wire = post((FEED % ROW).encode(), offices, given=account(switches=("na_postu",)))

    assert [point.network for point in adapter.points("CZ")] == ["ceska_posta"]
    assert len(wire.calls) == 2


def test_a_post_office_is_read_by_the_columns_its_own_list_has() -> None:
    office = """<row><PSC>10003</PSC><NAZ_PROV>Praha 103</NAZ_PROV><OKRES>Praha 10</OKRES>
    <ADRESA>Moskevská 1464/61, Vršovice, 10100 Praha</ADRESA><V_PROVOZU>A</V_PROVOZU>
    <OTV_DOBA><den name="Pondělí"><od_do><od>08:00</od><do>18:00</do></od_do></den></OTV_DOBA></row>"""
    adapter, _ = post((FEED % ROW).encode(), (FEED % office).encode(), given=account(switches=("na_postu",)))

    _, point = adapter.points("CZ")

    assert (point.network, point.point_id, point.kind) == ("na_postu", "10003", "post_office")
    assert (point.name, point.city, point.opening) == ("Praha 103", "Praha 10", "Pondělí 08:00-18:00")
    assert point.raw == {"V_PROVOZU": "A"}
