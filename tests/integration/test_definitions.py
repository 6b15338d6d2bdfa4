"""The Dagster graph: what it holds, that it hangs together, and what sets it off.

``asset_specs.json`` is the reviewed picture of every asset and check. When the graph changes on
purpose, write it anew with ``python -m tests.integration.test_definitions`` and read the diff.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipelines.assets.jobs import (
    make_candidate,
    new_delivery,
    release_calendar,
    to_candidate,
    whole_path,
)
from pipelines.assets.landing import LANDED
from pipelines.assets.resources import Observatory
from pipelines.definitions import defs
from pipelines.participation.facts import fact_tables
from pipelines.paths import INDICATOR_MODELS

SNAPSHOT = Path(__file__).with_name("asset_specs.json")
CANDIDATE = dg.AssetKey(["release", "candidate"])


def specs() -> dict[str, object]:
    graph = defs.resolve_asset_graph()
    return {
        "assets": {
            key.to_user_string(): {
                "group": node.group_name,
                "deps": sorted(parent.to_user_string() for parent in node.parent_keys),
                "owners": sorted(node.owners),
                "kinds": sorted(node.kinds),
                "partitioned": node.is_partitioned,
                "description": " ".join((node.description or "").split()),
            }
            for key in sorted(graph.get_all_asset_keys(), key=str)
            for node in [graph.get(key)]
        },
        "checks": {
            f"{key.asset_key.to_user_string()}: {key.name}": {"blocking": graph.get(key).blocking}
            for key in sorted(graph.asset_check_keys, key=str)
        },
        "jobs": sorted(job.name for job in defs.resolve_all_job_defs()),
    }


def test_the_graph_is_the_reviewed_one() -> None:
    assert specs() == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_every_asset_says_what_it_is_and_the_graph_is_one() -> None:
    graph = defs.resolve_asset_graph()
    # Deliveries come from outside; what earlier releases say of their reviews does too.
    reviews = [dg.AssetKey(["landing", table]) for table in fact_tables()]
    reached, waiting = set(), [dg.AssetKey(["inbox", "deliveries"]), *reviews]
    while waiting:
        key = waiting.pop()
        if key not in reached:
            reached.add(key)
            waiting.extend(graph.get(key).child_keys)
    assert CANDIDATE in reached
    for key in graph.get_all_asset_keys() - set(reviews):
        node = graph.get(key)
        assert node.description, key
        assert node.owners, key
        assert node.kinds, key
        assert key in reached or node.group_name == "code_lists", f"{key} hangs on nothing"


def test_every_indicator_model_is_an_asset_above_the_candidate() -> None:
    parents = {key.path[-1] for key in defs.resolve_asset_graph().get(CANDIDATE).parent_keys}
    assert parents == {path.stem for path in INDICATOR_MODELS.glob("ind_*.sql")}


@pytest.mark.parametrize("job", [make_candidate, to_candidate, whole_path])
def test_a_job_that_makes_a_candidate_builds_all_that_it_is_made_of(job: Any) -> None:
    graph = defs.resolve_asset_graph()
    landed = dg.AssetSelection.assets(*LANDED.values())
    needed = (dg.AssetSelection.assets(CANDIDATE).upstream() - landed).resolve(graph)
    assert needed & graph.materializable_asset_keys <= job.selection.resolve(graph)


def test_a_new_delivery_asks_for_one_run_and_the_same_inbox_for_none(tmp_path: Path) -> None:
    observatory = Observatory(root=str(tmp_path))
    context = dg.build_sensor_context()
    assert isinstance(new_delivery(context, observatory=observatory), dg.SkipReason)
    delivery = tmp_path / "inbox" / "a"
    delivery.mkdir(parents=True)
    (delivery / "delivery.json").write_text("{}", encoding="utf-8")
    asked = new_delivery(context, observatory=observatory)
    assert isinstance(asked, dg.SensorResult)
    assert len(asked.run_requests or []) == 1
    again = dg.build_sensor_context(cursor=asked.cursor)
    assert isinstance(new_delivery(again, observatory=observatory), dg.SkipReason)


@pytest.mark.parametrize(("due", "quarter"), [((2025, 2), "2024Q4"), ((2025, 5), "2025Q1")])
def test_six_weeks_after_a_quarter_its_candidate_is_due(due: tuple[int, int], quarter: str) -> None:
    context = dg.build_schedule_context(scheduled_execution_time=datetime(*due, 15, 5, tzinfo=UTC))
    request = release_calendar(context)
    assert isinstance(request, dg.RunRequest)
    assert request.partition_key == quarter


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(specs(), indent=1) + "\n", encoding="utf-8")
