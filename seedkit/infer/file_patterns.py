"""Finds `files` patterns that give every file its format, and will give it to files to come."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from seedkit.core.patterns import Globs, PatternError
from seedkit.infer.shapes import common_prefix, extension_of

_FOLDERS = 8  # that are listed one by one
_SPECIAL = re.compile(r"[\\*?\[\]!#]")
_CONTROL = re.compile("[\x00-\x1f]")  # such as a newline, which would end the pattern
_SURROGATE = re.compile("[\udc80-\udcff]")


class FilePatterns(NamedTuple):
    """The patterns of each format, in the order in which the formats must be asked."""

    patterns: dict[str, list[str]]
    ordered: bool  # whether that order matters


def patterns_of(formats: Mapping[str, Sequence[str]], home: str = "") -> FilePatterns:
    """Return patterns for formats and their files; the largest gets what no other claims.

    Where files have to be listed one by one, later ones can go to a folder of the format's name in
    the folder `home`.
    """
    ranked = sorted(formats, key=lambda name: (len(formats[name]), name))
    owner = {path: name for name, paths in formats.items() for path in paths}
    patterns: dict[str, list[str]] = {}
    ordered = False
    for name in ranked:
        others = [path for path, of in owner.items() if of != name]
        found = _apart(formats[name], others)
        if found is None:
            last = name == ranked[-1]
            ordered = True
            found = _widest(formats[name]) if last else _listed(formats[name], f"{home}{name}/")
        patterns[name] = found
    order = sorted(patterns) if not ordered else ranked
    return FilePatterns({name: patterns[name] for name in order}, ordered)


def _listed(paths: Sequence[str], folder: str) -> list[str]:
    return [*(escape(path) for path in sorted(paths)), f"{folder}**"]


def escape(path: str) -> str:
    """Return a gitignore-style pattern for just this path."""
    bare = _SURROGATE.sub("\ufffd", path)
    escaped = _CONTROL.sub("?", _SPECIAL.sub(r"\\\g<0>", bare))
    if escaped.endswith(" "):
        escaped = escaped[:-1] + "\\ "
    return escaped if "/" in path else f"/{escaped}"


def _apart(paths: Sequence[str], others: Sequence[str]) -> list[str] | None:
    """The simplest patterns that match all the paths and none of the others."""
    for patterns in _ways(paths, others):
        try:
            globs = Globs(patterns)
        except PatternError:
            continue
        if all(map(globs.match, paths)) and not any(map(globs.match, others)):
            return patterns
    return None


def _ways(paths: Sequence[str], others: Sequence[str]) -> Iterator[list[str]]:
    yield _widest(paths)
    folders = Counter(path.rpartition("/")[0] for path in paths)
    kinds = {extension_of(path) for path in paths}
    if len(kinds) == 1:
        (kind,) = kinds
        common = _common_folder(paths)
        yield [_below(common, f"*{escape_name(kind)}" if kind else "*")]
        prefix = _common_prefix(paths)
        if prefix:
            yield [_below(common, f"{escape_name(prefix)}*{escape_name(kind)}")]
    tops = {path.split("/", 2)[1] if path.count("/") > 1 else "" for path in paths}
    if "" not in tops and len(tops) <= _FOLDERS:
        top = paths[0].split("/", 1)[0]
        yield [f"{escape_name(top)}/{escape_name(each)}/**" for each in sorted(tops)]
    if len(folders) <= _FOLDERS:
        yield [_below(folder, "*", deep=False) for folder in sorted(folders)]
    if len(paths) <= _FOLDERS < len(others):
        yield [escape(path) for path in sorted(paths)]


def _widest(paths: Sequence[str]) -> list[str]:
    """A pattern for all that lies in the folder that the paths have in common."""
    common = _common_folder(paths)
    if common:
        return [f"{'/'.join(map(escape_name, common.split('/')))}/**"]
    top = [path for path in paths if "/" not in path]
    kinds = by_kind(top)
    found = [f"/*{escape_name(kind)}" for kind in sorted(kinds) if kind]
    bare = kinds.get("", [])
    found += [escape(path) for path in sorted(bare)] if len(bare) <= _FOLDERS else ["/*"]
    folders = sorted({path.partition("/")[0] for path in paths if "/" in path})
    if len(folders) <= _FOLDERS:
        return [*found, *(f"{escape_name(folder)}/**" for folder in folders)]
    below = {extension_of(path) for path in paths if "/" in path}
    return [
        *found,
        *("*/**" + (f"/*{escape_name(kind)}" if kind else "") for kind in sorted(below)),
    ]


def _below(folder: str, name: str, *, deep: bool = True) -> str:
    if not folder:
        return f"/{name}"  # the files at the top, and no others
    escaped = "/".join(map(escape_name, folder.split("/")))
    return f"{escaped}/**/{name}" if deep else f"{escaped}/{name}"


def escape_name(name: str) -> str:
    """Return a pattern for a name, without its folder."""
    return escape(f"x/{name}").removeprefix("x/")


def _common_folder(paths: Sequence[str]) -> str:
    folders = [path.rpartition("/")[0] for path in paths]
    if "" in folders:
        return ""
    return os.path.commonpath(folders)


def _common_prefix(paths: Sequence[str]) -> str:
    """What all names begin with, up to the last mark: not half a word, and no digits."""
    prefix = common_prefix([path.rpartition("/")[2] for path in paths])
    return re.sub(r"[^\W_]*$", "", prefix)


def by_kind(paths: Sequence[str]) -> dict[str, list[str]]:
    """Return the paths by their extension."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        kinds[extension_of(path)].append(path)
    return dict(kinds)
