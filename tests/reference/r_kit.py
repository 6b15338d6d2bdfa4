"""R as the judge: reference tests that read R's own data or compute in R beside the project.

The rule: R runs where its Debian package is installed (.ci/run installs it), and a test skips with
the reason where it is not. Data that R ships are read from R, never copied.
"""

from __future__ import annotations

import shutil
import subprocess

import pytest


def run_r(package: str, *statements: str) -> None:
    """Run statements in R with ``package`` loaded, or skip with the reason why it can't be run."""
    if not shutil.which("Rscript"):
        pytest.skip("this reference is computed in R: Rscript is not installed")
    if subprocess.run(
        ["Rscript", "-e", f"stopifnot(requireNamespace('{package}'))"],
        capture_output=True,
        check=False,
    ).returncode:
        pytest.skip(f"this reference is computed in R: its package {package} is not installed")
    program = "; ".join((f"library({package})", *statements))
    done = subprocess.run(["Rscript", "-e", program], capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
