"""Reads an index and those that it includes, each once."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field

from seedkit.core.conflicts import find_conflicts
from seedkit.core.errors import SeedkitError, used_up
from seedkit.core.rules import (
    INDEX_INCLUDE_CYCLE,
    INDEX_INDEX_BOM,
    INDEX_MERGE_CONFLICT,
    INDEX_UNREADABLE_INDEX,
)
from seedkit.manifest.model import Change, IndexFile, Problem, Span
from seedkit.manifest.parse import parse_manifest
from seedkit.manifest.target import resolve, shown

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
    problems: list[Problem] = field(default_factory=list)
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


def _includes(file: IndexFile, name: str, seeds: Container[str]) -> Iterator[tuple[str, Span]]:
    """The links of an index to files with the same name, with their places."""
    links = [link for link in file.manifest.links() if link.target.endswith(name)]
    for link in sorted(links, key=lambda link: link.start):
        path = resolve(file.base, link.target)
        if path and path.rpartition("/")[2] == name and path not in seeds:
            yield path, Span(file.path, link.start, link.end)


def _cycle(path: str, included: str, span: Span) -> Problem:
    if path == included:
        message = f"{shown(path)} includes itself"
    else:
        message = f"{shown(path)} includes {shown(included)}, which includes it"
    return Problem(INDEX_INCLUDE_CYCLE, span, message, "remove the row, the index is read anyway")


def _load(path: str, read: Read, indexes: Indexes) -> IndexFile | None:
    """Read and parse one index; None if there is none, or it can't be read, which is a problem."""
    refused: Problem | None = None
    data = None
    try:
        data = read(path) if "\0" not in path else None
    except SeedkitError as error:
        reason = f"{error.message[:1].lower()}{error.message[1:]}"
        refused = Problem(
            INDEX_UNREADABLE_INDEX, path, f"index can't be read: {reason}", error.help
        )
    except OSError as error:
        if used_up(error):
            raise
        reason = (error.strerror or str(error)).lower()
        refused = Problem(
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


def _conflicts(path: str, text: str) -> list[Problem]:
    """Conflicts that git left. Until they are resolved it is unknown what the index lists."""
    remedy = "keep what should be listed, and remove the lines of `<<<<<<<`, `=======`, `>>>>>>>`"
    message = f"index {shown(path)} has a merge conflict"
    return [
        Problem(INDEX_MERGE_CONFLICT, Span(path, each.start, each.first_end), message, remedy)
        for each in find_conflicts(text)
    ]


def _not_utf8(path: str, text: str) -> list[Problem]:
    bad = None if text.isascii() else _UNDECODED.search(text)
    if bad is None:
        return []
    byte = ord(bad[0]) - 0xDC00
    message = f"index {shown(path)} is not UTF-8, it has the byte 0x{byte:02x}"
    return [Problem(INDEX_UNREADABLE_INDEX, Span(path, *bad.span()), message, "save it as UTF-8")]


def _parsed(path: str, text: str, indexes: Indexes) -> IndexFile:
    file = IndexFile(path, path[: path.rfind("/") + 1], parse_manifest(text))
    indexes.files.append(file)
    if count := len(text) - len(text.lstrip(BOM)):
        what = "a byte order mark" if count == 1 else f"{count:,} byte order marks"
        message = f"index {shown(path)} starts with {what}"
        remedy = "save it as UTF-8 without a byte order mark"
        change = Change("remove the byte order mark", path, ((0, count, ""),), safe=False)
        span = Span(path, 0, count)
        indexes.problems.append(Problem(INDEX_INDEX_BOM, span, message, remedy, change=change))
    return file
