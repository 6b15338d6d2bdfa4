"""Which published tables are known: who publishes them, under which licence, and who reads them.

Rule guarded: a figure that stands beside ours names its publisher as the publisher asks. A source
that is not here can't be landed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

from pipelines.deliveries.context import ctdc, ilostat, jp_mhlw, uk_nrm, unodc
from pipelines.deliveries.context.tidy import Context, ContextError

Read = Callable[[DuckDBPyConnection, Sequence[Path], str], Context]
_CTDC_TERMS = "CTDC terms of use: cite CTDC, don't try to identify anybody"
_CTDC = "Counter-Trafficking Data Collaborative (CTDC)"


@dataclass(frozen=True)
class Published:
    """A published table. ``suite`` names its expectations; ``dated`` ones are of one quarter each.

    ``read`` takes a connection, the files and the period (empty where the file says it).
    """

    title: str
    publisher: str
    licence: str
    suite: str
    read: Read
    dated: bool = False


def _one(read: Callable[[DuckDBPyConnection, Path], Context]) -> Read:
    def reading(connection: DuckDBPyConnection, files: Sequence[Path], period: str) -> Context:
        return read(connection, _only(files))

    return reading


def _ctdc(source: str) -> Read:
    return lambda connection, files, period: ctdc.read(connection, _only(files), source)


def _only(files: Sequence[Path]) -> Path:
    if len(files) != 1:
        raise ContextError(f"{len(files)} files: this table is one file; land each by itself")
    return files[0]


_OGL = "Open Government Licence v3.0"
_HOME_OFFICE = "UK Home Office"
CATALOGUE = {
    "ctdc_k_anonymised": Published(
        "Global k-anonymised dataset", _CTDC, _CTDC_TERMS, "ctdc", _ctdc("ctdc_k_anonymised")
    ),
    "ctdc_synthetic": Published(
        "Global synthetic dataset", _CTDC, _CTDC_TERMS, "ctdc", _ctdc("ctdc_synthetic")
    ),
    "ctdc_victim_perpetrator_synthetic": Published(
        "Global victim-perpetrator synthetic dataset", _CTDC, _CTDC_TERMS, "ctdc",
        _ctdc("ctdc_victim_perpetrator_synthetic"),
    ),
    "unodc_glotip": Published(
        "Trafficking in persons (data portal)", "UNODC", "UNODC terms: cite UNODC", "unodc_glotip",
        _one(unodc.read),
    ),
    "ilostat": Published(
        "Labour inspection series", "ILO (ILOSTAT)", "CC BY 4.0", "ilostat",
        lambda connection, files, period: ilostat.read(connection, files),
    ),
    "uk_nrm_longitudinal": Published(
        "National Referral Mechanism: referrals by quarter", _HOME_OFFICE, _OGL, "uk_nrm",
        _one(uk_nrm.read_longitudinal),
    ),
    "uk_nrm_referrals": Published(
        "National Referral Mechanism: a quarter's referrals by responder", _HOME_OFFICE, _OGL,
        "uk_nrm",
        lambda connection, files, period: uk_nrm.read_referrals(connection, _only(files), period),
        dated=True,
    ),
    "uk_nrm_grounds": Published(
        "National Referral Mechanism: grounds decisions", _HOME_OFFICE, _OGL, "uk_nrm",
        _one(uk_nrm.read_grounds),
    ),
    "jp_mhlw": Published(
        "Published violations of labour law", "Ministry of Health, Labour and Welfare, Japan",
        "Government of Japan Standard Terms of Use 2.0", "jp_mhlw", _one(jp_mhlw.read),
    ),
}  # fmt: skip
