"""Parses an INDEX.md into tables, lists and links; reads the indexes that it includes, each once.

Parsing is linear in the text and total: every text parses. Whole runs of simple rows are taken at
once, what is left in the way of CommonMark (`blocks`, `inline`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field

from seedkit.core.errors import SeedkitError, used_up
from seedkit.core.rules import (
    INDEX_INCLUDE_CYCLE,
    INDEX_INDEX_BOM,
    INDEX_MERGE_CONFLICT,
    INDEX_UNREADABLE_INDEX,
)
from seedkit.core.text import find_conflicts
from seedkit.manifest.blocks import Blocks
from seedkit.manifest.inline import ONE_LINK, links_in
from seedkit.manifest.model import (
    Block,
    IndexFile,
    IndexFix,
    IndexProblem,
    IndexSpan,
    Link,
    Manifest,
    Table,
)
from seedkit.manifest.target import decode_target, resolve, shown

_NUMBER = re.compile(r"([ \t]*+)[0-9]{1,9}([.)]) {1,4}+(?=\[)")


def parse_manifest(text: str) -> Manifest:
    """Return the tables, the lists and the links of the text. Never raises."""
    return _ManifestParser(text).run()


class _ManifestParser(Blocks):
    """One pass over the lines, then one over the texts of rows that are not simple."""

    def run(self) -> Manifest:
        line, count = 0, len(self.starts)
        while line < count:
            if self.table is not None and not self.containers:
                line = self._rows(line, self.table)
            elif self.prefix:
                line = self._siblings(line)
            if line < count:
                self.prefix = ""
                self.read(line)
                line += 1
        unclosed = None
        if self.raw is not None and self.raw.depth == 0 and self.raw.closings:
            unclosed = self.starts[self.raw.line]
        self.leave(0)
        self._read_pending()
        blocks = [
            block
            for block in self.blocks
            if isinstance(block, Table) or block.links or block.broken
        ]
        blocks.sort(key=lambda block: block.first)
        return Manifest(
            self.text, self.starts, self.ends, blocks, unclosed, self.definitions, self.prose
        )

    def _read_pending(self) -> None:
        text, definitions = self.text, self.definitions
        for block, row, start, end in self.pending:
            if one := ONE_LINK.match(text, start, end):
                _keep(one, row, block)
                continue
            cell = isinstance(block, Table)
            for found in links_in(text, start, end, definitions, cell=cell):
                link = Link(row, *found[:6])
                (block.broken if found.broken else block.links).append(link)
        for block in {id(each.block): each.block for each in self.pending}.values():
            block.links.sort(key=lambda link: link.text_start)

    # The two common cases, whole runs of lines at a time.

    def _rows(self, line: int, table: Table) -> int:
        """Take the rows of a table that start with a pipe; return the first line that is none."""
        text, starts, ends, match = self.text, self.starts, self.ends, ONE_LINK.match
        append, new = table.links.append, tuple.__new__
        first, count, width = line, len(starts), len(table.columns)
        while line < count and text.startswith("|", starts[line]):
            found = match(text, starts[line], ends[line])
            if not found:
                self.keep_cells(line, starts[line], table)
            elif text.count("|", starts[line], found.start(1)) > width:
                pass  # in a cell that no column has
            elif found[2]:
                text_start, text_end = found.span(1)
                start, end = found.span(2)
                append(new(Link, (line, start, end, text_start, text_end, found[2], None)))
            else:
                _keep(found, line, table)
            line += 1
        if line > first:
            table.last = self.last = line - 1
        return line

    def _siblings(self, line: int) -> int:
        """Take the items that start like the one before and hold one link, at once.

        The last of them is left: the lines below it may be a part of it.
        """
        text, starts, ends, match = self.text, self.starts, self.ends, ONE_LINK.match
        items, prefix = self.lists[len(self.containers) - 1], self.prefix
        append, new = items.links.append, tuple.__new__
        first, count, size = line, len(starts), len(prefix)
        indent = prefix[: len(prefix) - len(prefix.lstrip())]
        ready: re.Match[str] | None = None  # the line above
        while line < count:
            if items.mark in ".)":
                number = _NUMBER.match(text, starts[line], ends[line])
                if not number or number[1] != indent or number[2] != items.mark:
                    break
                size = number.end() - starts[line]
            elif not text.startswith(prefix, starts[line]):
                break
            at = starts[line] + size
            found = match(text, at, ends[line]) if text.startswith("[", at) else None
            if ready is None:
                pass
            elif ready[2]:
                text_start, text_end = ready.span(1)
                start, end = ready.span(2)
                append(new(Link, (line - 1, start, end, text_start, text_end, ready[2], None)))
            else:
                _keep(ready, line - 1, items)
            ready = found
            if not found:
                break
            line += 1
        if ready is not None:
            line -= 1
        if line > first:
            self.close_paragraph()
            items.last = self.last = self.containers[-1].line = line - 1
        return line


def _keep(found: re.Match[str], line: int, block: Block) -> None:
    """Keep the link that `ONE_LINK` found, if it may name a file."""
    target = found[2] or decode_target(found[3])
    if target is not None:
        span = found.span(2) if found[2] else found.span(3)
        block.links.append(Link(line, *span, *found.span(1), target))


Read = Callable[[str], bytes | None]
BOM = "\ufeff"
_UNDECODED = re.compile("[\udc80-\udcff]")


@dataclass(slots=True)
class Indexes:
    """The indexes that could be read, the main one first, and the text of each.

    `complete` is false if one of them could not: then it is unknown what is listed. `met` are the
    paths of all that were looked for; `includes` are those that each links to.
    """

    files: list[IndexFile] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    problems: list[IndexProblem] = field(default_factory=list)
    complete: bool = True
    met: set[str] = field(default_factory=set)
    includes: dict[str, list[str]] = field(default_factory=dict)

    def joined(self, *others: Indexes) -> Indexes:
        """Return these indexes with others."""
        every = (self, *others)
        return Indexes(
            [file for each in every for file in each.files],
            {path: text for each in every for path, text in each.texts.items()},
            [problem for each in every for problem in each.problems],
            all(each.complete for each in every),
            set().union(*(each.met for each in every)),
            {path: links for each in every for path, links in each.includes.items()},
        )

    def reached(self, start: str) -> set[str]:
        """Return the paths of an index and of those that it includes, over others perhaps."""
        found, left = {start}, [start]
        while left:
            new = [path for path in self.includes.get(left.pop(), ()) if path not in found]
            found.update(new)
            left += new
        return found


def load_indexes(index_path: str, seeds: Container[str], read: Read) -> Indexes | None:
    """Return the index and what it includes, in the order of the links; None if it is missing."""
    indexes = Indexes()
    follow(index_path, indexes, seeds, read)
    return indexes if indexes.files or indexes.problems else None


def follow(index_path: str, indexes: Indexes, seeds: Container[str], read: Read) -> set[str]:
    """Read an index and what it includes, but for those that `indexes` has met; return these."""
    indexes.met.add(index_path)
    main = _load(index_path, read, indexes)
    if main is None:
        return set()
    name = index_path.rpartition("/")[2]
    again: set[str] = set()
    # The indexes that are being read, each with the links that it has still to follow.
    open_files = {index_path: _includes(main, name, seeds)}
    while open_files:
        path, links = next(reversed(open_files.items()))
        included, span = next(links, ("", None))
        if span is None:
            del open_files[path]
            continue
        indexes.includes.setdefault(path, []).append(included)
        if included in open_files:
            indexes.problems.append(_cycle(path, included, span))
        elif included in indexes.met:
            again.add(included)
        else:
            indexes.met.add(included)
            file = _load(included, read, indexes)
            if file is not None:
                open_files[included] = _includes(file, name, seeds)
    return again


def _includes(file: IndexFile, name: str, seeds: Container[str]) -> Iterator[tuple[str, IndexSpan]]:
    """The links of an index to files with the same name, with their places."""
    links = [link for link in file.manifest.links() if link.target.endswith(name)]
    for link in sorted(links, key=lambda link: link.start):
        path = resolve(file.base, link.target)
        if path and path.rpartition("/")[2] == name and path not in seeds:
            yield path, IndexSpan(file.path, link.start, link.end)


def _cycle(path: str, included: str, span: IndexSpan) -> IndexProblem:
    if path == included:
        message = f"{shown(path)} includes itself"
    else:
        message = f"{shown(path)} includes {shown(included)}, which includes it"
    return IndexProblem(
        INDEX_INCLUDE_CYCLE, span, message, "remove the row, the index is read anyway"
    )


def _load(path: str, read: Read, indexes: Indexes) -> IndexFile | None:
    """Read and parse one index; None if there is none, or it can't be read, which is a problem."""
    refused: IndexProblem | None = None
    data = None
    try:
        data = read(path) if "\0" not in path else None
    except SeedkitError as error:
        reason = f"{error.message[:1].lower()}{error.message[1:]}"
        refused = IndexProblem(
            INDEX_UNREADABLE_INDEX, path, f"index can't be read: {reason}", error.help
        )
    except OSError as error:
        if used_up(error):
            raise
        reason = (error.strerror or str(error)).lower()
        refused = IndexProblem(
            INDEX_UNREADABLE_INDEX, path, f"index {shown(path)} can't be read: {reason}"
        )
    problems = [refused] if refused is not None else []
    if data is not None:
        text = data.decode("utf-8", "surrogateescape")
        indexes.texts[path] = text
        problems = _not_utf8(path, text) or _conflicts(path, text)
        if not problems:
            return _parsed(path, text, indexes)
    if problems:
        indexes.problems += problems
        indexes.complete = False
    return None


