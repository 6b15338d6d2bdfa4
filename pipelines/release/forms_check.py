"""Whether a candidate's other forms say what its audited table says, and nothing else.

The rule: the audit reads the table, so no number may reach a reader by another way. Every form is
written again from the table, the registry snapshot and the status as they lie on disk, and must
come out the same, byte for byte: nothing else went in, so no form can hold a number that the audit
has not seen. Counts of themes and quotations are no form of the table: they are held to the rules
of ``pipelines.testimony.counts``. A file that no writer writes is named too, whatever it holds.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from pathlib import Path

from pipelines.release.datapackage import data_package
from pipelines.release.formats import write_formats
from pipelines.release.lock import BLINDING, LOCK
from pipelines.release.manifest import MANIFEST, SIGNATURE, files_of, json_bytes
from pipelines.release.status import Status
from pipelines.release.testimony_files import TESTIMONY_FILES, testimony_problems

AUDITED = (
    "indicators.csv",
    "indicators.parquet",
    "methodology/registry.json",
    "status.json",
    LOCK,
)
"""What the forms are written from. The audit compares the first two."""

RECORDS = {
    "disclosure.json": {
        "passed",
        "files",
        "threshold",
        "required_interval",
        "rows",
        "rows_shown",
        "information_kept",
        "suppression",
        "rounding",
        "hidden_counts_audited",
        "exposed",
        "known_to_be_small",
        "smallest_interval",
        "shared_populations_used",
        "linear_programs",
        "amounts_audited",
        "exposed_amounts",
        "exposed_differences",
        "earlier_releases_audited",
        "exposed_changes",
    },
    LOCK: {
        "vintage",
        "deliveries",
        "code",
        "country",
        "period",
        "earlier_releases",
        "reviews_counted",
        "withheld",
        "challenged",
        "testimony",
    },
}
"""Records that hold no figure, and all that they may say."""


def strange_files(folder: Path) -> list[str]:
    """Paths within a candidate ``folder`` of files that say something else than its table."""
    with tempfile.TemporaryDirectory() as place:
        again = Path(place)
        for name in AUDITED:
            (again / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(folder / name, again / name)
        for name in TESTIMONY_FILES:
            if (folder / name).exists():
                shutil.copyfile(folder / name, again / name)
        status = Status.model_validate_json((again / "status.json").read_bytes())
        (again / "datapackage.json").write_bytes(json_bytes(data_package(again, status)))
        write_formats(again)
        with tempfile.TemporaryDirectory() as other:
            wrong = testimony_problems(folder, status.country.code, status.threshold, Path(other))
        written = {path.relative_to(again).as_posix(): path for path in files_of(again)}
        return sorted(
            name
            for path in files_of(folder)
            if (name := path.relative_to(folder).as_posix()) not in (MANIFEST, SIGNATURE)
            and (name in wrong or not _explained(name, path, written))
        )


def _explained(name: str, path: Path, written: dict[str, Path]) -> bool:
    if name == BLINDING:
        return re.fullmatch(rb"[0-9a-f]{64}\n", path.read_bytes()) is not None
    if name in RECORDS:
        return set(json.loads(path.read_bytes())) <= RECORDS[name]
    return name in written and path.read_bytes() == written[name].read_bytes()
