"""A candidate is a pure function of its inputs, reads back as written, betrays any tampering."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines.periods import Period
from pipelines.release.candidate import CandidateError, Vintage, build_candidate
from pipelines.release.columns import COLUMNS
from pipelines.release.freshness import freshness
from pipelines.release.lock import code_hash
from pipelines.release.manifest import MANIFEST, SIGNATURE
from pipelines.release.reading import Figure, ReadingError, read_candidate
from pipelines.release.verify import NoFolder, verify
from pipelines.release.write_csv import write_csv
from pipelines.settings import Country
from tests import candidate_kit
from tests.kept import kept_candidate

PUBLIC = candidate_kit.KEY.public_key()
FEW = candidate_kit.rows(
    only=["inspection_wages_recovered", "participation_response", "remedy_paid"]
)
"""Where a test needs no more than an indicator of each source."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kept_candidate(tmp_path_factory.mktemp("home"))


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    for path in built.rglob("*"):
        if path.is_file():
            target = tmp_path / path.relative_to(built)
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(path.read_bytes())
    return tmp_path


def _bytes(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _build(out: Path, rows: pa.Table, vintage: Vintage, country: Country, period: str) -> Path:
    return build_candidate(
        rows,
        vintage=vintage,
        country=country,
        period=period,
        registry=candidate_kit.registry(),
        lineage=candidate_kit.lineage(),
        code_hash="0" * 64,
        earlier=[],
        key=candidate_kit.KEY,
        out=out,
        audit=False,
    )


def test_the_same_inputs_in_another_place_give_the_same_bytes(built: Path, tmp_path: Path) -> None:
    place = tmp_path / "another" / "place"
    other = _build(
        place, candidate_kit.rows(), candidate_kit.vintage(), candidate_kit.COUNTRY, "2024Q4"
    )
    assert _bytes(other) == _bytes(built)
    pages = {
        f"{folder}/{recipe.id}.html"
        for folder in ("evidence", "methodology")
        for recipe in candidate_kit.RECIPES
    }
    assert set(_bytes(built)) == pages | {
        "MANIFEST.json",
        "MANIFEST.sig",
        "blinding.txt",
        "datapackage.json",
        "indicators.csv",
        "indicators.parquet",
        "indicators.xlsx",
        "metadata.jsonld",
        "methodology/registry.json",
        "release.lock.json",
        "sdmx/data.csv",
        "sdmx/structure.xml",
        "status.json",
    }


def test_building_again_mends_a_damaged_folder_and_leaves_no_debris(tmp_path: Path) -> None:
    folder = candidate_kit.candidate(tmp_path, table=FEW)
    before = _bytes(folder)
    (folder / "indicators.csv").write_text("damaged")
    (folder.parent / ".2024Q4.building").mkdir()
    (folder.parent / ".2024Q4.building" / "half").write_text("left by a kill")
    assert _bytes(candidate_kit.candidate(tmp_path, table=FEW)) == before
    assert [path.name for path in folder.parent.iterdir()] == ["2024Q4"]


def test_an_untouched_folder_verifies(built: Path) -> None:
    found = verify(built, PUBLIC)
    assert found.ok
    assert found.problems() == []


def test_a_changed_byte_in_any_file_names_that_file(copy: Path) -> None:
    for name, content in _bytes(copy).items():
        for position in {0, len(content) // 2, len(content) - 1}:
            changed = bytearray(content)
            changed[position] ^= 1
            (copy / name).write_bytes(changed)
            found = verify(copy, PUBLIC)
            assert not found.ok
            assert any(name in problem for problem in found.problems()), (name, position)
        (copy / name).write_bytes(content)
    assert verify(copy, PUBLIC).ok


def test_another_spelling_of_the_same_signature_is_noticed(copy: Path) -> None:
    signature = (copy / SIGNATURE).read_bytes()
    (copy / SIGNATURE).write_bytes(signature.rstrip(b"\n"))
    assert not verify(copy, PUBLIC).signature_fits


def test_a_file_removed_added_or_linked_is_named(copy: Path) -> None:
    (copy / "status.json").unlink()
    (copy / "methodology" / "more.txt").write_text("hello")
    text = (copy / "datapackage.json").rename(copy.parent / "elsewhere")
    (copy / "datapackage.json").symlink_to(text)
    found = verify(copy, PUBLIC)
    assert found.missing == ("status.json",)
    assert found.added == ("methodology/more.txt",)
    assert found.changed == ("datapackage.json",)
    assert len(found.problems()) == 3


@pytest.mark.parametrize("name", [MANIFEST, SIGNATURE])
def test_a_lost_manifest_or_signature_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    assert verify(copy, PUBLIC).problems() == [f"{name} is missing."]


def test_a_manifest_signed_by_someone_else_does_not_verify(copy: Path) -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
    assert not verify(copy, stranger).ok


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoFolder, match="gone is not a folder"):
        verify(tmp_path / "gone", PUBLIC)


def test_csv_and_parquet_hold_the_same_table(built: Path) -> None:
    with (built / "indicators.csv").open(newline="") as file:
        lines = list(csv.reader(file))
    shown = [column.name for column in COLUMNS]
    columns = ", ".join(
        f"coalesce(cast({name} as varchar), '')" if name == "horizon_months" else name
        for name in shown
        if name not in ("numerator", "denominator", "known_share", "estimate", "ci_low", "ci_high")
    )
    typed = duckdb.sql(f"select {columns} from '{built}/indicators.parquet'").fetchall()
    texts = [i for i, column in enumerate(COLUMNS) if column.kind != "number"]
    assert lines[0] == shown
    assert [tuple(line[i] for i in texts) for line in lines[1:]] == typed
    (total,) = duckdb.sql(f"select sum(numerator) from '{built}/indicators.parquet'").fetchall()
    assert sum(float(line[8]) for line in lines[1:] if line[8]) == pytest.approx(float(total[0]))


def test_figures_are_sorted_rounded_and_end_by_the_period(built: Path) -> None:
    figures = read_candidate(built).figures
    keys = [
        (f.indicator_id, f.period, f.cohort, f.measure, f.horizon_months or 999, f.breakdown,
         f.category)
        for f in figures
    ]  # fmt: skip
    assert keys == sorted(keys)
    for figure in figures:
        assert Period.parse(figure.period).last <= Period.parse("2024Q4").last
        if figure.estimate is not None:
            assert figure.estimate.as_tuple().exponent == -2


def test_marked_figures_are_blank_and_carry_their_status(built: Path) -> None:
    candidate = read_candidate(built)
    status = {"": ("A", "F"), "c": ("Q", "C"), "x": ("O", "F"), "u": ("U", "F")}
    assert {figure.mark for figure in candidate.figures} == set(status)
    for figure in candidate.figures:
        assert (figure.obs_status, figure.conf_status) == status[figure.mark]
        if figure.mark:
            assert figure.numerator is figure.estimate is figure.known_share is None


def test_a_set_aside_delivery_makes_its_figures_unavailable_and_says_whose(built: Path) -> None:
    candidate = read_candidate(built)
    caveat = "provider_set_aside:44444444"
    touched = {f.period for f in candidate.figures if caveat in f.caveats}
    assert touched == {"2022Q2", "2022", "2021-2023", "2022-2024"}
    for figure in candidate.figures:
        expected = figure.indicator_id == "participation_response" and figure.period in touched
        assert (figure.mark == "x") == expected
    assert "44444444" in candidate.caveats[caveat]


def test_the_candidate_says_that_it_is_not_cleared(built: Path) -> None:
    status = read_candidate(built).status
    assert not status.cleared_for_release
    assert "not to be published" in status.reason
    assert status.synthetic
    assert status.cutoff == "2024-12"
    assert status.deliveries == {
        "labour_inspection": 1,
        "service_provider": 1,
        "survivor_survey": 1,
    }
    package = json.loads((built / "datapackage.json").read_text())
    assert package["synthetic"] is True
    assert "synthetic data" in package["title"]


def test_the_lock_holds_what_the_candidate_depends_on(built: Path) -> None:
    lock = json.loads((built / "release.lock.json").read_text())
    assert lock["vintage"] == "f" * 64
    assert lock["deliveries"] == sorted(lock["deliveries"])
    assert lock["country"]["threshold"] == 10
    assert lock["earlier_releases"] == []


def test_an_earlier_period_holds_only_what_had_ended(tmp_path: Path) -> None:
    candidate = read_candidate(candidate_kit.candidate(tmp_path, period="2022Q1", table=FEW))
    assert max(figure.period for figure in candidate.figures) == "2022Q1"


def test_nothing_of_the_country_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CandidateError, match="no delivery of YY"):
        _build(tmp_path, FEW, candidate_kit.vintage(), Country(code="YY"), "2024")
    with pytest.raises(CandidateError, match="no indicator row of ZZ ends by 2018"):
        _build(tmp_path, FEW, candidate_kit.vintage(), candidate_kit.COUNTRY, "2018")
    assert list(tmp_path.iterdir()) == []


