"""What goes to Packeta, letter by letter."""

from dataclasses import replace
from datetime import date

import pytest

from carriers.base import Format
from carriers.money import Money
from carriers.packeta import calls, rules
from carriers.shipment import Box, Cod, Customs, Goods, PointRef
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
        "<createPacket><packetAttributes><number>417-OBJ-2026-00417</number><name>Jana</name><surname>Dvořáková</surname>"
        "<email>jana.dvorakova@example.cz</email><phone>+420601234567</phone><addressId>18542</addressId>"
        "<currency>CZK</currency><cod>1290</cod><value>1290</value><weight>1.35</weight><eshop>muj-eshop</eshop>"
        "<note>Křehké</note></packetAttributes></createPacket>"
    )


def test_a_packet_goes_home_as_the_reference_shows_it() -> None:
    assert body(calls.create(ACCOUNT, TO_HOME, 0)) == (
        "<createPacket><packetAttributes><number>418-OBJ-2026-00418</number><name>Petr</name><surname>Malý</surname>"
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

    assert "<number>417-OBJ-2026-00417-1</number>" in first
    assert "<cod>1290</cod><value>333.34</value><weight>1</weight>" in first
    assert "<number>417-OBJ-2026-00417-2</number>" in second
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
            calls.keep(ACCOUNT, "41", date(2026, 3, 18)),
            f"<packetSetStoredUntil>{ID}<date>2026-03-18</date></packetSetStoredUntil>",
            False,
        ),
        (
            calls.consign(ACCOUNT, ["4154090123", "4154090124"]),
            "<createShipment><packetIds><id>4154090123</id><id>4154090124</id></packetIds></createShipment>",
            True,
        ),
        (
            calls.claim(ACCOUNT, TO_POINT, 0),
            (
                "<createPacketClaim><claimAttributes><number>417-OBJ-2026-00417</number>"
                "<email>jana.dvorakova@example.cz</email><phone>+420601234567</phone><value>1290</value>"
                "<currency>CZK</currency><eshop>muj-eshop</eshop></claimAttributes></createPacketClaim>"
            ),
            True,
        ),
        (
            calls.claim(ACCOUNT, replace(TO_POINT, options={"without_label": "1"}), 0),
            (
                "<createPacketClaimWithPassword><claimWithPasswordAttributes><number>417-OBJ-2026-00417</number>"
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


@pytest.mark.parametrize(
    ("order_number", "reference", "boxes", "number"),
    [
        ("2026000417", "8f2ca9k3mq7x", 1, "2026000417-8f2ca9k3mq7x"),
        ("2026000417", "8f2ca9k3mq7x", 2, "2026000417-8f2ca9k3mq7x-2"),
        ("O1001+2", "r8f2ca9k3mq7x", 1, "O1001+2-r8f2ca9k3mq7x"),
        (" O  1 ", "8f2ca9k3mq7x", 1, "O 1-8f2ca9k3mq7x"),
        ("", "8f2ca9k3mq7x", 1, "8f2ca9k3mq7x"),
        ("12345678901234567890123", "8f2ca9k3mq7x", 1, "12345678901234567890123-8f2ca9k3mq7x"),
        ("SHOP-2026-00000000000417", "8f2ca9k3mq7x", 1, "HOP-2026-00000000000417-8f2ca9k3mq7x"),
        ("SHOPS-2026-00000000000417", "8f2ca9k3mq7x", 10, "2026-00000000000417-8f2ca9k3mq7x-2"),
        ("417", "x" * 35, 1, "x" * 35),
        ("417", "x" * 34, 1, "7-" + "x" * 34),
    ],
)
def test_a_packet_goes_by_the_order_number_and_our_reference_whole(
    order_number: str, reference: str, boxes: int, number: str
) -> None:
    shipment = replace(TO_POINT, order_number=order_number, reference=reference, boxes=(Box(1),) * boxes)

    assert calls.number(shipment, boxes - 1 if boxes < 10 else 1) == number
    assert all(len(calls.number(shipment, place)) <= 36 for place in range(boxes))
    assert len({calls.number(shipment, place) for place in range(boxes)}) == boxes


def test_a_way_back_goes_by_the_order_number_too() -> None:
    assert "<number>417-OBJ-2026-00417</number>" in body(calls.claim(ACCOUNT, TO_POINT, 0))


def test_a_box_that_has_a_value_of_its_own_is_insured_for_that() -> None:
    two = replace(TO_POINT, boxes=(Box(1000), Box(1000, value=Money(50_000, "CZK"))), value=Money(200_000, "CZK"))

    assert "<value>1000</value>" in body(calls.create(ACCOUNT, two, 0))
    assert "<value>500</value>" in body(calls.create(ACCOUNT, two, 1))
    assert "<value>500</value>" in body(calls.claim(ACCOUNT, two, 1))


@pytest.mark.parametrize(("option", "province"), [("", "Kraj"), ("Jiný", "Jiný")])
def test_a_province_is_the_addresss_where_no_option_says_another(option: str, province: str) -> None:
    there = replace(TO_HOME, recipient=replace(PETR, region=" Kraj "), options={"province": option})

    assert f"<province>{province}</province>" in body(calls.create(ACCOUNT, there, 0))


@pytest.mark.parametrize("region", ["x" * 33, "a\x00", 'a "b"', "😀"])
def test_a_province_packeta_could_not_print_keeps_no_parcel_back(region: str) -> None:
    there = replace(TO_HOME, recipient=replace(PETR, region=region))

    assert "<province>" not in body(calls.create(ACCOUNT, there, 0))


def test_another_sender_and_a_bar_code_of_ones_own_are_named() -> None:
    brand = replace(TO_POINT, options={"eshop": "druha-znacka", "customer_barcode": "AB-7"})
    said = body(calls.create(ACCOUNT, brand, 0))

    assert "<eshop>druha-znacka</eshop>" in said
    assert "<customerBarcode>AB-7</customerBarcode>" in said
    assert "<eshop>druha-znacka</eshop>" in body(calls.claim(ACCOUNT, brand, 0))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"mail_return": "1"}, "<sendLabelToEmail>1</sendLabelToEmail></claimAttributes>"),
        (
            {"mail_return": "1", "without_label": "1"},
            "<consignCountry>cz</consignCountry><sendEmailToCustomer>1</sendEmailToCustomer>",
        ),
    ],
)
def test_packeta_mails_what_a_return_is_handed_over_by_where_it_is_asked(options: dict[str, str], said: str) -> None:
    assert said in body(calls.claim(ACCOUNT, replace(TO_POINT, options=options), 0))
    assert "send" not in body(calls.claim(ACCOUNT, replace(TO_POINT, options={**options, "mail_return": ""}), 0))
    unknown = replace(TO_POINT, recipient=replace(TO_POINT.recipient, email=""), options=options)
    assert "send" not in body(calls.claim(ACCOUNT, unknown, 0))


