"""The survivor survey: frame with raking margins, and one row an invitation.

Invitations are split between strata by fixed shares, so that the response of a wave has one
expected value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.synthetic.comments import LANGUAGES, SENTENCES, THEMES
from pipelines.synthetic.draws import Draw, Ints
from pipelines.synthetic.keys import keys
from pipelines.synthetic.parameters import STRATA, Survey
from pipelines.synthetic.providers import Provider
from pipelines.synthetic.render import Renderer, coded, integers
from pipelines.synthetic.vocabulary import TRI

DISPOSITIONS = (
    "complete",
    "partial",
    "refusal",
    "non_contact",
    "other",
    "unknown_eligibility",
    "not_eligible",
)
SCALE_ITEMS = (
    "housing_secure",
    "safe_from_abusers",
    "support_consistent",
    "services_compassionate",
    "purpose_found",
    "medical_access",
    "education_access",
    "decides_own_life",
    "free_from_fear",
    "no_stigma",
    "fair_pay",
    "free_to_leave_work",
    "treated_with_respect",
    "firewall_trusted",
)
TRI_ITEMS = ("rights_informed", "exploited_again", "took_part")
YES_FROM = 4
"""The answers of the scale that agree, 4 and 5."""
_MARGINS: dict[str, tuple[Sequence[str], Sequence[float]]] = {
    "sex": (("female", "male", "other"), (0.62, 0.35, 0.03)),
    "age_band": (("18-24", "25-34", "35-49", "50+"), (0.27, 0.37, 0.29, 0.07)),
    "residence_group": (("secure", "temporary", "irregular"), (0.40, 0.35, 0.25)),
}
_MODES = ("in_person", "phone", "online", "paper")
_STREAM = 200


@dataclass(frozen=True)
class SurveyBody:
    """Makes the tables of a wave. ``people``: how many the run generates."""

    provider: Provider
    renderer: Renderer
    parameters: Survey
    entropy: tuple[int, ...]
    people: int
    quarters: int

    def has_wave(self, quarter: int) -> bool:
        """Whether a wave closes in a quarter of the run."""
        return has_wave(self.renderer.first_month, quarter, self.quarters)

    def tables(self, quarter: int) -> dict[str, pa.Table]:
        """Frame and responses of the wave that closed in the quarter."""
        belief = self.parameters
        wanted = min(max(belief.at_least, round(self.people * belief.a_person)), belief.at_most)
        invited = [round(wanted * share) for share in belief.share]
        known = self.people * (quarter + 1) / self.quarters * 0.8
        eligible = [
            max(round(count * belief.eligible), round(known * share))
            for count, share in zip(invited, belief.share, strict=True)
        ]
        wave = _wave(self.renderer.first_month, quarter)
        return {
            "survey_frame": self._frame(wave, eligible, invited),
            "survey_responses": self._responses(wave, quarter, invited),
        }

    def _frame(self, wave: str, eligible: list[int], invited: list[int]) -> pa.Table:
        rows: list[tuple[str, str, str, int, int | None]] = []
        for stratum, known, asked in zip(STRATA, eligible, invited, strict=True):
            rows.append((stratum, "total", "all", known, asked))
            for margin, (categories, shares) in _MARGINS.items():
                counts = [round(known * share) for share in shares[:-1]]
                counts.append(known - sum(counts))
                rows += [
                    (stratum, margin, category, count, None)
                    for category, count in zip(categories, counts, strict=True)
                ]
        strata, margins, categories, known_counts, asked_counts = zip(*rows, strict=True)
        return pa.table(
            {
                "provider_key": self.renderer.provider(self.provider, len(rows)),
                "wave": pa.repeat(wave, len(rows)).cast(pa.string()),
                "stratum": pa.array(strata),
                "margin": pa.array(margins),
                "category": pa.array(categories),
                "eligible": pa.array(known_counts, type=pa.int64()),
                "invited": pa.array(asked_counts, type=pa.int64()),
            }
        )

    def _responses(self, wave: str, quarter: int, invited: list[int]) -> pa.Table:
        size = sum(invited)
        stratum = np.repeat(np.arange(len(STRATA)), invited)
        draw = Draw((*self.entropy, _STREAM, quarter), size)
        disposition = draw.choice_by(stratum, disposition_shares(self.parameters))
        answered = disposition <= DISPOSITIONS.index("partial")
        hidden = draw.chance(self.parameters.unknown)
        number = quarter * 1_000_000 + np.arange(size)
        columns: dict[str, pa.Array] = {
            "provider_key": self.renderer.provider(self.provider, size),
            "response_key": keys("response", number, self.renderer.seed),
            "wave": pa.repeat(wave, size).cast(pa.string()),
            "stratum": coded(stratum, STRATA),
            "disposition": coded(np.where(hidden, -1, disposition), DISPOSITIONS),
        }
        answered &= ~hidden
        columns["mode"] = self._coded(draw, answered, (0.3, 0.3, 0.3, 0.1), _MODES)
        language = draw.choice((0.35, 0.25, 0.15, 0.15, 0.10))
        columns["language"] = coded(np.where(answered, language, -1), LANGUAGES, None)
        for name, (categories, shares) in _MARGINS.items():
            columns[name] = self._coded(draw, answered, shares, categories)
        columns["provider_count"] = integers(1 + draw.choice((0.85, 0.12, 0.03)), answered)
        partial = disposition == DISPOSITIONS.index("partial")
        for name in SCALE_ITEMS:
            given = answered & ~draw.chance(np.where(partial, 0.4, 0.03))
            columns[name] = integers(
                1 + draw.choice_by(stratum, scale_shares(self.parameters)), given
            )
        for name, yes in yes_shares(self.parameters).items():
            if name in TRI_ITEMS:
                given = answered & ~draw.chance(np.where(partial, 0.4, 0.03))
                agrees = draw.chance(np.asarray(yes)[stratum])
                columns[name] = coded(np.where(given, agrees, -1), TRI, None)
        comments = answered & draw.chance(self.parameters.comment)
        columns["consent_to_quote"] = coded(np.where(comments, draw.chance(0.5), -1), TRI, None)
        text = np.where(comments, language * len(THEMES) + draw.below(len(THEMES)), -1)
        columns["comment"] = coded(text, SENTENCES, None)
        return pa.table(columns)

    def _coded(
        self, draw: Draw, answered: np.ndarray, shares: Sequence[float], texts: Sequence[str]
    ) -> pa.Array:
        position: Ints = np.where(answered, draw.choice(shares), -1)
        return coded(position, texts, None)


def has_wave(first_month: int, quarter: int, quarters: int) -> bool:
    """A wave closes in each second and fourth quarter of a year, or in the run's only one."""
    return (first_month // 3 + quarter) % 2 == 1 or quarters == 1


def disposition_shares(belief: Survey) -> list[list[float]]:
    """Probabilities of DISPOSITIONS, a row a stratum, before any is hidden as unknown."""
    rows = []
    for complete in belief.complete:
        rest = 1 - complete - belief.partial - belief.not_eligible
        rows.append(
            [
                complete,
                belief.partial,
                *(rest * share for share in belief.rest),
                belief.not_eligible,
            ]
        )
    return rows


def scale_shares(belief: Survey) -> list[list[float]]:
    """Probabilities of the answers 1 to 5, a row a stratum."""
    agree, total = sum(belief.scale[YES_FROM - 1 :]), sum(belief.scale)
    rows = []
    for factor in belief.yes_by_stratum:
        rest = (total - factor * agree) / (total - agree)
        rows.append(
            [
                share * (factor if answer >= YES_FROM else rest)
                for answer, share in enumerate(belief.scale, start=1)
            ]
        )
    return rows


def yes_shares(belief: Survey) -> dict[str, list[float]]:
    """P(yes) of every item, or 4 or 5 of 5, in each stratum."""
    agree = [sum(row[YES_FROM - 1 :]) for row in scale_shares(belief)]
    shares = dict.fromkeys(SCALE_ITEMS, agree)
    for name, yes in zip(TRI_ITEMS, belief.tri_yes, strict=True):
        shares[name] = [yes * factor for factor in belief.yes_by_stratum]
    return shares


def _wave(first_month: int, quarter: int) -> str:
    month = first_month + 3 * quarter
    return f"{month // 12:04d}Q{month % 12 // 3 + 1}"
