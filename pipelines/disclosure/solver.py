"""Secondary suppression: withhold the least that lets no attacker narrow a protected cell.

The rule: the result says what was proved. ``proved`` means no safe choice costs less; otherwise it
is safe all the same, and ``gap`` is how much cheaper another could be at most. Nothing falls back
to a weaker method in silence, and a budget that runs out never makes a choice less safe. The budget
is one of simplex iterations and nodes, so that every machine finds the same choice.

Method: cutting planes of Fischetti & Salazar-González, Management Science 47 (2001): a master
program proposes, the attacker's programs answer with cuts, first on proposals with suppressions in
part, then on whole ones; heuristics give the safe choices against which the bound closes.
Components, which share no relation once what everybody knows is taken out, are solved one by one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from multiprocessing import get_context
from time import monotonic

import numpy as np

from pipelines.disclosure.attacker import Problem, SolverLimitError, Work, narrowed, subproblem
from pipelines.disclosure.cuts import (
    Cut,
    Separator,
    first_cuts,
    line_bridges,
    no_good,
    protection_cuts,
)
from pipelines.disclosure.linked_tables import (
    BoolArray,
    CellId,
    FloatArray,
    InfeasibleProtectionError,
    Table,
    components,
)
from pipelines.disclosure.master import Master, NoChoiceError, Relaxed
from pipelines.disclosure.repair import repair
from pipelines.disclosure.safety import Exposure, Safety

PROVED = 1e-6
"""Relative difference of cost and bound that counts as none."""


SLICES = 16
"""The first turn of the integer master is this part of the work; later turns grow by half."""

PATIENCE = 10
"""Rounds of cuts in a row that may leave the relaxed master's bound where it is."""

NODE = 100
"""Simplex iterations for which one node of branch and bound stands."""

SEARCH = 1000
"""Simplex iterations a target below which a search for the optimum has no chance: all the budget
goes into leaving out needless suppressions then."""

BUYING = 6
"""Times the budget that may be spent on protection before all of a component is hidden instead."""

CROWDED = 8
"""A component with many targets is hidden whole where fewer than one in this many of its cells
could be printed: the targets are what a choice takes its time for, these cells all it can save."""

WORK = 3e6
"""Default budget in simplex iterations, a minute or two."""

LARGE = 1000
"""Cells from which a component is one of those that may be solved at the same time, and targets
from which it may be hidden whole."""

WORTH_A_PROCESS = 20_000
"""Cells of large components from which further processes are worth their start, some seconds."""

VARIATIONS = 8
"""Safe choices merged into one candidate set."""


@dataclass(frozen=True)
class Suppression:
    """A safe table and what is known of its cost.

    ``cost`` and ``bound`` are weights of everything suppressed, primaries included; ``gap`` is
    ``(cost − bound) / cost``; ``method`` is "optimal" (proved) or "heuristic" (the budget ran out).
    """

    table: Table
    cost: float
    bound: float
    proved: bool
    method: str
    seconds: float
    components: int
    rounds: int
    cuts: int
    out_of_reach: int = 0

    @property
    def gap(self) -> float:
        """Share of the cost that a better choice could save at most."""
        return (self.cost - self.bound) / self.cost if self.cost > self.bound else 0.0


@dataclass
class _Solution:
    """The best safe choice of one component so far."""

    suppressed: BoolArray
    cost: float
    bound: float = 0.0
    rounds: int = 0
    cuts: int = 0
    lost: int = 0

    @property
    def proved(self) -> bool:
        return self.cost - self.bound <= PROVED * max(1.0, self.cost)

    def improve(self, problem: Problem, suppressed: BoolArray) -> None:
        cost = problem.cost(suppressed)
        if cost < self.cost:
            self.suppressed, self.cost = suppressed, cost


