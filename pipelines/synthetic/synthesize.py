"""The generator's front door: people in chunks, then deliveries one by one, then the truth.

The bytes written depend on people, quarters, seed, country, first quarter and scenario only.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa

from pipelines.periods import Period
from pipelines.periods import quarters as quarter_names
from pipelines.synthetic import defects
from pipelines.synthetic.chunk import CHUNK, World, make_chunk
from pipelines.synthetic.deliver import Delivered, Outbox
from pipelines.synthetic.formats import TableWriter
from pipelines.synthetic.inspections import Inspectorate, inspections_a_quarter
from pipelines.synthetic.parameters import Parameters, Scenario
from pipelines.synthetic.providers import Provider, all_providers, refused_provider
from pipelines.synthetic.render import Renderer
from pipelines.synthetic.rows import EPISODE, EVENT, PERSON
from pipelines.synthetic.spool import Spool
from pipelines.synthetic.survey import SurveyBody
from pipelines.synthetic.truth import Truth, break_quarter, expected

Progress = Callable[[str, int, int], None]


def synthesize(
    out: Path,
    people: int,
    quarters: int,
    seed: int,
    *,
    country: str = "ZZ",
    first_quarter: str = "2021Q1",
    scenario: Scenario | None = None,
    on_progress: Progress | None = None,
) -> Truth:
    """Write ``out``/deliveries (one folder or zip a delivery) and ``out``/truth.json.

    ``on_progress(stage, done, total)`` is called as chunks and deliveries are finished. An
    existing ``out``/deliveries is replaced. Memory stays bounded whatever ``people`` is.
    """
    if people < 1 or quarters < 1 or seed < 0:
        raise ValueError(
            f"people ({people}) and quarters ({quarters}) must be at least 1, seed ({seed}) at "
            "least 0"
        )
    run = _Run(out, people, quarters, seed, country, first_quarter, scenario or Scenario())
    return run.make(on_progress or (lambda stage, done, total: None))


class _Run:
    """One call of ``synthesize``: what every step of it needs to know."""

    def __init__(
        self,
        out: Path,
        people: int,
        quarters: int,
        seed: int,
        country: str,
        first_quarter: str,
        scenario: Scenario,
    ) -> None:
        self.out = out
        self.people = people
        self.quarters = quarters
        self.seed = seed
        self.country = country
        self.scenario = scenario
        self.months = 3 * quarters
        self.names = quarter_names(first_quarter, quarters)
        self.first_month = Period.parse(first_quarter).first
        self.parameters = Parameters()
        self.entropy = (seed, people, quarters)
        self.providers = all_providers(quarters, scenario)
        self.services = tuple(p for p in self.providers if p.source == "service_provider")
        self.world = World(
            self.services,
            self.months,
            3 * break_quarter(self.first_month, quarters),
            scenario,
            self.parameters,
        )
        self.renderer = Renderer(seed, self.first_month, self.months)
        self.written: list[Delivered] = []
        self.injected: list[dict[str, object]] = []

    def make(self, progress: Progress) -> Truth:
        folder = self.out / "deliveries"
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        # Beside the deliveries, not in a system folder that may be too small for them.
        with tempfile.TemporaryDirectory(dir=self.out) as work, ExitStack() as open_files:
            spools = {
                name: open_files.enter_context(
                    Spool(Path(work) / name, dtype, len(self.services), self.quarters)
                )
                for name, dtype in (("persons", PERSON), ("episodes", EPISODE), ("events", EVENT))
            }
            writer = open_files.enter_context(TableWriter())
            outbox = Outbox(folder, self.country, self.names, self.renderer, writer)
            chunks = -(-self.people // CHUNK)
            for chunk in range(chunks):
                rows = make_chunk(self.world, self.entropy, chunk, self.people)
                for name, spool in spools.items():
                    spool.append(rows[name])
                progress("people", min((chunk + 1) * CHUNK, self.people), self.people)
            planned = self._planned()
            if self.scenario.defects:
                self._deliver_refused(outbox, spools)
            for done, (provider, quarter) in enumerate(planned, start=1):
                self._deliver(outbox, provider, quarter, spools)
                progress("deliveries", done, len(planned))
        truth = expected(
            self.parameters,
            self.scenario,
            self.first_month,
            self.quarters,
            self.names,
            self.people,
        )
        truth = truth.with_run(
            people=self.people,
            quarters=self.names,
            seed=self.seed,
            country=self.country,
            deliveries=len(self.written),
            rows=self._rows_written(),
            injected=self.injected,
        )
        truth.write(self.out / "truth.json")
        return truth

    def _planned(self) -> list[tuple[Provider, int]]:
        survey = self._survey_body()
        return [
            (provider, quarter)
            for quarter in range(self.quarters)
            for provider in self.providers
            if provider.first <= quarter <= provider.last
            and (provider.source != "survivor_survey" or survey.has_wave(quarter))
        ]

    def _survey_body(self) -> SurveyBody:
        return SurveyBody(
            self.providers[-1],
            self.renderer,
            self.parameters.survey,
            self.entropy,
            self.people,
            self.quarters,
        )

    def _tables(
        self, provider: Provider, quarter: int, spools: dict[str, Spool]
    ) -> dict[str, pa.Table]:
        if provider.source == "survivor_survey":
            return self._survey_body().tables(quarter)
        if provider.source == "labour_inspection":
            belief = self.parameters.inspection
            size = inspections_a_quarter(belief, self.people)
            maker = Inspectorate(provider, self.renderer, belief, self.entropy, size)
            return maker.tables(quarter)
        rows = {name: spool.read(provider.position, quarter) for name, spool in spools.items()}
        return {
            "persons": self.renderer.persons(rows["persons"], provider),
            "support_episodes": self.renderer.episodes(rows["episodes"], provider),
            "case_events": self.renderer.events(rows["events"], provider),
        }

    def _deliver(
        self, outbox: Outbox, provider: Provider, quarter: int, spools: dict[str, Spool]
    ) -> None:
        tables = self._tables(provider, quarter, spools)
        if self.scenario.corrections and defects.corrected(provider, quarter, self.quarters):
            wrong = defects.before_correction(tables)
            first = outbox.deliver(provider, quarter, wrong, zipped=False)
            self.written.append(first)
            second = outbox.deliver(
                provider,
                quarter,
                tables,
                suffix="-corrected",
                supersedes=first.id,
                months_later=4,
                zipped=False,
            )
            self.written.append(second)
            self._note(second, "supersedes", "", supersedes=first.id)
            return
        if self.scenario.defects:
            tables, planted = self._planted(provider, quarter, tables)
        else:
            planted = []
        delivered = outbox.deliver(provider, quarter, tables)
        self.written.append(delivered)
        for bad in planted:
            self._note(delivered, "quarantined", bad.rule, table=bad.table, row=bad.row)
        if self.scenario.defects and provider.source == "survivor_survey":
            self._note(delivered, "comment_dropped", "email", table="survey_responses", rows=1)

    def _planted(
        self, provider: Provider, quarter: int, tables: dict[str, pa.Table]
    ) -> tuple[dict[str, pa.Table], list[defects.Planted]]:
        if provider.source == "survivor_survey":
            return defects.with_identifying_comment(tables), []
        kind = defects.planted_kind(provider, quarter)
        if provider.source != "service_provider" or kind is None:
            return tables, []
        return defects.plant_rows(tables, kind, self.seed)

    def _deliver_refused(self, outbox: Outbox, spools: dict[str, Spool]) -> None:
        clinic = refused_provider()
        rows = self._tables(self.services[0], 0, spools)
        own_key = self.renderer.provider(clinic, 1)[0]
        for quarter, (rule, tables) in enumerate(defects.refused_deliveries(rows, own_key).items()):
            if quarter < self.quarters:
                refused = outbox.deliver(clinic, quarter, tables, wrong_hash=rule == "wrong_hash")
                self.written.append(refused)
                self._note(refused, "refused", rule)

    def _rows_written(self) -> dict[str, int]:
        """By table, over all deliveries: refused, superseded and current."""
        total: dict[str, int] = {}
        for delivered in self.written:
            for table, rows in delivered.rows.items():
                total[table] = total.get(table, 0) + rows
        return total

    def _note(self, delivered: Delivered, fate: str, rule: str, **more: object) -> None:
        self.injected.append(
            {
                "delivery": delivered.path.name,
                "delivery_id": delivered.id,
                "fate": fate,
                "rule": rule,
                **more,
            }
        )
