"""Fixtures of all tests: corpora on disk, and never the user's cache."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from support.corpora import Files, write_files

# The same few examples at every run, so that the whole suite ends soon. CI looks for new ones
# besides: HYPOTHESIS_PROFILE=many. For one test, `thorough` looks longer.
_QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
settings.register_profile(
    "default",
    max_examples=20,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=_QUIET,
)
for _name, _examples in (("many", 100), ("thorough", 2000)):
    settings.register_profile(
        _name,
        max_examples=_examples,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=_QUIET,
    )
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


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
