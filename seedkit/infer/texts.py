"""The texts below any path: a file, a folder or a corpus, with records apart where the name of a
file says how they are cut.

Nothing needs to be declared. A line of JSON Lines is a record whose strings are texts, without the
names of keys; so is a row of a table with its cells. Any other file is one text.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from seedkit.core.errors import SeedkitError, UsageError
from seedkit.core.text import visible
from seedkit.infer.encodings import kind_of
from seedkit.infer.place import find_seeds
from seedkit.infer.shapes import delimiter_of
from seedkit.settings.assignment import Assignment
from seedkit.settings.load import load_settings
from seedkit.sources.root import is_root
from seedkit.sources.source import DiskSource

_MOST = 1 << 40  # bytes of a file: it is the user's own, named on purpose


class Item(NamedTuple):
    """What is compared as one: a file, or a record of it that begins on `line` (from 1; 0 for a
    whole file), with its texts."""

    path: str
    line: int
    texts: list[str]


class Collection:
    """The texts below a path, as often as they are asked for.

    `skipped` says of the files that were read so far and are no text why they are left out, by path
    as seen from the working directory. Raises `UsageError` if there is no such path, and what
    reading settings raises if it is a corpus.
    """

    def __init__(self, given: str) -> None:
        self.given = given
        self.skipped: dict[str, str] = {}
        if os.path.isdir(given):
            self._source = DiskSource(given)
            names, self._folder = _files_of(self._source, given), given
        elif os.path.exists(given):
            self._folder = os.path.dirname(given)
            self._source = DiskSource(self._folder or ".")
            names = [os.path.basename(given)]
        else:
            raise UsageError(f"there is no `{visible(given)}`", help="name a file or a folder")
        self._names = names

    def refuse_unread(self) -> None:
        """Raise `UsageError` if no file could be compared: what is found then means nothing."""
        if len(self.skipped) == len(self._names):
            path, why = min(self.skipped.items())
            raise UsageError(f"`{visible(path)}` can't be compared: {why}")

    def _path_of(self, name: str) -> str:
        return os.path.normpath(os.path.join(self._folder, name))

    def items(self, progress: Callable[[int, int], None]) -> Iterator[Item]:
        """Return what is compared, file by file."""
        for number, name in enumerate(self._names):
            progress(number, len(self._names))
            text = self._text(name)
            if text is None:
                continue
            path = self._path_of(name)
            cut = _CUTS.get(os.path.splitext(name)[1].lower())
            records = None if cut is None else cut(text)
            if records is None:
                yield Item(path, 0, [text])
                continue
            for line, texts in records:
                yield Item(path, line, texts)

    def text(self, path: str) -> str:
        """Return the text of a file that `items` named; empty if it can't be read any more."""
        return self._text(os.path.relpath(path, self._folder or ".")) or ""

    def _text(self, name: str) -> str | None:
        try:
            data = self._source.read(name, _MOST)
        except (OSError, SeedkitError) as error:
            said = error.message if isinstance(error, SeedkitError) else error.strerror or "gone"
            self.skipped[self._path_of(name)] = said
            return None
        kind, why = kind_of(data)
        if kind == "none":
            self.skipped[self._path_of(name)] = why
            return None
        return data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")


def _files_of(source: DiskSource, given: str) -> list[str]:
    """The seeds of a corpus, or what would be those of any other folder; raises `UsageError`."""
    if is_root(source.root):
        settings = load_settings(source)
        is_seed = Assignment(settings).is_seed
        names = [path for path in source.scan(settings.config.seeds).files if is_seed(path)]
    else:
        names = list(find_seeds(source).files)
    if not names:
        raise UsageError(f"there are no texts in `{visible(given)}`")
    return sorted(names)


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            found = [each for each in _strings(json.loads(line)) if each]
        except (ValueError, RecursionError):
            found = [line]  # it is damaged: its words count all the same
        yield number, found


def _strings(value: Any) -> Iterator[str]:
    """The strings of a JSON value, in order, names of keys aside."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, list):
            left += reversed(each)
        elif isinstance(each, dict):
            left += reversed(each.values())


def _rows(text: str) -> list[tuple[int, list[str]]] | None:
    """The rows of a table; None if it can't be read as one."""
    return _table(text, delimiter_of(text[: text.find("\n") + 1] or text))


def _tabbed(text: str) -> list[tuple[int, list[str]]] | None:
    return _table(text, "\t")


def _table(text: str, delimiter: str) -> list[tuple[int, list[str]]] | None:
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows, line = [], 1
    try:
        for row in reader:
            rows.append((line, row))
            line = reader.line_num + 1
    except csv.Error:
        return None
    return rows


_CUTS: Mapping[str, Callable[[str], Any]] = {
    ".jsonl": _lines, ".ndjson": _lines, ".csv": _rows, ".tsv": _tabbed,
}  # fmt: skip
