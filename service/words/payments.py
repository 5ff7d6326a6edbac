"""Why a carrier's list of payments cannot be read, or a line of it cannot stand."""

from collections.abc import Mapping

CS: Mapping[str, str] = {
    "paycolumn_amount": "částka",
    "paycolumn_currency": "měna",
    "paycolumn_date": "datum",
    "paycolumn_either": "číslo zásilky nebo variabilní symbol",
    "payline_amount": "Částka není číslo s tolika desetinnými místy, kolik měna má.",
    "payline_currency": "Měna není kód ze tří písmen, například CZK.",
    "payline_date": "Datum nelze přečíst.",
    "payline_grouped": "Z částky se nepozná, zda jsou oddělené tisíce, nebo desetinná místa. Napište ji "
    "i s desetinnými místy, například 1290,00.",
    "payline_nameless": "Chybí číslo zásilky i variabilní symbol.",
    "payline_not_expected": "Za tuto zásilku nebo pod tímto variabilním symbolem v tomto e-shopu "
    "žádnou dobírku nečekáme.",
    "payline_number": "Číslo zásilky ani variabilní symbol takhle nevypadá.",
    "payline_other_currency": "Pod tímto variabilním symbolem se vybírala jiná měna. Doplňte číslo zásilky.",
    "payline_quote": "Začínají tu uvozovky přes několik řádků; žádný z nich jsme nepřečetli.",
    "payline_several": "Tento variabilní symbol má několik zásilek. Doplňte číslo zásilky.",
    "payline_twice": "Tato zásilka je ve výpisu podruhé.",
    "payline_unreadable": "Od tohoto řádku nelze výpis dál přečíst.",
    "paylist_columns": "V prvním řádku chybí: {columns}.",
    "paylist_header": "První řádek nelze přečíst.",
    "paylist_length": "Výpis má víc než {most} řádků.",
    "paylist_text": "Tohle není text.",
}

SK: Mapping[str, str] = {
    "paycolumn_amount": "suma",
    "paycolumn_currency": "mena",
    "paycolumn_date": "dátum",
    "paycolumn_either": "číslo zásielky alebo variabilný symbol",
    "payline_amount": "Suma nie je číslo s toľkými desatinnými miestami, koľko mena má.",
    "payline_currency": "Mena nie je kód z troch písmen, napríklad EUR.",
    "payline_date": "Dátum nemožno prečítať.",
    "payline_grouped": "Zo sumy sa nepozná, či sú oddelené tisíce, alebo desatinné miesta. Napíšte ju "
    "aj s desatinnými miestami, napríklad 1290,00.",
    "payline_nameless": "Chýba číslo zásielky aj variabilný symbol.",
    "payline_not_expected": "Za túto zásielku alebo pod týmto variabilným symbolom v tomto e-shope "
    "žiadnu dobierku nečakáme.",
    "payline_number": "Číslo zásielky ani variabilný symbol takto nevyzerá.",
    "payline_other_currency": "Pod týmto variabilným symbolom sa vyberala iná mena. Doplňte číslo zásielky.",
    "payline_quote": "Začínajú tu úvodzovky cez niekoľko riadkov; žiadny z nich sme neprečítali.",
    "payline_several": "Tento variabilný symbol má niekoľko zásielok. Doplňte číslo zásielky.",
    "payline_twice": "Táto zásielka je vo výpise druhýkrát.",
    "payline_unreadable": "Od tohto riadka nemožno výpis ďalej prečítať.",
    "paylist_columns": "V prvom riadku chýba: {columns}.",
    "paylist_header": "Prvý riadok nemožno prečítať.",
    "paylist_length": "Výpis má viac ako {most} riadkov.",
    "paylist_text": "Toto nie je text.",
}

EN: Mapping[str, str] = {
    "paycolumn_amount": "amount",
    "paycolumn_currency": "currency",
    "paycolumn_date": "date",
    "paycolumn_either": "parcel number or variable symbol",
    "payline_amount": "The amount is no number with as many decimal places as the currency has.",
    "payline_currency": "The currency is no code of three letters, such as EUR.",
    "payline_date": "The date cannot be read.",
    "payline_grouped": "The amount does not show whether thousands or decimals are set apart. Write it "
    "with its decimals, such as 1290.00.",
    "payline_nameless": "It names neither a parcel nor a variable symbol.",
    "payline_not_expected": "Nothing is collected in this shop for this parcel, or under this variable symbol.",
    "payline_number": "Neither the number of a parcel nor a variable symbol looks like that.",
    "payline_other_currency": "Under this variable symbol another currency was to be collected. Add the parcel number.",
    "payline_quote": "A quote that begins here is open over several lines; none of them was read.",
    "payline_several": "Several parcels have this variable symbol. Add the parcel number.",
    "payline_twice": "The list tells of this parcel twice.",
    "payline_unreadable": "From this line on the list cannot be read.",
    "paylist_columns": "The first line lacks: {columns}.",
    "paylist_header": "The first line cannot be read.",
    "paylist_length": "The list has more than {most} lines.",
    "paylist_text": "This is no text.",
}
