"""A chunk of people, from imagination to compact rows; a pure function of its number.

Each step draws from a stream of its own, so that a change of one step leaves the others' draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.synthetic.contact import meet
from pipelines.synthetic.course import live
from pipelines.synthetic.draws import Draw
from pipelines.synthetic.events import core_events
from pipelines.synthetic.parameters import Parameters, Scenario
from pipelines.synthetic.people import draw_people
from pipelines.synthetic.providers import Provider
from pipelines.synthetic.remedy import seek_remedy
from pipelines.synthetic.seen import seen_events, seen_persons
from pipelines.synthetic.seen_episodes import seen_episodes
from pipelines.synthetic.side_events import side_events

CHUNK = 50_000


@dataclass(frozen=True)
class World:
    """What is the same for all chunks; months count from the first month of the run.

    ``providers`` are those that support people; from ``break_month`` on less support is
    conditional.
    """

    providers: tuple[Provider, ...]
    months: int
    break_month: int
    scenario: Scenario
    parameters: Parameters


def make_chunk(
    world: World, entropy: tuple[int, ...], chunk: int, people_in_all: int
) -> dict[str, np.ndarray]:
    """Rows ``persons``, ``episodes`` and ``events``, each sorted by provider and quarter."""
    first = chunk * CHUNK
    size = min(CHUNK, people_in_all - first)

    def draw(stream: int, length: int = size) -> Draw:
        return Draw((*entropy, stream, chunk), length)

    parameters, providers, months = world.parameters, world.providers, world.months
    people = draw_people(draw(0), first, months, parameters.population)
    life = live(draw(1), people, parameters.course)
    remedy = seek_remedy(draw(2), life.end, parameters.remedy)
    contact = meet(draw(3), people, life, providers, months, world.scenario, parameters)

    horizon = months - 1 - people.contact
    happened = core_events(draw(4), people, life, remedy, contact, horizon, parameters)
    side_events(draw(5), people, life, contact, horizon, happened, parameters)
    gathered = happened.gathered()
    events, of_events = seen_events(
        draw(6, len(gathered)), gathered, people, contact, providers, months, parameters
    )
    events["number"] = chunk * 2**32 + np.arange(len(events))
    episodes, of_episodes = seen_episodes(
        draw(7), people, life, contact, providers, months, world.break_month, parameters
    )
    persons = seen_persons(
        draw(8),
        people,
        contact,
        providers,
        (events, of_events),
        (episodes, of_episodes),
        parameters,
    )
    return {"persons": persons, "episodes": episodes, "events": events}
