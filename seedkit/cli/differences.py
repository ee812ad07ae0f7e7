"""Shows how files would change, as a unified diff in colour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seedkit.check.fix import FixedFile, unified_diff
from seedkit.report import BOLD, CYAN, Style

_INKS: Final = {"@": CYAN, "-": "31", "+": "32"}  # of the lines of a diff


def painted(change: FixedFile, style: Style) -> Iterator[str]:
    """Return the lines of the diff of one file."""
    for at, line in enumerate(unified_diff(change, style.paths.of(change.path))):
        ink = BOLD if at < 2 else _INKS.get(line[0])
        yield line if ink is None else style.paint(ink, line.removesuffix("\n")) + "\n"
