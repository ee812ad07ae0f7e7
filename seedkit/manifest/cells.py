"""How the cells of a table are laid out, and new content in the same layout."""

from __future__ import annotations

from typing import NamedTuple

from seedkit.manifest.model import Manifest, Table
from seedkit.text import display_width


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


def fit(content: str, like: str, column: Column) -> str:
    """Return a cell with other content, padded as the cell `like` is if the content has room."""
    bare = like.strip(" \t")
    lead = like[: len(like) - len(like.lstrip(" \t"))] if bare else like[:1]
    trail = like[len(lead) + len(bare) :] if bare else like[:1]
    if content.endswith("\\") and not trail:
        trail = " "  # or the backslash would escape the pipe
    total = display_width(like)
    padded = total == column.width or len(lead if column.right else trail) > 1
    room = total - display_width(content) - len(trail if column.right else lead)
    if padded and column.right and room >= min(len(lead), 1):
        lead = " " * room
    elif padded and not column.right and room >= min(len(trail), 1):
        trail = " " * room
    elif column.right:
        lead = lead[:1]
    else:
        trail = trail[:1]
    return f"{lead}{content}{trail}"
