"""Finds rows that list nothing though they are meant to: outside of a table, or without a link.

Only seeds that nothing else lists are looked for, so an index without a fault costs nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from seedkit.core.rules import INDEX_NOT_A_LINK, INDEX_NOT_A_ROW
from seedkit.manifest.blocks import is_delimiter_row
from seedkit.manifest.inline import cell_spans, links_in
from seedkit.manifest.listing import Listing
from seedkit.manifest.model import (
    IndexFile,
    IndexFix,
    IndexProblem,
    IndexSpan,
    Items,
    Link,
    Manifest,
    Table,
)
from seedkit.manifest.order import MovableRow, have_one_mark, movable_rows, sorted_rows
from seedkit.manifest.plain import plain_text
from seedkit.manifest.rows import LINK_COLUMNS, link_to
from seedkit.manifest.target import resolve, shown

_ITEM = re.compile(r"[ \t]*+(?:[-+*]|[0-9]{1,9}[.)])[ \t]++")
_JOINED = re.compile(r"[ \t]*+[-+*](?=\[)")  # the mark of an item, and no blank behind it


class DeadRow(NamedTuple):
    """A line, where it starts, and the seed that it is meant to list."""

    line: int
    start: int
    path: str

    @property
    def link(self) -> Link:
        """What stands for the link that there should be."""
        at = self.start
        return Link(self.line, at, at, at, at, self.path)


class DeadRows(NamedTuple):
    """Rows of one paragraph that list nothing. `change` makes all of them list their seeds."""

    rows: list[DeadRow]
    why: str
    remedy: str
    change: IndexFix | None

    def problem(self, file: IndexFile) -> IndexProblem:
        """Return the one problem that they all are."""
        line, start, path = self.rows[0]
        more = f" and {len(self.rows) - 1:,} more" if len(self.rows) > 1 else ""
        which = f"rows of {shown(path)}{more} are" if more else f"row of {shown(path)} is"
        paths = tuple(row.path for row in self.rows)
        return IndexProblem(
            INDEX_NOT_A_ROW,
            IndexSpan(file.path, start, file.manifest.ends[line]),
            f"the {which} {self.why}",
            self.remedy,
            change=self.change,
            involved=paths,
            subject="\0".join(paths) if more else "",
        )


class UnlinkedText(NamedTuple):
    """Text of a row, from `start` to `end`, that names a seed and is no link to it."""

    line: int
    start: int
    end: int
    path: str

    @property
    def link(self) -> Link:
        """What stands for the link that there should be."""
        return Link(self.line, self.start, self.end, self.start, self.end, self.path)

    def problem(self, file: IndexFile) -> IndexProblem:
        """Return what is wrong, and a change that makes it a link."""
        raw = file.manifest.text[self.start : self.end]
        text = link_to(file.base, self.path, raw)
        return IndexProblem(
            INDEX_NOT_A_LINK,
            IndexSpan(file.path, self.start, self.end),
            f"{shown(raw.strip('`'))} is no link to {shown(self.path)}",
            f"write {shown(text)}",
            change=IndexFix(
                f"link to {shown(self.path)}", file.path, ((self.start, self.end, text),)
            ),
            involved=(self.path,),
        )


class SeedNames:
    """Seeds by what a row may call them: a path, or a file name that only one of them has."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(paths)
        self._by_name: dict[str, str] = {}
        for path in self._paths:
            name = path.rpartition("/")[2]
            self._by_name[name] = "" if name in self._by_name else path

    def find(self, base: str, text: str) -> str | None:
        """Return the seed that a text in an index in folder `base` names, None if it is none."""
        path = resolve(base, text)
        return path if path in self._paths else self._by_name.get(text) or None


def dead_rows(
    file: IndexFile, names: SeedNames, ordered: Sequence[Listing] | None = None
) -> Iterator[DeadRows]:
    """Return the rows of an index that are outside of tables and lists, by paragraphs.

    `ordered` has the tables and lists of the index where they are to be sorted: then the rows of
    those that the fix adds to are sorted with them, or there is no fix.
    """
    manifest = file.manifest
    tables = {block.last: block for block in manifest.blocks if isinstance(block, Table)}
    for start, end in manifest.prose:
        first, last = (bisect_right(manifest.starts, at) - 1 for at in (start, end - 1))
        rows = [
            DeadRow(line, manifest.starts[line], path)
            for line in range(first, last + 1)
            if (path := _meant(file, line, names)) is not None
        ]
        if rows:
            found = _explained(file, range(first, last + 1), rows, tables)
            if ordered is not None and found.change is not None:
                found = found._replace(change=_sorted(file, found, last, ordered))
            yield found


def _sorted(
    file: IndexFile, dead: DeadRows, last: int, listings: Sequence[Listing]
) -> IndexFix | None:
    """Return the change of dead rows with all rows of what they then are part of, sorted.

    `last` is the last line of their paragraph. None if not all of those rows can change places.
    """
    manifest = file.manifest
    mark = _JOINED.match(manifest.row_text(dead.rows[0].line))
    if dead.change is None or last != dead.rows[-1].line:
        return None
    rows = []
    for line, _, path in dead.rows:
        text = manifest.row_text(line)
        rows.append(MovableRow(line, path, text.replace("[", " [", 1) if mark else text))
    above, below = _next_text(manifest, rows[0].line, -1), _next_text(manifest, last, 1)
    for listing in listings:
        block = listing.block
        if isinstance(block, Table) == bool(mark):
            continue
        if isinstance(block, Items) and mark and block.mark != mark[0].strip():
            continue
        if block.last == above or (mark and block.first == below):
            others = movable_rows(listing)
            if others is None:
                return None
            rows = [*others, *rows] if block.last == above else [*rows, *others]
    if mark and not have_one_mark(rows):
        return None
    edit = sorted_rows(manifest, rows, None if mark else above)
    if edit is None:
        return None
    alone = not mark and len(rows) == len(dead.rows)  # the table has no row yet
    edits = [*(dead.change.edits if alone else ()), *([edit] if edit[0] < edit[1] else ())]
    return dead.change._replace(edits=tuple(edits))


