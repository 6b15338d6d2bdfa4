"""Who may know whom (docs/architecture.md), read off the imports themselves."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.paths import CHECKOUT

ORCHESTRATION = {"dagster", "dagster_dbt", "dbt"}
WEB = {"fastapi", "jinja2", "starlette", "uvicorn", "altair", "vl_convert"}
OUTER = {
    "pipelines.assets",
    "pipelines.cli",
    "pipelines.dbt_command",
    "pipelines.definitions",
    "pipelines.demo",
}
FORBIDDEN = {
    **{
        f"pipelines/{package}": ORCHESTRATION | WEB | OUTER | {"dashboards"}
        for package in (
            "deliveries",
            "disclosure",
            "estimation",
            "participation",
            "synthetic",
        )
    },
    # Methodology and evidence are HTML documents of the signed folder; nothing there is served.
    "pipelines/release": ORCHESTRATION | (WEB - {"jinja2"}) | OUTER | {"dashboards"},
    "dashboards/site": ORCHESTRATION
    | OUTER
    | {"pipelines.deliveries", "pipelines.disclosure", "pipelines.synthetic", "duckdb"},
    "dashboards/portal": ORCHESTRATION
    | OUTER
    | {"pipelines.deliveries", "pipelines.disclosure", "pipelines.synthetic", "duckdb", "pyarrow"},
    # records of deliveries, never their rows
    "dashboards/engineers": ORCHESTRATION
    | OUTER
    | {"pipelines.disclosure", "pipelines.synthetic", "duckdb", "pyarrow"}
    | {f"pipelines.deliveries.{rows}" for rows in ("landing", "quarantine", "storage")},
}


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("folder", sorted(FORBIDDEN))
def test_a_package_imports_only_what_its_room_allows(folder: str) -> None:
    files = sorted((CHECKOUT / folder).rglob("*.py"))
    assert files
    wrong = [
        f"{path.relative_to(CHECKOUT)} imports {module}"
        for path in files
        for module in imports(path)
        if any(module == name or module.startswith(f"{name}.") for name in FORBIDDEN[folder])
    ]
    assert not wrong, "\n".join(wrong)


AUDIT = ("audit", "beliefs", "published", "published_before", "report")


@pytest.mark.parametrize("module", AUDIT)
def test_the_audit_shares_no_code_with_the_suppressor(module: str) -> None:
    folder = CHECKOUT / "pipelines" / "disclosure"
    own = {f"pipelines.disclosure.{name}" for name in AUDIT}
    borrowed = {
        name
        for name in imports(folder / f"{module}.py")
        if name.startswith("pipelines.") and name.count(".") == 2
    } - own
    assert not {name for name in borrowed if name.startswith("pipelines.disclosure")}
