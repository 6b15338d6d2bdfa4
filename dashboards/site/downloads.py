"""The files a page offers: copies of the candidate, one archive of it, one CSV an indicator.

Rules: a copy has the same bytes as the signed file, and only files that the manifest names are
copied. A CSV cut by indicator is not signed and says in its name when its figures are synthetic.
"""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from pathlib import Path

from dashboards.site.edition import Edition
from dashboards.site.layout import archive_file, data_file, indicator_csv
from pipelines.release.manifest import MANIFEST, SIGNATURE

TABLE_CSV = "indicators.csv"
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def write_downloads(edition: Edition, site: Path) -> None:
    """Write every download of an edition below the site's folder."""
    names = [*(file.path for file in edition.files), MANIFEST, SIGNATURE]
    for name in names:
        target = site / data_file(edition, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(edition.folder / name, target)
    _write_archive(edition, sorted(names), site / archive_file(edition))
    _write_by_indicator(edition, site)


def _write_archive(edition: Edition, names: list[str], target: Path) -> None:
    """A zip with fixed times and order: the same candidate gives the same bytes."""
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            entry = zipfile.ZipInfo(f"{edition.label}/{name}", _ZIP_TIME)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, (edition.folder / name).read_bytes())


def _write_by_indicator(edition: Edition, site: Path) -> None:
    with (edition.folder / TABLE_CSV).open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        header = next(lines)
        texts: dict[str, io.StringIO] = {
            name: io.StringIO() for name in edition.candidate.indicators
        }
        for text in texts.values():
            csv.writer(text).writerow(header)
        for line in lines:
            csv.writer(texts[line[0]]).writerow(line)
    for name, text in texts.items():
        target = site / indicator_csv(edition, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.getvalue().encode())
