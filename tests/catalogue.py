"""The 54 indicators, listed by hand: no test may learn from the code what the code should have."""

from __future__ import annotations

CATALOGUE = {
    "inclusion": [
        "secure_residence",
        "unconditional_residence",
        "unconditional_support",
        "support_without_identification",
        "early_support_delay",
        "sustained_support",
        "open_accommodation",
        "work",
        "training",
        "stable_housing",
        "family_reunification",
        "child_guardian",
        "core_outcomes",
        "agency",
        "freedom_from_fear",
        "stigma",
    ],
    "retrafficking": [
        "service_recorded",
        "reidentified",
        "support_gap",
        "residence_gap",
        "after_return",
        "closed_shelter_gap",
        "self_reported",
        "followed_up",
    ],
    "remedy": [
        "informed",
        "legal_aid",
        "claimed",
        "granted",
        "time",
        "funnel",
        "paid",
        "state_fund",
        "forms",
        "status_gap",
        "appeals",
        "fair_treatment",
    ],
    "protection": ["not_charged", "not_detained", "child_detention", "service_firewall"],
    "inspection": [
        "firewall",
        "referral",
        "identification_gap",
        "coverage",
        "worker_led",
        "wages_recovered",
        "fees_reimbursed",
        "due_diligence",
        "public_contractors",
    ],
    "participation": ["response", "involvement", "reviewed", "answered", "changed"],
}
IDS = {f"{theme}_{name}" for theme, names in CATALOGUE.items() for name in names}
"""Every id of the catalogue."""
