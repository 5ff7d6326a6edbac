"""The bodies of the calls, field by field."""

from simulator.carriers.ppl.products import CURRENCIES, PRODUCTS
from simulator.carriers.ppl.shapes import Amount, Anything, Each, Flag, Shape, Text, Whole

MOST_SHIPMENTS = 1_000
MOST_OF_A_SET = 20
FORMATS = ("Zpl", "Pdf", "Jpeg", "Png", "Svg")
PAGE_SIZES = ("Default", "A4")
ORDERS = ("ShipmentNumber", "ReferenceId")

DAY = r"\d{4}-\d\d-\d\d"
MOMENT = rf"{DAY}(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?"
TIME = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?"
HOURS = rf"({DAY}T)?{TIME}"  # how the hours of a delivery are written is UNCERTAIN
# Chapter 0 says that numbers are taken as +420…; what else would be taken is not told, so nothing else is.
PHONE = r"\+[0-9][0-9 ]{5,28}"
EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"

ADDRESS = {
    "name": Text(50),
    "name2": Text(50),
    "street": Text(60),
    "city": Text(50),
    "zipCode": Text(10, needed=True),
    "country": Text(2, needed=True, like="[A-Z]{2}"),
    "contact": Text(50),
    "phone": Text(30, like=PHONE),
    "email": Text(50, like=EMAIL),
}
EXTERNAL_NUMBERS = Each(Shape({"code": Text(needed=True), "externalNumber": Text(100, needed=True)}))
INSURANCE = Shape({"insurancePrice": Amount(needed=True), "insuranceCurrency": Text(3, needed=True, one_of=CURRENCIES)})

COMPLETE_LABEL = Shape(
    {
        "isCompleteLabelRequested": Flag(),
        "pageSize": Text(one_of=PAGE_SIZES),
        "position": Whole(1, 4),
    }
)
LABEL_SETTINGS = Shape(
    {"format": Text(one_of=FORMATS), "dpi": Whole(203, 1_200), "completeLabelSettings": COMPLETE_LABEL}
)

COD = Shape(
    {
        "codPrice": Amount(needed=True),
        "codCurrency": Text(3, needed=True, one_of=CURRENCIES),
        "codVarSym": Text(10, needed=True),
        "specSymbol": Text(6),
        "iban": Text(),
        "swift": Text(),
        "account": Text(),
        "accountPre": Text(),
        "bankCode": Text(),
    }
)
DELIVERY = Shape(
    {
        "parcelShopCode": Text(),
        "specificDeliveryDate": Text(like=MOMENT),
        "specificDeliveryTimeFrom": Text(like=HOURS),
        "specificDeliveryTimeTo": Text(like=HOURS),
        "specificTakeDate": Text(like=MOMENT),
    }
)
SET_ITEM = Shape(
    {
        "shipmentNumber": Text(),
        "weighedShipmentInfo": Shape({"weight": Amount(needed=True)}),
        "externalNumbers": EXTERNAL_NUMBERS,
        "insurance": INSURANCE,
    }
)
SHIPMENT_SET = Shape(
    {
        "numberOfShipments": Whole(1, MOST_OF_A_SET, needed=True),
        "shipmentSetItems": Each(SET_ITEM, most=MOST_OF_A_SET),
    }
)
SHIPMENT = Shape(
    {
        "referenceId": Text(128, needed=True),
        "productType": Text(needed=True, one_of=tuple(PRODUCTS)),
        "note": Text(),
        "depot": Text(2),
        "integratorId": Anything(),
        "ageCheck": Text(),
        "shipmentNumber": Text(),
        "shipmentSet": SHIPMENT_SET,
        "sender": Shape(ADDRESS),
        "senderMask": Shape(ADDRESS),
        "backAddress": Shape(ADDRESS),
        "recipient": Shape(ADDRESS, needed=True),
        "specificDelivery": DELIVERY,
        "cashOnDelivery": COD,
        "insurance": INSURANCE,
        "externalNumbers": EXTERNAL_NUMBERS,
        "services": Each(Shape({"code": Text(needed=True)})),
        "dormant": Anything(),
        "shipmentRouting": Anything(),
        "directInjection": Anything(),
        "labelService": Shape({"labelless": Flag()}),
    }
)
# That labels are ordered by the same two words as in 2.3 is UNCERTAIN.
ORDER_BY = Text(one_of=ORDERS)
SHIPMENTS = Shape(
    {
        "returnChannel": Shape({"type": Text(one_of=("None", "Email", "Ftp")), "address": Text(100)}),
        "labelSettings": LABEL_SETTINGS,
        "shipmentsOrderBy": ORDER_BY,
        "shipments": Each(SHIPMENT, least=1, most=MOST_SHIPMENTS, needed=True),
    }
)
NEW_LABELS = Shape({"labelSettings": LABEL_SETTINGS, "shipmentsOrderBy": ORDER_BY})
REDIRECT = Shape({"contact": ADDRESS["contact"], "phone": ADDRESS["phone"], "email": ADDRESS["email"]})

# Which of an order's fields must be there is UNCERTAIN: those without which nobody would know when to come, and where.
ORDER = Shape(
    {
        "orderType": Text(needed=True, one_of=("CollectionOrder", "TransportOrder")),
        "referenceId": Text(50, needed=True),
        "shipmentCount": Whole(1, 100_000, needed=True),
        "email": Text(50, like=EMAIL),
        "note": Text(300),
        "customerReference": Text(40),
        "sendDate": Text(needed=True, like=DAY),
        "sendTimeFrom": Text(like=TIME),
        "sendTimeTo": Text(like=TIME),
        "productType": Text(needed=True, one_of=tuple(PRODUCTS)),
        "sender": Shape(ADDRESS),
        "recipient": Shape(ADDRESS),
    }
)
COLLECTIONS = Shape({"orders": Each(ORDER, least=1, needed=True)})
NOTE = Shape({"note": Text(300)})
