"""The gate's fourth step: is a delivery plausible, as a whole?

The contract has looked at every row; a suite looks at every delivery. Each table's suite
(``expectations/<table>.json``) names its measures as SQL over the landed rows of one delivery, and
Great Expectations checks the profile, one row a delivery, so that a failure names the delivery and
the cost doesn't grow with its rows. A critical failure sets that delivery aside, a warning becomes
a finding that travels with it; neither stops the others.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.deliveries.data_docs import publish_data_docs
from pipelines.deliveries.findings import Finding
from pipelines.errors import Foreseen
from pipelines.paths import EXPECTATIONS

Suite = dict[str, Any]


@dataclass(frozen=True)
class Failure:
    """One expectation that one delivery failed; ``observed`` is the measure's value."""

    table: str
    delivery_id: str
    measure: str
    observed: float | int | str | None
    severity: str
    reason: str

    @property
    def critical(self) -> bool:
        """Whether the delivery must be set aside."""
        return self.severity == "critical"

    def finding(self) -> Finding:
        """The form in which the register keeps it."""
        return Finding(
            step=4,
            rule=f"{self.severity}_expectation",
            file="",
            table=self.table,
            field=self.measure,
            row=None,
            count=1,
            message=f"{self.measure} is {self.observed}. {self.reason}",
        )


@dataclass(frozen=True)
class TableResult:
    """What a table's suite found: how many deliveries and expectations, and the failures."""

    table: str
    deliveries: int
    expectations: int
    failures: tuple[Failure, ...]


class SuiteError(Foreseen, RuntimeError):
    """A suite that can't be evaluated; the message names the file and the expectation."""


def load_suites(folder: Path = EXPECTATIONS) -> dict[str, Suite]:
    """Every suite by table name, in name order."""
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.json"))
    }


def profile_query(table: str, suite: Suite) -> str:
    """SQL of a table's profile: delivery_id, delivered_rows and the suite's measures."""
    measures = "".join(f",\n  {sql} as {name}" for name, sql in suite["meta"]["measures"].items())
    return (
        f"select\n  delivery_id,\n  count(*) as delivered_rows{measures}\n"
        f"from landing.{table}\ngroup by delivery_id\norder by delivery_id"
    )


def check_deliveries(
    connection: duckdb.DuckDBPyConnection,
    docs: Path,
    suites: dict[str, Suite] | None = None,
) -> list[TableResult]:
    """Check the landed deliveries that ``connection`` shows in schema ``landing``.

    ``docs`` receives the Data Docs pages. SuiteError where an expectation raised instead of
    answering: the library reports that as a plain failure, which would blame a delivery for a
    broken suite.
    """
    import great_expectations as gx  # costs seconds: imported where it is used
    from great_expectations.data_context.types.base import ProgressBarsConfig

    suites = load_suites() if suites is None else suites
    workshop = docs.with_name(docs.name + ".building")
    shutil.rmtree(workshop, ignore_errors=True)
    workshop.mkdir(parents=True)
    context = gx.get_context(mode="file", project_root_dir=workshop)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_pandas("landed")
    results = []
    for table, suite in suites.items():
        frame = connection.sql(profile_query(table, suite)).df()
        batch = source.add_dataframe_asset(table).add_batch_definition_whole_dataframe("profile")
        definition = gx.ValidationDefinition(
            name=table,
            data=batch,
            suite=context.suites.add(
                gx.ExpectationSuite(
                    name=table, expectations=suite["expectations"], meta=suite["meta"]
                )
            ),
        )
        outcome = context.validation_definitions.add(definition).run(
            batch_parameters={"dataframe": frame},
            result_format={
                "result_format": "COMPLETE",
                "unexpected_index_column_names": ["delivery_id"],
            },
        )
        failures = tuple(
            failure
            for result in outcome.to_json_dict()["results"]
            for failure in _failures(table, result)
        )
        results.append(TableResult(table, len(frame), len(suite["expectations"]), failures))
    context.build_data_docs()
    publish_data_docs(workshop / "gx" / "uncommitted" / "data_docs" / "local_site", docs)
    shutil.rmtree(workshop)
    return results


def _failures(table: str, result: dict[str, Any]) -> list[Failure]:
    config = result["expectation_config"]
    measure = config["kwargs"]["column"]
    if message := _raised(result["exception_info"]):
        raise SuiteError(
            f"expectations/{table}.json: {config['type']} on {measure} could not be evaluated: "
            f"{message}"
        )
    return [
        Failure(
            table=table,
            delivery_id=where["delivery_id"],
            measure=measure,
            observed=where[measure],
            severity=config["severity"],
            reason=config["meta"]["reason"],
        )
        for where in result["result"].get("unexpected_index_list") or []
    ]


def _raised(info: dict[str, Any]) -> str:
    """The message of an expectation that raised: said once, or once for each metric it needs."""
    told = [info] if "raised_exception" in info else list(info.values())
    return "; ".join(str(one["exception_message"]) for one in told if one["raised_exception"])