def _conflicts(path: str, text: str) -> list[IndexProblem]:
    """Conflicts that git left. Until they are resolved it is unknown what the index lists."""
    remedy = "keep what should be listed, and remove the lines of `<<<<<<<`, `=======`, `>>>>>>>`"
    message = f"index {shown(path)} has a merge conflict"
    return [
        IndexProblem(
            INDEX_MERGE_CONFLICT, IndexSpan(path, each.start, each.first_end), message, remedy
        )
        for each in find_conflicts(text)
    ]


def _not_utf8(path: str, text: str) -> list[IndexProblem]:
    bad = None if text.isascii() else _UNDECODED.search(text)
    if bad is None:
        return []
    byte = ord(bad[0]) - 0xDC00
    message = f"index {shown(path)} is not UTF-8, it has the byte 0x{byte:02x}"
    return [
        IndexProblem(
            INDEX_UNREADABLE_INDEX, IndexSpan(path, *bad.span()), message, "save it as UTF-8"
        )
    ]


def _parsed(path: str, text: str, indexes: Indexes) -> IndexFile:
    file = IndexFile(path, path[: path.rfind("/") + 1], parse_manifest(text))
    indexes.files.append(file)
    if count := len(text) - len(text.lstrip(BOM)):
        what = "a byte order mark" if count == 1 else f"{count:,} byte order marks"
        message = f"index {shown(path)} starts with {what}"
        remedy = "save it as UTF-8 without a byte order mark"
        change = IndexFix("remove the byte order mark", path, ((0, count, ""),), safe=False)
        span = IndexSpan(path, 0, count)
        indexes.problems.append(IndexProblem(INDEX_INDEX_BOM, span, message, remedy, change=change))
    return file
