"""Rules about file names: the declared pattern, and names that will not travel."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from seedkit.core.diagnostic import Diagnostic, Place, Related, Severity
from seedkit.core.document import WHOLE_FILE, Finding
from seedkit.core.rules import (
    NAME_CASE_COLLISION,
    NAME_NOT_SEQUENTIAL,
    NAME_NOT_UNIQUE,
    NAME_PATTERN,
    NAME_UNSAFE_NAME,
    NAME_WRONG_DIGEST,
    Rule,
)
from seedkit.core.text import as_written, normalize_newlines, shorten, visible
from seedkit.formats.layout import Layout

if TYPE_CHECKING:
    from seedkit.formats.spec import FormatSpec


Member = tuple[str, Mapping[str, str]]  # a seed's path and the groups of its name
# Given a path, its format, and the groups of its name, None if it does not match the pattern.
NameCheck = Callable[[str, Layout, Mapping[str, str] | None], Finding | None]


def name_groups(path: str, layout: Layout) -> dict[str, str] | None:
    """Return the named groups of the file name, None if it does not match the format's pattern."""
    pattern = layout.name_pattern
    return {} if pattern is None else pattern.groups(path.rpartition("/")[2])


def check_unsafe_name(
    path: str, layout: Layout, groups: Mapping[str, str] | None
) -> Finding | None:
    """Report a name with characters that do not travel."""
    seen = visible(path)
    if seen != path:
        bad = next(char for char, as_seen in zip(path, seen, strict=False) if char != as_seen)
        what = "a byte that is not UTF-8" if "\udc80" <= bad <= "\udcff" else f"U+{ord(bad):04X}"
        return _whole(NAME_UNSAFE_NAME, f"name `{seen}` holds {what}", "rename the file")
    if not _UNPORTABLE.search(path):
        return None
    message = f"name `{as_written(path.rpartition('/')[2])}` is not possible on Windows"
    finding = _whole(NAME_UNSAFE_NAME, message, "rename the file")
    return finding._replace(severity=Severity.WARNING)


# What Windows refuses in a path: characters, device names, a dot or space at the end of a part
# ("Naming Files, Paths, and Namespaces", Microsoft Learn).
_UNPORTABLE = re.compile(
    r'[<>:"|?*\\]|(?:^|/)(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?=[./]|$)|[. ](?=/|$)', re.IGNORECASE
)


def check_pattern(path: str, layout: Layout, groups: Mapping[str, str] | None) -> Finding | None:
    """Report a name that does not match the format's pattern: it has no `groups`."""
    if groups is not None or layout.name_pattern is None:
        return None
    name, pattern = path.rpartition("/")[2], visible(layout.name_pattern.source)
    message = f"name `{as_written(name)}` does not match `{pattern}`"
    return _whole(NAME_PATTERN, message, f"rename the file as format `{layout.name}` declares")


CHECKS: Final[Sequence[NameCheck]] = (check_unsafe_name, check_pattern)


def check_name(path: str, layout: Layout, groups: Mapping[str, str] | None) -> Iterator[Finding]:
    """Report what is wrong with a name by itself; `groups` are those of `name_groups`."""
    for check in CHECKS:
        found = check(path, layout, groups)
        if found is not None:
            yield found


def check_digest(
    layout: Layout, groups: Mapping[str, str], data: bytes, text: str | None
) -> Iterator[Finding]:
    """Report a digest in the name that is not that of the bytes, or of the text in NFC with LF."""
    spec = layout.spec.file.hash
    if spec is None or spec.group not in groups:
        return
    if spec.of == "text":
        if text is None:
            return
        data = unicodedata.normalize("NFC", normalize_newlines(text)).encode("utf-8", "replace")
    declared = groups[spec.group]
    actual = hashlib.new(spec.algorithm, data, usedforsecurity=False).hexdigest()
    if not declared or not actual.startswith(declared):
        shown = shorten(actual[: len(declared)] or actual)
        message = (
            f"name says {spec.group} `{shorten(declared)}`, but the {spec.algorithm} is `{shown}`"
        )
        with_lf = hashlib.new(spec.algorithm, data.replace(b"\r\n", b"\n"), usedforsecurity=False)
        if declared and spec.of == "bytes" and with_lf.hexdigest().startswith(declared):
            remedy = "it is right with LF: set `seeds/** -text` in .gitattributes if git wrote CRLF"
        else:
            remedy = "rename the file if the content is as it should be"
        yield _whole(NAME_WRONG_DIGEST, message, remedy)


