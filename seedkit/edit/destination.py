"""Decides in which folder a new seed goes, and fills in file names by a pattern.

Refuses paths that no seed can have. In a name, literals are as they are, and named groups filled in
from what is known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import takewhile
from typing import NamedTuple

from seedkit.core.errors import UsageError
from seedkit.core.patterns import Globs, compile_pattern
from seedkit.core.text import plural, visible
from seedkit.corpus.workspace import Workspace
from seedkit.infer.file_patterns import escape
from seedkit.sources.source import lists, within

_GROUP = re.compile(r"\((?:\?P<(\w+)>|\?:|(?!\?))")
_WIDTH = re.compile(r"\{(\d+)\}")
_SPECIAL = frozenset("^$*+?{}[]|()")
Filler = Callable[[str], str | None]  # the pattern of a group to a text for it


class Unfillable(ValueError):
    """The part of a pattern for which there is no text."""


class _PatternPart(NamedTuple):
    """A stretch of a pattern: literal text, or a group (`""` has no name) and its inner pattern."""

    text: str  # without what escapes it; a group as it is written
    group: str | None = None
    inner: str = ""


def fill(pattern: str, fillers: Mapping[str, Filler]) -> str:
    """Return a name that the whole pattern matches; raises `Unfillable` with the part in the way.

    `fillers` make texts for groups by their names; `""` is for any group without one.
    """
    name = ""
    for part in _parts(pattern):
        if part.group is None:
            name += part.text
            continue
        text = fillers[part.group](part.inner) if part.group in fillers else None
        if text is None or not compile_pattern(part.inner).fullmatch(text):
            raise Unfillable(part.text)
        name += text
    if not compile_pattern(pattern).fullmatch(name):
        raise Unfillable(pattern)
    return name


def _parts(pattern: str) -> Iterator[_PatternPart]:
    at = 0
    while at < len(pattern):
        match = _GROUP.match(pattern, at)
        if match is not None:
            end = _closing(pattern, match.end())
            yield _PatternPart(pattern[at : end + 1], match[1] or "", pattern[match.end() : end])
            at = end + 1
        elif pattern[at] == "\\" and at + 1 < len(pattern) and not pattern[at + 1].isalnum():
            yield _PatternPart(pattern[at + 1])
            at += 2
        elif pattern[at] in _SPECIAL or pattern[at] in "\\.":
            raise Unfillable(pattern[at:])
        else:
            yield _PatternPart(pattern[at])
            at += 1


def _closing(pattern: str, at: int) -> int:
    """Where the group that is open at `at` closes."""
    depth, in_class = 1, False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 1
        elif in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
        else:
            depth += (char == "(") - (char == ")")
            if not depth:
                return at
        at += 1
    raise Unfillable(pattern)


def number_filler(number: int) -> Filler:
    """Return what writes a number as wide as a pattern asks for."""

    def filler(inner: str) -> str:
        width = _WIDTH.search(inner)
        return str(number).zfill(int(width[1]) if width else 0)

    return filler


def digest_filler(digest: str) -> Filler:
    """Return what cuts a digest to the length that a pattern asks for."""

    def filler(inner: str) -> str:
        width = _WIDTH.search(inner)
        return digest[: int(width[1])] if width else digest

    return filler


def text_filler(texts: list[str], suffix: str = "") -> Filler:
    """Return what takes the first of the texts, or of their simplest spellings, that fits.

    The `suffix`, or its lower case, comes after each.
    """

    def filler(inner: str) -> str | None:
        pattern = compile_pattern(inner)
        ends = dict.fromkeys((suffix, suffix.lower()))
        spelled = [way + end for text in texts for way in _spellings(text) for end in ends]
        return next((each for each in spelled if pattern.fullmatch(each)), None)

    return filler


def _spellings(text: str) -> Iterator[str]:
    yield text
    yield text.lower()
    words = re.findall(r"[^\W_]+", text.lower())
    for joint in ("-", "_", ""):
        yield joint.join(words)


_SHOWN = 5  # folders that a message names


def path_for(
    file_name: str,
    format_name: str,
    workspace: Workspace,
    to: str | None = None,
    shown: Callable[[str], str] = visible,
) -> str:
    """Return the path of a new seed of a format, in the folder `to` if it is given.

    `shown` writes a folder as the user would.

    Without `to`, it goes where the seeds of its format are, or where the format's patterns lead.
    Raises `UsageError` if these are several folders, and for a path that is no seed of the format.
    """
    if to is not None:
        path = _join(to, file_name)
        refuse_no_seed(path, workspace, format_name)
        return path
    live = _folders_of(format_name, workspace)
    fitting = [
        folder
        for folder in dict.fromkeys([*live, *_declared(format_name, workspace, live)])
        if _fits(_join(folder, file_name), format_name, workspace)
    ]
    if len(fitting) > 1:
        raise _several(format_name, fitting, live, shown)
    if fitting:
        return _join(fitting[0], file_name)
    paths = [_join(folder, file_name) for folder in (*live, *_possible(format_name, workspace))]
    path = next((path for path in paths if _fits(path, format_name, workspace)), paths[0])
    refuse_no_seed(path, workspace, format_name)
    return path


def refuse_no_seed(path: str, workspace: Workspace, format_name: str | None = None) -> None:
    """Raise `UsageError` if a file at the path would be no seed, or have another format."""
    shown = visible(path)
    folders = workspace.config.seeds
    if not any(lists(path, [folder]) for folder in folders) or not workspace.is_seed(path):
        raise UsageError(
            f"{shown} would not be a seed: {_why_not(path, workspace)}",
            help=_remedy(path, workspace, format_name),
        )
    if format_name is None or (claimed := workspace.format_of(path)) == format_name:
        return
    raise UsageError(
        f"{shown} would have {f'format `{claimed}`' if claimed else 'no format'}, "
        f"not `{format_name}`",
        help=f"add it to `files` in schemas/{format_name}.toml, or choose another name or folder",
    )


def _why_not(path: str, workspace: Workspace) -> str:
    config = workspace.config
    if path.rpartition("/")[2] == config.index.rpartition("/")[2]:
        return "it has the name of an index"
    if not any(lists(f"{path.rpartition('/')[0]}/x", [folder]) for folder in config.seeds):
        folders = " or ".join(f"`{visible(folder)}`" for folder in config.seeds)
        return f"it is not in {folders}"
    if not lists(path, config.seeds):
        return "files of that name are passed over"
    if workspace.is_left_at_top(path):
        return "no format matches it, and files at the top are seeds only if one does"
    if config.exclude and Globs(config.exclude).match(path):
        return "it is excluded"
    return "it is hidden, or a file of seedkit"


def _remedy(path: str, workspace: Workspace, format_name: str | None) -> str:
    if workspace.is_left_at_top(path):
        format_file = f"schemas/{format_name}.toml" if format_name else "one of schemas/*.toml"
        added = f"add `{visible(escape(path))}` to `files` in {format_file}"
        return f"choose another name or folder, or {added}"
    return "choose another name or folder, or see `seeds` and `exclude` in the configuration"


def _fits(path: str, format_name: str, workspace: Workspace) -> bool:
    """Tell whether a file at the path is a seed of the format."""
    return (
        lists(path, workspace.config.seeds)
        and workspace.is_seed(path)
        and workspace.format_of(path) == format_name
    )


def _folders_of(format_name: str, workspace: Workspace) -> Counter[str]:
    """How many seeds of the format there are in each folder."""
    return Counter(
        path.rpartition("/")[0] for path, row in workspace.rows.items() if row.format == format_name
    )


def _declared(format_name: str, workspace: Workspace, live: Collection[str]) -> list[str]:
    """The folders that patterns of the format name in full, for any file in them.

    Of a folder with all below it, the ones below that have seeds already are meant.
    """
    found = []
    for pattern in workspace.formats[format_name].files:
        *folders, file = pattern.split("/")
        folder = "/".join(folders).lstrip("/")
        in_use = file == "**" and any(within(each, folder) for each in live)
        if folders and all(map(_is_plain, folders)) and not _is_plain(file) and not in_use:
            found.append(folder)
    return found


def _possible(format_name: str, workspace: Workspace) -> list[str]:
    """Where the patterns of the format lead as far as they are plain, the last pattern first."""
    folders = []
    for pattern in reversed(workspace.formats[format_name].files):
        fixed = list(takewhile(_is_plain, pattern.lstrip("/").split("/")[:-1]))
        if fixed or pattern.startswith("/"):
            folders.append("/".join(fixed))
    first = workspace.config.seeds[0]
    return [*folders, "" if first == "." else first]


def _is_plain(part: str) -> bool:
    return not any(char in part for char in "*?[\\!")


def _several(
    format_name: str, folders: list[str], live: Counter[str], shown: Callable[[str], str]
) -> UsageError:
    order = sorted(folders, key=lambda folder: (-live[folder], folder))
    named = [
        f"`{shown(folder or '.')}` ({plural(live[folder], 'seed')})" for folder in order[:_SHOWN]
    ]
    more = f" and {len(order) - _SHOWN:,} more" if len(order) > _SHOWN else ""
    return UsageError(
        f"seeds of format `{format_name}` go in {len(folders):,} folders, and none is named",
        help=f"name one with --to: {', '.join(named)}{more}",
    )


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
