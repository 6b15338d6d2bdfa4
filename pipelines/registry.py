"""The registry: what every indicator counts, said once, beside the model that computes it.

The rule: an indicator exists when ``dbt_project/models/indicators/ind_<id>.yml`` describes it, and
everything downstream (disclosure control, candidate, pages) learns about it from there alone. This
module also holds the catalogues of themes, methods, breakdowns, units of counting and sources; no
other place lists them. The files are read as plain YAML: dbt is not needed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, get_args

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.errors import Foreseen
from pipelines.paths import INDICATOR_MODELS, SEEDS

Theme = Literal["inclusion", "retrafficking", "remedy", "protection", "inspection", "participation"]
Source = Literal["service_provider", "labour_inspection", "survivor_survey", "council_review"]
"""Sources of deliveries, and the reviews that releases tell of."""
Method = Literal["P", "AJ", "S", "R", "W", "D"]
"""Proportion, Aalen–Johansen, state at a horizon, ratio of sums, survey-weighted, difference."""
Dimension = Literal[
    "total",
    "sex",
    "age_band",
    "age_group",
    "form",
    "citizenship",
    "residence",
    "region",
    "channel",
    "sector",
    "stratum",
]
CROSSED = "*"
"""Between two dimensions, and between their categories: ``sex*age_band``, ``female*18-24``."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where it was built


class Coarser(NamedTuple):
    """A dimension that takes groups of a finer one together, those it does not name in ``rest``."""

    dimension: str
    groups: Mapping[str, str]
    rest: str


COARSER = {
    "age_band": Coarser("age_group", {"0-8": "child", "9-17": "child"}, rest="adult_or_unknown")
}
"""By the finer dimension. The macro ``coarser_dimensions`` counts by the same groups."""
_FINER = {coarser.dimension: finer for finer, coarser in COARSER.items()}


def columns_behind(breakdown: str) -> set[str]:
    """The columns that a breakdown reads: of a coarser dimension that of the finer one."""
    return {_FINER.get(one, one) for one in breakdown.split(CROSSED)}


def _known_breakdown(name: str) -> str:
    parts = name.split(CROSSED)
    crossed = len(columns_behind(name)) == 2 == len(parts) and "total" not in parts
    if not (set(parts) <= set(get_args(Dimension)) and (len(parts) == 1 or crossed)):
        raise ValueError(
            f"no breakdown {name}: give one of {', '.join(get_args(Dimension))}, or two of them "
            f"joined by {CROSSED}"
        )
    return name


Breakdown = Annotated[str, AfterValidator(_known_breakdown)]
"""A dimension, or two of them crossed."""
CountingUnit = Literal[
    "persons",
    "spells",
    "claims",
    "decisions",
    "inspections",
    "invitations",
    "episodes",
    "indicators",
    "items",
]
_Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
_Text = Annotated[str, Field(min_length=1)]


class RegistryError(Foreseen, ValueError):
    """An indicator's description that can't be used; the message names file and line."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Population(_Entry):
    """Who or what is counted, and from when."""

    kind: Literal["flow", "cohort"]
    origin: _Text
    unit: CountingUnit
    definition: _Text


class Indicator(_Entry):
    """One indicator's entry: ``config.meta`` of its dbt model."""

    id: _Code
    theme: Theme
    title: _Text
    explanation: _Text
    paragraphs: list[Annotated[int, Field(ge=1)]] = Field(
        min_length=1, description="paragraphs of the Special Rapporteur's report"
    )
    sources: list[Source] = Field(min_length=1)
    population: Population
    method: list[Method] = Field(min_length=1)
    measures: dict[_Code, _Text] = Field(min_length=1, description="measure → English label")
    competing: list[_Code] = Field(default=[], description="events that compete (AJ)")
    horizons: list[Annotated[int, Field(ge=1)]] = Field(default=[], description="months")
    breakdowns: list[Breakdown] = Field(default=[])
    unit: _Text
    contributor: _Code | None = Field(
        default=None, description="of sums of money (R): the column of whom an amount would tell"
    )
    better: Literal["higher", "lower", "neither"]
    caveats: list[_Code] = Field(default=[])

    @model_validator(mode="after")
    def _method_fits(self) -> Indicator:
        followed = {"AJ", "S"} & set(self.method)
        if followed and not self.horizons:
            raise ValueError(
                f"method {', '.join(sorted(followed))} follows people to a horizon: give `horizons`"
            )
        if self.horizons and not followed and self.population.kind == "flow":
            raise ValueError(
                "a flow counted by " + ", ".join(self.method) + " has no horizon: drop `horizons`"
            )
        if self.horizons != sorted(set(self.horizons)):
            raise ValueError("`horizons` must rise: write each once, the nearest first")
        if self.competing and "AJ" not in self.method:
            raise ValueError("`competing` events belong to method AJ: drop them or add AJ")
        if ("unknown_low" in self.measures) != ("unknown_high" in self.measures):
            raise ValueError("`measures` needs both unknown_low and unknown_high, or neither")
        for one in self.breakdowns:
            if missing := sorted(set(one.split(CROSSED)) - set(self.breakdowns)):
                raise ValueError(
                    f"`breakdowns`: the groups of {one} add up to those of {', '.join(missing)}: "
                    "list them too"
                )
            if (finer := _FINER.get(one, one)) not in self.breakdowns:
                raise ValueError(f"`breakdowns`: {one} is {finer} made coarser: list {finer} too")
        if self.contributor and "R" not in self.method:
            raise ValueError("`contributor` belongs to sums of money (method R): drop it or add R")
        if "median_months" in self.measures and "AJ" not in self.method:
            raise ValueError("measure median_months belongs to method AJ: drop it or add AJ")
        return self


