"""Applies fixes to texts: collects edits of findings by file, and returns what the files become.

Edits of one file are applied together where they do not overlap, those that replace least first;
what overlaps waits for the next round. They are applied only to the text that was checked.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import zip_longest
from typing import NamedTuple

from seedkit.core.diagnostic import Applicability, Diagnostic, Edit
from seedkit.core.errors import EnvironmentFault
from seedkit.core.text import visible
from seedkit.sources.files import Changed
from seedkit.sources.source import Source
from seedkit.sources.walk import reason_of


class FixedFile(NamedTuple):
    """A file's new bytes, and how many findings they fix; `before` is None for a new file."""

    path: str
    before: bytes | None
    after: bytes
    findings: int


def fixable(diagnostic: Diagnostic, *, unsafe: bool) -> bool:
    """Tell whether the finding has a fix that may be applied."""
    if diagnostic.fix is None:
        return False
    allowed = (Applicability.SAFE, Applicability.UNSAFE) if unsafe else (Applicability.SAFE,)
    return diagnostic.fix.applicability in allowed


def edits_by_file(
    diagnostics: Iterable[Diagnostic], *, unsafe: bool
) -> dict[str, list[Sequence[Edit]]]:
    """Group the edits of applicable fixes by file. All edits of a fix are in one file."""
    grouped: dict[str, list[Sequence[Edit]]] = {}
    for diagnostic in diagnostics:
        if fixable(diagnostic, unsafe=unsafe) and diagnostic.fix is not None:
            path = diagnostic.fix.edits[0].place.path
            grouped.setdefault(path, []).append(diagnostic.fix.edits)
    return grouped


def apply(data: bytes, fixes: Sequence[Sequence[Edit]]) -> tuple[bytes, int]:
    """Return UTF-8 bytes with the fixes applied, and how many were.

    A fix that overlaps one that replaces less, or an earlier one, is left for the next round: rows
    are corrected before they are sorted. Insertions at one point are all made, in order. A fix is
    applied whole or not at all. What several fixes insert at one point before their own text, such
    as the head of a table, is inserted once.
    """
    taken: list[tuple[int, int, int, str]] = []  # start, end, order, text
    heads: set[tuple[int, int, str]] = set()
    layout = _Taken()
    applied = 0
    for edits in sorted(([_span(edit, len(data)) for edit in fix] for fix in fixes), key=_replaced):
        if not layout.room_for([(start, end) for start, end, _ in edits]):
            continue
        applied += 1
        for edit, following in zip_longest(edits, edits[1:]):
            start, end, text = edit
            if following is not None and following[:2] == (start, start) == (start, end):
                if edit in heads:
                    continue
                heads.add(edit)
            taken.append((start, end, len(taken), text))
    parts: list[bytes] = []
    at = 0
    for start, end, _, text in sorted(taken):
        parts += (data[at:start], text.encode("utf-8", "surrogateescape"))
        at = end
    parts.append(data[at:])
    return b"".join(parts), applied


def _replaced(edits: Sequence[tuple[int, int, str]]) -> int:
    """How many bytes a fix replaces."""
    return sum(end - start for start, end, _ in edits)


def apply_to_file(
    data: bytes,
    encoding: str,
    fixes: Sequence[Sequence[Edit]],
    works: Callable[[bytes, bytes], bool] = lambda before, after: True,
) -> tuple[bytes, int]:
    """Return a file's bytes with the fixes applied, and how many were.

    Each fix works by itself. `works` tells by the bytes before and after whether several do
    together; if not, only the first is applied. None is that writes what has no place in the
    file's encoding, or to a file that would not be written as it was read.
    """
    text = data.decode(encoding, "surrogateescape")
    if text.encode(encoding, "surrogateescape") != data:
        return data, 0

    def applied(fixes: Sequence[Sequence[Edit]]) -> tuple[bytes, int]:
        after, count = apply(text.encode("utf-8", "surrogateescape"), fixes)
        try:
            return after.decode("utf-8", "surrogateescape").encode(
                encoding, "surrogateescape"
            ), count
        except UnicodeEncodeError:
            return data, 0

    after, count = applied(fixes)
    return (after, count) if count < 2 or works(data, after) else applied(fixes[:1])


