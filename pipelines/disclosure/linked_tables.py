"""Linked tables of counts: cells, and the additive relations that tie them together.

The rule: a table holds every number an attacker may combine, once. A population that appears in
two indicators is one cell; a margin, a hierarchy or a change between releases is a relation, never
a copy. Values are checked against every relation when the table is made, so that suppression is
never computed on figures that do not add up.

A relation is a sparse row with right side 0: ``parent − Σ children = 0``, or any other integer
combination. Floors and ceilings are what anybody knows of a cell beforehand (a count is ≥ 0).
Notation follows Fischetti & Salazar-González, "Solving the cell suppression problem on tabular
data with linear constraints", Management Science 47 (2001).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pipelines.errors import Foreseen

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

CellId = Hashable

_PRIME = 2**61 - 1
_NONE: IntArray = np.zeros(0, dtype=np.int64)


class TableError(Foreseen, ValueError):
    """The table contradicts itself; the message names the cell or the relation."""


class InfeasibleProtectionError(TableError):
    """No choice of suppressions protects a cell; the message names it and what is reachable."""


class Status(IntEnum):
    """What may happen to a cell."""

    OPEN = 0
    """Published unless secondary suppression needs it."""
    PRIMARY = 1
    """Suppressed, with a protection that no attack may undercut."""
    SECONDARY = 2
    """Suppressed to protect others."""
    PUBLISHED = 3
    """Known to everybody and not to be suppressed: an earlier release, a figure given elsewhere."""
    STRUCTURAL_ZERO = 4
    """Zero by definition, therefore known to everybody."""
    HIDDEN = 5
    """Never printed, at no cost: a cell suppressed in an earlier release, an intermediate sum."""


@dataclass(frozen=True)
class Relations:
    """Sparse rows ``Σ coefficient · cell = 0``; row r is ``starts[r]:starts[r + 1]``."""

    names: tuple[str, ...]
    starts: IntArray
    cells: IntArray
    coefficients: IntArray

    def __len__(self) -> int:
        """Count the relations."""
        return len(self.names)

    @cached_property
    def rows(self) -> IntArray:
        """Row number of every entry, shape (entries,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    @cached_property
    def _by_cell(self) -> tuple[IntArray, IntArray]:
        """Entries ordered by cell, and where those of each cell begin (cells + 1)."""
        order = np.argsort(self.cells, kind="stable")
        counts = np.bincount(self.cells)
        return order, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    def entries(self, cells: IntArray) -> IntArray:
        """The entries that hold one of ``cells`` (each once), in the order of the relations."""
        order, starts = self._by_cell
        cells = cells[cells < len(starts) - 1]
        return np.sort(order[spans(starts, cells)])

    def residuals(self, values: ArrayLike) -> NDArray[np.generic]:
        """``Σ coefficient · value`` of every relation, shape (relations,)."""
        products = self.coefficients * np.asarray(values)[self.cells]
        totals = np.zeros(len(self), dtype=products.dtype)
        np.add.at(totals, self.rows, products)
        return totals

    @cached_property
    def independent(self) -> IntArray:
        """Rows that say all that the others do: a largest set of which none follows from the rest.

        Short rows are taken first. Sums over categories and over time follow from each other, so a
        quarter to a half of a candidate's relations are left out of its programs. Elimination is
        modulo a prime of 61 bits: that a row is left out by accident is as good as impossible, and
        the audit, which knows nothing of this, would find what it exposes.
        """
        ends = zip(self.starts[:-1].tolist(), self.starts[1:].tolist(), strict=True)
        cells, factors = self.cells.tolist(), self.coefficients.tolist()
        rows = [dict(zip(cells[a:b], factors[a:b], strict=True)) for a, b in ends]
        often = np.bincount(self.cells).tolist()
        pivots: dict[int, dict[int, int]] = {}
        kept = []
        for number in sorted(range(len(rows)), key=lambda r: len(rows[r])):
            row = rows[number]
            while (pivot := next((cell for cell in row if cell in pivots), None)) is not None:
                times = row[pivot]
                for cell, factor in pivots[pivot].items():
                    left = (row.get(cell, 0) - times * factor) % _PRIME
                    if left:
                        row[cell] = left
                    else:
                        del row[cell]
            if row:
                pivot = min(row, key=often.__getitem__)
                inverse = pow(row[pivot], -1, _PRIME)
                pivots[pivot] = {cell: one * inverse % _PRIME for cell, one in row.items()}
                kept.append(number)
        return np.sort(np.array(kept, dtype=np.int64))

    def only(self, rows: IntArray) -> Relations:
        """These rows alone, in this order."""
        entries = spans(self.starts, rows)
        lengths = np.diff(self.starts)[rows]
        return Relations(
            tuple(self.names[row] for row in rows.tolist()),
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            self.cells[entries],
            self.coefficients[entries],
        )

    def combine(self, multipliers: FloatArray, cells: int) -> FloatArray:
        """Coefficient of every cell in ``Σ multiplier · relation``, shape (cells,)."""
        weights = self.coefficients * multipliers[self.rows]
        return np.bincount(self.cells, weights=weights, minlength=cells).astype(np.float64)


def spans(starts: IntArray, which: IntArray) -> IntArray:
    """Positions of the entries of several rows of a compressed matrix, row after row."""
    lengths = starts[which + 1] - starts[which]
    begins = np.repeat(starts[which] - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    return np.asarray(begins + np.arange(len(begins)), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Table:
    """Cells in columns, relations in rows; arrays have shape (cells,).

    ``lower``, ``upper`` and ``width`` are protection levels of PRIMARY cells: the attacker's
    interval must reach ``value − lower``, ``value + upper``, and span ``width``. Cells of one
    ``group`` are printed together or not at all. ``conditions``, shape (n, 2), holds pairs
    (cell, trigger): the cell is protected like a PRIMARY one where the trigger is suppressed.
    """

    ids: tuple[CellId, ...]
    values: IntArray
    weights: FloatArray
    status: NDArray[np.int8]
    floor: FloatArray
    ceiling: FloatArray
    lower: FloatArray
    upper: FloatArray
    width: FloatArray
    group: IntArray
    relations: Relations
    conditions: IntArray

    def __len__(self) -> int:
        """Count the cells."""
        return len(self.ids)

    @cached_property
    def index(self) -> dict[CellId, int]:
        """Position of each cell by its id."""
        return {cell: i for i, cell in enumerate(self.ids)}

    @property
    def primary(self) -> BoolArray:
        """Cells with a protection."""
        return np.asarray(self.status == Status.PRIMARY)

    @property
    def asked(self) -> BoolArray:
        """Cells with a protection, and those that one applies to since their trigger is hidden."""
        asked = self.primary.copy()
        asked[self.conditions[self.hidden[self.conditions[:, 1]], 0]] = True
        return asked

    @property
    def hidden(self) -> BoolArray:
        """Cells that are not printed as the table stands."""
        return np.isin(self.status, (Status.PRIMARY, Status.SECONDARY, Status.HIDDEN))

    @property
    def known(self) -> BoolArray:
        """Cells that can never be suppressed."""
        return np.isin(self.status, (Status.PUBLISHED, Status.STRUCTURAL_ZERO))

    def protect(
        self, cells: Iterable[CellId], *, lower: float = 0, upper: float = 0, width: float = 0
    ) -> Table:
        """Make ``cells`` primary with these protection levels (in the unit of the counts)."""
        if min(lower, upper, width) < 0 or lower + upper + width == 0:
            raise TableError(
                f"protection lower={lower}, upper={upper}, width={width}: "
                "levels are ≥ 0 and one is > 0"
            )
        where = self.positions(cells)
        fixed = where[self.known[where]]
        if len(fixed):
            raise InfeasibleProtectionError(
                f"cell {self.ids[fixed[0]]!r} is known to everybody "
                f"({Status(int(self.status[fixed[0]])).name}) and can't be protected"
            )
        chosen = np.zeros(len(self), dtype=np.bool_)
        chosen[where] = True
        return replace(
            self,
            status=np.where(chosen, np.int8(Status.PRIMARY), self.status),
            lower=np.where(chosen, lower, self.lower),
            upper=np.where(chosen, upper, self.upper),
            width=np.where(chosen, width, self.width),
        )

    def protect_if(self, pairs: Iterable[tuple[CellId, CellId]], *, width: float) -> Table:
        """Ask that the first cell of each pair spans ``width`` once the second is suppressed."""
        chosen = list(pairs)
        cells = self.positions(cell for cell, _ in chosen)
        triggers = self.positions(trigger for _, trigger in chosen)
        return replace(
            self,
            width=np.where(np.isin(np.arange(len(self)), cells), width, self.width),
            conditions=np.concatenate([self.conditions, np.stack([cells, triggers], axis=1)]),
        )

    def mark(self, cells: Iterable[CellId], status: Status) -> Table:
        """Give ``cells`` another status; ``protect`` is the way to PRIMARY."""
        if status is Status.PRIMARY:
            raise TableError("a primary cell needs protection levels: call protect()")
        where = self.positions(cells)
        changed = self.status.copy()
        changed[where] = status
        if status is Status.STRUCTURAL_ZERO and self.values[where].any():
            bad = where[np.flatnonzero(self.values[where])[0]]
            raise TableError(f"cell {self.ids[bad]!r} is {self.values[bad]}, not a structural zero")
        return replace(self, status=changed)

    def suppress(self, suppressed: BoolArray) -> Table:
        """Mark the open cells among ``suppressed`` (a mask) as SECONDARY."""
        status = self.status.copy()
        status[suppressed & (status == Status.OPEN)] = Status.SECONDARY
        return replace(self, status=status)

    def positions(self, cells: Iterable[CellId]) -> IntArray:
        """Positions of cells given by id; TableError names one that is not in the table."""
        try:
            return np.array([self.index[cell] for cell in cells], dtype=np.int64)
        except KeyError as error:
            raise TableError(f"no cell {error.args[0]!r} in this table") from None


def build_table(
    values: Mapping[CellId, int],
    relations: Mapping[str, Mapping[CellId, int]],
    *,
    weights: Mapping[CellId, float] | None = None,
    floors: Mapping[CellId, float] | None = None,
    ceilings: Mapping[CellId, float] | None = None,
    groups: Iterable[Iterable[CellId]] = (),
) -> Table:
    """A table from cells and named relations ``{name: {cell: coefficient}}`` that sum to 0.

    The default weight is ``log(1 + |value|)``, the default floor 0, the default ceiling infinite.
    ``groups`` are the sets of cells that one printed row holds; a cell belongs to one at most.
    TableError when a count is fractional or outside floor and ceiling, a relation names an unknown
    cell, or its values don't add up.
    """
    ids = tuple(values)
    index = {cell: i for i, cell in enumerate(ids)}
    starts, cells, coefficients = [0], [], []
    for name, row in relations.items():
        for cell, coefficient in row.items():
            if cell not in index:
                raise TableError(f"relation {name!r} names cell {cell!r}, which has no value")
            if coefficient:
                cells.append(index[cell])
                coefficients.append(coefficient)
        starts.append(len(cells))
    sparse = Relations(
        tuple(relations),
        np.array(starts, dtype=np.int64),
        np.array(cells, dtype=np.int64),
        np.array(coefficients, dtype=np.int64),
    )

    def column(given: Mapping[CellId, float] | None, default: float) -> FloatArray:
        return np.array([(given or {}).get(cell, default) for cell in ids], dtype=np.float64)

    counts = _counts(ids, list(values.values()))
    table = _new_table(ids, counts, sparse, column(floors, 0.0), column(ceilings, np.inf))
    for together in groups:
        where = table.positions(together)
        table.group[where] = where.min(initial=len(ids))
    if weights is None:
        return table
    chosen = np.array([weights.get(c, w) for c, w in zip(ids, table.weights, strict=True)])
    if not (np.isfinite(chosen).all() and (chosen >= 0).all()):
        raise TableError("weights are finite and ≥ 0")
    return replace(table, weights=chosen)


def sum_relation(parent: CellId, children: Iterable[CellId]) -> dict[CellId, int]:
    """The relation ``parent = Σ children``."""
    return {parent: 1} | dict.fromkeys(children, -1)


TOTAL = "total"
"""Label of the root of every dimension."""


def table_from_array(
    counts: ArrayLike,
    labels: Sequence[Sequence[str]] | None = None,
    hierarchies: Sequence[Mapping[str, str]] | None = None,
) -> Table:
    """A table of an n-dimensional array with all its margins.

    ``labels[d]`` names the categories of dimension d (default "0", "1" …). ``hierarchies[d]`` maps
    a label of dimension d to its parent; labels without a parent belong to ``TOTAL``. A cell's id
    is the tuple of its labels, so ("north", "total") is a margin.
    """
    array = np.asarray(counts)
    labels = labels or [[str(i) for i in range(size)] for size in array.shape]
    hierarchies = hierarchies or [{} for _ in array.shape]
    if [len(names) for names in labels] != list(array.shape) or len(hierarchies) != array.ndim:
        raise TableError(f"labels and hierarchies must fit an array of shape {array.shape}")
    trees = [_tree(names, above) for names, above in zip(labels, hierarchies, strict=True)]
    _counts([f"array position {p}" for p in np.ndindex(array.shape)], array.ravel())
    full = array.astype(np.int64)
    for axis, tree in enumerate(trees):
        full = np.moveaxis(np.tensordot(tree.sums, full, axes=(1, axis)), 0, axis)
    positions = np.arange(full.size).reshape(full.shape)
    ids: list[CellId] = [()]
    for tree in trees:
        ids = [(*head, label) for head in ids for label in tree.labels]  # type: ignore[misc]
    names: list[str] = []
    blocks: list[tuple[IntArray, IntArray]] = []
    for axis, tree in enumerate(trees):
        along = np.moveaxis(positions, axis, 0).reshape(len(tree.labels), -1)
        for parent, children in tree.children.items():
            for column in along.T:
                cells = column[[parent, *children]]
                names.append(f"{ids[cells[0]]} over {len(children)} parts of dimension {axis}")
                blocks.append((cells, np.array([1] + [-1] * len(children), dtype=np.int64)))
    relations = Relations(
        tuple(names),
        np.cumsum([0] + [len(cells) for cells, _ in blocks], dtype=np.int64),
        np.concatenate([cells for cells, _ in blocks]),
        np.concatenate([signs for _, signs in blocks]),
    )
    size = full.size
    return _new_table(tuple(ids), full.ravel(), relations, np.zeros(size), np.full(size, np.inf))


def joined(
    relations: Relations,
    entries: IntArray,
    size: int,
    pairs: tuple[IntArray, IntArray] = (_NONE, _NONE),
) -> IntArray:
    """A label for each of ``size`` cells, one for all that these ``entries`` of the relations join.

    ``pairs`` of cells (first, second) are joined too.
    """
    ends = len(relations)
    one = np.concatenate([relations.rows[entries], ends + pairs[0]])
    other = ends + np.concatenate([relations.cells[entries], pairs[1]])
    nodes = ends + size
    graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(nodes, nodes))
    labels: IntArray = connected_components(graph, directed=False)[1][ends:]
    return labels


def components(table: Table, members: BoolArray) -> list[IntArray]:
    """Sets of ``members`` (a mask) joined by relations or groups, smallest position first.

    Cells outside ``members`` are known, so they join nothing.
    """
    relations, where = table.relations, np.flatnonzero(members)
    grouped = np.flatnonzero(members & members[table.group])
    labels = joined(
        relations,
        np.flatnonzero(members[relations.cells]),
        len(table),
        (grouped, table.group[grouped]),
    )[where]
    order = np.argsort(labels, kind="stable")
    parts = np.split(where[order], np.flatnonzero(np.diff(labels[order])) + 1)
    return sorted(parts, key=lambda part: int(part[0])) if len(where) else []


@dataclass(frozen=True)
class _Tree:
    labels: list[str]
    children: dict[int, list[int]]
    sums: IntArray


def _tree(leaves: Sequence[str], above: Mapping[str, str]) -> _Tree:
    """Labels of a dimension (leaves first, root last), children of each node, sums over leaves."""
    labels = list(leaves)
    for label in labels:  # grows while it is read: parents, their parents …
        parent = above.get(label, TOTAL)
        if parent == label:
            raise TableError(f"category {label!r} is its own parent")
        if parent not in labels and parent != TOTAL:
            labels.append(parent)
    if TOTAL in labels or len(set(labels)) != len(labels):
        raise TableError(f"categories must differ from each other and from {TOTAL!r}: {labels}")
    labels.append(TOTAL)
    index = {label: i for i, label in enumerate(labels)}
    children: dict[int, list[int]] = {}
    for label in labels[:-1]:
        children.setdefault(index[above.get(label, TOTAL)], []).append(index[label])
    inner = set(leaves) & {above.get(label, TOTAL) for label in labels[:-1]}
    misplaced = sorted((set(above) - set(labels)) | inner)
    if misplaced:
        raise TableError(f"hierarchy names {misplaced}, which have no place in the array")
    sums = np.zeros((len(labels), len(leaves)), dtype=np.int64)
    for leaf in range(len(leaves)):
        node = leaf
        for _ in labels:
            sums[node, leaf] = 1
            if node == len(labels) - 1:
                break
            node = index[above.get(labels[node], TOTAL)]
        else:
            raise TableError(f"hierarchy of {leaves[leaf]!r} runs in a circle")
    return _Tree(labels, children, sums)


def _counts(ids: Sequence[CellId], values: ArrayLike) -> IntArray:
    raw = np.asarray(values)
    numbers = raw.astype(np.float64)
    bad = ~np.isfinite(numbers) | (numbers != np.round(numbers))
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        raise TableError(f"cell {ids[first]!r} is {raw[first]}: a count is a whole number")
    return raw.astype(np.int64)


def _new_table(
    ids: tuple[CellId, ...],
    values: IntArray,
    relations: Relations,
    floor: FloatArray,
    ceiling: FloatArray,
) -> Table:
    outside = np.flatnonzero((values < floor) | (values > ceiling))
    if len(outside):
        i = outside[0]
        kind = "negative" if values[i] < 0 else "out of bounds"
        raise TableError(
            f"cell {ids[i]!r} is {values[i]}, {kind}: it must lie in [{floor[i]:g}, {ceiling[i]:g}]"
        )
    residual = relations.residuals(values)
    if residual.any():
        r = int(np.flatnonzero(residual)[0])
        row = slice(relations.starts[r], relations.starts[r + 1])
        terms = " ".join(
            f"{c:+d}·{values[i]} {ids[i]!r}"
            for i, c in zip(relations.cells[row], relations.coefficients[row], strict=True)
        )
        shown = terms if len(terms) < 300 else terms[:300] + " …"
        raise TableError(
            f"relation {relations.names[r]!r} is off by {residual[r]} "
            f"({np.count_nonzero(residual)} such relations): {shown}"
        )
    zeros = np.zeros(len(ids))
    return Table(
        ids,
        values,
        np.log1p(np.abs(values)),
        np.zeros(len(ids), dtype=np.int8),
        floor,
        ceiling,
        zeros,
        zeros,
        zeros,
        np.arange(len(ids)),
        relations,
        np.zeros((0, 2), dtype=np.int64),
    )
