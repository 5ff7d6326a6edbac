"""The bodies of the calls, field by field (carriers.md 5.2, 5.3, 5.4)."""

from simulator.carriers.ceska_posta.shapes import Anything, Each, Flag, Number, Shape, Text, Whole

MOST_PARCELS = 1_000
MOST_LABELS = 500
MOST_TRACKED = 10
MOST_FURTHER = 4
DAY = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
SHIFT = Whole(-999, 999)  # guess: the bounds; millimetres
POSITION = Whole(1, 24)  # as many as the fullest sheet has places
SERVICES = Each(Text(2, needed=True))

COMMON = {
    "transmissionDate": Text(10, needed=True, like=DAY),
    "customerID": Text(6),
    "postCode": Text(5, like=r"\d{5}"),
    "contractNumber": Text(10),
    "frankingNumber": Text(10),
    "senderCustCardNum": Text(20),
    "locationNumber": Whole(0, 999_999),
}
PARAMS = Shape(
    {
        "recordID": Text(50, needed=True),
        "prefixParcelCode": Text(2),
        "parcelCode": Text(13),
        "masterCode": Text(13),
        "weight": Text(),
        "length": Whole(0, 999),
        "width": Whole(0, 999),
        "height": Whole(0, 999),
        "insuredValue": Number(),
        "amount": Number(),
        "currency": Text(3, like="[A-Z]{3}"),
        "vsVoucher": Text(10),
        "vsParcel": Text(10),
        "specSym": Text(10),
        "sequenceParcel": Whole(1, 5),
        "quantityParcel": Whole(1, 5),
        "note": Text(50),
        "note2": Text(50),
        "notePrint": Text(50),
        "returnNumDays": Text(2),
        "mrn": Text(18),
        "referenceNumber": Text(30),
        "pallets": Whole(1, 99),
    },
    needed=True,
)
ADDRESS = Shape(
    {
        "recordID": Text(20),
        "firstName": Text(),
        "surname": Text(),
        "company": Text(),
        "aditionAddress": Text(),
        "subject": Text(1, like="[FP]"),
        "ic": Text(),
        "dic": Text(),
        "specification": Text(),
        "address": Shape(
            {
                "street": Text(),
                "houseNumber": Text(),
                "sequenceNumber": Text(),
                "cityPart": Text(),
                "city": Text(),
                "zipCode": Text(),
                "isoCountry": Text(2, like="[A-Z]{2}"),
                "subIsoCountry": Text(),
                "addressCode": Text(),
            }
        ),
        "bank": Shape({"prefixAccount": Text(6), "account": Text(10), "bank": Text(4)}),
        "mobilNumber": Text(),
        "phoneNumber": Text(),
        "emailAddress": Text(),
    }
)
# Names and types of a good are printed, which of them are texts is not: weight is one at the parcel.
GOOD = Shape(
    {
        "sequence": Whole(1, 999, needed=True),
        "customCont": Text(),
        "quantity": Anything(),
        "weight": Anything(),
        "customVal": Anything(),
        "hsCode": Text(),
        "iso": Text(2),
    }
)
RECORD = {
    "parcelParams": PARAMS,
    "parcelServices": SERVICES,
    "parcelAddress": ADDRESS,
    "parcelCustomsDeclaration": Shape(
        {
            "category": Text(),  # one that is not there has a code of its own, and so has the currency
            "customValCur": Text(3, like="[A-Z]{3}"),
            "note": Text(),
            "parcelCustomGoods": Each(GOOD),
        }
    ),
    "parcelCustomsDocuments": Each(Anything(), most=3),
}
FURTHER = Shape({"addParcelData": PARAMS, "addParcelDataServices": SERVICES})
MULTIPART = Each(FURTHER, most=MOST_FURTHER)
PRINT = {"idForm": Whole(1, 999, needed=True), "shiftHorizontal": SHIFT, "shiftVertical": SHIFT}

PARCEL_SERVICE = Shape(
    {
        "parcelServiceHeader": Shape(
            {
                "parcelServiceHeaderCom": Shape(COMMON, needed=True),
                "transmissionEnd": Flag(),
                "printParams": Shape(PRINT),
                "position": POSITION,
            },
            needed=True,
        ),
        "parcelServiceData": Shape(RECORD),  # the one last request that closes a posting needs none
        # The contract's table does not say where; two clients have it beside the data, as the published schema does.
        "multipartParcelData": MULTIPART,
    }
)
# Guess: the dots of the contract's `parcelHeader` stand for the common fields. A set has its further boxes inside its
# record here, for beside the list they would be nobody's.
SEND_PARCELS = Shape(
    {
        "parcelHeader": Shape(
            COMMON
            | {
                "senderAddress": Anything(),
                "codAddress": Anything(),
                "codBank": Anything(),
                "senderContacts": Anything(),
                "transmissionEnd": Flag(),
                "goodToAccept": Flag(),
            },
            needed=True,
        ),
        "parcelDataList": Each(
            Shape(RECORD | {"multipartParcelData": MULTIPART}), least=1, most=MOST_PARCELS, needed=True
        ),
    }
)
PARCEL_PRINTING = Shape(
    {
        "printingHeader": Shape(
            PRINT | {"customerID": Text(6, needed=True), "contractNumber": Text(10), "position": POSITION}, needed=True
        ),
        "printingData": Each(Text(needed=True), least=1, most=MOST_LABELS, needed=True),
    }
)
PARCEL_STATUS = Shape(
    {
        "parcelIds": Each(Text(needed=True), least=1, most=MOST_TRACKED, needed=True),
        "language": Text(2, like="CZ|EN"),  # guess: that there is English, and that it may be left out
    }
)
