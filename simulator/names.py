"""Names, towns and goods the seeded data is made of; Czech and Slovak, invented, diacritics included."""

FIRST_NAMES = {
    "cs": (
        ("Jan", "Petr", "Jiří", "Tomáš", "Ondřej", "Vojtěch", "Řehoř", "Zdeněk", "Lukáš", "Matěj", "Štěpán", "Čeněk"),
        ("Jana", "Tereza", "Lucie", "Kateřina", "Žaneta", "Božena", "Hana", "Eliška", "Markéta", "Růžena", "Šárka"),
    ),
    "sk": (
        ("Ján", "Peter", "Juraj", "Martin", "Ľuboš", "Michal", "Marek", "Štefan", "Jozef", "Dušan", "Tomáš"),
        ("Zuzana", "Mária", "Katarína", "Ľubica", "Jana", "Eva", "Monika", "Lenka", "Andrea", "Božena", "Veronika"),
    ),
}
SURNAMES = {
    "cs": (
        (
            "Novák",
            "Svoboda",
            "Dvořák",
            "Černý",
            "Procházka",
            "Kučera",
            "Veselý",
            "Horák",
            "Němec",
            "Pokorný",
            "Hájek",
            "Růžička",
            "Ďuriš",
        ),
        (
            "Nováková",
            "Svobodová",
            "Dvořáková",
            "Černá",
            "Procházková",
            "Kučerová",
            "Veselá",
            "Horáková",
            "Němcová",
            "Říhová",
            "Šťastná",
        ),
    ),
    "sk": (
        ("Horváth", "Kováč", "Varga", "Tóth", "Nagy", "Baláž", "Molnár", "Lukáč", "Kráľ", "Oravec", "Hudák", "Sýkora"),
        (
            "Horváthová",
            "Kováčová",
            "Vargová",
            "Tóthová",
            "Balážová",
            "Molnárová",
            "Kráľová",
            "Oravcová",
            "Ďurišová",
            "Hudáková",
        ),
    ),
}
STREETS = {
    "cs": (
        "Dlouhá",
        "Krátká",
        "Na Příkopech",
        "Husova",
        "Palackého",
        "Tř. Míru",
        "U Mlýna",
        "Školní",
        "nám. Svobody",
        "Žižkova",
        "17. listopadu",
    ),
    "sk": (
        "Hlavná",
        "Štúrova",
        "Mlynská",
        "Námestie slobody",
        "Školská",
        "Železničná",
        "Ľ. Podjavorinskej",
        "Jesenského",
        "Pri Hornáde",
    ),
}
TOWNS = {  # town, district, postcodes as customers type them
    "cs": (
        ("Praha 5", "Praha", "150 00"),
        ("Brno", "Brno-město", "60200"),
        ("Ostrava", "Ostrava-město", "702 00"),
        ("Plzeň", "Plzeň-město", "30100"),
        ("Ústí nad Labem", "Ústí nad Labem", "400 01"),
        ("České Budějovice", "České Budějovice", "37001"),
        ("Rožnov pod Radhoštěm", "Vsetín", "756 61"),
        ("Žďár nad Sázavou", "Žďár nad Sázavou", "59101"),
        ("Hradec Králové", "Hradec Králové", "500 02"),
        ("Dvůr Králové nad Labem", "Trutnov", "54401"),
    ),
    "sk": (
        ("Bratislava - Ružinov", "Bratislava II", "821 01"),
        ("Košice", "Košice I", "04001"),
        ("Žilina", "Žilina", "010 01"),
        ("Banská Bystrica", "Banská Bystrica", "97401"),
        ("Nitra", "Nitra", "949 01"),
        ("Liptovský Mikuláš", "Liptovský Mikuláš", "03101"),
        ("Nové Mesto nad Váhom", "Nové Mesto nad Váhom", "915 01"),
        ("Veľký Krtíš", "Veľký Krtíš", "99001"),
    ),
}
COMPANIES = {
    "cs": (
        "Pekařství U Dubu s.r.o.",
        "Květiny Růžová",
        "Stavby Kopeček a.s.",
        "Mateřská škola Sluníčko",
        "Účetní kancelář Řeháčková",
    ),
    "sk": (
        "Drevovýroba Jedľa s.r.o.",
        "Kvety Púpava",
        "Autoservis Šípka s.r.o.",
        "Materská škola Lúčik",
        "Účtovníctvo Ďateľ",
    ),
}
CUSTOMER_NOTES = {
    "cs": (
        "Prosím zavolat před doručením.",
        "Zvonek nefunguje, klepejte :-)",
        "Dárkové balení, děkuji!",
        "Nechat u sousedů\n2. patro",
        "Zboží <b>pečlivě</b> zabalit & označit",
    ),
    "sk": ("Prosím zavolať vopred.", "Zvonček nefunguje.", "Darčekové balenie, ďakujem!", "Nechať na vrátnici"),
}
INTERNAL_NOTES = ("Stálý zákazník.", "Volat – chce změnit velikost", "Reklamace předchozí objednávky vyřízena", "VIP")
STREETS_CITIES_POINTS = (
    "Nádraží",
    "OC Galerie",
    "Trafika",
    "Potraviny",
    "Knihkupectví",
    "Lékárna",
    "Čerpací stanice",
    "Papírnictví",
)