def check_names(
    paths: Iterable[str],
    formats: Mapping[str, FormatSpec],
    members: Callable[[str], Sequence[Member]],
    *,
    complete: bool = True,
) -> Iterator[Diagnostic]:
    """Compare the names of all seeds: collisions, unique groups, sequences.

    `members` returns the seeds of a format, sorted by path, with the groups of their names; it is
    asked only for formats that compare groups. Unless they are `complete`, what lacks in a sequence
    may be where nothing can be listed: that is no finding.
    """
    yield from _collisions(paths)
    for name, spec in formats.items():
        if not spec.file.unique and spec.file.sequential is None:
            continue
        found = members(name)
        for group in spec.file.unique:
            yield from _unique(group, found)
        if spec.file.sequential is not None:
            unique = spec.file.sequential in spec.file.unique
            yield from _sequence(spec.file.sequential, found, unique=unique, complete=complete)


def _collisions(paths: Iterable[str]) -> Iterator[Diagnostic]:
    folded: dict[str, list[str]] = {}
    for path in paths:
        key = path if path.isascii() else unicodedata.normalize("NFC", path)
        folded.setdefault(key.casefold(), []).append(path)
    for same in folded.values():
        if len(same) == 1:
            continue
        first, *others = sorted(same)
        for path in others:
            message = f"name differs from `{visible(first)}` only in case or Unicode form"
            related = (Related(Place(first), "the other"),)
            yield _diagnostic(NAME_CASE_COLLISION, path, message, "rename one of them", related)


def _unique(group: str, members: Sequence[Member]) -> Iterator[Diagnostic]:
    seen: dict[str, str] = {}
    for path, groups in members:
        value = groups.get(group)
        if value is None:
            continue
        first = seen.setdefault(value, path)
        if first != path:
            message = f"{group} `{shorten(value)}` is also that of `{visible(first)}`"
            related = (Related(Place(first), "the first"),)
            yield _diagnostic(
                NAME_NOT_UNIQUE, path, message, f"give one a {group} of its own", related
            )


def _sequence(
    group: str, members: Sequence[Member], *, unique: bool, complete: bool
) -> Iterator[Diagnostic]:
    numbered: list[tuple[int, str]] = []
    for path, groups in members:
        value = groups.get(group)
        if value is None:
            continue
        if not (value.isascii() and value.isdigit()):
            message = f"{group} `{shorten(value)}` is not a number"
            yield _diagnostic(NAME_NOT_SEQUENTIAL, path, message, "use digits", ())
            continue
        if len(value) > 18:
            message = f"{group} `{shorten(value)}` has more than 18 digits"
            yield _diagnostic(NAME_NOT_SEQUENTIAL, path, message, "use a smaller number", ())
            continue
        numbered.append((int(value), path))
    numbered.sort()
    for (before, other), (number, path) in pairwise(numbered):
        related = (Related(Place(other), "the one before"),)
        if number == before and not unique:
            message = f"{group} {number} is also that of `{visible(other)}`"
            yield _diagnostic(NAME_NOT_SEQUENTIAL, path, message, "renumber", related)
        elif number > before + 1 and complete:
            gap = f"{before + 1}" if number == before + 2 else f"{before + 1} to {number - 1}"
            message = f"{group} {number} follows {before}: {gap} missing"
            yield _diagnostic(
                NAME_NOT_SEQUENTIAL, path, message, "renumber, or add what is missing", related
            )


def _whole(rule: Rule, message: str, remedy: str) -> Finding:
    return rule.finding(message, WHOLE_FILE, WHOLE_FILE, remedy)


def _diagnostic(
    rule: Rule, path: str, message: str, remedy: str, related: tuple[Related, ...]
) -> Diagnostic:
    return rule.diagnostic(message, Place(path), remedy, related)
