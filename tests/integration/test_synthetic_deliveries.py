"""Demonstration deliveries: same bytes, bounded memory, and what the gate makes of them."""

import hashlib
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyarrow.csv
import pytest

from pipelines.deliveries import Register, ingest
from pipelines.paths import Home
from pipelines.synthetic import Scenario, synthesize

PEAK_BYTES = 600 << 20  # a chunk of people and a delivery, whatever the size of the run


def digest(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@pytest.fixture(scope="module")
def defective(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("defective")
    synthesize(out, 1_500, 4, 7)
    return out


def test_the_same_arguments_give_the_same_bytes(defective: Path, tmp_path: Path) -> None:
    synthesize(tmp_path, 1_500, 4, 7)
    assert digest(tmp_path) == digest(defective)


def test_another_seed_gives_other_people(tmp_path: Path) -> None:
    plain = Scenario(defects=False, corrections=False)
    for seed in (1, 2):
        synthesize(tmp_path / str(seed), 300, 1, seed, scenario=plain)
    persons = [
        digest(tmp_path / seed / "deliveries" / "zz-ngo-north-2021Q1")["persons.csv"]
        for seed in ("1", "2")
    ]
    assert persons[0] != persons[1]


def test_deliveries_without_defects_pass_the_gate_whole(tmp_path: Path) -> None:
    synthesize(tmp_path, 1_200, 3, 3, scenario=Scenario(defects=False, earlier_people=True))
    outcomes = ingest(Home(tmp_path / "home"), [tmp_path / "deliveries"])
    assert {outcome.record.status for outcome in outcomes} == {"accepted"}
    apart = {
        outcome.path.name: [(f.rule, f.field, f.row) for f in outcome.record.findings]
        for outcome in outcomes
        if any(file.rows_quarantined for file in outcome.record.files)
    }
    assert apart == {}


def test_what_was_planted_is_what_the_gate_finds(defective: Path, tmp_path: Path) -> None:
    planted = json.loads((defective / "truth.json").read_text())["injected"]
    outcomes = {o.path.name: o for o in ingest(Home(tmp_path), [defective / "deliveries"])}

    refused = {o.record.delivery_id for o in outcomes.values() if o.record.status == "refused"}
    assert refused == {p["delivery_id"] for p in planted if p["fate"] == "refused"}
    assert len(refused) == 3

    expected = Counter(p["delivery"] for p in planted if p["fate"] == "quarantined")
    apart = {n: sum(f.rows_quarantined for f in o.record.files) for n, o in outcomes.items()}
    assert {name: count for name, count in apart.items() if count} == expected
    for bad in (p for p in planted if p["fate"] == "quarantined"):
        findings = outcomes[bad["delivery"]].record.findings
        assert (bad["rule"], bad["table"], bad["row"]) in {
            (f.rule, f.table, f.row) for f in findings
        }

    dropped = sum(p["rows"] for p in planted if p["fate"] == "comment_dropped")
    assert sum(o.record.comments_dropped for o in outcomes.values()) == dropped

    register = Register(Home(tmp_path))
    for correction in (p for p in planted if p["fate"] == "supersedes"):
        first = register.records[correction["supersedes"]]
        assert first.superseded_by == correction["delivery_id"]


def test_a_delivery_mentions_its_persons_and_no_others(defective: Path) -> None:
    folder = defective / "deliveries" / "zz-agency-north-2021Q2"
    persons, episodes, events = (
        pyarrow.csv.read_csv(folder / f"{name}.csv")["person_key"].to_pylist()
        for name in ("persons", "support_episodes", "case_events")
    )
    assert len(persons) == len(set(persons)) > 0
    assert set(persons) == {*episodes, *events}


def test_memory_stays_bounded(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from pipelines.synthetic import synthesize\n"
        "synthesize(Path(sys.argv[1]), 60_000, 3, 1)\n"
        "status = Path('/proc/self/status').read_text(encoding='utf-8')\n"
        "print(int(status.split('VmHWM:')[1].split()[0]) * 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < PEAK_BYTES
