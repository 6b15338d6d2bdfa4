"""Where things are: the checkout's folders and an observatory's home.

A *home* is the one folder that holds everything an observatory has received, built and signed.
Code never spells a path of it anywhere else.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
DBT_PROJECT = CHECKOUT / "dbt_project"
INDICATOR_MODELS = DBT_PROJECT / "models" / "indicators"
DBT_MANIFEST = DBT_PROJECT / "target" / "manifest.json"
SEEDS = DBT_PROJECT / "seeds"
EXPECTATIONS = CHECKOUT / "expectations"
COUNTRIES = CHECKOUT / "pipelines" / "countries"
HOME_VARIABLE = "OBSERVATORY_HOME"


@dataclass(frozen=True)
class Home:
    """The folders below one observatory's home; ``root`` is made absolute."""

    root: Path

    @classmethod
    def find(cls, given: str | os.PathLike[str] | None = None) -> Home:
        """The home that was given, else ``$OBSERVATORY_HOME``, else ``var`` in the checkout."""
        return cls(Path(given or os.environ.get(HOME_VARIABLE) or CHECKOUT / "var").resolve())

    @property
    def inbox(self) -> Path:
        """Deliveries that the sensor looks for: one folder or zip each."""
        return self.root / "inbox"

    @property
    def register(self) -> Path:
        """One JSON record a delivery: what became of it."""
        return self.root / "register"

    @property
    def landing(self) -> Path:
        """``<table>/delivery=<id>/part.parquet``: the accepted rows. The truth."""
        return self.root / "landing"

    @property
    def quarantine(self) -> Path:
        """``<table>/delivery=<id>/part.parquet``: rows that broke the contract, with the rule."""
        return self.root / "quarantine"

    @property
    def refused(self) -> Path:
        """Deliveries refused at the manifest step, kept as they came."""
        return self.root / "refused"

    @property
    def drift(self) -> Path:
        """``<delivery id>/``: how its columns compare with the provider's last four periods."""
        return self.root / "drift"

    @property
    def context(self) -> Path:
        """``<source>/<id>/``: published tables that stand beside our figures, and whence."""
        return self.root / "context"

    @property
    def vintages(self) -> Path:
        """``<hash>/vintage.parquet`` and ``index.json`` with the running numbers."""
        return self.root / "vintages"

    @property
    def erasures(self) -> Path:
        """``<keyed hash of a person's key>.json``: one tombstone a person erased."""
        return self.root / "erasures"

    @property
    def corrections(self) -> Path:
        """``<name>.yml``: corrections declared beside the source, one a file."""
        return self.root / "corrections"

    def testimony_register(self, country: str) -> Path:
        """Who coded and released which comment of a country: a hash chain, one JSON a line."""
        return self.root / "testimony" / f"{country}.jsonl"

    def testimony_words(self, country: str) -> Path:
        """``<quotation>.txt``: the words that were released, apart so that they can be blanked."""
        return self.root / "testimony" / country

    @property
    def warehouse(self) -> Path:
        """The DuckDB cache of one vintage."""
        return self.root / "warehouse" / "observatory.duckdb"

    @property
    def warehouse_building(self) -> Path:
        """The file a build writes; renamed to ``warehouse`` when whole."""
        return self.root / "warehouse" / "building.duckdb"

    @property
    def lock(self) -> Path:
        """The writer lock."""
        return self.root / "warehouse" / "writer.lock"

    @property
    def ledger(self) -> Path:
        """The append-only hash chain, one JSON a line."""
        return self.root / "ledger.jsonl"

    @property
    def keys(self) -> Path:
        """Signing keys (private, mode 0600) and public keys."""
        return self.root / "keys"

    @property
    def candidates(self) -> Path:
        """``<country>/<period>/``: signed candidate folders."""
        return self.root / "candidates"

    @property
    def releases(self) -> Path:
        """``<country>/<period>/v<N>/``: signed releases, never overwritten."""
        return self.root / "releases"

    @property
    def reviews(self) -> Path:
        """The review store, where it is SQLite."""
        return self.root / "reviews" / "review.db"

    @property
    def reviewed(self) -> Path:
        """``<manifest hash>/``: candidates as they were when their review opened."""
        return self.root / "reviews" / "candidates"

    @property
    def taken_down(self) -> Path:
        """``<manifest hash>/``: files of releases that a take-down replaced; never published."""
        return self.root / "taken-down"

    def rosters(self, country: str) -> Path:
        """Who signs a country's releases: one list of rosters."""
        return self.root / "signers" / f"{country}.json"

    @property
    def site(self) -> Path:
        """The static pages."""
        return self.root / "site"

    @property
    def data_docs(self) -> Path:
        """Great Expectations results as pages, for engineers."""
        return self.root / "data_docs"

    @property
    def expectation_results(self) -> Path:
        """What the expectations found at their last run, by table."""
        return self.data_docs / "results.json"

    @property
    def engineers(self) -> Path:
        """The engineers' pages: local only, never published."""
        return self.root / "engineers"

    @property
    def run_log(self) -> Path:
        """What the tools printed in the last run from the command line."""
        return self.root / "run.log"

    @property
    def dagster(self) -> Path:
        """Dagster's instance folder."""
        return self.root / "dagster"
