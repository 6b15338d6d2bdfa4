"""Whatever a delivery looks like, it ends in one whole record, and no identifier stays.

Two hundred spoilt deliveries on every run; ``make fuzz`` takes twenty thousand
(``OBSERVATORY_FUZZED`` says how many).
"""

from __future__ import annotations

import os
import tempfile
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.deliveries import Record, ingest
from pipelines.participation.ledger import verify_chain
from pipelines.paths import Home
from tests.deliveries_kit import assert_whole, everything_kept
from tests.delivery_drafts import Draft, draft, write
from tests.spoilt_deliveries import MUTATIONS

FUZZED = int(os.environ.get("OBSERVATORY_FUZZED", "200"))
#: One row in five may fail here, so that small deliveries land with some rows apart.
TOLERANT = "code: ZZ\nquarantine_tolerance: 0.2\n"


@dataclass(frozen=True)
class Plan:
    """What a spoilt delivery is made of: a base, and mutations with their seeds."""

    source: str
    suffix: str
    mutations: list[tuple[str, int]]

    def draft(self) -> Draft:
        spoilt = draft(self.source, self.suffix)
        for name, seed in self.mutations:
            MUTATIONS[name](spoilt, Random(seed))
        return spoilt


plans = st.builds(
    Plan,
    st.sampled_from(["labour_inspection", "survivor_survey", "service_provider"]),
    st.sampled_from(["csv", "csv", "csv", "parquet", "xlsx"]),
    st.lists(st.tuples(st.sampled_from(sorted(MUTATIONS)), st.integers(0, 2**32 - 1)), max_size=3),
)
ends: Counter[str] = Counter()


def end(record: Record) -> str:
    """How a delivery ended, in words."""
    if not record.counts:
        return f"refused at step {record.step}"
    return "accepted, rows apart" if any(f.rows_quarantined for f in record.files) else "accepted"


def assert_accounted_for(home: Home, record: Record, sent: Draft) -> None:
    """Every file of the home belongs to the record, and every row that was sent was read."""
    verify_chain(home.ledger)
    assert_whole(home, record)
    for area in (home.landing, home.quarantine):
        there = {path.name for path in area.glob("*/*")}
        assert there <= ({f"delivery={record.delivery_id}"} if record.files else set())
    assert [path.stem for path in home.register.iterdir()] == [record.delivery_id]
    assert (home.refused / record.delivery_id).exists() == (record.step == 1)
    for file in record.files if sent.rows_known else []:
        assert file.rows_read == len(sent.tables[file.table]) - 1


def spoil_and_take_in(plan: Plan) -> Record:
    """The property; the record, for counting."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of two members of one name, and of odd workbooks
        home = Home(Path(folder) / "home")
        (home.root / "countries").mkdir(parents=True)
        (home.root / "countries" / "ZZ.yml").write_text(TOLERANT, encoding="utf-8")
        sent = plan.draft()
        (outcome,) = ingest(home, [write(sent, Path(folder) / "delivery")])
        assert_accounted_for(home, outcome.record, sent)
        kept = everything_kept(home, but=home.refused)
        for value in sent.planted:
            assert value.encode() not in kept, f"{value} is still there"
    return outcome.record


@settings(max_examples=FUZZED, suppress_health_check=[HealthCheck.too_slow])
@given(plans)
def test_a_spoilt_delivery_ends_whole_and_leaves_no_identifier(plan: Plan) -> None:
    ends[end(spoil_and_take_in(plan))] += 1


def test_the_mutations_reach_every_way_to_end() -> None:
    print(f"\n{ends.total()} spoilt deliveries: {dict(sorted(ends.items()))}")
    assert ends.total() >= FUZZED
    assert set(ends) == {
        "accepted",
        "accepted, rows apart",
        *(f"refused at step {step}" for step in (1, 2, 3)),
    }
