"""Shared fixtures. Where the real source files are absent, their tests are skipped and say so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A push is judged on the same examples every time; at a desk, each run looks at new ones.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real source files: ``$OBSERVATORY_SHARED_DATA``, else beside the checkout."""
    folder = Path(os.environ.get("OBSERVATORY_SHARED_DATA", CHECKOUT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real source files are not present: {folder} (set OBSERVATORY_SHARED_DATA)")
    return folder
