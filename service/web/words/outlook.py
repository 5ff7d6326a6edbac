"""What becomes of orders, in words: released, held, stopped, written to the shop, released by hand."""

from collections.abc import Mapping

CS: Mapping[str, str] = {
    "by_hand": "Starší otevřené objednávky",
    "by_hand_button": "Uvolnit objednávky ({count})",
    "by_hand_capped": "Najednou jich uvolníte nejvýš {count}, a to nejnovější; ostatní pak stejným způsobem.",
    "by_hand_confirm": "Těchto objednávek je {count}. Ještě neodešly a chci je předat do skladu.",
    "by_hand_counts": "Otevřených objednávek: {count}. Hned se uvolní: {now}. Ostatní počkají, dokud nebudou zaplacené "
    "nebo v pořádku: {later}.",
    "by_hand_none": "Žádná z nich není ve stavu, který objednávky uvolňuje.",
    "by_hand_text": "Objednávky z doby před připojením a objednávky starší než zvolené datum samy do skladu nejdou. "
    "Ty, které jste ještě neodeslali, můžete uvolnit tady.",
    "live_counts": "Objednávky pro sklad",
    "live_none": "Od připojení zatím žádná objednávka nepřišla.",
    "number_of": "Počet",
    "offer": "Co s nimi",
    "offer_held": "Zadržené",
    "offer_released": "Uvolněné",
    "offer_shipped": "Odeslané",
    "offer_stop": "Zastavené",
    "outlook": "Co by se dělo",
    "outlook_capped": "Nejnovější objednávky: {count} z {all}.",
    "outlook_examples": "Například",
    "outlook_fresh": "Objednávky od připojení",
    "outlook_history": "Starší objednávky jako příklad",
    "outlook_history_text": "Posledních {count} objednávek z doby před připojením, jako by byly nové. Ve skutečnosti "
    "s nimi nic neuděláme.",
    "outlook_none": "Zatím žádné.",
    "outlook_text": "Tak bychom s objednávkami naložili, kdyby ostrý provoz běžel s uloženým nastavením.",
    "release_changed": "Počet otevřených objednávek se mezitím změnil. Nic jsme neuvolnili; zkontrolujte ho a akci "
    "zopakujte.",
    "release_refused": "Nic jsme neuvolnili: e-shop je jen pozorován, nebo objednávka už neexistuje.",
    "released_by_hand": "Hotovo, objednávky jsme uvolnili. Nezaplacené počkají na platbu.",
    "write_back": "Zápisy do e-shopu",
    "write_confirmed": "Potvrzené",
    "write_due": "Čekají na zápis",
    "write_parked": "Odložené, potřebují vaši pozornost",
    "write_waits": "Čekají na kód zásilky",
}

SK: Mapping[str, str] = {
    "by_hand": "Staršie otvorené objednávky",
    "by_hand_button": "Uvoľniť objednávky ({count})",
    "by_hand_capped": "Naraz ich uvoľníte najviac {count}, a to najnovšie; ostatné potom rovnakým spôsobom.",
    "by_hand_confirm": "Týchto objednávok je {count}. Ešte neodišli a chcem ich odovzdať do skladu.",
    "by_hand_counts": "Otvorených objednávok: {count}. Hneď sa uvoľní: {now}. Ostatné počkajú, kým nebudú zaplatené "
    "alebo v poriadku: {later}.",
    "by_hand_none": "Žiadna z nich nie je v stave, ktorý objednávky uvoľňuje.",
    "by_hand_text": "Objednávky z obdobia pred pripojením a objednávky staršie ako zvolený dátum samy do skladu nejdú. "
    "Tie, ktoré ste ešte neodoslali, môžete uvoľniť tu.",
    "live_counts": "Objednávky pre sklad",
    "live_none": "Od pripojenia zatiaľ žiadna objednávka neprišla.",
    "number_of": "Počet",
    "offer": "Čo s nimi",
    "offer_held": "Pozdržané",
    "offer_released": "Uvoľnené",
    "offer_shipped": "Odoslané",
    "offer_stop": "Zastavené",
    "outlook": "Čo by sa dialo",
    "outlook_capped": "Najnovšie objednávky: {count} z {all}.",
    "outlook_examples": "Napríklad",
    "outlook_fresh": "Objednávky od pripojenia",
    "outlook_history": "Staršie objednávky ako príklad",
    "outlook_history_text": "Posledných {count} objednávok z obdobia pred pripojením, akoby boli nové. V skutočnosti "
    "s nimi nič neurobíme.",
    "outlook_none": "Zatiaľ žiadne.",
    "outlook_text": "Tak by sme s objednávkami naložili, keby ostrá prevádzka bežala s uloženým nastavením.",
    "release_changed": "Počet otvorených objednávok sa medzitým zmenil. Nič sme neuvoľnili; skontrolujte ho a akciu "
    "zopakujte.",
    "release_refused": "Nič sme neuvoľnili: e-shop je len pozorovaný, alebo objednávka už neexistuje.",
    "released_by_hand": "Hotovo, objednávky sme uvoľnili. Nezaplatené počkajú na platbu.",
    "write_back": "Zápisy do e-shopu",
    "write_confirmed": "Potvrdené",
    "write_due": "Čakajú na zápis",
    "write_parked": "Odložené, potrebujú vašu pozornosť",
    "write_waits": "Čakajú na kód zásielky",
}

EN: Mapping[str, str] = {
    "by_hand": "Older open orders",
    "by_hand_button": "Release orders ({count})",
    "by_hand_capped": "You can release {count} at a time, the newest first; then the others in the same way.",
    "by_hand_confirm": "These orders, {count} of them, have not left yet and I want the warehouse to get them.",
    "by_hand_counts": "Open orders: {count}. Released at once: {now}. The others wait until they are paid or in order: "
    "{later}.",
    "by_hand_none": "None of them is in a status that releases orders.",
    "by_hand_text": "Orders from before the connection, and orders older than the chosen date, do not go to the "
    "warehouse by themselves. Those you have not sent yet can be released here.",
    "live_counts": "Orders for the warehouse",
    "live_none": "No order has come since the connection.",
    "number_of": "Number",
    "offer": "What becomes of them",
    "offer_held": "Held",
    "offer_released": "Released",
    "offer_shipped": "Shipped",
    "offer_stop": "Stopped",
    "outlook": "What would happen",
    "outlook_capped": "The newest orders: {count} of {all}.",
    "outlook_examples": "For example",
    "outlook_fresh": "Orders since the connection",
    "outlook_history": "Older orders as an example",
    "outlook_history_text": "The last {count} orders from before the connection, as if they were new. In fact nothing "
    "is done with them.",
    "outlook_none": "None yet.",
    "outlook_text": "This is how orders would be treated if the shop were live with the saved settings.",
    "release_changed": "The number of open orders has changed meanwhile. Nothing was released; check it and repeat "
    "what you did.",
    "release_refused": "Nothing was released: the shop is only observed, or an order is not there any more.",
    "released_by_hand": "Done, the orders are released. Those not paid wait for their payment.",
    "write_back": "Writing to the shop",
    "write_confirmed": "Confirmed",
    "write_due": "Waiting to be written",
    "write_parked": "Put aside, they need your attention",
    "write_waits": "Waiting for a tracking code",
}
