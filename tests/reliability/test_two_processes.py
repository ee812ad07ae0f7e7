"""Several processes at once: who writes waits for who writes, and who reads is never disturbed."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from seedkit.search.index import store
from seedkit.settings.engines import STORED
from support.places import ROOT
from support.trouble import WORDS, Trouble

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX locks")

each_engine = pytest.mark.parametrize("engine", STORED)

# Searches again and again until it is told to end; says what it has found, and whatever is wrong.
READING = """
import sys
from support.commandline import seedkit
engine, cache, *words = sys.argv[1:]
print("ready", flush=True)
for line in sys.stdin:
    for word in words:
        options = ["--sort", "path", "--engine", engine, "--cache-dir", cache]
        ran = seedkit("search", "-l", *options, word)
        if ran.code not in (0, 1) or (ran.err and "no seed has" not in ran.err):
            print("wrong", repr(ran), flush=True)
        print(word, *ran.out.split(), flush=True)
    print("done", flush=True)
"""


class Reader:
    """Another process that searches, each time that it is asked to."""

    def __init__(self, trouble: Trouble) -> None:
        here = str(ROOT / "tests")
        self.process = subprocess.Popen(
            [sys.executable, "-c", READING, trouble.engine, str(trouble.cache), *WORDS[:3]],
            cwd=trouble.root, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([here, str(Path(here).parent)])},
        )  # fmt: skip
        self._expect("ready")

    def ask(self) -> None:
        """Let it search for every word."""
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def answer(self) -> dict[str, list[str]]:
        """Return what it has found, by word."""
        assert self.process.stdout is not None
        found: dict[str, list[str]] = {}
        for line in self.process.stdout:
            word, *paths = line.split()
            if word == "done":
                return found
            assert word != "wrong", line
            found[word] = paths
        raise AssertionError("the reader has ended")

    def close(self) -> None:
        """End it."""
        self.process.communicate(timeout=60)

    def _expect(self, line: str) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == f"{line}\n"


@each_engine
def test_a_reader_during_commits_and_rebuilds(engine: str, tmp_path: Path) -> None:
    """The texts change in one seed only, so that the answers about the others are known.

    ROUNDS=220 in the environment asks for 200 commits and 20 rebuilds.
    """
    pytest.importorskip(engine)
    trouble = Trouble(tmp_path, engine)
    trouble.run("index", "--engine", engine)
    rounds = int(os.environ.get("ROUNDS", "6"))
    with contextlib.closing(Reader(trouble)) as reader:
        for number in range(1, rounds + 1):
            reader.ask()
            trouble.write("0000.txt")
            options = ["--rebuild"] if number % 11 == 5 else []
            ran = trouble.run("index", "--engine", engine, *options)
            assert (ran.code, ran.err) == (0, "")
            for word, paths in reader.answer().items():
                assert set(paths) ^ set(trouble.holding(word)) <= {"seeds/0000.txt"}
    trouble.assert_right()


def test_writers_wait_for_each_other(tmp_path: Path) -> None:
    trouble = Trouble(tmp_path, "whoosh")
    processes = [trouble.start("index", "--engine", "whoosh") for _ in range(3)]
    for process in processes:
        _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
    trouble.assert_right()


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trouble]:
    """A corpus whose index another process is writing to, for longer than anybody waits."""
    trouble = Trouble(tmp_path, "whoosh")
    trouble.run("index", "--engine", "whoosh")
    (lock,) = trouble.cache.glob("*/search/lock")
    code = f"import fcntl, sys; f = open({str(lock)!r}); fcntl.flock(f, fcntl.LOCK_EX)"
    holder = subprocess.Popen(
        [sys.executable, "-c", f"{code}; print(flush=True); sys.stdin.read()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    holder.stdout.readline()
    monkeypatch.setattr("seedkit.core.files.time.sleep", lambda seconds: None)
    monkeypatch.setattr("seedkit.core.files.time.monotonic", iter(range(0, 10**6, 3)).__next__)
    yield trouble
    holder.kill()
    holder.communicate()


def test_an_index_in_mid_commit_is_read_after_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a search that would take it as it is: its files are not those that were written down."""
    trouble = Trouble(tmp_path, "whoosh")
    trouble.run("index", "--engine", "whoosh")
    right = "".join(f"{path}\n" for path in trouble.holding("mill"))
    options = ["-l", "--no-refresh", "--engine", "whoosh", "mill"]
    looks = iter([["half.inv"], [], ["half.inv"], ["half.inv"]])
    monkeypatch.setattr(store, "damaged", lambda *given, **options: next(looks))
    ran = trouble.run("search", *options)
    assert (ran.code, sorted(ran.out), ran.err) == (0, sorted(right), "")
    ran = trouble.run("search", *options)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("seedkit search: error: there is no search index to answer from\n")


def test_a_long_wait_is_reported(held: Trouble) -> None:
    assert held.found("mill") == held.holding("mill")  # nothing has to be written for that
    held.edit()
    for command in (["index"], ["search", "mill"], ["index", "--rebuild"]):
        ran = held.run(*command, "--engine", "whoosh")
        assert ran.code == 2
        assert ran.err == (
            f"seedkit {command[0]}: error: another seedkit process is writing to the search index "
            "of this corpus\n  help: try again when it is done, or search without the index: "
            "--engine scan\n"
        )
    ran = held.run("search", "-l", "--sort", "path", "--engine", "scan", "mill")
    assert ran.out.splitlines() == held.holding("mill")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")
def test_watch_check_and_search_at_once(tmp_path: Path) -> None:
    pytest.importorskip("tantivy")
    trouble = Trouble(tmp_path, "tantivy")
    config = ("--config", "engine = 'tantivy'")
    watch = trouble.start("watch", "--format", "json", *config)
    said: list[str] = []
    assert watch.stdout is not None
    listening = threading.Thread(target=lambda: said.extend(watch.stdout or ()), daemon=True)
    listening.start()
    try:
        for _ in range(2):
            trouble.edit(1)
            others = [trouble.start(*each, *config) for each in (("check",), ("index",))]
            trouble.assert_right(2)
            for other in others:
                _, err = other.communicate(timeout=60)
                assert other.returncode in (0, 1), err
                assert err == ""
    finally:
        watch.terminate()
        assert watch.wait(30) == 0
        listening.join(10)
        assert watch.stderr is not None
        assert watch.stderr.read() == ""
        watch.stdout.close()
        watch.stderr.close()
    assert not any('"degraded"' in line and '"reason"' in line for line in said), said
    trouble.assert_right()
