"""What the panel says, in the three languages of the admin (docs/upgates.md R42).

`current_admin_language` is not signed: it chooses words and nothing else.
"""

from collections.abc import Mapping
from enum import StrEnum


class Language(StrEnum):
    """The admin speaks these (2.3)."""

    CS = "cs"
    SK = "sk"
    EN = "en"


Words = Mapping[str, str]


def language(said: str | None) -> Language:
    """Return the language of an admin; Czech, the platform's own, when it says none that we speak."""
    return next((known for known in Language if said and said.lower().startswith(known)), Language.CS)


def accepted(header: str | None) -> Language:
    """Return the language a browser prefers (`Accept-Language: sk,cs;q=0.8`), for a page that knows nothing else."""
    return language((header or "").split(",")[0].strip() or None)


CS: Words = {
    "title": "Expedice",
    "account": "Váš účet",
    "account_is": "E-shop patří k účtu",
    "account_none": "Účet založíme, jakmile načteme údaje o majiteli e-shopu.",
    "change_account": "Změnit účet",
    "company": "Firma",
    "company_number": "IČO",
    "counts": "Co už máme načteno",
    "done_next": "Co bude dál",
    "done_next_text": "Nic dalšího nemusíte nastavovat. Nové objednávky a změny k nám od teď přicházejí samy.",
    "email": "E-mail",
    "existing": "Stávající zákazník",
    "existing_button": "Přiřadit k mému účtu",
    "existing_text": "Vložte přístupový token svého účtu. Obdrželi jste ho od nás; token zůstane platný.",
    "failed": "Nepovedlo se",
    "failed_text": "Tento krok se nepodařil. V nabídce Doplňky doplněk deaktivujte a znovu aktivujte. "
    "Pokud to nepomůže, zavolejte nám nebo napište.",
    "form_old": "Formulář už neplatí. Otevřete doplněk znovu a akci zopakujte.",
    "fresh": "Nový zákazník",
    "fresh_button": "Založit nový účet",
    "leave": "Odhlásit",
    "left": "Jste odhlášeni",
    "left_text": "Stránku můžete kdykoli znovu otevřít v nabídce Doplňky administrace UPgates.",
    "observe": "Režim pozorování",
    "observe_text": "Doplněk zatím jen čte. V e-shopu nic nemění, neposílá žádné e-maily a objednávky nepředává "
    "do skladu.",
    "old_ticket": "Otevřete doplněk znovu",
    "old_ticket_text": "Odkaz platí jen jednou a jen minutu. Vraťte se do nabídky Doplňky a doplněk otevřete znovu.",
    "orders": "Objednávky",
    "owner": "Nový zákazník s e-mailem majitele",
    "owner_button": "Založit účet s tímto e-mailem",
    "owner_text": "Údaje převezmeme z nastavení e-shopu.",
    "page": "strana {done} z {all}",
    "page_so_far": "strana {done}",
    "paired": "Hotovo, e-shop je přiřazen k účtu.",
    "phone": "Telefon",
    "products": "Produkty",
    "progress": "Průběh aktivace",
    "progress_note": "Stav se obnovuje sám.",
    "reason": "Důvod pro podporu",
    "retry_at": "zkusíme znovu v {time}",
    "running": "Probíhá",
    "skip": "Přejít na obsah",
    "starts_at": "začne v {time}",
    "state_done": "Hotovo",
    "step": "Krok",
    "step_codebooks": "Stavy objednávek, doprava a platby",
    "step_connect": "Připojení k e-shopu",
    "step_orders": "Načtení objednávek",
    "step_owner": "Údaje o majiteli a účet",
    "step_parameters": "Načtení parametrů produktů",
    "step_products": "Načtení produktů",
    "step_related": "Načtení souvisejících produktů",
    "step_state": "Stav",
    "step_webhooks": "Zapnutí okamžitých oznámení",
    "support": "Podpora",
    "suspended": "Přístup k e-shopu je pozastaven",
    "suspended_text": "E-shop odmítl naše přihlášení. V nabídce Doplňky doplněk deaktivujte a znovu aktivujte; "
    "načtená data zůstanou.",
    "thanks": "Děkujeme, e-shop je připojen",
    "token": "Přístupový token",
    "token_wrong": "Tento token neznáme. Zkontrolujte, zda je celý, nebo nám zavolejte.",
    "typed_wrong": "Vyplňte firmu a platný e-mail.",
    "until": "konec asi v {time}",
    "waiting": "Čeká",
    "working": "E-shop připojujeme",
    "working_text": "Stránku můžete zavřít, práce poběží dál.",
}

