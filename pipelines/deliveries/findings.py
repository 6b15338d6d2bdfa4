"""What the gate found, in a form that may be kept and shown.

Rule guarded: a finding names the step, rule, file, column and count, and says what to do. It never
holds a delivered value: the value may be the very thing that must not be kept.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

#: Rules of step 4 that stop nothing: a column that moved at one provider, or at all of a source
#: taken together, and a delivery that came late.
DRIFT, DRIFT_OF_ALL, LATE = "drift", "drift_of_all", "late"
#: Months after a period's end within which a delivery is expected.
EXPECTED_WITHIN = 3


@dataclass(frozen=True)
class Finding:
    """One thing found, with how often; ``row`` is the first row concerned (first data row = 1)."""

    step: int
    rule: str
    message: str
    file: str = ""
    table: str = ""
    field: str = ""
    row: int | None = None
    count: int = 1

    def as_dict(self) -> dict[str, Any]:
        """The finding as the register writes it."""
        return asdict(self)

    def __str__(self) -> str:
        place = [p for p in (self.file, self.field and f"column {self.field}") if p]
        if self.row is not None:
            place.append(f"row {self.row}")
        often = f" ({self.count} times)" if self.count > 1 else ""
        where = ", ".join(place)
        return f"{where}: {self.message}{often}" if where else f"{self.message}{often}"


class Refused(Exception):
    """A delivery that the gate refuses whole, with the findings that say why."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("; ".join(map(str, findings)))
        self.findings = findings
        self.step = findings[0].step


def refusal(step: int, rule: str, message: str, file: str = "", **more: Any) -> Refused:
    """A refusal for one reason; ``more`` may give table, field, row and count."""
    return Refused([Finding(step, rule, message, file, **more)])
