"""Support as providers see it: episodes, closed when contact is lost, open when a provider stops.

An episode is delivered in the quarter of its start and again, ended, in that of its end.
"""

from __future__ import annotations

import numpy as np

from pipelines.synthetic.contact import Contact
from pipelines.synthetic.course import LifeCourse, Spell
from pipelines.synthetic.draws import NEVER, Draw, Ints
from pipelines.synthetic.parameters import Parameters
from pipelines.synthetic.people import People
from pipelines.synthetic.providers import Provider
from pipelines.synthetic.rows import EPISODE, NO_MONTH
from pipelines.synthetic.seen import cell_of, person_numbers
from pipelines.synthetic.vocabulary import EXIT_REASON, SERVICES

_LOST = EXIT_REASON.index("lost_contact")
_TRANSFERRED = EXIT_REASON.index("transferred")


def seen_episodes(
    draw: Draw,
    people: People,
    life: LifeCourse,
    contact: Contact,
    providers: tuple[Provider, ...],
    months: int,
    break_month: int,
    parameters: Parameters,
) -> tuple[np.ndarray, Ints]:
    """Rows of type EPISODE, each in the quarter of its start and again in that of its end."""
    parts: list[np.ndarray] = []
    persons: list[Ints] = []
    first = np.array([p.first for p in providers])
    for number, (spell, later) in enumerate(
        (spell, later) for spell in life.spells for later in (False, True)
    ):
        start, end, reason = _episode(spell, contact, later)
        provider = contact.provider
        if later:
            provider = np.where(contact.second >= 0, contact.second, provider)
            provider = np.where(contact.second_from <= start, provider, contact.provider)
        start, end = people.contact + start, people.contact + end
        shown = contact.kept & (start < months)
        after = start >= break_month
        course = parameters.course
        free = np.where(after, course.unconditional_after, course.unconditional_before)
        conditional = np.where(
            draw.chance(parameters.population.unknown["conditional_on_cooperation"]),
            -1,
            (~draw.chance(free)).astype(np.int64),
        )
        services = draw.below(len(SERVICES))
        ended = end < months
        begin_quarter = np.maximum(start // 3, first[provider])
        end_quarter = np.maximum(end // 3, first[provider])
        at_once = ended & (end_quarter == begin_quarter)
        for quarter, here, closed in (
            (begin_quarter, shown, at_once),
            (end_quarter, shown & ended & ~at_once, ended),
        ):
            who = np.flatnonzero(here)
            rows = np.zeros(who.size, dtype=EPISODE)
            rows["provider"] = provider[who]
            rows["quarter"] = quarter[who]
            rows["person"] = person_numbers(people, who, provider[who])
            rows["number"] = people.number[who] * 4 + number
            rows["start"] = start[who]
            rows["end"] = np.where(closed[who], end[who], NO_MONTH)
            rows["conditional"] = conditional[who]
            rows["reason"] = np.where(closed[who], reason[who], -1)
            rows["services"] = services[who]
            parts.append(rows)
            persons.append(who)
    episodes = np.concatenate(parts)
    whose = np.concatenate(persons)
    within = whose * 4 + episodes["number"] % 4
    order = np.argsort(cell_of(episodes) * (len(people) << 2) + within, kind="stable")
    return episodes[order], whose[order]


def _episode(spell: Spell, contact: Contact, later: bool) -> tuple[Ints, Ints, Ints]:
    """Start, end and reason, as seen, of the part before or after the transfer; NEVER if none."""
    moves = spell.moved < NEVER
    if later:
        start, end, reason = spell.resumed, spell.exit, spell.reason
        start = np.where(moves, start, NEVER)
    else:
        start = spell.start
        end = np.where(moves, spell.moved, spell.exit)
        reason = np.where(moves, _TRANSFERRED, spell.reason)
    start = np.where(start <= contact.until, start, NEVER)
    unseen = end > contact.until
    # Losing contact closes the file; a provider that stops leaves it open.
    end = np.where(unseen, np.where(contact.stopped, NEVER, contact.until), end)
    reason = np.where(unseen, _LOST, reason)
    return start, np.where(start < NEVER, end, NEVER), reason
