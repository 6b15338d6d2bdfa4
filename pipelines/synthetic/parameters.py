"""Every number the generator believes in, in one place; the truth file prints them all.

Months are counted from first contact (month 0). A hazard is the chance that the thing happens in a
month, given that it has not happened before. None of the figures describes a real country: they
are chosen so that each indicator has something to measure.
"""

from __future__ import annotations

from dataclasses import dataclass, field

SEXES = ("female", "male", "other")
SECURE_AT_CONTACT = ("citizen", "permanent", "long_term")
CHANNELS = ("criminal", "civil", "labour", "administrative", "state_fund")
STRATA = ("north", "south", "east", "west")
LOSS_EVERY = 5  # months between follow-ups; contact can be lost at each of them
LAPSE = 6  # months of silence after which contact counts as lost (indicators.md, Observation)


@dataclass(frozen=True)
class Scenario:
    """What the demonstration contains beside the plain life courses.

    ``defects``: refused deliveries and quarantined rows. ``corrections``: superseded deliveries.
    ``informative_loss``: people about to be retrafficked are lost first. ``late_entry``: one
    provider begins late; ``earlier_people``: and brings people whom it met before, if they are
    still in contact and not retrafficked (left truncation). ``early_stop``: one provider stops
    before the end; its register events go on at the state agency.
    """

    defects: bool = True
    corrections: bool = True
    informative_loss: bool = False
    late_entry: bool = True
    earlier_people: bool = False
    early_stop: bool = True


@dataclass(frozen=True)
class Population:
    """Who comes into contact; shares sum to 1. Unknown is missing completely at random."""

    sex: tuple[float, ...] = (0.62, 0.35, 0.03)
    age_band: tuple[float, ...] = (0.03, 0.15, 0.22, 0.30, 0.24, 0.06)
    citizenship: tuple[float, ...] = (0.15, 0.35, 0.47, 0.03)
    residence_of_non_nationals: tuple[float, ...] = (0.04, 0.06, 0.25, 0.30, 0.35)
    form: tuple[float, ...] = (0.38, 0.33, 0.10, 0.08, 0.04, 0.03, 0.01, 0.03)
    second_form: float = 0.12
    unaccompanied_child: float = 0.4
    separated_from_family: float = 0.55
    in_work: float = 0.2
    stable_housing: float = 0.3
    linkage_refused: float = 0.02
    second_provider: float = 0.08
    conflicting_sex_at_second_provider: float = 0.03
    unknown: dict[str, float] = field(
        default_factory=lambda: {
            "sex": 0.02,
            "age_band": 0.02,
            "citizenship_region": 0.06,
            "exploitation_form": 0.05,
            "residence_at_first_contact": 0.05,
            "unaccompanied_or_separated_child": 0.04,
            "separated_from_family": 0.10,
            "in_work_at_start": 0.08,
            "stable_housing_at_start": 0.08,
            "linkage_refused": 0.0,
            "conditional_on_cooperation": 0.12,
            "channel": 0.03,
            "ground": 0.10,
            "subject_of_identification": 0.05,
        }
    )


@dataclass(frozen=True)
class Course:
    """Hazards of a life course. Only people without secure status are removed or return."""

    died: float = 0.0006
    removed: float = 0.0015
    returned: float = 0.0020
    supported: float = 0.8
    support_delay: tuple[float, ...] = (0.60, 0.25, 0.15)
    exit: float = 0.06
    exit_reasons: tuple[float, ...] = (0.45, 0.40, 0.15)  # completed, independent, other
    transfer: float = 0.05
    retrafficked: dict[str, tuple[float, float, float]] = field(
        default_factory=lambda: {
            "female": (0.009, 0.006, 0.004),
            "male": (0.006, 0.004, 0.003),
            "other": (0.010, 0.007, 0.004),
        }
    )  # months 1-12, 13-24, 25 and later after an exit
    supported_again: float = 0.5
    lost_at_follow_up: float = 0.03
    lost_before_retrafficking: float = 0.6  # informative loss only
    recontact: float = 0.15
    residence_granted: dict[str, float] = field(
        default_factory=lambda: {"temporary": 0.035, "asylum_seeker": 0.025, "irregular": 0.018}
    )
    temporary_granted: float = 0.010
    residence_ended: float = 0.004
    granted_on: tuple[float, ...] = (0.45, 0.45, 0.10)  # personal_situation, cooperation, other
    second_provider_within: int = 12
    unconditional_before: float = 0.45
    unconditional_after: float = 0.80


@dataclass(frozen=True)
class Inclusion:
    """What follows contact beside support. Pairs are (share exposed, monthly hazard)."""

    identified: tuple[float, float] = (0.5, 0.25)
    formally: float = 0.7
    identified_again: tuple[float, float] = (0.3, 0.2)  # formally, after retrafficking
    guardian: tuple[float, float] = (0.85, 0.45)  # of children alone
    independent: float = 0.75
    birthday_within: int = 108  # months in which those of 9 to 17 turn 18, each as likely
    work: tuple[float, float] = (0.3, 0.03)  # of adults without
    work_lost: float = 0.03
    housing: tuple[float, float] = (0.3, 0.04)  # of those without
    housing_lost: float = 0.015
    trained: tuple[float, float] = (0.2, 0.06)
    training_after: int = 3  # months of support
    reunited: tuple[float, float] = (0.5, 0.02)  # of those separated
    accommodated_openly: float = 0.12
    accommodated_closed: float = 0.04
    followed_abroad: float = 0.95  # of those in contact when removed or returned
    retrafficked_abroad: float = 0.008


