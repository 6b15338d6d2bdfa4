"""Random linked sets of tables as plain dictionaries, of 1–3 variables, some with hierarchies."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

Cell = tuple[str, ...]


@dataclass(frozen=True)
class LinkedSet:
    """Cells are tuples of one label a variable, "" where it is summed over."""

    counts: dict[Cell, int]
    rows: dict[str, dict[Cell, int]]


def variables(rng: np.random.Generator) -> list[dict[str, list[str]]]:
    """One to three variables, each a tree {node: children} with root "", some of two levels."""
    trees = []
    for v in range(rng.integers(1, 4)):
        leaves = [f"{v}{c}" for c in "abcd"[: rng.integers(2, 5)]]
        if len(leaves) == 4 and rng.random() < 0.5:
            trees.append({"": [f"{v}x", f"{v}y"], f"{v}x": leaves[:2], f"{v}y": leaves[2:]})
        else:
            trees.append({"": leaves})
    return trees


def tables_of(trees: list[dict[str, list[str]]], rng: np.random.Generator) -> list[set[int]]:
    """Which variables are crossed in each table: all, or two tables that share a population."""
    everything = set(range(len(trees)))
    if len(trees) == 3 and rng.random() < 0.5:
        return [{0, 1}, {0, 2}]
    return [everything]


def leaf_counts(trees: list[dict[str, list[str]]], rng: np.random.Generator) -> np.ndarray:
    """Persons in each combination of leaves, many of them few."""
    shape = [len(leaves_of(tree)) for tree in trees]
    return rng.poisson(rng.gamma(0.7, 14, size=shape))


def leaves_of(tree: dict[str, list[str]], node: str = "") -> list[str]:
    """Leaves under a node, in order."""
    if node not in tree:
        return [node]
    return [leaf for child in tree[node] for leaf in leaves_of(tree, child)]


def linked_set(
    trees: list[dict[str, list[str]]], tables: list[set[int]], persons: np.ndarray
) -> LinkedSet:
    """All cells and relations of the tables; what they share is one cell."""
    counts: dict[Cell, int] = {}
    rows: dict[str, dict[Cell, int]] = {}
    for crossed in tables:
        nodes = [
            [*tree, *leaves_of(tree)] if v in crossed else [""] for v, tree in enumerate(trees)
        ]
        for cell in product(*nodes):
            inside = np.ix_(
                *[
                    [leaves_of(tree).index(leaf) for leaf in leaves_of(tree, label)]
                    for tree, label in zip(trees, cell, strict=True)
                ]
            )
            counts[cell] = int(persons[inside].sum())
            for v in crossed:
                if cell[v] in trees[v]:
                    parts = [(*cell[:v], child, *cell[v + 1 :]) for child in trees[v][cell[v]]]
                    rows[f"{cell} by {v}"] = {cell: 1} | dict.fromkeys(parts, -1)
    return LinkedSet(counts, rows)
