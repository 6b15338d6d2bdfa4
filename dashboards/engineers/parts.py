"""What a page is made of: sections, each with a table, a list or a drawing.

Rule: a page is data until the template prints it; nothing here knows HTML. Keys are cut to their
first digits for reading, in one place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["words", "number", "code", "date"]
Cell = str | int | float | None


@dataclass(frozen=True)
class Column:
    """A heading and how its cells are set; an empty cell shows a dash."""

    heading: str
    kind: Kind = "words"


@dataclass(frozen=True)
class Table:
    """A caption, columns (the first names the row) and rows of as many cells."""

    caption: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]]


@dataclass(frozen=True)
class Item:
    """One line of a list, with a page to go to, or a file to download."""

    text: str
    page: str
    download: bool = False


@dataclass(frozen=True)
class Drawing:
    """An SVG file beside the pages; ``says`` is what it shows, in words."""

    file: str
    svg: str
    says: str
    width: int
    height: int


@dataclass(frozen=True)
class Section:
    """A heading with a sentence and what follows; ``none`` is said where there is nothing."""

    heading: str
    text: str
    none: str = ""
    table: Table | None = None
    items: tuple[Item, ...] = ()
    drawing: Drawing | None = None

    @property
    def anchor(self) -> str:
        """Its address on the page."""
        return self.heading.lower().replace(" ", "-")

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.items or self.drawing or (self.table and self.table.rows))


@dataclass(frozen=True)
class Page:
    """One page: its file name, its title (also in the menu), a first sentence and sections."""

    name: str
    title: str
    lede: str
    sections: tuple[Section, ...]


def short(key: str | None) -> str:
    """The beginning of a key or hash, enough to find it by."""
    return (key or "")[:12]
