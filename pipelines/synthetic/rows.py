"""Compact rows, as integers, before they are written: one NumPy structured type a table.

``person`` and the other keys are the numbers from which keys.py makes keys. Codes are positions in
vocabulary.py, −1 where empty or unknown; months count from the first month of the run.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pipelines.synthetic.draws import Bools, Ints
from pipelines.synthetic.people import RECORDED

EVENT = np.dtype(
    [
        ("provider", "i1"),
        ("quarter", "i2"),
        ("person", "i8"),
        ("number", "i8"),
        ("month", "i2"),
        ("recorded", "i2"),
        ("type", "i1"),
        ("claim", "i8"),
        ("channel", "i1"),
        ("outcome", "i1"),
        ("subject", "i1"),
        ("ground", "i1"),
        ("cents", "i8"),
    ]
)
EPISODE = np.dtype(
    [
        ("provider", "i1"),
        ("quarter", "i2"),
        ("person", "i8"),
        ("number", "i8"),
        ("start", "i2"),
        ("end", "i2"),
        ("conditional", "i1"),
        ("reason", "i1"),
        ("services", "i1"),
    ]
)
PERSON = np.dtype(
    [("provider", "i1"), ("quarter", "i2"), ("person", "i8"), ("contact", "i2")]
    + [(name, "i1") for name in RECORDED]
)
NO_MONTH = -1


@dataclass
class EventRows:
    """Events gathered type by type; ``who`` is the row of the person in the chunk."""

    parts: list[np.ndarray] = field(default_factory=list)

    def add(
        self,
        mask: Bools,
        month: Ints,
        event_type: int,
        *,
        claim: int = -1,
        channel: Ints | None = None,
        outcome: Ints | int = -1,
        subject: Ints | int = -1,
        ground: Ints | int = -1,
        cents: Ints | None = None,
    ) -> None:
        """One event for each person where ``mask``; arrays have a value a person of the chunk."""
        who = np.flatnonzero(mask)
        part = np.zeros(who.size, dtype=GATHERED)
        part["who"] = who
        part["month"] = month[who]
        part["type"] = event_type
        part["claim"] = claim
        part["channel"] = -1 if channel is None else channel[who]
        for name, value in (("outcome", outcome), ("subject", subject), ("ground", ground)):
            part[name] = value[who] if isinstance(value, np.ndarray) else value
        part["cents"] = -1 if cents is None else cents[who]
        self.parts.append(part)

    def gathered(self) -> np.ndarray:
        """All of them, in the order in which they were added."""
        return np.concatenate(self.parts)


GATHERED = np.dtype(
    [
        ("who", "i8"),
        ("month", "i8"),
        ("type", "i1"),
        ("claim", "i1"),
        ("channel", "i1"),
        ("outcome", "i1"),
        ("subject", "i1"),
        ("ground", "i1"),
        ("cents", "i8"),
    ]
)
