"""The engineers' pages: what the records hold, no more, and in a form that needs no other host."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dashboards.engineers import build_pages
from dashboards.engineers.arrivals import lateness
from dashboards.engineers.lineage import read_lineage
from pipelines.deliveries import Register, erase, ingest
from pipelines.paths import Home
from tests.deliveries_kit import key, service_tables, survey_tables, write_delivery


def fill(home: Home, sent: Path) -> None:
    """A sound delivery, a late one, one with a bad row, one refused for an e-mail address."""
    write_delivery(sent / "a", service_tables(60), provider_key=key("a"))
    write_delivery(
        sent / "b", survey_tables(60), provider_key=key("b"), source="survivor_survey",
        sent_month="2025-06",
    )  # fmt: skip
    bad = service_tables(60)
    bad["persons"][4]["sex"] = "femail"
    bad["case_events"] = [e for e in bad["case_events"] if e["person_key"] != key("person 4")]
    bad["support_episodes"].pop(4)
    write_delivery(sent / "c", bad, provider_key=key("c"))
    named = service_tables(60)
    named["persons"][0]["sex"] = "ana@example.org"
    write_delivery(sent / "d", named, provider_key=key("d"))
    ingest(home, [sent])
    erase(home, key("person 9"))


MANIFEST = {
    "sources": {
        "source.persons": {"name": "persons"},
        "source.vintage": {"name": "vintage"},
    },
    "nodes": {
        f"model.{name}": {
            "resource_type": "model", "name": name, "fqn": ["o", layer, name],
            "depends_on": {"nodes": reads},
        }
        for name, layer, reads in (
            ("stg_persons", "staging", ["source.persons", "source.vintage"]),
            ("dim_person", "core", ["model.stg_persons"]),
            ("fct_late", "core", ["model.dim_person"]),
            ("ind_some", "indicators", ["model.fct_late", "seed.not_drawn"]),
        )
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("engineers")
    home = Home(folder / "home")
    fill(home, folder / "sent")
    (folder / "manifest.json").write_text(json.dumps(MANIFEST))
    delivery = Register(home).current()[0].delivery_id
    drifted = {
        "provider_key": key("a"), "table": "persons", "column": "sex", "statistic": "js",
        "value": 0.3124, "threshold": 0.1, "drifted": True, "rows": 60, "reference_rows": 240,
        "note": "",
    }  # fmt: skip
    (home.drift / delivery).mkdir(parents=True)
    (home.drift / delivery / "verdicts.json").write_text(
        json.dumps({"references": [], "columns": [drifted, {**drifted, "drifted": False}]})
    )
    (home.drift / delivery / "persons.first_contact_month.html").write_text("<html>own</html>")
    build_pages(home, folder / "manifest.json")
    return home


def read(home: Home, page: str) -> str:
    """A page's text without its markup, its spaces one each."""
    html = (home.engineers / page).read_text(encoding="utf-8")
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_state_lateness_and_rows_of_each_delivery_are_listed(home: Home) -> None:
    text = read(home, "deliveries.html")
    assert "accepted 2024Q4 survivor survey ZZ" in text
    assert "2025-06 6 61 61 0 0" in text
    assert "2025-01 1 241 237 0 4" in text, "erased rows are counted"
    assert "refused at step 2" in text
    assert "looks like an identifier" in text
    late = {(r.manifest or {})["provider_key"]: lateness(r) for r in Register(home).current()}
    assert late == {key("a"): 1, key("b"): 6, key("c"): 1}


def test_quarantine_is_told_by_rule_and_drift_by_column(home: Home) -> None:
    assert "unknown code persons sex 1 1 not a code of the contract" in read(
        home, "quarantine.html"
    )
    checks = read(home, "checks.html")
    assert "persons sex 0.312 0.1 60 240" in checks
    assert "The expectations have not run yet" in checks
    links = re.findall(r'href="([^"]+)" download', (home.engineers / "checks.html").read_text())
    assert [(home.engineers / link).read_text() for link in links] == ["<html>own</html>"]
    assert "No correction is declared" in checks


def test_the_overview_names_what_waits(home: Home) -> None:
    text = read(home, "index.html")
    assert "Deliveries refused: 1" in text
    assert "Deliveries sent over 3 months after their period: 1" in text
    assert "Columns that drifted: 1" in text
    assert "Corrections" not in text


def test_lineage_leads_from_deliveries_to_indicators(home: Home, tmp_path: Path) -> None:
    manifest = home.root.parent / "manifest.json"
    lineage = read_lineage(manifest)
    behind = {"fct_late", "dim_person", "stg_persons", "persons", "vintage", "service_provider"}
    assert lineage.behind("ind_some") == behind
    assert "ind_some service_provider persons dim_person, fct_late" in read(home, "lineage.html")
    svg = (home.engineers / "lineage.svg").read_text()
    assert svg.count("<path") == 5
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_a_broken_ledger_is_said_first(home: Home) -> None:
    whole = home.ledger.read_bytes()
    home.ledger.write_bytes(whole.replace(b'"accepted"', b'"refused!"', 1))
    build_pages(home)
    assert "The chain is broken" in read(home, "index.html")
    home.ledger.write_bytes(whole)
    build_pages(home)
    assert "The chain holds" in read(home, "record.html")


def test_no_row_of_a_person_is_on_a_page(home: Home) -> None:
    whole = b"".join(p.read_bytes() for p in home.engineers.rglob("*") if p.is_file())
    for name in ("person 1", "person 4", "person 9", "event 3"):
        assert key(name).encode() not in whole
        assert key(name)[:12].encode() not in whole
    assert b"ana@example.org" not in whole
    assert b"<script" not in whole


def test_a_home_without_anything_has_its_pages_too(tmp_path: Path) -> None:
    empty = Home(tmp_path / "empty")
    build_pages(empty, tmp_path / "no manifest.json")
    assert "Nothing waits" in read(empty, "index.html")
    assert "dbt has not read its project" in read(empty, "lineage.html")
