"""Answers in exports of XLSForm servers (KoboToolbox, ODK Central), found by question name.

Rule guarded: the same answer is read the same way however it was exported. A question may stand in
groups (``life/housing_secure``, ``life-housing_secure``); names are compared without case and
underscores, for the published HTCDS form and the standard spell them differently. A select-multiple
question comes as one column (``a b``), as a 0/1 column for each choice (``question/a``; blank when
unanswered), or both; the one column wins where both are filled.

``__version__`` says which version of the form was filled in. It is no column of a contract: the
reasons in the delivery's record name the versions, so that a drift can be told from a changed form.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from duckdb import DuckDBPyConnection

from pipelines.deliveries.readers.base import Raw

_GROUP = r"(?:.*[/:.-])?"
_TICKED = "('1', '1.0', 'true', 'yes')"
FORM_VERSION = re.compile(r"(.*/)?__version__|FormVersion")
#: What servers add to every submission: column pattern → why it ends at the boundary.
SERVER_COLUMNS: Mapping[str, str] = {
    r"_?submitted_by|SubmitterI[Dd]|SubmitterName|username": "who sent the form",
    r"_?geolocation.*|.*(latitude|longitude|altitude|precision)": "where the form was filled in",
    r"start|end|today|_submission_time|SubmissionDate": "an exact time or date",
    r"device_?id|DeviceID|subscriberid|simserial|phonenumber|imei": "the device",
    r"_uuid|_id|_index|KEY|meta[-/]instance(ID|Name)|_attachments?.*|AttachmentsP\w+|AttachmentsE\w+":
        "the server's own identifier of the submission",
    r"_validation_status|_notes|_status|_tags|ReviewState|Status|Edits|_parent_\w+|_submission__\w+|formhub/uuid":
        "the server's bookkeeping",
}  # fmt: skip


def delimiter_of(file: Path) -> str:
    """``;`` or ``,``, whichever cuts the header into more columns."""
    with file.open(encoding="utf-8-sig", newline="") as text:
        header = text.readline()
    return max(";,", key=lambda mark: len(next(csv.reader([header], delimiter=mark), [])))


def plain(name: str) -> str:
    """A name without case, underscores and spaces: what two spellings of a field share."""
    return re.sub(r"[\W_]+", "", name.casefold())


@dataclass(frozen=True)
class Export(Raw):
    """A loaded export; ``versions`` are the form versions met in it, sorted."""

    versions: tuple[str, ...] = ()


def with_versions(connection: DuckDBPyConnection, raw: Raw) -> Raw:
    """The export with its form versions, where it has a column that names them."""
    version = next(
        (raw.columns[name] for name in raw.columns if FORM_VERSION.fullmatch(name)), None
    )
    if version is None:
        return raw
    found = connection.execute(
        f"select distinct {version} from {raw.relation} "
        f"where regexp_full_match({version}, '[A-Za-z0-9 ._-]{{1,40}}') order by 1 limit 10"
    ).fetchall()
    return Export(**vars(raw), versions=tuple(row[0] for row in found))


def why_dropped(name: str, raw: Raw) -> str | None:
    """The reason why a server's own column ends at the boundary; None for other columns."""
    if FORM_VERSION.fullmatch(name):
        versions = ", ".join(raw.versions) if isinstance(raw, Export) else ""
        return f"the form's version, a drift key: {versions}"
    last = name if name.startswith("formhub") else name.rpartition("/")[2]
    return next(
        (
            why
            for pattern, why in SERVER_COLUMNS.items()
            if re.fullmatch(pattern, last) or re.fullmatch(pattern, name)
        ),
        None,
    )


@dataclass
class Answers:
    """SQL expressions over one loaded export; ``used`` collects the columns they read."""

    raw: Raw
    used: set[str] = field(default_factory=set)

    def one(self, *names: str) -> str:
        """The trimmed text of the first of ``names`` that is a column; null where none is."""
        wanted = [plain(name) for name in names]
        for header in sorted(self.raw.columns, key=lambda h: _place(h, wanted)):
            if _place(header, wanted) < len(wanted):
                self.used.add(header)
                return f"nullif(trim({self.raw.columns[header]}), '')"
        return "null::varchar"

    def several(self, name: str, codes: Mapping[str, str]) -> str:
        """Chosen codes of a select-multiple question, as the contract's codes joined by ``;``.

        ``codes`` maps the source's codes to the contract's. A code it lacks is kept as it is, for
        the contract's check to find.
        """
        summary = self.one(name)
        ticked = [
            f"case when lower(trim({self.raw.columns[header]})) in {_TICKED} then '{code}' end"
            for header, code in self._choices(name)
        ]
        listed = (
            f"case when regexp_matches({summary}, '[;,]') "
            f"then string_split_regex({summary}, '[;,]') "
            f"when {_plain_sql(summary)} in ({_quoted(map(plain, codes))}) then [{summary}] "
            f"else string_split_regex({summary}, '\\s+') end"
        )
        choices = f"[{', '.join(ticked)}]::varchar[]"
        chosen = f"coalesce({listed}, list_filter({choices}, lambda x: x is not null))"
        known = ", ".join(
            f"{_quoted([plain(code)])}: {_quoted([to])}" for code, to in codes.items()
        )
        coded = (
            f"list_transform(list_filter({chosen}, lambda x: trim(x) <> ''), "
            f"lambda x: coalesce(map {{{known}}}[{_plain_sql('x')}], trim(x)))"
        )
        return f"nullif(array_to_string(list_sort(list_distinct({coded})), ';'), '')"

    def coded(self, expression: str, codes: Mapping[str, str]) -> str:
        """A select-one answer as the contract's code; an unknown code is kept for the check."""
        known = ", ".join(
            f"{_quoted([plain(code)])}: {_quoted([to])}" for code, to in codes.items()
        )
        return f"coalesce(map {{{known}}}[{_plain_sql(expression)}], {expression})"

    def _choices(self, name: str) -> list[tuple[str, str]]:
        """Headers ``…question/choice`` with their choice."""
        found = []
        for header in self.raw.columns:
            question, slash, choice = header.rpartition("/")
            if slash and plain(re.sub(f"^{_GROUP}", "", question)) == plain(name):
                self.used.add(header)
                found.append((header, choice.strip().replace("'", "''")))
        return found


def _place(header: str, wanted: list[str]) -> int:
    """Where a header's question stands in ``wanted``; its length where it does not."""
    question = plain(re.sub(f"^{_GROUP}", "", header))
    for place, name in enumerate(wanted):
        if name in (plain(header), question):
            return place
    return len(wanted)


def _plain_sql(expression: str) -> str:
    return f"regexp_replace(lower({expression}), '[^a-z0-9]+', '', 'g')"


def _quoted(values: Iterable[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)
