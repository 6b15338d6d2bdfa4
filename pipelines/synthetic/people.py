"""Who the imaginary people are: attributes at first contact, as they are and as they are recorded.

What is true drives the life course; what is recorded lacks a stated share, missing completely at
random, so that no breakdown is biased by its unknowns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.synthetic.draws import Bools, Draw, Ints
from pipelines.synthetic.parameters import Population
from pipelines.synthetic.vocabulary import RESIDENCE

RECORDED = (
    "sex",
    "age_band",
    "citizenship_region",
    "exploitation_form",
    "unaccompanied_or_separated_child",
    "separated_from_family",
    "residence_at_first_contact",
    "in_work_at_start",
    "stable_housing_at_start",
    "linkage_refused",
)
_FIRST_ADULT_BAND = 2
_LAST_SECURE = RESIDENCE.index("long_term")


@dataclass(frozen=True)
class People:
    """Arrays of one length. Codes are positions in vocabulary.py; in ``recorded`` −1 is unknown.

    ``number`` counts people over the whole run; ``contact`` is the month of first contact, counted
    from the first month of the run. ``form`` is first · 9 + (second + 1).
    """

    number: Ints
    contact: Ints
    sex: Ints
    age_band: Ints
    residence: Ints
    refused: Bools
    true: dict[str, Ints]
    recorded: dict[str, Ints]

    @property
    def secure(self) -> Bools:
        """Citizens and holders of secure status at contact."""
        return self.residence <= _LAST_SECURE

    @property
    def child(self) -> Bools:
        """Under 18 at contact."""
        return self.age_band < _FIRST_ADULT_BAND

    def __len__(self) -> int:
        return len(self.number)


def draw_people(draw: Draw, first_number: int, months: int, population: Population) -> People:
    """``draw.size`` people whose first contact is uniform over ``months`` months."""
    contact = draw.below(months)
    sex = draw.choice(population.sex)
    age_band = draw.choice(population.age_band)
    citizenship = draw.choice(population.citizenship)
    foreign = 1 + draw.choice(population.residence_of_non_nationals)
    residence = np.where(citizenship == 0, 0, foreign)
    first_form = draw.choice(population.form)
    other_form = draw.choice(population.form)
    second = draw.chance(population.second_form) & (other_form != first_form)
    child = age_band < _FIRST_ADULT_BAND
    refused = draw.chance(population.linkage_refused)
    true = {
        "sex": sex,
        "age_band": age_band,
        "citizenship_region": citizenship,
        "exploitation_form": first_form * 9 + np.where(second, other_form + 1, 0),
        "unaccompanied_or_separated_child": (
            child & draw.chance(population.unaccompanied_child)
        ).astype(np.int64),
        "separated_from_family": draw.chance(population.separated_from_family).astype(np.int64),
        "residence_at_first_contact": residence,
        "in_work_at_start": (~child & draw.chance(population.in_work)).astype(np.int64),
        "stable_housing_at_start": draw.chance(population.stable_housing).astype(np.int64),
        "linkage_refused": refused.astype(np.int64),
    }
    recorded = {
        name: np.where(draw.chance(population.unknown[name]), -1, true[name]) for name in RECORDED
    }
    number = np.arange(first_number, first_number + draw.size, dtype=np.int64)
    return People(number, contact, sex, age_band, residence, refused, true, recorded)