def suppress_secondary(
    table: Table,
    *,
    work: float = WORK,
    insiders: Iterable[Iterable[CellId]] = (),
    within_reach: bool = False,
) -> Suppression:
    """Suppress the cheapest set of open cells that protects every primary cell of ``table``.

    ``insiders`` are the sets of cells that single contributors know, being alone in them; each
    protected cell keeps its protection against each insider too. ``work`` is the budget of the
    search in simplex iterations, after which the best safe choice found is returned with its gap.
    InfeasibleProtectionError when no choice protects a cell; ``within_reach`` gives such cells up
    and counts them (``out_of_reach``), and hides all of a component whose protection costs too much
    (``BUYING``) or could save too little (``CROWDED``). SolverLimitError, with the component's
    first cell, when a program runs wild.
    """
    begin = monotonic()
    known = [table.positions(cells) for cells in insiders]
    primary = table.primary
    problems = [
        subproblem(table, cells, known)
        for cells in components(table, ~table.known)
        if primary[cells].any()
    ]
    problems.sort(key=len)  # what small components leave of the budget goes to the large ones
    suppressed = table.hidden.copy()
    cost, bound, rounds, cuts = table.weights[suppressed].sum(), 0.0, 0, 0
    cost -= sum(problem.cost(problem.fixed) for problem in problems)
    bound, proved, out_of_reach = cost, True, 0
    for problem, solution in _solutions(table, problems, work, within_reach=within_reach):
        out_of_reach += solution.lost
        suppressed[problem.cells[solution.suppressed]] = True
        cost, bound = cost + solution.cost, bound + min(solution.bound, solution.cost)
        rounds, cuts = rounds + solution.rounds, cuts + solution.cuts
        proved = proved and solution.proved
    return Suppression(
        table.suppress(suppressed),
        float(cost),
        float(bound),
        proved,
        "optimal" if proved else "heuristic",
        monotonic() - begin,
        len(problems),
        rounds,
        cuts,
        out_of_reach,
    )


def _solutions(
    table: Table, problems: Sequence[Problem], work: float, *, within_reach: bool
) -> Iterator[tuple[Problem, _Solution]]:
    """Each component with its solution; several large ones are solved at the same time.

    Budgets don't depend on what runs beside what: small components, one after the other, leave to
    the large ones what they don't need, and these get parts of it by their number of cells. What
    protection may cost is counted in the order of ``problems``, as if each waited for the last: a
    component that would then have had too little left is hidden whole.
    """
    left, buying = work, BUYING * work if within_reach else None
    large = [problem for problem in problems if len(problem) >= LARGE]
    for done, problem in enumerate(problems[: len(problems) - len(large)]):
        with _naming(table, problem):
            solution, spent, bought = _within(
                problem, left / (len(problems) - done), buying, within_reach
            )
        left = max(left - spent, 0.0)
        buying = None if buying is None else buying - bought
        yield problem, solution
    cells = sum(len(problem) for problem in large)
    shares = [left * len(problem) / cells for problem in large]
    for problem, answer in zip(large, _at_once(large, shares, buying, within_reach), strict=True):
        with _naming(table, problem):
            solution, _, bought = answer()
        if buying is not None and bought > buying:
            everything = np.ones(len(problem), dtype=np.bool_)
            solution = replace(solution, suppressed=everything, cost=problem.cost(everything))
        buying = None if buying is None else buying - bought
        yield problem, solution


def _within(
    problem: Problem, work: float, buying: float | None, within_reach: bool
) -> tuple[_Solution, float, float]:
    """The solution of one component within its budgets, and what was spent of them."""
    searching = Work(work)
    protecting = None if buying is None else Work(buying)
    solution = _solve(problem, searching, within_reach=within_reach, buying=protecting)
    return solution, searching.spent, protecting.spent if protecting else 0.0