def test_text_that_a_spreadsheet_would_run_is_neutralised(built: Path, tmp_path: Path) -> None:
    table = duckdb.sql(
        f"""
        select * replace ('=cmd()' as category, '-1+1' as caveats)
        from '{built}/indicators.parquet' limit 1
        """
    ).to_arrow_table()
    write_csv(table, tmp_path / "one.csv")
    line = (tmp_path / "one.csv").read_bytes().split(b"\r\n")[1]
    assert b",'=cmd()," in line
    assert line.endswith(b",'-1+1")


def test_a_folder_that_is_not_whole_is_named(copy: Path) -> None:
    (copy / "status.json").unlink()
    with pytest.raises(ReadingError, match=r"status.json is missing"):
        read_candidate(copy)


def test_every_column_is_a_field_of_a_figure() -> None:
    fields = [field.name for field in dataclasses.fields(Figure)]
    assert fields == [column.name for column in COLUMNS]


def test_the_code_hash_knows_content_but_not_place(tmp_path: Path) -> None:
    for place in ("one", "two"):
        sources = tmp_path / place / "pipelines"
        (sources / "countries").mkdir(parents=True)
        (sources / "a.py").write_text("print(1)\n")
        (tmp_path / place / "uv.lock").write_text("locked\n")
    first = code_hash(tmp_path / "one")
    assert code_hash(tmp_path / "two") == first
    (tmp_path / "two" / "pipelines" / "countries" / "ZZ.yml").write_text("code: ZZ\n")
    (tmp_path / "two" / "pipelines" / "__pycache__").mkdir()
    (tmp_path / "two" / "pipelines" / "__pycache__" / "a.py").write_text("compiled\n")
    assert code_hash(tmp_path / "two") == first
    (tmp_path / "two" / "pipelines" / "a.py").write_text("print(2)\n")
    assert code_hash(tmp_path / "two") != first


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return candidate_kit.candidate(tmp_path_factory.mktemp("few"), table=FEW)


