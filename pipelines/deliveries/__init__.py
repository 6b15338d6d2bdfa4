"""Deliveries: contracts, readers, the gate, quarantine, landing area, register and vintages.

Rule guarded: what comes in is either accepted, with its bad rows set apart and counted, or refused
whole with the reason. Nothing is lost, and nothing identifying is kept.
"""

from pipelines.deliveries.arrivals import NoDelivery, find_deliveries, in_inbox
from pipelines.deliveries.building import start_building, start_from_nothing
from pipelines.deliveries.contract import Contract, contracts
from pipelines.deliveries.correction import Correction, CorrectionError
from pipelines.deliveries.corrections import Declared, check_corrections
from pipelines.deliveries.drift_check import check_drift
from pipelines.deliveries.erasure import Found, erase, find_person
from pipelines.deliveries.findings import Finding
from pipelines.deliveries.ingest import Outcome, ingest
from pipelines.deliveries.landing import attach_landing, create_code_type
from pipelines.deliveries.listing import (
    count_deliveries,
    describe_corrections,
    describe_deliveries,
    describe_quarantine,
    describe_vintages,
    landed_rows,
)
from pipelines.deliveries.plausibility import check_plausibility
from pipelines.deliveries.quarantine import quarantined_rows
from pipelines.deliveries.register import Record, Register, RegisterError
from pipelines.deliveries.tombstones import ErasureError
from pipelines.deliveries.vintages import Vintage, VintageError, current_vintage, load_vintage

__all__ = [
    "Contract",
    "Correction",
    "CorrectionError",
    "Declared",
    "ErasureError",
    "Finding",
    "Found",
    "NoDelivery",
    "Outcome",
    "Record",
    "Register",
    "RegisterError",
    "Vintage",
    "VintageError",
    "attach_landing",
    "check_corrections",
    "check_drift",
    "check_plausibility",
    "contracts",
    "count_deliveries",
    "create_code_type",
    "current_vintage",
    "describe_corrections",
    "describe_deliveries",
    "describe_quarantine",
    "describe_vintages",
    "erase",
    "find_deliveries",
    "find_person",
    "in_inbox",
    "ingest",
    "landed_rows",
    "load_vintage",
    "quarantined_rows",
    "start_building",
    "start_from_nothing",
]
