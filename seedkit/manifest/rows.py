"""Writes rows for seeds, in the manner of the rows that a table or list has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import NamedTuple, Protocol

from seedkit.manifest.cells import Padding, columns_of
from seedkit.manifest.listing import Listing
from seedkit.manifest.model import IndexFile, Items, Link, Table
from seedkit.manifest.summary import SeedSummary
from seedkit.manifest.target import (
    encode_target,
    escape_text,
    guard_start,
    relative,
    tidy,
)
from seedkit.manifest.values import expected, in_cell, in_style

LINK_COLUMNS = ("seed", "seeds", "file", "path", "name")  # where links go if there is none yet
_SAMPLE = 200  # rows looked at to see what their links' texts are
_MARK = re.compile(r"([ \t]*+)([-+*]|[0-9]{1,9}(?=[.)]))([.)]?)([ \t]*+)")

Caption = Callable[[str, SeedSummary], str]  # the text of a link to a seed


class Writer(Protocol):
    """Writes rows of one table or list, without their newline."""

    def row(self, path: str, seed: SeedSummary) -> str:
        """Return the row for a seed."""
        ...


def _file_name(path: str, seed: SeedSummary | None = None) -> str:
    return path.rpartition("/")[2]


def _stem(path: str, seed: SeedSummary | None = None) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name


def _whole_path(path: str, seed: SeedSummary | None = None) -> str:
    return path


def _title(path: str, seed: SeedSummary) -> str:
    return tidy(seed.title) or _file_name(path, seed)


_NAMES = (_file_name, _stem, _whole_path)
_CAPTIONS: tuple[Caption, ...] = (_title, *_NAMES)


def renamed_text(text: str, said: str, old: str, new: str) -> str:
    """Return the text of a link to a file that was renamed: its new name, if it was the old one.

    `text` is the Markdown of what it `said`.
    """
    name = next((name for name in _NAMES if tidy(name(old)) == said), None)
    return text if name is None else in_cell("", tidy(name(new)), text)


def link_to(base: str, path: str, text: str) -> str:
    """Return a link with a Markdown text from an index in folder `base` to a path of the corpus."""
    return f"[{text}]({encode_target(relative(base, path))})"


def usual_caption(listing: Listing, seeds: Mapping[str, SeedSummary]) -> Caption:
    """Return what the texts of most links of a listing are."""
    manifest, block = listing.file.manifest, listing.block
    default = _default_caption(block.columns if isinstance(block, Table) else ())
    votes: Counter[Caption] = Counter()
    for path, link in islice(zip(listing.paths, listing.links, strict=True), _SAMPLE):
        if path in seeds:
            said = manifest.link_text(block, link)
            seed = seeds[path]
            votes.update(each for each in _CAPTIONS if tidy(each(path, seed)) == said)
    return max(_CAPTIONS, key=lambda each: (votes[each], each is default))


def _default_caption(columns: Iterable[str]) -> Caption:
    """With a column for the title, the link's text need not be the title as well."""
    return _file_name if "title" in map(str.casefold, columns) else _title


class TableWriter:
    """Writes rows of a table like the row with the link `like`; without one, like its header."""

    def __init__(
        self,
        file: IndexFile,
        table: Table,
        like: Link | None = None,
        caption: Caption | None = None,
    ) -> None:
        manifest = file.manifest
        self._base = file.base
        self._columns = columns_of(manifest, table)
        line = like.line if like else table.first
        spans = manifest.cells(line)
        row = manifest.row_text(line)
        self._indent = row[: len(row) - len(row.lstrip(" \t"))]
        self._opens = "|" if row.lstrip(" \t").startswith("|") else ""
        self._closes = "|" if row.rstrip(" \t").endswith("|") else ""
        cells = [manifest.text[start:end] for start, end in spans]
        cells = _completed(cells, len(self._columns), bool(self._closes))
        self._like = [cell.strip() for cell in cells]
        self._padding = [Padding(*pair) for pair in zip(cells, self._columns, strict=True)]
        keys = [column.key for column in self._columns]
        if like:
            held = [start <= like.text_start < end for start, end in spans]
            self._said = manifest.text[like.text_start : like.text_end]
        else:
            held = [key in LINK_COLUMNS for key in keys]
            self._said = ""
        self._link_column = held.index(True) if True in held[: len(keys)] else 0
        self._caption = caption or _default_caption(table.columns)

    def row(self, path: str, seed: SeedSummary) -> str:
        """Return the row for a seed: a link, the values of known columns, the others empty."""
        wanted = [expected(seed, column.key) for column in self._columns]
        contents = [
            in_cell(column.key, want, like) if want else ""
            for column, want, like in zip(self._columns, wanted, self._like, strict=True)
        ]
        key, want = self._columns[self._link_column].key, wanted[self._link_column]
        text = in_style(key, want, self._said) if want else escape_text(self._caption(path, seed))
        contents[self._link_column] = link_to(self._base, path, text)
        opens = self._opens
        if not opens:
            contents[0] = guard_start(contents[0])
            opens = "" if contents[0] else "|"  # or the empty cell would not be seen
        parts = zip(self._padding, contents, strict=True)
        cells = "|".join(padding.around(content) for padding, content in parts)
        return f"{self._indent}{opens}{cells}{self._closes}".rstrip(" \t")


def _completed(cells: list[str], count: int, closed: bool) -> list[str]:
    """Return as many cells as there are columns, those that the row lacks like the others."""
    lacking = count - len(cells)
    if lacking <= 0:
        return cells[:count]
    blank = " " if any(cell != cell.strip() for cell in cells) else ""
    last = cells[-1] if closed else cells[-1] + blank
    new = [f"{blank}x{blank}"] * lacking
    return [*cells[:-1], last, *new[:-1], new[-1] if closed else f"{blank}x"]


class ItemWriter:
    """Writes items of a list, indented and marked like one that it has."""

    def __init__(
        self, file: IndexFile, items: Items, like: Link, caption: Caption, *, counts: bool
    ) -> None:
        self._base, self._caption = file.base, caption
        last = last_mark(file.manifest.row_text(like.line))
        self._indent = re.sub(r"[^\t]", " ", last.before)
        self._mark, self._after = last.mark, last.after
        self._space = last.space if 0 < last.width <= 4 else " "  # after more, code would follow
        first = last_mark(file.manifest.row_text(items.first)).mark
        counted = last.mark.isdigit() and (items.first == like.line or first != last.mark)
        self._counts = counts and counted

    def row(self, path: str, seed: SeedSummary) -> str:
        """Return the item for a seed. Numbers go on counting if those before did."""
        if self._counts and int(self._mark) < 999_999_999:
            self._mark = str(int(self._mark) + 1)
        link = link_to(self._base, path, escape_text(self._caption(path, seed)))
        return f"{self._indent}{self._mark}{self._after}{self._space}{link}"


class Mark(NamedTuple):
    """The mark of an item: what stands before it, what follows its number, and the blanks."""

    before: str
    mark: str
    after: str
    space: str

    @property
    def width(self) -> int:
        """Return how many columns the blanks take."""
        return len(self.space.expandtabs(4))


def last_mark(line: str) -> Mark:
    """Return the mark of the innermost item that begins in a line."""
    at, mark = 0, _MARK.match(line)
    found = Mark("", "-", "", " ")
    while mark and (mark[4] or mark.end() == len(line)) and (mark[2].isdigit() == bool(mark[3])):
        found = Mark(line[:at] + mark[1], mark[2], mark[3], mark[4])
        at = mark.end()
        mark = _MARK.match(line, at)
    return found