@dataclass(frozen=True)
class Remedy:
    """The way to remedy. Each step needs the one before; payment types are of all grants."""

    informed: tuple[float, ...] = (0.40, 0.25, 0.20, 0.15)  # hazards, months 0 to 3
    aid: float = 0.5
    aid_same_month: float = 0.5
    aid_free: float = 0.85
    claimed: float = 0.06
    decided: float = 0.07
    channel: tuple[float, ...] = (0.30, 0.15, 0.30, 0.10, 0.15)
    outcome: dict[str, tuple[float, float, float, float]] = field(
        default_factory=lambda: {  # granted, partly, refused, withdrawn
            "criminal": (0.25, 0.20, 0.40, 0.15),
            "civil": (0.30, 0.20, 0.35, 0.15),
            "labour": (0.45, 0.20, 0.25, 0.10),
            "administrative": (0.35, 0.15, 0.40, 0.10),
            "state_fund": (0.40, 0.15, 0.40, 0.05),
        }
    )
    claimed_log_mean: float = 8.6  # of euros
    claimed_log_sd: float = 0.7
    partly: float = 0.5  # share of the claim awarded when partly granted
    paid_at_once: float = 0.35
    at_once_within: int = 6  # months, each as likely
    paid_in_part: float = 0.30
    instalment_months: tuple[int, ...] = (2, 4, 6, 8, 10)
    instalment_share: float = 0.12
    forms: dict[str, tuple[float, float]] = field(
        default_factory=lambda: {  # share of grants that order it, monthly hazard of obtaining it
            "compensation": (0.60, 0.08),
            "restitution": (0.15, 0.10),
            "rehabilitation": (0.25, 0.12),
            "satisfaction": (0.06, 0.10),
            "guarantee_of_non_repetition": (0.05, 0.04),
        }
    )


@dataclass(frozen=True)
class Law:
    """Denials, appeals, charges, detention. Pairs are (share exposed, monthly hazard)."""

    early_support_granted: float = 0.15
    early_support_denied: float = 0.08  # of the others
    residence_refused: tuple[float, float] = (0.25, 0.04)  # of those without secure status
    appealed: tuple[float, float] = (0.4, 0.35)
    appeal_decided: float = 0.12
    appeal_outcome: tuple[float, ...] = (0.35, 0.55, 0.10)  # overturned, upheld, withdrawn
    charged: float = 0.003
    charge: tuple[float, ...] = (0.55, 0.37, 0.08)  # linked, not linked, not known
    discontinued: tuple[float, float] = (0.5, 0.1)
    detained: float = 0.002  # of those without secure status
    detention: tuple[float, ...] = (0.66, 0.29, 0.05)  # immigration, criminal, not known


@dataclass(frozen=True)
class Inspection:
    """Labour inspections. ``none``: no immigration, no police, no check, no sharing."""

    a_person: float = 0.01  # inspections a quarter and inspectorate, by people generated
    at_least: int = 150
    none: float = 0.62
    leading: tuple[float, ...] = (0.3, 0.3, 0.2, 0.2)  # the one flow that then certainly is
    also: tuple[float, ...] = (0.35, 0.40, 0.30, 0.25)
    unknown: float = 0.06
    violation: float = 0.45
    owed_log_mean: float = 7.5
    owed_log_sd: float = 0.9
    paid_unknown: float = 0.05
    paid_at_once: float = 0.30
    paid_later: float = 0.25  # within the three quarters that follow
    paid_half: float = 0.20
    fees: float = 0.08
    fees_reimbursed: float = 0.4
    possible_victims: float = 0.06
    possible_victims_with_immigration: float = 0.03
    collective_agreement: float = 0.30
    union_instead: float = 0.25  # of routine inspections, where there is a collective agreement
    due_diligence_plan: float = 0.15
    violation_with_plan: float = 0.36
    public_contractor: float = 0.12
    employed: int = 100_000  # in each sector of an inspectorate's region


@dataclass(frozen=True)
class Survey:
    """Survivor survey, a wave in each second and fourth quarter."""

    a_person: float = 0.05
    at_least: int = 400
    at_most: int = 2000
    eligible: float = 2.0  # persons of the frame an invitation, at the least
    share: tuple[float, ...] = (0.35, 0.25, 0.25, 0.15)
    complete: tuple[float, ...] = (0.42, 0.36, 0.40, 0.30)
    partial: float = 0.06
    not_eligible: float = 0.04
    unknown: float = 0.01
    rest: tuple[float, ...] = (0.30, 0.45, 0.10, 0.15)  # refusal, non_contact, other, unknown_elig.
    comment: float = 0.08
    scale: tuple[float, ...] = (0.12, 0.16, 0.22, 0.28, 0.22)
    tri_yes: tuple[float, ...] = (0.62, 0.09, 0.18)
    yes_by_stratum: tuple[float, ...] = (1.0, 1.1, 0.95, 0.8)  # times the share of yes of any item


@dataclass(frozen=True)
class Parameters:
    """All of it."""

    population: Population = field(default_factory=Population)
    course: Course = field(default_factory=Course)
    inclusion: Inclusion = field(default_factory=Inclusion)
    remedy: Remedy = field(default_factory=Remedy)
    law: Law = field(default_factory=Law)
    inspection: Inspection = field(default_factory=Inspection)
    survey: Survey = field(default_factory=Survey)
