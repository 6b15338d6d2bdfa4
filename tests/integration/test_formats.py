"""Every form of a release tells what indicators.csv tells, read back by others' programs."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import frictionless
import openpyxl
import pyshacl
import pytest
import rdflib
import sdmx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines.release.columns import CLEAR_COLUMNS
from pipelines.release.formats import write_formats
from pipelines.release.formats.evidence import NoFigure, sheet_of_line, sheets
from pipelines.release.formats.sdmx import breakdown_code, time_period
from pipelines.release.formats.wording import SYNTHETIC
from pipelines.release.forms_check import strange_files
from pipelines.release.manifest import files_of
from pipelines.release.reading import read_candidate
from tests import candidate_kit
from tests.kept import kept_candidate

SHAPES = Path(__file__).parents[1] / "fixtures" / "dcat_shapes.ttl"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kept_candidate(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "indicators.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def book(folder: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(folder / "indicators.xlsx")


def _figure_sheets(book: openpyxl.Workbook) -> list[Any]:
    return book.worksheets[3:]


def test_the_workbook_has_every_cell_of_the_table(
    book: openpyxl.Workbook, table: list[dict[str, str]]
) -> None:
    lines = [
        line for sheet in _figure_sheets(book) for line in sheet.iter_rows(5, values_only=True)
    ]
    assert len(lines) == len(table) > 1000
    for line, row in zip(lines, table, strict=True):
        for (name, text), cell in zip(row.items(), line, strict=True):
            if name in CLEAR_COLUMNS and not text:
                assert cell == (f"[{row['mark']}]" if row["mark"] else "[z]")
            elif name in (*CLEAR_COLUMNS, "horizon_months"):
                assert cell == ("none" if not text else float(text))
            else:
                assert cell == (text or "none")


def test_the_workbook_is_laid_out_for_a_screen_reader(book: openpyxl.Workbook) -> None:
    assert book.sheetnames[:3] == ["Cover", "Contents", "Notes"]
    assert book.properties.title.endswith("(synthetic data)")
    assert book["Cover"]["A2"].value == SYNTHETIC
    for sheet in book.worksheets:
        assert not sheet.merged_cells.ranges
        assert sheet["A1"].value
    for sheet in book.worksheets[1:]:
        (extent,) = (one.ref for one in sheet.tables.values())
        cells = [cell.value for line in sheet[extent] for cell in line]
        assert all(cell not in (None, "") for cell in cells), sheet.title
    links = [line[0].hyperlink.location for line in book["Contents"].iter_rows(3)]
    assert links == [f"'{sheet.title}'!A1" for sheet in _figure_sheets(book)]


def test_sdmx_is_read_back_with_every_figure(folder: Path, table: list[dict[str, str]]) -> None:
    structure = sdmx.read_sdmx(folder / "sdmx" / "structure.xml")
    (flow,) = structure.dataflow.values()
    (data,) = sdmx.read_sdmx(folder / "sdmx" / "data.csv", structure=flow).data
    assert structure.header.test, "made-up data is test data"
    assert len(data.obs) == len(table)
    indicators = set(structure.codelist["CL_INDICATOR"].items)
    for seen, row in zip(data.obs, table, strict=True):
        key = {value.id: value.value for value in seen.dimension.values.values()}
        said = {name: value.value for name, value in seen.attached_attribute.items()}
        assert key["INDICATOR"] == row["indicator_id"] in indicators
        assert key["TIME_PERIOD"] == time_period(row["period"])
        assert key["HORIZON"] == (row["horizon_months"] or "_Z")
        assert key["CATEGORY"] == (row["category"] or "_T")
        assert str(seen.value or "") == row["estimate"]
        assert (said["OBS_STATUS"], said["CONF_STATUS"]) == (row["obs_status"], row["conf_status"])
        assert [said["NUMERATOR"], said["CI_HIGH"]] == [row["numerator"], row["ci_high"]]


@pytest.mark.parametrize(
    ("period", "expected"),
    [("2024Q4", "2024-Q4"), ("2024", "2024"), ("2022-2024", "2022-01-01/P3Y")],
)
def test_periods_are_written_as_sdmx_wants_them(period: str, expected: str) -> None:
    assert time_period(period) == expected
    assert breakdown_code("sex*form") == "sex-form"


def test_the_catalogue_record_conforms_and_its_files_are_as_described(folder: Path) -> None:
    graph = rdflib.Graph().parse(folder / "metadata.jsonld", format="json-ld")
    conforms, _, report = pyshacl.validate(graph, shacl_graph=str(SHAPES), advanced=False)
    assert conforms, report
    found = graph.query(
        """
        prefix dcat: <http://www.w3.org/ns/dcat#> prefix spdx: <http://spdx.org/rdf/terms#>
        select ?url ?bytes ?hash where {
            ?file dcat:downloadURL ?url; dcat:byteSize ?bytes;
                spdx:checksum/spdx:checksumValue ?hash
        }
        """
    )
    described = {str(url).rpartition("/sdmx/")[2].rpartition("/")[2]: line for url, *line in found}
    for path in [*folder.glob("indicators.*"), *folder.glob("sdmx/*")]:
        size, digest = described.pop(path.name)
        assert int(size) == path.stat().st_size
        assert str(digest).lower() == hashlib.sha256(path.read_bytes()).hexdigest()
    assert not described


def test_the_data_package_is_valid(folder: Path) -> None:
    report = frictionless.validate(folder / "datapackage.json", skip_errors=["scheme-error"])
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "note"])[:5]


def test_an_evidence_sheet_is_checked_with_common_tools(folder: Path) -> None:
    candidate = read_candidate(folder)
    sheet = next(sheets(candidate, lambda figure: figure.breakdown == "sex" and not figure.mark))
    command = f"sed -n {sheet.line}p indicators.csv | tr -d '\\r\\n' | sha256sum"
    told = subprocess.run(
        ["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=True
    )
    assert told.stdout.split()[0] == sheet.sha256


def test_a_line_without_a_figure_is_said_to_be_none(folder: Path) -> None:
    candidate = read_candidate(folder)
    last = len(candidate.figures) + 1
    assert sheet_of_line(candidate, last).figure is candidate.figures[-1]
    for line in (-1, 0, 1, last + 1):
        with pytest.raises(NoFigure, match=f"lines 2 to {last}"):
            sheet_of_line(candidate, line)


def test_every_total_has_a_sheet_and_hidden_ones_say_why(
    folder: Path, table: list[dict[str, str]]
) -> None:
    for indicator in {row["indicator_id"] for row in table}:
        page = (folder / "evidence" / f"{indicator}.html").read_text(encoding="utf-8")
        totals = [
            (line, row)
            for line, row in enumerate(table, start=2)
            if row["indicator_id"] == indicator and row["breakdown"] == "total"
        ]
        assert page.count("<section id=") == len(totals)
        assert all(f'id="line-{line}"' in page for line, _ in totals)
        assert all(f"[{row['mark']}] " in page for _, row in totals if row["mark"])
        assert SYNTHETIC in page


def test_every_indicator_has_its_methodology_under_nineteen_headings(folder: Path) -> None:
    for indicator in read_candidate(folder).indicators.values():
        page = (folder / "methodology" / f"{indicator.id}.html").read_text(encoding="utf-8")
        assert all(f"<h2>{number} " in page for number in range(1, 20))
        assert "<script" not in page
        assert "http" not in page


def test_the_same_folder_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = shutil.copytree(folder, tmp_path / "again")
    write_formats(again)
    for one, other in zip(files_of(folder), files_of(again), strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_hostile_text_stays_text(folder: Path, tmp_path: Path) -> None:
    hostile = shutil.copytree(folder, tmp_path / "hostile")
    status = (hostile / "status.json").read_text(encoding="utf-8")
    (hostile / "status.json").write_text(
        status.replace("Independent observatory", "=HYPERLINK(1)<script>alert(1)</script>")
    )
    write_formats(hostile)
    for page in hostile.rglob("*.html"):
        assert "<script>" not in page.read_text(encoding="utf-8")
    for sheet in openpyxl.load_workbook(hostile / "indicators.xlsx").worksheets:
        assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)


def test_a_candidate_carries_all_forms_under_its_signature(tmp_path: Path) -> None:
    table = candidate_kit.rows(only=["inspection_wages_recovered"])
    folder = candidate_kit.candidate(tmp_path / "mine", table=table)
    key = Ed25519PrivateKey.generate()
    other = candidate_kit.candidate(tmp_path / "theirs", table=table, key=key)
    names = {path.relative_to(other).as_posix() for path in files_of(other)}
    assert {"indicators.xlsx", "sdmx/data.csv", "sdmx/structure.xml", "metadata.jsonld"} <= names
    mine, theirs = (json.loads((one / "MANIFEST.json").read_bytes()) for one in (folder, other))
    assert mine.pop("blinding.txt") != theirs.pop("blinding.txt"), "only the key can make it"
    assert mine == theirs


def _plant(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        book.worksheets[4]["AA3"] = 7
        book.save(path)
    elif path.suffix == ".json" or path.suffix == ".jsonld":
        content = json.loads(path.read_bytes())
        path.write_text(json.dumps(content | {"hidden": 7}, indent=2), encoding="utf-8")
    else:
        path.write_text(path.read_text(encoding="utf-8") + text if path.exists() else text)


PLANTED = {
    "indicators.xlsx": "",
    "datapackage.json": "",
    "disclosure.json": "",
    "metadata.jsonld": "",
    "release.lock.json": "",
    "sdmx/data.csv": "D,7",
    "sdmx/structure.xml": "<!-- 7 -->",
    "methodology/remedy_granted.html": "<p>7</p>",
    "evidence/remedy_granted.html": "<p>7</p>",
    "charts/remedy_granted.svg": "<svg><title>7 of 12</title></svg>",
}


def test_a_number_planted_in_any_form_is_found_and_its_file_named(
    folder: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / "disclosure.json").write_text("{}")
    assert strange_files(copy) == []
    for name, text in PLANTED.items():
        _plant(copy / name, text)
    assert strange_files(copy) == sorted(PLANTED)
