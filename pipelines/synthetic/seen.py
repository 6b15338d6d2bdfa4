"""What the providers see and record: events and episodes become rows of deliveries.

Register events are seen to the end of the run; all others only while contact lasts. A row belongs
to the quarter in which it was recorded. What a second provider sees it records as well, under the
same person. A delivery is self-contained: its persons are exactly those whom its rows mention.
"""

from __future__ import annotations

import numpy as np

from pipelines.synthetic.contact import Contact
from pipelines.synthetic.course import LifeCourse, Spell
from pipelines.synthetic.draws import NEVER, Bools, Draw, Ints
from pipelines.synthetic.parameters import Parameters
from pipelines.synthetic.people import RECORDED, People
from pipelines.synthetic.providers import AGENCY, Provider
from pipelines.synthetic.rows import EPISODE, EVENT, NO_MONTH, PERSON
from pipelines.synthetic.vocabulary import (
    EVENT_TYPE,
    EXIT_REASON,
    PROMPT_EVENTS,
    REGISTER_EVENTS,
    SERVICES,
    event_code,
)

_LAG_WEIGHTS = (0.84, 0.08, 0.04, 0.03, 0.01)  # months from event to record, where it may be late
_REGISTER = np.array([name in REGISTER_EVENTS for name in EVENT_TYPE])
_PROMPT = np.array([name in PROMPT_EVENTS for name in EVENT_TYPE])
_REPEATED = np.array(
    [
        name
        in (
            "identified",
            "residence_granted",
            "residence_ended",
            "retrafficked",
            "died",
            "removed",
            "rights_information_given",
        )
        for name in EVENT_TYPE
    ]
)
_GAP = 6  # months after which contact has lapsed
_LOST = EXIT_REASON.index("lost_contact")
_TRANSFERRED = EXIT_REASON.index("transferred")


def person_numbers(people: People, who: Ints, provider: Ints) -> Ints:
    """The number behind a person_key: the same everywhere, unless the person refused linkage."""
    return people.number[who] * 16 + np.where(people.refused[who], provider + 1, 0)


def seen_events(
    draw: Draw,
    gathered: np.ndarray,
    people: People,
    contact: Contact,
    providers: tuple[Provider, ...],
    months: int,
    parameters: Parameters,
) -> tuple[np.ndarray, Ints]:
    """Rows of type EVENT sorted by provider, quarter and person, and each row's person.

    ``draw`` has one value a gathered event.
    """
    who = gathered["who"]
    month = gathered["month"]
    until = contact.until[who]
    recontact = (gathered["type"] == event_code("retrafficked")) & (month > until + _GAP)
    recontact &= draw.chance(parameters.course.recontact) & ~contact.stopped[who]
    register = _REGISTER[gathered["type"]]
    lag = np.where(_PROMPT[gathered["type"]], 0, draw.choice(_LAG_WEIGHTS))
    repeated = _REPEATED[gathered["type"]] & (draw.uniform() < 0.9)

    calendar = people.contact[who] + month
    shown = (register | (month <= until) | recontact) & (calendar < months)
    shown &= contact.kept[who] & (month >= contact.seen_from[who])

    main = contact.provider[who]
    stop = np.array([3 * p.last + 2 if p.stops else NEVER for p in providers])[main]
    provider = np.where(calendar > stop, AGENCY, main)
    recorded = np.where(calendar > stop, calendar + lag, np.minimum(calendar + lag, stop))

    second = contact.second[who]
    twice = shown & repeated & (second >= 0)
    twice &= (month >= contact.second_from[who]) & (month <= until)
    met = contact.second >= 0
    met &= people.contact + contact.second_from < months

    rows = [
        _event_rows(gathered, who, provider, calendar, recorded, shown & (recorded < months)),
        _event_rows(gathered, who, second, calendar, recorded, twice & (recorded < months)),
        _first_contacts(people, contact, met),
    ]
    events = np.concatenate([part for part, _ in rows])
    persons = np.concatenate([part for _, part in rows])
    events["person"] = person_numbers(people, persons, events["provider"])
    events["claim"] = np.where(
        events["claim"] < 0, -1, people.number[persons] * 4 + events["claim"]
    )
    within = (persons * 1024 + events["month"]) * 64 + events["type"]
    order = np.argsort(_cell(events) * (len(people) << 16) + within, kind="stable")
    return events[order], persons[order]


def _event_rows(
    gathered: np.ndarray, who: Ints, provider: Ints, month: Ints, recorded: Ints, kept: Bools
) -> tuple[np.ndarray, Ints]:
    rows = np.zeros(int(kept.sum()), dtype=EVENT)
    for name in ("type", "claim", "channel", "outcome", "subject", "ground", "cents"):
        rows[name] = gathered[name][kept]
    rows["provider"] = provider[kept]
    rows["month"] = month[kept]
    rows["recorded"] = recorded[kept]
    rows["quarter"] = recorded[kept] // 3
    return rows, who[kept]


def _first_contacts(people: People, contact: Contact, met: Bools) -> tuple[np.ndarray, Ints]:
    who = np.flatnonzero(met)
    rows = np.zeros(who.size, dtype=EVENT)
    rows["type"] = event_code("first_contact")
    for name in ("claim", "channel", "outcome", "subject", "ground", "cents"):
        rows[name] = -1
    rows["provider"] = contact.second[who]
    rows["month"] = rows["recorded"] = people.contact[who] + contact.second_from[who]
    rows["quarter"] = rows["month"] // 3
    return rows, who


def _cell(rows: np.ndarray) -> Ints:
    cell: Ints = rows["provider"].astype(np.int64) * 100_000 + rows["quarter"]
    return cell


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
    order = np.argsort(_cell(episodes) * (len(people) << 2) + within, kind="stable")
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


def seen_persons(
    draw: Draw,
    people: People,
    contact: Contact,
    providers: tuple[Provider, ...],
    events: tuple[np.ndarray, Ints],
    episodes: tuple[np.ndarray, Ints],
    parameters: Parameters,
) -> np.ndarray:
    """Rows of type PERSON: one a provider, quarter and person that a row of theirs mentions."""
    size = len(people)
    cell = np.concatenate([_cell(events[0]), _cell(episodes[0])])
    whose = np.concatenate([events[1], episodes[1]])
    mentioned = np.sort(cell * size + whose)
    unique = mentioned[np.diff(mentioned, prepend=-1) > 0]
    cell, who = unique // size, unique % size
    rows = np.zeros(unique.size, dtype=PERSON)
    rows["provider"] = cell // 100_000
    rows["quarter"] = cell % 100_000
    rows["person"] = person_numbers(people, who, rows["provider"].astype(np.int64))

    main = contact.provider[who]
    stop = np.array([3 * p.last + 2 if p.stops else NEVER for p in providers])[main]
    first = people.contact[who]
    elsewhere = rows["provider"] != main
    second = elsewhere & (rows["provider"] == contact.second[who])
    first = np.where(second, first + contact.second_from[who], first)
    first = np.where(elsewhere & ~second, np.minimum(stop + 1, NEVER), first)
    rows["contact"] = first

    for name in RECORDED:
        rows[name] = people.recorded[name][who]
    conflict = draw.chance(parameters.population.conflicting_sex_at_second_provider)[who]
    other = (people.sex[who] + 1) % 3
    rows["sex"] = np.where(second & conflict, other, rows["sex"])
    return rows
