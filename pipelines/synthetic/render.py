"""Compact rows become Arrow tables with the columns of contract v1, in its order.

Unknown codes are written ``unknown`` where a value is missing, and left empty where the column
does not apply. Money is decimal, made from whole cents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.periods import month_text
from pipelines.synthetic import vocabulary as codes
from pipelines.synthetic.draws import Bools
from pipelines.synthetic.keys import key, keys
from pipelines.synthetic.providers import Provider

_CURRENCY = "EUR"


@dataclass(frozen=True)
class Renderer:
    """Knows the run: its seed and its first month (a month integer)."""

    seed: int
    first_month: int
    months: int

    def month(self, values: np.ndarray) -> pa.Array:
        """``YYYY-MM``; null where negative."""
        texts = [month_text(self.first_month + number) for number in range(self.months)]
        return coded(values, texts, None)

    def provider(self, provider: Provider, size: int) -> pa.Array:
        """The provider's key, ``size`` times."""
        return pa.repeat(key("provider", provider.position, self.seed), size).cast(pa.string())

    def persons(self, rows: np.ndarray, provider: Provider) -> pa.Table:
        """Rows of type PERSON."""
        tri = ("unaccompanied_or_separated_child", "separated_from_family")
        columns = {
            "provider_key": self.provider(provider, len(rows)),
            "person_key": keys("person", rows["person"], self.seed),
            "first_contact_month": self.month(rows["contact"]),
            "sex": coded(rows["sex"], codes.SEX),
            "age_band": coded(rows["age_band"], codes.AGE_BAND),
            "citizenship_region": coded(rows["citizenship_region"], codes.CITIZENSHIP),
            "exploitation_form": coded(rows["exploitation_form"], _forms()),
        }
        columns |= {name: coded(rows[name], codes.TRI) for name in tri}
        columns["residence_at_first_contact"] = coded(
            rows["residence_at_first_contact"], codes.RESIDENCE
        )
        rest = ("in_work_at_start", "stable_housing_at_start", "linkage_refused")
        columns |= {name: coded(rows[name], codes.TRI) for name in rest}
        return pa.table(columns)

    def episodes(self, rows: np.ndarray, provider: Provider) -> pa.Table:
        """Rows of type EPISODE."""
        size = len(rows)
        reason = coded(rows["reason"], codes.EXIT_REASON, None)
        return pa.table(
            {
                "provider_key": self.provider(provider, size),
                "episode_key": keys("episode", rows["number"], self.seed),
                "person_key": keys("person", rows["person"], self.seed),
                "region": pa.repeat(provider.region, size).cast(pa.string()),
                "start_month": self.month(rows["start"]),
                "end_month": self.month(rows["end"]),
                "conditional_on_cooperation": coded(rows["conditional"], codes.TRI),
                "exit_reason": reason,
                "services": coded(rows["services"], codes.SERVICES),
            }
        )

    def events(self, rows: np.ndarray, provider: Provider) -> pa.Table:
        """Rows of type EVENT."""
        size = len(rows)
        money = rows["cents"] >= 0
        return pa.table(
            {
                "provider_key": self.provider(provider, size),
                "event_key": keys("event", rows["number"], self.seed),
                "person_key": keys("person", rows["person"], self.seed),
                "event_month": self.month(rows["month"]),
                "recorded_month": self.month(rows["recorded"]),
                "event_type": coded(rows["type"], codes.EVENT_TYPE),
                "claim_key": keys("claim", rows["claim"], self.seed, rows["claim"] < 0),
                "channel": where_used(rows, "channel", codes.CHANNEL, _USES_CHANNEL),
                "outcome": coded(rows["outcome"], codes.OUTCOME, None),
                "subject": where_used(rows, "subject", codes.SUBJECT, _USES_SUBJECT),
                "ground": where_used(rows, "ground", codes.GROUND, _USES_GROUND),
                "amount": decimals(rows["cents"], money),
                "currency": coded(np.where(money, 0, -1), (_CURRENCY,), None),
            }
        )


def _types(*names: str) -> Bools:
    return np.array([name in names for name in codes.EVENT_TYPE])


_USES_CHANNEL = _types("remedy_claimed", "remedy_decided")
_USES_SUBJECT = _types(
    "identified", "residence_granted", "appeal_filed", "appeal_decided", "remedy_form"
)
_USES_GROUND = _types("residence_granted", "detained")


def where_used(rows: np.ndarray, name: str, vocabulary: Sequence[str], uses: Bools) -> pa.Array:
    """A coded column of events: ``unknown`` where the type uses it, empty where it does not."""
    size = len(vocabulary)
    position = np.where(rows[name] >= 0, rows[name], np.where(uses[rows["type"]], size, -1))
    return coded(position, [*vocabulary, "unknown"], None)


def coded(
    values: np.ndarray, vocabulary: Sequence[str], missing: str | None = "unknown"
) -> pa.Array:
    """Text of positions in ``vocabulary``; ``missing`` (null when None) where negative."""
    texts = pa.array([*vocabulary, missing], type=pa.string())
    position = np.where(values < 0, len(vocabulary), values).astype(np.int32)
    return texts.take(pa.array(position))


def decimals(cents: np.ndarray, known: Bools) -> pa.Array:
    """decimal(18,2) of whole cents; null where not ``known``."""
    size = len(cents)
    words = np.zeros((size, 2), dtype="<i8")  # 128 bits, least significant word first
    words[:, 0] = cents
    words[:, 1] = np.where(cents < 0, -1, 0)
    validity = pa.py_buffer(np.packbits(known, bitorder="little"))
    return pa.Array.from_buffers(pa.decimal128(18, 2), size, [validity, pa.py_buffer(words)])


def integers(values: np.ndarray, known: Bools) -> pa.Array:
    """64-bit integers; null where not ``known``."""
    return pa.array(values.astype(np.int64), mask=~known)


def _forms() -> list[str]:
    """Texts of first · 9 + (second + 1), in the vocabulary's order whichever came first."""
    texts = []
    for first in range(len(codes.FORM)):
        for second in range(-1, len(codes.FORM)):
            both = sorted({first, second} - {-1})
            texts.append(";".join(codes.FORM[number] for number in both))
    return texts
