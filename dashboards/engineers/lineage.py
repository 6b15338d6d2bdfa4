"""What rests on what: deliveries, landed tables, models, indicators; read from dbt's manifest.

Rule: the references are dbt's own, so the page can't disagree with what is built. Every staging
model joins the vintage and the declared corrections; the tables say so, and those lines are not
drawn, for they would cover the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dashboards.engineers.drawing import draw
from dashboards.engineers.parts import Column, Drawing, Page, Section, Table
from pipelines.deliveries import contracts

_EVERYWHERE = frozenset({"vintage", "corrections", "stg_deliveries"})


@dataclass(frozen=True)
class Lineage:
    """Each node's layer (deliveries, landing, staging, core, indicators) and what it reads."""

    layers: Mapping[str, str]
    reads: Mapping[str, tuple[str, ...]]

    def of(self, layer: str) -> list[str]:
        """A layer's nodes by name."""
        return sorted(node for node, its in self.layers.items() if its == layer)

    @cached_property
    def read_by(self) -> Mapping[str, tuple[str, ...]]:
        """The other way round."""
        return {
            node: tuple(sorted(n for n, read in self.reads.items() if node in read))
            for node in self.layers
        }

    def behind(self, node: str) -> set[str]:
        """Everything that a node rests on, near or far."""
        found: set[str] = set()
        waiting = list(self.reads[node])
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += self.reads[one]
        return found


def read_lineage(manifest: Path) -> Lineage:
    """The models and sources of dbt's manifest, and in front of them who delivers each table."""
    content = json.loads(manifest.read_text(encoding="utf-8"))
    names, layers, reads = {}, {}, {}
    for key, node in content["sources"].items():
        names[key], layers[node["name"]] = node["name"], "landing"
    models = {k: n for k, n in content["nodes"].items() if n["resource_type"] == "model"}
    for key, node in models.items():
        names[key], layers[node["name"]] = node["name"], node["fqn"][1]
    for node in models.values():
        read = (names[key] for key in node["depends_on"]["nodes"] if key in names)
        reads[node["name"]] = tuple(sorted(read))
    for table in [node for node, layer in layers.items() if layer == "landing"]:
        contract = contracts().get(table)
        senders = contract.sources if contract else ()
        reads[table] = tuple(sorted(senders))
        for sender in senders:
            layers[sender], reads[sender] = "deliveries", ()
    return Lineage(layers, reads)


def lineage_page(manifest: Path) -> Page:
    """The drawing, and the same in tables."""
    lineage = read_lineage(manifest) if manifest.exists() else None
    none = "dbt has not read its project on this machine yet; run observatory build."
    drawing = _drawing(lineage) if lineage else None
    return Page(
        "lineage.html",
        "Lineage",
        "From deliveries to indicators: which table and model each figure rests on.",
        (
            Section(
                "Drawing",
                "Each box reads what lies to its left. Every staging model also joins the "
                "vintage and the declared corrections; those lines are left out.",
                none,
                drawing=drawing,
            ),
            Section(
                "Indicators",
                "What each indicator rests on, near or far.",
                none,
                _indicators(lineage) if lineage else None,
            ),
            Section(
                "Models",
                "What each model reads itself, and who reads it.",
                none,
                _models(lineage) if lineage else None,
            ),
        ),
    )


def _indicators(lineage: Lineage) -> Table:
    rows = []
    for node in lineage.of("indicators"):
        behind = lineage.behind(node)
        by_layer = [
            _listed(behind.intersection(lineage.of(layer)) - _EVERYWHERE)
            for layer in ("deliveries", "landing", "core")
        ]
        rows.append((node, *by_layer))
    return Table(
        "Indicators and what is behind them",
        (Column("Indicator"), Column("Deliveries of"), Column("Landed tables"), Column("Core")),
        rows,
    )


def _models(lineage: Lineage) -> Table:
    return Table(
        "Models by layer",
        (Column("Model"), Column("Layer"), Column("Reads"), Column("Read by")),
        [
            (node, layer, _listed(lineage.reads[node]), _listed(lineage.read_by[node]))
            for layer in ("landing", "staging", "core", "indicators")
            for node in lineage.of(layer)
        ],
    )


def _listed(nodes: Iterable[str]) -> str:
    return ", ".join(sorted(nodes))


def _drawing(lineage: Lineage) -> Drawing:
    columns = _columns(lineage)
    drawn = {node for column in columns for node in column}
    lines = [
        (one, node)
        for node in sorted(drawn)
        for one in lineage.reads[node]
        if one in drawn and one not in _EVERYWHERE
    ]
    svg, width, height = draw(columns, lines, lineage.layers)
    counts = {layer: len(lineage.of(layer)) for layer in ("landing", "staging", "core")}
    says = (
        f"Lines from {len(lineage.of('deliveries'))} kinds of delivery through "
        f"{counts['landing']} landed tables, {counts['staging']} staging and {counts['core']} core "
        f"models to {len(lineage.of('indicators'))} indicators. The tables below say the same."
    )
    return Drawing("lineage.svg", svg, says, width, height)


def _columns(lineage: Lineage) -> list[list[str]]:
    """Nodes in columns, so that every line runs to the right; core models by their depth."""
    core = lineage.of("core")
    depth: dict[str, int] = {}

    def deep(node: str) -> int:
        if node not in depth:
            earlier = [deep(one) for one in lineage.reads[node] if one in core]
            depth[node] = 1 + max(earlier, default=-1)
        return depth[node]

    levels = [[n for n in core if deep(n) == level] for level in sorted({deep(n) for n in core})]
    first = [
        [node for node in lineage.of(layer) if node not in _EVERYWHERE]
        for layer in ("deliveries", "landing", "staging")
    ]
    return _untangled([*first, *levels, lineage.of("indicators")], lineage.reads)


def _untangled(
    columns: Sequence[Sequence[str]], reads: Mapping[str, Sequence[str]]
) -> list[list[str]]:
    """Each column sorted by the mean place of what its nodes read: fewer lines cross."""
    place: dict[str, float] = {}
    sorted_columns = []
    for column in columns:

        def mean(node: str) -> float:
            known = [place[one] for one in reads[node] if one in place]
            return sum(known) / len(known) if known else 0.0

        ordered = sorted(column, key=lambda node: (mean(node), node))
        place.update({node: i / max(len(ordered) - 1, 1) for i, node in enumerate(ordered)})
        sorted_columns.append(ordered)
    return sorted_columns
