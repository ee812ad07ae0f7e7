"""What the loop of a watch works with: a corpus, its changes, events, and failures in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from seedkit.core.diagnostic import Diagnostic
from seedkit.core.errors import FEWER, ConfigError, SeedkitError, remedy
from seedkit.watch.events import Place

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


class Change(NamedTuple):
    """What a look at the corpus found."""

    changed: Sequence[str]
    removed: Sequence[str]


class Corpus(Protocol):
    """What the loop needs of a corpus."""

    root: str

    def places(self) -> list[Place]:
        """Return the folders in which something may change.

        Raises `SeedkitError` if the settings, which name them, were never readable.
        """
        ...

    def missing(self) -> str:
        """Return what is wrong if folders that should hold seeds are not there; else nothing."""
        ...

    def look(self, paths: frozenset[str] | None) -> Change:
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
