"""What looks like a direct identifier in a value; ``identifying_columns`` has the names of columns.

Rule guarded: the observatory refuses what it must not hold. The rules are patterns, so they find
the usual spellings and not a name hidden in free text; a finding holds column, rule and count,
never the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import duckdb

from pipelines.deliveries.personal_names import name_sql

_MONTH_WORDS = (
    "january february march april may june july august september october november december",
    "jan feb mar apr jun jul aug sep sept oct nov dec",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ene abr ago dic janvier février mars avril mai juin juillet août septembre octobre novembre",
    "décembre janv févr juil déc januar februar märz juni juli oktober dezember jän okt dez",
    "janeiro fevereiro março maio junho julho setembro outubro novembro dezembro",
    "gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre",
    "januari februari maart mei augustus января февраля марта апреля мая июня июля августа",
    "сентября октября ноября декабря",
)
_WORD = "(" + "|".join(sorted({word for line in _MONTH_WORDS for word in line.split()})) + ")"
_DAY = "(0?[1-9]|[12][0-9]|3[01])"
_MONTH = "(0?[1-9]|1[0-2])"
_YEAR = "(19|20)[0-9]{2}"
_DEGREES = r"-?[0-9]{1,3}(\.[0-9]{3,}|,[0-9]{4,})"
_SEPARATED = "[ ()/.-]"

# digits, dashes and spaces of other scripts, and the ASCII character that each is read as
_OTHER = "".join(map(chr, [*range(0x660, 0x66A), *range(0x6F0, 0x6FA), *range(0x966, 0x970)]))
_OTHER += "".join(map(chr, range(0xFF10, 0xFF1A))) + "‐‑‒–—−\u00a0\u2007\u2009\u202f＠"
_ASCII = "0123456789" * 4 + "-" * 6 + " " * 4 + "@"

#: Rule → RE2 pattern that some part of a value must match.
VALUE_PATTERNS: Mapping[str, str] = MappingProxyType(
    {
        "email": r"[^\s@]@[^\s@,;]+\.[^\s@0-9.,;]{2}",
        "phone": (
            rf"(?i)(^|[^0-9A-Za-z.-]|tel\.)(\+|00)?\(?[0-9]({_SEPARATED}{{0,3}}[0-9]){{6,14}}"
            "($|[^0-9A-Za-z])"
        ),
        "link_or_handle": (
            r"(?i)(https?://|www\.|(^|\s)@[a-z0-9_.]{3,}|\b[a-z0-9-]+\.(com|org|net|me)/[a-z0-9])"
        ),
        # one to three letters and digits; France; Germany (no vowels); the Netherlands
        "passport_number": (
            r"(?i)(\b[a-z]{1,3}[ -]?[0-9]{6,9}[a-z]?\b|\b[0-9]{2}[a-z]{2}[0-9]{5}\b"
            r"|\b[cfghjkl][0-9cfghjklmnprtvwxyz]{8}\b|\b[a-z]{2}[0-9][0-9a-z]{5}[0-9]\b"
            r"|\b[a-z]{3}[0-9][0-9a-z]{4}[0-9]\b|\b[a-z]{4}[0-9][0-9a-z]{3}[0-9]\b)"
        ),
        "national_number": (
            r"(?i)(\b[0-9]{8}-?[a-z]\b|\b[xyz]-?[0-9]{7}-?[a-z]\b|\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b"
            r"|\b[a-z]{2} ?([0-9]{2} ?){3}[a-d]\b|\b[0-9]{9}[vx]\b|\b[0-9]{17}x\b"
            r"|\b[a-z]{6}[0-9]{2}[a-z][0-9]{2}[a-z][0-9]{3}[a-z]\b|\b[a-z]{5}[0-9]{4}[a-z]\b"
            r"|\b[0-9]{6}[-+a][0-9]{3}[0-9a-z]\b"
            r"|\b[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}\b|\b[a-z]{4}[0-9]{6}[hm][a-z]{5}[0-9a-z]{2}\b"
            r"|\b[0-9]{9,20}\b|\b[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}\b)"
        ),
        "exact_date": (
            rf"(?i)(\b{_YEAR} ?[-/.] ?{_MONTH} ?[-/.] ?{_DAY}(\b|T)"
            rf"|\b{_DAY}[-/.]{_MONTH}[-/.]({_YEAR}|[0-9]{{2}})\b"
            rf"|\b({_DAY} [-/.] {_MONTH}|{_MONTH} ?/ ?{_DAY}) ?[-/.] ?{_YEAR}\b"
            rf"|\b{_DAY}(st|nd|rd|th|er|º)?[ .-]*((of|de) +)?{_WORD}\.?,?[ -]*(del? +)?{_YEAR}\b"
            rf"|\b{_DAY}-{_WORD}-[0-9]{{2}}\b"
            rf"|\b{_WORD}\.? +{_DAY}(st|nd|rd|th)?,? +{_YEAR}\b"
            rf"|\b{_YEAR}[ -]{_WORD}[ -]{_DAY}\b"
            rf"|{_YEAR}年 ?{_MONTH}月 ?{_DAY}日"
            rf"|^{_YEAR}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])$)"
        ),
        "coordinates": (
            rf"(?i)({_DEGREES} ?[nsew]?[,;/ ]+(lon[a-z]*[:= ]*)?[nsew]? ?{_DEGREES}"
            r"|-?[0-9]{1,3}\.[0-9]{5,}|^-?[0-9]{1,3}\.[0-9]{4,}$|[0-9]{1,3}(\.[0-9]+)? ?°"
            r"|\b[2-9cfghjmpqrvwx]{8}\+[2-9cfghjmpqrvwx]{2})"
        ),
    }
)
# ISO 13616: how many characters follow the country and the two check digits
_BBAN_LENGTHS: Mapping[int, str] = MappingProxyType(
    {
        11: "NO",
        12: "BE",
        14: "DK|FI|FK|FO|GL|NL|SD",
        15: "MK|SI",
        16: "AT|BA|EE|KZ|LT|LU|MN|XK",
        17: "CH|HR|LI|LV",
        18: "BG|BH|CR|DE|GB|GE|IE|ME|RS|VA",
        19: "AE|GI|IL|IQ|OM|SO|TL",
        20: "AD|CZ|ES|MD|PK|RO|SA|SE|SK|TN|VG",
        21: "LY|PT|ST",
        22: "IS|TR",
        23: "BI|DJ|FR|GR|IT|MC|MR|SM",
        24: "AL|AZ|BY|CY|DO|GT|HN|HU|LB|NI|PL|SV",
        25: "BR|EG|PS|QA|UA",
        26: "JO|KW|MU|YE",
        27: "MT|SC",
        28: "LC",
        29: "RU",
    }
)
_IBAN = (
    r"(?i)\b(?:"
    + "|".join(
        f"(?:{countries})[0-9]{{2}}(?:[ -]?[A-Z0-9]){{{length}}}"
        for length, countries in _BBAN_LENGTHS.items()
    )
    + r")\b"
)
# too short for a phone or document number, or grouped or with decimals as money is
_PLAIN_NUMBER = (
    r"-?[0-9]{1,8}|-?[0-9]{1,10}[.,][0-9]{1,3}|-?[0-9]{1,3}([., ][0-9]{3})+([.,][0-9]{1,2})?"
)
# a year, a month or a range of them that no other digits lead up to is no phone number, nor is a
# sum of money with its cents
_NO_PHONE = (
    rf"(^|[^0-9 ()/.-]){_SEPARATED}*({_YEAR}-(0[1-9]|1[0-2])\b|({_MONTH}[/.])?{_YEAR}"
    rf"( ?[-/] ?({_MONTH}[/.])?{_YEAR})?\b)"
    r"|(^|[^0-9.+-])[0-9]{1,9}[.,][0-9]{1,2}($|[^0-9.])"
)

#: Rules for a cell; a comment is asked all but ``person_name``, which no pattern finds in prose.
CELL_RULES = (*VALUE_PATTERNS, "iban", "person_name")
COMMENT_RULES = (*VALUE_PATTERNS, "iban")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _iban_sql(value: str) -> str:
    """Whether an IBAN-shaped part of a value has the checksum of ISO 13616 (mod 97 = 1)."""
    turned = "c[5:] || c[1:4]"
    step = (
        "lambda rest, d: case when d between '0' and '9' then (rest * 10 + ascii(d) - 48) % 97 "
        "else (rest * 100 + ascii(d) - 55) % 97 end"
    )
    candidates = f"regexp_extract_all(upper({value}), '{_IBAN}')"
    bare = f"list_transform({candidates}, lambda c: regexp_replace(c, '[ -]', '', 'g'))"
    rests = (
        f"list_transform({bare}, lambda c: "
        f"list_reduce(regexp_extract_all({turned}, '.'), {step}, 0::bigint))"
    )
    return f"(regexp_matches({value}, '{_IBAN}') and list_contains({rests}, 1))"


def value_sql(rule: str, value: str) -> str:
    """A DuckDB condition: ``value`` (a varchar expression) breaks the rule."""
    plain = (
        f"case when strlen({value}) = length({value}) or not regexp_matches({value}, '[{_OTHER}]') "
        f"then {value} else translate({value}, '{_OTHER}', '{_ASCII}') end"
    )
    if rule == "iban":
        return _iban_sql(plain)
    if rule == "person_name":
        return name_sql(plain)
    pattern = VALUE_PATTERNS[rule]
    if rule == "phone":
        plain = f"regexp_replace({plain}, {_literal(_NO_PHONE)}, ' x ', 'g')"
    return f"regexp_matches({plain}, {_literal(pattern)})"


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


def plain_word_sql(value: str) -> str:
    """A DuckDB condition: lower-case words with a short number at most, which break no rule."""
    return f"regexp_full_match({value}, '[a-z_;]*[0-9]{{0,3}}')"


def plain_number_sql(value: str) -> str:
    """A DuckDB condition: in a column of numbers, a number that nobody would take for another."""
    return f"regexp_full_match({value}, '{_PLAIN_NUMBER}')"
