"""What goes to Packeta, letter by letter."""

from dataclasses import replace

import pytest

from carriers.base import Format
from carriers.money import Money
from carriers.packeta import calls
from carriers.shipment import Box, Cod, PointRef
from carriers.wire import Call
from tests.carriers.packeta.packing import ACCOUNT, PETR, TO_COURIERS_POINT, TO_HOME, TO_POINT


def body(call: Call) -> str:
    text = (call.body or b"").decode()
    head = "<?xml version='1.0' encoding='utf-8'?>\n"
    assert text.startswith(head)
    return text.removeprefix(head).replace("<apiPassword>PASSWORD</apiPassword>", "")


def test_a_packet_with_cod_goes_to_a_point_as_the_reference_shows_it() -> None:
    call = calls.create(ACCOUNT, TO_POINT, 0)

    assert (call.method, call.url, call.query, call.makes) == ("POST", "https://www.zasilkovna.cz/api/rest", (), True)
    assert call.headers == {"content-type": "text/xml; charset=utf-8", "accept": "text/xml"}
    assert body(call) == (
        "<createPacket><packetAttributes><number>OBJ-2026-00417</number><name>Jana</name><surname>Dvořáková</surname>"
        "<email>jana.dvorakova@example.cz</email><phone>+420601234567</phone><addressId>18542</addressId>"
        "<currency>CZK</currency><cod>1290</cod><value>1290</value><weight>1.35</weight><eshop>muj-eshop</eshop>"
        "<note>Křehké</note></packetAttributes></createPacket>"
    )


def test_a_packet_goes_home_as_the_reference_shows_it() -> None:
    assert body(calls.create(ACCOUNT, TO_HOME, 0)) == (
        "<createPacket><packetAttributes><number>OBJ-2026-00418</number><name>Petr</name><surname>Malý</surname>"
        "<company>Malý a syn s.r.o.</company><email>petr.maly@example.cz</email><phone>+420605111222</phone>"
        "<addressId>106</addressId><street>Lipová</street><houseNumber>12/3</houseNumber><city>Brno</city>"
        "<zip>60200</zip><currency>CZK</currency><value>4990</value><weight>3.2</weight>"
        "<size><length>400</length><width>300</width><height>150</height></size><eshop>muj-eshop</eshop>"
        "</packetAttributes></createPacket>"
    )


def test_a_couriers_point_is_named_beside_its_courier() -> None:
    said = body(calls.create(ACCOUNT, TO_COURIERS_POINT, 0))

    assert "<addressId>3060</addressId><carrierPickupPoint>WAW123</carrierPickupPoint>" in said
    assert "<street>" not in said


def test_packetas_own_network_may_be_named() -> None:
    named = replace(TO_POINT, point=PointRef("18542", network="packeta"))

    assert calls.create(ACCOUNT, named, 0) == calls.create(ACCOUNT, TO_POINT, 0)


def test_of_several_boxes_the_first_carries_the_cod_and_all_share_the_value() -> None:
    three = replace(TO_POINT, boxes=(Box(1000), Box(20_000), Box(5)), value=Money(100_000, "CZK"))
    first, second, third = (body(calls.create(ACCOUNT, three, place)) for place in range(3))

    assert "<number>OBJ-2026-00417-1</number>" in first
    assert "<cod>1290</cod><value>333.34</value><weight>1</weight>" in first
    assert "<number>OBJ-2026-00417-2</number>" in second
    assert "<currency>CZK</currency><value>333.33</value><weight>20</weight>" in second
    assert "<value>333.33</value><weight>0.005</weight>" in third


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (Money(129_000, "CZK"), "1290"),
        (Money(1_250, "EUR"), "12.50"),
        (Money(5_000, "HUF"), "5000"),
        (Money(9_900, "PLN"), "99.00"),
        (Money(10, "RON"), "0.10"),
    ],
)
def test_cod_is_written_as_its_currency_wants(amount: Money, said: str) -> None:
    shipment = replace(TO_POINT, cod=Cod(amount, "417"), value=amount)

    assert f"<cod>{said}</cod>" in body(calls.create(ACCOUNT, shipment, 0))


def test_options_and_age_are_written_where_they_are_given() -> None:
    options = {"carrier_id": "131", "carrier_service": "signature", "deliver_on": "2026-03-10", "province": "Kraj"}
    said = body(calls.create(ACCOUNT, replace(TO_HOME, options=options, adults_only=True), 0))

    assert "<addressId>131</addressId>" in said
    assert "<province>Kraj</province>" in said
    assert "<deliverOn>2026-03-10</deliverOn><adultContent>1</adultContent>" in said
    assert "<carrierService>signature</carrierService>" in said


def test_a_couriers_note_is_cut_where_couriers_cut_it() -> None:
    long = replace(TO_HOME, note="x" * 40)

    assert f"<note>{'x' * 32}</note>" in body(calls.create(ACCOUNT, long, 0))
    assert f"<note>{'x' * 40}</note>" in body(calls.create(ACCOUNT, replace(TO_POINT, note="x" * 40), 0))


def test_one_name_is_sent_whole_only_where_that_is_switched_on() -> None:
    account = replace(ACCOUNT, switches=frozenset({"single_name"}))

    assert "<name>Jana Dvořáková</name><email>" in body(calls.create(account, TO_POINT, 0))


