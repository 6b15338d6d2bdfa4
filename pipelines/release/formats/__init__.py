"""Every other form of the one table, for those who do not read CSV.

The rule: each form is written from the folder's own ``indicators.csv``, registry snapshot and
status, so no two forms can differ, and a mark is said in every one of them.
"""

from __future__ import annotations

from pathlib import Path

from pipelines.release.formats.catalogue import write_catalogue
from pipelines.release.formats.evidence import write_evidence
from pipelines.release.formats.methodology_pages import write_methodology
from pipelines.release.formats.policy_impact import write_policy_impact
from pipelines.release.formats.sdmx import write_sdmx
from pipelines.release.formats.workbook import write_workbook
from pipelines.release.reading import read_candidate


def write_formats(folder: Path) -> None:
    """Write ``indicators.xlsx``, ``sdmx/``, ``methodology/*.html``, ``evidence/``,
    ``policy_impact.csv`` where policies are registered, and, last, as it lists the others,
    ``metadata.jsonld`` into a candidate or release ``folder``.

    Equal folders get equal bytes. ReadingError where the folder is no candidate.
    """
    candidate = read_candidate(folder)
    write_policy_impact(candidate, folder)
    write_workbook(candidate, folder / "indicators.xlsx")
    write_sdmx(candidate, folder / "sdmx")
    write_methodology(candidate, folder / "methodology")
    write_evidence(candidate, folder / "evidence")
    write_catalogue(candidate, folder / "metadata.jsonld")
