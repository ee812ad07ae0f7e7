"""A workspace that remembers says what one that knows nothing would: after any history of edits."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from seedkit.check.run import run_check, selection
from seedkit.core.diagnostic import Diagnostic
from seedkit.core.processes import cpu_count
from seedkit.corpus import pool
from seedkit.corpus.analyse import Analyser
from seedkit.corpus.reconcile import is_racy
from seedkit.corpus.workspace import Workspace
from seedkit.settings.load import load_settings
from seedkit.sources.source import DiskSource, MemorySource
from seedkit.sources.walk import FileSignature, Scan
from seedkit.store.changelog import ChangeSet
from seedkit.store.database import CacheDatabase, Row
from support.corpora import Files, lines, more, open_corpus, write_files

Corpus = Callable[[Files], Path]
NO_SIGNATURE = FileSignature(0, 0, 0, 0)


def facts(workspace: Workspace) -> dict[str, Row]:
    """The rows without what says when they were read."""
    return {
        path: row._replace(signature=NO_SIGNATURE, racy=0) for path, row in workspace.rows.items()
    }


def judged(workspace: Workspace) -> list[Diagnostic]:
    return run_check(workspace, selection(workspace)).diagnostics


def remembering(root: Path | DiskSource, database: Path) -> tuple[Workspace, ChangeSet]:
    """Open the corpus as a new process would, with the cache database that earlier ones left."""
    source = DiskSource(str(root)) if isinstance(root, Path) else root
    workspace = Workspace(source, load_settings(source), CacheDatabase(str(database)))
    changes = workspace.refresh()
    workspace.close()
    return workspace, changes


NAMES = [
    "1_a.txt",
    "2_b.txt",
    "2_c.txt",
    "deep/3_a.txt",
    "A.TXT",
    "a.txt",
    "note.md",
    "odd \udcff.txt",
]
TEXTS = [
    "one\ntitle\none",
    "two\ntitle\ntwo",
    "two\ntitle\ntwa",
    "",
    " \n",
    "e\u0301\nt\ne\u0301\n",
    "\ufeffone\n",
    "one \ntitle\none",
    "%\n",
    "joke\n%\n# seedkit: allow section\njoke joke\n",
]
SCHEMAS = [
    'files = ["*.txt"]\n[sections]\ndelimiter = "\\n"\n[[section]]\nname = "body"\n[[section]]\n'
    'name = "title"\n'
    'unique = "corpus"\n[[section]]\nname = "again"\nsame_as = "body"\n',
    'files = ["*.txt"]\n[file]\nname = \'(?P<number>\\d)_(?P<id>.)\\.txt\'\nunique = ["id"]\n'
    'sequential = "number"\n'
    '[[section]]\nname = "text"\n',
    'files = ["*"]\n[record]\nmode = "separator"\ndelimiter = "%"\n[comments]\nprefix = "#"\n'
    "[[section]]\n"
    'name = "joke"\nmax_chars = 4\n',
    'files = ["deep/**", "*.md"]\nextends = "builtin:plain"\n',
]
CONFIGS = [
    "",
    'exclude = ["deep/**"]\n',
    'seeds = ["seeds/deep", "seeds"]\n',
    'index = "seeds/LIST.md"\n',
    'ignore = ["index"]\n',
    'per_file_ignores = { "*.md" = ["format"] }\n',
    'formats = ["b"]\n',
]
INDEXES = [
    "",
    "- [a](seeds/1_a.txt)\n",
    "| seed | format |\n|---|---|\n| [a](seeds/1_a.txt) | a |\n",
    "no list\n",
]


class CoarseSource(DiskSource):
    """A disk whose clock ticks seldom: every ten milliseconds, or every two seconds."""

    tick = 1

    def scan(self, folders: Sequence[str]) -> Scan:
        scan = super().scan(folders)
        for path, signature in scan.files.items():
            modified, changed = (at - at % self.tick for at in signature[1:3])
            scan.files[path] = FileSignature(signature.size, modified, changed, signature.inode)
        return scan


class Histories(RuleBasedStateMachine):
    """Edits of every kind, with looks at the corpus between them."""

    @initialize(tick=st.sampled_from([1, 10_000_000, 2_000_000_000]))
    def begin(self, tick: int) -> None:
        self.tick = tick
        self.folder = Path(tempfile.mkdtemp(prefix="seedkit-history-"))
        self.root = self.folder / "corpus"
        self.database = self.folder / "cache.sqlite"
        write_files(
            self.root, {"seedkit.toml": "", "schemas/a.toml": SCHEMAS[0], "seeds/deep/.keep": ""}
        )

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)

    def write(self, path: str, content: str | bytes) -> None:
        if (self.root / path).is_symlink():
            (self.root / path).unlink()
        write_files(self.root, {path: content})

    @rule(name=st.sampled_from(NAMES), text=st.sampled_from(TEXTS))
    def edit(self, name: str, text: str) -> None:
        self.write(f"seeds/{name}", text)

    @rule(name=st.sampled_from(NAMES), text=st.binary(max_size=3))
    def spoil(self, name: str, text: bytes) -> None:
        self.write(f"seeds/{name}", text)

    @rule(number=st.integers(0, 7), letter=st.sampled_from("xyz%"))
    def edit_unseen(self, number: int, letter: str) -> None:
        """Change a letter and put the time back: same size, same time, perhaps the same tick."""
        files = sorted(path for path in self.root.rglob("seeds/**/*") if path.is_file())
        path = files[number % len(files)]
        before = path.stat()
        path.write_bytes(letter.encode() + path.read_bytes()[1:] if before.st_size else b"")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    @rule(name=st.sampled_from(NAMES), seconds=st.sampled_from([0, 1, 2**33, 10**9]))
    def set_time(self, name: str, seconds: int) -> None:
        """Any time, whole seconds as coarse file systems have, the far future as well."""
        path = self.root / "seeds" / name
        if path.exists():
            os.utime(path, (seconds, seconds))

    @rule(old=st.sampled_from(NAMES), new=st.sampled_from(NAMES))
    def rename(self, old: str, new: str) -> None:
        if (self.root / "seeds" / old).exists():
            (self.root / "seeds" / old).rename(self.root / "seeds" / new)

    @rule(name=st.sampled_from(NAMES), other=st.sampled_from(NAMES))
    def link(self, name: str, other: str) -> None:
        path = self.root / "seeds" / name
        path.unlink(missing_ok=True)
        path.symlink_to(other)

    @rule(name=st.sampled_from(NAMES))
    def delete(self, name: str) -> None:
        (self.root / "seeds" / name).unlink(missing_ok=True)

    @rule(name=st.sampled_from("abc"), text=st.sampled_from(SCHEMAS))
    def set_format(self, name: str, text: str) -> None:
        self.write(f"schemas/{name}.toml", text)

    @rule(name=st.sampled_from("ac"))
    def delete_format(self, name: str) -> None:
        (self.root / f"schemas/{name}.toml").unlink(missing_ok=True)

    @rule(text=st.sampled_from(CONFIGS))
    def configure(self, text: str) -> None:
        if "formats" in text:
            self.write("schemas/b.toml", SCHEMAS[3])
        self.write("seedkit.toml", text)

    @rule(
        text=st.sampled_from(INDEXES),
        path=st.sampled_from(["INDEX.md", "seeds/LIST.md", "seeds/deep/INDEX.md"]),
    )
    def list_seeds(self, text: str, path: str) -> None:
        self.write(path, text)

    @rule()
    def lose_the_cache(self) -> None:
        self.database.write_bytes(
            self.database.read_bytes()[:5000] if self.database.exists() else b"nonsense"
        )

    @rule()
    def look(self) -> None:
        """Another process looks in between."""
        if self.sound():
            remembering(self.source(), self.database)

    def source(self) -> DiskSource:
        source = CoarseSource(str(self.root))
        source.tick = self.tick
        return source

    def sound(self) -> bool:
        """Tell whether the configuration names no format that has been deleted."""
        return (
            "formats" not in (self.root / "seedkit.toml").read_text()
            or (self.root / "schemas/b.toml").exists()
        )

    @invariant()
    def remembering_is_as_good_as_knowing_nothing(self) -> None:
        if not hasattr(self, "root") or not self.sound():
            return
        fresh = open_corpus(self.source())
        workspace, changes = remembering(self.source(), self.database)
        assert facts(workspace) == facts(fresh)
        assert judged(workspace) == judged(fresh)
        assert {path: row.signature for path, row in workspace.rows.items()} == {
            path: row.signature for path, row in fresh.rows.items()
        }
        again, changes = remembering(self.source(), self.database)
        assert changes == ChangeSet(frozenset(), frozenset())
        assert facts(again) == facts(fresh)


TestHistories = Histories.TestCase
TestHistories.settings = settings(stateful_step_count=15)


PLAIN = {
    "seedkit.toml": "",
    "schemas/plain.toml": 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n',
}


class ShuffledSource(DiskSource):
    """A disk that lists its files in another order each time."""

    def scan(self, folders: Sequence[str]) -> Scan:
        scan = super().scan(folders)
        items = list(scan.files.items())
        random.Random(len(items)).shuffle(items)
        return Scan(dict(items), dict(reversed(scan.refused.items())))


@given(st.lists(st.sampled_from(TEXTS), min_size=9, max_size=9), st.sampled_from(SCHEMAS))
@more(0.3)
def test_neither_workers_nor_order_change_anything(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], schema: str
) -> None:
    root = tmp_path_factory.mktemp("corpus")
    write_files(root, {"seedkit.toml": "", "schemas/a.toml": schema})
    write_files(root, {f"seeds/{name}": text for name, text in zip(NAMES, texts, strict=False)})
    write_files(root, {"INDEX.md": INDEXES[2]})
    alone = open_corpus(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "_FEW", 2)
        patch.setattr(pool, "_CHUNK", 2)
        together = open_corpus(root, workers=2)
    shuffled = open_corpus(ShuffledSource(str(root)))
    assert facts(together) == facts(shuffled) == facts(alone)
    assert judged(together) == judged(shuffled) == judged(alone)
    inside = MemorySource(
        {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}
    )
    assert facts(open_corpus(inside)) == facts(alone)
    assert judged(open_corpus(inside)) == judged(alone)


def test_what_changed(corpus: Corpus, tmp_path: Path) -> None:
    root = corpus({**PLAIN, "seeds/a": "1", "seeds/b": "2", "seeds/c": "3"})
    database = tmp_path / "cache.sqlite"

    def changes() -> tuple[list[str], list[str]]:
        _, found = remembering(root, database)
        return sorted(found.changed), sorted(found.removed)

    assert changes() == (["seeds/a", "seeds/b", "seeds/c"], [])
    assert changes() == ([], [])
    corpus({"seeds/a": "changed", "seeds/d": "new"})
    (root / "seeds/b").unlink()
    (root / "seeds/c").touch()
    assert changes() == (["seeds/a", "seeds/d"], ["seeds/b"])
    (root / "seeds/c").rename(root / "seeds/e")
    assert changes() == (["seeds/e"], ["seeds/c"])


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the seeds that were analysed, in order."""
    paths: list[str] = []
    real = Analyser.analyse

    def analyse(self: Analyser, path: str, data: bytes) -> object:
        paths.append(path)
        return real(self, path, data)

    monkeypatch.setattr(Analyser, "analyse", analyse)
    return paths


