"""IOM's Human Trafficking Case Data Standard 2.0 (HTCDS), as spreadsheet or CSV.

One row is one case. It fills persons, support_episodes and case_events: name the same file once
for each table in delivery.json. Fields are found whatever their spelling: the published XLSForm
and spreadsheet differ from the standard (``prs_First_Name`` for ``prs_FirstName``).

Rule guarded: what the standard can't say is carried by ``obs_`` columns and never inferred. It has
no field for a pseudonym, age at contact, remedy or retrafficking: ``obs_`` and a contract column's
name fill that column (``obs_person_key``); docs/htcds.md lists the columns that make events.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from duckdb import DuckDBPyConnection

from pipelines.deliveries.contract import Contract
from pipelines.deliveries.readers.base import Raw, Translation
from pipelines.deliveries.readers.canonical import READER as canonical
from pipelines.deliveries.readers.form_exports import Answers, why_dropped, with_versions
from pipelines.deliveries.readers.htcds_sheet import IDENTITY, load_sheet, standard_field

_SEX = {"Feminine": "female", "TransgenderFeminine": "female", "Masculine": "male",
        "TransgenderMasculine": "male", "NonConforming": "other", "NonSpecifiedUnknown": "unknown",
        "NotSpecifiedUnknown": "unknown"}  # fmt: skip
_FORM = {
    "ForcedLabour": "labour", "ChildLabour": "labour", "SexualExploitation": "sexual",
    "ForcedMarriage": "forced_marriage", "Servitude": "other", "OrganRemoval": "organ_removal",
    "ForcedMilitaryByNonStateActors": "other", "ForcedBegging": "begging", "Other": "other",
    "ForcedAdoption": "other", "Surrogacy": "other",
}  # fmt: skip
_SERVICE = {
    "Education": "education", "Financial": "financial", "Health": "health", "Legal": "legal",
    "Livelihood": "employment", "LabourExploitationRehabilitation": "other", "SocialCare": "other",
    "RightsBasedTraining": "other", "SexualExploitationRehabilitation": "other",
}  # fmt: skip
_STATUS = {"ActualVictimOfTrafficking": "formal", "PossibleVictimOfTrafficking": "presumed"}
_HOUSEHOLDS = "T_ActivitiesOfHouseholdsAsEmployers"
#: event type → (its month, {contract column → obs_ column}); the standard's own fields come apart.
_EVENTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "rights_information_given": ("obs_rights_information_month", {}),
    "legal_aid_granted": ("obs_legal_aid_month", {"outcome": "obs_legal_aid_outcome"}),
    "remedy_claimed": (
        "obs_remedy_claimed_month",
        {"claim_key": "", "channel": "obs_remedy_channel", "amount": "obs_remedy_amount_claimed"},
    ),
    "remedy_decided": (
        "obs_remedy_decided_month",
        {"claim_key": "", "channel": "obs_remedy_channel", "outcome": "obs_remedy_outcome",
         "amount": "obs_remedy_amount_awarded"},
    ),
    "remedy_paid": (
        "obs_remedy_paid_month", {"claim_key": "", "amount": "obs_remedy_amount_paid"}
    ),
    "retrafficked": ("obs_retrafficked_month", {"outcome": "obs_retrafficked_outcome"}),
}  # fmt: skip


class HtcdsReader:
    """Three tables of one case sheet; other tables come in the canonical format beside it."""

    name = "htcds"
    tables = ("persons", "support_episodes", "case_events")

    def load(self, connection: DuckDBPyConnection, file: Path, path: str, relation: str) -> Raw:
        """Load the sheet; Refused (step 2) where an identity field is filled or consent is no."""
        sheet = load_sheet(connection, file, path, relation)
        if sheet is None:
            return canonical.load(connection, file, path, relation)
        return with_versions(connection, sheet)

    def translate(self, raw: Raw, contract: Contract, provider_key: str) -> Translation:
        """Cases to rows of one table."""
        if contract.table not in self.tables:
            return canonical.translate(raw, contract, provider_key)
        answers = Answers(raw)
        person = answers.one("obs_person_key")
        make = {"persons": _persons, "support_episodes": _episodes, "case_events": _events}
        selects = [
            "select rowid + 1 as row_number, "
            + ", ".join(
                f"cast({columns.get(c.name, 'null')} as varchar) as {c.name}"
                for c in contract.columns
            )
            + f" from {raw.relation} where {condition}"
            for columns, condition in make[contract.table](answers, contract, provider_key)
        ]
        others = [name for name in raw.columns if name not in answers.used]
        dropped = {name: why for name in others if (why := _why_dropped(name, raw))}
        return Translation(
            sql=" union all ".join(selects),
            dropped=dropped,
            unknown=tuple(name for name in others if name not in dropped),
            width=raw.width(answers.used),
            missing=() if person != "null::varchar" else ("obs_person_key",),
        )


Columns = dict[str, str]


def _persons(answers: Answers, contract: Contract, provider_key: str) -> list[tuple[Columns, str]]:
    forms = answers.several("vic_TypeOfExploitation", _FORM)
    industry = answers.coded(answers.one("vic_ForcedLabourIndustry"), {_HOUSEHOLDS: "T"})
    in_households = f"coalesce({industry} = 'T', false)"
    columns = _extension(answers, contract, provider_key) | {
        "sex": answers.coded(answers.one("prs_Gender"), _SEX),
        # servitude or labour in a private household is domestic servitude in the contract's words
        "exploitation_form": (
            f"case when {in_households} and regexp_matches({forms}, '(^|;)(labour|other)(;|$)') "
            f"then regexp_replace({forms}, '(^|;)(labour|other)(;|$)', '\\1domestic_servitude\\3') "
            f"else {forms} end"
        ),
    }
    first = _month(answers.one("obs_first_contact_month"))
    columns["first_contact_month"] = f"coalesce({first}, {_month(_incoming(answers))})"
    return [(columns, "true")]


def _episodes(answers: Answers, contract: Contract, provider_key: str) -> list[tuple[Columns, str]]:
    columns = _extension(answers, contract, provider_key)
    status = answers.coded(
        answers.one("cas_Status"), {"Closed": "closed", "ClosedReferred": "referred"}
    )
    started = f"coalesce({columns['start_month']}, {_month(_incoming(answers))})"
    left = _month(answers.one("cas_OutgoingReferralDate"))
    columns["start_month"] = started
    closed = f"case when {status} in ('closed', 'referred') then {left} end"
    columns["end_month"] = f"coalesce({columns['end_month']}, {closed})"
    transferred = f"case when {status} = 'referred' then 'transferred' end"
    columns["exit_reason"] = f"coalesce({columns['exit_reason']}, {transferred})"
    columns["services"] = (
        f"coalesce({columns['services']}, {answers.several('spl_Type', _SERVICE)})"
    )
    made = _hash(provider_key, "episode", columns["person_key"], started)
    columns["episode_key"] = f"coalesce({columns['episode_key']}, {made})"
    return [(columns, f"{started} is not null")]


def _events(answers: Answers, contract: Contract, provider_key: str) -> list[tuple[Columns, str]]:
    person = answers.one("obs_person_key")
    recorded, currency = _month(answers.one("obs_recorded_month")), answers.one("obs_currency")
    claim = f"coalesce({answers.one('obs_claim_key')}, {_hash(provider_key, 'claim', person)})"

    def event(kind: str, month: str, columns: Columns) -> tuple[Columns, str]:
        amount = columns.get("amount", "null")
        return {
            "provider_key": f"'{provider_key}'",
            "person_key": person,
            "event_key": _hash(provider_key, kind, person, month),
            "event_type": f"'{kind}'",
            "event_month": month,
            "recorded_month": f"coalesce({recorded}, {month})",
            "currency": f"case when {amount} is not null then {currency} end",
            **columns,
        }, f"{month} is not null"

    status = answers.coded(answers.one("vic_TraffickingStatus"), _STATUS)
    identified, condition = event(
        "identified",
        _month(answers.one("obs_identified_month")),
        {"outcome": status, "subject": answers.one("obs_identified_subject")},
    )
    found = [
        event("first_contact", _month(_incoming(answers)), {}),
        (identified, f"{condition} and {status} in ('formal', 'presumed')"),
    ]
    for kind, (month, columns) in _EVENTS.items():
        sources = {to: answers.one(source) if source else claim for to, source in columns.items()}
        found.append(event(kind, _month(answers.one(month)), sources))
    return found


def _extension(answers: Answers, contract: Contract, provider_key: str) -> Columns:
    """Every contract column from the ``obs_`` column of its name; months cut to the month."""
    columns = {
        column.name: _month(text) if column.type == "month" else text
        for column in contract.columns
        for text in [answers.one(f"obs_{column.name}")]
    }
    return columns | {"provider_key": f"'{provider_key}'"}


def _incoming(answers: Answers) -> str:
    return answers.one("cas_IncomingReferralDate")


def _month(expression: str) -> str:
    """A date or month as a month; other text is kept for the contract's check to find."""
    return f"coalesce(strftime(try_cast({expression} as date), '%Y-%m'), {expression})"


def _hash(*parts: str) -> str:
    """A key made from the pseudonym: it joins rows and identifies nobody."""
    literal, *expressions = parts[0], f"'{parts[1]}'", *parts[2:]
    return f"md5('htcds|{literal}|' || {' || chr(124) || '.join(expressions)})"


def _why_dropped(name: str, raw: Raw) -> str | None:
    field = standard_field(name)
    if field in IDENTITY:
        return f"{field}: an identity field, empty as it must be"
    if field:
        return f"{field}: a field of the standard that this table does not use"
    if re.fullmatch(r"(.*/)?obs_[a-z_]+", name):
        return "of the extension, and filled for another table"
    return why_dropped(name, raw)


READER = HtcdsReader()
