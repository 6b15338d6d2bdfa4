"""What looks like a direct identifier: in a column's name and in a value.

Rule guarded: the observatory refuses what it must not hold. The rules are patterns, so they find
the usual spellings and not a name hidden in free text; a finding holds column, rule and count,
never the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import duckdb

_MONTH_NAMES = (
    "jan|january|enero|feb|february|febrero|mar|march|marzo|apr|april|abril|may|mayo|jun|june|"
    "junio|jul|july|julio|aug|august|agosto|sept?|september|septiembre|oct|october|octubre|nov|november|"
    "noviembre|dec|december|diciembre"
)
_DAY = "(0?[1-9]|[12][0-9]|3[01])"
_MONTH = "(0?[1-9]|1[0-2])"
_YEAR = "(19|20)[0-9]{2}"

#: Rule → RE2 pattern that some part of a value must match.
VALUE_PATTERNS: Mapping[str, str] = MappingProxyType(
    {
        "email": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+",
        "phone": r"(^|[^0-9A-Za-z.-])(\+|00)?\(?[0-9]([ ()/.-]{0,2}[0-9]){6,14}($|[^0-9A-Za-z])",
        "link_or_handle": r"(?i)(https?://|www\.|(^|\s)@[a-z0-9_.]{3,})",
        "passport_number": r"(?i)\b[a-z]{1,2}[ -]?[0-9]{6,9}\b",
        "national_number": (
            r"(?i)(\b[0-9]{8}-?[a-z]\b|\b[xyz]-?[0-9]{7}-?[a-z]\b|\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b"
            r"|\b[a-z]{2} ?([0-9]{2} ?){3}[a-d]\b"
            r"|\b[a-z]{6}[0-9]{2}[a-z][0-9]{2}[a-z][0-9]{3}[a-z]\b"
            r"|\b[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}\b|\b[a-z]{4}[0-9]{6}[hm][a-z]{5}[0-9a-z]{2}\b"
            r"|\b[0-9]{9,14}\b|\b[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}\b)"
        ),
        "exact_date": (
            rf"(?i)(\b{_YEAR}[-/.]{_MONTH}[-/.]{_DAY}(\b|T)"
            rf"|\b{_DAY}[-/.]{_MONTH}[-/.]({_YEAR}|[0-9]{{2}})\b"
            rf"|\b{_MONTH}/{_DAY}/{_YEAR}\b"
            rf"|\b{_DAY}(st|nd|rd|th)?[ -]+(de +)?({_MONTH_NAMES})\.?,?[ -]+(de +)?{_YEAR}\b"
            rf"|\b({_MONTH_NAMES})\.? +{_DAY}(st|nd|rd|th)?,? +{_YEAR}\b"
            rf"|^{_YEAR}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])$)"
        ),
        "coordinates": (
            r"(-?[0-9]{1,3}\.[0-9]{3,}[,; ]+-?[0-9]{1,3}\.[0-9]{3,}|^-?[0-9]{1,3}\.[0-9]{4,}$"
            r"|[0-9]{1,3} ?°)"
        ),
    }
)
_IBAN = r"\b[A-Z]{2}[0-9]{2} ?([A-Z0-9]{4} ?){2,7}[A-Z0-9]{0,4}\b"
_NAME = r"^\p{Lu}[\p{L}'’]+([ ,.-]+\p{Lu}[\p{L}'’.]*)+$"
# too short for a phone or document number, or grouped or with decimals as money is
_PLAIN_NUMBER = (
    r"-?[0-9]{1,8}|-?[0-9]{1,10}[.,][0-9]{1,3}|-?[0-9]{1,3}([., ][0-9]{3})+([.,][0-9]{1,2})?"
)
# a year, a month, a quarter or a range of years is no phone number
_PERIOD = r"\b(19|20)[0-9]{2}(-(0[1-9]|1[0-2])\b|-(19|20)[0-9]{2}\b|\b)"

#: Rules for a cell; a comment is asked all but ``person_name``, which no pattern finds in prose.
CELL_RULES = (*VALUE_PATTERNS, "iban", "person_name")
COMMENT_RULES = (*VALUE_PATTERNS, "iban")

_COLUMN_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "person_name": (
            r"(first|last|middle|full|given|family|legal|trade|maiden|birth|victim|person|client|worker|"
            r"mother|father|employer|user|sur|fore)_?name|name|alias|nickname|nombres?|apellidos?|nom|"
            r"prenom|vorname|nachname|cognome|sobrenome"
        ),
        "contact": (
            r"e_?mail|mail|(tele)?phone|mobile|cell(phone)?|telefono|telefone|whatsapp|facebook|"
            r"instagram|telegram|contact_details|phonenumber"
        ),
        "address": (
            r"address|addr|street|strasse|calle|direccion|adresse|zip|zip_?code|post_?code|postal|"
            r"house_number"
        ),
        "document_number": (
            r"passport|pasaporte|passeport|ssn|dni|nie|nif|curp|cpf|cnpj|iban|bank_account|"
            r"(national|identity|tax|social_security|id)_(id|card|number|no)|driv(er|ing)s?_licen[cs]e"
        ),
        "birth_date": r"dob|birth_?date|birth_?day|date_of_birth|fecha_nacimiento|geburtsdatum",
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

    Words are told apart by separators and by capitals: ``Prs_FirstName`` holds ``first_name``.
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    plain = re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")
    for rule, words in _COLUMN_WORDS.items():
        if re.search(rf"(^|_)({words})(_|$)", plain):
            return rule
    # as a part of a longer name these say nothing: start_month is no timestamp
    return "timestamp" if re.fullmatch(_TIMESTAMPS, plain) else None


def _iban_sql(value: str) -> str:
    """Whether an IBAN-shaped part of a value has the checksum of ISO 13616 (mod 97 = 1)."""
    candidate = f"replace(regexp_extract({value}, '{_IBAN}'), ' ', '')"
    turned = f"{candidate}[5:] || {candidate}[1:4]"
    digits = f"regexp_extract_all({turned}, '.')"
    step = (
        "lambda rest, c: case when c between '0' and '9' then (rest * 10 + ascii(c) - 48) % 97 "
        "else (rest * 100 + ascii(c) - 55) % 97 end"
    )
    return f"(regexp_matches({value}, '{_IBAN}') and list_reduce({digits}, {step}, 0::bigint) = 1)"


def value_sql(rule: str, value: str) -> str:
    """A DuckDB condition: ``value`` (a varchar expression) breaks the rule."""
    if rule == "iban":
        return _iban_sql(value)
    pattern = _NAME if rule == "person_name" else VALUE_PATTERNS[rule]
    if rule == "phone":
        value = f"regexp_replace({value}, '{_PERIOD}', 'x', 'g')"
    return f"regexp_matches({value}, '{pattern.replace(chr(39), chr(39) * 2)}')"


def comment_sql(value: str) -> str:
    """A DuckDB condition: a comment holds an identifier of any kind."""
    return "(" + " or ".join(value_sql(rule, value) for rule in COMMENT_RULES) + ")"


def rules_broken(texts: Iterable[str]) -> list[str]:
    """The cell rules that any of a few texts breaks; for names of files, not for data."""
    hits = ", ".join(f"bool_or({value_sql(rule, 'value')})" for rule in CELL_RULES)
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select {hits} from (select unnest(?::varchar[]) as value)", [list(texts)]
        ).fetchall()[0]
    return [rule for rule, hit in zip(CELL_RULES, found, strict=True) if hit]


def one_word(name: str) -> bool:
    """Whether a name may be shown: a plain word as in code, without the digits of a number."""
    plain = re.fullmatch(r"_*[a-z][a-z0-9]*(_[a-z0-9]+)*", name) is not None
    return plain and len(name) <= 60 and re.search(r"[0-9]{5}", name) is None


def plain_number_sql(value: str) -> str:
    """A DuckDB condition: in a column of numbers, a number that nobody would take for another."""
    return f"regexp_full_match({value}, '{_PLAIN_NUMBER}')"
