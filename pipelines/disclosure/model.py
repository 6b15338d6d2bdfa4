"""The linked table behind a candidate's rows: what an attacker who reads all of them can combine.

The rule: nothing is listed by hand. Cells come from the rows, relations from the registry, from the
calendar and from equalities that the rows themselves obey everywhere; where in doubt the attacker
is taken to know more, which only hides more.

Relations over the atoms of counted cells:

- categories add up to their total and to coarser ones (age bands to child and adult);
- quarters to years, years to pools, cohorts likewise;
- quantities (n, c, u, base, population) of two series that are equal wherever both stand are one;
- a later horizon holds the events of an earlier one and the increment between them;
- states at a horizon, and exits by competing reasons, leave a remainder of their base;
- a step counted among those of another step is part of that step.

What no row prints (increment, remainder, part of a step, base of few) is a hidden cell of its own,
protected where it is small.

Earlier releases (``earlier``): a row that was hidden or that moved by little is hidden, what it
moved by is protected, what stands as it was printed is known. Of a sum that holds rows which every
release hid, whoever takes them for unchanged knows what an earlier release made of them.

Nothing tells why a row is hidden, so every hidden count is protected alike: each one under twice
the threshold t could be one under t, unless it can be anything over a span of t. (A larger count is
either known to be t or more, or that wide anyway.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Set

import numpy as np
import pyarrow as pa

from pipelines.disclosure.counted import Counted, Point, Row, Series, counted_cells
from pipelines.disclosure.earlier import Memory, Printed
from pipelines.disclosure.equalities import equal_quantities
from pipelines.disclosure.linked_tables import CellId, Status, Table, TableError, build_table
from pipelines.registry import Registry

_SAID = {"n": "with the outcome", "c": "without the outcome"}
"""Atoms whose categories never exceed their total; who is not known, a breakdown may not tell."""


def build_model(
    marked: pa.Table,
    registry: Registry,
    threshold: int,
    width: float,
    also_hidden: Set[int] = frozenset(),
    memory: Memory | None = None,
) -> Table:
    """The linked table of ``suppress_primary``'s rows; a protected cell must span ``width``.

    TableError, with the cell's key, where a count is no count or categories exceed their total.

    Primary rows are hidden whole and their counts protected; those of other rows are protected once
    they are hidden too. The id of an atom is (number of its cell in ``counted_cells``, atom).
    ``also_hidden`` are cells that are hidden already, ``memory`` what earlier releases told.
    """
    memory = memory or Memory()
    hidden = also_hidden | memory.bound
    return _Builder(counted_cells(marked), registry, threshold, hidden, memory).table(width)


def build_counts(marked: pa.Table, registry: Registry) -> Table:
    """The linked table of ``suppress_primary``'s rows with what they print as cells, for rounding.

    Those are (cell, "n"), (cell, "d") and (cell, "u"): with the outcome, known, not known. What no
    row prints has the status HIDDEN. TableError as for ``build_model``.
    """
    return _Builder(counted_cells(marked), registry, 1, frozenset(), Memory()).counts()


_WORTH = (4.0, 1.0, 0.1)
"""What it costs to hide a total, a group, a group of two dimensions: the finer goes first."""


class _Builder:
    """Collects the relations over a candidate's cells."""

    def __init__(
        self,
        cells: list[Counted],
        registry: Registry,
        threshold: int,
        also_hidden: Set[int],
        memory: Memory,
    ) -> None:
        self._cells, self._also, self._memory = cells, also_hidden, memory
        self._registry = registry
        self._threshold, self._twice = threshold, 2 * threshold
        self._at = {(cell.series, cell.point): cell for cell in cells}
        self._values: dict[CellId, int] = {
            (cell.id, atom): value for cell in cells for atom, value in cell.atoms.items()
        }
        self._derived: list[CellId] = []
        self._missing: set[CellId] = set()
        self._beside: dict[CellId, tuple[CellId, ...]] = {}
        self._kind: dict[CellId, tuple[str, Series]] = {}
        self._relations: dict[str, Row] = {}

    def _link(self) -> None:
        self._categories()
        self._spans()
        self._relations |= equal_quantities(self._cells)
        self._increments()
        self._states()
        self._steps()

    def counts(self) -> Table:
        self._link()
        unprinted = list(self._derived)
        for cell in self._cells:
            if cell.series.method != "R":
                base = (cell.id, "d")
                self._values[base] = cell.value("b")
                self._relations[f"base of {cell.id}"] = {base: 1} | cell.terms("b", -1)
            unprinted += [(cell.id, atom) for atom in cell.atoms if atom in "crb"]
        table = build_table(self._values, self._relations).mark(unprinted, Status.HIDDEN)
        return table.mark(self._zeros(), Status.STRUCTURAL_ZERO)

    def table(self, width: float) -> Table:
        self._link()
        constants = self._told_before()
        always, conditional = self._targets()
        known = self._known() | constants
        always += self._moved_between()
        weights: dict[CellId, float] = {}
        for cell in self._cells:
            for atom in cell.atoms:
                weights[cell.id, atom] = (
                    _WORTH[cell.point.dimensions]
                    * float(np.log1p(max(cell.units, 1)))
                    / len(cell.atoms)
                )
        table = build_table(
            self._values,
            self._relations,
            weights=weights,
            groups=[[(cell.id, atom) for atom in cell.atoms] for cell in self._cells],
        )
        zeros = self._zeros()
        hidden = [
            (cell.id, atom)
            for cell in self._cells
            if cell.hidden or cell.blank or cell.withheld or cell.id in self._also
            for atom in cell.atoms
        ]
        table = table.mark([*hidden, *self._derived], Status.HIDDEN)
        table = table.mark(known, Status.PUBLISHED)
        table = table.mark(zeros, Status.STRUCTURAL_ZERO)
        zero = known | set(zeros)
        table = table.protect([cell for cell in always if cell not in zero], width=width)
        pairs = [pair for pair in conditional if not zero & set(pair)]
        return table.protect_if(pairs, width=width)

    def _categories(self) -> None:
        lines: dict[tuple[Series, Point, str], list[Counted]] = defaultdict(list)
        for cell in self._cells:
            for margin in cell.point.margins:
                lines[cell.series, margin, cell.point.breakdown].append(cell)
        for (series, point, breakdown), children in lines.items():
            if parent := self._at.get((series, point)):
                self._add_up(parent, children, breakdown)

    def _spans(self) -> None:
        """Shorter spans that tile longer ones, each longer one from the next shorter kind."""
        lines: dict[tuple[Series, Point], list[Counted]] = defaultdict(list)
        for cell in self._cells:
            lines[cell.series, cell.point._replace(span=(0, 0))].append(cell)
        for cells in lines.values():
            for parent in cells:
                first, last = parent.point.span
                within = [
                    cell
                    for cell in cells
                    if cell is not parent
                    and first <= cell.point.span[0]
                    and cell.point.span[1] <= last
                ]
                lengths = {cell.point.span[1] - cell.point.span[0] for cell in within}
                if lengths:
                    longest = max(lengths)
                    children = [
                        cell
                        for cell in within
                        if cell.point.span[1] - cell.point.span[0] == longest
                    ]
                    self._add_up(parent, children, "spans")

    def _add_up(self, parent: Counted, children: list[Counted], kind: str) -> None:
        """``parent = Σ children`` an atom, with a hidden rest where rows are missing."""
        for atom, value in parent.atoms.items():
            rest = value - sum(child.atoms[atom] for child in children)
            if rest < 0:
                if (
                    kind != "spans"
                    and atom in _SAID
                    and "D" not in self._registry.indicators[parent.series.indicator].method
                ):
                    raise TableError(
                        f"{parent.name}: its categories of {kind} hold {value - rest} "
                        f"{_SAID[atom]}, the total {value}: nothing is suppressed on sums that "
                        f"contradict themselves; correct ind_{parent.series.indicator}"
                    )
                continue
            row: Row = {(parent.id, atom): 1}
            row |= {(child.id, atom): -1 for child in children}
            name = f"{kind} of {parent.id} {atom}"
            if rest:
                self._missing.add(("missing", name))
                row |= self._hidden(("missing", name), rest, list(row))
            self._relations[name] = row

    def _increments(self) -> None:
        """Events between a horizon and the next earlier one of the same cohort."""
        followed: dict[tuple[Series, Point], list[Counted]] = defaultdict(list)
        for cell in self._cells:
            if cell.series.method == "AJ":
                followed[cell.series._replace(horizon=0), cell.point].append(cell)
        for cells in followed.values():
            cells.sort(key=lambda cell: cell.series.horizon)
            for later_at, later in enumerate(cells):
                for earlier in cells[:later_at]:
                    rise = later.atoms["n"] - earlier.atoms["n"]
                    if rise >= 0:
                        name = f"events from {earlier.id} to {later.id}"
                        row: Row = {(later.id, "n"): 1, (earlier.id, "n"): -1}
                        row |= self._hidden(("increment", name), rise, list(row))
                        self._relations[name] = row
                        self._kind["increment", name] = ("increment", later.series)

    def _states(self) -> None:
        """What states that exclude each other leave of their base.

        States at a horizon do so by definition, exits by competing events too; other measures where
        they fill their base, all together, wherever they stand.
        """
        together: dict[tuple[str, int, str], dict[Point, list[Counted]]] = defaultdict(dict)
        for cell in self._cells:
            one = cell.series
            if one.method in ("S", "P") or (one.method == "AJ" and self._competes(one)):
                at = together[one.indicator, one.horizon, one.method]
                at.setdefault(cell.point, []).append(cell)
        for (_, _, method), points in together.items():
            rests = {
                point: cells[0].value("b") - sum(cell.atoms["n"] for cell in cells)
                for point, cells in points.items()
                if len(cells) > 1 and len({cell.value("b") for cell in cells}) == 1
            }
            if method == "P" and (any(rests.values()) or len(rests) < len(points)):
                continue
            for point, rest in rests.items():
                if rest >= 0:
                    cells = points[point]
                    name = f"states of {cells[0].id}"
                    row = cells[0].terms("b")
                    for cell in cells:
                        key = (cell.id, "n")
                        row[key] = row.get(key, 0) - 1
                    for other in cells[1:]:
                        name_of_base = f"base of {other.id} with {cells[0].id}"
                        self._relations[name_of_base] = cells[0].terms("b") | other.terms("b", -1)
                    if method != "P":
                        row |= self._hidden(("remainder", name), rest, list(row))
                    self._relations[name] = row

    def _competes(self, series: Series) -> bool:
        competing = self._registry.indicators[series.indicator].competing
        return any(series.part == event or series.part.endswith(f"_{event}") for event in competing)

    def _steps(self) -> None:
        """``x_of_y`` counts those of x who are among those of y."""
        for cell in self._cells:
            step, of, _ = cell.series.part.partition("_of_")
            whole = self._at.get((cell.series._replace(part=step), cell.point)) if of else None
            if whole and whole.atoms["n"] >= cell.atoms["n"]:
                name = f"step {cell.id} within {whole.id}"
                rest = whole.atoms["n"] - cell.atoms["n"]
                row: Row = {(whole.id, "n"): 1, (cell.id, "n"): -1}
                self._relations[name] = row | self._hidden(("rest", name), rest, list(row))
                self._kind["rest", name] = ("rest", cell.series)

    def _hidden(self, key: CellId, value: int, beside: Iterable[CellId]) -> Row:
        """A cell that no row prints, which the cells ``beside`` it tell together."""
        self._values[key] = value
        self._derived.append(key)
        self._beside[key] = tuple(beside)
        return {key: -1}

    def _targets(self) -> tuple[list[CellId], list[tuple[CellId, CellId]]]:
        """What is protected whatever happens, and what is once another cell (second) is hidden."""
        always = [key for key in self._derived if 0 < self._values[key] < self._threshold]
        conditional = []
        for key in self._derived:
            if self._values[key] == 0 or self._threshold <= self._values[key] < self._twice:
                conditional += [(key, other) for other in self._beside[key]]
        for cell in self._cells:
            near_whole = "p" in self._memory.near.get(cell.id, "")
            for quantity in cell.quantities.replace("p", "p" if near_whole else ""):
                value = cell.value(quantity)
                near = quantity in self._memory.near.get(cell.id, "")
                kept = (cell.withheld and quantity != "b") or (
                    near and cell.id in self._memory.moved
                )
                if (
                    not kept
                    and not near
                    and (value >= self._twice or (quantity == "u" and value == 0))
                ):
                    continue
                key = self._sum_cell(cell, quantity)
                if kept or cell.hidden or cell.blank or cell.id in self._also:
                    always.append(key)
                else:
                    conditional.append((key, next(iter(cell.terms(quantity)))))
        return [key for key in always if key not in self._missing], [
            pair for pair in conditional if pair[0] not in self._missing
        ]

    def _sum_cell(self, cell: Counted, quantity: str) -> CellId:
        """The atom that a quantity is, or a hidden cell for the sum of several."""
        terms = cell.terms(quantity)
        if len(terms) == 1:
            return next(iter(terms))
        key, name = ("sum", cell.id, quantity), f"{quantity} of {cell.id}"
        self._relations[name] = terms | self._hidden(key, cell.value(quantity), terms)
        return key

    def _known(self) -> set[CellId]:
        """Atoms that stand as they were printed, and what they tell of derived cells."""
        known: set[CellId] = {
            (cell.id, atom)
            for cell in self._cells
            if cell.id in self._memory.known
            for atom in cell.atoms
        }
        return known | {
            key
            for key in self._derived
            if self._beside[key] and known.issuperset(self._beside[key])
        }

    def _moved_between(self) -> list[CellId]:
        """Derived cells that an earlier release told, and that moved by little since."""
        if not self._memory.printed:
            return []
        rows = {
            key: row
            for row in self._relations.values()
            for key in row
            if row[key] == -1 and key in self._beside
        }
        found = []
        for key in self._derived:
            row = {cell: factor for cell, factor in rows.get(key, {}).items() if cell != key}
            for printed in self._memory.printed:
                then = self._said(row, printed)
                if then is None or then[1]:
                    continue
                if 0 < abs(self._values[key] - then[0]) < self._threshold:
                    found.append(key)
                    break
        return [key for key in found if key not in self._missing]

    def _told_before(self) -> set[CellId]:
        """Sums of rows that stay hidden, as an earlier release told them; the constants in them.

        They say more than the new release does where it hides what was printed then: a row that
        moved by little, or any other that is chosen to protect one. Only those that still come out
        are believed.
        """
        constants: set[CellId] = set()
        bound = {
            (cell.id, atom)
            for cell in self._cells
            if cell.id in self._memory.bound
            for atom in cell.atoms
        }
        told: dict[tuple[tuple[CellId, int], ...], int] = {}
        rows = [row for row in self._relations.values() if bound.intersection(row)]
        for printed in self._memory.printed:
            for row in rows:
                then = self._said(row, printed)
                if then is None or not any(key not in self._beside for key in then[1]):
                    continue
                number, left = then
                if sum(factor * self._values[key] for key, factor in left.items()) == -number:
                    told[tuple(left.items())] = number
        for place, (left_over, number) in enumerate(told.items()):
            relation: Row = dict(left_over)
            if number:
                constant = ("then", place)
                constants.add(constant)
                self._values[constant] = abs(number)
                relation[constant] = 1 if number > 0 else -1
            self._relations[f"as printed before, {place}"] = relation
        return constants

    def _said(self, row: Row, printed: Printed) -> tuple[int, Row] | None:
        """What a release's numbers add up to in a sum, and the rest of it that it hid.

        None where a number is neither printed nor hidden: then the sum was another one.
        """
        number, left = 0, {}
        by_cell: dict[int, dict[str, int]] = defaultdict(dict)
        for key, factor in row.items():
            if key in self._beside:
                left[key] = factor
            else:
                assert isinstance(key, tuple)
                by_cell[key[0]][key[1]] = factor
        for cell, factors in by_cell.items():
            counts = printed.get(cell)
            if counts is None:
                return None
            if not counts:
                left |= {(cell, atom): factor for atom, factor in factors.items()}
                continue
            for atom, name in (("n", "n"), ("c", "c"), ("u", "u")):
                if atom in factors and name in counts and "r" not in factors:
                    number += factors.pop(atom) * counts[name]
            if "r" in factors:
                if factors.get("u") != factors["r"]:
                    return None
                number += factors.pop("r") * counts["c"]
                del factors["u"]
                number += factors.pop("n", 0) * counts["n"]
            if factors:
                return None
        return number, left

    def _zeros(self) -> list[CellId]:
        """Numbers that are 0 all along a series: structural, as far as anybody can tell."""
        kinds: dict[CellId, tuple[str, Series]] = {
            (cell.id, atom): (atom, cell.series) for cell in self._cells for atom in cell.atoms
        } | self._kind
        most: dict[tuple[str, Series], int] = defaultdict(int)
        for key, kind in kinds.items():
            most[kind] = max(most[kind], self._values[key])
        return [key for key, kind in kinds.items() if most[kind] == 0]