def taken(paths: list[str]) -> list[str]:
    found = sorted(paths)
    paths.clear()
    return found


def test_only_what_a_change_touches_is_analysed_again(
    corpus: Corpus, tmp_path: Path, analysed: list[str]
) -> None:
    files = {
        "seedkit.toml": "",
        "schemas/a.toml": 'extends = "builtin:plain"\nfiles = ["*.a"]\n',
        "schemas/b.toml": 'extends = "builtin:plain"\nfiles = ["*.b"]\n',
        **{f"seeds/{n}.{kind}": str(n) for n in range(2) for kind in "ab"},
    }
    root = corpus(files)
    database = tmp_path / "cache.sqlite"
    remembering(root, database)
    assert taken(analysed) == ["seeds/0.a", "seeds/0.b", "seeds/1.a", "seeds/1.b"]
    remembering(root, database)
    assert taken(analysed) == []
    (root / "seeds/0.a").write_text("9")
    os.utime(root / "seeds/1.a", (5, 5))
    remembering(root, database)
    assert taken(analysed) == ["seeds/0.a"]
    corpus(
        {"schemas/a.toml": 'extends = "builtin:plain"\nfiles = ["*.a"]\n[file]\nnewline = "lf"\n'}
    )
    remembering(root, database)
    assert taken(analysed) == ["seeds/0.a", "seeds/1.a"]
    corpus(
        {
            "schemas/a.toml": (
                'extends = "builtin:plain"\nfiles = ["*.a", "0.b"]\n[file]\nnewline = "lf"\n'
            )
        }
    )
    remembering(root, database)
    assert taken(analysed) == ["seeds/0.b"]
    corpus({"seedkit.toml": 'exclude = ["1.*"]\n', "INDEX.md": "- [x](seeds/0.a)\n"})
    _, changes = remembering(root, database)
    assert (taken(analysed), sorted(changes.removed)) == ([], ["seeds/1.a", "seeds/1.b"])
    corpus({"seedkit.toml": ""})
    remembering(root, database)
    assert taken(analysed) == ["seeds/1.a", "seeds/1.b"]


