"""The texts below any path, by record where the name of a file says how records are cut.

Nothing needs to be declared. A line of JSON Lines is a record whose strings are texts, without the
names of keys; so is a row of a table with its cells. Any other file is one text.

Where in a folder are the seeds? In seeds/, in other folders, or among everything else.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections import abc
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from seedkit.core.errors import SeedkitError, UsageError
from seedkit.core.text import visible
from seedkit.infer.encodings import kind_of
from seedkit.infer.shapes import delimiter_of
from seedkit.settings.assignment import Assignment
from seedkit.settings.load import load_settings
from seedkit.sources.compressed import expand, uncompressed_name
from seedkit.sources.root import CONFIG_FILES, MAX_BYTES, SCHEMAS, has_settings, is_root
from seedkit.sources.source import DiskSource, Source
from seedkit.sources.walk import FileSignature

SEEDS: Final = "seeds"
_MOST_PLACES = 8  # folders that are listed one by one in `seeds`
# What stands at the top of a project and is no seed.
_PROJECT = re.compile(
    r"(?:.+\.)?readme(?:\..+)?|(?:licen[sc]e|copying|changelog|changes|contributing|authors|notice|makefile|todo"
    r"|security|code_of_conduct)(?:\..+)?|package(?:-lock)?\.json"
    r"|.+\.(?:toml|lock|ini|cfg|ya?ml|py|sh|bat)|seedkit-baseline\.json",
    re.IGNORECASE,
)
_OF_THE_PROJECT: Final = "of the project, not of a corpus"
_HIDDEN: Final = "hidden"
_INDEX: Final = "an index"
_MARKS = frozenset((*CONFIG_FILES, "INDEX.md"))
_OTHERS = frozenset((SCHEMAS, "node_modules", "__pycache__", "venv", "build", "dist"))


class SeedFolders(NamedTuple):
    """The `seeds` setting; the files there; files at the top that are of the project, not seeds.

    `apart` are the files that are left out by their names, and why; `corpora` are folders that are
    corpora of their own, without what is in these.
    """

    folders: list[str]
    files: dict[str, FileSignature]
    project: list[str]
    refused: Mapping[str, str]
    apart: Mapping[str, str]
    corpora: list[str]


def find_seeds(source: Source) -> SeedFolders:
    """Return where the seeds are under the root of the source."""
    if source.exists(SEEDS):
        scan = source.scan([SEEDS])
        if scan.files:
            corpora = _corpora(scan.files, source)
            files = {p: signature for p, signature in scan.files.items() if not _is_in(p, corpora)}
            apart = {p: _INDEX for p in files if p.rpartition("/")[2] == "INDEX.md"}
            files = {p: signature for p, signature in files.items() if p not in apart}
            return SeedFolders([SEEDS], files, [], scan.refused, apart, corpora)
    scan = source.scan(["."])
    corpora = _corpora(scan.files, source)
    apart = {}
    files = {}
    for path, signature in scan.files.items():
        if _is_in(path, corpora):
            continue
        why = _apart(path)
        if why is None:
            files[path] = signature
        else:
            apart[path] = why
    project = sorted(path for path, why in apart.items() if why == _OF_THE_PROJECT)
    tops = sorted({path.partition("/")[0] for path in files if "/" in path})
    flat = any("/" not in path for path in files)
    folders = ["."] if flat or len(tops) > _MOST_PLACES or not tops else tops
    refused = {path: why for path, why in scan.refused.items() if _apart(path) is None}
    return SeedFolders(folders, files, project, refused, apart, corpora)


def _apart(path: str) -> str | None:
    """Why a file is left out by its name, None if it is not."""
    top, name = path.partition("/")[0], path.rpartition("/")[2]
    if top.startswith("."):
        return _HIDDEN
    if top in _OTHERS and top != path:
        return f"in the folder {top}"
    if name == "INDEX.md":
        return _INDEX
    return _OF_THE_PROJECT if "/" not in path and _PROJECT.fullmatch(path) else None


def _corpora(paths: Iterable[str], source: Source) -> list[str]:
    """The folders below the root that are corpora, without those in one of these."""
    paths = set(paths)
    found: set[str] = set()
    for path in paths:
        folder, _, name = path.rpartition("/")
        if folder and name in _MARKS and _marks(folder, name, paths, source):
            found.add(folder)
    return sorted(each for each in found if not _is_in(each.rpartition("/")[0], found))


def _marks(folder: str, name: str, paths: abc.Collection[str], source: Source) -> bool:
    """Tell whether a file marks its folder as a corpus, as `find_root` has it."""
    if name == CONFIG_FILES[0]:
        return True
    if name == "INDEX.md":
        return any(path.startswith(f"{folder}/{SEEDS}/") for path in paths)
    try:
        return has_settings(source.read(f"{folder}/{name}", MAX_BYTES))
    except (OSError, SeedkitError):
        return False


def _is_in(path: str, folders: abc.Collection[str]) -> bool:
    """Tell whether the path is one of the folders, or in one."""
    while path:
        if path in folders:
            return True
        path = path.rpartition("/")[0]
    return False


_MOST = 1 << 40  # bytes of a file: it is the user's own, named on purpose
_MOST_EXPANDED = 1_000_000_000  # bytes that a compressed one holds


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
            plain = uncompressed_name(name)
            cut = _CUTS.get(os.path.splitext(plain)[1].lower())
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
            data = expand(name, self._source.read(name, _MOST), _MOST_EXPANDED)
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