SK: Words = {
    "title": "Expedícia",
    "account": "Váš účet",
    "account_is": "E-shop patrí k účtu",
    "account_none": "Účet založíme, hneď ako načítame údaje o majiteľovi e-shopu.",
    "change_account": "Zmeniť účet",
    "company": "Firma",
    "company_number": "IČO",
    "counts": "Čo už máme načítané",
    "done_next": "Čo bude ďalej",
    "done_next_text": "Nič ďalšie nemusíte nastavovať. Nové objednávky a zmeny k nám odteraz prichádzajú samy.",
    "email": "E-mail",
    "existing": "Existujúci zákazník",
    "existing_button": "Priradiť k môjmu účtu",
    "existing_text": "Vložte prístupový token svojho účtu. Dostali ste ho od nás; token zostane platný.",
    "failed": "Nepodarilo sa",
    "failed_text": "Tento krok sa nepodaril. V ponuke Doplnky doplnok deaktivujte a znova aktivujte. "
    "Ak to nepomôže, zavolajte nám alebo napíšte.",
    "form_old": "Formulár už neplatí. Otvorte doplnok znova a akciu zopakujte.",
    "fresh": "Nový zákazník",
    "fresh_button": "Založiť nový účet",
    "leave": "Odhlásiť",
    "left": "Ste odhlásení",
    "left_text": "Stránku môžete kedykoľvek znova otvoriť v ponuke Doplnky administrácie UPgates.",
    "observe": "Režim pozorovania",
    "observe_text": "Doplnok zatiaľ len číta. V e-shope nič nemení, neposiela žiadne e-maily a objednávky neodovzdáva "
    "do skladu.",
    "old_ticket": "Otvorte doplnok znova",
    "old_ticket_text": "Odkaz platí len raz a len minútu. Vráťte sa do ponuky Doplnky a doplnok otvorte znova.",
    "orders": "Objednávky",
    "owner": "Nový zákazník s e-mailom majiteľa",
    "owner_button": "Založiť účet s týmto e-mailom",
    "owner_text": "Údaje prevezmeme z nastavení e-shopu.",
    "page": "strana {done} z {all}",
    "page_so_far": "strana {done}",
    "paired": "Hotovo, e-shop je priradený k účtu.",
    "phone": "Telefón",
    "products": "Produkty",
    "progress": "Priebeh aktivácie",
    "progress_note": "Stav sa obnovuje sám.",
    "reason": "Dôvod pre podporu",
    "retry_at": "skúsime znova o {time}",
    "running": "Prebieha",
    "skip": "Prejsť na obsah",
    "starts_at": "začne o {time}",
    "state_done": "Hotovo",
    "step": "Krok",
    "step_codebooks": "Stavy objednávok, doprava a platby",
    "step_connect": "Pripojenie k e-shopu",
    "step_orders": "Načítanie objednávok",
    "step_owner": "Údaje o majiteľovi a účet",
    "step_parameters": "Načítanie parametrov produktov",
    "step_products": "Načítanie produktov",
    "step_related": "Načítanie súvisiacich produktov",
    "step_state": "Stav",
    "step_webhooks": "Zapnutie okamžitých oznámení",
    "support": "Podpora",
    "suspended": "Prístup k e-shopu je pozastavený",
    "suspended_text": "E-shop odmietol naše prihlásenie. V ponuke Doplnky doplnok deaktivujte a znova aktivujte; "
    "načítané dáta zostanú.",
    "thanks": "Ďakujeme, e-shop je pripojený",
    "token": "Prístupový token",
    "token_wrong": "Tento token nepoznáme. Skontrolujte, či je celý, alebo nám zavolajte.",
    "typed_wrong": "Vyplňte firmu a platný e-mail.",
    "until": "koniec asi o {time}",
    "waiting": "Čaká",
    "working": "E-shop pripájame",
    "working_text": "Stránku môžete zavrieť, práca pobeží ďalej.",
}

