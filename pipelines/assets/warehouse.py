"""Stage 4: dbt builds staging, core and indicators of one vintage into a DuckDB file.

The file is built beside the old one and renamed when whole. One process writes at a time: the
home's writer lock says who.
"""

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, dbt_assets
from filelock import FileLock

from pipelines.assets import OWNERS
from pipelines.assets.resources import Dbt, Observatory, Stages
from pipelines.dbt_command import DBT
from pipelines.deliveries import current_vintage, start_building
from pipelines.lineage import write_lineage
from pipelines.locking import writer_lock
from pipelines.paths import DBT_MANIFEST, DBT_PROJECT
from pipelines.release.lock import code_hash


def ensure_manifest() -> Path:
    """dbt's manifest, parsed anew when a file of the project is younger than it.

    Several processes may ask at once, and any may be killed: one parses at a time, in a folder of
    its own, and the manifest is put in place whole.
    """
    parsing = DBT_MANIFEST.parent / "parsing"
    parsing.mkdir(parents=True, exist_ok=True)
    with FileLock(parsing.with_suffix(".lock")):
        if not _is_current(DBT_MANIFEST):
            places: list[str | Path] = ["--project-dir", DBT_PROJECT, "--profiles-dir", DBT_PROJECT]
            subprocess.run(  # noqa: S603 - our own project, our own dbt
                [DBT, "parse", *places, "--target-path", parsing, "--quiet"], check=True
            )
            (parsing / DBT_MANIFEST.name).replace(DBT_MANIFEST)
    return DBT_MANIFEST


def _is_current(manifest: Path) -> bool:
    sources = (
        path
        for path in DBT_PROJECT.rglob("*")
        if path.suffix in {".sql", ".py", ".yml", ".csv"} and "target" not in path.parts
    )
    return manifest.exists() and manifest.stat().st_mtime >= max(
        path.stat().st_mtime for path in sources
    )


class Translator(DagsterDbtTranslator):
    """dbt's layers as Dagster groups; its sources are the assets of the landing stage."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The model's folder: staging, core or indicators; seeds are code lists."""
        fqn = dbt_resource_props["fqn"]
        return fqn[1] if dbt_resource_props["resource_type"] == "model" else "code_lists"

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """Everything in the warehouse has one owner."""
        return OWNERS

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The model's own description, without its SQL: that is in the repository."""
        return str(dbt_resource_props["description"])


@dbt_assets(manifest=ensure_manifest(), dagster_dbt_translator=Translator(), name="warehouse")
def warehouse(
    context: dg.AssetExecutionContext,
    dbt: Dbt,
    observatory: Observatory,
    stages: dg.ResourceParam[Stages],
) -> Iterator[Any]:
    """Build every model and run every data test; a failed test keeps the old file in place."""
    home = observatory.home
    with writer_lock(home, "building the warehouse"), stages.stage("build the warehouse"):
        begun = start_building(home, current_vintage(home).hash, code_hash())
        stages.say("build the warehouse", begun.words)
        context.log.info("the warehouse is built %s", begun.words)
        os.environ["OBSERVATORY_WAREHOUSE"] = str(home.warehouse_building)
        os.environ["OBSERVATORY_THREADS"] = str(observatory.threads)
        run = dbt.cli(["build", "--exclude-resource-type", "unit_test"], context=context)
        for event in run.stream():
            if isinstance(event, dg.Output):
                stages.say("build the warehouse", event.output_name)
            yield event
        if not begun.updates:  # the same code has the same lineage, and what it compiles is whole
            with duckdb.connect(str(home.warehouse_building)) as connection:
                write_lineage(connection, run.get_artifact("manifest.json"))
        home.warehouse_building.replace(home.warehouse)
        stages.record_models(run.get_artifact("run_results.json"))


INDICATORS = sorted(
    (key for key in warehouse.keys if key.path[-1].startswith("ind_")),
    key=lambda key: key.to_user_string(),
)
