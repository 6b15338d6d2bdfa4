"""A safe choice of suppressions from any proposal: add what is missing, drop what is needless.

The rule: what comes out is safe, whatever went in; how good it is, only the master's bound says.
Each target without a witness buys the cheapest deviation that gives it what it lacks; cells that
are suppressed already cost next to nothing, and what a purchase makes a target queues up. Then
secondaries that no witness uses are printed again, and each other one, dearest first, if every
target still finds a witness without it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from pipelines.disclosure.attacker import INTEGRAL, Problem, Work
from pipelines.disclosure.buyer import Buyer
from pipelines.disclosure.linked_tables import BoolArray, FloatArray
from pipelines.disclosure.master import NoChoiceError
from pipelines.disclosure.safety import Pair, Safety, near_witness
from pipelines.disclosure.vicinity import amounts

PURCHASE = 220
"""Simplex iterations that one target's protection takes where it is bought for itself."""

MANY = 1000
"""Fewer targets are always protected one by one, which is cheaper for those who read the table."""

DEAR = 30.0
"""Price of an average cell that is printed where many targets are protected at once; of one that is
hidden it is 1. A larger ratio makes long detours among hidden cells, and programs that are slow."""

BATCHES = (300, 50, 10)
"""Targets that are protected at once, first many, then fewer of those left."""

FEW = 40
"""Targets after whose purchase it pays to look for what was bought for others at the same time."""

NEXT_TO_NOTHING = 1e-3
"""Price of a cell that is suppressed already: just enough to keep deviations short."""


def repair(
    problem: Problem,
    proposal: BoolArray,
    safety: Safety,
    work: Work,
    prices: FloatArray | None = None,
    buying: Work | None = None,
) -> BoolArray:
    """A safe choice that starts from ``proposal``, without needless cells; shape (cells,).

    ``prices`` replace the weights while protection is bought. NoChoiceError when there is none.
    ``work`` bounds the search for needless cells. The search for missing ones ``buying`` bounds
    (``work`` where it is None), and only where targets out of reach are given up: then everything
    is hidden, which no choice is safer than, and none of less use.
    """
    buying = buying or work
    safety.work = buying
    suppressed = problem.close(proposal | problem.fixed)
    weights = problem.weights if prices is None else prices
    whole = np.bincount(problem.group, weights, minlength=len(problem)).astype(np.float64)
    whole = whole[problem.group]
    price = np.where(suppressed, 0.0, whole) + NEXT_TO_NOTHING
    everything = np.ones(len(problem), dtype=np.bool_)
    buyer = Buyer(problem.basis, problem.down, problem.up, price, buying)
    bought_since = 0
    queue, seen = deque(safety.pairs(suppressed)), set(safety.pairs(suppressed))

    def buy(bought: BoolArray) -> None:
        """Suppress these cells too; what that makes a target queues up."""
        cheap = np.flatnonzero(bought)
        if len(cheap):
            suppressed[cheap] = True
            price[cheap] = NEXT_TO_NOTHING
            buyer.price(cheap, np.full(len(cheap), NEXT_TO_NOTHING))
            fresh = [pair for pair in safety.pulled(cheap) if pair not in seen]
            queue.extend(fresh)
            seen.update(fresh)

    many = safety.within_reach and len(queue) > max(MANY, buying.left / PURCHASE)
    if many:
        _buy_together(problem, safety, queue, suppressed, whole, buy)
    else:
        safety.sweep()
    while queue:
        if safety.within_reach and buying.left <= 0:
            return everything
        k, insider = queue.popleft()
        if safety.witnessed(k, insider, suppressed):
            continue
        if not many and bought_since > max(FEW, len(queue) / 8) and len(queue) > FEW:
            bought_since = 0
            safety.sweep(suppressed, 4)
            if safety.witnessed(k, insider, suppressed):
                continue
        bought_since += 1
        found = safety.found_close(k, insider, everything, price) or near_witness(
            problem, buyer, None, k, problem.insiders[insider], both_ways=True
        )
        if found:
            moved = np.any([np.abs(one) > INTEGRAL for one in found], axis=0)
            bought = problem.close(moved) & ~suppressed
            safety.remember(k, insider, found)
        elif safety.within_reach and problem.down[k] == 0:
            safety.lost.add(k)  # a 0 that follows from what can't be suppressed
            continue
        elif next(safety.exposures(everything, [(k, insider)]), None):
            if not safety.within_reach:
                raise NoChoiceError
            safety.lost.add(k)
            continue
        else:  # what the attacker's program, which knows no prices, found
            bought = problem.close(safety.witness(k, insider)) & ~suppressed
        buy(bought)
    safety.work = work
    return drop_needless(problem, suppressed, safety, work)


def _buy_together(
    problem: Problem,
    safety: Safety,
    queue: deque[Pair],
    suppressed: BoolArray,
    weights: FloatArray,
    buy: Callable[[BoolArray], None],
) -> None:
    """Protect the targets of ``queue`` many at a time, as long as there are many.

    What is left of the queue wasn't moved far enough with others, or asks for more than a span.
    """
    chance = np.random.default_rng(0)
    mean = float(weights[~suppressed].mean()) if not suppressed.all() else 1.0
    prices = np.where(suppressed, 1.0, 1.0 + DEAR * weights / max(mean, 1e-9))
    buyer = Buyer(problem.basis, problem.down, problem.up, prices, safety.work)
    asked = np.flatnonzero(problem.width_only)
    for size in BATCHES:
        alone: list[Pair] = []
        while queue and safety.work.left > 0:
            batch: list[int] = []
            while queue and len(batch) < size:
                k, insider = queue.popleft()
                if safety.witnessed(k, insider, suppressed):
                    continue
                if insider or not problem.width_only[k]:
                    alone.append((k, insider))
                else:
                    batch.append(k)
            if not batch:
                break
            targets = np.array(batch, dtype=np.int64)
            used = np.zeros(len(problem), dtype=np.bool_)
            for cells, moved in buyer.together(targets, amounts(problem, targets, chance)):
                if len(safety.learn(cells, moved, asked)):
                    used[cells] = True
            bought = problem.close(used) & ~suppressed
            buy(bought)
            buyer.price(np.flatnonzero(bought), np.ones(np.count_nonzero(bought)))
            alone += [(k, 0) for k in batch if not safety.witnessed(k, 0, suppressed)]
        queue.extend(alone)


def drop_needless(problem: Problem, suppressed: BoolArray, safety: Safety, work: Work) -> BoolArray:
    """Print again, dearest first, each group of secondaries that no target needs."""
    bound = problem.close(problem.fixed)
    suppressed = suppressed & problem.close(bound | safety.used(suppressed))
    weight = np.bincount(problem.group, weights=problem.weights, minlength=len(problem))
    done = np.zeros(len(problem), dtype=np.bool_)
    for h in np.argsort(-weight[problem.group], kind="stable"):
        if work.left <= 0:
            break
        if suppressed[h] and not bound[h] and not done[problem.group[h]]:
            done[problem.group[h]] = True
            together = np.flatnonzero(problem.group == problem.group[h])
            suppressed[together] = False
            pairs = safety.depending_on(together, suppressed)
            exposed = next(safety.exposures(suppressed, _affordable(pairs, work)), None)
            if exposed or work.left <= 0:
                suppressed[together] = True
    return suppressed


def _affordable(pairs: Iterable[Pair], work: Work) -> Iterator[Pair]:
    """The pairs, as long as there is something left to look into them with."""
    for pair in pairs:
        if work.left <= 0:
            return
        yield pair
