"""The world of the study: the generator's, with enough people behind every figure.

What is rare in the demonstration (closed shelters, removals, decisions on claims) is made frequent,
so that a thousand people are enough to judge each estimator; the truth follows the parameters. The
survey's frame is so large that a sample of it is as good as drawn from all the people whom the
generator could imagine, of whom its truth speaks: the correction for finite populations is held to
R survey elsewhere.
"""

from __future__ import annotations

from pipelines.synthetic.at_once import Run
from pipelines.synthetic.parameters import (
    Course,
    Inclusion,
    Inspection,
    Law,
    Parameters,
    Population,
    Remedy,
    Scenario,
    Survey,
)

PEOPLE = 1_500
QUARTERS = 16
WORLD = Parameters(
    population=Population(unaccompanied_child=0.8),
    course=Course(died=0.002, removed=0.006, returned=0.006),
    inclusion=Inclusion(
        trained=(0.4, 0.06),
        accommodated_openly=0.2,
        accommodated_closed=0.2,
        retrafficked_abroad=0.02,
    ),
    remedy=Remedy(aid=0.9, claimed=0.12, decided=0.12),
    law=Law(
        early_support_denied=0.3,
        appealed=(0.7, 0.35),
        charged=0.006,
        detained=0.006,
    ),
    inspection=Inspection(
        at_least=100,
        possible_victims=0.25,
        possible_victims_with_immigration=0.15,
        fees=0.3,
        due_diligence_plan=0.3,
    ),
    survey=Survey(eligible=100.0),
)
CALM = Scenario(defects=False, corrections=False)
INFORMATIVE = Scenario(defects=False, corrections=False, informative_loss=True)


def run(seed: int, *, informative: bool = False) -> Run:
    """The run of a seed; those under informative loss are countries of their own."""
    return Run(
        f"{'L' if informative else 'C'}{seed:05d}",
        seed,
        PEOPLE,
        QUARTERS,
        scenario=INFORMATIVE if informative else CALM,
        parameters=WORLD,
    )
