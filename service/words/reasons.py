"""Why an order is held or stopped, in words: a key for each reason."""

from collections.abc import Mapping

CS: Mapping[str, str] = {
    "reason_aged": "dávno skončila, načteme ji znovu",
    "reason_cancelled": "zrušená",
    "reason_changed": "změnila se po uvolnění",
    "reason_deleted": "smazaná",
    "reason_history": "je z doby před připojením",
    "reason_missing": "e-shop ji teď neukazuje",
    "reason_no_mapping": "chybí nastavení",
    "reason_observed": "e-shop jen pozorujeme",
    "reason_shipped": "už odeslaná",
    "reason_status": "její stav neuvolňuje",
    "reason_too_old": "je starší než zvolené datum",
    "reason_uninstalled": "doplněk byl odinstalován",
    "reason_unpaid": "nezaplacená",
    "reason_withdrawn": "uvolnění bylo odvoláno",
}

SK: Mapping[str, str] = {
    "reason_aged": "dávno skončila, načítame ju znova",
    "reason_cancelled": "zrušená",
    "reason_changed": "zmenila sa po uvoľnení",
    "reason_deleted": "zmazaná",
    "reason_history": "je z obdobia pred pripojením",
    "reason_missing": "e-shop ju teraz neukazuje",
    "reason_no_mapping": "chýba nastavenie",
    "reason_observed": "e-shop len pozorujeme",
    "reason_shipped": "už odoslaná",
    "reason_status": "jej stav neuvoľňuje",
    "reason_too_old": "je staršia ako zvolený dátum",
    "reason_uninstalled": "doplnok bol odinštalovaný",
    "reason_unpaid": "nezaplatená",
    "reason_withdrawn": "uvoľnenie bolo odvolané",
}

EN: Mapping[str, str] = {
    "reason_aged": "ended long ago, is read again",
    "reason_cancelled": "cancelled",
    "reason_changed": "changed after the release",
    "reason_deleted": "deleted",
    "reason_history": "from before the connection",
    "reason_missing": "the shop does not show it now",
    "reason_no_mapping": "the settings are missing",
    "reason_observed": "the shop is only observed",
    "reason_shipped": "has left already",
    "reason_status": "its status releases nothing",
    "reason_too_old": "older than the chosen date",
    "reason_uninstalled": "the add-on was uninstalled",
    "reason_unpaid": "not paid",
    "reason_withdrawn": "the release was taken back",
}
