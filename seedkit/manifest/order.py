"""Sorts the rows of a table, or the items of a list, by the paths that they list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from seedkit.manifest.listing import Listing
from seedkit.manifest.model import Manifest, Table
from seedkit.manifest.target import resolve

_MARK = re.compile(r"[ \t]*+(?:[-+*]|[0-9]{1,9}[.)])(?=[ \t])")


class MovableRow(NamedTuple):
    """A line of a table or list: its number, the path it is sorted by, None if it stays where it
    is, and what it is to say.
    """

    line: int
    path: str | None
    text: str


def movable_rows(listing: Listing) -> list[MovableRow] | None:
    """Return the rows of a table or list, in order; None if some can't change places.

    Those can whose rows are of one line, and list one seed each, or include another index.
    """
    manifest, block = listing.file.manifest, listing.block
    paths: list[tuple[int, str | None]] = [(link.line, path) for path, link in listing.corrected()]
    listed, name = {line for line, _ in paths}, _name(listing.file.path)
    paths += (
        (link.line, None)
        for link in block.links
        if link.line not in listed and _name(resolve(listing.file.base, link.target)) == name
    )
    rows = [
        MovableRow(line, path, manifest.row_text(line)) for line, path in sorted(paths, key=_line)
    ]
    if isinstance(block, Table):
        lines = list(range(block.first + 2, block.last + 1))
    elif block.ends or block.nests or not have_one_mark(rows):
        return None
    else:
        within = range(block.first, block.last + 1)
        lines = [line for line in within if manifest.row_text(line).strip(" \t")]
    return rows if [row.line for row in rows] == lines else None


def _name(path: str | None) -> str:
    return (path or "").rpartition("/")[2]


def _path(row: MovableRow) -> str:
    return row.path or ""


def _line(row: tuple[int, str | None]) -> int:
    return row[0]


def have_one_mark(rows: Sequence[MovableRow]) -> bool:
    """Tell whether rows are items with the same mark, as far from the edge."""
    marks = {mark[0] if (mark := _MARK.match(row.text)) else None for row in rows}
    return len(marks) == 1 and None not in marks


def sorted_rows(
    manifest: Manifest, rows: Sequence[MovableRow], gap: int | None = None
) -> tuple[int, int, str] | None:
    """Return the edit that puts rows into the places of each other, in the order of their paths.

    Blank lines between them stay where they are, but for those after the line `gap`. None if
    something else stands between them.
    """
    text, starts, ends = manifest.text, manifest.starts, manifest.ends
    pieces: list[tuple[str, str]] = []  # each place with what follows it: before and after
    places = [row.line for row in rows]
    in_order = iter(sorted((row for row in rows if row.path is not None), key=_path))
    for at, place in enumerate(rows):
        line, row = place.line, place if place.path is None else next(in_order)
        end = starts[places[at + 1]] if at + 1 < len(places) else ends[line]
        between = text[ends[line] : end]
        if between.strip(" \t\r\n"):
            return None
        kept = text[ends[line] : starts[line + 1]] if line == gap else between
        pieces.append((manifest.row_text(line) + between, row.text + kept))
    changed = [at for at, (before, after) in enumerate(pieces) if before != after]
    first, last = (changed[0], changed[-1]) if changed else (0, -1)
    start = starts[places[first]]
    new = "".join(after for _, after in pieces[first : last + 1])
    return start, start + sum(len(before) for before, _ in pieces[first : last + 1]), new