SHIRT = Goods("Tričko", 2, 400, Money(2_550, "EUR"), hs_code="610910", origin="CZ")
BOOK = Goods("Kniha", 1, 300, Money(1_000, "EUR"))
ABROAD = replace(TO_HOME, customs=Customs((SHIRT, BOOK), "sale", "F-7", "CZ1"), value=Money(3_550, "EUR"))


def test_goods_are_declared_as_pairs_where_that_is_switched_on() -> None:
    account = replace(ACCOUNT, switches=frozenset({"customs"}))
    said = body(calls.create(account, replace(ABROAD, options={"customs_attributes": "ead=carrier| note = a; b"}), 0))

    def pair(key: str, value: str) -> str:
        return f"<attribute><key>{key}</key><value>{value}</value></attribute>"

    def item(*pairs: tuple[str, str]) -> str:
        return f"<item><attributes>{''.join(pair(*each) for each in pairs)}</attributes></item>"

    shirt = item(
        ("customsCode", "610910"), ("productName", "Tričko"), ("productNameEn", "Tričko"), ("unitsCount", "2"),
        ("value", "25.50"), ("currency", "EUR"), ("weight", "400"), ("countryOfOrigin", "CZ"),
    )  # fmt: skip
    book = item(
        ("productName", "Kniha"), ("productNameEn", "Kniha"), ("unitsCount", "1"), ("value", "10.00"),
        ("currency", "EUR"), ("weight", "300"),
    )  # fmt: skip
    words = pair("invoiceNumber", "F-7") + pair("ead", "carrier") + pair("note", "a; b")
    assert said.endswith(
        f"<attributes>{words}</attributes><items>{shirt}{book}</items></packetAttributes></createPacket>"
    )


def test_words_of_a_pairing_are_sent_with_no_parcel_that_declares_no_goods() -> None:
    account = replace(ACCOUNT, switches=frozenset({"customs"}))
    inside = replace(TO_HOME, options={"customs_attributes": "ead=carrier"})

    assert "<attributes>" not in body(calls.create(account, inside, 0))


def test_nothing_is_declared_until_it_is_switched_on() -> None:
    assert "<attributes>" not in body(calls.create(ACCOUNT, ABROAD, 0))
    assert "<items>" not in body(calls.create(ACCOUNT, ABROAD, 0))


def test_labels_are_asked_for_in_the_size_and_for_the_printer_of_the_account() -> None:
    account = replace(ACCOUNT, given={"label_format": "A7 on A7", "dpi": "300"})

    assert "<format>A7 on A7</format>" in body(calls.label_pdf(account, "41"))
    assert "<format>A7 on A7</format>" in body(calls.labels_pdf(account, ["41"]))
    assert "<dpi>300</dpi>" in body(calls.label_zpl(account, "41"))
    assert "<dpi>300</dpi>" in body(calls.courier_label(account, "41", "C7", Format.ZPL))


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

    assert calls.feed(elsewhere, "box").url == "http://127.0.0.1:9/packeta/v5/KEY/box.json"
    assert calls.status(elsewhere, "1").url == "http://127.0.0.1:9/packeta/api/rest"


@pytest.mark.parametrize(
    ("customs", "options", "told"),
    [
        (
            ABROAD.customs,
            {},
            ("category and EORI of the declaration did not reach Packeta: only customs_attributes would",),
        ),
        (ABROAD.customs, {"customs_attributes": "eori=CZ1"}, ()),
        (None, {}, ()),
    ],
)
def test_what_of_a_declaration_has_no_key_is_said(customs: Customs | None, options, told) -> None:
    assert rules.cuts(replace(ABROAD, customs=customs, options=options)) == told
