"""Typed settings: a country is one YAML file.

``pipelines/countries/<CODE>.yml`` ships with the checkout; ``<home>/countries/<CODE>.yml`` wins.
A country with no file has the defaults below. The settings that shaped a candidate are in its lock.
"""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.errors import Foreseen
from pipelines.estimation.policy_register import PolicyRegister
from pipelines.paths import COUNTRIES, Home


class SettingsError(Foreseen, ValueError):
    """A country file that can't be used; the message names the file and the field."""


class Country(BaseModel):
    """What a country decides; everything else is the same everywhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")
    names: dict[str, str] = Field(default_factory=dict, description="language → name")
    currency: str = Field(default="EUR", pattern="^[A-Z]{3}$", description="ISO 4217")
    publisher: str = Field(default="Independent observatory")
    contact: str = Field(default="", description="address printed on every page")
    threshold: int = Field(default=10, ge=5, description="smallest count that may be shown")
    rounding: int | None = Field(
        default=None,
        ge=5,
        description="base to which counts of people are rounded; none where they are suppressed. "
        "Stays as it was at the first release",
    )
    quarantine_tolerance: float = Field(
        default=0.02, ge=0, le=0.2, description="share of a delivery's rows that may fail"
    )
    policy_register: PolicyRegister = Field(
        default_factory=PolicyRegister, description="policy changes and the figures named for them"
    )

    @model_validator(mode="after")
    def _registers_its_own(self) -> Country:
        register = self.policy_register
        named = {one.country for one in register.policies} | {
            one.country for one in register.breaks
        }
        if strange := ", ".join(sorted(named - {self.code})):
            raise ValueError(
                f"policy_register: an entry is of {strange}; this is the file of {self.code}"
            )
        return self

    def name(self, language: str) -> str:
        """The country's name in a language, else in English, else its code."""
        return self.names.get(language) or self.names.get("en") or self.code


def load_country(code: str, home: Home | None = None) -> Country:
    """The settings of one country; SettingsError names the file and the field that is wrong."""
    places = [home.root / "countries"] if home else []
    for folder in [*places, COUNTRIES]:
        path = folder / f"{code}.yml"
        if path.is_file():
            return _read(path)
    return Country(code=code)


def _read(path: Path) -> Country:
    try:
        return Country.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError(f"{path}, line {line}: not YAML: {error.problem}") from None
    except ValidationError as error:
        raise SettingsError(
            "\n".join(
                f"{path}: {'.'.join(str(part) for part in problem['loc'])}: "
                f"{problem['msg'].removeprefix('Value error, ')}"
                for problem in error.errors()
            )
        ) from None
