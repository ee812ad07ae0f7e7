"""How the cells of a table are laid out, and new content in the same layout."""

from __future__ import annotations

from typing import NamedTuple

from seedkit.core.text import display_width
from seedkit.manifest.model import Manifest, Table


class Column(NamedTuple):
    """A column of a table: its name as written and folded, its width, and whether flush right."""

    name: str
    key: str
    width: int  # of the delimiter row's cell: what an aligned table pads to
    right: bool


def columns_of(manifest: Manifest, table: Table) -> list[Column]:
    """Return the columns of a table."""
    found: list[Column] = []
    for name, (start, end) in zip(table.columns, manifest.cells(table.first + 1), strict=True):
        raw = manifest.text[start:end]
        bare = raw.strip()
        right = bare.endswith(":") and not bare.startswith(":")
        found.append(Column(name, name.casefold(), display_width(raw), right))
    return found


class Padding:
    """The padding of one cell, for other contents: they are padded as it is if they have room."""

    def __init__(self, like: str, column: Column) -> None:
        bare = like.strip(" \t")
        self._lead = like[: len(like) - len(like.lstrip(" \t"))] if bare else like[:1]
        self._trail = like[len(self._lead) + len(bare) :] if bare else like[:1]
        self._right = column.right
        self._total = display_width(like)
        loose = len(self._lead if self._right else self._trail) > 1
        self._padded = loose or self._total == column.width

    def around(self, content: str) -> str:
        """Return a cell with the content."""
        lead, trail = self._lead, self._trail
        if content.endswith("\\") and not trail:
            trail = " "  # or the backslash would escape the pipe
        fixed, other = (trail, lead) if self._right else (lead, trail)
        room = self._total - display_width(content) - len(fixed)
        other = " " * room if self._padded and room >= min(len(other), 1) else other[:1]
        return f"{other}{content}{fixed}" if self._right else f"{fixed}{content}{other}"
