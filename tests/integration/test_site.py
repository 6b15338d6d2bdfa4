"""The whole site from a made-up candidate: complete, repeatable, escaped, labelled synthetic."""

from __future__ import annotations

import csv
import hashlib
import html.parser
import json
import shutil
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dashboards.site import SiteSummary, build_site
from dashboards.site.locale import SOURCE_LANGUAGE, load_locales
from pipelines.release.verify import verify
from tests import candidate_kit
from tests.kept import kept_candidate

HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=alert(1)> {{ 7*7 }} {0}"


SAID = {
    "en": ("Synthetic data", "not cleared for release", "Suppressed is not zero"),
    "es": ("Datos sintéticos", "sin autorización", "Oculto no es cero"),
    "fr": ("Données synthétiques", "publication non autorisée", "Masqué n’est pas zéro"),
    "ar": ("بيانات اصطناعية", "لم يُسمح بنشرها", "المحجوب ليس صفرًا"),
}


@pytest.fixture(scope="module")
def candidate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kept_candidate(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def built(candidate: Path, tmp_path_factory: pytest.TempPathFactory) -> SiteSummary:
    return build_site([candidate], tmp_path_factory.mktemp("built") / "site")


@pytest.fixture(scope="module")
def site(built: SiteSummary) -> Path:
    return built.index.parent


class _Page(html.parser.HTMLParser):
    """Collects tags, addresses and ids of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        found = dict(attrs)
        self.ids += [found["id"] or ""] if "id" in found else []
        for name in ("href", "src", "srcset"):
            self.addresses += [found[name] or ""] if name in found else []


def pages(site: Path) -> dict[str, _Page]:
    return {
        path.relative_to(site).as_posix(): _Page(path.read_text(encoding="utf-8"))
        for path in sorted(site.rglob("*.html"))
    }


def test_every_indicator_has_a_page_in_every_language(built: SiteSummary, site: Path) -> None:
    languages = tuple(locale.code for locale in load_locales())
    indicators = len(candidate_kit.RECIPES)
    others = len(("index", "methods", "data", "context", "words", "about"))
    assert built.languages == languages
    assert (built.indicators, built.pages) == (indicators, len(languages) * (indicators + others))
    for folder in (site, *(site / code for code in languages if code != SOURCE_LANGUAGE)):
        assert len(list((folder / "indicators").glob("*.html"))) == indicators


def test_every_link_leads_to_a_file_or_a_place_on_a_page(site: Path) -> None:
    read = pages(site)
    for name, page in read.items():
        for address in page.addresses:
            parts = urlsplit(address)
            assert not parts.scheme, f"{name}: {address} leaves the site"
            assert not parts.netloc, f"{name}: {address} leaves the site"
            target = ((site / name).parent / parts.path).resolve() if parts.path else site / name
            assert target.is_file(), f"{name}: {address} leads nowhere"
            if parts.fragment:
                there = read[target.relative_to(site.resolve()).as_posix()] if parts.path else page
                assert parts.fragment in there.ids, f"{name}: {address} has no such place"


def test_pages_hold_no_script_no_inline_style_and_say_what_they_are(site: Path) -> None:
    for name, page in pages(site).items():
        assert not {"script", "style", "iframe", "form"} & set(page.tags), name
        assert not any(a == "style" or a.startswith("on") for a in page.attributes), name
        assert len(page.ids) == len(set(page.ids)), name
        text = (site / name).read_text(encoding="utf-8")
        said = SAID.get(name.split("/")[0], SAID[SOURCE_LANGUAGE])
        assert all(words in text for words in said), name


def test_an_audited_candidate_is_no_release_and_says_so(candidate: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(candidate, tmp_path / "candidate")
    status = json.loads((folder / "status.json").read_text(encoding="utf-8"))
    cleared = json.dumps({**status, "cleared_for_release": True})
    (folder / "status.json").write_text(cleared, encoding="utf-8")
    build_site([folder], tmp_path / "reviewed")
    reviewed = (tmp_path / "reviewed" / "index.html").read_text(encoding="utf-8")
    assert "Candidate, not yet released" in reviewed
    assert "do not quote these figures" in reviewed
    assert "noindex" in reviewed

    (folder / "release.json").write_text(json.dumps({"version": 2}), encoding="utf-8")
    build_site([folder], tmp_path / "public")
    for page in ("index.html", "about.html"):
        public = (tmp_path / "public" / page).read_text(encoding="utf-8")
        assert "Release, version 2." in public
        assert "Candidate" not in public
        assert "noindex" not in public


def test_downloads_are_the_signed_bytes_and_the_archive_verifies(
    candidate: Path, site: Path, tmp_path: Path
) -> None:
    for name in [*json.loads((candidate / "MANIFEST.json").read_text()), "MANIFEST.sig"]:
        assert (site / "data" / name).read_bytes() == (candidate / name).read_bytes()
    with zipfile.ZipFile(site / "data" / "observatory-synthetic-ZZ-2024Q4.zip") as archive:
        archive.extractall(tmp_path)
    assert verify(tmp_path / "synthetic-ZZ-2024Q4", candidate_kit.KEY.public_key()).ok


def test_csvs_by_indicator_add_up_to_the_whole_and_name_what_they_are(
    candidate: Path, site: Path
) -> None:
    parts = sorted((site / "data" / "by-indicator").iterdir())
    assert all(path.name.startswith("synthetic-ZZ-2024Q4-") for path in parts)

    def lines(path: Path) -> list[list[str]]:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    header, *whole = lines(candidate / "indicators.csv")
    cut = [lines(path) for path in parts]
    assert all(rows[0] == header for rows in cut)
    assert sorted(row for rows in cut for row in rows[1:]) == sorted(whole)


def test_the_same_candidate_gives_the_same_bytes(
    candidate: Path, site: Path, tmp_path: Path
) -> None:
    again = build_site([candidate], tmp_path / "elsewhere").index.parent

    def hashes(folder: Path) -> dict[str, str]:
        return {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*")
            if path.is_file()
        }

    assert hashes(again) == hashes(site)


def test_hostile_texts_of_a_candidate_stay_text(candidate: Path, tmp_path: Path) -> None:
    """Titles, definitions, caveats, names and reasons come from outside the site."""
    folder = tmp_path / "candidate"
    shutil.copytree(candidate, folder)
    registry = json.loads((folder / "methodology" / "registry.json").read_text())
    chosen = registry["indicators"][0]
    chosen |= {"title": HOSTILE, "explanation": HOSTILE, "id": "hostile"}
    chosen["population"]["definition"] = HOSTILE
    chosen["measures"] = dict.fromkeys(chosen["measures"], HOSTILE)
    registry["indicators"] = [chosen]
    registry["caveats"] = dict.fromkeys(registry["caveats"], HOSTILE)
    (folder / "methodology" / "registry.json").write_text(json.dumps(registry))
    status = json.loads((folder / "status.json").read_text())
    status |= {"publisher": HOSTILE, "contact": HOSTILE, "reason": HOSTILE}
    status["country"]["names"] = {"en": HOSTILE}
    (folder / "status.json").write_text(json.dumps(status))
    header, *rows = (folder / "indicators.csv").read_text(encoding="utf-8").splitlines()
    own = [row.replace("inclusion_secure_residence", "hostile") for row in rows]
    kept = [row for row in own if row.startswith("hostile")]
    (folder / "indicators.csv").write_text("\n".join([header, *kept, ""]), encoding="utf-8")

    site = build_site([folder], tmp_path / "site").index.parent
    for name, page in pages(site).items():
        assert "script" not in page.tags, name
        assert not {"onerror", "onload"} & page.attributes, name
    shown = (site / "indicators" / "hostile.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;" in shown
    assert "{{ 7*7 }} {0}" in shown


def test_editions_of_several_countries_stand_side_by_side(candidate: Path, tmp_path: Path) -> None:
    """No country leads; each keeps an address of its own."""
    other = tmp_path / "other"
    shutil.copytree(candidate, other)
    status = json.loads((other / "status.json").read_text())
    status["country"] = {"code": "YY", "names": {"en": "Ypsiland"}}
    (other / "status.json").write_text(json.dumps(status))
    one = tmp_path / "one"
    shutil.copytree(candidate, one)
    for folder in (one, other):
        registry = json.loads((folder / "methodology" / "registry.json").read_text())
        registry["indicators"] = registry["indicators"][-1:]
        (folder / "methodology" / "registry.json").write_text(json.dumps(registry))
        only = registry["indicators"][0]["id"]
        header, *rows = (folder / "indicators.csv").read_text(encoding="utf-8").splitlines()
        kept = [row for row in rows if row.startswith(only)]
        (folder / "indicators.csv").write_text("\n".join([header, *kept, ""]), encoding="utf-8")
    site = build_site([one, other], tmp_path / "site").index.parent
    front = (site / "index.html").read_text(encoding="utf-8")
    assert front.index("Ypsiland") < front.index("Zedland")
    assert (site / "yy" / "2024q4" / "es" / "index.html").is_file()
    assert (site / "zz" / "2024q4" / "data" / "indicators.csv").is_file()


def test_no_candidate_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="build one first"):
        build_site([], tmp_path / "site")
