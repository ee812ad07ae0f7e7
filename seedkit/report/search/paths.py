"""`search --format paths`: the seeds that have hits, the best first, each once."""

from __future__ import annotations

import os
from collections.abc import Iterator

from seedkit.report import Style
from seedkit.report.search import SearchReport


def render(report: SearchReport, style: Style) -> Iterator[str]:
    """Return a line for each seed, hidden characters in its name escaped."""
    for path in seeds(report):
        yield f"{style.paths.shown(path)}\n"


def render_nul(report: SearchReport, style: Style) -> Iterator[bytes]:
    """Return the names as they are on disk, each with a NUL behind it, for `xargs -0`."""
    for path in seeds(report):
        yield os.fsencode(style.paths.of(path)) + b"\0"


def seeds(report: SearchReport) -> list[str]:
    """Return the paths of all hits, those collapsed under them too, each once."""
    found: dict[str, None] = {}
    for hit in report.answer.hits:
        found.update(dict.fromkeys((hit.path, *hit.repeats)))
    return list(found)
