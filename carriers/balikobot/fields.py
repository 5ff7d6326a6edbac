"""The fields of `add`: what a merchant may say in them, and which of ours each of theirs is (docs/carriers.md 6.2)."""

FLAGS = {
    "sat_delivery": "1: delivered on Saturday",
    "sms_notification": "1: the recipient is told by SMS",
    "email_notification": "1: the recipient is told by e-mail",
    "phone_notification": "1: the recipient is called",
    "swap": "1: another parcel is taken back in exchange",
    "credit_card": "1: COD may be paid by card",
    "del_evening": "1: delivered in the evening",
    "del_insurance": "1: insured for its value",
    "open_before_payment": "1: may be opened before it is paid",
}
TEXTS = {
    "content": "what is inside, at most 90 letters",
    "services": "codes of further services, a comma between them",
    "rec_region": "the region of the address, where its country has some",
    "invoice_number": "the number of the invoice, for the customs",
    "eori": "the sender's EORI number, for the customs",
    "content_data": "the goods for the customs, a JSON list of rows that is sent as it is",
    "fields": 'further fields of Balíkobot\'s, sent as they are with each box: {"declaration_comments": "…"}',
}
OPTIONS = FLAGS | TEXTS

ADDRESS = {
    "name": "name", "firm": "company", "street": "street", "house_number": "house_number", "street_append": "more",
    "city": "city", "zip": "zip", "region": "region", "country": "country", "phone": "phone", "email": "email",
}  # fmt: skip
OURS = {
    **{option: f"options.{option}" for option in OPTIONS},
    "eid": "reference", "service_type": "service", "branch_id": "point", "price": "value", "ins_currency": "value",
    "cod_price": "cod.amount", "cod_currency": "cod.amount", "vs": "cod.variable_symbol", "note": "note",
    "real_order_id": "order_number", "order_number": "order_number", "pieces_count": "boxes",
    "require_full_age": "adults_only", "content_data": "customs.goods", "invoice_number": "customs.invoice_number",
    "eori": "customs.eori",
    **{f"rec_{theirs}": f"recipient.{ours}" for theirs, ours in ADDRESS.items()},
    **{f"sen_{theirs}": f"sender.{ours}" for theirs, ours in ADDRESS.items()},
}  # fmt: skip
OF_THE_BOX = {
    "weight": "weight_g", "length": "length_mm", "width": "width_mm", "height": "height_mm", "content": "content",
}  # fmt: skip
COD_ACCOUNT = ("bank_account_number", "bank_code", "iban", "swift")
WRITTEN = frozenset({*OURS, *OF_THE_BOX, *COD_ACCOUNT, "return_track", "return_full_errors"})
"""What is told from a shipment or its account; nobody says it in other words."""
