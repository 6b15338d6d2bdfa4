"""Comments on their way: delivery, coding, released words, candidate files, page."""

from __future__ import annotations

import csv
import json
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from dashboards.site.builder import build_site
from pipelines.deliveries import current_vintage
from pipelines.participation.store import open_store
from pipelines.paths import Home
from pipelines.release.forms_check import strange_files
from pipelines.release.release import ReleaseError
from pipelines.testimony import desk, register
from pipelines.testimony.gather import NONE, Testimony, gather
from pipelines.testimony.register import Act, TestimonyError
from tests import candidate_kit
from tests.deliveries_kit import key, survey_tables, take_in, write_delivery
from tests.release_kit import home_with_candidate, reviewed, sign

ACT = Act("survey secretary", date(2025, 2, 1), "read and coded")
WAITS, HELPED = "Waiting is the hardest part of it all.", "The interpreter helped me a lot."
UNRELEASED = "Nobody told us that the zebra house would close."


def response(number: int) -> str:
    return key(f"response {number}")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Forty comments: 0-19 wait (the even ones may be quoted), 20-34 were helped, 35-39 neither."""
    tables = survey_tables(60)
    for number, row in enumerate(tables["survey_responses"]):
        row["comment"] = (
            WAITS if number < 20 else HELPED if number < 35 else UNRELEASED if number < 40 else ""
        )
        row["consent_to_quote"] = "no" if number % 2 else "yes"
        row["language"] = "en"
    write_delivery(tmp_path / "delivery", tables, source="survivor_survey")
    home = Home(tmp_path / "home")
    take_in(home, tmp_path / "delivery")
    themes = {response(n): ["waiting"] for n in range(20)}
    themes |= {response(n): ["interpretation_and_language"] for n in range(20, 35)}
    themes |= {response(n): [] for n in range(35, 40)}
    desk.code(home, "ZZ", themes, ACT)
    return home


def quote(home: Home, number: int, words: str, theme: str = "waiting") -> str:
    return desk.release(home, "ZZ", response(number), words, theme, "en", ACT, read=True)


def told(home: Home, head: str | None = None) -> Testimony:
    return gather(home, current_vintage(home).hash, "ZZ", head)


def small(out: Path, testimony: Testimony) -> Path:
    table = candidate_kit.rows(only=["remedy_paid"])
    return candidate_kit.candidate(out, table=table, testimony=testimony)


def lines(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_comments_reach_files_and_page_as_counts_and_released_words(
    home: Home, tmp_path: Path
) -> None:
    quote(home, 0, "Waiting is the hardest part …")
    built = small(tmp_path / "out", testimony=told(home))
    rows = {row["theme"]: row for row in lines(built, "testimony.csv")}
    assert (rows["waiting"]["comments"], rows["waiting"]["coded"]) == ("20", "40")
    assert rows["learning_and_work"]["comments"] == "0"
    assert {row["period"] for row in rows.values()} == {"2024"}
    (said,) = lines(built, "quotations.csv")
    assert said["words"] == "Waiting is the hardest part …"
    manifest = json.loads((built / "MANIFEST.json").read_text())
    assert {"testimony.csv", "quotations.csv", "methodology/themes.json"} <= set(manifest)
    package = json.loads((built / "datapackage.json").read_text())
    assert {"testimony", "quotations"} <= {one["name"] for one in package["resources"]}
    assert strange_files(built) == []

    words = everything(built)
    assert b"zebra" not in words, "a comment that nobody released is in no file"
    assert b"helped me" not in words
    assert response(0).encode() not in words, "no response is named"

    build_site([built], tmp_path / "site")
    for folder, title in (("", "In their own words"), ("ar", "بكلماتهم هم")):
        page = (tmp_path / "site" / folder / "words.html").read_text()
        assert title in page
        assert '<blockquote lang="en" dir="ltr"><p>Waiting is the hardest part …</p>' in page
        assert "<script" not in page
    assert b"zebra" not in everything(tmp_path / "site")


def test_what_may_not_be_released_is_refused(home: Home) -> None:
    with pytest.raises(TestimonyError, match="consent_to_quote of this response is no"):
        quote(home, 1, WAITS)
    with pytest.raises(TestimonyError, match="not the words of the comment"):
        quote(home, 0, "Waiting was the best part")
    with pytest.raises(TestimonyError, match="not coded with learning_and_work"):
        quote(home, 0, WAITS, "learning_and_work")
    with pytest.raises(TestimonyError, match="--read-for-names"):
        desk.release(home, "ZZ", response(0), WAITS, "waiting", "en", ACT, read=False)
    with pytest.raises(TestimonyError, match="has no comment with this response"):
        quote(home, 50, WAITS)
    assert desk.describe_quotations(home, "ZZ") == []


def test_words_of_a_theme_of_few_wait_for_its_count(home: Home, tmp_path: Path) -> None:
    desk.code(home, "ZZ", {response(36): ["continuing_support"]}, ACT)
    quote(home, 36, UNRELEASED, "continuing_support")
    built = small(tmp_path / "out", testimony=told(home))
    assert lines(built, "quotations.csv") == []
    (row,) = [one for one in lines(built, "testimony.csv") if one["theme"] == "continuing_support"]
    assert (row["comments"], row["mark"], row["obs_status"]) == ("", "c", "Q")


def test_a_withdrawal_blanks_the_words_and_the_chain_still_holds(home: Home) -> None:
    name = quote(home, 0, WAITS)
    head = told(home).head
    desk.withdraw(home, "ZZ", name, ACT)
    desk.withdraw(home, "ZZ", name, ACT)
    assert b"Waiting" not in everything(home.root / "testimony")
    assert told(home).quotations == ()
    assert desk.describe_quotations(home, "ZZ")[0]["state"] == "withdrawn"
    with pytest.raises(TestimonyError, match=f"quotation {name} were withdrawn"):
        told(home, head)


@pytest.mark.parametrize("is_prepared", [False, True])
def test_words_that_were_taken_back_are_not_published(home: Home, is_prepared: bool) -> None:
    name = quote(home, 0, WAITS)
    table = candidate_kit.rows(only=["remedy_paid"])
    build = partial(candidate_kit.candidate, table=table, testimony=told(home))
    home_with_candidate(home.root, build=build)
    under_review = reviewed(home, open_store(home), build=build)
    if is_prepared:
        sign(under_review.prepare())
    desk.withdraw(home, "ZZ", name, ACT)
    with pytest.raises(ReleaseError, match=f"quotes {name}, whose words were withdrawn"):
        under_review.publish()
    assert not list(home.releases.glob("*/*/v*"))


def test_the_same_head_gives_the_same_candidate_whatever_was_coded_since(
    home: Home, tmp_path: Path
) -> None:
    quote(home, 0, WAITS)
    first = told(home)
    built = small(tmp_path / "one", testimony=first)
    head = json.loads((built / "release.lock.json").read_text())["testimony"]
    desk.code(home, "ZZ", {response(0): ["learning_and_work"]}, ACT)
    assert told(home).head != head
    again = small(tmp_path / "two", testimony=told(home, head))
    assert (again / "MANIFEST.json").read_bytes() == (built / "MANIFEST.json").read_bytes()
    assert told(home, "") == NONE
    with pytest.raises(TestimonyError, match="has no entry"):
        told(home, "0" * 64)


def test_a_forged_count_or_quotation_is_named(home: Home, tmp_path: Path) -> None:
    built = small(tmp_path / "out", testimony=told(home))
    path = built / "testimony.csv"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b",20,40,", b",3,40,"))
    assert "testimony.csv" in strange_files(built)
    path.write_bytes(whole)
    with (built / "quotations.csv").open("a", newline="") as file:
        file.write("ZZ-0009,ZZ,2024,learning_and_work,en,Not counted\r\n")
    assert "quotations.csv" in strange_files(built)


def test_a_consent_that_was_corrected_is_gone(home: Home) -> None:
    quote(home, 0, WAITS)
    (record,) = register_records(home)
    (home.corrections).mkdir(parents=True, exist_ok=True)
    (home.corrections / "consent.yml").write_text(
        f"provider_key: '{record['provider_key']}'\ndelivery: '{record['delivery']}'\n"
        f"table: survey_responses\nrow: {{response_key: '{response(0)}'}}\n"
        "field: consent_to_quote\nfrom: 'yes'\nto: 'no'\nreason: the writer took it back\n"
        "date: 2025-03-01\nwho: survey secretary\nstatus: open\n"
    )
    assert told(home).quotations == ()
    assert told(home).counts["comments"].to_pylist()[1] == 20, "it is counted all the same"
    with pytest.raises(TestimonyError, match="consent_to_quote of this response is no"):
        quote(home, 0, WAITS)


def register_records(home: Home) -> list[dict[str, str]]:
    from pipelines.deliveries import Register

    return [
        {"delivery": one.delivery_id, "provider_key": (one.manifest or {})["provider_key"]}
        for one in Register(home).current()
    ]


def test_an_entry_that_was_changed_is_found(home: Home) -> None:
    path = home.testimony_register("ZZ")
    path.write_bytes(path.read_bytes().replace(b'"waiting"', b'"working"', 1))
    with pytest.raises(Exception, match="its content was changed"):
        register.entries(home, "ZZ")
