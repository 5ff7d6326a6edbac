"""What the page about money that carriers collect says."""

from collections.abc import Mapping

CS: Mapping[str, str] = {
    "money": "Dobírky",
    "money_all": "celkem",
    "money_amount": "Dobírka",
    "money_bad": "Nepřijali jsme řádků: {count}. Opravte je a načtěte výpis znovu; ostatní platí.",
    "money_bad_more": "A další, zatím nevypsané: {count}.",
    "money_carrier": "Dopravce",
    "money_carrier_odd": "Vyberte dopravce, od kterého výpis je.",
    "money_count": "Zásilek",
    "money_delivered": "Doručeno",
    "money_differs": "Jiná částka",
    "money_differs_text": "Dopravce vyplatil jinou částku nebo měnu, než jsme čekali. Porovnejte ji s objednávkou.",
    "money_due": "Vyplatit do",
    "money_line": "Řádek {at}",
    "money_list": "Výpis (CSV)",
    "money_list_empty": "Vložte výpis dobírek.",
    "money_list_huge": "Tolik textu najednou nepřečteme. Delší výpis vložte po částech, každou s prvním řádkem.",
    "money_list_odd": "Tento výpis nelze přečíst. Nic jsme nezměnili.",
    "money_month": "Měsíc",
    "money_none": "Žádná taková dobírka tu není.",
    "money_order": "Objednávka",
    "money_overdue": "Po termínu",
    "money_overdue_text": "Doručeno, a do obvyklých dnů nevyplaceno. Načtěte výpis dopravce; co zůstane, chtějte po "
    "něm.",
    "money_paid": "Vyplaceno",
    "money_paid_amount": "Vyplaceno",
    "money_paid_on": "Vyplaceno dne",
    "money_paid_text": "Kolik vyplatil, dopravce sám neříká: to ověří až jeho výpis.",
    "money_read": "Načíst výpis dopravce",
    "money_read_button": "Načíst",
    "money_read_columns": "číslo zásilky;variabilní symbol;částka;měna;datum\n"
    "40170000001;26000417;1290,00;CZK;5.3.2026",
    "money_read_done": "Výpis je načtený. Nových výplat: {new}, známých: {known}.",
    "money_read_example": "Například:",
    "money_read_text": "Vložte výpis dobírek od dopravce jako CSV, nebo buňky z tabulky; najednou nejvýš {most} "
    "řádků. První řádek pojmenuje sloupce; stačí buď číslo zásilky, nebo variabilní symbol. Tentýž výpis podruhé nic "
    "nezmění.",
    "money_sum": "Částka",
    "money_symbol": "Variabilní symbol",
    "money_text": "Peníze, které pro vás dopravci vybrali na dobírku, podle toho, co sami hlásí a co je v jejich "
    "výpisech.",
    "money_uncollected": "Nevyzvednuté dobírky",
    "money_uncollected_none": "Za posledních 12 měsíců se žádná nevrátila nevyzvednutá.",
    "money_uncollected_text": "Dobírky, které si příjemce nevyzvedl, podle měsíce, ve kterém se začaly vracet; za "
    "posledních 12 měsíců.",
    "money_waiting": "Čeká",
    "money_waiting_text": "Na cestě, nebo doručeno a výplata má ještě čas.",
    "money_ways": "Které dobírky",
}

