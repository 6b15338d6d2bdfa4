"""The page of worked attacks says what the code finds."""

from __future__ import annotations

import re

from tests.worked_attack import PAGE, page


def test_the_page_is_what_is_computed() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == page(), "docs/attacks.md is old: python -m tests.worked_attack writes it"


def test_the_attack_breaks_the_naive_rule_and_fails_on_ours() -> None:
    found = re.findall(r"finds\s\*\*(.*?)\*\*", page())
    assert found == ["exactly 5", "0 to 35", "0 or any number above it"]
