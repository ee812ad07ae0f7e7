"""Commands that write in a corpus, in any order, while an editor saves at any moment of theirs.

Runs for a few seconds in the suite. For longer:

    SEEDKIT_MACHINE_MINUTES=60 pytest tests/reliability/test_writers_machine.py
"""

from __future__ import annotations

import os
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from seedkit.check import fix
from seedkit.settings.engines import STORED
from seedkit.sources import files
from seedkit.sources.source import DiskSource
from support.commandline import Ran, seedkit

MINUTES = float(os.environ.get("SEEDKIT_MACHINE_MINUTES", "0"))
FORMAT = r"""extends = "builtin:plain"
files = ["seeds/*"]
[file]
final_newline = "require"
name = '(?P<number>\d{3})\.txt'
"""
ROW = re.compile(r"- \[[^\]]*\]\(seeds/(\d{3}\.txt)\)((?:: note \d+)*)")
LISTED = re.compile(r"\(seeds/(\d{3}\.txt)\)")
TABLE = re.compile(r"\|(?:---| Seed | \[[^\]]*\]\(seeds/\d{3}\.txt\) )\|")  # as seedkit makes one
WORDS = ("heron", "river", "weir", "mill", "otter", "marsh", "lamp", "moth")


class Writers(RuleBasedStateMachine):
    """A corpus, an editor that knows what it has saved, and commands that write."""

    engine = "whoosh"
    counts: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="seedkit-machine-"))
        self.root, self.index = self.folder / "corpus", self.folder / "corpus" / "INDEX.md"
        self.seeds = self.root / "seeds"
        cache = self.folder / "cache"
        cache.mkdir(mode=0o700)
        os.environ["SEEDKIT_CACHE_DIR"] = str(cache)
        self.seeds.mkdir(parents=True)
        (self.root / "schemas").mkdir()
        (self.root / "schemas" / "note.toml").write_text(FORMAT)
        (self.root / "seedkit.toml").write_text(f'engine = "{self.engine}"\nignore = ["repeat"]\n')
        self.number = 0
        self.prose: list[str] = []  # lines of INDEX.md that are the user's
        self.notes: list[str] = []  # what the user has written behind a link
        self.said: list[str] = []  # sentences in seeds
        self.index.write_text("- [one](seeds/001.txt)\n")
        self.saves = 0
        self.random = random.Random(0)
        (self.seeds / "001.txt").write_text(f"{self.sentence()}\n")

    def teardown(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)  # the index may be tidying up

    # -- the editor

    def next(self) -> int:
        self.number += 1
        return self.number

    def sentence(self) -> str:
        said = f"Sentence {self.next()} of the {self.random.choice(WORDS)}."
        self.said.append(said)
        return said

    def new_seed(self) -> None:
        name = f"{self.random.randrange(1, 900):03}.txt"
        if not (self.seeds / name).exists():
            self.save(self.seeds / name, f"{self.sentence()}\n")

    def save(self, path: Path, text: str) -> None:
        """Save in one of the ways that editors have."""
        match self.random.randrange(3):
            case 0:
                path.write_text(text)
            case 1:
                new = path.with_name(path.name + "~")
                new.write_text(text)
                new.replace(path)
            case _:
                old = path.with_name(path.name + "~")
                if path.exists():
                    path.rename(old)
                path.write_text(text)
                old.unlink(missing_ok=True)

    def edit(self) -> None:
        """Change something, in the text that is there now."""
        text = self.index.read_text() if self.index.exists() else ""
        lines = text.split("\n")
        rows = [number for number, line in enumerate(lines) if ROW.fullmatch(line)]
        what = self.random.choice(("top", "end", "note", "order", "seed", "seed", "blank", "new"))
        if what == "top":
            self.prose.append(f"Line {self.next()} é.")
            self.save(self.index, f"{self.prose[-1]}\n\n{text}")
        elif what == "end":
            self.prose.append(f"Line {self.next()} 東京.")
            self.save(self.index, f"{text.rstrip()}\n\n{self.prose[-1]}\n")
        elif what == "note" and rows:
            self.notes.append(f"note {self.next()}")
            lines[self.random.choice(rows)] += f": {self.notes[-1]}"
            self.save(self.index, "\n".join(lines))
        elif what == "order" and len(rows) > 1:
            one, two = self.random.sample(rows, 2)
            lines[one], lines[two] = lines[two], lines[one]
            self.save(self.index, "\n".join(lines))
        elif what == "new":
            self.new_seed()
        elif paths := sorted(self.seeds.glob("*.txt")):
            path = self.random.choice(paths)
            end = self.random.choice((" \n", "")) if what == "blank" else "\n"
            self.save(path, f"{path.read_text().rstrip()}\n{self.sentence()}{end}")
        self.counts[what] += 1

    def meanwhile(self, *command: str, share: float) -> Ran:
        """Run a command, and edit before some of the files that it reads."""
        read, as_checked = DiskSource.read, fix._as_checked
        self.saves = 0

        def saving(function: Callable[..., object]) -> Callable[..., object]:
            def call(*given: object, **options: object) -> object:
                if self.saves < 9 and self.random.random() < share:
                    self.saves += 1
                    self.edit()
                return function(*given, **options)

            return call

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(DiskSource, "read", saving(read))
            patch.setattr(fix, "_as_checked", saving(as_checked))
            patch.setattr(files, "_ATTEMPTS", 3)
            ran = seedkit(*command, "-q", cwd=self.root)
        self.counts[f"{command[0]} {ran.code}"] += 1
        self.counts["saves"] += self.saves
        assert ran.code in (0, 1, 2), ran
        assert "Traceback" not in ran.err, ran
        return ran

    # -- what must hold

    def assert_kept(self) -> None:
        """Fail if a line or a sentence of the user is lost or damaged, or anything is doubled."""
        lines = self.index.read_text().split("\n")
        counted = Counter(lines)
        assert [line for line in self.prose if counted[line] != 1] == []
        rows = [line for line in lines if line and line not in set(self.prose)]
        assert [row for row in rows if not ROW.fullmatch(row) and not TABLE.fullmatch(row)] == []
        listed = Counter(name for row in rows for name in LISTED.findall(row))
        assert [name for name, count in listed.items() if count > 1] == []
        here = {name: (self.seeds / name).read_text() for name in os.listdir(self.seeds)}
        noted = Counter(note for row in rows for note in re.findall(r"note \d+", row))
        assert [note for note in self.notes if noted[note] != 1] == []
        text = "\n".join(here.values()).split("\n")
        told = Counter(line.rstrip() for line in text)
        assert [line for line in self.said if told[line] != 1] == []
        assert [name for name in here if not re.fullmatch(r"\d{3}\.txt", name)] == []

    def forget(self, line: str, text: str) -> None:
        """Take what a removal takes along out of what is to be kept."""
        gone = set(re.findall(r"note \d+", line))
        self.notes = [note for note in self.notes if note not in gone]
        self.said = [each for each in self.said if each not in text]

    # -- what happens

    @rule(share=st.sampled_from([0.0, 0.1, 0.6]), seed=st.integers(0, 2**32), unsafe=st.booleans())
    def check_fix(self, share: float, seed: int, unsafe: bool) -> None:
        self.random = random.Random(seed)
        ran = self.meanwhile("check", "--fix", *["--unsafe-fixes"] * unsafe, share=share)
        assert ran.code < 2 or "has changed since it was" in ran.err, ran
        self.assert_kept()

    @rule(share=st.sampled_from([0.1, 0.6]), seed=st.integers(0, 2**32))
    def add(self, share: float, seed: int) -> None:
        self.random = random.Random(seed)
        text = f"Draft {self.next()} of the {self.random.choice(WORDS)}."
        (self.folder / "draft.txt").write_text(f"{text}\n")
        ran = self.meanwhile("add", "../draft.txt", share=share)
        holding = [path for path in self.seeds.glob("*.txt") if text in path.read_text()]
        if ran.code:
            assert "has changed since it was" in ran.err or "exists" in ran.err, ran
            if (
                "has been saved since" in ran.err
            ):  # it can't be undone: the user's own text is in it
                (path,) = holding
                assert path.read_text() != f"{text}\n"
                self.said.append(text)
            else:
                assert holding == []
        else:
            (path,) = holding
            assert f"(seeds/{path.name})" in self.index.read_text()
            self.said.append(text)
        self.assert_kept()

    @rule(share=st.sampled_from([0.1, 0.6]), seed=st.integers(0, 2**32))
    def mv(self, share: float, seed: int) -> None:
        self.random = random.Random(seed)
        name = self.random.choice(
            [*sorted(path.name for path in self.seeds.glob("*.txt")), "001.txt"]
        )
        new = f"{self.random.randrange(1, 900):03}.txt"
        there = (self.seeds / name).exists()
        ran = self.meanwhile("mv", f"seeds/{name}", f"seeds/{new}", share=share)
        if ran.code == 0:
            assert (self.seeds / new).exists() and not (self.seeds / name).exists()
        elif there:  # put back, unless it was saved under its new name meanwhile
            assert (self.seeds / name).exists() or (self.seeds / new).exists()
        self.assert_kept()

    @rule(share=st.sampled_from([0.1, 0.6]), seed=st.integers(0, 2**32))
    def rm(self, share: float, seed: int) -> None:
        self.random = random.Random(seed)
        if len(names := sorted(path.name for path in self.seeds.glob("*.txt"))) < 2:
            return
        name = self.random.choice(names)
        lost: list[tuple[str, str]] = []
        replace = os.replace

        def replacing(path: str, other: str) -> None:
            if os.path.basename(path) == name and os.path.dirname(path) == str(self.seeds):
                rows = [each for each in self.index.read_text().split("\n") if f"/{name})" in each]
                lost.append(("".join(rows), Path(path).read_text()))
            replace(path, other)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("seedkit.sources.files.os.replace", replacing)
            ran = self.meanwhile("rm", f"seeds/{name}", share=share)
        assert (self.seeds / name).exists() == (ran.code != 0)
        if ran.code == 0:
            self.forget(*lost[-1])
        self.assert_kept()

    @rule(seed=st.integers(0, 2**32))
    def by_hand(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.edit()

    @rule()
    def quiet(self) -> None:
        """With nobody else writing, one run fixes all, and all that is there is found."""
        said = seedkit("check", "--fix", "--unsafe-fixes", "-q", cwd=self.root)
        assert said == Ran(0, "", ""), said.out + said.err + self.index.read_text()
        self.assert_kept()
        assert set(os.listdir(self.seeds)) == set(LISTED.findall(self.index.read_text()))
        for word in WORDS[:3]:
            found = seedkit("search", "-l", "--engine", self.engine, word, cwd=self.root)
            holding = [p.name for p in self.seeds.iterdir() if word in p.read_text()]
            assert sorted(found.out.split()) == sorted(f"seeds/{name}" for name in holding)
        self.counts["quiet"] += 1


@pytest.mark.parametrize("engine", STORED)
def test_no_line_is_lost_and_none_damaged(engine: str) -> None:
    machine: Any = type("Machine", (Writers,), {"engine": engine, "counts": Counter()})
    end = time.monotonic() + MINUTES * 60
    before = os.environ["SEEDKIT_CACHE_DIR"]
    try:
        while True:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=6, stateful_step_count=14, deadline=None, database=None,
                    derandomize=not MINUTES, phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck),
                ),
            )  # fmt: skip
            if not MINUTES or time.monotonic() > end:
                break
    finally:
        os.environ["SEEDKIT_CACHE_DIR"] = before
    sys.stdout.write(f"{machine.counts}\n")
    assert machine.counts["saves"] > 12, machine.counts
