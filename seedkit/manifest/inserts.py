"""Decides where the rows of unlisted seeds go, and writes a new index where there is none."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain

from seedkit.manifest.listing import Listing
from seedkit.manifest.model import Change, IndexFile, Items, Manifest, Table
from seedkit.manifest.parse import parse_manifest
from seedkit.manifest.rows import (
    LINK_COLUMNS,
    Caption,
    ItemWriter,
    TableWriter,
    Writer,
    usual_caption,
)
from seedkit.manifest.summary import SeedSummary
from seedkit.manifest.target import folder_of, tidy

Summaries = Mapping[str, SeedSummary]


def new_index(index_path: str, seeds: Summaries) -> str:
    """Return the text of an index that lists all the seeds."""
    head = "# Index\n\n"
    table = head + table_head(seeds, "\n")
    file = IndexFile(index_path, index_path[: index_path.rfind("/") + 1], parse_manifest(table))
    writer = _writer_of_new(file)
    return table + "".join(f"{writer.row(path, seeds[path])}\n" for path in sorted(seeds))


def table_head(seeds: Summaries, newline: str) -> str:
    """Return the head of a new table, with the columns in which the seeds differ."""
    columns = ["Seed"]
    summaries = seeds.values()
    if any(tidy(seed.title) for seed in summaries):
        columns.append("Title")
    if len({seed.format for seed in summaries if seed.format}) > 1:
        columns.append("Format")
    return f"| {' | '.join(columns)} |{newline}|{'---|' * len(columns)}{newline}"


def _writer_of_new(file: IndexFile) -> TableWriter:
    table = next(block for block in file.manifest.blocks if isinstance(block, Table))
    return TableWriter(file, table)


class Inserter:
    """Finds each unlisted seed its index, its table or list there, and its place in that."""

    def __init__(
        self, files: Sequence[IndexFile], listings: Sequence[Listing], seeds: Summaries
    ) -> None:
        self._files, self._seeds = files, seeds
        self._index_in = {file.base: file.path for file in files}
        # The places with the most seeds: of each folder in each index, and in each index.
        self._by_folder: dict[tuple[str, str], tuple[int, _Place]] = {}
        self._largest: dict[str, _Place] = {}
        self._listed_in: dict[str, list[str]] = {}  # which indexes list seeds of a folder
        self._own: set[str] = set()  # indexes that list something below their own folder
        for listing in listings:
            if listing.paths:
                self._note(_Place(listing, seeds))
        self._chosen: dict[str, _Place | None] = {}

    def _note(self, place: _Place) -> None:
        (index, base, _), paths = place.listing.file, place.listing.paths
        if index not in self._largest or len(paths) > len(self._largest[index].listing.paths):
            self._largest[index] = place
        for folder, count in Counter(map(folder_of, paths)).items():
            best = self._by_folder.get((index, folder))
            if best is None:
                self._listed_in.setdefault(folder, []).append(index)
            if best is None or count > best[0]:
                self._by_folder[index, folder] = count, place
            if f"{folder}/".startswith(base):
                self._own.add(index)

    def insert(self, unlisted: Sequence[str]) -> Iterator[tuple[str, Change]]:
        """Return a row for each seed, as an edit. Paths are sorted, so rows at one place are."""
        homeless: list[str] = []
        for path in unlisted:
            folder = folder_of(path)
            if folder not in self._chosen:
                self._chosen[folder] = self._choose(folder)
            place = self._chosen[folder]
            if place is None:
                homeless.append(path)
            else:
                at, text = place.insert(path, self._seeds[path])
                yield path, _change(place.listing.file, at, text)
        if homeless:
            yield from self._insert_in_new(homeless)

    def _choose(self, folder: str) -> _Place | None:
        """The place with most seeds of the folder, in the index that is at home there."""
        index = self._home(folder)
        best = self._by_folder.get((index, folder))
        return best[1] if best else self._largest.get(index)

    def _home(self, folder: str) -> str:
        """The index that lists the folder's seeds; of several, or if none does, the nearest above.

        An index that does not list that folder must at least list something below its own.
        """
        above = list(self._above(folder))
        listed_in = self._listed_in.get(folder, [])
        nearest = (path for path in above if path in listed_in)
        own = (path for path in above if path in self._own)
        return next(chain(nearest, listed_in, own), self._files[0].path)

    def _above(self, folder: str) -> Iterator[str]:
        """The indexes in a folder and those above it, the nearest first."""
        while True:
            path = self._index_in.get(f"{folder}/".lstrip("/"))
            if path is not None:
                yield path
            if not folder:
                return
            folder = folder_of(folder)

    def _insert_in_new(self, paths: list[str]) -> Iterator[tuple[str, Change]]:
        """Rows for a table that has none yet, or for a new table at the end of the main index."""
        file = self._files[0]
        manifest = file.manifest
        empty = [
            block for block in manifest.blocks if isinstance(block, Table) and _is_empty(block)
        ]
        head, writer = "", None
        if empty:
            at, before, after = manifest.ends[empty[-1].last], manifest.newline, ""
            writer = TableWriter(file, empty[-1])
        else:
            at = len(manifest.text) if manifest.unclosed is None else manifest.unclosed
            before, after = "", manifest.newline
            head = table_head({path: self._seeds[path] for path in paths}, after)
            writer = _writer_of_new(IndexFile(file.path, file.base, parse_manifest(head)))
            head = _space_before(manifest, at) + head
        for path in paths:
            row = writer.row(path, self._seeds[path])
            yield path, _change(file, at, f"{head}{before}{row}{after}")
            head = ""


class _Place:
    """A table or list that takes rows: where its entries are sorted, in order, else at its end."""

    def __init__(self, listing: Listing, seeds: Summaries) -> None:
        self.listing = listing
        self._seeds = seeds
        self._writers: dict[int, Writer] = {}
        self._points: dict[int, tuple[int, str, str]] = {}

    @cached_property
    def _sorted(self) -> bool:
        return self.listing.paths == sorted(self.listing.paths)

    @cached_property
    def _caption(self) -> Caption:
        return usual_caption(self.listing, self._seeds)

    def insert(self, path: str, seed: SeedSummary) -> tuple[int, str]:
        """Return where the row of a seed goes, and the text to insert there."""
        paths = self.listing.paths
        after = bisect_right(paths, path) - 1 if self._sorted else len(paths) - 1
        if after not in self._points:
            self._points[after] = self._point(after)
        at, before, behind = self._points[after]
        return at, f"{before}{self._writer(after).row(path, seed)}{behind}"

    def _point(self, after: int) -> tuple[int, str, str]:
        """The place after an entry, or before all; and what is to enclose a row there."""
        manifest, block = self.listing.file.manifest, self.listing.block
        gap = manifest.newline if isinstance(block, Items) and block.loose else ""
        line = self.listing.links[max(after, 0)].line
        if after < 0 and not (isinstance(block, Items) and line in block.nests):
            return manifest.starts[line], "", manifest.newline + gap
        last = block.row_end(line)
        goes_on = isinstance(block, Items) and _would_go_on(manifest, last + 1)
        behind = manifest.newline if goes_on and not gap else ""
        # At the end of the line, not the start of the next: rows of another block may go there.
        return manifest.ends[last], gap + manifest.newline, behind

    def _writer(self, after: int) -> Writer:
        file, block, links = self.listing.file, self.listing.block, self.listing.links
        if isinstance(block, Table):
            after = 0  # one is enough: rows are not numbered
        if after not in self._writers:
            like = links[max(after, 0)]
            self._writers[after] = (
                TableWriter(file, block, like, self._caption)
                if isinstance(block, Table)
                else ItemWriter(file, block, like, self._caption, counts=after >= 0)
            )
        return self._writers[after]


def _change(file: IndexFile, at: int, text: str) -> Change:
    return Change("add a row to the index", file.path, ((at, at, text),))


def _would_go_on(manifest: Manifest, line: int) -> bool:
    """Tell whether a line is text, which after an item of one line would be a part of it."""
    text = manifest.row_text(line).strip(" \t") if line < len(manifest.starts) else ""
    return text[:1] not in "-*+#>`~<0123456789"


def _space_before(manifest: Manifest, at: int) -> str:
    """What newlines a table at `at` needs before it, so that a blank line is there."""
    line = bisect_right(manifest.starts, at) - 1
    if manifest.starts[line] != at:
        return manifest.newline * 2
    blank = line <= 0 or not manifest.row_text(line - 1).strip(" \t")
    return "" if blank else manifest.newline


def _is_empty(table: Table) -> bool:
    """Tell whether a table has a column for links, and no row."""
    named = any(column.casefold() in LINK_COLUMNS for column in table.columns)
    return named and table.last == table.first + 1
