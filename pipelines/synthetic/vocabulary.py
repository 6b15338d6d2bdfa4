"""Codes of contract v1 as the generator counts them: position in a tuple; −1 is unknown or empty.

A test holds these tuples against the contracts, so that neither can change alone.
"""

from __future__ import annotations

SEX = ("female", "male", "other")
AGE_BAND = ("0-8", "9-17", "18-24", "25-34", "35-49", "50+")
CITIZENSHIP = ("national", "regional", "other_region", "stateless")
RESIDENCE = ("citizen", "permanent", "long_term", "temporary", "asylum_seeker", "irregular")
FORM = (
    "sexual",
    "labour",
    "domestic_servitude",
    "criminal",
    "begging",
    "forced_marriage",
    "organ_removal",
    "other",
)
TRI = ("no", "yes")
EXIT_REASON = (
    "completed",
    "independent",
    "other",
    "lost_contact",
    "returned",
    "transferred",
    "died",
)
SERVICES = (
    "shelter;psychological",
    "health;psychological",
    "legal",
    "shelter;legal;financial",
    "employment;education",
    "financial",
    "family_tracing;legal",
    "other",
)
CHANNEL = ("criminal", "civil", "labour", "administrative", "state_fund")
OUTCOME = (
    "granted",
    "partly_granted",
    "refused",
    "withdrawn",
    "formal",
    "presumed",
    "overturned",
    "upheld",
    "free",
    "paid",
    "ordered",
    "obtained",
    "independent",
    "not_independent",
    "linked_to_exploitation",
    "not_linked",
    "service_recorded",
    "reidentified",
)
SUBJECT = (
    "police",
    "immigration",
    "prosecutor",
    "labour_inspectorate",
    "social_services",
    "health",
    "ngo",
    "other",
    "permanent",
    "long_term",
    "protection",
    "temporary",
    "early_support",
    "residence",
    "compensation",
    "restitution",
    "rehabilitation",
    "satisfaction",
    "guarantee_of_non_repetition",
)
GROUND = ("personal_situation", "cooperation", "other", "immigration", "criminal")
EVENT_TYPE = (
    "first_contact",
    "follow_up",
    "retrafficked",
    "returned",
    "died",
    "removed",
    "identified",
    "early_support_granted",
    "early_support_denied",
    "residence_granted",
    "residence_refused",
    "residence_ended",
    "appeal_filed",
    "appeal_decided",
    "rights_information_given",
    "legal_aid_granted",
    "remedy_claimed",
    "remedy_decided",
    "remedy_paid",
    "remedy_form",
    "guardian_appointed",
    "turned_18",
    "work_started",
    "work_ended",
    "training_completed",
    "housing_gained",
    "housing_lost",
    "family_reunited",
    "accommodation_open",
    "accommodation_closed",
    "charged",
    "charge_discontinued",
    "detained",
)
# Seen to the cut-off whether or not the person is in contact (indicators.md, Observation).
REGISTER_EVENTS = (
    "died",
    "removed",
    "identified",
    "residence_granted",
    "residence_refused",
    "residence_ended",
    "appeal_filed",
    "appeal_decided",
    "remedy_claimed",
    "remedy_decided",
    "remedy_paid",
    "remedy_form",
    "charged",
    "charge_discontinued",
    "detained",
)
# Known to the provider as they happen; everything else may be recorded late.
PROMPT_EVENTS = ("first_contact", "follow_up", "retrafficked", "returned", "died", "removed")


def event_code(event_type: str) -> int:
    """The position of an event type."""
    return EVENT_TYPE.index(event_type)