EN: Words = {
    "title": "Expedition",
    "account": "Your account",
    "account_is": "The shop belongs to the account",
    "account_none": "We open the account as soon as we have read whose shop it is.",
    "change_account": "Change the account",
    "company": "Company",
    "company_number": "Company number",
    "counts": "What we have read so far",
    "done_next": "What comes next",
    "done_next_text": "There is nothing else to set up. From now on new orders and changes come to us by themselves.",
    "email": "E-mail",
    "existing": "Existing customer",
    "existing_button": "Use my account",
    "existing_text": "Paste an access token of your account. You got it from us; the token stays valid.",
    "failed": "Failed",
    "failed_text": "This step did not succeed. Deactivate the add-on under Add-ons and activate it again. "
    "If that does not help, call us or write to us.",
    "form_old": "The form is out of date. Open the add-on again and repeat what you did.",
    "fresh": "New customer",
    "fresh_button": "Open a new account",
    "leave": "Log out",
    "left": "You are logged out",
    "left_text": "You can open this page again at any time under Add-ons in the UPgates admin.",
    "observe": "Observe mode",
    "observe_text": "For now the add-on only reads. It changes nothing in the shop, sends no e-mails and passes no "
    "orders on to the warehouse.",
    "old_ticket": "Please open the add-on again",
    "old_ticket_text": "The link works once and for a minute. Go back to Add-ons and open the add-on again.",
    "orders": "Orders",
    "owner": "New customer with the owner's e-mail",
    "owner_button": "Open an account with this e-mail",
    "owner_text": "We take the details from the settings of the shop.",
    "page": "page {done} of {all}",
    "page_so_far": "page {done}",
    "paired": "Done, the shop belongs to the account now.",
    "phone": "Phone",
    "products": "Products",
    "progress": "Activation",
    "progress_note": "This page refreshes by itself.",
    "reason": "Reason, for support",
    "retry_at": "next try at {time}",
    "running": "Running",
    "skip": "Skip to the content",
    "starts_at": "starts at {time}",
    "state_done": "Done",
    "step": "Step",
    "step_codebooks": "Order statuses, shipping and payments",
    "step_connect": "Connection to the shop",
    "step_orders": "Reading orders",
    "step_owner": "Owner and account",
    "step_parameters": "Reading product parameters",
    "step_products": "Reading products",
    "step_related": "Reading related products",
    "step_state": "State",
    "step_webhooks": "Turning on instant notifications",
    "support": "Support",
    "suspended": "Access to the shop is suspended",
    "suspended_text": "The shop rejected our login. Deactivate the add-on under Add-ons and activate it again; "
    "what was read stays.",
    "thanks": "Thank you, the shop is connected",
    "token": "Access token",
    "token_wrong": "We do not know this token. Check that it is complete, or call us.",
    "typed_wrong": "Fill in the company and a valid e-mail address.",
    "until": "ends at about {time}",
    "waiting": "Waiting",
    "working": "We are connecting the shop",
    "working_text": "You can close this page, the work goes on.",
}

IN: Mapping[Language, Words] = {Language.CS: CS, Language.SK: SK, Language.EN: EN}
