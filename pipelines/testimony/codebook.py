"""The themes by which comments are coded.

The rule: a theme has its words in every language, says when to use it and when not, and names the
paragraphs of the report that it belongs to.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

LANGUAGES = ("en", "es", "fr", "ar")
_PATH = Path(__file__).with_name("codebook.yml")


class Theme(BaseModel):
    """One theme; ``indicators`` are the figures beside which it is worth reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str = Field(pattern="^[a-z][a-z_]*$")
    paragraphs: tuple[int, ...] = Field(min_length=1)
    indicators: tuple[str, ...] = Field(min_length=1)
    label: dict[str, str]
    definition: dict[str, str]
    use: str = Field(min_length=10)
    not_for: str = Field(min_length=10)

    @model_validator(mode="after")
    def _in_every_language(self) -> Theme:
        for texts in (self.label, self.definition):
            if tuple(texts) != LANGUAGES:
                raise ValueError(f"theme {self.id}: give {', '.join(LANGUAGES)}, in this order")
        return self


@cache
def load_codebook() -> dict[str, Theme]:
    """Every theme by id, in the order of the file."""
    read = [Theme.model_validate(one) for one in yaml.safe_load(_PATH.read_text(encoding="utf-8"))]
    return {theme.id: theme for theme in read}