def _at_once(
    problems: Sequence[Problem], shares: Sequence[float], buying: float | None, within_reach: bool
) -> Iterator[Callable[[], tuple[_Solution, float, float]]]:
    """Calls that give the answers of ``_within``, the largest components being started first."""
    asked = [(*one, buying, within_reach) for one in zip(problems, shares, strict=True)]
    workers = min(len(problems), os.cpu_count() or 1)
    if workers < 2 or sum(len(problem) for problem in problems) < WORTH_A_PROCESS:
        yield from (partial(_within, *one) for one in asked)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        try:
            started = [pool.submit(_within, *one) for one in reversed(asked)]
            yield from (one.result for one in reversed(started))
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _naming(table: Table, problem: Problem) -> Iterator[None]:
    """Say which component it was that had no answer."""
    try:
        yield
    except NoChoiceError:
        raise _infeasible(table, problem) from None
    except SolverLimitError as error:
        raise SolverLimitError(error.reason, table.ids[problem.cells[0]]) from error


def _without(problem: Problem, lost: set[int]) -> Problem:
    """The problem without some of its targets."""
    gone = np.array(sorted(lost), dtype=np.int64)
    kept = ~np.isin(problem.conditions[:, 0], gone)
    return replace(
        problem,
        targets=np.setdiff1d(problem.targets, gone),
        conditions=problem.conditions[kept],
    )


def _solve(
    problem: Problem,
    work: Work,
    *,
    merging: bool = True,
    within_reach: bool = False,
    buying: Work | None = None,
) -> _Solution:
    """Close the gap between safe choices and the master's bound, within the budget.

    ``buying`` is the budget of the first safe choice, where it has one of its own.

    While the master is easy, its own proposals become safe and prove themselves. Where it takes
    more than its slice of the work, safe choices are sought by merging too (``merging``).
    """
    if within_reach and _crowded(problem):
        everything = np.ones(len(problem), dtype=np.bool_)
        bound = problem.cost(problem.close(problem.fixed))
        return _Solution(everything, problem.cost(everything), bound)
    safety = Safety(problem, within_reach=within_reach)
    search = work.left > SEARCH * (len(problem.targets) + len(problem.conditions))
    start, guide = None, np.zeros(len(problem))
    if search or not within_reach:  # else the master gives no more than a bound, which comes last
        try:
            master, start = _started(problem, work)
            guide = start.x
        except NoChoiceError:
            if not within_reach:
                raise
    cheap = Work(work.left * (0.3 if search else 1.0))
    prices = problem.weights * (1 - 0.8 * guide)
    choice = repair(problem, problem.fixed, safety, cheap, prices, buying)
    work.spent += cheap.spent
    safety.work = work
    if start is None or safety.lost:
        bound = _first_bound(_without(problem, safety.lost), work)
        return _Solution(choice, problem.cost(choice), bound, lost=len(safety.lost))
    best = _Solution(choice, problem.cost(choice), start.bound)
    if best.proved or not search:
        return best
    relaxed, best.bound, best.rounds = _relax(problem, master, work)
    cheap = work.part(0.3)
    choice = repair(problem, relaxed > 0.5, safety, cheap)
    work.spent, safety.work = work.spent + cheap.spent, work
    best.improve(problem, choice)
    chance = np.random.default_rng(0)
    slice_ = work.left / SLICES
    while not best.proved and work.left > 0:
        answer = master.solve(min(slice_, work.left) / NODE, best.cost)
        best.bound = max(best.bound, answer.bound)
        best.rounds += 1
        if answer.x is not None:
            proposed = answer.x > 0.5
            exposed = list(safety.exposures(proposed))
            if exposed:
                answers = (_answers(problem, proposed, exposure) for exposure in exposed)
                bridges = Separator(problem, answer.x, work).bridges()
                if not master.add(chain(chain.from_iterable(answers), bridges)):
                    master.add([no_good(problem, proposed, exposed[0].target)])
                proposed = repair(problem, proposed, safety, work)
            best.improve(problem, proposed)
        if not answer.finished and merging and not best.proved:
            budget = Work(min(slice_, work.left))
            merged = _merge(problem, best.suppressed, relaxed, budget, chance)
            work.spent += budget.spent
            best.improve(problem, merged)
            slice_ *= 1.5
    best.cuts = len(master)
    return best


def _crowded(problem: Problem) -> bool:
    """Whether a component has so little to print that protecting it isn't worth its time."""
    printable = np.count_nonzero(~problem.close(problem.fixed))
    return len(problem.targets) >= LARGE and bool(CROWDED * printable < len(problem))


