"""A country is one YAML file; what is wrong in it is named."""

from pathlib import Path

import pytest

from pipelines.paths import COUNTRIES, Home
from pipelines.settings import SettingsError, load_country


def test_every_country_file_of_the_checkout_is_usable() -> None:
    for path in COUNTRIES.glob("*.yml"):
        assert load_country(path.stem).code == path.stem


def test_a_country_without_a_file_has_the_defaults() -> None:
    country = load_country("XA")
    assert country.threshold == 10
    assert country.name("es") == "XA"


def test_the_home_wins_over_the_checkout(tmp_path: Path) -> None:
    (tmp_path / "countries").mkdir()
    (tmp_path / "countries" / "ZZ.yml").write_text("code: ZZ\nthreshold: 20\n", encoding="utf-8")
    assert load_country("ZZ", Home(tmp_path)).threshold == 20


@pytest.mark.parametrize("line", ["threshold: 4", "treshold: 10", "currency: euro"])
def test_a_wrong_setting_is_refused_with_file_and_field(tmp_path: Path, line: str) -> None:
    (tmp_path / "countries").mkdir()
    path = tmp_path / "countries" / "ZZ.yml"
    path.write_text(f"code: ZZ\n{line}\n", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_country("ZZ", Home(tmp_path))
    assert str(path) in str(caught.value)
    assert line.split(":")[0] in str(caught.value)
