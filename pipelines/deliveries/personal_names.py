"""What looks like a personal name in a cell: two capitalised words or more that are no label.

Rule guarded: a name is refused wherever a code should stand, and a code that was written out
("Vocational Training", "Costa Rica") is not taken for one. A name alone, in lower case or written
without a space, looks like any other word: no pattern finds it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from babel import Locale

from pipelines.deliveries.contract import contracts

# Whatever is no other ASCII counts as a letter: Unicode's classes take milliseconds to compile.
_LETTER = r"[^\x00-&(-@\[-`{-\x7f]"
# scripts without capitals count as capitalised: no code is written in them
_CAPITAL = r"[\p{Lu}\p{Lt}\p{Lo}]"
_MORE_THAN_INITIALS = r"[^\x00-@\[-`{-\x7f]{2}|[^\x00-\x7f]"
_PARTICLES = (
    r"(?:(?:d[aeiou]|das|dos|del|della|die|du|v[ao]n|den|der|ten?|ter|zu[mr]?|af|av|auch|bin|ibn|bint|"
    r"abu|[ae]l|las?|l[eo]s?|y|e|i|und|et|and|'t)[ '’-]+|[dl]['’])*"
)
_APART = r"[\x00-/:-@\[-`{-\x7f]"
_AROUND = r"[\x00-@\[-`{-\x7f]*"  # a number in a list, or an age
_WORD = rf"{_PARTICLES}{_CAPITAL}{_LETTER}*"
_NAME = rf"^{_AROUND}{_WORD}(?:{_APART}+{_WORD})+{_AROUND}$"

# Words of labels, that nobody is called: beside one of these a single other word names nobody.
_LABEL_WORDS = (
    "abroad abuse acogida address adoption africa agencia agricultura aide america answer apoio "
    "apoyo applicable application asile asilo asistencia assistance atelier authority autoridad "
    "autorité autorização available ayuda bondage bureau business calle case category center "
    "central centre centro child cidade city ciudad class comercio commercial community "
    "comunidad confiscated conocido consta construcción construction consulta contact contesta "
    "control council country cour court data days debt demandeur denuncia departamento "
    "department derechos detention deuda direitos disclosed district distrito division document "
    "domestic domestique domiciliar doméstica doméstico don't droit droits eastern economic "
    "educación embajada emergency empleo emploi employed employer emprego escuela estado estados "
    "europe excessive exploitation exploração explotación export familiar file fiscalía fishing "
    "fixed food forced forcé forcée foreign formación forzado forzoso forçado foyer government "
    "governmental greater helpline high hogar home hospital hotline hours house household "
    "households hébergement illegal inconnu indefinido industry información instituto "
    "internacional international island islands judicial justice justicia justiça kingdom known "
    "labor laboral language latin level libertad local manual manufacturing mariage matrimonio "
    "medical mendicidad mental middle midlands migrant migration ministerio ministry ministère "
    "ministério minor missing month months moved mujer municipality municipio nacional northern "
    "oeste office organisation organización organization outreach parent partner passport "
    "permiso permit persona personne physical placement policía polícia prefer prison private "
    "processing program programme project prostitution protección provided province provincia "
    "préfecture public quarter question referral region registration região región renseigné "
    "report republic república research residencia residência response responses restaurant "
    "retail return rural salud santé saúde school secondary section sector sectorial self "
    "service servicio servicios servidumbre servitude sexual sexuelle share sheet short "
    "sindicato skills slavery social soldier solicitante southern specified staff states status "
    "street student subsistence syndicat séjour table template temporal time titre trabajo "
    "trabalho trade trafficking transport trata travail tribunal type unable unemployed unidos "
    "unit united university upper urban victim victims village ville visa vivienda vocational "
    "víctima vítima wage wages water welfare western withheld woman women workers year years "
    "zona zone école état"
)
# Words of labels that are names too: they count only where no other word stands.
_ALSO_NAMES = (
    "all at in of say sin to early east full long new north old open part real south tax west young"
)


@dataclass(frozen=True)
class _Labels:
    """Lower-case words that nobody is called, words that somebody may be, and names of places."""

    words: str
    also_names: str
    places: str


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _list(texts: set[str]) -> str:
    # one literal, cut up once a query: hundreds of literals take longer to plan than to look up
    return f"string_split({_literal('|'.join(sorted(texts)))}, '|')"


@cache
def _labels() -> _Labels:
    """As DuckDB lists. The contract's codes give the words they are made of."""
    codes = {
        code
        for contract in contracts().values()
        for column in contract.columns
        for code in contract.codes(column) or ()
    }
    spelt = {word.lower() for code in codes for word in code.split("_") if len(word) > 1}
    weak = {*_ALSO_NAMES.split()} | {word for word in spelt if len(word) < 4}
    places = {
        re.sub(rf"{_APART}+", " ", place.lower()).strip()
        for language in ("en", "es", "fr", "pt")
        for place in Locale(language).territories.values()
    }
    return _Labels(_list((spelt | {*_LABEL_WORDS.split()}) - weak), _list(weak), _list(places))


def name_sql(value: str) -> str:
    """A DuckDB condition: ``value`` (a varchar expression) looks like a personal name.

    A single word that is no label's names nobody for a pattern, so it takes two of them.
    """
    labels = _labels()
    words = f"regexp_extract_all({value}, {_literal(_LETTER + '+')})"
    no_label = (
        f"list_filter({words}, lambda w: not list_contains({labels.words}, lower(w)) "
        f"and not regexp_full_match(w || ' ', {_literal(_PARTICLES)}))"
    )
    no_words = (
        f"list_filter({no_label}, lambda w: not list_contains({labels.also_names}, lower(w)))"
    )
    phrase = f"trim(regexp_replace(lower({value}), {_literal(_APART + '+')}, ' ', 'g'))"
    return (
        f"case when not regexp_matches({value}, {_literal(_NAME)}) then false "
        f"else len({no_label}) > 1 and len({no_words}) > 0 "
        f"and regexp_matches({value}, {_literal(_MORE_THAN_INITIALS)}) "
        f"and not list_contains({labels.places}, {phrase}) end"
    )
