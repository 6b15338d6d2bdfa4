"""Shared fixtures. Tests on real source files are skipped, with a reason, where those are absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real source files: ``$OBSERVATORY_SHARED_DATA``, else beside the checkout."""
    folder = Path(os.environ.get("OBSERVATORY_SHARED_DATA", CHECKOUT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real source files are not present: {folder} (set OBSERVATORY_SHARED_DATA)")
    return folder