SK: Mapping[str, str] = {
    "money": "Dobierky",
    "money_all": "spolu",
    "money_amount": "Dobierka",
    "money_bad": "Neprijali sme riadkov: {count}. Opravte ich a načítajte výpis znova; ostatné platia.",
    "money_bad_more": "A ďalšie, zatiaľ nevypísané: {count}.",
    "money_carrier": "Dopravca",
    "money_carrier_odd": "Vyberte dopravcu, od ktorého výpis je.",
    "money_count": "Zásielok",
    "money_delivered": "Doručené",
    "money_differs": "Iná suma",
    "money_differs_text": "Dopravca vyplatil inú sumu alebo menu, než sme čakali. Porovnajte ju s objednávkou.",
    "money_due": "Vyplatiť do",
    "money_line": "Riadok {at}",
    "money_list": "Výpis (CSV)",
    "money_list_empty": "Vložte výpis dobierok.",
    "money_list_huge": "Toľko textu naraz neprečítame. Dlhší výpis vložte po častiach, každú s prvým riadkom.",
    "money_list_odd": "Tento výpis nemožno prečítať. Nič sme nezmenili.",
    "money_month": "Mesiac",
    "money_none": "Žiadna taká dobierka tu nie je.",
    "money_order": "Objednávka",
    "money_overdue": "Po termíne",
    "money_overdue_text": "Doručené, a do obvyklých dní nevyplatené. Načítajte výpis dopravcu; čo zostane, žiadajte "
    "od neho.",
    "money_paid": "Vyplatené",
    "money_paid_amount": "Vyplatené",
    "money_paid_on": "Vyplatené dňa",
    "money_paid_text": "Koľko vyplatil, dopravca sám nehovorí: to overí až jeho výpis.",
    "money_read": "Načítať výpis dopravcu",
    "money_read_button": "Načítať",
    "money_read_columns": "číslo zásielky;variabilný symbol;suma;mena;dátum\n40170000001;26000417;52,90;EUR;5.3.2026",
    "money_read_done": "Výpis je načítaný. Nových výplat: {new}, známych: {known}.",
    "money_read_example": "Napríklad:",
    "money_read_text": "Vložte výpis dobierok od dopravcu ako CSV, alebo bunky z tabuľky; naraz najviac {most} "
    "riadkov. Prvý riadok pomenuje stĺpce; stačí buď číslo zásielky, alebo variabilný symbol. Ten istý výpis "
    "druhýkrát nič nezmení.",
    "money_sum": "Suma",
    "money_symbol": "Variabilný symbol",
    "money_text": "Peniaze, ktoré pre vás dopravcovia vybrali na dobierku, podľa toho, čo sami hlásia a čo je v ich "
    "výpisoch.",
    "money_uncollected": "Nevyzdvihnuté dobierky",
    "money_uncollected_none": "Za posledných 12 mesiacov sa žiadna nevrátila nevyzdvihnutá.",
    "money_uncollected_text": "Dobierky, ktoré si príjemca nevyzdvihol, podľa mesiaca, v ktorom sa začali vracať; za "
    "posledných 12 mesiacov.",
    "money_waiting": "Čaká",
    "money_waiting_text": "Na ceste, alebo doručené a výplata má ešte čas.",
    "money_ways": "Ktoré dobierky",
}

EN: Mapping[str, str] = {
    "money": "Money",
    "money_all": "all",
    "money_amount": "COD",
    "money_bad": "Lines that were not taken: {count}. Correct them and read the list in once more; the others stand.",
    "money_bad_more": "And others that are not shown yet: {count}.",
    "money_carrier": "Carrier",
    "money_carrier_odd": "Choose the carrier the list is from.",
    "money_count": "Parcels",
    "money_delivered": "Delivered",
    "money_differs": "Differs",
    "money_differs_text": "The carrier paid out another amount or currency than was asked for. Hold it against the "
    "order.",
    "money_due": "Due",
    "money_line": "Line {at}",
    "money_list": "List (CSV)",
    "money_list_empty": "Paste a list of payments.",
    "money_list_huge": "That much text is not read at once. Paste a longer list in parts, each with the first line.",
    "money_list_odd": "This list cannot be read. Nothing was changed.",
    "money_month": "Month",
    "money_none": "There is no such money here.",
    "money_order": "Order",
    "money_overdue": "Overdue",
    "money_overdue_text": "Delivered, and not paid out within the usual days. Read the carrier's list in; what "
    "remains, ask the carrier for.",
    "money_paid": "Paid out",
    "money_paid_amount": "Paid out",
    "money_paid_on": "Paid on",
    "money_paid_text": "How much was paid out carriers do not say by themselves: only their list proves it.",
    "money_read": "Read a carrier's list in",
    "money_read_button": "Read in",
    "money_read_columns": "parcel number;variable symbol;amount;currency;date\n"
    "40170000001;26000417;52.90;EUR;2026-03-05",
    "money_read_done": "The list is read. New payments: {new}, known ones: {known}.",
    "money_read_example": "For example:",
    "money_read_text": "Paste a carrier's list of payments as CSV, or the cells of a sheet; {most} lines at most at "
    "once. The first line names the columns; a parcel number or a variable symbol is enough. The same list twice "
    "changes nothing.",
    "money_sum": "Amount",
    "money_symbol": "Variable symbol",
    "money_text": "Money that carriers collected for you on delivery, by what they tell and by their lists of "
    "payments.",
    "money_uncollected": "Uncollected COD parcels",
    "money_uncollected_none": "None came back uncollected in the last 12 months.",
    "money_uncollected_text": "COD parcels nobody fetched, by the month in which their way back began; of the last "
    "12 months.",
    "money_waiting": "Waiting",
    "money_waiting_text": "On its way, or delivered and not due yet.",
    "money_ways": "Which money",
}