def test_the_cache_is_not_trusted_where_the_clock_is_too_coarse() -> None:
    now = 1_700_000_000_123_456_789
    second = 1_000_000_000

    def racy(mtime: int, ctime: int | None = None) -> bool:
        return is_racy(FileSignature(3, mtime, mtime if ctime is None else ctime, 7), now)

    assert racy(now)
    assert racy(now + 5 * second)
    assert racy(now - 10_000_000)
    assert not racy(now - 30_000_000)
    assert racy(now - 60 * second, ctime=now)
    assert racy(1_699_999_999 * second)  # whole seconds: a clock that may tick every two
    assert not racy(1_699_999_990 * second)
    assert is_racy(FileSignature(3, 0, 0, 0), now)


class Signed(MemorySource):
    """Files in memory whose signatures the test decides."""

    signature = FileSignature(1, 10_000_000_001, 10_000_000_001, 7)

    def scan(self, folders: Sequence[str]) -> Scan:
        scan = super().scan(folders)
        return Scan(dict.fromkeys(scan.files, self.signature))


def digests(source: Signed, database: Path) -> list[bytes]:
    workspace = Workspace(source, load_settings(source), CacheDatabase(str(database)))
    workspace.refresh()
    workspace.close()
    return [row.digest for row in workspace.rows.values()]


