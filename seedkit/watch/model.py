"""Types that the watch loop works with; which findings are new or gone since the last check."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple, Protocol

from seedkit.core.diagnostic import Diagnostic, Severity
from seedkit.core.errors import FEWER, ConfigError, SeedkitError, remedy
from seedkit.watch.events import WatchedFolder


class Turn(NamedTuple):
    """What changed at one path: its findings now, which of them are new, and which have gone."""

    path: str
    now: tuple[Diagnostic, ...]
    new: tuple[Diagnostic, ...]
    cleared: tuple[Diagnostic, ...]


class ReportedFindings:
    """The findings as last reported."""

    def __init__(self) -> None:
        self._now: Sequence[Diagnostic] = ()

    @property
    def reported(self) -> dict[str, tuple[Diagnostic, ...]]:
        """The findings by path."""
        return {path: tuple(each) for path, each in groupby(self._now, _path)}

    def counts(self) -> dict[str, int]:
        """Return how many findings there are of each severity."""
        severities = [each.severity for each in self._now]
        return {f"{severity}s": severities.count(severity) for severity in Severity}

    def update(self, diagnostics: Sequence[Diagnostic]) -> Iterator[Turn]:
        """Take the findings of now, sorted; yield for each path what has changed, by path.

        A finding that only moved within its file is neither new nor gone.
        """
        before, self._now = self._now, diagnostics
        # Most findings are the very same objects as before: only files with others are compared.
        old, new = set(map(id, before)), set(map(id, diagnostics))
        paths = {_path(each) for each in before if id(each) not in new}
        paths |= {_path(each) for each in diagnostics if id(each) not in old}
        for path in sorted(paths):
            was, is_ = _of_path(before, path), _of_path(diagnostics, path)
            if was != is_:
                yield Turn(path, is_, _without(is_, was), _without(was, is_))


def _of_path(diagnostics: Sequence[Diagnostic], path: str) -> tuple[Diagnostic, ...]:
    """Return those of sorted findings that are at a path."""
    start = bisect_left(diagnostics, path, key=_path)
    return tuple(diagnostics[start : bisect_right(diagnostics, path, start, key=_path)])


def _path(diagnostic: Diagnostic) -> str:
    return diagnostic.place.path


def _without(some: Sequence[Diagnostic], others: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Those of `some` that have no match among `others`: same rule, words and subject."""
    left = Counter(map(_what, others))
    kept = []
    for each in some:
        what = _what(each)
        if left[what]:
            left[what] -= 1
        else:
            kept.append(each)
    return tuple(kept)


def _what(diagnostic: Diagnostic) -> tuple[str, str, str]:
    return diagnostic.rule, diagnostic.message, diagnostic.fingerprint


FAILURES = (SeedkitError, OSError, MemoryError, RecursionError)


def described(error: BaseException) -> str:
    """Return what went wrong in one line: file, line and remedy, if it is the configuration."""
    if isinstance(error, ConfigError) and error.diagnostics:
        first, *more = error.diagnostics
        start = first.place.start
        at = f"{first.place.path}:{start.line}:{start.column}" if start else first.place.path
        what_to_do = f"; {first.help}" if first.help else ""
        others = f" (and {len(more)} more: `seedkit check` lists them)" if more else ""
        return f"{at}: {first.message}{what_to_do}{others}"
    if isinstance(error, MemoryError):
        return f"out of memory; {FEWER}"
    reason = (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)
    help_text = (error.help if isinstance(error, SeedkitError) else None) or remedy(error)
    return f"{reason}; {help_text}" if help_text else reason


class CorpusChange(NamedTuple):
    """What a look at the corpus found."""

    changed: Sequence[str]
    removed: Sequence[str]


class Watchable(Protocol):
    """What the loop needs of a corpus."""

    root: str

    def places(self) -> list[WatchedFolder]:
        """Return the folders in which something may change.

        Raises `SeedkitError` if the settings, which name them, were never readable.
        """
        ...

    def missing(self) -> str:
        """Return what is wrong if folders that should hold seeds are not there; else nothing."""
        ...

    def look(self, paths: frozenset[str] | None) -> CorpusChange:
        """Bring what is known up to date with the disk: at these absolute paths, or everywhere.

        Raises `SeedkitError` if the corpus can't be read as it is now.
        """
        ...

    def moved(self) -> bool:
        """Tell whether a name in a folder of seeds has come or gone since the last look."""
        ...

    def index(self) -> int:
        """Bring the search index up to date; return how many seeds were written to it."""
        ...

    def findings(self, pulse: Callable[[], None]) -> list[Diagnostic]:
        """Return what `check` finds now. `pulse` is called again and again, and may raise."""
        ...

    def seeds(self) -> int:
        """Return how many seeds there are."""
        ...

    def state(self) -> str:
        """Return what names the state of the corpus that is known and indexed; empty if unsure."""
        ...


class Event(NamedTuple):
    """Something to tell: what, when (seconds since 1970), and what belongs to it."""

    event: str
    at: float
    data: dict[str, object]
