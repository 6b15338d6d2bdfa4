"""The Dagster code location: one connected graph from a delivery to a release and its pages."""

from __future__ import annotations

import dagster as dg

from pipelines.assets.candidate import candidate
from pipelines.assets.corrections import corrections
from pipelines.assets.engineers import engineers_pages
from pipelines.assets.jobs import (
    closed_review,
    land_and_validate,
    make_candidate,
    new_delivery,
    publish,
    release_calendar,
    to_candidate,
    whole_path,
)
from pipelines.assets.landing import INBOX, land
from pipelines.assets.quality import drift, expectations
from pipelines.assets.release import release
from pipelines.assets.resources import Dbt, Observatory, Stages
from pipelines.assets.site import site
from pipelines.assets.vintage import vintage
from pipelines.assets.warehouse import warehouse
from pipelines.dbt_command import DBT
from pipelines.paths import DBT_PROJECT

defs = dg.Definitions(
    assets=[
        INBOX,
        land,
        corrections,
        vintage,
        warehouse,
        candidate,
        release,
        site,
        engineers_pages,
    ],
    asset_checks=[drift, expectations],
    jobs=[land_and_validate, make_candidate, publish, to_candidate, whole_path],
    schedules=[release_calendar],
    sensors=[new_delivery, closed_review],
    resources={
        "observatory": Observatory(),
        "stages": Stages(),
        "dbt": Dbt(
            project_dir=str(DBT_PROJECT),
            profiles_dir=str(DBT_PROJECT),
            dbt_executable=str(DBT),
        ),
    },
    executor=dg.in_process_executor,
)
