"""datapackage.json: a Frictionless data package that describes both forms of the one table.

The rule: whoever finds the folder can read the table without asking anyone: every field is typed
and explained, and made-up data says so in the title.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipelines.disclosure.table import KEY
from pipelines.release.columns import COLUMNS, Column
from pipelines.release.manifest import file_entry
from pipelines.release.status import Status
from pipelines.release.testimony_files import COLUMNS_OF, KEYS

_SOURCE_TITLES = {
    "service_provider": "Service providers",
    "labour_inspection": "Labour inspectorates",
    "survivor_survey": "Survivor survey",
}


def data_package(folder: Path, status: Status) -> dict[str, Any]:
    """The package of the ``indicators.csv`` and ``indicators.parquet`` in ``folder``."""
    country = status.country.names.get("en", status.country.code)
    title = f"What happens after trafficking: {country}, {status.period}"
    return {
        "profile": "data-package",
        "name": f"survivor-observatory-{status.country.code}-{status.period}".lower(),
        "title": f"{title} (synthetic data)" if status.synthetic else title,
        "description": status.reason,
        "synthetic": status.synthetic,
        "version": status.vintage,
        "licenses": [
            {
                "name": "CC-BY-4.0",
                "title": "Creative Commons Attribution 4.0",
                "path": "https://creativecommons.org/licenses/by/4.0/",
            }
        ],
        "contributors": [{"title": status.publisher, "role": "publisher"}],
        "sources": [
            {"title": _SOURCE_TITLES.get(source, source), "deliveries": count}
            for source, count in sorted(status.deliveries.items())
        ],
        "resources": [
            _resource(folder, "indicators.csv", "csv", "text/csv"),
            _resource(folder, "indicators.parquet", "parquet", "application/vnd.apache.parquet"),
            *(_testimony(folder, name) for name in COLUMNS_OF if (folder / name).is_file()),
        ],
    }


def _resource(folder: Path, name: str, form: str, media: str) -> dict[str, Any]:
    entry = file_entry(folder / name)
    return {
        "name": f"indicators-{form}",
        "path": name,
        "format": form,
        "mediatype": media,
        "bytes": entry["bytes"],
        "hash": f"sha256:{entry['sha256']}",
        **(_TABLE if form == "csv" else {"profile": "data-resource", "type": "file"}),
    }


def _testimony(folder: Path, name: str) -> dict[str, Any]:
    schema = {**_TABLE["schema"], "fields": [_field(one) for one in COLUMNS_OF[name]]}
    return {
        **_resource(folder, name, "csv", "text/csv"),
        "name": name.removesuffix(".csv"),
        "schema": {**schema, "primaryKey": KEYS[name]},
    }


def _field(column: Column) -> dict[str, Any]:
    codes = [code for code in column.codes if code]
    return {
        "name": column.name,
        "type": column.kind,
        "description": column.meaning,
        **({"constraints": {"enum": codes}} if codes else {}),
    }


_TABLE: dict[str, Any] = {
    "profile": "tabular-data-resource",
    "encoding": "utf-8",
    "dialect": {"lineTerminator": "\r\n"},
    "schema": {
        "fields": [_field(column) for column in COLUMNS],
        "primaryKey": list(KEY),
        "missingValues": [""],
    },
}
"""Both files hold the same table; its schema is checked on the CSV, which needs no further
library."""
