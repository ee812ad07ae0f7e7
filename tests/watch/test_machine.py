"""Whatever is done to a corpus, its cache and the watch: after a sync, all is as if rebuilt.

Runs for half a minute in the suite. For longer:

    SEEDKIT_MACHINE_MINUTES=30 pytest tests/watch/test_machine.py
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from seedkit.check.run import run_check, selection
from seedkit.cli.watch import _Opening
from seedkit.corpus.workspace import Workspace
from seedkit.settings.engines import STORED
from seedkit.settings.load import load_settings
from seedkit.sources.source import DiskSource
from seedkit.store.database import CacheDatabase
from seedkit.store.location import cache_folder
from seedkit.watch.corpus import WatchedCorpus
from seedkit.watch.handshake import Handshake, ask
from seedkit.watch.loop import Loop
from seedkit.watch.model import Event
from support.commandline import seedkit

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")

MINUTES = float(os.environ.get("SEEDKIT_MACHINE_MINUTES", "0"))
FORMAT = (
    'files = ["seeds/**/*.txt"]\n[sections]\ndelimiter = "\\n"\n[[section]]\nname = "title"\n'
    'max_chars = {}\n[[section]]\nname = "body"\n'
)
WORDS = ("heron", "river", "weir", "mills", "otter", "marsh")
LONG = " ".join(f"{word}{n}" for n in range(9) for word in WORDS)  # a passage worth reporting

GIT_ENV = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}

names = st.sampled_from(["a.txt", "b.txt", "deep/c.txt", "deep/er/d.txt", "A.txt", "e.md", "f.txt"])
folders = st.sampled_from(["deep", "deep/er", "other"])
texts = st.one_of(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(
        lambda words: f"{words[0]}\n{' '.join(words)}"
    ),
    st.sampled_from(WORDS).map(lambda word: f"{word}\n{LONG}"),
    st.sampled_from(["", "one line", "trailing space \nx", "\ufeffbom\nx", "x" * 41 + "\ny"]),
)


class Watched(RuleBasedStateMachine):
    """A corpus that is watched while everything happens to it."""

    engine = "tantivy"
    counts: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="seedkit-machine-"))
        self.root, self.cache = self.folder / "corpus", self.folder / "cache"
        self.cache.mkdir(mode=0o700)
        (self.root / "seeds").mkdir(parents=True)
        (self.root / "schemas").mkdir()
        (self.root / "schemas" / "pair.toml").write_text(FORMAT.format(40))
        (self.root / "INDEX.md").write_text("- [a](seeds/a.txt)\n- [c](seeds/deep/c.txt)\n")
        os.environ["SEEDKIT_CACHE_DIR"] = str(self.cache)
        self.start()

    def start(self) -> None:
        for folder in ("seeds", *(["more/texts"] if self.lacks_more() else [])):
            (self.root / folder).mkdir(parents=True, exist_ok=True)  # or no watch can start
        config = [f'engine="{self.engine}"']
        args = SimpleNamespace(isolated=False, config=config, quiet=True, verbose=False, jobs=1)
        cache = cache_folder(str(self.root))
        opening = _Opening(args, cache)  # type: ignore[arg-type]
        corpus = WatchedCorpus(str(self.root), opening.workspace, opening.index)
        self.handshake = Handshake(cache).__enter__()
        ready = threading.Event()

        def tell(event: Event) -> None:
            if event.event == "ready":
                ready.set()

        def run() -> None:
            self.loop.run()
            corpus.workspace.close()  # or it maps a file that is damaged meanwhile

        self.loop = Loop(corpus, self.handshake, tell)
        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()
        assert ready.wait(60)

    def stop(self) -> None:
        self.loop.dirty_paths.stop()
        self.thread.join(60)
        assert not self.thread.is_alive()
        self.handshake.__exit__(None, None, None)

    def teardown(self) -> None:
        try:
            self.sync()
        finally:
            self.stop()
            shutil.rmtree(self.folder)

    def path(self, name: str) -> Path:
        path = self.root / "seeds" / name
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
        return path

    @contextlib.contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Count what is done; what can't be done in this state is not."""
        try:
            yield
        except OSError:
            return
        self.counts[what] += 1

    @rule(name=names, text=texts)
    def write(self, name: str, text: str) -> None:
        with self.doing("write"):
            self.path(name).write_text(text)

    @rule(name=names, text=texts)
    def replace(self, name: str, text: str) -> None:
        with self.doing("replace"):
            new = self.path(name).with_name("new~")
            new.write_text(text)
            new.replace(self.path(name))

    @rule(name=names, text=texts)
    def save_as_vim_does(self, name: str, text: str) -> None:
        with self.doing("vim"):
            path = self.path(name)
            path.rename(path.with_name(path.name + "~"))
            path.write_text(text)
            path.with_name(path.name + "~").unlink()

    @rule(name=names)
    def same_size(self, name: str) -> None:
        with self.doing("same size"):
            path = self.path(name)
            status, text = path.stat(), path.read_text()
            path.write_text(text[::-1])
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    @rule(name=names)
    def delete(self, name: str) -> None:
        with self.doing("delete"):
            self.path(name).unlink()

    @rule(name=names, other=names)
    def rename(self, name: str, other: str) -> None:
        with self.doing("rename"):
            self.path(name).rename(self.path(other))

    @rule(name=names, other=names)
    def link(self, name: str, other: str) -> None:
        with self.doing("link"):
            self.path(name).unlink(missing_ok=True)
            self.path(name).symlink_to(self.path(other))

    @rule(folder=folders)
    def move_out(self, folder: str) -> None:
        with self.doing("move out"):
            (self.root / "seeds" / folder).rename(self.folder / "out")

    @rule(folder=folders, text=texts)
    def move_in(self, folder: str, text: str) -> None:
        with self.doing("move in"):
            out = self.folder / "out"
            out.mkdir(exist_ok=True)
            (out / "g.txt").write_text(text)
            out.rename(self.root / "seeds" / folder)

    @rule(folder=folders, other=folders, text=texts)
    def move_within(self, folder: str, other: str, text: str) -> None:
        with self.doing("move within"):
            (self.root / "seeds" / folder).rename(self.root / "seeds" / other)
            (self.root / "seeds" / other / "h.txt").write_text(text)

    @rule(listed=st.lists(names, max_size=4))
    def index(self, listed: list[str]) -> None:
        with self.doing("index"):
            text = "".join(f"- [x](seeds/{name})\n" for name in listed)
            (self.root / "INDEX.md").write_text(text)

    @rule(limit=st.sampled_from([4, 40]))
    def format(self, limit: int) -> None:
        with self.doing("format"):
            (self.root / "schemas" / "pair.toml").write_text(FORMAT.format(limit))

    @rule(text=st.sampled_from(["", 'ignore = ["index"]\n', 'exclude = ["seeds/deep/**"]\n']))
    def configure(self, text: str) -> None:
        with self.doing("configure"):
            (self.root / "seedkit.toml").write_text(text)

    @rule(name=names, text=texts, broken=st.sampled_from(["seedkit.toml", "schemas/pair.toml"]))
    def settings_half_written(self, name: str, text: str, broken: str) -> None:
        """A seed is saved between the two halves of another file's."""
        with self.doing("settings half written"):
            path = self.root / broken
            before = path.read_text() if path.exists() else ""
            path.write_text("[[")
            try:
                self.path(name).write_text(text)
                if (
                    self.loop.dirty_paths.last % 2 < 1
                ):  # now and then the watch has looked meanwhile
                    self.loop.dirty_paths.settle(0.15)
            finally:
                path.write_text(before)

    @rule(name=names, text=texts)
    def seeds_go_and_come(self, name: str, text: str) -> None:
        with self.doing("seeds go and come"):
            self.root.joinpath("seeds").rename(self.folder / "seeds")
            self.path("k.txt").write_text(text)
            shutil.rmtree(self.root / "seeds")
            (self.folder / "seeds").rename(self.root / "seeds")
            self.path(name).write_text(text)

    @rule()
    def formats_go_and_come(self) -> None:
        with self.doing("formats go and come"):
            shutil.rmtree(self.root / "schemas")
            (self.root / "schemas").mkdir()
            (self.root / "schemas" / "pair.toml").write_text(FORMAT.format(40))

    @rule(name=st.sampled_from(["g.txt", "deep/h.txt"]), text=texts)
    def more_seeds(self, name: str, text: str) -> None:
        """A second folder of seeds, named by the settings before or after it is there."""
        with self.doing("more seeds"):
            (self.root / "seedkit.toml").write_text('seeds = ["seeds", "more/texts"]\n')
            path = self.root / "more" / "texts" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    @rule()
    def commit(self) -> None:
        with self.doing("commit"):
            self.git("init", "-q")
            self.git("add", "-A")
            self.git("commit", "-qm", "x", "--allow-empty")

    @rule(back=st.integers(1, 3))
    @precondition(lambda self: (self.root / ".git").exists())
    def checkout(self, back: int) -> None:
        with self.doing("checkout"):
            self.git("add", "-A")
            self.git("commit", "-qm", "y", "--allow-empty")
            self.git("checkout", "-q", f"HEAD~{back}")

    def git(self, *arguments: str) -> None:
        quiet = ("-c", "user.name=n", "-c", "user.email=e@x", "-c", "gc.auto=0")
        command = ["git", *quiet, *arguments]
        subprocess.run(command, cwd=self.root, capture_output=True, check=False, env=GIT_ENV)

    @rule()
    def lose_events(self) -> None:
        with self.doing("lose events"):
            self.loop.dirty_paths.lost("more events than the system keeps")

    @rule()
    def replace_root(self) -> None:
        with self.doing("replace root"):
            away = self.folder / "away"
            self.root.rename(away)
            shutil.copytree(away, self.root, symlinks=True)
            shutil.rmtree(away)

    @rule(name=names, text=texts)
    def restart(self, name: str, text: str) -> None:
        with self.doing("restart"):
            self.stop()
            with contextlib.suppress(OSError):
                self.path(name).write_text(text)
            self.start()

    @rule(seed=st.integers(0, 2**32))
    @precondition(lambda self: self.counts["write"])
    def damage(self, seed: int) -> None:
        """Between two watches, the cache rots."""
        self.stop()
        rng = random.Random(seed)
        files = sorted(
            path for path in self.cache.rglob("*") if path.is_file() and path.stat().st_size
        )
        for path in rng.sample(files, min(2, len(files))):
            data = bytearray(path.read_bytes())
            at = rng.randrange(len(data))
            data[at] ^= 1 << rng.randrange(8)
            path.write_bytes(data[: at + 1] if rng.random() < 0.3 else data)
        self.counts["damage"] += 1
        self.start()

    @rule()
    def sync(self) -> None:
        self.counts["sync"] += 1
        if not (self.root / "seeds").is_dir() or self.lacks_more():
            return  # the watch is degraded, and vouches for nothing
        end = time.monotonic() + 60
        while ask(self.handshake.folder.parent, patience=10) is None:
            assert time.monotonic() < end, f"not sure within a minute: {self.loop.degraded}"
        fresh = self.fresh()
        expected = [str(each) for each in run_check(fresh, selection(fresh)).diagnostics]
        end = (
            time.monotonic() + 120
        )  # what git says is asked again with the next look at everything
        while (told := self.told()) != expected and time.monotonic() < end:
            time.sleep(0.01)
        assert told == expected
        for word in WORDS[:3]:
            config = ("--config", f'engine="{self.engine}"')
            mine = seedkit("search", "-l", *config, word, cwd=self.root)
            scan = seedkit("search", "-l", "--engine", "scan", "--cache-dir",
                           str(self.folder / "other"), word, cwd=self.root)  # fmt: skip
            assert mine.code < 2, mine.err
            assert sorted(mine.out.split("\n")) == sorted(scan.out.split("\n"))

    def lacks_more(self) -> bool:
        """Whether the settings name a folder that a checkout has removed."""
        settings = self.root / "seedkit.toml"
        named = settings.exists() and "more/texts" in settings.read_text()
        return named and not (self.root / "more" / "texts").is_dir()

    def told(self) -> list[str]:
        return [str(each) for _, found in sorted(self.loop.findings().items()) for each in found]

    def fresh(self) -> Workspace:
        source = DiskSource(str(self.root))
        workspace = Workspace(source, load_settings(source), CacheDatabase(None))
        workspace.refresh()
        return workspace


@pytest.mark.parametrize("engine", STORED)
def test_after_a_sync_all_is_as_if_rebuilt(engine: str) -> None:
    machine: Any = type("Machine", (Watched,), {"engine": engine, "counts": Counter()})
    end = time.monotonic() + MINUTES * 30
    before = os.environ["SEEDKIT_CACHE_DIR"]
    try:
        while True:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=12, stateful_step_count=12, deadline=None, database=None,
                    derandomize=not MINUTES, phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck),
                ),
            )  # fmt: skip
            if not MINUTES or time.monotonic() > end:
                break
    finally:
        os.environ["SEEDKIT_CACHE_DIR"] = before
    assert machine.counts["sync"] > 12, machine.counts


def test_what_comes_after_a_move_out_of_sight_is_known_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SEEDKIT_CACHE_DIR", "")  # which the machine sets
    for _ in range(3):
        watched = type("Machine", (Watched,), {"engine": "whoosh", "counts": Counter()})()
        watched.configure(text='ignore = ["index"]\n')  # no finding tells that something is new
        watched.path("deep/c.txt")
        watched.sync()
        watched.move_out(folder="deep")
        watched.write(name="f.txt", text="heron\nheron river weir")
        watched.teardown()  # looks whether all is known
