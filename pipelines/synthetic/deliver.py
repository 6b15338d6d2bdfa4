"""One delivery: its tables into files, their hashes into ``delivery.json``.

A delivery's id is the SHA-256 of its canonical manifest, so that a correction can name the delivery
it supersedes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipelines.periods import Period, month_text
from pipelines.synthetic.formats import TableWriter, zip_folder
from pipelines.synthetic.keys import key
from pipelines.synthetic.providers import Provider
from pipelines.synthetic.render import Renderer


@dataclass(frozen=True)
class Delivered:
    """Where a delivery was written, its id and how many rows each table has."""

    path: Path
    id: str
    rows: dict[str, int]


@dataclass(frozen=True)
class Outbox:
    """Writes deliveries of one country below ``folder``."""

    folder: Path
    country: str
    quarters: list[str]
    renderer: Renderer
    writer: TableWriter

    def deliver(
        self,
        provider: Provider,
        quarter: int,
        tables: Mapping[str, pa.Table],
        *,
        suffix: str = "",
        supersedes: str | None = None,
        months_later: int = 1,
        zipped: bool | None = None,
        wrong_hash: bool = False,
    ) -> Delivered:
        """Write one delivery; the provider's own row is added.

        ``suffix`` tells apart several deliveries of one quarter; ``months_later`` after its end it
        was sent; ``wrong_hash`` spoils the first file's hash in the manifest.
        """
        period = self.quarters[quarter]
        folder = self.folder / (provider.folder(self.country, period) + suffix)
        folder.mkdir(parents=True)
        everything = {"providers": self._provider_row(provider, quarter), **tables}
        files = []
        for name, table in everything.items():
            form = provider.format_in(quarter)
            path = folder / f"{name}.{form}"
            self.writer.write(table, path, form)
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            files.append({"path": path.name, "table": name, "sha256": digest})
        if wrong_hash:
            files[-1]["sha256"] = hashlib.sha256(b"not this file").hexdigest()
        manifest = {
            "contract": "v1",
            "source": provider.source,
            "provider_key": key("provider", provider.position, self.renderer.seed),
            "country": self.country,
            "period": period,
            "format": "canonical",
            "synthetic": True,
            "supersedes": supersedes,
            "sent_month": month_text(Period.parse(period).last + months_later),
            "files": files,
        }
        text = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
        (folder / "delivery.json").write_text(text, encoding="utf-8")
        packed = provider.zipped if zipped is None else zipped
        path = zip_folder(folder) if packed else folder
        rows = {name: table.num_rows for name, table in everything.items()}
        return Delivered(path, _delivery_id(manifest), rows)

    def _provider_row(self, provider: Provider, quarter: int) -> pa.Table:
        first = self.renderer.first_month
        stopped = provider.stops and quarter == provider.last
        return pa.table(
            {
                "provider_key": self.renderer.provider(provider, 1),
                "kind": [provider.kind],
                "region": [provider.region],
                "observed_from": [month_text(first + 3 * provider.first)],
                "observed_to": pa.array(
                    [month_text(first + 3 * provider.last + 2) if stopped else None], pa.string()
                ),
            }
        )


def _delivery_id(manifest: Mapping[str, object]) -> str:
    canonical = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()
