"""What the page about packing says of orders that must not leave as they were."""

from collections.abc import Mapping

CS: Mapping[str, str] = {
    "changed_adult": "věk 18+",
    "changed_cod": "dobírka",
    "changed_customer_note": "poznámka zákazníka",
    "changed_email": "e-mail",
    "changed_lines": "zboží",
    "changed_payment": "platba",
    "changed_phone": "telefon",
    "changed_pickup_point": "výdejní místo",
    "changed_recipient": "příjemce nebo adresa",
    "changed_shipment": "doprava",
    "changed_weight_g": "hmotnost",
    "stopped": "Zastavené objednávky",
    "stopped_all": "Z balení jsou stažené všechny tyto ({count})",
    "stopped_changed": "Co se změnilo",
    "stopped_moved": "Tyto objednávky se mezitím znovu změnily. Podívejte se na ně, než je potvrdíte:",
    "stopped_off": "Je stažená z balení",
    "stopped_off_said": "Hotovo. Co smí odejít, je znovu mezi objednávkami k zabalení, tak jak to teď je.",
    "stopped_text": "Byly uvolněné a od té doby se změnily, nebo odejít nesmí. Stáhněte je z balení a potvrďte to. "
    "Která smí odejít, tu pak nabídneme k zabalení znovu, tak jak teď je.",
    "stopped_warehouse": "Byly uvolněné a od té doby se změnily, nebo odejít nesmí. Z balení je stahuje sklad, který "
    "za e-shop odesílá: potvrdí to svým systémem.",
}

SK: Mapping[str, str] = {
    "changed_adult": "vek 18+",
    "changed_cod": "dobierka",
    "changed_customer_note": "poznámka zákazníka",
    "changed_email": "e-mail",
    "changed_lines": "tovar",
    "changed_payment": "platba",
    "changed_phone": "telefón",
    "changed_pickup_point": "výdajné miesto",
    "changed_recipient": "príjemca alebo adresa",
    "changed_shipment": "doprava",
    "changed_weight_g": "hmotnosť",
    "stopped": "Zastavené objednávky",
    "stopped_all": "Z balenia sú stiahnuté všetky tieto ({count})",
    "stopped_changed": "Čo sa zmenilo",
    "stopped_moved": "Tieto objednávky sa medzitým znova zmenili. Pozrite sa na ne, kým ich potvrdíte:",
    "stopped_off": "Je stiahnutá z balenia",
    "stopped_off_said": "Hotovo. Čo smie odísť, je znova medzi objednávkami na zabalenie, tak ako to teraz je.",
    "stopped_text": "Boli uvoľnené a odvtedy sa zmenili, alebo odísť nesmú. Stiahnite ich z balenia a potvrďte to. "
    "Ktorá smie odísť, tú potom ponúkneme na zabalenie znova, tak ako teraz je.",
    "stopped_warehouse": "Boli uvoľnené a odvtedy sa zmenili, alebo odísť nesmú. Z balenia ich sťahuje sklad, ktorý za "
    "e-shop odosiela: potvrdí to svojím systémom.",
}

EN: Mapping[str, str] = {
    "changed_adult": "age 18+",
    "changed_cod": "COD",
    "changed_customer_note": "the customer's note",
    "changed_email": "e-mail",
    "changed_lines": "goods",
    "changed_payment": "payment",
    "changed_phone": "phone",
    "changed_pickup_point": "pick-up point",
    "changed_recipient": "recipient or address",
    "changed_shipment": "shipment",
    "changed_weight_g": "weight",
    "stopped": "Orders that are stopped",
    "stopped_all": "All of these are off the line ({count})",
    "stopped_changed": "What has changed",
    "stopped_moved": "These orders have changed again meanwhile. Look at them before you confirm it:",
    "stopped_off": "It is off the line",
    "stopped_off_said": "Done. What may leave is among the orders to pack again, as it is now.",
    "stopped_text": "They were released and have changed since, or must not leave. Take them off the line and say so. "
    "Which may leave is then offered again, as it is now.",
    "stopped_warehouse": "They were released and have changed since, or must not leave. The warehouse that ships for "
    "the shop takes them off its line and says so by its own system.",
}
