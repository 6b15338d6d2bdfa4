"""A candidate folder as the site shows it: what was signed, and where its pages go.

Rule: the pages know nothing but the folder. What has no record of a release is a candidate,
whatever its audit found; a status that is not clearly "cleared" is shown as not cleared, and one
that is not clearly "real data" as synthetic.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipelines.periods import Period
from pipelines.release.manifest import MANIFEST
from pipelines.release.reading import Candidate, read_candidate
from pipelines.release.verify_release import RELEASE

LOCK = "release.lock.json"


@dataclass(frozen=True)
class SignedFile:
    """One line of the manifest: path in the folder, SHA-256 (hex), size in bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Edition:
    """One candidate or release and the site folder of its pages (empty for the edition that leads).

    ``version`` is the release's, none for a candidate.
    """

    candidate: Candidate
    place: PurePosixPath
    files: tuple[SignedFile, ...]
    currency: str | None
    version: int | None

    @property
    def standing(self) -> str:
        """released, candidate (audited, not reviewed) or not_cleared."""
        if not self.candidate.status.cleared_for_release:
            return "not_cleared"
        return "candidate" if self.version is None else "released"

    @property
    def folder(self) -> Path:
        """Where the candidate lies."""
        return self.candidate.folder

    @property
    def country(self) -> str:
        """ISO 3166-1 alpha-2 code."""
        return self.candidate.status.country.code

    @property
    def period(self) -> str:
        """The quarter of the candidate."""
        return self.candidate.status.period

    @property
    def label(self) -> str:
        """A file-name part that says what the files are, ``synthetic`` first where they are."""
        name = f"{self.country}-{self.period}"
        return f"synthetic-{name}" if self.candidate.status.synthetic else name

    def country_name(self, language: str) -> str:
        """The country's name in a language, else in English, else its code."""
        names = self.candidate.status.country.names
        return names.get(language) or names.get("en") or self.country


def read_editions(folders: Sequence[Path]) -> list[Edition]:
    """Read candidates, by country, the newest first.

    With one country its newest edition leads and takes the site's root; with several none leads,
    because no country stands before another.
    """
    candidates = [read_candidate(folder) for folder in folders]
    candidates.sort(key=lambda candidate: Period.parse(candidate.status.period), reverse=True)
    candidates.sort(key=lambda candidate: candidate.status.country.code)
    alone = len({candidate.status.country.code for candidate in candidates}) == 1
    return [
        _edition(candidate, leads=alone and number == 0)
        for number, candidate in enumerate(candidates)
    ]


def _edition(candidate: Candidate, *, leads: bool) -> Edition:
    status = candidate.status
    manifest = json.loads((candidate.folder / MANIFEST).read_text(encoding="utf-8"))
    lock = json.loads((candidate.folder / LOCK).read_text(encoding="utf-8"))
    own = PurePosixPath(status.country.code.lower(), status.period.lower())
    release = candidate.folder / RELEASE
    return Edition(
        candidate=candidate,
        place=PurePosixPath() if leads else own,
        files=tuple(
            SignedFile(path, entry["sha256"], entry["bytes"])
            for path, entry in sorted(manifest.items())
        ),
        currency=lock.get("country", {}).get("currency"),
        version=json.loads(release.read_text(encoding="utf-8"))["version"]
        if release.is_file()
        else None,
    )