@pytest.mark.parametrize("field", ["size", "mtime_ns", "ctime_ns", "inode"])
def test_any_change_of_a_signature_is_looked_at(tmp_path: Path, field: str) -> None:
    source = Signed({"seeds/a": b"1"})
    before = digests(source, tmp_path / "cache.sqlite")
    source.files["seeds/a"] = b"2"
    assert digests(source, tmp_path / "cache.sqlite") == before  # nobody can tell
    source.signature = source.signature._replace(**{field: getattr(source.signature, field) + 1})
    assert digests(source, tmp_path / "cache.sqlite") != before


@pytest.mark.parametrize("age", [0, 10_000_000])
def test_a_change_within_a_tick_of_the_clock_is_looked_at(tmp_path: Path, age: int) -> None:
    source = Signed({"seeds/a": b"1"})
    now = time.time_ns() - age
    source.signature = FileSignature(1, 5, now, 7)
    before = digests(source, tmp_path / "cache.sqlite")
    source.files["seeds/a"] = b"2"
    assert digests(source, tmp_path / "cache.sqlite") != before


def test_a_racy_seed_is_read_again_and_only_read(
    corpus: Corpus, tmp_path: Path, analysed: list[str]
) -> None:
    root = corpus({**PLAIN, "seeds/a": "1"})
    os.utime(root / "seeds/a", ns=(2**62, 2**62))
    database = tmp_path / "cache.sqlite"
    workspace, _ = remembering(root, database)
    assert workspace.rows["seeds/a"].racy == 1
    workspace, changes = remembering(root, database)
    assert (taken(analysed), changes.changed) == (["seeds/a"], frozenset())


