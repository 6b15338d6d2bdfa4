"""Words that every form of a release shares: what marks mean and what the folder is called.

The rule: a mark, a note or a title is worded once, so that workbook, page and catalogue say the
same.
"""

from __future__ import annotations

from pipelines.release.reading import Candidate, Figure

MARKS = {
    "c": "confidential: hidden so that nobody can be recognised; it is not zero",
    "x": "not available",
    "u": "unreliable: too little is known to show it",
    "h": "withheld at the request of the survivor council",
    "z": "not applicable",
}
"""mark → meaning (publication.md, marks)."""

NOTES = (
    "Figures count people who were detected or supported. They are not the number of people who "
    "were trafficked.",
    "Suppressed is not zero, and unknown is not no.",
    "Intervals are 95 % intervals. For small counts they describe chance variation.",
    "Countries must not be ranked by these figures: detection and recording differ.",
)

SYNTHETIC = "Synthetic data: made up for demonstration. It describes nobody."


def title_of(candidate: Candidate) -> str:
    """The title of the folder, which says so where the data is made up."""
    status = candidate.status
    country = status.country.names.get("en", status.country.code)
    title = f"What happens after trafficking: {country}, {status.period}"
    return f"{title} (synthetic data)" if status.synthetic else title


def shown(figure: Figure, number: object) -> str:
    """A number as text, or the figure's mark in brackets; empty where the method gives none."""
    if figure.mark:
        return f"[{figure.mark}]"
    return "" if number is None else f"{number}"