class Registry(_Entry):
    """All indicators by id, and all caveats by id; both in order of id."""

    indicators: dict[str, Indicator]
    caveats: dict[str, str]

    @property
    def money(self) -> frozenset[str]:
        """Ids of the indicators whose ratios (R) are of money, not of people or events."""
        return frozenset(name for name, one in self.indicators.items() if one.contributor)


def load_registry(
    models: Path = INDICATOR_MODELS, caveats: Path = SEEDS / "caveats.csv"
) -> Registry:
    """Read and check every ``ind_*.yml``; RegistryError lists all that is wrong, with its line.

    ``caveats`` is a CSV with the columns ``caveat_id`` and ``text``.
    """
    texts = _read_caveats(caveats)
    found: dict[str, Indicator] = {}
    problems: list[str] = []
    for path in sorted(models.glob("ind_*.yml")):
        try:
            indicator = load_indicator(path, texts)
            found[indicator.id] = indicator
        except RegistryError as error:
            problems.append(str(error))
    if problems:
        raise RegistryError("\n".join(problems))
    return Registry(indicators=dict(sorted(found.items())), caveats=dict(sorted(texts.items())))


def load_indicator(path: Path, caveats: dict[str, str]) -> Indicator:
    """Read one indicator's YAML; RegistryError names file and line of each thing wrong."""
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, _LOADER)
        content = yaml.load(text, _LOADER)  # noqa: S506 - either loader is a safe one
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RegistryError(f"{path}, line {line}: not YAML: {error.problem}") from None
    position = _position(content, path.stem)
    if position is None:
        raise RegistryError(
            f"{path}, line 1: no model named {path.stem} with `config: meta:`. A file describes "
            "the model whose name it bears."
        )
    place = ("models", position, "config", "meta")
    meta = content["models"][position]["config"]["meta"]
    try:
        indicator = Indicator.model_validate(meta)
    except ValidationError as error:
        raise RegistryError(
            "\n".join(
                f"{path}, line {_line(node, (*place, *problem['loc']))}: "
                f"{'.'.join(str(part) for part in problem['loc']) or 'meta'}: "
                f"{problem['msg'].removeprefix('Value error, ')}"
                for problem in error.errors()
            )
        ) from None
    wrong = list(_cross_checks(path, indicator, caveats))
    if wrong:
        raise RegistryError(
            "\n".join(f"{path}, line {_line(node, (*place, *at))}: {what}" for at, what in wrong)
        )
    return indicator


def _cross_checks(
    path: Path, indicator: Indicator, caveats: dict[str, str]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if path.stem != f"ind_{indicator.id}":
        yield ("id",), f"id: {indicator.id} does not fit the file name {path.name}"
    for number, caveat in enumerate(indicator.caveats):
        if caveat not in caveats:
            yield (
                ("caveats", number),
                f"caveats: {caveat} is not in seeds/caveats.csv; add it there or correct it",
            )


def _position(content: object, name: str) -> int | None:
    models = content.get("models") if isinstance(content, dict) else None
    for number, model in enumerate(models or []):
        if isinstance(model, dict) and model.get("name") == name:
            config = model.get("config")
            if isinstance(config, dict) and "meta" in config:
                return number
    return None


def _line(node: yaml.Node | None, place: Sequence[str | int]) -> int:
    """The line of the deepest node on the way to ``place`` (a missing key: its parent's)."""
    line = node.start_mark.line + 1 if node else 1
    for step in place:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == str(step)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _read_caveats(path: Path) -> dict[str, str]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return {row["caveat_id"]: row["text"] for row in csv.DictReader(file)}
    except KeyError as error:
        raise RegistryError(f"{path}, line 1: column {error} is missing") from None
