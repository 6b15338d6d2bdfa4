"""A whole run in memory, as if it had been delivered, for studies that need thousands of runs.

Rule guarded: the rows are those that ``synthesize`` writes for the same people, quarters, seed and
scenario, without corrections and defects; only the files and the gate are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from pipelines.periods import Period
from pipelines.periods import quarters as quarter_names
from pipelines.synthetic.chunk import CHUNK, World, make_chunk
from pipelines.synthetic.inspections import Inspectorate, inspections_a_quarter
from pipelines.synthetic.keys import key
from pipelines.synthetic.parameters import Parameters, Scenario
from pipelines.synthetic.providers import Provider, all_providers
from pipelines.synthetic.render import Renderer
from pipelines.synthetic.survey import SurveyBody, has_wave
from pipelines.synthetic.truth import Truth, break_quarter, expected

_VINTAGE = pa.schema(
    [(name, pa.string()) for name in ("delivery_id", "status", "source", "provider_key", "country")]
    + [(f"{name}_month", pa.int32()) for name in ("period_first", "period_last", "sent", "cutoff")]
)


@dataclass(frozen=True)
class Run:
    """What names a run; ``country`` may be any text that no other run bears.

    ``people`` is at most one chunk of the generator.
    """

    country: str
    seed: int
    people: int
    quarters: int
    first_quarter: str = "2021Q1"
    scenario: Scenario = field(default_factory=lambda: Scenario(defects=False, corrections=False))
    parameters: Parameters = field(default_factory=Parameters)

    @property
    def first_month(self) -> int:
        """Month integer of the first month."""
        return Period.parse(self.first_quarter).first

    @property
    def truth(self) -> Truth:
        """What every estimate should be: the same for all seeds."""
        return expected(
            self.parameters,
            self.scenario,
            self.first_month,
            self.quarters,
            quarter_names(self.first_quarter, self.quarters),
            self.people,
        )


@dataclass(frozen=True)
class Rows:
    """``vintage`` has a row a delivery, as a vintage's table does.

    ``tables`` are canonical ones: the generator's columns, ``delivery_id`` and ``row_number``.
    """

    vintage: pa.Table
    tables: dict[str, pa.Table]


def rows_of(run: Run) -> Rows:
    """All rows of a run; ValueError for more people than a chunk has."""
    if run.people > CHUNK:
        raise ValueError(f"{run.people} people: at most {CHUNK} fit into one chunk")
    providers = all_providers(run.quarters, run.scenario)
    parts: dict[str, list[pa.Table]] = defaultdict(list)
    renderer = Renderer(run.seed, run.first_month, 3 * run.quarters)
    for name, table in [
        *_of_services(run, renderer, providers),
        *_of_others(run, renderer, providers),
        *(("providers", _provider_rows(run, renderer, one)) for one in providers),
    ]:
        parts[name].append(table)
    tables = {name: _numbered(pa.concat_tables(some)) for name, some in parts.items()}
    return Rows(_vintage(run, providers), tables)


def _of_services(
    run: Run, renderer: Renderer, providers: tuple[Provider, ...]
) -> Iterator[tuple[str, pa.Table]]:
    services = tuple(one for one in providers if one.source == "service_provider")
    world = World(
        services,
        3 * run.quarters,
        3 * break_quarter(run.first_month, run.quarters),
        run.scenario,
        run.parameters,
    )
    chunk = make_chunk(world, _entropy(run), 0, run.people)
    written: dict[str, tuple[str, Callable[[np.ndarray, Provider], pa.Table]]] = {
        "persons": ("persons", renderer.persons),
        "episodes": ("support_episodes", renderer.episodes),
        "events": ("case_events", renderer.events),
    }
    for kind, (name, render) in written.items():
        edges = np.searchsorted(chunk[kind]["provider"], np.arange(len(services) + 1))
        for one, first, last in zip(services, edges[:-1], edges[1:], strict=True):
            rows = chunk[kind][first:last]
            yield name, _delivered(run, one, render(rows, one), rows["quarter"])


def _of_others(
    run: Run, renderer: Renderer, providers: tuple[Provider, ...]
) -> Iterator[tuple[str, pa.Table]]:
    """Inspectorates, and the survey body in the quarters that have a wave."""
    beliefs, entropy = run.parameters, _entropy(run)
    size = inspections_a_quarter(beliefs.inspection, run.people)
    for one in providers:
        if one.source == "labour_inspection":
            maker: Inspectorate | SurveyBody = Inspectorate(
                one, renderer, beliefs.inspection, entropy, size
            )
        elif one.source == "survivor_survey":
            maker = SurveyBody(one, renderer, beliefs.survey, entropy, run.people, run.quarters)
        else:
            continue
        for quarter in _quarters(run, one):
            for name, table in maker.tables(quarter).items():
                yield name, _delivered(run, one, table, np.full(table.num_rows, quarter))


def _entropy(run: Run) -> tuple[int, ...]:
    return (run.seed, run.people, run.quarters)


def _delivery_id(run: Run, provider: Provider, quarter: int) -> str:
    return f"{run.country}-{provider.position:02d}-{quarter:02d}"


def _delivered(run: Run, provider: Provider, table: pa.Table, quarter: np.ndarray) -> pa.Table:
    ids = pa.array([_delivery_id(run, provider, number) for number in range(run.quarters)])
    return table.append_column("delivery_id", ids.take(pa.array(quarter.astype(np.int32))))


def _numbered(table: pa.Table) -> pa.Table:
    return table.append_column("row_number", pa.array(np.arange(1, table.num_rows + 1)))


def _quarters(run: Run, provider: Provider) -> list[int]:
    """Those of its deliveries: a survey body has one a wave."""
    return [
        quarter
        for quarter in range(provider.first, provider.last + 1)
        if provider.source != "survivor_survey" or has_wave(run.first_month, quarter, run.quarters)
    ]


def _provider_rows(run: Run, renderer: Renderer, provider: Provider) -> pa.Table:
    """One a delivery; the last of a provider that stops says so."""
    quarters = _quarters(run, provider)
    size = len(quarters)
    stop = np.full(size, -1)
    if provider.stops:
        stop[-1] = 3 * provider.last + 2
    table = pa.table(
        {
            "provider_key": renderer.provider(provider, size),
            "kind": pa.repeat(provider.kind, size).cast(pa.string()),
            "region": pa.repeat(provider.region, size).cast(pa.string()),
            "observed_from": renderer.month(np.full(size, 3 * provider.first)),
            "observed_to": renderer.month(stop),
        }
    )
    return _delivered(run, provider, table, np.asarray(quarters))


def _vintage(run: Run, providers: tuple[Provider, ...]) -> pa.Table:
    rows = [
        {
            "delivery_id": _delivery_id(run, one, quarter),
            "status": "accepted",
            "source": one.source,
            "provider_key": key("provider", one.position, run.seed),
            "country": run.country,
            "period_first_month": run.first_month + 3 * quarter,
            "period_last_month": run.first_month + 3 * quarter + 2,
            "sent_month": run.first_month + 3 * quarter + 3,
            "cutoff_month": run.first_month + 3 * run.quarters - 1,
        }
        for one in providers
        for quarter in _quarters(run, one)
    ]
    return pa.Table.from_pylist(rows, _VINTAGE)
