"""What is wrong with a parcel: the field by its name in the library's `Shipment`, the fault by its code."""

import re
from collections.abc import Mapping
from typing import Protocol

CS: Mapping[str, str] = {
    "fault_absent": "dopravce ho nemá v seznamu výdejních míst",
    "fault_bad_amount": "takovou částku dopravce nevybírá",
    "fault_bad_check": "kontrolní číslice nesedí",
    "fault_bad_currency": "v této zemi nebo měně to nejde",
    "fault_bad_date": "v tento den to dopravce nedělá",
    "fault_bad_email": "není e-mailová adresa",
    "fault_bad_phone": "není telefonní číslo",
    "fault_bad_zip": "není PSČ této země",
    "fault_closed": "je zavřené",
    "fault_differs": "není ve všech objednávkách balíku stejné",
    "fault_gone": "dopravce už ho nenabízí",
    "fault_letters": "obsahuje znaky, které dopravce neumí vytisknout",
    "fault_missing": "chybí",
    "fault_no_cod": "na tomto výdejním místě se nevybírá",
    "fault_not_both": "nejde dohromady",
    "fault_not_offered": "dopravce nenabízí",
    "fault_past": "už uplynulo",
    "fault_too_heavy": "je víc, než dopravce dovoluje",
    "fault_too_large": "je větší, než dopravce dovoluje",
    "fault_too_long": "je delší, než dopravce dovoluje",
    "fault_too_many": "je víc, než dopravce dovoluje",
    "fault_too_much": "je nad limitem dopravce",
    "field_address": "Adresa",
    "field_adults_only": "Jen pro dospělé (18+)",
    "field_amount": "částka",
    "field_boxes": "Balík",
    "field_card_allowed": "platba kartou",
    "field_category": "důvod zaslání",
    "field_city": "město",
    "field_cod": "Dobírka",
    "field_company": "firma",
    "field_content": "obsah",
    "field_count": "Počet balíků",
    "field_country": "země",
    "field_customs": "Celní prohlášení",
    "field_deliver_to": "Kam se to veze",
    "field_email": "e-mail",
    "field_eori": "EORI",
    "field_goods": "zboží",
    "field_height_mm": "výška",
    "field_house_number": "číslo domu",
    "field_hs_code": "kód zboží",
    "field_invoice_number": "číslo faktury",
    "field_length_mm": "délka",
    "field_more": "druhý řádek adresy",
    "field_name": "jméno",
    "field_network": "síť",
    "field_note": "Poznámka",
    "field_on": "Den svozu",
    "field_options": "Volba",
    "field_order_number": "Číslo objednávky",
    "field_origin": "země původu",
    "field_parcel": "Zásilka",
    "field_parcels": "balíky",
    "field_phone": "telefon",
    "field_point": "Výdejní místo",
    "field_point_id": "kód",
    "field_quantity": "počet kusů",
    "field_recipient": "Příjemce",
    "field_reference": "Naše označení",
    "field_region": "kraj",
    "field_return_to": "Adresa pro vrácení",
    "field_sender": "Odesílatel",
    "field_service": "Služba",
    "field_ship_on": "Den odeslání",
    "field_since": "Svoz od",
    "field_street": "ulice",
    "field_until": "Svoz do",
    "field_value": "Hodnota zásilky",
    "field_variable_symbol": "variabilní symbol",
    "field_weight_g": "hmotnost",
    "field_width_mm": "šířka",
    "field_zip": "PSČ",
    "points_near": "otevřená poblíž: {points}",
}

SK: Mapping[str, str] = {
    "fault_absent": "dopravca ho nemá v zozname výdajných miest",
    "fault_bad_amount": "takú sumu dopravca nevyberá",
    "fault_bad_check": "kontrolná číslica nesedí",
    "fault_bad_currency": "v tejto krajine alebo mene to nejde",
    "fault_bad_date": "v tento deň to dopravca nerobí",
    "fault_bad_email": "nie je e-mailová adresa",
    "fault_bad_phone": "nie je telefónne číslo",
    "fault_bad_zip": "nie je PSČ tejto krajiny",
    "fault_closed": "je zatvorené",
    "fault_differs": "nie je vo všetkých objednávkach balíka rovnaké",
    "fault_gone": "dopravca ho už neponúka",
    "fault_letters": "obsahuje znaky, ktoré dopravca nevie vytlačiť",
    "fault_missing": "chýba",
    "fault_no_cod": "na tomto výdajnom mieste sa nevyberá",
    "fault_not_both": "nejde dokopy",
    "fault_not_offered": "dopravca neponúka",
    "fault_past": "už uplynulo",
    "fault_too_heavy": "je viac, ako dopravca dovoľuje",
    "fault_too_large": "je väčšie, ako dopravca dovoľuje",
    "fault_too_long": "je dlhšie, ako dopravca dovoľuje",
    "fault_too_many": "je viac, ako dopravca dovoľuje",
    "fault_too_much": "je nad limitom dopravcu",
    "field_address": "Adresa",
    "field_adults_only": "Len pre dospelých (18+)",
    "field_amount": "suma",
    "field_boxes": "Balík",
    "field_card_allowed": "platba kartou",
    "field_category": "dôvod zaslania",
    "field_city": "mesto",
    "field_cod": "Dobierka",
    "field_company": "firma",
    "field_content": "obsah",
    "field_count": "Počet balíkov",
    "field_country": "krajina",
    "field_customs": "Colné vyhlásenie",
    "field_deliver_to": "Kam sa to vezie",
    "field_email": "e-mail",
    "field_eori": "EORI",
    "field_goods": "tovar",
    "field_height_mm": "výška",
    "field_house_number": "číslo domu",
    "field_hs_code": "kód tovaru",
    "field_invoice_number": "číslo faktúry",
    "field_length_mm": "dĺžka",
    "field_more": "druhý riadok adresy",
    "field_name": "meno",
    "field_network": "sieť",
    "field_note": "Poznámka",
    "field_on": "Deň zvozu",
    "field_options": "Voľba",
    "field_order_number": "Číslo objednávky",
    "field_origin": "krajina pôvodu",
    "field_parcel": "Zásielka",
    "field_parcels": "balíky",
    "field_phone": "telefón",
    "field_point": "Výdajné miesto",
    "field_point_id": "kód",
    "field_quantity": "počet kusov",
    "field_recipient": "Príjemca",
    "field_reference": "Naše označenie",
    "field_region": "kraj",
    "field_return_to": "Adresa na vrátenie",
    "field_sender": "Odosielateľ",
    "field_service": "Služba",
    "field_ship_on": "Deň odoslania",
    "field_since": "Zvoz od",
    "field_street": "ulica",
    "field_until": "Zvoz do",
    "field_value": "Hodnota zásielky",
    "field_variable_symbol": "variabilný symbol",
    "field_weight_g": "hmotnosť",
    "field_width_mm": "šírka",
    "field_zip": "PSČ",
    "points_near": "otvorené nablízku: {points}",
}

