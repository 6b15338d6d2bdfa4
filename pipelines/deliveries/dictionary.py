"""``docs/data-dictionary.md``, written from the contracts and never by hand.

``python -m pipelines.deliveries.dictionary`` writes it; a test fails when it is stale.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipelines.deliveries.contract import Column, Contract, contracts
from pipelines.paths import CHECKOUT

DICTIONARY = CHECKOUT / "docs" / "data-dictionary.md"

_INTRODUCTION = """# Data dictionary

<!-- Written by `python -m pipelines.deliveries.dictionary` from pipelines/deliveries/contracts. -->

The canonical tables of contract v1. Types: `key` is 32 lower-case hexadecimal digits, `month` is
`YYYY-MM`, `wave` is a quarter (`2024Q4`), `tri` is yes, no or unknown, `multi` is codes joined by
`;`, `int` a whole number, `amount` a decimal number with at most two decimals, `currency` three
capital letters (ISO 4217). An empty coded column (`code`, `tri`, `multi`) means `unknown`; a
required one may not be empty. A month may not be later than the end of the delivery's period;
"within the period" means not earlier than its beginning either.
"""


def _values(contract: Contract, column: Column) -> str:
    said = []
    if codes := contract.codes(column):
        said.append(" · ".join(f"`{code}`" for code in codes))
    if column.pattern:
        said.append(f"`{column.pattern}`")
    if column.min is not None or column.max is not None:
        said.append(f"{column.min} to {column.max}")
    if column.max_length is not None:
        said.append(f"at most {column.max_length} characters")
    if column.period == "within":
        said.append("within the period")
    return "; ".join(said)


def _table(contract: Contract) -> Iterator[str]:
    yield f"## {contract.table}\n"
    yield f"{contract.description.strip()} Grain: {contract.grain}.\n"
    yield f"Sources: {', '.join(contract.sources)}. Key: {', '.join(contract.key)}.\n"
    yield "| column | type | required | values | meaning |\n|---|---|---|---|---|"
    for column in contract.columns:
        required = "yes" if column.required else ""
        values = _values(contract, column)
        yield f"| {column.name} | {column.type} | {required} | {values} | {column.description} |"
    for reference in contract.references:
        yield f"\n({', '.join(reference.columns)}) must be in `{reference.table}` of the delivery."
    if contract.rules:
        yield "\n| rule | holds for every row |\n|---|---|"
        yield from (f"| {rule.id} | `{rule.check}` |" for rule in contract.rules)
    yield ""
    if contract.variants:
        yield from _variants(contract)


def _variants(contract: Contract) -> Iterator[str]:
    variants = contract.variants
    if variants is None:
        return
    yield f"What each `{variants.column}` uses; its other governed columns stay empty.\n"
    yield f"| {variants.column} | meaning | uses | may not be empty |\n|---|---|---|---|"
    for name, variant in variants.types.items():
        uses = "; ".join(
            column if codes == "any" else f"{column}: {', '.join(codes)}"
            for column, codes in variant.uses.items()
        )
        yield f"| {name} | {variant.description} | {uses} | {', '.join(variant.needs)} |"
    yield ""


def render() -> str:
    """The whole page as Markdown."""
    tables = sorted(contracts().values(), key=lambda contract: contract.table)
    return "\n".join([_INTRODUCTION, *(line for table in tables for line in _table(table))])


def write(path: Path = DICTIONARY) -> Path:
    """Write the page and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(), encoding="utf-8")
    return path


if __name__ == "__main__":
    write()