def test_what_xml_would_read_is_escaped() -> None:
    odd = replace(TO_HOME, recipient=replace(PETR, company="A & B <c>"))

    assert "<company>A &amp; B &lt;c&gt;</company>" in body(calls.create(ACCOUNT, odd, 0))


def test_the_password_stands_first_and_is_never_shown() -> None:
    call = calls.create(ACCOUNT, TO_POINT, 0)

    assert b"<createPacket><apiPassword>PASSWORD</apiPassword><packetAttributes>" in (call.body or b"")
    assert "PASSWORD" not in repr(call)


ID = "<packetId>41</packetId>"


@pytest.mark.parametrize(
    ("call", "said", "makes"),
    [
        (
            calls.label_pdf(ACCOUNT, "41"),
            f"<packetLabelPdf>{ID}<format>A6 on A6</format><offset>0</offset></packetLabelPdf>",
            False,
        ),
        (
            calls.labels_pdf(ACCOUNT, ["41", "42"]),
            (
                "<packetsLabelsPdf><packetIds><id>41</id><id>42</id></packetIds><format>A6 on A6</format>"
                "<offset>0</offset></packetsLabelsPdf>"
            ),
            False,
        ),
        (calls.label_zpl(ACCOUNT, "41"), f"<packetLabelZpl>{ID}<dpi>203</dpi></packetLabelZpl>", False),
        (calls.courier_number(ACCOUNT, "41"), f"<packetCourierNumberV2>{ID}</packetCourierNumberV2>", False),
        (
            calls.courier_label(ACCOUNT, "41", "C7", Format.PDF),
            f"<packetCourierLabelPdf>{ID}<courierNumber>C7</courierNumber></packetCourierLabelPdf>",
            False,
        ),
        (
            calls.courier_label(ACCOUNT, "41", "C7", Format.ZPL),
            f"<packetCourierLabelZpl>{ID}<courierNumber>C7</courierNumber><dpi>203</dpi></packetCourierLabelZpl>",
            False,
        ),
        (calls.status(ACCOUNT, "41"), f"<packetStatus>{ID}</packetStatus>", False),
        (calls.tracking(ACCOUNT, "41"), f"<packetTracking>{ID}</packetTracking>", False),
        (calls.cancel(ACCOUNT, "41"), f"<cancelPacket>{ID}</cancelPacket>", False),
        (
            calls.consign(ACCOUNT, ["4154090123", "4154090124"]),
            "<createShipment><packetIds><id>4154090123</id><id>4154090124</id></packetIds></createShipment>",
            True,
        ),
        (
            calls.claim(ACCOUNT, TO_POINT, 0),
            (
                "<createPacketClaim><claimAttributes><number>OBJ-2026-00417</number>"
                "<email>jana.dvorakova@example.cz</email><phone>+420601234567</phone><value>1290</value>"
                "<currency>CZK</currency><eshop>muj-eshop</eshop></claimAttributes></createPacketClaim>"
            ),
            True,
        ),
        (
            calls.claim(ACCOUNT, replace(TO_POINT, options={"without_label": "1"}), 0),
            (
                "<createPacketClaimWithPassword><claimWithPasswordAttributes><number>OBJ-2026-00417</number>"
                "<email>jana.dvorakova@example.cz</email><phone>+420601234567</phone><value>1290</value>"
                "<currency>CZK</currency><eshop>muj-eshop</eshop><consignCountry>cz</consignCountry>"
                "</claimWithPasswordAttributes></createPacketClaimWithPassword>"
            ),
            True,
        ),
    ],
)
def test_every_other_method_is_asked_in_its_own_words(call: Call, said: str, makes: bool) -> None:
    assert body(call) == said
    assert call.makes is makes


def test_asking_only_sends_the_same_packet_and_makes_nothing() -> None:
    call = calls.ask_valid(ACCOUNT, TO_POINT, 0)

    assert body(call).replace("packetAttributesValid", "createPacket") == body(calls.create(ACCOUNT, TO_POINT, 0))
    assert not call.makes


def test_feeds_stand_on_their_own_host_and_points_of_couriers_on_the_first() -> None:
    branches, foreign = calls.feed(ACCOUNT, "branch"), calls.courier_points(ACCOUNT, "3060")

    assert branches.url == "https://pickup-point.api.packeta.com/v5/KEY/branch.json"
    assert branches.query == (("lang", "cs"),)
    assert (foreign.method, foreign.url) == ("GET", "https://www.zasilkovna.cz/api/KEY/point.json")
    assert foreign.query == (("ids", "3060"),)


def test_feeds_of_another_place_stay_there() -> None:
    elsewhere = replace(ACCOUNT, base_url="http://127.0.0.1:9/packeta/")
    told = replace(elsewhere, given={"feed_url": "http://127.0.0.1:8/feeds/"})

    assert calls.feed(elsewhere, "box").url == "http://127.0.0.1:9/packeta/v5/KEY/box.json"
    assert calls.status(elsewhere, "1").url == "http://127.0.0.1:9/packeta/api/rest"
    assert calls.feed(told, "box").url == "http://127.0.0.1:8/feeds/v5/KEY/box.json"
