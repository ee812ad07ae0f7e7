"""Mends what can be mended: collects edits of findings, applies them, writes files whole or not.

Edits of one file are applied together where they do not overlap; what overlaps waits for the next
round. A round that would be safe but changes a section is not written.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from seedkit.diagnostic import Applicability, Diagnostic, Edit
from seedkit.errors import EnvironmentFault
from seedkit.source import DiskSource, escapes
from seedkit.text import visible
from seedkit.walk import TEMPORARY


class Mended(NamedTuple):
    """A file's new bytes, and how many findings they mend."""

    path: str
    before: bytes
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

    A fix that overlaps an earlier one is left for the next round; insertions at one point are all
    made, in order. A fix is applied whole or not at all.
    """
    taken: list[tuple[int, int, int, str]] = []  # start, end, order, text
    layout = _Taken()
    applied = 0
    for fix in fixes:
        edits = [_span(edit, len(data)) for edit in fix]
        if not layout.room_for([(start, end) for start, end, _ in edits]):
            continue
        applied += 1
        for start, end, text in edits:
            taken.append((start, end, len(taken), text))
    parts: list[bytes] = []
    at = 0
    for start, end, _, text in sorted(taken):
        parts += (data[at:start], text.encode("utf-8", "surrogateescape"))
        at = end
    parts.append(data[at:])
    return b"".join(parts), applied


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


def mend(
    diagnostics: Sequence[Diagnostic],
    source: DiskSource,
    encodings: Mapping[str, str],
    *,
    unsafe: bool,
) -> list[Mended]:
    """Return the files that one round of fixes would change, sorted by path."""
    mended: list[Mended] = []
    for path, fixes in sorted(edits_by_file(diagnostics, unsafe=unsafe).items()):
        try:
            before = source.read(path)
        except FileNotFoundError:
            before = b""
        encoding = encodings.get(path, "utf-8")
        text = before.decode(encoding, "surrogateescape")
        if text.encode(encoding, "surrogateescape") != before:
            continue  # an encoding that does not write back what it read
        after, count = apply(text.encode("utf-8", "surrogateescape"), fixes)
        try:
            after = after.decode("utf-8", "surrogateescape").encode(encoding, "surrogateescape")
        except UnicodeEncodeError:
            continue  # what the fix writes has no place in the file's encoding
        if after != before or (count and not source.exists(path)):
            mended.append(Mended(path, before, after, count))
    return mended


def unified_diff(change: Mended) -> Iterator[str]:
    """Return the lines of a unified diff, hidden characters made visible."""
    import difflib

    before, after = (_lines(data) for data in (change.before, change.after))
    name = visible(change.path)
    for line in difflib.unified_diff(before, after, f"a/{name}", f"b/{name}", n=2):
        yield visible(line.removesuffix("\n")) + "\n"
        if not line.endswith("\n"):
            yield "\\ No newline at end of file\n"


def _lines(data: bytes) -> list[str]:
    *lines, rest = data.decode("utf-8", "surrogateescape").split("\n")
    return [*(f"{line}\n" for line in lines), *filter(None, [rest])]


def write_whole(source: DiskSource, path: str, before: bytes, after: bytes) -> None:
    """Replace a file's content at once, keeping its mode; raises `EnvironmentFault`.

    The file is left alone if it is no longer what was read.
    """
    if escapes(path):
        raise EnvironmentFault(f"{path} leaves the corpus")
    try:
        now = source.read(path) if source.exists(path) else b""
        if now != before:
            raise EnvironmentFault(f"{path} has changed since it was read, and was left alone")
        _replace(f"{source.root}/{path}", after)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise EnvironmentFault(f"{path} can't be written: {reason}") from None


def _replace(full: str, data: bytes) -> None:
    folder = os.path.dirname(full)
    handle, temporary = tempfile.mkstemp(prefix=TEMPORARY, dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _mode(full))
        os.replace(temporary, full)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _mode(full: str) -> int:
    """The mode of the file, or of a new one."""
    try:
        return os.stat(full).st_mode & 0o7777
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        return 0o666 & ~umask