def _started(problem: Problem, work: Work) -> tuple[Master, Relaxed]:
    """A master with the first cuts, and its first relaxed solution."""
    master = Master(problem, work)
    master.add(first_cuts(problem))
    return master, master.relax()


def _first_bound(problem: Problem, work: Work) -> float:
    """What a choice costs at least; the primaries, where not all targets out of reach are known."""
    try:
        return _started(problem, work)[1].bound
    except NoChoiceError:
        return problem.cost(problem.close(problem.fixed))


def _merge(
    problem: Problem,
    best: BoolArray,
    relaxed: FloatArray,
    work: Work,
    chance: np.random.Generator,
) -> BoolArray:
    """The best choice within the union of ``best`` and of some variations of it.

    A variation keeps half of the secondaries at random and buys the rest at prices that favour
    what the relaxed master favours.
    """
    union, half = best.copy(), work.left / 2
    for variation in range(VARIATIONS):
        if work.left < half:
            break
        guide = relaxed if variation % 2 else 0.5 * best
        prices = problem.weights * (1 - 0.8 * guide) * chance.uniform(0.6, 1.4, len(problem))
        kept = best & (chance.random(len(problem)) < 0.5)
        union |= repair(problem, kept, Safety(problem, work), work, prices)
    part = narrowed(problem, union)
    solution = _solve(part, work, merging=False)
    merged = np.zeros(len(problem), dtype=np.bool_)
    merged[part.cells[solution.suppressed]] = True
    return merged


def _relax(problem: Problem, master: Master, work: Work) -> tuple[FloatArray, float, int]:
    """Add cuts until suppressions in part satisfy all; these, their cost, the number of rounds."""
    bounds: list[float] = []
    while True:
        proposal = master.relax()
        bounds.append(proposal.bound)
        stalled = bounds[-PATIENCE:][0] > proposal.bound * (1 - 1e-4) and len(bounds) > PATIENCE
        separator = Separator(problem, proposal.x, work)
        added = master.add(
            _until(work, chain(separator.targets(), line_bridges(problem, proposal.x)))
        )
        if not added:
            added = master.add(
                _until(work, chain(separator.targets(part=0.3), separator.bridges()))
            )
        if not added or stalled or work.left <= 0:
            return proposal.x, proposal.bound, len(bounds)


def _until(work: Work, cuts: Iterable[Cut]) -> Iterator[Cut]:
    for cut in cuts:
        yield cut
        if work.left <= 0:
            return


def _answers(problem: Problem, proposed: BoolArray, exposure: Exposure) -> Iterator[Cut]:
    """Cuts that an unsafe whole proposal violates."""
    k, above, below = exposure.target, exposure.above, exposure.below
    if above is None:
        yield no_good(problem, proposed, k)
        return
    always = k in problem.targets
    triggers = problem.conditions[problem.conditions[:, 0] == k, 1]
    if always or problem.fixed[triggers].any():
        yield from protection_cuts(problem, k, above, below, exposure.known)
        return
    for trigger in triggers[proposed[triggers]].tolist():
        yield from protection_cuts(problem, k, above, below, exposure.known, trigger)


def _infeasible(table: Table, problem: Problem) -> InfeasibleProtectionError:
    """Name a target that stays exposed when everything that may be suppressed is."""
    everything = np.ones(len(problem), dtype=np.bool_)
    exposure = next(Safety(problem).exposures(everything))
    cell = problem.cells[exposure.target]
    down, up = exposure.reach
    value = table.values[cell]
    insiders = f", against whoever knows {[table.ids[i] for i in problem.cells[exposure.known]]}"
    return InfeasibleProtectionError(
        f"cell {table.ids[cell]!r} can't be protected: with everything suppressed that may be, an "
        f"attacker still finds it in [{value - down:g}, {value + up:g}]"
        f"{insiders if len(exposure.known) else ''}; it needs −{table.lower[cell]:g}, "
        f"+{table.upper[cell]:g}, width {table.width[cell]:g}"
    )
