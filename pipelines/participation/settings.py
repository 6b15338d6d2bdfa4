"""What a council sets for itself: quorum, cap on paid hours.

The rule: a value holds from the period it was set for on; one changed in the middle of a period
holds from the next (``joint_acts``).
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from pipelines.participation.models import Setting

NAMES = ("quorum", "pay_cap_hours")


def in_force(session: Session, country: str, name: str, period: str) -> int | None:
    """The value of a setting in a quarter; None when it was never set."""
    return session.scalar(
        sa.select(Setting.value)
        .where(Setting.country == country, Setting.name == name, Setting.from_period <= period)
        .order_by(Setting.from_period.desc())
        .limit(1)
    )


def quorum(session: Session, country: str, period: str, seats: int) -> int:
    """Ballots that an indicator needs: as set, else more than half of the seats."""
    chosen = in_force(session, country, "quorum", period)
    return chosen if chosen is not None else seats // 2 + 1