def test_what_is_a_seed(corpus: Corpus) -> None:
    root = corpus(
        {
            **PLAIN,
            "seedkit.toml": 'seeds = ["."]\nexclude = ["docs/**"]\n',
            "README.md": "",
            "a/1": "",
            "a/INDEX.md": "",
            "docs/x": "",
            ".hidden/x": "",
            "schemas/x.json": "",
        }
    )
    assert sorted(open_corpus(root).rows) == ["a/1"]


def test_a_seed_that_vanishes_or_fails_as_it_is_read(corpus: Corpus, tmp_path: Path) -> None:
    root = corpus(
        {
            **PLAIN,
            "INDEX.md": "- [a](seeds/a)\n- [b](seeds/b)\n",
            "seeds/a": "1",
            "seeds/b": "2",
            "seeds/c": "3",
        }
    )
    troubles: dict[str, OSError] = {
        "seeds/b": PermissionError(13, "Permission denied"),
        "seeds/c": FileNotFoundError(2, "No such file"),
    }

    class Troubled(DiskSource):
        def read(self, path: str, limit: int | None = None) -> bytes:
            if path in troubles:
                raise troubles[path]
            return super().read(path, limit)

    source = Troubled(str(root))
    workspace = Workspace(source, load_settings(source), CacheDatabase(str(tmp_path / "l")))
    workspace.refresh()
    assert sorted(workspace.rows) == ["seeds/a", "seeds/b"]
    assert lines(judged(workspace)) == [
        "seeds/b: text/unreadable: file can't be read: permission denied"
    ]
    troubles.clear()
    workspace.refresh()
    assert sorted(workspace.rows) == ["seeds/a", "seeds/b", "seeds/c"]
    assert [each.rule for each in judged(workspace)] == ["index/unlisted-seed"]


def test_a_seed_that_is_written_while_it_is_read_is_looked_at_again(
    corpus: Corpus, tmp_path: Path
) -> None:
    root = corpus({**PLAIN, "seeds/a": "1"})
    os.utime(root / "seeds/a", ns=(12345, 12345))

    class Growing(DiskSource):
        def read(self, path: str, limit: int | None = None) -> bytes:
            data = super().read(path, limit)
            return data + b" and more" if path == "seeds/a" else data

    source = Growing(str(root))
    workspace = Workspace(source, load_settings(source), CacheDatabase(None))
    workspace.refresh()
    assert workspace.rows["seeds/a"].racy == 1


def test_progress(corpus: Corpus) -> None:
    root = corpus({**PLAIN, **{f"seeds/{n}": "x" for n in range(401)}})
    source = DiskSource(str(root))
    seen: list[tuple[int, int]] = []
    Workspace(source, load_settings(source), CacheDatabase(None)).refresh(
        lambda *both: seen.append(both)
    )
    assert seen == [(200, 401), (400, 401), (401, 401)]


def test_read_text(corpus: Corpus) -> None:
    latin = 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n[file]\nencoding = "latin-1"\n'
    root = corpus(
        {**PLAIN, "schemas/plain.toml": latin, "seeds/a": b"caf\xe9", "INDEX.md": b"caf\xe9"}
    )
    workspace = open_corpus(root)
    assert workspace.read_text("seeds/a") == "café"
    assert workspace.read_text("INDEX.md") == "caf\udce9"
    assert workspace.read_text("nothing") is None
    assert workspace.read_text("../outside") is None


def test_summaries(corpus: Corpus) -> None:
    schema = (
        'files = ["*"]\n[file]\nname = "(?P<id>.)"\nunique = ["id"]\n'
        '[sections]\ndelimiter = "\\n"\n[[section]]\nname = "title"\n'
    )
    root = corpus({"seedkit.toml": "", "schemas/f.toml": schema, "seeds/a": "The  title"})
    summaries = open_corpus(root).summaries()
    assert list(summaries) == ["seeds/a"]
    assert len(summaries) == 1
    assert "seeds/a" in summaries
    assert "seeds/b" not in summaries
    assert summaries["seeds/a"]._asdict() == {
        "format": "f",
        "title": "The title",
        "size": 10,
        "records": 1,
        "groups": {"id": "a"},
        "unique": ["id"],
        "sha256": hashlib.sha256(b"The  title").hexdigest(),
    }


def test_cpu_count() -> None:
    assert cpu_count() >= 1
