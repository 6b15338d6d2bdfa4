"""What the providers see and record: events become rows of deliveries, and so do their persons.

Register events are seen to the end of the run; all others only while contact lasts. A row belongs
to the quarter in which it was recorded. What a second provider sees it records as well, under the
same person. A delivery is self-contained: its persons are exactly those whom its rows mention.
"""

from __future__ import annotations

import numpy as np

from pipelines.synthetic.contact import Contact
from pipelines.synthetic.draws import NEVER, Bools, Draw, Ints
from pipelines.synthetic.parameters import LAPSE, Parameters
from pipelines.synthetic.people import RECORDED, People
from pipelines.synthetic.providers import AGENCY, Provider
from pipelines.synthetic.rows import EVENT, PERSON
from pipelines.synthetic.vocabulary import (
    EVENT_TYPE,
    PROMPT_EVENTS,
    REGISTER_EVENTS,
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
    recontact = (gathered["type"] == event_code("retrafficked")) & (month > until + LAPSE)
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
    order = np.argsort(cell_of(events) * (len(people) << 16) + within, kind="stable")
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


def cell_of(rows: np.ndarray) -> Ints:
    """Provider and quarter as one sortable number."""
    cell: Ints = rows["provider"].astype(np.int64) * 100_000 + rows["quarter"]
    return cell


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
    cell = np.concatenate([cell_of(events[0]), cell_of(episodes[0])])
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