# Czech title, Slovak title, unit, VAT in CZ, price, weight in grams
GOODS = (
    ("Tričko", "Tričko", "ks", 21, 390, 180),
    ("Mikina s kapucí", "Mikina s kapucňou", "ks", 21, 990, 620),
    ("Ponožky", "Ponožky", "pár", 21, 129, 60),
    ("Hrnek", "Hrnček", "ks", 21, 249, 350),
    ("Svíčka", "Sviečka", "ks", 21, 189, 240),
    ("Káva zrnková", "Káva zrnková", "kg", 12, 459, 1000),
    ("Čaj sypaný", "Čaj sypaný", "g", 12, 3.2, 1),
    ("Provaz konopný", "Povraz konopný", "m", 21, 24, 45),
    ("Látka bavlněná", "Látka bavlnená", "m", 21, 219, 310),
    ("Kniha receptů", "Kniha receptov", "ks", 12, 349, 540),
    ("Víno bílé", "Víno biele", "ks", 21, 239, 1300),
    ("Krém na ruce", "Krém na ruky", "ks", 21, 159, 90),
    ("Stavebnice", "Stavebnica", "ks", 21, 799, 1150),
    ("Lampa stolní", "Lampa stolová", "ks", 21, 1290, 1900),
    ("Granule pro psy", "Granule pre psy", "ks", 12, 1190, 12000),
)
ADULT_GOODS = {"Víno bílé"}
CUT_GOODS = {"Provaz konopný", "Látka bavlněná"}  # sold by length: fractional quantities
ADJECTIVES = {
    "cs": (
        "červené",
        "modré",
        "žluté",
        "Žirafa",
        "Klasik",
        "Extra",
        "Premium",
        "Přírodní",
        "dětské",
        "XXL balení",
        "č. 7",
    ),
    "sk": (
        "červené",
        "modré",
        "žlté",
        "Žirafa",
        "Klasik",
        "Extra",
        "Prémium",
        "Prírodné",
        "detské",
        "XXL balenie",
        "č. 7",
    ),
}
MANUFACTURERS = ("Dílna Vrána", "Tkalcovna Bělá", "Mlýn Hrozinka", "Svítilny Jiskra", None)
SUPPLIERS = ("Velkoobchod Sever", "Import Jih", None)
SIZES = ("S", "M", "L", "XL")
COLOURS = {"cs": ("Černá", "Bílá", "Zelená"), "sk": ("Čierna", "Biela", "Zelená")}
CATEGORIES = (
    (11, "K11", "Oblečení"),
    (12, None, "Domácnost"),
    (13, "K13", "Potraviny"),
    (14, "K14", "Dárky"),
    (15, None, "Novinky"),
)
