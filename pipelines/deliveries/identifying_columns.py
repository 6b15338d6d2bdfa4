"""What a column's own name says of it: that it identifies, or that it may be shown.

Rule guarded: a column that says it holds a name, a contact or a document is refused whatever stands
in it, in the languages that providers' systems speak.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

# by rule, as words without accents; English, Spanish, French, German, Portuguese, Italian, Dutch,
# Polish, Russian, Arabic, Chinese
_COLUMN_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "person_name": (
            r"(first|last|middle|full|given|family|legal|trade|maiden|birth|victim|person|client|worker|"
            r"mother|father|employer|user|sur|fore)_?names?|names?|alias|nickname|nombres?|apellidos?|"
            r"noms?|prenoms?|(vor|nach|familien)?namen?|cognome|(sobre)?nome|(voor|achter)?naam|imie|"
            r"nazwisko|имя|фамилия|отчество|الاسم|اسم|姓名"
        ),
        "contact": (
            r"e_?mail|mail|(tele)?phone|mobile|cell(phone)?|telefono|telefone?|handy(nummer)?|celular|"
            r"movil|correo|courriel|телефон|whatsapp|facebook|instagram|telegram|contact_details|"
            r"phonenumber"
        ),
        "address": (
            r"address|addr|street|strasse|calle|direccion|domicilio|adresse|anschrift|indirizzo|"
            r"endereco|adres|адрес|zip|zip_?code|post_?code|postal|plz|house_number"
        ),
        "document_number": (
            r"passport|pasaporte|passeport|passaporte|reisepass|ssn|dni|nie|nif|curp|cpf|cnpj|cedula|"
            r"(personal)?ausweis|codice_fiscale|pesel|iban|bank_account|"
            r"(national|identity|tax|social_security|id)_(id|card|number|no)|driv(er|ing)s?_licen[cs]e"
        ),
        "birth_date": (
            r"dob|birth_?date|birth_?day|date_of_birth|fecha_(de_)?nacimiento|geburtsdatum|"
            r"date_(de_)?naissance|data_(de_nascimento|di_nascita)|geboortedatum|дата_рождения"
        ),
        "coordinates": (
            r"lat|latitude|lon|lng|long|longitude|gps|geo_?location|geo_?point|coordinates"
        ),
        "device": (
            r"device_?id|imei|subscriber_?id|sim_?serial|mac_address|ip|ip_address|submitted_by|"
            r"instance_?id|uuid"
        ),
        "likeness": r"photo|picture|image|signature|audio|video|fingerprint|biometric",
    }
)

_TIMESTAMPS = r"start|end|submission_?time|submission_?date|today|timestamp"


def column_rule(name: str) -> str | None:
    """The rule that a column's name breaks, or None.

    Words are told apart by separators and by capitals: ``Prs_FirstName`` holds ``first_name``;
    accents do not count.
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    letters = unicodedata.normalize("NFKD", spaced.casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    plain = re.sub(r"[\W_]+", "_", bare).strip("_")
    for rule, words in _COLUMN_WORDS.items():
        if re.search(rf"(^|_)({words})(_|$)", plain):
            return rule
    # as a part of a longer name these say nothing: start_month is no timestamp
    return "timestamp" if re.fullmatch(_TIMESTAMPS, plain) else None


def one_word(name: str) -> bool:
    """Whether a name may be shown: a plain word as in code, without the digits of a number."""
    plain = re.fullmatch(r"_*[a-z][a-z0-9]*(_[a-z0-9]+)*", name) is not None
    return plain and len(name) <= 60 and re.search(r"[0-9]{5}", name) is None
