"""Who delivers: service providers, labour inspectorates, and the survey body."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.synthetic.parameters import Scenario

CSV, PARQUET, XLSX = "csv", "parquet", "xlsx"
AGENCY, LATE, STOPS = 0, 7, 6  # positions among the service providers


@dataclass(frozen=True)
class Provider:
    """One provider; ``first`` and ``last`` are quarters of the run, both included.

    ``position`` numbers it among all providers, ``weight`` is its share of the people.
    """

    position: int
    name: str
    source: str
    kind: str
    region: str
    format: str
    zipped: bool
    weight: float
    first: int
    last: int
    stops: bool = False

    def format_in(self, quarter: int) -> str:
        """How it writes: workbooks give way to CSV after two years."""
        return CSV if self.format == XLSX and quarter >= 8 else self.format

    def folder(self, country: str, quarter: str) -> str:
        """The delivery's folder name, without the ending of a zip."""
        return f"{country.lower()}-{self.name}-{quarter}"


_SERVICES = (
    ("agency-north", "state_agency", "north", CSV, False, 0.16),
    ("ngo-north", "ngo", "north", CSV, False, 0.18),
    ("ngo-south", "ngo", "south", PARQUET, False, 0.16),
    ("shelter-east", "shelter", "east", PARQUET, False, 0.14),
    ("health-west", "health", "west", CSV, True, 0.12),
    ("legal-south", "legal", "south", CSV, False, 0.12),
    ("shelter-west", "shelter", "west", CSV, False, 0.05),
    ("ngo-east", "ngo", "east", PARQUET, True, 0.07),
)


def all_providers(quarters: int, scenario: Scenario) -> tuple[Provider, ...]:
    """Service providers first, in the order of their positions; then inspectorates, survey body."""
    late = quarters // 4 if scenario.late_entry else 0
    stop = max(1, (3 * quarters) // 4) - 1 if scenario.early_stop and quarters > 1 else quarters - 1
    listed: list[Provider] = []
    for position, (name, kind, region, form, zipped, weight) in enumerate(_SERVICES):
        first = late if position == LATE else 0
        last = stop if position == STOPS else quarters - 1
        listed.append(
            Provider(
                position,
                name,
                "service_provider",
                kind,
                region,
                form,
                zipped,
                weight,
                first,
                last,
                stops=last < quarters - 1,
            )
        )
    others = (
        ("inspectorate-north", "labour_inspection", "labour_inspectorate", "north", CSV),
        ("inspectorate-south", "labour_inspection", "labour_inspectorate", "south", PARQUET),
        ("survey", "survivor_survey", "survey_body", "north", XLSX),
    )
    for name, source, kind, region, form in others:
        position = len(listed)
        listed.append(
            Provider(position, name, source, kind, region, form, False, 0.0, 0, quarters - 1)
        )
    return tuple(listed)


def refused_provider() -> Provider:
    """A clinic that never manages to send a delivery that can be taken in."""
    return Provider(90, "clinic-north", "service_provider", "health", "north", CSV, False, 0, 0, 0)
