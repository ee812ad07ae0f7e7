"""Writes corpora, opens and checks them, and says what was found in a line each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import settings

if TYPE_CHECKING:  # what a test does not use, it does not load
    from seedkit.core.diagnostic import Diagnostic
    from seedkit.corpus.workspace import Workspace
    from seedkit.sources.source import Source

Files = Mapping[str, str | bytes]


def cases(factor: float) -> int:
    """Return so many times the examples of the profile, for a loop that draws its cases itself."""
    return max(1, int(factor * settings().max_examples))


def more(factor: float) -> settings:
    """Return settings for so many times the examples of the profile: the cheap, the dear ones."""
    return settings(max_examples=cases(factor))


def write_files(root: Path, files: Files) -> None:
    """Write files under a folder, with the folders that they need."""
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())


def open_corpus(
    root: str | Path | Source, database: str | None = None, workers: int = 1
) -> Workspace:
    """Return the refreshed workspace of a corpus, with its cache database in memory if none is
    named.
    """
    from seedkit.corpus.workspace import Workspace
    from seedkit.settings.load import load_settings
    from seedkit.sources.source import DiskSource
    from seedkit.store.database import CacheDatabase

    source = DiskSource(str(root)) if isinstance(root, str | Path) else root
    workspace = Workspace(source, load_settings(source), CacheDatabase(database), workers)
    workspace.refresh()
    workspace.close()
    return workspace


def check_corpus(root: str | Path | Source) -> list[Diagnostic]:
    """Return the findings that `seedkit check` would report."""
    from seedkit.check.run import run_check, selection

    workspace = open_corpus(root)
    return run_check(workspace, selection(workspace)).diagnostics


def lines(diagnostics: list[Diagnostic]) -> list[str]:
    """Return the findings as text: `path:line:column: rule: message`."""
    return [line(diagnostic) for diagnostic in diagnostics]


def line(diagnostic: Diagnostic) -> str:
    """Return a finding as text."""
    start = diagnostic.place.start
    where = f":{start.line}:{start.column}" if start is not None else ""
    return f"{diagnostic.place.path}{where}: {diagnostic.rule}: {diagnostic.message}"