def test_figures_that_rest_on_corrected_values_say_so_and_stay(few: Path, tmp_path: Path) -> None:
    vintage = candidate_kit.vintage()
    rows = vintage.deliveries.to_pylist()
    corrected = [{**row, "corrections": "c" * 64} if row["source"] == "labour_inspection" else row
                 for row in rows]  # fmt: skip
    changed = dataclasses.replace(vintage, deliveries=pa.Table.from_pylist(corrected))
    folder = _build(tmp_path, FEW, changed, candidate_kit.COUNTRY, "2024Q4")
    said = {figure.indicator_id for figure in read_candidate(folder).figures
            if "source_corrected" in figure.caveats}  # fmt: skip
    assert said == {"inspection_wages_recovered"}
    marks = [[f.mark for f in read_candidate(one).figures] for one in (few, folder)]
    assert marks[0] == marks[1]
    assert "source_corrected" in read_candidate(folder).caveats


def test_figures_that_rest_on_data_the_council_doubts_say_so_and_stay(
    few: Path, tmp_path: Path
) -> None:
    doubted = "b" * 64
    folder = candidate_kit.candidate(tmp_path, table=FEW, challenged=[doubted])
    candidate = read_candidate(folder)
    caveat = "delivery_challenged:22222222"
    touched = {(f.indicator_id, f.period) for f in candidate.figures if caveat in f.caveats}
    assert {name for name, _ in touched} == {"inspection_wages_recovered"}
    assert {period for _, period in touched} == {"2024Q4", "2024", "2022-2024"}
    assert "council doubts" in candidate.caveats[caveat]
    assert json.loads((folder / "release.lock.json").read_bytes())["challenged"] == [doubted]
    marks = [[f.mark for f in read_candidate(one).figures] for one in (few, folder)]
    assert marks[0] == marks[1]


