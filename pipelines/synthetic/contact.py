"""Who is in contact with whom, and until when: providers, loss, stop.

Follow-ups come every five months from first contact, so no gap exceeds six months while contact
lasts. At each of them contact can be lost; after that nothing is seen but register events. Nobody
is lost so late that the silence is not yet a lapse when the run ends: no estimator could tell. In
the base scenario loss does not depend on what happens to the person; under informative loss those
who are about to be retrafficked are lost first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.synthetic.course import LifeCourse
from pipelines.synthetic.draws import NEVER, Bools, Draw, Ints
from pipelines.synthetic.parameters import LAPSE, LOSS_EVERY, Parameters, Scenario
from pipelines.synthetic.people import People
from pipelines.synthetic.providers import LATE, STOPS, Provider


@dataclass(frozen=True)
class Contact:
    """Months from first contact.

    ``until``: last month of contact. ``stopped``: it ended because the provider did, with a
    closing follow-up. ``provider``: position of the main provider; ``second`` (−1: none) is met
    in ``second_from``. ``seen_from``: first month that the main provider observes. ``kept``:
    whether any provider knows the person at all.
    """

    until: Ints
    stopped: Bools
    provider: Ints
    second: Ints
    second_from: Ints
    seen_from: Ints
    kept: Bools


def meet(
    draw: Draw,
    people: People,
    life: LifeCourse,
    providers: tuple[Provider, ...],
    months: int,
    scenario: Scenario,
    parameters: Parameters,
) -> Contact:
    """Providers and the end of contact, a person each; ``months`` is the length of the run."""
    provider, seen_from = _main_provider(draw, people, providers, scenario)
    until = _loss(draw, life, scenario, parameters)
    until = np.where(people.contact + until <= last_loss(months), until, NEVER)

    stop = np.array([3 * p.last + 2 if p.stops else NEVER for p in providers])[provider]
    closing = stop - people.contact
    stopped = (stop < NEVER) & (until >= closing)
    until = np.where(stopped, closing, until)

    first = life.spells[0]
    kept = (seen_from == 0) | (
        (seen_from <= until) & (seen_from < life.end) & (seen_from <= first.retrafficked)
    )

    met = 1 + draw.below(parameters.course.second_provider_within)
    wanted = draw.chance(parameters.population.second_provider / 0.85)  # some end before it
    able = (met <= until) & (met < life.end) & ~people.refused & (met >= seen_from)
    second_provider = (provider + 1 + draw.below(len(providers) - 1)) % len(providers)
    steady = (second_provider != LATE) & (second_provider != STOPS)
    chosen = wanted & able & steady & kept
    return Contact(
        until,
        stopped,
        provider,
        np.where(chosen, second_provider, -1),
        np.where(chosen, met, NEVER),
        seen_from,
        kept,
    )


def last_loss(months: int) -> int:
    """The last month of a run of ``months`` in which contact can be lost."""
    return months - 2 - LAPSE


def _main_provider(
    draw: Draw, people: People, providers: tuple[Provider, ...], scenario: Scenario
) -> tuple[Ints, Ints]:
    provider = draw.choice([p.weight for p in providers])
    instead = draw.choice([p.weight for p in providers[:STOPS]] + [0.12])
    instead = np.minimum(instead, STOPS - 1)
    quarter = people.contact // 3
    first = np.array([p.first for p in providers])
    last = np.array([p.last for p in providers])
    # A provider that is going to stop takes nobody in during its last two quarters.
    stops = np.array([p.stops for p in providers])
    closed = quarter > np.where(stops, last - 2, last)[provider]
    not_yet = quarter < first[provider]
    if scenario.earlier_people:
        not_yet = not_yet & people.refused
    refused_at_stop = people.refused & (provider == STOPS)
    provider = np.where(closed | not_yet | refused_at_stop, instead, provider)
    seen_from = np.maximum(3 * first[provider] - people.contact, 0)
    return provider, seen_from


def _loss(draw: Draw, life: LifeCourse, scenario: Scenario, parameters: Parameters) -> Ints:
    course = parameters.course
    until = LOSS_EVERY * draw.waiting(course.lost_at_follow_up)
    likelier = draw.chance(course.lost_before_retrafficking)
    if not scenario.informative_loss:
        return until
    for spell in life.spells:
        last_follow_up = (spell.retrafficked - 1) // LOSS_EVERY * LOSS_EVERY
        avoidable = (spell.retrafficked < NEVER) & (last_follow_up >= spell.exit)
        hidden = likelier & avoidable & (last_follow_up > 0) & (last_follow_up < until)
        until = np.where(hidden, last_follow_up, until)
    return until
