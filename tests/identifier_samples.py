"""A labelled set for the identifier rules: invented identifiers by kind, and innocent look-alikes.

Everything is drawn from a seed; nobody's number is meant. Numbers follow their country's form and,
for an IBAN, its checksum (ISO 13616); the forms are facts of the issuing offices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

_UPPER, _DIGIT = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"

#: ``#`` a digit, ``@`` a capital, ``*`` either; everything else stands for itself.
PHONES = (
    "+34 6## ### ###", "6## ### ###", "+34-6##-##-##-##", "0034 6########", "+1 (###) ###-####",
    "(###) ###-####", "###-###-####", "###.###.####", "1-###-###-####", "+44 7### ######",
    "07### ######", "020 #### ####", "+33 (0)6 ## ## ## ##", "06 ## ## ## ##", "06.##.##.##.##",
    "+49 (0) 151 ########", "0151/########", "030 - ### ## ##", "+39 3## #######",
    "+41 79 ### ## ##", "+55 (##) 9####-####", "+52 1 55 #### ####", "+57 3## ### ####",
    "+54 9 11 ####-####", "+7 (9##) ###-##-##", "8 (9##) ###-##-##", "+380 ## ### ## ##",
    "+48 ### ### ###", "+40 7## ### ###", "+91 #####-#####", "+86 1## #### ####",
    "+81-90-####-####", "+82-10-####-####", "+63 9## ### ####", "+62 8##-####-####",
    "+66 8# ### ####", "+84 9# ### ## ##", "+234 8## ### ####", "+254 7## ######",
    "+212 6-##-##-##-##", "+966 5# ### ####", "+972-5#-###-####", "+45 ## ## ## ##",
    "+65 #### ####", "+354 ### ####", "tel:+34600######", "Tel. 91 ### ## ##", "tel.06########",
    "+34\u00a06##\u00a0###\u00a0###", "6##\u2013###\u2013###", "##########", "#########",
    "06########", "+90 5## ### ## ##",
)  # fmt: skip
PASSPORTS = (
    "@#######", "@########", "@@######", "@@#######", "@@@######", "##@@#####", "@#######@",
    "#########", "@ #######", "@@ ######", "@-#######", "########", "C##X##T##", "L##X##K##",
    "@@#*****#", "@@ #######",
)  # fmt: skip
NATIONAL = (
    "########@", "########-@", "X#######@", "Y-#######-@", "###-##-####", "@@######A",
    "@@ ## ## ## C", "@@@@@@##A##A###A", "###.###.###-##", "@@@@######HDFRRL0#",
    "# ## ## ## ### ### ##", "1##############", "###########", "##.##.##-###.##", "850730-####",
    "19850730-####", "300785-####", "300785-###A", "756.####.####.##", "#### 010180",
    "850730/####", "#############", "#### #### ####", "@@@@@####@", "##################",
    "#################X", "############", "850730-#######", "#####-#######-#", "##-#######-#",
    "##.###.###-#", "##-########-#", "#.###.###.###", "#-####-#####-##-#", "850730-##-####",
    "################", "#########V", "##########",
)  # fmt: skip
COORDINATES = (
    "4#.####, -3.####", "4#.#### -3.####", "-3#.######;1##.######", "4#.####N, 3.####W",
    "N4#.#### W3.####", "4#°25'N 3°42'W", "4#° 25′ 10″ N", "lat 4#.#### lon -3.####",
    "4#,####; -3,####", "geo:4#.####,-3.####", "POINT(-3.#### 4#.####)", "-3.######",
    "4#.####/-3.####", "8CGR9R64+V2", "4#.####° N, 3.####° W",
)  # fmt: skip
_BANKS = {
    "AD": "########@@@@########", "AE": "###################", "AT": "################",
    "BE": "############", "BG": "@@@@##############", "BR": "#######################@#",
    "CH": "#################", "CY": "########****************", "CZ": "####################",
    "DE": "##################", "DK": "##############", "EE": "################",
    "ES": "####################", "FI": "##############", "FR": "##########***********##",
    "GB": "@@@@##############", "GR": "#######****************", "HR": "#################",
    "HU": "########################", "IE": "@@@@##############", "IT": "@##########************",
    "LT": "################", "LV": "@@@@*************", "MT": "@@@@#####******************",
    "NL": "@@@@##########", "NO": "###########", "PK": "@@@@****************",
    "PL": "########################", "PT": "#####################", "RO": "@@@@****************",
    "SA": "##******************", "SE": "####################", "SI": "###############",
    "SK": "####################", "TN": "####################", "TR": "######****************",
    "UA": "######*******************",
}  # fmt: skip
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro "
    "dezembro",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre "
    "dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
}
_GIVEN = (
    "Ana",
    "María José",
    "Ama",
    "Nguyễn Thị",
    "Jean-Luc",
    "Amélie",
    "Zoë",
    "Oluwaseun",
    "Mohammed",
    "Fatima",
    "Иван",
    "Олена",
    "Ελένη",
    "MARIA",
    "Ștefan",
    "Józef",
    "Əli",
    "Jose\u0301",
)
_FAMILY = (
    "Example",
    "EXAMPLE",
    "Exemplo-Prueba",
    "O'Example",
    "McExample",
    "da Silva",
    "de la Cruz",
    "van den Berg",
    "von Beispiel",
    "bin Salman",
    "al-Rahman",
    "y Gasset",
    "d'Angelo",
    "Пример",
    "Παράδειγμα",
    "Örnek",
    "Ng",
    "West",
    "Young",
    "King",
    "Ługowska",
)
_NAMES_WITHOUT_CAPITALS = ("زيد المثال", "王 小明", "อานา ตัวอย่าง", "आना उदाहरण", "예시 아나")
_NAME_FORMS = (
    "{given} {family}", "{family}, {given}", " {given} {family} ", "{given}  {family}.",
    "{initial}. {family}", "{given} {initial}. {family}", "Dr. {given} {family}",
    "{given}_{family}", "{given} {family} / {given} {family}", "1. {given} {family}",
    "{given} {family}, 34", "{other}",
)  # fmt: skip
DATES = (
    "{y}-{m:02d}-{d:02d}", "{y}/{m}/{d}", "{y}.{m:02d}.{d:02d}", "{d:02d}/{m:02d}/{y}",
    "{m}/{d}/{y}", "{d}.{m}.{y}", "{d:02d}-{m:02d}-{y}", "{d:02d}.{m:02d}.{short:02d}",
    "{d:02d}/{m:02d}/{short:02d}", "{y}{m:02d}{d:02d}", "{y}-{m:02d}-{d:02d}T10:11:12Z",
    "{y}-{m:02d}-{d:02d} 10:11", "{d} {word} {y}", "{d} de {word} de {y}", "{d}. {word} {y}",
    "{english} {d}, {y}", "{abbreviated} {d} {y}", "{english} {d}th, {y}",
    "{d}th of {english} {y}", "{d}-{abbreviated}-{y}", "{d}{abbreviated}{y}",
    "{d}-{abbreviated}-{short:02d}", "{y} {english} {d}", "{y}年{m}月{d}日", "{d} {loud} {y}",
    "{d}er {word} {y}", "{d} / {m} / {y}",
)  # fmt: skip
#: Columns that say by their name what nobody may send.
IDENTIFYING_COLUMNS = (
    "name", "Name", "first_name", "FirstName", "prs_FirstName", "last name", "LASTNAME",
    "surname", "Full Name", "given_names", "middle-name", "maiden_name", "alias", "nickname",
    "nombre", "Nombre y apellidos", "primer_apellido", "apellidos", "nom", "Nom de famille",
    "prénom", "vorname", "Nachname", "familienname", "nome", "cognome", "sobrenome", "naam",
    "voornaam", "achternaam", "imię", "nazwisko", "имя", "фамилия", "الاسم", "姓名", "mother_name",
    "victim_name", "client name", "e-mail", "Email address", "correo", "courriel", "phone",
    "Phone number", "telefono", "Teléfono", "téléphone", "telefon", "handynummer", "mobile",
    "cell", "celular", "móvil", "whatsapp", "facebook", "телефон", "address", "Home Address",
    "dirección", "domicilio", "adresse", "anschrift", "straße", "indirizzo", "endereço",
    "postcode", "código_postal", "plz", "zip", "passport", "passport_no", "pasaporte",
    "passeport", "reisepass", "passaporte", "ssn", "dni", "nie", "curp", "cpf", "national_id",
    "ID number", "id_card", "tax_id", "cédula", "personalausweis", "codice fiscale", "iban",
    "bank account", "date_of_birth", "DOB", "birthdate", "Birth Date", "fecha_de_nacimiento",
    "date de naissance", "geburtsdatum", "data_de_nascimento", "data di nascita", "дата рождения",
    "latitude", "longitude", "gps", "_geolocation", "coordinates", "deviceid", "imei",
    "ip_address", "_submitted_by", "photo", "signature", "fingerprint", "start", "end",
    "_submission_time",
)  # fmt: skip
#: Columns of providers' own systems that identify nobody.
INNOCENT_COLUMNS = (
    "case_status", "nationality_group", "age_group", "gender", "shelter_type", "case_worker_count",
    "number_of_children", "referral_source", "end_month", "start_month", "months_in_shelter",
    "exploitation_type", "language", "country_of_exploitation", "legal_status", "legal_aid",
    "remarks_code", "programme", "municipality", "department", "contacts_made", "visits", "hours",
    "nationality", "denomination", "economy", "phones_given", "latest_month", "nominal_wage",
)  # fmt: skip
INNOCENT_CELLS = (
    "{key}", "{key:.31}", "{word}{n}", "{word}_{big}", "{big:05d}", "{y}-{m:02d}", "{y}/{m}",
    "{m:02d}/{y}", "{month} {y}", "{month}{y}", "{mes} de {y}", "{y}Q{m}", "Q1 {y}", "{y}-{z}",
    "{m}/{y} - {m}/{z}", "{big}.{c:02d}", "{n},{h:03d}.{c:02d}", "{n}.{h:03d},{c:02d}",
    "EUR {big}.00", "-{big}.{c:02d}", "{code}", "{code}", "{code}", "{code}",
)  # fmt: skip
_WORDS = ("north", "south_east", "province", "district", "zone", "reg", "area", "muni", "es", "de")
#: Labels written out where a code should stand; what no word list knows is refused as a name.
LABELS = (
    "Labour Exploitation",
    "Domestic Servitude",
    "Domestic Work",
    "Forced Marriage",
    "Debt Bondage",
    "North East",
    "Northern Ireland",
    "Central Province",
    "Costa Rica",
    "Antigua & Barbuda",
    "Not Known",
    "Not Provided",
    "Prefer Not To Say",
    "Data Not Available",
    "Long Term",
    "Asylum Seeker",
    "Irregular Migrant",
    "Police Referral",
    "Labour Court",
    "Work Permit",
    "Vocational Training",
    "Self Employed",
    "Part Time",
    "Construction Sector",
    "Food Services",
    "Private Households",
    "Sector A",
    "Zone B",
    "Type C",
    "Trabajo Doméstico",
    "Trata de Personas",
    "Explotación Laboral",
    "Permiso de Residencia",
    "Matrimonio Forzado",
    "Casa de Acogida",
    "Países Bajos",
    "Travail Forcé",
    "Titre de Séjour",
    "Exploração Sexual",
    "Trabalho Forçado",
)
_CODES = (
    "shelter;legal", "labour;sexual", "N/A", "n.d.", "-", "none", "Unknown", "Female", "FEMALE",
    "f", "Woman", "x", "Labour exploitation", "Yes", "Sí", "да", "18-24", "25–34",
    "50+", "9-17 years", "<5", ">=10", "1-2", "ISO 3166-1", "C189", "T-visa", "I-914", "v1.2",
    "COVID-19", "24/7", *LABELS,
)  # fmt: skip


def _filled(form: str, random: Random) -> str:
    choices = {"#": _DIGIT, "@": _UPPER, "*": _UPPER + _DIGIT}
    return "".join(random.choice(choices[c]) if c in choices else c for c in form)


def _email(random: Random) -> str:
    who = random.choice(("ana", "a.lopez", "Ana_Lopez", "ana+help", "josé", "m-k", "x1", "анна"))
    where = random.choice(("example.org", "mail.example.co.uk", "ejemplo.es", "bücher.example"))
    return random.choice(("{}@{}", "<{}@{}>", "mailto:{}@{}")).format(who, where)


def _iban(random: Random) -> str:
    country = random.choice(sorted(_BANKS))
    rest = _filled(_BANKS[country], random)
    number = "".join(str(int(character, 36)) for character in f"{rest}{country}00")
    iban = f"{country}{98 - int(number) % 97:02d}{rest}"
    apart = " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
    return random.choice(
        (iban, apart, iban.lower(), f"IBAN {iban}", f"IBAN: {apart}", apart.lower())
    )


def _date(random: Random) -> str:
    year, month, day = random.randint(1940, 2025), random.randint(1, 12), random.randint(1, 28)
    language = random.choice(sorted(_MONTHS))
    word = _MONTHS[language].split()[month - 1]
    english = _MONTHS["en"].split()[month - 1]
    return random.choice(DATES).format(
        y=year, m=month, d=day, short=year % 100, word=word, loud=word.upper(), english=english,
        abbreviated=english[:3],
    )  # fmt: skip


def _name(random: Random) -> str:
    given = random.choice(_GIVEN)
    return random.choice(_NAME_FORMS).format(
        given=given, family=random.choice(_FAMILY), initial=given[0],
        other=random.choice(_NAMES_WITHOUT_CAPITALS),
    )  # fmt: skip


def _form_of(*forms: str) -> Callable[[Random], str]:
    return lambda random: _filled(random.choice(forms), random)


KINDS: dict[str, Callable[[Random], str]] = {
    "email": _email,
    "phone": _form_of(*PHONES),
    "iban": _iban,
    "passport": _form_of(*PASSPORTS),
    "national number": _form_of(*NATIONAL),
    "exact date": _date,
    "coordinates": _form_of(*COORDINATES),
    "personal name": _name,
}
#: Found where a cell holds nothing else; in prose no pattern tells a name.
IN_CELLS_ONLY = ("personal name",)
_SENTENCES = (
    "{}",
    "call me at {} please",
    "Mi número: {}.",
    "({})",
    "they wrote {}, I think",
    "x {} y",
)


def identifiers(kind: str, count: int, seed: int) -> Iterator[tuple[str, str]]:
    """``count`` identifiers of a kind, each alone and inside a few words."""
    random = Random(seed)
    for _ in range(count):
        value = KINDS[kind](random)
        yield value, random.choice(_SENTENCES).format(value)


def innocent_cells(count: int, seed: int) -> Iterator[str]:
    """Values as they stand, rightly or by mistake, in a cell that identifies nobody."""
    random = Random(seed)
    for _ in range(count):
        yield random.choice(INNOCENT_CELLS).format(
            key=f"{random.getrandbits(128):032x}", word=random.choice(_WORDS),
            code=random.choice(_CODES), month=random.choice(_MONTHS["en"].split()),
            mes=random.choice(_MONTHS["es"].split()), y=random.randrange(2010, 2020),
            z=random.randrange(2020, 2030), m=random.randrange(1, 13), n=random.randrange(1, 999),
            h=random.randrange(1000), c=random.randrange(100), big=random.randrange(1, 99_999),
        )  # fmt: skip


def innocent_comments(count: int, seed: int) -> Iterator[str]:
    """Free comments that identify nobody, with the numbers that such comments hold."""
    random = Random(seed)
    forms = (
        "I waited {n} months and got {m}.50 EUR.",
        "From {y} to {z} it was hard; {n} of 30 helped.",
        "Law {n}/{y}, article {n}, was never explained to me.",
        "Since October {y} I work {n} hours a week.", "They paid {n},{h} euros in {y}-0{d}.",
        "Room {n}, open 24/7, {d} beds for {n} people.", "It was {n} % better than in {y}-{z}.",
        "Directive {y}/36/EU says so.", "{y}: first year. {z}: second.",
        "Esperé {n} meses (de marzo de {y} a mayo de {z}).",
        "The T-visa (form I-914) took {d} years.", "From 0{d}/{y} to 1{e}/{z} nobody called.",
        "My {d} children are {d}, {n} and {n} years old.",
        "The house is quiet. The People There Were Kind.",
        "Between {n}:00 and {n}:30 the office is shut.",
        "Q{d} {y} was the worst quarter; COVID-19 did the rest.",
        "ILO C29 and C105; score {d}.{d} of 5.", "Je n'ai reçu que {m} francs en {y}.",
        "{n} - {n} = nothing left; {m} owed.", "",
    )  # fmt: skip
    for _ in range(count):
        yield random.choice(forms).format(
            n=random.randrange(10, 60), m=random.randrange(100, 9000),
            y=random.randrange(2015, 2020), z=random.randrange(2020, 2026),
            h=random.randrange(100, 999), d=random.randrange(1, 10), e=random.randrange(3),
        )  # fmt: skip