def _with(vintage: Vintage, source: str, **fields: object) -> Vintage:
    """The vintage with other facts about the deliveries of one source."""
    rows = [{**row, **fields} if row["source"] == source else row
            for row in vintage.deliveries.to_pylist()]  # fmt: skip
    return dataclasses.replace(vintage, deliveries=pa.Table.from_pylist(rows))


def test_drift_is_a_caveat_of_the_rows_that_the_column_touches_in_its_time_and_hides_nothing(
    built: Path, tmp_path: Path
) -> None:
    drifted = _with(
        candidate_kit.vintage(),
        "service_provider",
        drifted="drift:case_events.outcome;drift:persons.sex;drift_of_all:case_events.channel",
    )
    folder = _build(tmp_path, candidate_kit.rows(), drifted, candidate_kit.COUNTRY, "2024Q4")
    figures, before = read_candidate(folder).figures, read_candidate(built).figures
    assert [(f.estimate, f.mark) for f in figures] == [(f.estimate, f.mark) for f in before]

    outcome = [f for f in figures if "drift:11111111:case_events.outcome" in f.caveats]
    assert {f.indicator_id for f in outcome} == {"remedy_funnel", "remedy_granted"}
    assert {f.breakdown for f in outcome} > {"total", "sex"}
    sex = [f for f in figures if "drift:11111111:persons.sex" in f.caveats]
    assert {f.breakdown for f in sex} == {"sex"}
    assert "remedy_granted" not in {f.indicator_id for f in sex}
    for touched in (outcome, sex):
        assert {f.period for f in touched if not f.cohort} <= {"2024Q4", "2024", "2022-2024"}
    assert (
        "case_events.outcome"
        in read_candidate(folder).caveats["drift:11111111:case_events.outcome"]
    )


def test_a_late_delivery_is_a_caveat_a_late_correction_is_not(tmp_path: Path) -> None:
    sent = {"sent_month": Period.parse("2024Q4").last + 7}
    late = {}
    for corrects in (False, True):
        vintage = _with(candidate_kit.vintage(), "labour_inspection", corrects=corrects, **sent)
        folder = _build(tmp_path / str(corrects), FEW, vintage, candidate_kit.COUNTRY, "2024Q4")
        figures = read_candidate(folder).figures
        late[corrects] = {f.indicator_id for f in figures if "late:22222222" in f.caveats}
    assert late == {False: {"inspection_wages_recovered"}, True: set()}


def test_freshness_is_each_providers_delay_against_its_own_habit() -> None:
    months = {text: Period.parse(text).last for text in ("2024Q1", "2024Q2", "2024Q3", "2024Q4")}
    base = candidate_kit.vintage(aside=False).deliveries.to_pylist()[0]
    sent = [("2024Q1", 1, False), ("2024Q2", 1, False), ("2024Q3", 5, False), ("2024Q3", 9, True)]
    rows = [{**base, "period": period, "period_last_month": months[period],
             "sent_month": months[period] + delay, "corrects": corrects,
             "cutoff_month": months["2024Q4"]}
            for period, delay, corrects in sent]  # fmt: skip
    (found,) = freshness(pa.Table.from_pylist(rows))
    assert (found.last_period, found.months_behind) == ("2024Q3", 3)
    assert (found.delay_months, found.usual_delay_months) == (5, 1)
    (corrected,) = freshness(pa.Table.from_pylist(rows[3:]))
    assert corrected.delay_months is None
