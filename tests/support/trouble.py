"""A corpus in trouble: edited, killed, damaged; and whether the next command is right all the same.

What is right is told by the slow and obvious: the texts that hold a word, a check without a cache.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from unittest import mock

from seedkit.search.index import store
from support.commandline import Ran, seedkit
from support.corpora import write_files

WORDS = ("mill", "river", "ferry", "lamp", "heron", "weir", "eel", "bridge")
FORMAT = 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n[file]\nfinal_newline = "require"\n'

# Loads all that a command may need, says so, waits for leave, and runs it.
PROGRAM = """
import sys, importlib
from seedkit.cli import COMMANDS, main
for name in sys.argv.pop(1).split():
    importlib.import_module(name)
sys.stderr.write("go\\n")
sys.stderr.flush()
sys.exit(main())
"""


class Trouble:
    """A corpus, its cache, and what its texts are; everything random is up to `chance`."""

    def __init__(self, folder: Path, engine: str, seeds: int = 12, chance: int = 0) -> None:
        self.engine = engine
        self.chance = random.Random(chance)
        self.root = folder / "corpus"
        self.cache = folder / "cache"
        self.cache.mkdir(mode=0o700)
        self.texts: dict[str, str] = {}
        write_files(self.root, {"seedkit.toml": "", "schemas/note.toml": FORMAT})
        for number in range(seeds):
            self.write(f"{number:04}.txt")
        self._checked: tuple[dict[str, str], Ran] | None = None

    def write(self, name: str) -> None:
        """Save a new text under a name."""
        count = self.chance.randint(1, 12)
        words = " ".join(self.chance.choice(WORDS) for _ in range(count))
        text = words + self.chance.choice(("\n", "\n", ""))
        write_files(self.root, {f"seeds/{name}": text})
        self.texts[name] = text

    def edit(self, times: int = 3) -> None:
        """Change some seeds, remove some, and make new ones."""
        for _ in range(times):
            name = self.chance.choice([*sorted(self.texts), "new-1.txt", "new-2.txt"])
            if name in self.texts and self.chance.random() < 0.25:
                (self.root / "seeds" / name).unlink()
                del self.texts[name]
            else:
                self.write(name)

    def run(self, *arguments: str, cache: Path | None = None) -> Ran:
        """Run a command on the corpus, in this process."""
        where = str(self.cache if cache is None else cache)
        return seedkit(*arguments, "--cache-dir", where, cwd=self.root)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in a process of its own; returns as it begins with its work."""
        load = f"seedkit.cli.{arguments[0]} seedkit.search.engines.{self.engine}"
        given = [load, *arguments, "--cache-dir", str(self.cache)]
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *given], cwd=self.root, text=True, encoding="utf-8",
            errors="surrogateescape", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        assert process.stderr is not None
        assert process.stderr.readline() == "go\n"
        return process

    def holding(self, words: str) -> list[str]:
        """The seeds that hold a word, or several side by side."""
        return sorted(
            f"seeds/{name}"
            for name, text in self.texts.items()
            if f" {words} " in f" {text.strip()} "
        )

    def found(self, query: str) -> list[str]:
        """The seeds that a search finds; fails if it says anything but that there are none."""
        ran = self.run("search", "--engine", self.engine, "-l", "--sort", "path", query)
        assert ran.code == (0 if ran.out else 1), ran
        assert re.fullmatch("(seedkit search: (no hits|no seed has .*)\n)?", ran.err), ran
        return ran.out.splitlines()

    def assert_right(self, words: int = 2) -> None:
        """Fail if a check or a search does not say what is so, or says anything else."""
        one, other, *_ = drawn = self.chance.sample(WORDS, words)
        for word in drawn:
            assert self.found(word) == self.holding(word)
        assert self.found(f'"{one} {other}"') == self.holding(f"{one} {other}")
        if self._checked is None or self._checked[0] != self.texts:
            elsewhere = self.cache.with_name("elsewhere")
            shutil.rmtree(elsewhere, ignore_errors=True)
            self._checked = dict(self.texts), self.run("check", cache=elsewhere)
        expected = self._checked[1]
        assert expected.code in (0, 1), expected
        assert self.run("check") == expected
        assert self.tree() == {f"seeds/{name}": text for name, text in self.texts.items()} | {
            "seedkit.toml": "", "schemas/note.toml": FORMAT,
        }  # fmt: skip

    def tree(self) -> Mapping[str, str]:
        """All files of the corpus, but for what coverage leaves where a process of it works."""
        return {
            str(path.relative_to(self.root)): path.read_text()
            for path in self.root.rglob("*")
            if path.is_file() and not path.name.startswith(".coverage.")
        }

    def files(self) -> dict[Path, bytes]:
        """All files of the cache."""
        paths = sorted(path for path in self.cache.rglob("*") if path.is_file())
        return {path: path.read_bytes() for path in paths}

    def restore(self, files: Mapping[Path, bytes]) -> None:
        """Make the cache what it was, in the folders that it had, since an index knows its own."""
        folders = {folder for path in files for folder in path.parents}
        for path in sorted(self.cache.rglob("*"), reverse=True):
            if path.is_dir() and not path.is_symlink():
                if path not in folders:
                    path.rmdir()
            elif path not in files or path.read_bytes() != files[path]:
                path.unlink()
        for path, data in files.items():
            if not path.exists():
                path.write_bytes(data)


@contextlib.contextmanager
def folders_stay() -> Iterator[None]:
    """Let no folder of an index be removed within the block, so that a cache can be restored."""
    with mock.patch.object(store, "shutil", mock.Mock()):
        yield


def wait_for_group(process: subprocess.Popen[str], seconds: float = 5.0) -> tuple[str, str]:
    """Wait until a process has ended, and all that it has started; return what it wrote.

    Fails if they do not end.
    """
    said = process.communicate(timeout=60)
    end = time.monotonic() + seconds
    while True:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return said
        assert time.monotonic() < end, "a process was left behind"
        time.sleep(0.01)
