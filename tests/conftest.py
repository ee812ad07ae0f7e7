"""What every test may use: corpora on disk, checked as a user would, and never the user's cache."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:  # what a test does not use, it does not load
    from seedkit.core.diagnostic import Diagnostic
    from seedkit.corpus.workspace import Workspace
    from seedkit.sources.source import Source

# The same examples at every run, few enough for the whole suite to end soon; `thorough` looks for
# new ones: HYPOTHESIS_PROFILE=thorough pytest
_QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
settings.register_profile(
    "default",
    max_examples=40,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=_QUIET,
)
settings.register_profile(
    "thorough", max_examples=2000, deadline=None, database=None, suppress_health_check=_QUIET
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def more(factor: float) -> settings:
    """Return settings for so many times the examples of the profile: the cheap, the dear ones."""
    return settings(max_examples=max(1, int(factor * settings().max_examples)))


Files = Mapping[str, str | bytes]


@pytest.fixture(scope="session", autouse=True)
def _cache_folder() -> Iterator[None]:
    """Point every cache of the session, those of subprocesses too, to a folder that goes away."""
    before = os.environ.get("SEEDKIT_CACHE_DIR")
    with tempfile.TemporaryDirectory(prefix="seedkit-test-cache-") as folder:
        os.environ["SEEDKIT_CACHE_DIR"] = folder
        yield
    if before is None:
        del os.environ["SEEDKIT_CACHE_DIR"]
    else:
        os.environ["SEEDKIT_CACHE_DIR"] = before


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of this test's own, outside every corpus, which `seedkit` then uses."""
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("SEEDKIT_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def corpus(tmp_path: Path, cache: Path) -> Callable[[Files], Path]:
    """Return a function that writes `{path: text or bytes}` as a corpus and returns its root.

    Called again, it adds to the same corpus. Text is written as it is: no newline is translated.
    """

    def make(files: Files) -> Path:
        root = tmp_path / "corpus"
        root.mkdir(exist_ok=True)
        write_files(root, files)
        return root

    return make


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
    workspace.database.close()
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