def _next_text(manifest: Manifest, line: int, step: int) -> int:
    """Return the next line above or below that is not blank; what is no line if there is none."""
    line += step
    while 0 <= line < len(manifest.starts) and not manifest.row_text(line).strip(" \t"):
        line += step
    return line


def _meant(file: IndexFile, line: int, names: SeedNames) -> str | None:
    """The seed that a line names, if it looks like a row."""
    manifest = file.manifest
    text, start, end = manifest.text, manifest.starts[line], manifest.ends[line]
    if text.find("|", start, end) < 0 and not _JOINED.match(text, start, end):
        return None
    links = links_in(text, start, end, manifest.definitions)
    said = [link.target for link in links]
    said += (plain_text(text[a:b], cell=True) for a, b in cell_spans(text, start, end))
    return next((path for each in said if (path := names.find(file.base, each))), None)


def _explained(
    file: IndexFile, lines: range, rows: list[DeadRow], tables: dict[int, Table]
) -> DeadRows:
    manifest = file.manifest
    texts = [manifest.row_text(line).strip(" \t") for line in lines]
    if all(_JOINED.match(manifest.row_text(row.line)) for row in rows):
        points = [manifest.text.index("[", row.start) for row in rows]
        edits = tuple((at, at, " ") for at in points)
        blanks = IndexFix("put blanks after the marks", file.path, edits)
        return DeadRows(
            rows, "no item of a list: no blank follows its mark", "write `- [`, not `-[`", blanks
        )
    delimiters = next((i for i, text in enumerate(texts) if is_delimiter_row(text)), None)
    if delimiters == 0:
        return DeadRows(
            rows,
            "outside of a table: no header is above the line of dashes",
            "put a header above it, a row with as many cells",
            None,
        )
    if delimiters is not None:
        pair = texts[delimiters - 1 : delimiters + 1]
        head, dashes = (len(cell_spans(text, 0, len(text))) for text in pair)
        why = f"outside of a table: the header has {head:,} cells, the line of dashes {dashes:,}"
        return DeadRows(rows, why, "give both as many cells", None)
    above = _next_text(manifest, lines[0], -1)
    if above in tables and above < lines[0] - 1:
        gap = (manifest.starts[above + 1], manifest.starts[lines[0]], "")
        change = None
        if len(rows) == len(lines) and _all_fit(file, rows, len(tables[above].columns)):
            change = IndexFix("remove the blank line", file.path, (gap,))
        why = "outside of a table: a blank line stands between"
        return DeadRows(rows, why, "remove the blank line", change)
    return DeadRows(
        rows,
        "outside of a table: no line of dashes is between the header and the row",
        "write a header, and a line like `|---|---|` below it, directly above the rows",
        None,
    )


def _all_fit(file: IndexFile, rows: list[DeadRow], columns: int) -> bool:
    """Tell whether rows have as many cells as the table, and each links to another seed."""
    manifest = file.manifest
    for line, start, path in rows:
        end = manifest.ends[line]
        links = links_in(manifest.text, start, end, manifest.definitions, cell=True)
        if not manifest.text.startswith("|", start) or len(manifest.cells(line)) != columns:
            return False
        if len(links) != 1 or links[0].broken or resolve(file.base, links[0].target) != path:
            return False
    return len({row.path for row in rows}) == len(rows)


def unlinked_names(listing: Listing, names: SeedNames) -> Iterator[UnlinkedText]:
    """Return the rows of a table or list of seeds that name one where a link to it should be."""
    manifest, block = listing.file.manifest, listing.block
    linked = {link.line for link in block.links}
    table = isinstance(block, Table)
    column = _link_column(listing) if isinstance(block, Table) else 0
    if column is None or not (table or listing.paths):
        return
    for line in range(block.first + 2 if table else block.first, block.last + 1):
        if line in linked:
            continue
        if table:
            cells = manifest.cells(line)
            start, end = cells[column] if column < len(cells) else (0, 0)
        else:
            item = _ITEM.match(manifest.text, manifest.starts[line], manifest.ends[line])
            start, end = (item.end(), manifest.ends[line]) if item else (0, 0)
        raw = manifest.text[start:end]
        path = names.find(listing.file.base, plain_text(raw, cell=table)) if raw else None
        if path is not None:
            start += len(raw) - len(raw.lstrip())
            yield UnlinkedText(line, start, start + len(raw.strip()), path)


def _link_column(listing: Listing) -> int | None:
    """The column in which a table of seeds has its links, None if it is no table of seeds."""
    manifest, block = listing.file.manifest, listing.block
    assert isinstance(block, Table)
    if listing.paths:
        link = listing.links[0]
        cells = manifest.cells(link.line)
        return next((i for i, (a, b) in enumerate(cells) if a <= link.text_start <= b), None)
    columns = (i for i, name in enumerate(block.columns) if name.casefold() in LINK_COLUMNS)
    return next(columns, None)
