"""The registry accepts a whole description and names file and line of anything wrong in one."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.registry import RegistryError, load_registry

_MODEL = """\
version: 2
models:
  - name: ind_support_kept
    description: Kept. One row per country, period, measure, breakdown and category.
    config:
      meta:
        id: support_kept
        theme: inclusion
        title: Support kept
        explanation: Who kept support. All persons are counted.
        paragraphs: [21, 72]
        sources: [service_provider]
        population:
          kind: cohort
          origin: support
          unit: persons
          definition: Persons whose support began in the year.
        method: [S]
        measures:
          value: Kept
        horizons: [12, 24]
        breakdowns: [sex, region]
        unit: share
        better: higher
        caveats: [late_reports]
"""


def _files(folder: Path, old: str = "", new: str = "") -> tuple[Path, Path]:
    assert old in _MODEL
    (folder / "ind_support_kept.yml").write_text(_MODEL.replace(old, new) if old else _MODEL)
    caveats = folder / "caveats.csv"
    caveats.write_text('caveat_id,text\nlate_reports,"Late, often."\nunused,Nobody.\n')
    return folder, caveats


def test_a_whole_description_is_read(tmp_path: Path) -> None:
    registry = load_registry(*_files(tmp_path))
    assert list(registry.indicators) == ["support_kept"]
    assert registry.indicators["support_kept"].horizons == [12, 24]
    assert registry.caveats["late_reports"] == "Late, often."


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("theme: inclusion", "theme: joy", "line 8: theme: Input should be 'inclusion'"),
        ("method: [S]", "method: [S, Z]", "line 18: method.1: Input should be 'P'"),
        (
            "[sex, region]",
            "[sex, shoe]",
            "line 22: breakdowns.1: no breakdown shoe: give one of total",
        ),
        ("[sex, region]", "[sex, sex*shoe]", "line 22: breakdowns.1: no breakdown sex*shoe"),
        ("[sex, region]", "[sex, sex*sex]", "line 22: breakdowns.1: no breakdown sex*sex"),
        ("[sex, region]", "[sex, sex*region]", "add up to those of region: list them too"),
        ("[sex, region]", "[sex, age_group]", "age_group is age_band made coarser: list age_band"),
        (
            "[sex, region]",
            "[age_band, age_group, age_band*age_group]",
            "line 22: breakdowns.2: no breakdown age_band*age_group",
        ),
        ("[service_provider]", "[rumour]", "line 12: sources.0: Input should be 'service_prov"),
        ("paragraphs: [21, 72]", "paragraphs: []", "line 11: paragraphs: List should have at le"),
        ("        paragraphs: [21, 72]\n", "", "line 6: paragraphs: Field required"),
        ("        method: [S]\n", "", "line 6: method: Field required"),
        ("id: support_kept", "id: other", "line 7: id: other does not fit the file name"),
        ("[late_reports]", "[gone]", "line 25: caveats: gone is not in seeds/caveats.csv"),
        ("horizons: [12, 24]", "horizons: []", "line 6: meta: method S follows people to a hor"),
        ("horizons: [12, 24]", "horizons: [24, 12]", "`horizons` must rise"),
        ("horizons: [12, 24]", "competing: [died]\n        horizons: [12]", "belong to method AJ"),
        ("value: Kept", "value: Kept\n          unknown_low: Low", "both unknown_low and"),
        ("unit: persons", "unit: people", "line 16: population.unit: Input should be 'persons'"),
        ("better: higher", "better: higher\n        colour: red", "line 25: colour: Extra inputs"),
        ("ind_support_kept", "ind_else", "line 1: no model named ind_support_kept"),
        ("theme: inclusion", "theme: [", "not YAML"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(RegistryError) as caught:
        load_registry(*_files(tmp_path, old, new))
    assert message in str(caught.value)
    assert "ind_support_kept.yml" in str(caught.value)


def test_two_dimensions_may_be_crossed(tmp_path: Path) -> None:
    registry = load_registry(*_files(tmp_path, "[sex, region]", "[sex, region, sex*region]"))
    assert registry.indicators["support_kept"].breakdowns == ["sex", "region", "sex*region"]


def test_a_flow_has_no_horizon(tmp_path: Path) -> None:
    old = "kind: cohort\n          origin: support\n"
    folder, caveats = _files(tmp_path, old, old.replace("cohort", "flow"))
    path = folder / "ind_support_kept.yml"
    path.write_text(path.read_text().replace("method: [S]", "method: [P]"))
    with pytest.raises(RegistryError, match="a flow counted by P has no horizon"):
        load_registry(folder, caveats)
