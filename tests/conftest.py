"""Shared fixtures. Where the real source files are absent, their tests are skipped and say so."""

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