EN: Mapping[str, str] = {
    "fault_absent": "is not on the carrier's list of points",
    "fault_bad_amount": "is no amount the carrier collects",
    "fault_bad_check": "has a check digit that does not fit",
    "fault_bad_currency": "does not go in that country or currency",
    "fault_bad_date": "is no day on which the carrier does that",
    "fault_bad_email": "is no e-mail address",
    "fault_bad_phone": "is no telephone number",
    "fault_bad_zip": "is no post code of that country",
    "fault_closed": "is closed",
    "fault_differs": "is not the same in all orders of the parcel",
    "fault_gone": "is no longer offered by the carrier",
    "fault_letters": "holds characters the carrier cannot print",
    "fault_missing": "is missing",
    "fault_no_cod": "is not collected at this pick-up point",
    "fault_not_both": "does not go together",
    "fault_not_offered": "is not offered by this carrier",
    "fault_past": "is over",
    "fault_too_heavy": "is heavier than allowed",
    "fault_too_large": "is larger than allowed",
    "fault_too_long": "is longer than allowed",
    "fault_too_many": "is more than allowed",
    "fault_too_much": "is above what the carrier allows",
    "field_address": "Address",
    "field_adults_only": "Adults only (18+)",
    "field_amount": "amount",
    "field_boxes": "Parcel",
    "field_card_allowed": "payment by card",
    "field_category": "reason for sending",
    "field_city": "town",
    "field_cod": "COD",
    "field_company": "company",
    "field_content": "content",
    "field_count": "Number of parcels",
    "field_country": "country",
    "field_customs": "Customs declaration",
    "field_deliver_to": "Where it all goes",
    "field_email": "e-mail",
    "field_eori": "EORI",
    "field_goods": "goods",
    "field_height_mm": "height",
    "field_house_number": "house number",
    "field_hs_code": "tariff code",
    "field_invoice_number": "invoice number",
    "field_length_mm": "length",
    "field_more": "second line of the address",
    "field_name": "name",
    "field_network": "network",
    "field_note": "Note",
    "field_on": "Day of collection",
    "field_options": "Option",
    "field_order_number": "Order number",
    "field_origin": "country of origin",
    "field_parcel": "Parcel",
    "field_parcels": "parcels",
    "field_phone": "telephone",
    "field_point": "Pick-up point",
    "field_point_id": "code",
    "field_quantity": "pieces",
    "field_recipient": "Recipient",
    "field_reference": "Our reference",
    "field_region": "region",
    "field_return_to": "Address for returns",
    "field_sender": "Sender",
    "field_service": "Service",
    "field_ship_on": "Day of dispatch",
    "field_since": "Collection from",
    "field_street": "street",
    "field_until": "Collection until",
    "field_value": "Value of the parcel",
    "field_variable_symbol": "variable symbol",
    "field_weight_g": "weight",
    "field_width_mm": "width",
    "field_zip": "post code",
    "points_near": "open nearby: {points}",
}

PATTERN = "letters"  # its limit is a pattern, which tells a person nothing
OF_POINTS = frozenset({"absent", "closed", "gone"})  # their limit names points that are open


class Finding(Protocol):
    """A fault of a carrier's adapter or of ours; of a code we do not know the carrier's own text is told."""

    @property
    def field(self) -> str | None:
        """`boxes[0].weight_g`; None where the carrier named no field of ours."""
        ...

    @property
    def code(self) -> str:
        """Our own word, or the carrier's."""
        ...

    @property
    def says(self) -> str:
        """The same in English, or in the carrier's words."""
        ...

    @property
    def limit(self) -> str | None:
        """What would be allowed."""
        ...


def told(said: Mapping[str, str], fault: Finding) -> str:
    """Return a fault as a sentence: `Balík 1, hmotnost: chybí`."""
    known = said.get(f"fault_{fault.code}", fault.says)
    limit = fault.limit if fault.code != PATTERN else None
    if limit and fault.code in OF_POINTS:
        limit = said["points_near"].format(points=limit)
    return f"{named(said, fault.field)}: {known}{f' ({limit})' if limit else ''}"


def named(said: Mapping[str, str], field: str | None) -> str:
    """Return a field as a person calls it; a part we have no word for stays as it is."""
    parts = re.findall(r"[^.\[\]]+", field or "parcel")
    words = [str(int(part) + 1) if part.isdecimal() else said.get(f"field_{part}", part) for part in parts]
    return re.sub(r", (\d+)(?=,|$)", r" \1", ", ".join(words))