class _Taken:
    """Spans that edits replace, and points where they insert, both sorted."""

    def __init__(self) -> None:
        self.spans: list[tuple[int, int]] = []
        self.points: list[int] = []

    def room_for(self, edits: Sequence[tuple[int, int]]) -> bool:
        """Take the spans if none of them overlaps one that is taken."""
        if not all(self._free(start, end) for start, end in edits):
            return False
        for start, end in edits:
            if start == end:
                insort(self.points, start)
            else:
                insort(self.spans, (start, end))
        return True

    def _free(self, start: int, end: int) -> bool:
        at = bisect_left(self.spans, (start, end))
        if at and self.spans[at - 1][1] > start:
            return False
        if start == end:
            return not (at < len(self.spans) and self.spans[at][0] < start)
        if at < len(self.spans) and self.spans[at][0] < end:
            return False
        point = bisect_right(self.points, start)
        return not (point < len(self.points) and self.points[point] < end)


def _span(edit: Edit, size: int) -> tuple[int, int, str]:
    if edit.place.start is None or edit.place.end is None:
        return 0, size, edit.text
    return edit.place.start.offset, edit.place.end.offset, edit.text


def apply_fixes(
    diagnostics: Sequence[Diagnostic],
    source: Source,
    encodings: Mapping[str, str],
    checked: Mapping[str, bytes],
    *,
    unsafe: bool,
    works: Callable[[str, bytes, bytes], bool] = lambda path, before, after: True,
) -> list[FixedFile]:
    """Return the files that one round of fixes would change, sorted by path.

    `checked` are the SHA-256 digests of the texts that the findings are about, empty for a file
    that was not there. `works` tells by a file, before and after, whether several fixes of it work
    together. Raises `Changed` for a file that has another text now: the positions of the edits mean
    nothing in it.
    """
    fixed: list[FixedFile] = []
    for path, fixes in sorted(edits_by_file(diagnostics, unsafe=unsafe).items()):
        found = _as_checked(source, path, checked.get(path))
        before, encoding = found or b"", encodings.get(path, "utf-8")
        after, count = apply_to_file(before, encoding, fixes, partial(works, path))
        if after != before or (count and found is None):
            fixed.append(FixedFile(path, found, after, count))
    return fixed


def _as_checked(source: Source, path: str, digest: bytes | None) -> bytes | None:
    """The bytes of a file, None if there is none; raises `Changed` if they are not those, and
    `EnvironmentFault` if they can't be read.
    """
    try:
        data = source.read(path)
    except FileNotFoundError:
        data = None
    except OSError as error:
        raise EnvironmentFault(f"{visible(path)} can't be read: {reason_of(error)}") from None
    if digest != (b"" if data is None else hashlib.sha256(data).digest()):
        raise Changed(
            f"{visible(path)} has changed since it was checked, and was left alone",
            help="run the command again",
        )
    return data


def unified_diff(change: FixedFile, path: str | None = None) -> Iterator[str]:
    """Return the lines of a unified diff, hidden characters made visible; `path` names the file."""
    import difflib

    before, after = (_lines(data) for data in (change.before or b"", change.after))
    name = visible(path or change.path)
    for line in difflib.unified_diff(before, after, f"a/{name}", f"b/{name}", n=2):
        yield visible(line.removesuffix("\n")) + "\n"
        if not line.endswith("\n"):
            yield "\\ No newline at end of file\n"


def _lines(data: bytes) -> list[str]:
    *lines, rest = data.decode("utf-8", "surrogateescape").split("\n")
    return [*(f"{line}\n" for line in lines), *filter(None, [rest])]
