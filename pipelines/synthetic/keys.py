"""Made-up keys: 32 hex digits from an integer, by a mixing function that never collides in a kind.

Two 64-bit lanes, each a bijection of the integer (the finaliser of SplitMix64; Steele, Lea and
Flood 2014), so that different integers have different keys. Nothing personal goes in: the integers
count imaginary people.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipelines.synthetic.draws import Ints

_KINDS = ("provider", "person", "episode", "event", "claim", "inspection", "employer", "response")
_HEX = np.frombuffer(
    "".join(f"{value:02x}" for value in range(256)).encode(), dtype=np.uint16
)  # two digits a byte


def _mix(values: np.ndarray) -> np.ndarray:
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def keys(kind: str, numbers: Ints, seed: int, missing: np.ndarray | None = None) -> pa.StringArray:
    """The keys of ``numbers`` (non-negative) as an Arrow string array; null where ``missing``."""
    size = len(numbers)
    salt = np.array([_KINDS.index(kind) + 1, seed], dtype=np.uint64)
    lanes = np.empty((size, 2), dtype=np.uint64)
    base = np.ascontiguousarray(numbers, dtype=np.int64).view(np.uint64)
    for lane in (0, 1):
        offset = _mix(_mix(salt[1:] + np.uint64(lane)) + salt[:1])
        lanes[:, lane] = _mix(base ^ offset)
    digits = _HEX[lanes.view(np.uint8)]
    offsets = np.arange(0, 32 * size + 1, 32, dtype=np.int32)
    validity = None if missing is None else pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(
        pa.string(), size, [validity, pa.py_buffer(offsets), pa.py_buffer(digits)]
    )


def key(kind: str, number: int, seed: int) -> str:
    """One key as text."""
    return str(keys(kind, np.array([number], dtype=np.int64), seed)[0].as_py())
