"""The observatory's own format: the contract's columns as CSV, Parquet or XLSX."""

from __future__ import annotations

from pathlib import Path

from duckdb import DuckDBPyConnection

from pipelines.deliveries.contract import Contract
from pipelines.deliveries.readers import files
from pipelines.deliveries.readers.base import Raw, Translation


class CanonicalReader:
    """Columns by their contract names, in any order; an optional column may be absent."""

    name = "canonical"

    def load(self, connection: DuckDBPyConnection, file: Path, path: str, relation: str) -> Raw:
        """Load by suffix."""
        return files.load(connection, file, path, relation)

    def translate(self, raw: Raw, contract: Contract, provider_key: str) -> Translation:
        """The same columns; what the file lacks is empty."""
        known = [column.name for column in contract.columns]
        selected = ", ".join(
            f"{raw.columns.get(name, 'null::varchar')} as {name}" for name in known
        )
        return Translation(
            sql=f"select rowid + 1 as row_number, {selected} from {raw.relation}",
            width=len(raw.columns),
            unknown=tuple(name for name in raw.columns if name not in known),
            missing=tuple(
                column.name
                for column in contract.columns
                if column.required and column.name not in raw.columns
            ),
        )


READER = CanonicalReader()
